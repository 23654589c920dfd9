/* SPDX-License-Identifier: Apache-2.0 */
/* msg_signatures: SIGNATURES, server to client, active mode (PROTOCOL.md
 * 8.10). It has the signatures that the members of U4 sent in CONFIRM. */
#ifndef SA_MSG_SIGNATURES_H
#define SA_MSG_SIGNATURES_H

#include "message/msg_header.h"

/* The signature of one client. */
typedef struct sa_signed_by {
    uint32_t index;
    const uint8_t *signature;
} sa_signed_by;

typedef struct sa_signatures_msg {
    uint32_t count; /* signatures */
    const uint8_t *list;
} sa_signatures_msg;

size_t sa_signatures_size(uint32_t count);
void sa_signatures_write(sa_writer *w, const sa_params *params,
    uint32_t index, uint32_t count);
void sa_signed_by_put(sa_writer *w, const sa_signed_by *by);

/* Checks that the signers ascend and are clients. */
SECAGG_MUST_CHECK secagg_err sa_signatures_read(sa_reader *r,
    sa_signatures_msg *msg, const sa_params *params);
sa_signed_by sa_signed_by_get(const sa_signatures_msg *msg, uint32_t i);

#endif
