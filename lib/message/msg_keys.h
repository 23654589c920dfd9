/* SPDX-License-Identifier: Apache-2.0 */
/* msg_keys: KEYS, client to server (PROTOCOL.md 8.2). */
#ifndef SA_MSG_KEYS_H
#define SA_MSG_KEYS_H

#include "message/msg_identity.h"

typedef struct sa_keys_msg {
    const uint8_t *context;    /* H_ctx */
    const uint8_t *enc, *mask; /* public keys */
    sa_identity identity;      /* in active mode */
} sa_keys_msg;

size_t sa_keys_size(const sa_params *params, size_t credential_len);
SECAGG_MUST_CHECK secagg_err sa_keys_write(uint8_t *out, size_t len,
    const sa_params *params, uint32_t index, const sa_keys_msg *msg);
SECAGG_MUST_CHECK secagg_err sa_keys_read(sa_reader *r, sa_keys_msg *msg,
    const sa_params *params);

#endif
