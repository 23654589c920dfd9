/* SPDX-License-Identifier: Apache-2.0 */
/* banks_model: logistic regression, the model of which most scorecards of
 * banks are made. */
#ifndef BANKS_MODEL_H
#define BANKS_MODEL_H

#include "banks/data.h"

#define WEIGHTS (FEATURES + 1) /* one a feature, then the constant */

typedef struct scorecard {
    float weights[WEIGHTS];
} scorecard;

/* Log odds of a default. */
double model_logit(const scorecard *model, const loan *l);

/* As many steps as `epochs` times the loans, each on one at random. */
void model_train(scorecard *model, const loan *loans, size_t count,
    unsigned epochs, dice *d);

/* How often a loan that defaulted scores above one that did not: the area
 * under the curve of hits over false alarms. 0.5 is chance. */
double model_area(const scorecard *model, const loan *loans, size_t count);

/* How often the likelier of the two came about. */
double model_accuracy(const scorecard *model, const loan *loans,
    size_t count);

#endif
