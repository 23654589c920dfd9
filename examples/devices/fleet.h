/* SPDX-License-Identifier: Apache-2.0 */
/* Simulates the fleet and the network: thousands of phones in one process,
 * distributed over a few threads, that call the server one after another. */
#ifndef DEVICES_FLEET_H
#define DEVICES_FLEET_H

#include "devices/server.h"

#define STAYS SECAGG_PHASE_DONE

/* The plan of one session. */
typedef struct cohort {
    uint64_t round;
    uint32_t phones[MAX_PHONES]; /* client i is phone phones[i] */
    secagg_phase drops[MAX_PHONES]; /* the phase that it misses, or STAYS */
    bool late[MAX_PHONES]; /* it misses the phase by answering too late */
} cohort;

typedef struct cohort_result {
    secagg_phase phase; /* the last one whose messages were collected */
    char reason[200];   /* in words: why there is no sum */
    uint32_t lost[STAYS];         /* clients, by the phase they missed */
    uint32_t late, late_accepted; /* messages after their phase */
    uint32_t survivors;
    double gradient[WEIGHTS]; /* the sum */
    uint64_t counts[COUNTS];  /* the sum */
    bool in_sum[MAX_PHONES];  /* by client */
    uint64_t up, down;        /* maximum bytes of a phone */
    double phone_seconds;     /* of CPU, mean of the phones that stayed */
    double server_seconds;    /* of CPU */
} cohort_result;

typedef struct fleet {
    phone *phones;
    uint32_t threads;
    bool live; /* show each phase in a terminal */
} fleet;

/* Run one session, under a new id. */
secagg_err fleet_run(fleet *f, const cohort *c, const secagg_params *params,
    const model *global, cohort_result *result);

#endif
