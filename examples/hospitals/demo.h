/* SPDX-License-Identifier: Apache-2.0 */
/* hospitals_demo: the story in three parts. Each prints what it finds; false
 * where something was not as promised. */
#ifndef HOSPITALS_DEMO_H
#define HOSPITALS_DEMO_H

#include <secagg.h>

#include "common/clear.h"
#include "common/server.h"
#include "hospitals/options.h"
#include "hospitals/task.h"

/* Slack for rounding in double precision while a plain mean is taken. */
#define DOUBLE_SLACK 1e-12

typedef struct demo {
    options own;
    dataset data;
    network net;
    hospital hospitals[MAX_CLIENTS];
    void *ends[MAX_CLIENTS];
    registry *keys; /* active sessions: agreed on once, before all */
    identity identities[MAX_CLIENTS];
    secagg_params params;
    secagg_segment segments[TENSORS];
    bool live; /* a person looks on */

    neural_net secure; /* trained by secure means */
    neural_net twin;   /* changed by plain means of the very same updates */
    neural_net plain;  /* a training of its own, by plain means */
    promise promise;   /* of every mean, and of the sums of weights */
    double apart;      /* at most, of one weight of secure and twin */
} demo;

bool show_danger(demo *d);
bool show_training(demo *d);
bool show_result(const demo *d);

/* Patients of hospital i. */
size_t demo_patients(const demo *d, uint32_t i);

/* In percent, on patients that no training saw. */
double demo_accuracy(const demo *d, const neural_net *model);

#endif
