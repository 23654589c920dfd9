/* SPDX-License-Identifier: Apache-2.0 */
/* One customer's phone, the owner of a client: it has one record, and in each
 * session that it is invited to its input is one gradient, or one score. */
#ifndef DEVICES_PHONE_H
#define DEVICES_PHONE_H

#include "common/watch.h"
#include "devices/model.h"

/* The task, which is part of the app: every phone accepts only sessions of
 * this task. The first segment is the gradient: an entry is cut to
 * [-GRADIENT_CLIP, GRADIENT_CLIP] and rounded to 2^VALUE_BITS steps. The
 * second segment is counts: first 1 from a phone that trains, then the bins of
 * a score, one of which a phone that tests sets to 1. */
#define GRADIENT_CLIP 2.0
#define VALUE_BITS 16
#define COUNTS (1 + 2 * BINS)
#define COUNT_BITS 16
#define SEGMENTS 2
#define TASK "libsecagg devices churn cubic v1"
#define MIN_PHONES 100
#define MAX_PHONES MAX_CLIENTS

/* The share of colluding phones, and the exponents of the probabilities that
 * privacy or the session fails: see secagg_params_choose(). */
#define CORRUPT 0.05
#define SECURITY_BITS 40
#define FAILURE_BITS 20

typedef struct phone {
    participant host;
    const float *measures; /* its one record */
    bool churns, tests;
    const scaling *scaling;
} phone;

/* Fill in the parameters of each session, without round and id. False: no
 * session of so many phones tolerates the share of dropouts. */
bool phone_params(secagg_params *params, secagg_segment segments[SEGMENTS],
    uint32_t phones, double dropouts);

/* Make a phone the owner of a client. */
void phone_init(phone *p, const scaling *s, const float *measures, bool churns,
    bool tests);

/* Compute the input of a phone. A phone that tests has a gradient of zeros,
 * which the server cannot tell. */
void phone_input(float gradient[WEIGHTS], uint64_t counts[COUNTS],
    const phone *p, const model *m);

#endif
