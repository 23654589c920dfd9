/* SPDX-License-Identifier: Apache-2.0 */
/* After a session: whom the host of the server leaves out of the next one, and
 * the parameters of that (vectors/PROTOCOL.md 9.6). If at most `corrupt`
 * clients cheat, they so spoil at most as many sessions, and cost at most as
 * many honest clients their place. */
#ifndef EXAMPLE_NEXT_SESSION_H
#define EXAMPLE_NEXT_SESSION_H

#include <secagg.h>

#include "common/limits.h"

/* What a host notes during a session, by client. */
typedef struct attendance {
    bool silent[MAX_CLIENTS];  /* did not answer in some phase */
    bool aborted[MAX_CLIENTS]; /* sent ABORT */
    bool bare[MAX_CLIENTS];    /* and had no complaints in it */
} attendance;

/* Note a message that the server accepted. */
void attendance_message(attendance *a, uint32_t from, const uint8_t *msg,
    size_t len);

/* Record the clients that have not answered in this phase. The host must call
 * this before secagg_server_advance(). */
void attendance_phase_ends(attendance *a, const secagg_server *server,
    uint32_t clients);

/* Set out[i] for each client that the next session must not have. Returns by
 * how much the number of corrupt clients falls. */
uint32_t next_session_leave_out(bool *out, const secagg_server *server,
    const attendance *a, uint32_t clients);

/* Choose the parameters of a session of so many clients, of which at most
 * `corrupt` cheat and a fraction drops out. `policy` is the policy of the
 * clients, or NULL if they have the default one. The parameters always satisfy
 * it, so they may provide for more corrupt clients than `corrupt`. Returns
 * false if too few clients are left: then others must take their place. */
bool next_session_params(secagg_params *params, uint32_t clients,
    uint32_t corrupt, double dropout, const secagg_policy *policy);

#endif
