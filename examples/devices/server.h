/* SPDX-License-Identifier: Apache-2.0 */
/* devices_server: the server of the fleet. One call of cohort_run is one
 * session. Phones call the desk while it runs: the two functions of the desk
 * are what stands behind the two requests of your API. */
#ifndef DEVICES_SERVER_H
#define DEVICES_SERVER_H

#include <pthread.h>

#include "devices/phone.h"

#define STAYS SECAGG_PHASE_DONE

/* What is asked of a session. */
typedef struct session_plan {
    uint64_t round;
    const uint32_t *cohort; /* client i is phone cohort[i] */
    const uint8_t *drops;   /* the phase in which client i is lost, or STAYS */
    const uint8_t *late;    /* 1: lost because it answers after the time */
    bool live;              /* show each phase in a terminal */
} session_plan;

/* What came of it. */
typedef struct session_result {
    secagg_err err;
    secagg_phase failed_in;
    char why[200];
    uint32_t lost[STAYS]; /* clients, by the phase in which they were */
    uint32_t late, late_taken; /* messages after the time: all; let in */
    uint32_t refused;          /* other messages that were refused */
    uint32_t survivors;
    double gradient[WEIGHTS];   /* the sum */
    uint64_t counts[COUNTS];    /* the sum */
    uint8_t in_sum[MAX_PHONES]; /* by client */
    uint64_t up, down;          /* most bytes of a phone */
    double phone_seconds;       /* on the average, of those that stayed */
    double server_seconds;
} session_result;

typedef struct session {
    pthread_mutex_t lock; /* of the handle, and of what is below it */
    secagg_server *server;
    session_result *result;
    const session_plan *plan;
    const secagg_params *params;
    uint8_t *invitation;
    size_t invitation_len;
    double shown; /* when the line in the terminal was written */
} session;

/* The parameters of each round but for session id and round number. False: no
 * graph holds for so many phones and losses. `segments` has room for
 * SEGMENTS. */
bool session_params(secagg_params *params, secagg_segment *segments,
    uint32_t phones, double dropout);

/* GET: what there is for client `index`, a copy for the caller to free. NULL
 * of no length: nothing. */
secagg_err desk_fetch(session *s, uint32_t index, uint8_t **letter,
    size_t *len);

/* POST: a message of client `index`. An error is for its sender alone. */
secagg_err desk_post(session *s, uint32_t index, const uint8_t *msg,
    size_t len);

/* Run one session under a session id of its own. An error is what the machine
 * could not do (memory, randomness); a sum that cannot be had is a result. */
struct fleet;
secagg_err cohort_run(session_result *result, const secagg_params *params,
    const session_plan *plan, struct fleet *f, const model *global);

#endif
