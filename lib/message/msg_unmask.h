/* SPDX-License-Identifier: Apache-2.0 */
/* msg_unmask: UNMASK, client to server (PROTOCOL.md 8.11). */
#ifndef SA_MSG_UNMASK_H
#define SA_MSG_UNMASK_H

#include "message/msg_header.h"

/* The key that opens one share: kind << 24 | dealer on the wire. */
typedef struct sa_revealed {
    uint32_t kind, dealer;
    const uint8_t *key;
} sa_revealed;

typedef struct sa_unmask_msg {
    const uint8_t *own; /* own share of the own self root */
    uint32_t count;
    const uint8_t *list;
} sa_unmask_msg;

size_t sa_unmask_size(uint32_t count);
void sa_unmask_write(sa_writer *w, const sa_params *params, uint32_t index,
    const sa_unmask_msg *msg);
void sa_revealed_put(sa_writer *w, const sa_revealed *revealed);

/* SECAGG_ERR_MESSAGE also where dealers do not ascend or are no clients, or
 * where a kind is not known. */
SECAGG_MUST_CHECK secagg_err sa_unmask_read(sa_reader *r, sa_unmask_msg *msg,
    const sa_params *params);
sa_revealed sa_revealed_get(const sa_unmask_msg *msg, uint32_t i);

#endif
