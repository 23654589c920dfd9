/* SPDX-License-Identifier: Apache-2.0 */
/* hospitals_net: a small neural network, 30-64-32-1, tanh inside and the
 * logistic loss on its one output (a logit: positive means malignant). */
#ifndef HOSPITALS_NET_H
#define HOSPITALS_NET_H

#include "hospitals/data.h"

#define LAYERS 3
#define TENSORS (2 * LAYERS) /* weights and biases of each layer, in turn */
#define WEIGHTS (64 * 30 + 64 + 32 * 64 + 32 + 1 * 32 + 1)

extern const size_t tensor_sizes[TENSORS];

typedef struct neural_net {
    float weights[WEIGHTS]; /* tensor after tensor; rows are neurons */
} neural_net;

void net_start(neural_net *model, uint64_t seed);

/* One step of gradient descent on one patient. */
void net_step(neural_net *model, const patient *p, double rate);

/* As many steps as `epochs` times the patients, each on one at random. */
void net_train(neural_net *model, const patient *patients, size_t count,
    unsigned epochs, dice *d);

double net_logit(const neural_net *model, const patient *p);
double net_accuracy(const neural_net *model, const patient *patients,
    size_t count);

/* The most by which the logit may differ in a network each of whose weights
 * is within `difference` of this one's. */
double net_logit_bound(const neural_net *model, const patient *p,
    double difference);

#endif
