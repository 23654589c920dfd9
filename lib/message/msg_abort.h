/* SPDX-License-Identifier: Apache-2.0 */
/* msg_abort: ABORT, in both directions (PROTOCOL.md 8.12). Its receiver must
 * not rely on the contents: nothing proves them. */
#ifndef SA_MSG_ABORT_H
#define SA_MSG_ABORT_H

#include "message/msg_header.h"

/* be16 code || be32 blamed */
#define SA_ABORT_BYTES (SA_HEADER_BYTES + 2 + SA_INDEX_BYTES)

#define SA_ABORT_NOBODY UINT32_MAX

typedef struct sa_abort_msg {
    uint32_t code;   /* of a secagg_err, without its sign */
    uint32_t blamed; /* index of a client, or SA_ABORT_NOBODY */
} sa_abort_msg;

size_t sa_abort_size(void);

/* `type` is SA_MSG_ABORT_CLIENT or SA_MSG_ABORT_SERVER, by the sender. */
SECAGG_MUST_CHECK secagg_err sa_abort_write(uint8_t *out, size_t len,
    const sa_params *params, sa_msg_type type, uint32_t index,
    const sa_abort_msg *msg);
SECAGG_MUST_CHECK secagg_err sa_abort_read(sa_reader *r, sa_abort_msg *msg);

#endif
