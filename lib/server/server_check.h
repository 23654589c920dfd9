/* SPDX-License-Identifier: Apache-2.0 */
/* server_check: the rules that the contents of a saved state of a server must
 * obey (PROTOCOL.md 11.5), so that a server that is resumed is one that a
 * session can lead to. Sums, sealed shares and commitments obey no rule that a
 * server can test. */
#ifndef SA_SERVER_CHECK_H
#define SA_SERVER_CHECK_H

#include "server/server_state.h"

/* Returns SECAGG_ERR_MESSAGE if a rule is broken; SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_server_check(const secagg_server *s);

#endif
