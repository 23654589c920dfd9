/* SPDX-License-Identifier: Apache-2.0 */
#include "banks/model.h"

#include <math.h>

static const double learning_rate = 0.01;

double model_logit(const scorecard *model, const loan *l)
{
    double sum = (double)model->weights[FEATURES];
    for (size_t f = 0; f < FEATURES; f++)
        sum += (double)model->weights[f] * (double)l->features[f];
    return sum;
}

static void step(scorecard *model, const loan *l)
{
    double odds = 1 / (1 + exp(-model_logit(model, l)));
    double slope = learning_rate * (odds - (l->defaulted ? 1 : 0));
    for (size_t f = 0; f < FEATURES; f++)
        model->weights[f] = (float)((double)model->weights[f]
            - slope * (double)l->features[f]);
    model->weights[FEATURES] =
        (float)((double)model->weights[FEATURES] - slope);
}

void model_train(scorecard *model, const loan *loans, size_t count,
    unsigned epochs, dice *d)
{
    for (unsigned epoch = 0; epoch < epochs; epoch++)
        for (size_t i = 0; i < count; i++)
            step(model, &loans[dice_below(d, (uint32_t)count)]);
}

/* By all pairs: some 10^5 of them, and no sorting to get wrong. */
double model_area(const scorecard *model, const loan *loans, size_t count)
{
    double above = 0, pairs = 0;
    for (size_t i = 0; i < count; i++) {
        double bad = model_logit(model, &loans[i]);
        for (size_t k = 0; loans[i].defaulted && k < count; k++) {
            if (loans[k].defaulted)
                continue;
            double good = model_logit(model, &loans[k]);
            above += bad > good ? 1 : bad < good ? 0 : 0.5;
            pairs++;
        }
    }
    return pairs > 0 ? above / pairs : 0.5;
}

double model_accuracy(const scorecard *model, const loan *loans,
    size_t count)
{
    size_t right = 0;
    for (size_t i = 0; i < count; i++)
        right += (model_logit(model, &loans[i]) > 0) == loans[i].defaulted;
    return (double)right / (double)count;
}
