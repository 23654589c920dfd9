/* SPDX-License-Identifier: Apache-2.0 */
#include "hospitals/net.h"

#include <math.h>
#include <string.h>

#define WIDEST 64

/* Small steps and few of them: an average of networks that went far from each
 * other is no good network. */
static const double learning_rate = 0.01;

static const size_t widths[LAYERS + 1] = { FEATURES, 64, 32, 1 };
const size_t tensor_sizes[TENSORS] = { 64 * FEATURES, 64, 32 * 64, 32, 32,
    1 };

typedef struct activations {
    double of[LAYERS + 1][WIDEST]; /* [0]: the input; [LAYERS]: the logit */
} activations;

void net_start(neural_net *model, uint64_t seed)
{
    dice d = dice_new(seed, 3, 0);
    float *w = model->weights;
    for (size_t layer = 0; layer < LAYERS; layer++) {
        double scale = 1 / sqrt((double)widths[layer]);
        for (size_t i = 0; i < widths[layer] * widths[layer + 1]; i++)
            *w++ = (float)(scale * dice_normal(&d));
        for (size_t i = 0; i < widths[layer + 1]; i++)
            *w++ = 0;
    }
}

static double forward(const neural_net *model, const patient *p, activations *a)
{
    const float *w = model->weights;
    for (size_t i = 0; i < FEATURES; i++)
        a->of[0][i] = (double)p->features[i];
    for (size_t layer = 0; layer < LAYERS; layer++) {
        size_t in = widths[layer], out = widths[layer + 1];
        const float *bias = w + in * out;
        for (size_t j = 0; j < out; j++) {
            double sum = (double)bias[j];
            for (size_t i = 0; i < in; i++)
                sum += (double)*w++ * a->of[layer][i];
            a->of[layer + 1][j] = layer + 1 < LAYERS ? tanh(sum) : sum;
        }
        w = bias + out;
    }
    return a->of[LAYERS][0];
}

/* From the slopes of one layer's sums to those of the layer before; the
 * weights take their step on the way. */
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
        before[i] *= 1 - input[i] * input[i]; /* of tanh, by its value */
}

void net_step(neural_net *model, const patient *p, double rate)
{
    activations a;
    double slope[2][WIDEST];
    double logit = forward(model, p, &a);
    float *w = model->weights + WEIGHTS;
    slope[LAYERS % 2][0] = 1 / (1 + exp(-logit)) - (p->malignant ? 1 : 0);
    for (size_t layer = LAYERS; layer-- > 0;) {
        size_t in = widths[layer], out = widths[layer + 1];
        w -= (in + 1) * out;
        descend(w, a.of[layer], in, out, slope[(layer + 1) % 2],
            slope[layer % 2], rate);
    }
}

void net_train(neural_net *model, const patient *patients, size_t count,
    unsigned epochs, dice *d)
{
    for (unsigned epoch = 0; epoch < epochs; epoch++)
        for (size_t i = 0; i < count; i++)
            net_step(model, &patients[dice_below(d, (uint32_t)count)],
                learning_rate);
}

double net_logit(const neural_net *model, const patient *p)
{
    activations a;
    return forward(model, p, &a);
}

double net_accuracy(const neural_net *model, const patient *patients,
    size_t count)
{
    size_t right = 0;
    for (size_t i = 0; i < count; i++)
        right += (net_logit(model, &patients[i]) > 0)
            == patients[i].malignant;
    return (double)right / (double)count;
}

/* Layer by layer, with every error of the same sign: |(w + d)(a + e) - w a|
 * <= |w| |e| + |d| (|a| + |e|), and tanh makes no difference larger. */
double net_logit_bound(const neural_net *model, const patient *p,
    double difference)
{
    activations a;
    double error[2][WIDEST] = { { 0 } };
    const float *w = model->weights;
    forward(model, p, &a);
    for (size_t layer = 0; layer < LAYERS; layer++) {
        size_t in = widths[layer], out = widths[layer + 1];
        const double *from = error[layer % 2];
        for (size_t j = 0; j < out; j++) {
            double sum = difference; /* the bias */
            for (size_t i = 0; i < in; i++)
                sum += fabs((double)*w++) * from[i]
                    + difference * (fabs(a.of[layer][i]) + from[i]);
            error[(layer + 1) % 2][j] = sum;
        }
        w += out;
    }
    return error[LAYERS % 2][0];
}
