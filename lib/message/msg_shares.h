/* SPDX-License-Identifier: Apache-2.0 */
/* msg_shares: SHARES, client to server (PROTOCOL.md 8.4). */
#ifndef SA_MSG_SHARES_H
#define SA_MSG_SHARES_H

#include "crypto/share_seal.h"
#include "message/msg_header.h"

/* The sealed shares of one dealer for one holder. */
typedef struct sa_share_pair {
    uint32_t peer;            /* the holder in SHARES, the dealer in RELAY */
    const uint8_t *sealed[2]; /* by kind: SA_KIND_SELF, SA_KIND_MASK */
} sa_share_pair;

/* be32 peer || sealed share of each kind */
#define SA_SHARE_PAIR_BYTES (SA_INDEX_BYTES + 2 * SA_SEALED_SHARE_BYTES)

typedef struct sa_shares_msg {
    const uint8_t *roster;     /* H_ros */
    const uint8_t *commitment; /* to the self secret */
    uint32_t count;            /* pairs */
    const uint8_t *pairs;
} sa_shares_msg;

size_t sa_shares_size(uint32_t count);
void sa_shares_write(sa_writer *w, const sa_params *params, uint32_t index,
    const sa_shares_msg *msg);
void sa_share_pair_put(sa_writer *w, const sa_share_pair *pair);

/* Checks that the holders ascend and are clients. */
SECAGG_MUST_CHECK secagg_err sa_shares_read(sa_reader *r, sa_shares_msg *msg,
    const sa_params *params);
sa_share_pair sa_share_pair_get(const uint8_t *pairs, uint32_t i);

#endif
