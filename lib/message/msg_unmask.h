/* SPDX-License-Identifier: Apache-2.0 */
/* msg_unmask: UNMASK, client to server (PROTOCOL.md 8.11). */
#ifndef SA_MSG_UNMASK_H
#define SA_MSG_UNMASK_H

#include "message/msg_header.h"

/* The key that opens one share of a dealer. */
typedef struct sa_revealed {
    uint32_t kind; /* SA_KIND_SELF or SA_KIND_MASK */
    uint32_t dealer;
    const uint8_t *key;
} sa_revealed;

typedef struct sa_unmask_msg {
    const uint8_t *own; /* the sender's share of its own self secret */
    uint32_t count;     /* keys */
    const uint8_t *list;
} sa_unmask_msg;

size_t sa_unmask_size(uint32_t count);
void sa_unmask_write(sa_writer *w, const sa_params *params, uint32_t index,
    const sa_unmask_msg *msg);
void sa_revealed_put(sa_writer *w, const sa_revealed *revealed);

/* Checks that each kind is known, and that the dealers ascend and are clients:
 * both kinds of one dealer are never accepted. */
SECAGG_MUST_CHECK secagg_err sa_unmask_read(sa_reader *r, sa_unmask_msg *msg,
    const sa_params *params);
sa_revealed sa_revealed_get(const sa_unmask_msg *msg, uint32_t i);

#endif
