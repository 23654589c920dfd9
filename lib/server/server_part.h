/* SPDX-License-Identifier: Apache-2.0 */
/* server_part: inputs that arrive in parts (PROTOCOL.md 8.7). The server
 * stages the parts and adds them to the sum with the last one, so that half a
 * vector never reaches the sum. */
#ifndef SA_SERVER_PART_H
#define SA_SERVER_PART_H

#include "core/wire.h"
#include "server/server_state.h"

/* Accept an INPUT_PART, the whole message `msg`, with `r` at its body. Sets
 * *last to whether the input is complete now. Returns SECAGG_ERR_STATE if it
 * is neither the next part nor the last one again, SECAGG_ERR_MESSAGE if it
 * breaks another rule of 8.7, MEMORY or CRYPTO; then nothing has changed. */
SECAGG_MUST_CHECK secagg_err sa_server_recv_part(secagg_server *s,
    uint32_t from, sa_reader *r, const uint8_t *msg, size_t len, bool *last);

#endif
