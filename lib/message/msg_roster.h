/* SPDX-License-Identifier: Apache-2.0 */
/* msg_roster: ROSTER, server to client (PROTOCOL.md 8.3). */
#ifndef SA_MSG_ROSTER_H
#define SA_MSG_ROSTER_H

#include "message/msg_header.h"

typedef struct sa_roster_msg {
    const uint8_t *graph_seed, *root;
    uint32_t present; /* |U1| */
    uint32_t count;   /* entries: all of U1, or the receiver's part of it */
    const uint8_t *entries;
} sa_roster_msg;

/* One entry of the list. */
typedef struct sa_roster_entry {
    uint32_t index;
    const uint8_t *enc, *mask;
    const uint8_t *signature; /* active mode; else of no bytes */
} sa_roster_entry;

size_t sa_roster_size(const sa_params *params, uint32_t count);

/* Write everything but the entries, which sa_roster_put_entry adds in turn,
 * ascending; then sa_writer_end. */
void sa_roster_write(sa_writer *w, const sa_params *params, uint32_t index,
    const sa_roster_msg *msg);
void sa_roster_put_entry(sa_writer *w, const sa_params *params,
    const sa_roster_entry *entry);

/* SECAGG_ERR_MESSAGE also where indices do not ascend or are no clients. */
SECAGG_MUST_CHECK secagg_err sa_roster_read(sa_reader *r, sa_roster_msg *msg,
    const sa_params *params);
sa_roster_entry sa_roster_get_entry(const sa_roster_msg *msg,
    const sa_params *params, uint32_t i);

#endif
