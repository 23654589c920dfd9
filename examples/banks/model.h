/* SPDX-License-Identifier: Apache-2.0 */
/* Logistic regression, the model behind most scorecards of banks. */
#ifndef BANKS_MODEL_H
#define BANKS_MODEL_H

#include "banks/loans.h"
#include "common/rng.h"

/* A model is an array: a weight per feature, then the constant. */
#define WEIGHTS (FEATURES + 1)

/* Take epochs * count steps of gradient descent, each on a random one of
 * `count` rows. */
void model_train(float *model, const dataset *data, size_t first,
    size_t count, unsigned epochs, rng *r);

/* Both are over the rows from `first` to before `end`. The AUC, area under the
 * ROC curve, is the probability that a loan that defaulted scores above one
 * that did not; chance gives 0.5. */
double model_auc(const float *model, const dataset *data, size_t first,
    size_t end);
double model_accuracy(const float *model, const dataset *data, size_t first,
    size_t end);

#endif
