/* SPDX-License-Identifier: Apache-2.0 */
#include "hospitals/net.h"

#include <math.h>
#include <string.h>

#define MAX_WIDTH 64

/* Small, because an average of networks that have moved far apart is a poor
 * network. */
static const double learning_rate = 0.01;

static const size_t widths[LAYERS + 1] = { FEATURES, 64, 32, 1 };
const size_t tensor_sizes[TENSORS] = { 64 * FEATURES, 64, 32 * 64, 32, 32,
    1 };

typedef struct activations {
    double layer[LAYERS + 1][MAX_WIDTH]; /* [0]: input; [LAYERS]: the logit */
} activations;

void net_start(float *model, uint64_t seed)
{
    rng r = rng_new(seed, 3, 0);
    float *w = model;
    for (size_t layer = 0; layer < LAYERS; layer++) {
        double scale = 1 / sqrt((double)widths[layer]);
        for (size_t i = 0; i < widths[layer] * widths[layer + 1]; i++)
            *w++ = (float)(scale * rng_normal(&r));
        for (size_t i = 0; i < widths[layer + 1]; i++)
            *w++ = 0;
    }
}

static double forward(const float *model, const float *features,
    activations *a)
{
    const float *w = model;
    for (size_t i = 0; i < FEATURES; i++)
        a->layer[0][i] = (double)features[i];
    for (size_t layer = 0; layer < LAYERS; layer++) {
        size_t in = widths[layer], out = widths[layer + 1];
        const float *bias = w + in * out;
        for (size_t j = 0; j < out; j++) {
            double sum = (double)bias[j];
            for (size_t i = 0; i < in; i++)
                sum += (double)*w++ * a->layer[layer][i];
            a->layer[layer + 1][j] = layer + 1 < LAYERS ? tanh(sum) : sum;
        }
        w = bias + out;
    }
    return a->layer[LAYERS][0];
}

/* Take a layer's step, and compute the slopes of the sums of the layer before
 * it from those of its own. */
static void descend(float *w, const double *input, size_t in, size_t out,
    const double *slope, double *before, double rate)
{
    float *bias = w + in * out;
    memset(before, 0, in * sizeof *before);
    for (size_t j = 0; j < out; j++) {
        for (size_t i = 0; i < in; i++) {
            before[i] += slope[j] * (double)*w;
            *w = (float)((double)*w - rate * slope[j] * input[i]);
            w++;
        }
        bias[j] = (float)((double)bias[j] - rate * slope[j]);
    }
    for (size_t i = 0; i < in; i++)
        before[i] *= 1 - input[i] * input[i]; /* the derivative of tanh */
}

void net_step(float *model, const dataset *data, size_t row, double rate)
{
    activations a;
    double slope[2][MAX_WIDTH];
    double logit = forward(model, dataset_row(data, row), &a);
    float *w = model + WEIGHTS;
    slope[LAYERS % 2][0] = 1 / (1 + exp(-logit)) - (data->labels[row] ? 1 : 0);
    for (size_t layer = LAYERS; layer-- > 0;) {
        size_t in = widths[layer], out = widths[layer + 1];
        w -= (in + 1) * out;
        descend(w, a.layer[layer], in, out, slope[(layer + 1) % 2],
            slope[layer % 2], rate);
    }
}

void net_train(float *model, const dataset *data, size_t first, size_t count,
    unsigned epochs, rng *r)
{
    for (size_t i = 0; i < epochs * count; i++)
        net_step(model, data, first + rng_below(r, (uint32_t)count),
            learning_rate);
}

double net_logit(const float *model, const dataset *data, size_t row)
{
    activations a;
    return forward(model, dataset_row(data, row), &a);
}

double net_accuracy(const float *model, const dataset *data, size_t first,
    size_t end)
{
    size_t right = 0;
    for (size_t i = first; i < end; i++)
        right += (net_logit(model, data, i) > 0) == data->labels[i];
    return (double)right / (double)(end - first);
}

/* Layer by layer, as if all errors had the same sign: |(w + d)(a + e) - w a|
 * <= |w| |e| + |d| (|a| + |e|), and tanh increases no difference. */
double net_logit_bound(const float *model, const dataset *data, size_t row,
    double distance)
{
    activations a;
    double error[2][MAX_WIDTH] = { { 0 } };
    const float *w = model;
    forward(model, dataset_row(data, row), &a);
    for (size_t layer = 0; layer < LAYERS; layer++) {
        size_t in = widths[layer], out = widths[layer + 1];
        const double *from = error[layer % 2];
        for (size_t j = 0; j < out; j++) {
            double sum = distance; /* the bias */
            for (size_t i = 0; i < in; i++)
                sum += fabs((double)*w++) * from[i]
                    + distance * (fabs(a.layer[layer][i]) + from[i]);
            error[(layer + 1) % 2][j] = sum;
        }
        w += out;
    }
    return error[LAYERS % 2][0];
}
