/* SPDX-License-Identifier: Apache-2.0 */
/* msg_abort: ABORT, in both directions (PROTOCOL.md 8.12). Its receiver must
 * not rely on code and blamed client: nothing proves them. */
#ifndef SA_MSG_ABORT_H
#define SA_MSG_ABORT_H

#include "message/msg_input.h"

#define SA_ABORT_NOBODY UINT32_MAX

typedef struct sa_abort_msg {
    uint32_t code;   /* of a secagg_err, without its sign */
    uint32_t blamed; /* index of a client, or SA_ABORT_NOBODY */
    uint32_t complaint_count;  /* 0 from the server */
    const uint8_t *complaints; /* see msg_input.h; set by the reader only */
} sa_abort_msg;

/* Bytes of a message with so many complaints: in all, and before them. */
size_t sa_abort_size(uint32_t complaint_count);
size_t sa_abort_head_size(void);

/* Write everything before the complaints; `len` must be sa_abort_head_size().
 * The caller has the complaints right behind it already. `type` is
 * SA_MSG_ABORT_CLIENT or SA_MSG_ABORT_SERVER, by the sender. */
SECAGG_MUST_CHECK secagg_err sa_abort_write_head(uint8_t *out, size_t len,
    const sa_params *params, sa_msg_type type, uint32_t index,
    const sa_abort_msg *msg);

/* Checks that the complaints ascend and name clients. */
SECAGG_MUST_CHECK secagg_err sa_abort_read(sa_reader *r, sa_abort_msg *msg,
    const sa_params *params);

#endif
