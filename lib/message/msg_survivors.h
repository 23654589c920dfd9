/* SPDX-License-Identifier: Apache-2.0 */
/* msg_survivors: SURVIVORS, server to client (PROTOCOL.md 8.8). */
#ifndef SA_MSG_SURVIVORS_H
#define SA_MSG_SURVIVORS_H

#include "message/msg_header.h"

typedef struct sa_survivors_msg {
    const uint8_t *map; /* bitmap of U3 */
} sa_survivors_msg;

size_t sa_survivors_size(const sa_params *params);
SECAGG_MUST_CHECK secagg_err sa_survivors_write(uint8_t *out, size_t len,
    const sa_params *params, uint32_t index, const sa_survivors_msg *msg);

/* Checks that the bitmap is canonical. */
SECAGG_MUST_CHECK secagg_err sa_survivors_read(sa_reader *r,
    sa_survivors_msg *msg, const sa_params *params);

#endif
