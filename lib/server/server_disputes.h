/* SPDX-License-Identifier: Apache-2.0 */
/* server_disputes: complaints of one client about another (PROTOCOL.md 9.5). A
 * dispute proves that one of two clients lies, and not which: the host leaves
 * both out of the next session (9.6). */
#ifndef SA_SERVER_DISPUTES_H
#define SA_SERVER_DISPUTES_H

#include "server/server_state.h"

/* List all disputes, and blame each client that has them with more others than
 * may lie. Replaces the list and the blame of a call before. Returns MEMORY,
 * and then nothing has changed. */
SECAGG_MUST_CHECK secagg_err sa_server_judge_disputes(secagg_server *s);

#endif
