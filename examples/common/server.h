/* SPDX-License-Identifier: Apache-2.0 */
/* example_server: the coordinator. One call is one session: invitations out,
 * messages in, phase after phase until the sum is known or it cannot be
 * known. The parts of that call stand here, too. */
#ifndef EXAMPLE_SERVER_H
#define EXAMPLE_SERVER_H

#include <secagg.h>

#include "common/limits.h"
#include "common/line.h"
#include "common/registry.h"

#define NOBODY UINT32_MAX
#define STAYS SECAGG_PHASE_DONE

/* Room for words about who was lost, on a line of their own. */
#define LOSSES_ROOM 64

/* What is asked of a session. */
typedef struct session_plan {
    uint64_t round;
    secagg_phase drops[MAX_CLIENTS]; /* silent from then on, or STAYS */
    uint32_t hangs;       /* one of them that keeps its line, or NOBODY */
    uint32_t tapped;      /* whose INPUT is kept for a look, or NOBODY */
    bool live;            /* show each phase in a terminal */
    const registry *keys; /* active sessions: whom to believe and invite */
    const void *model;    /* the global one, for all who are invited */
    size_t model_len;
} session_plan;

/* What came of it. */
typedef struct session_result {
    secagg_err err;
    secagg_phase failed_in;
    char why[200];
    secagg_phase lost[MAX_CLIENTS]; /* where it fell silent, or STAYS */
    secagg_err left[MAX_CLIENTS];   /* for what it said that it leaves */
    secagg_err blamed[MAX_CLIENTS]; /* for what the library names it */
    bool in_sum[MAX_CLIENTS];
    uint64_t weight;                /* examples behind the sum */
    uint64_t up[MAX_CLIENTS], down[MAX_CLIENTS]; /* bytes of messages */
    double client_seconds[MAX_CLIENTS], server_seconds;
    uint32_t refused;               /* messages */
    uint8_t *tap;                   /* released by the caller */
    size_t tap_len;
} session_result;

/* A plan in which all stay to the end. */
session_plan session_plan_new(uint64_t round, const registry *keys,
    const void *model, size_t model_len);

/* Run one session under a session id of its own; the mean has room for every
 * entry of every segment. An error is what the machine could not do (memory,
 * randomness); a sum that cannot be had is a result. */
secagg_err session_run(session_result *result, double *mean,
    const secagg_params *params, const session_plan *plan, network *net);

/* Who was lost where, as "KEYS 3 INPUT 5+8", with dots where the room ends. */
void describe_losses(char text[LOSSES_ROOM], uint32_t clients,
    const session_result *result);

/* ---- its parts, for hosts that do something else in between -------------- */

typedef struct session {
    secagg_server *server;
    secagg_params params;
    const session_plan *plan;
    network *net;
    session_result *result;
} session;

secagg_err session_open(session *s, session_result *result,
    const secagg_params *params, const session_plan *plan, network *net);

/* Send what is due in this phase: invitations, or the library's messages. */
secagg_err session_send(session *s);

/* Clients that are yet to answer and can. */
uint32_t session_expects(const session *s);

/* The next message of the library's, or NULL: nobody says anything. What else
 * clients say is noted. */
frame *session_receive(session *s, uint32_t *from, double until);

/* Hand a message to the library. */
secagg_err session_take(session *s, uint32_t from, const frame *got);

/* Take messages until everybody has answered or the time is up. */
secagg_err session_collect(session *s);

/* End the phase. False in `more` where the session is over. */
secagg_err session_advance(session *s, bool *more);

void session_close(session *s);

#endif
