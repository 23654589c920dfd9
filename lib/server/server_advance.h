/* SPDX-License-Identifier: Apache-2.0 */
/* server_advance: the end of each phase. Closing a phase fixes the set of
 * clients that answered, requires the minimum numbers of PROTOCOL.md 9.4, and
 * ends the session if it can no longer succeed (9.5).
 *
 * Each function returns SECAGG_ERR_THRESHOLD or CHEAT if it has ended the
 * session, with the reason in the state. After MEMORY or CRYPTO the host may
 * try again; only the blame list may have changed. */
#ifndef SA_SERVER_ADVANCE_H
#define SA_SERVER_ADVANCE_H

#include "server/server_state.h"

/* What follows from the roster root: draw the graph, and compute H_ros. */
SECAGG_MUST_CHECK secagg_err sa_server_bind_roster(secagg_server *s,
    const uint8_t root[SECAGG_DIGEST_BYTES]);

/* Fix U1 and draw the graph. */
SECAGG_MUST_CHECK secagg_err sa_server_close_keys(secagg_server *s);

/* Fix U2. */
SECAGG_MUST_CHECK secagg_err sa_server_close_shares(secagg_server *s);

/* Fix U3, and wipe the sealed shares that are not needed. */
SECAGG_MUST_CHECK secagg_err sa_server_close_input(secagg_server *s);

/* Fix U4. */
SECAGG_MUST_CHECK secagg_err sa_server_close_confirm(secagg_server *s);

/* Recover the masks that are left in the sum, and finish the aggregate. */
SECAGG_MUST_CHECK secagg_err sa_server_close_unmask(secagg_server *s);

#endif
