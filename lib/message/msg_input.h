/* SPDX-License-Identifier: Apache-2.0 */
/* msg_input: INPUT, client to server (PROTOCOL.md 8.6). */
#ifndef SA_MSG_INPUT_H
#define SA_MSG_INPUT_H

#include "message/msg_header.h"

typedef struct sa_input_msg {
    const uint8_t *u2; /* H_U2 */
    uint32_t bad;      /* dealers whose shares did not open */
    const uint8_t *bad_list;
    const uint8_t *planes; /* params->vector bytes */
} sa_input_msg;

/* Bytes before the planes when `bad` dealers are named. */
size_t sa_input_head(uint32_t bad);

/* Write header, H_U2 and the dealers, exactly sa_input_head(bad) bytes; the
 * planes stand behind them already. */
SECAGG_MUST_CHECK secagg_err sa_input_write_head(uint8_t *out, size_t len,
    const sa_params *params, uint32_t index, const uint8_t u2[32],
    const uint8_t *bad_list, uint32_t count);

/* SECAGG_ERR_MESSAGE also where dealers do not ascend or are no clients. */
SECAGG_MUST_CHECK secagg_err sa_input_read(sa_reader *r, sa_input_msg *msg,
    const sa_params *params);
uint32_t sa_input_get_bad(const sa_input_msg *msg, uint32_t i);

#endif
