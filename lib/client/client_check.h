/* SPDX-License-Identifier: Apache-2.0 */
/* client_check: whether a client that was read from a saved state is one that
 * the protocol can lead to (PROTOCOL.md 11.2, check 5). A state is authentic,
 * but the program that wrote it may have been faulty. */
#ifndef SA_CLIENT_CHECK_H
#define SA_CLIENT_CHECK_H

#include "client/client_state.h"

/* Check a client that sa_client_state_read() made. Returns SECAGG_ERR_MESSAGE
 * if it breaks a rule, MEMORY or CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_client_check(const secagg_client *c);

#endif
