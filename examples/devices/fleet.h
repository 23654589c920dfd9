/* SPDX-License-Identifier: Apache-2.0 */
/* devices_fleet: thousands of phones in one process, as a stand-in for the
 * network and the world. Threads deal the phones out among them, and let one
 * after the other call the desk. */
#ifndef DEVICES_FLEET_H
#define DEVICES_FLEET_H

#include "devices/server.h"

typedef struct fleet {
    phone *phones; /* all that there are */
    uint32_t threads;
} fleet;

/* Let each client of the cohort call once, unless it is lost by this phase.
 * An error is what the machine could not do; a phone that fails is no error,
 * but silent. */
secagg_err fleet_call(fleet *f, session *s, secagg_phase phase);

/* Those that missed the end of a phase send what they have. */
void fleet_late(fleet *f, session *s, secagg_phase phase);

/* The session is over: bytes and time of its phones go into the result, and
 * whatever is left of it on a phone goes. */
void fleet_settle(fleet *f, const session_plan *plan, uint32_t count,
    session_result *result);

#endif
