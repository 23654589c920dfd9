/* SPDX-License-Identifier: Apache-2.0 */
/* devices_model: who will leave the operator? A logistic regression over all
 * products of up to three of a customer's measures. A step of its training
 * takes one gradient of each record, so that the sum over many phones is all
 * that the server needs. */
#ifndef DEVICES_MODEL_H
#define DEVICES_MODEL_H

#include "devices/data.h"

/* One weight each: products of one, two and three of 13, then the constant. */
#define TERMS (13 + 91 + 455)
#define WEIGHTS (TERMS + 1)

/* A step down the mean gradient, with half of the last step added. */
#define LEARNING_RATE 0.8
#define MOMENTUM 0.5

typedef struct model {
    float weights[WEIGHTS];
} model;

/* Mean and deviation of each term: part of the task, the same for all. */
typedef struct scaling {
    double mean[TERMS], deviation[TERMS];
} scaling;

void scaling_find(scaling *s, const dataset *data);

/* Positive: it will leave. */
double model_logit(const model *m, const scaling *s, const customer *c);

/* How one record would change the model: the gradient of its loss. A function
 * of its arguments alone. */
void model_gradient(float gradient[WEIGHTS], const model *m,
    const scaling *s, const customer *c);

/* One step down; `step` is the last one, and becomes this one. */
void model_step(model *m, double step[WEIGHTS],
    const double mean_gradient[WEIGHTS]);

/* ---- how good a model is -------------------------------------------------
 * Each customer that tests falls into one bin, by its logit and by whether it
 * left in truth. Counts of many can be summed, and say it all. */
#define BINS 64 /* of logits from -8 to 8; half of them for "will stay" */

typedef struct score {
    uint64_t stays[BINS], churns[BINS];
} score;

void score_add(score *counts, double logit, bool churns);

uint64_t score_count(const score *counts);

/* In percent; -1 where nobody was tested. */
double score_accuracy(const score *counts);

/* The probability that a customer who left has a higher logit than one who
 * stayed (the area under the ROC curve); equal bins count half. */
double score_auc(const score *counts);

#endif
