/* SPDX-License-Identifier: Apache-2.0 */
/* A small neural network, 30-64-32-1, with tanh inside and the logistic loss
 * on its output, a logit: positive means malignant. */
#ifndef HOSPITALS_NET_H
#define HOSPITALS_NET_H

#include "common/dataset.h"
#include "common/rng.h"

#define FEATURES 30
#define LAYERS 3
#define TENSORS (2 * LAYERS) /* weights and biases of each layer */
#define WEIGHTS (64 * 30 + 64 + 32 * 64 + 32 + 1 * 32 + 1)

/* A model is an array of WEIGHTS floats: tensor after tensor; the rows of a
 * weight matrix are neurons. */
extern const size_t tensor_sizes[TENSORS];

/* Draw initial weights. */
void net_start(float *model, uint64_t seed);

/* Take one step of gradient descent on one row. */
void net_step(float *model, const dataset *data, size_t row, double rate);

/* Take epochs * count steps, each on a random one of `count` rows. */
void net_train(float *model, const dataset *data, size_t first, size_t count,
    unsigned epochs, rng *r);

double net_logit(const float *model, const dataset *data, size_t row);

/* Returns the share of the rows from `first` to before `end` that the model
 * classifies correctly. */
double net_accuracy(const float *model, const dataset *data, size_t first,
    size_t end);

/* Returns a bound of the difference of the logits of this model and of any
 * model whose weights are all within `distance` of this one's. */
double net_logit_bound(const float *model, const dataset *data, size_t row,
    double distance);

#endif
