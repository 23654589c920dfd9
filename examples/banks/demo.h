/* SPDX-License-Identifier: Apache-2.0 */
/* banks_demo: the story in three parts. Each prints what it finds; false where
 * something was not as promised. */
#ifndef BANKS_DEMO_H
#define BANKS_DEMO_H

#include <secagg.h>

#include "banks/options.h"
#include "banks/task.h"
#include "common/clear.h"
#include "common/server.h"

/* Slack for rounding in double precision while a plain mean is taken. */
#define DOUBLE_SLACK 1e-12

/* Who plays which part. */
#define SWAPPED 3  /* the coordinator puts a key in place of this bank's */
#define SPLIT 5    /* and wants both secrets of this one */
#define CHEATER 7  /* this bank sends a key that opens nothing */

typedef struct demo {
    options own;
    dataset data;
    network net;
    bank banks[MAX_CLIENTS];
    void *ends[MAX_CLIENTS];
    registry *keys;
    identity identities[MAX_CLIENTS];
    secagg_params params;
    secagg_segment segment;
    bool live; /* a person looks on */

    scorecard secure;    /* trained by secure means */
    scorecard plain;     /* a training of its own, by plain means */
    promise promise;     /* of every mean, and of the sums of weights */
} demo;

bool show_registry(demo *d);
bool show_training(demo *d);
bool show_result(const demo *d);

/* Loans of bank i. */
size_t demo_loans(const demo *d, uint32_t i);

/* Both in percent, on loans that no training saw. */
double demo_area(const demo *d, const scorecard *model);
double demo_accuracy(const demo *d, const scorecard *model);

/* The rounds in which the coordinator and a bank cheat. */
uint64_t demo_split_round(const demo *d);
uint64_t demo_cheat_round(const demo *d);

#endif
