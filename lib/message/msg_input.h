/* SPDX-License-Identifier: Apache-2.0 */
/* msg_input: INPUT, client to server (PROTOCOL.md 8.6). */
#ifndef SA_MSG_INPUT_H
#define SA_MSG_INPUT_H

#include "message/msg_header.h"

/* A complaint names a dealer whose shares did not open for the sender. A list
 * of complaints is an array of be32 indices, here and in INPUT_PART. */
#define SA_COMPLAINT_BYTES SA_INDEX_BYTES

uint32_t sa_complaint_get(const uint8_t *complaints, uint32_t i);
void sa_complaint_put(uint8_t *complaints, uint32_t i, uint32_t dealer);

typedef struct sa_input_msg {
    const uint8_t *h_u2; /* H_U2 */
    uint32_t complaint_count;
    const uint8_t *complaints;
    const uint8_t *planes; /* params->vector bytes: the masked vector */
} sa_input_msg;

/* Bytes of a message with so many complaints: in all, and before the planes. */
size_t sa_input_size(const sa_params *params, uint32_t complaint_count);
size_t sa_input_head_size(uint32_t complaint_count);

/* Write everything before the planes; `len` must be sa_input_head_size(). The
 * caller has the planes right behind it already. */
SECAGG_MUST_CHECK secagg_err sa_input_write_head(uint8_t *out, size_t len,
    const sa_params *params, uint32_t index,
    const uint8_t h_u2[SECAGG_DIGEST_BYTES], const uint8_t *complaints,
    uint32_t complaint_count);

/* Checks that the complaints ascend and name clients. */
SECAGG_MUST_CHECK secagg_err sa_input_read(sa_reader *r, sa_input_msg *msg,
    const sa_params *params);

#endif
