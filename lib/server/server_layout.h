/* SPDX-License-Identifier: Apache-2.0 */
/* server_layout: the layout of a saved state of a server, before it is sealed
 * (PROTOCOL.md 11.5). The phase alone decides which fields there are. What
 * follows from others has no place: the graph, H_ros, H_U2, H_U3 and the
 * weight are computed again. */
#ifndef SA_SERVER_LAYOUT_H
#define SA_SERVER_LAYOUT_H

#include "server/server_state.h"

/* Returns the bytes of the state. Reads the server only. */
size_t sa_server_state_size(const secagg_server *s);

/* Write the state into exactly `len` bytes. Returns SECAGG_ERR_SIZE if it has
 * another length. */
SECAGG_MUST_CHECK secagg_err sa_server_state_write(const secagg_server *s,
    uint8_t *out, size_t len);

/* Make the server of a state. Checks only what it needs to stay within memory;
 * sa_server_check() does the rest. Returns SECAGG_ERR_MESSAGE if the bytes are
 * no state; SECAGG_ERR_MEMORY; SECAGG_ERR_CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_server_state_read(secagg_server **server,
    const uint8_t *state, size_t len);

#endif
