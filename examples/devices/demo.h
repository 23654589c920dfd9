/* SPDX-License-Identifier: Apache-2.0 */
/* devices_demo: the story in two parts. Each prints what it finds; false where
 * something was not as promised. */
#ifndef DEVICES_DEMO_H
#define DEVICES_DEMO_H

#include "common/clear.h"
#include "devices/fleet.h"
#include "devices/options.h"

/* Slack for rounding in double precision while a plain sum is taken. */
#define DOUBLE_SLACK 1e-9

/* A model, and the last step of its training. */
typedef struct trainee {
    model model;
    double step[WEIGHTS];
} trainee;

typedef struct demo {
    options own;
    dataset data;
    scaling scaling;
    fleet fleet;
    secagg_params params;
    secagg_segment segments[SEGMENTS];
    bool live; /* a person looks on */

    /* of the round: who takes part, who is lost when; and what came of it */
    uint32_t cohort[MAX_PHONES];
    uint8_t drops[MAX_PHONES], late[MAX_PHONES];
    session_result result;

    trainee secure; /* trained by secure sums */
    trainee plain;  /* a training of its own, by plain sums */
    trainee all;    /* with every record in one place, and nobody lost */
    uint32_t rounds;     /* that gave a sum */
    promise promise;     /* of every mean */
    uint64_t miscounted; /* wrong counts */
    uint64_t after, taken; /* messages after their phase: all; let in */
    double phone_seconds, server_seconds; /* sums over the rounds */
} demo;

bool show_training(demo *d);
bool show_result(demo *d);

/* On the customers that train nothing, all of them. */
void demo_score(score *counts, const demo *d, const model *m);

#endif
