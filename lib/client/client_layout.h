/* SPDX-License-Identifier: Apache-2.0 */
/* client_layout: the bytes of a client's state, before they are sealed
 * (PROTOCOL.md 11.1). The layout is this library's own; the version in the head
 * of a sealed state belongs to it, too. */
#ifndef SA_CLIENT_LAYOUT_H
#define SA_CLIENT_LAYOUT_H

#include "client/client_state.h"

/* Returns the bytes of the state. */
size_t sa_client_state_size(const secagg_client *c);

/* Write the state into sa_client_state_size() bytes. Returns SECAGG_ERR_SIZE
 * for another length. */
SECAGG_MUST_CHECK secagg_err sa_client_state_write(const secagg_client *c,
    uint8_t *out, size_t len);

/* Create a client from a state. Numbers and lists are in the ranges that memory
 * needs; sa_client_check() must check all else. Returns SECAGG_ERR_MESSAGE if
 * the bytes are no state, MEMORY or CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_client_state_read(secagg_client **client,
    uint32_t index, const uint8_t *state, size_t len);

#endif
