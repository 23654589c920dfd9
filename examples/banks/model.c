/* SPDX-License-Identifier: Apache-2.0 */
#include "banks/model.h"

#include <math.h>

static const double learning_rate = 0.01;

/* The log odds of a default. */
static double logit(const float *model, const float *features)
{
    double sum = (double)model[FEATURES];
    for (size_t f = 0; f < FEATURES; f++)
        sum += (double)model[f] * (double)features[f];
    return sum;
}

static void step(float *model, const dataset *data, size_t row)
{
    const float *features = dataset_row(data, row);
    double odds = 1 / (1 + exp(-logit(model, features)));
    double slope = learning_rate * (odds - (data->labels[row] ? 1 : 0));
    for (size_t f = 0; f < FEATURES; f++)
        model[f] = (float)((double)model[f] - slope * (double)features[f]);
    model[FEATURES] = (float)((double)model[FEATURES] - slope);
}

void model_train(float *model, const dataset *data, size_t first,
    size_t count, unsigned epochs, rng *r)
{
    for (size_t i = 0; i < epochs * count; i++)
        step(model, data, first + rng_below(r, (uint32_t)count));
}

/* By all pairs, about 10^5: no sorting is needed. */
double model_auc(const float *model, const dataset *data, size_t first,
    size_t end)
{
    double above = 0, pairs = 0;
    for (size_t i = first; i < end; i++) {
        double bad = logit(model, dataset_row(data, i));
        for (size_t k = first; data->labels[i] && k < end; k++) {
            if (data->labels[k])
                continue;
            double good = logit(model, dataset_row(data, k));
            above += bad > good ? 1 : bad < good ? 0 : 0.5;
            pairs++;
        }
    }
    return pairs > 0 ? above / pairs : 0.5;
}

double model_accuracy(const float *model, const dataset *data, size_t first,
    size_t end)
{
    size_t right = 0;
    for (size_t i = first; i < end; i++)
        right += (logit(model, dataset_row(data, i)) > 0) == data->labels[i];
    return (double)right / (double)(end - first);
}
