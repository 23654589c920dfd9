/* SPDX-License-Identifier: Apache-2.0 */
/* msg_confirm: CONFIRM, client to server, active mode (PROTOCOL.md 8.9). */
#ifndef SA_MSG_CONFIRM_H
#define SA_MSG_CONFIRM_H

#include "message/msg_header.h"

typedef struct sa_confirm_msg {
    const uint8_t *signature; /* of the confirm input (PROTOCOL.md 3.5) */
} sa_confirm_msg;

size_t sa_confirm_size(void);
SECAGG_MUST_CHECK secagg_err sa_confirm_write(uint8_t *out, size_t len,
    const sa_params *params, uint32_t index, const sa_confirm_msg *msg);
SECAGG_MUST_CHECK secagg_err sa_confirm_read(sa_reader *r,
    sa_confirm_msg *msg);

#endif
