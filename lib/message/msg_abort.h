/* SPDX-License-Identifier: Apache-2.0 */
/* msg_abort: ABORT, both directions (PROTOCOL.md 8.12). Its contents are
 * advice, not evidence. */
#ifndef SA_MSG_ABORT_H
#define SA_MSG_ABORT_H

#include "message/msg_header.h"

#define SA_ABORT_NOBODY UINT32_MAX

typedef struct sa_abort_msg {
    uint32_t code;   /* the positive number of the error */
    uint32_t blamed; /* a client, or SA_ABORT_NOBODY */
} sa_abort_msg;

size_t sa_abort_size(void);
SECAGG_MUST_CHECK secagg_err sa_abort_write(uint8_t *out, size_t len,
    const sa_params *params, sa_msg_type type, uint32_t index,
    const sa_abort_msg *msg);
SECAGG_MUST_CHECK secagg_err sa_abort_read(sa_reader *r, sa_abort_msg *msg);

#endif
