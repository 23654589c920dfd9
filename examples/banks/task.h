/* SPDX-License-Identifier: Apache-2.0 */
/* banks_task: what every bank agreed to before any session, and holds a
 * coordinator to; and what a bank does in a round. */
#ifndef BANKS_TASK_H
#define BANKS_TASK_H

#include "banks/model.h"
#include "common/client.h"

/* One segment: a change of each weight, kept in [-UPDATE_CLIP, UPDATE_CLIP]
 * and rounded to 2^VALUE_BITS steps. */
#define UPDATE_CLIP 0.5
#define VALUE_BITS 16
#define TASK "libsecagg banks scorecard 26-1 v1"

/* A bank's training in one round. */
#define EPOCHS 1

typedef struct bank {
    participant host;
    uint64_t seed;       /* of the training alone */
    uint64_t cheats_in;  /* round in which its program is not ours; 0: never */
    const dataset *data; /* it looks at its own loans only */
} bank;

/* The parameters of each round but for session id and round number. */
void task_params(secagg_params *params, secagg_segment *segment,
    uint32_t banks);

/* How the model changes at this bank in a round, and on how many loans that
 * stands. A function of its arguments alone. */
uint64_t bank_train(float update[WEIGHTS], const dataset *data,
    uint32_t index, uint64_t round, uint64_t seed, const scorecard *global);

/* The same, asked by a coordinator: a train_fn. */
secagg_err bank_answer(void *owner, const secagg_params *params,
    const uint8_t *model, size_t len, float *update, uint64_t *weight);

/* What a bank with a program of its own does to its messages: a tamper_fn. */
void bank_tamper(void *owner, uint64_t round, uint8_t *msg, size_t len);

#endif
