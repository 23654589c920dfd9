/* SPDX-License-Identifier: Apache-2.0 */
/* msg_relay: RELAY, server to client (PROTOCOL.md 8.5). It has the pairs that
 * the receiver's dealers sent in SHARES. */
#ifndef SA_MSG_RELAY_H
#define SA_MSG_RELAY_H

#include "message/msg_shares.h"

typedef struct sa_relay_msg {
    const uint8_t *map; /* bitmap of U2 */
    uint32_t count;     /* pairs */
    const uint8_t *pairs;
} sa_relay_msg;

size_t sa_relay_size(const sa_params *params, uint32_t count);

/* The caller appends each pair with sa_share_pair_put(). */
void sa_relay_write(sa_writer *w, const sa_params *params, uint32_t index,
    const sa_relay_msg *msg);

/* Checks that the bitmap is canonical, and that the dealers ascend and are
 * clients. */
SECAGG_MUST_CHECK secagg_err sa_relay_read(sa_reader *r, sa_relay_msg *msg,
    const sa_params *params);

#endif
