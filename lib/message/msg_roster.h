/* SPDX-License-Identifier: Apache-2.0 */
/* msg_roster: ROSTER, server to client (PROTOCOL.md 8.3). */
#ifndef SA_MSG_ROSTER_H
#define SA_MSG_ROSTER_H

#include "message/msg_identity.h"

typedef struct sa_roster_msg {
    const uint8_t *graph_seed; /* zero bytes: complete graph */
    const uint8_t *root;       /* roster root */
    uint32_t present;          /* |U1| */
    uint32_t count;            /* entries: all of U1; on the ring, the receiver
                                  and its neighbours in U1 */
    sa_bytes entries;          /* of any length, in active mode */
} sa_roster_msg;

/* One entry: what a client sent in KEYS. */
typedef struct sa_roster_entry {
    uint32_t index;
    const uint8_t *enc, *mask; /* public keys */
    sa_identity identity;      /* in active mode */
} sa_roster_entry;

/* Returns the size of a ROSTER whose credentials have this sum of lengths. */
size_t sa_roster_size(const sa_params *params, uint32_t count,
    size_t credential_bytes);

/* Write the message of this size up to its entries, which are not read. */
void sa_roster_write(sa_writer *w, const sa_params *params, uint32_t index,
    const sa_roster_msg *msg, size_t size);
void sa_roster_put_entry(sa_writer *w, const sa_params *params,
    const sa_roster_entry *entry);

/* Checks that the entries have their lengths, ascend and name clients, and that
 * they are at most as many as `present`. */
SECAGG_MUST_CHECK secagg_err sa_roster_read(sa_reader *r, sa_roster_msg *msg,
    const sa_params *params);

/* Returns a reader at the first entry; sa_roster_next_entry then returns one
 * entry after another, as many as there are. */
sa_reader sa_roster_entries(const sa_roster_msg *msg);
sa_roster_entry sa_roster_next_entry(sa_reader *entries,
    const sa_params *params);

#endif
