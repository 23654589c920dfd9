/* SPDX-License-Identifier: Apache-2.0 */
/* server_recv: how the server verifies and stores a message of a client, one
 * function for each type (PROTOCOL.md 8.2 to 8.11). `from` is a client that is
 * in and has not answered; `r` is at the body of the message.
 *
 * Each function returns SECAGG_ERR_MESSAGE if the body breaks a rule, MEMORY,
 * CRYPTO, or an error named below. Then it has changed nothing, so that a
 * rejected message harms its sender only, and r->reason has the sentence,
 * unless the system is at fault. */
#ifndef SA_SERVER_RECV_H
#define SA_SERVER_RECV_H

#include "core/wire.h"
#include "server/server_state.h"

/* SECAGG_ERR_AUTH if the signature is not valid; SECAGG_ERR_STATE if an active
 * session has no trusted key yet. */
SECAGG_MUST_CHECK secagg_err sa_server_recv_keys(secagg_server *s,
    uint32_t from, sa_reader *r);

SECAGG_MUST_CHECK secagg_err sa_server_recv_shares(secagg_server *s,
    uint32_t from, sa_reader *r);

/* SECAGG_ERR_STATE if the client has begun to send its input in parts. */
SECAGG_MUST_CHECK secagg_err sa_server_recv_input(secagg_server *s,
    uint32_t from, sa_reader *r);

/* SECAGG_ERR_AUTH if the signature is not valid. */
SECAGG_MUST_CHECK secagg_err sa_server_recv_confirm(secagg_server *s,
    uint32_t from, sa_reader *r);

/* Blames the sender for a key that does not open its share. After MEMORY or
 * CRYPTO some shares may be open; the next call skips them. */
SECAGG_MUST_CHECK secagg_err sa_server_recv_unmask(secagg_server *s,
    uint32_t from, sa_reader *r);

/* Allowed in every phase. In INPUT it may bring the complaints of the
 * client. */
SECAGG_MUST_CHECK secagg_err sa_server_recv_abort(secagg_server *s,
    uint32_t from, sa_reader *r);

/* Checks 2 to 4 of INPUT and INPUT_PART (8.6): `h_u2` is the server's, and the
 * `count` dealers of `list` are peers in U2, of which enough are left. Sets
 * *complaints to a bitmap over the peers, which the caller frees. */
SECAGG_MUST_CHECK secagg_err sa_server_read_complaints(secagg_server *s,
    uint32_t from, const uint8_t *h_u2, const uint8_t *list, uint32_t count,
    uint8_t **complaints, char *reason);

#endif
