/* SPDX-License-Identifier: Apache-2.0 */
/* client_send: the messages of a client, except INPUT, one function for each
 * type (PROTOCOL.md 8.2 to 8.11). A function builds the message, makes it the
 * client's `out`, and wipes the secrets that are not needed after it (9.1). A
 * message is a function of the seed, the input and the messages accepted.
 *
 * Each function returns MEMORY, CRYPTO, or an error named below. Then nothing
 * has changed. */
#ifndef SA_CLIENT_SEND_H
#define SA_CLIENT_SEND_H

#include "client/client_state.h"

/* SECAGG_ERR_STATE if an active session has no signing key yet, the error of
 * the host's signing function, or SECAGG_ERR_AUTH if its signature is not
 * valid. */
SECAGG_MUST_CHECK secagg_err sa_client_send_keys(secagg_client *c);

SECAGG_MUST_CHECK secagg_err sa_client_send_shares(secagg_client *c);

/* The errors of signing are those of sa_client_send_keys. */
SECAGG_MUST_CHECK secagg_err sa_client_send_confirm(secagg_client *c);

SECAGG_MUST_CHECK secagg_err sa_client_send_unmask(secagg_client *c);

#endif
