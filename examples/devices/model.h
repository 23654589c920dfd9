/* SPDX-License-Identifier: Apache-2.0 */
/* Predicts which customers leave their operator: a logistic regression over
 * all products of up to three of a customer's measures. Each step of its
 * training needs one gradient of each record, so that a sum over many phones
 * suffices. */
#ifndef DEVICES_MODEL_H
#define DEVICES_MODEL_H

#include "common/dataset.h"

#define MEASURES 13

/* Standardised measures and terms are cut to [-MAX_MEASURE, MAX_MEASURE]. */
#define MAX_MEASURE 3.0f

/* A weight for each product of one, two or three measures, and a constant. */
#define TERMS (13 + 91 + 455)
#define WEIGHTS (TERMS + 1)

/* A step goes down the mean gradient, plus MOMENTUM times the last step. */
#define LEARNING_RATE 0.8
#define MOMENTUM 0.5

typedef struct model {
    float weights[WEIGHTS];
} model;

/* Mean and deviation of each term, over the rows that train. They are part of
 * the task, and the same for all phones. */
typedef struct scaling {
    double mean[TERMS], deviation[TERMS];
} scaling;

void scaling_find(scaling *s, const dataset *data);

/* Positive: the model predicts that the customer leaves. */
double model_logit(const model *m, const scaling *s, const float *measures);

/* Compute the gradient of the loss of one record. */
void model_gradient(float gradient[WEIGHTS], const model *m,
    const scaling *s, const float *measures, bool churns);

/* Take one step. `step` is the last step, and becomes this one. */
void model_step(model *m, double step[WEIGHTS],
    const double mean_gradient[WEIGHTS]);

/* ---- the quality of a model ----------------------------------------------
 * Each customer that tests falls into one bin, by its logit and by whether it
 * has left. Scores of many phones can be summed. */
#define BINS 64 /* of logits from -8 to 8; the lower half predicts "stays" */

typedef struct score {
    uint64_t stays[BINS], churns[BINS];
} score;

void score_add(score *s, double logit, bool churns);

/* In percent; -1 if nobody was tested. */
double score_accuracy(const score *s);

/* The area under the ROC curve: the probability that a customer who left has a
 * higher logit than one who stayed, where a tie counts half. */
double score_auc(const score *s);

#endif
