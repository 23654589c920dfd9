/* SPDX-License-Identifier: Apache-2.0 */
/* hospitals_task: what every hospital agreed to before any session, and holds
 * a coordinator to; and what a hospital does in a round. */
#ifndef HOSPITALS_TASK_H
#define HOSPITALS_TASK_H

#include "common/client.h"
#include "hospitals/net.h"
#include "hospitals/options.h"

/* The segments are the tensors of the network; an update of a weight is kept
 * in [-UPDATE_CLIP, UPDATE_CLIP] and rounded to 2^VALUE_BITS steps. */
#define UPDATE_CLIP 0.5
#define VALUE_BITS 16
#define TASK "libsecagg hospitals 30-64-32-1 v1"

/* A hospital's training in one round. */
#define EPOCHS 2

/* The round before the first one: hospital 0 has just one new patient. */
#define ONE_PATIENT_ROUND 0

typedef struct hospital {
    participant host;
    uint64_t seed;       /* of the training alone */
    const dataset *data; /* it looks at its own patients only */
} hospital;

/* The parameters of each round but for session id and round number; segments
 * has room for TENSORS. */
void task_params(secagg_params *params, secagg_segment *segments,
    const options *own);

/* The least that a hospital accepts. */
secagg_policy task_policy(const options *own);

/* How the model changes at this hospital in a round, and on how many patients
 * that stands. A function of its arguments alone. */
uint64_t hospital_train(float update[WEIGHTS], const dataset *data,
    uint32_t index, uint64_t round, uint64_t seed, const neural_net *global);

/* The same, asked by a coordinator: a train_fn. */
secagg_err hospital_answer(void *owner, const secagg_params *params,
    const uint8_t *model, size_t len, float *update, uint64_t *weight);

#endif
