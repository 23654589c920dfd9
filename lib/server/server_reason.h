/* SPDX-License-Identifier: Apache-2.0 */
/* server_reason: the sentences that explain why a session failed. They never
 * name a client as at fault that is not blamed (PROTOCOL.md 9.5), and they say
 * whether the sum may be known (11.4). */
#ifndef SA_SERVER_REASON_H
#define SA_SERVER_REASON_H

#include "server/server_state.h"

/* Write the cause, without a full stop. Replaces the one before. */
void sa_server_set_cause(secagg_server *s, const char *format, ...)
    SA_PRINTF(2, 3);

/* End the session. Adds to the cause who is missing, the disputes, and what
 * was opened; all of it is the sentence of this refusal, too. Returns
 * `error`. */
secagg_err sa_server_give_up(secagg_server *s, secagg_err error);

#endif
