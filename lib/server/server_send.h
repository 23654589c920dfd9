/* SPDX-License-Identifier: Apache-2.0 */
/* server_send: the messages of the server, one function for each type
 * (PROTOCOL.md 8.3 to 8.12). A message is a function of the sets that are
 * fixed, so that every call for a client in a phase gives the same bytes.
 *
 * `to` is a client that is in, but for sa_server_send_out(). Each function sets
 * *out to the message, which the caller frees, and *len to its length. It
 * returns SECAGG_ERR_MEMORY if there is no memory. */
#ifndef SA_SERVER_SEND_H
#define SA_SERVER_SEND_H

#include "server/server_state.h"

SECAGG_MUST_CHECK secagg_err sa_server_send_roster(const secagg_server *s,
    uint32_t to, uint8_t **out, size_t *len);
SECAGG_MUST_CHECK secagg_err sa_server_send_relay(const secagg_server *s,
    uint32_t to, uint8_t **out, size_t *len);
SECAGG_MUST_CHECK secagg_err sa_server_send_survivors(const secagg_server *s,
    uint32_t to, uint8_t **out, size_t *len);
SECAGG_MUST_CHECK secagg_err sa_server_send_signatures(
    const secagg_server *s, uint32_t to, uint8_t **out, size_t *len);
SECAGG_MUST_CHECK secagg_err sa_server_send_abort(const secagg_server *s,
    uint32_t to, uint8_t **out, size_t *len);

/* The ABORT for a client that fell out because it did not answer in time. */
SECAGG_MUST_CHECK secagg_err sa_server_send_out(const secagg_server *s,
    uint32_t to, uint8_t **out, size_t *len);

#endif
