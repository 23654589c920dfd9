/* SPDX-License-Identifier: Apache-2.0 */
/* client_recv: how a client verifies and stores a message of the server, one
 * function for each type (PROTOCOL.md 8.3 to 8.10). `r` is at the body of the
 * message. Sets and points are public: these functions branch on them.
 *
 * Each function returns SECAGG_ERR_MESSAGE if the body breaks a rule,
 * SECAGG_ERR_THRESHOLD if a number is below its minimum (9.4), MEMORY, CRYPTO,
 * or an error named below. Then it has changed nothing. */
#ifndef SA_CLIENT_RECV_H
#define SA_CLIENT_RECV_H

#include "client/client_state.h"
#include "core/wire.h"

/* SECAGG_ERR_AUTH if an identity in the roster is not valid, not trusted or
 * there twice, or a signature is not valid; SECAGG_ERR_STATE if the host does
 * not know yet whether an identity is to be trusted. */
SECAGG_MUST_CHECK secagg_err sa_client_recv_roster(secagg_client *c,
    sa_reader *r);

/* Opens the shares; a dealer whose shares do not open gets a complaint. */
SECAGG_MUST_CHECK secagg_err sa_client_recv_relay(secagg_client *c,
    sa_reader *r);

SECAGG_MUST_CHECK secagg_err sa_client_recv_survivors(secagg_client *c,
    sa_reader *r);

/* Keeps a copy of the body for saved states. */
SECAGG_MUST_CHECK secagg_err sa_client_recv_signatures(secagg_client *c,
    sa_reader *r);

/* Check the body of SIGNATURES, and store nothing. */
SECAGG_MUST_CHECK secagg_err sa_client_verify_signatures(
    const secagg_client *c, sa_reader *r);

/* Returns how many members of a set are dealers whose shares this client could
 * open, itself included: |G_v cap set| of 9.4. */
uint32_t sa_client_count_dealers(const secagg_client *c, const uint8_t *map);

/* Returns SECAGG_ERR_THRESHOLD if the graph is a ring and the survivors are not
 * connected in it (5.5); MEMORY or CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_client_require_connected(
    const secagg_client *c, const uint8_t *u3);

#endif
