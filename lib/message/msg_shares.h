/* SPDX-License-Identifier: Apache-2.0 */
/* msg_shares: SHARES, client to server (PROTOCOL.md 8.4). */
#ifndef SA_MSG_SHARES_H
#define SA_MSG_SHARES_H

#include "message/msg_header.h"

/* The two sealed shares of one dealer for one holder, 48 bytes each: of the
 * self root, then of the mask root. */
typedef struct sa_share_pair {
    uint32_t peer; /* the holder in SHARES, the dealer in RELAY */
    const uint8_t *sealed[2];
} sa_share_pair;

#define SA_SHARE_PAIR_BYTES 100

typedef struct sa_shares_msg {
    const uint8_t *roster;     /* H_ros */
    const uint8_t *commitment; /* com of the self root */
    uint32_t count;
    const uint8_t *pairs;
} sa_shares_msg;

size_t sa_shares_size(uint32_t count);
void sa_shares_write(sa_writer *w, const sa_params *params, uint32_t index,
    const sa_shares_msg *msg);
void sa_share_pair_put(sa_writer *w, const sa_share_pair *pair);

/* SECAGG_ERR_MESSAGE also where peers do not ascend or are no clients. */
SECAGG_MUST_CHECK secagg_err sa_shares_read(sa_reader *r, sa_shares_msg *msg,
    const sa_params *params);
sa_share_pair sa_share_pair_get(const uint8_t *pairs, uint32_t i);

#endif
