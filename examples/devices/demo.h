/* SPDX-License-Identifier: Apache-2.0 */
/* The two parts of the story. Each prints its findings and returns false if
 * something was not as it must be. */
#ifndef DEVICES_DEMO_H
#define DEVICES_DEMO_H

#include "common/compare.h"
#include "devices/phone.h"

/* A model, and the last step of its training. */
typedef struct trainee {
    model model;
    double step[WEIGHTS];
} trainee;

typedef struct demo {
    uint32_t cohort; /* phones in a round */
    uint64_t rounds, seed;
    uint32_t drop; /* percent of the phones that are lost in each round */
    uint32_t threads;
    dataset data; /* row i is the record of phone i */
    scaling scaling;
    phone *phones; /* all of them */
    network net;   /* of a cohort */
    void *clients[MAX_PHONES]; /* client i is a phone of the cohort */
    meter *meters;             /* one per client */
    secagg_params params;      /* of each session, without round and id */
    secagg_segment segments[SEGMENTS];
    bool live; /* the output is a terminal */

    watch watch;    /* of the last session */
    trainee secure; /* trained by secure sums */
    trainee plain;  /* a training of its own, by plain sums */
    trainee all;    /* with all records in one place, and no dropouts */
    comparison comparison;        /* of all means */
    uint64_t wrong_counts;        /* sums of counts that differ */
    uint64_t late, late_accepted; /* messages after their phase */
    double phone_seconds, server_seconds; /* sums over the rounds */
} demo;

bool show_training(demo *d);
bool show_result(demo *d);

#endif
