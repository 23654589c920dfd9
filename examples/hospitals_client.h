/* SPDX-License-Identifier: Apache-2.0 */
/* hospitals_client: a hospital. It is asked into a session, trains on its own
 * patients, and gives the weighted update to libsecagg; nothing else that is
 * made of its patients leaves it. */
#ifndef HOSPITALS_CLIENT_H
#define HOSPITALS_CLIENT_H

#include <secagg.h>

#include "hospitals_line.h"
#include "hospitals_net.h"

/* What every hospital agreed to before any session, and holds a coordinator
 * to: the segments are the tensors of the network; an update of a weight is
 * kept in [-UPDATE_CLIP, UPDATE_CLIP] and rounded to 2^VALUE_BITS steps. */
#define UPDATE_CLIP 0.5
#define VALUE_BITS 16
#define TASK "libsecagg hospitals 30-64-32-1 v1"

/* A hospital's training in one round. */
#define EPOCHS 2

/* The round before the first one: hospital 0 has just one new patient. */
#define ONE_PATIENT_ROUND 0

/* An invitation: be32 index, be32 length, the parameters, the global model. */
#define INVITE_HEAD 8

typedef struct hospital {
    uint32_t index;
    uint64_t seed;          /* of the training alone */
    const dataset *data;    /* it looks at its own patients only */
    secagg_client *client;  /* NULL between sessions */
    uint64_t round;         /* of the last session */
    uint64_t next_round;    /* rounds before it are over, and stay so */
    double seconds;         /* in the library in this session */
} hospital;

/* How the model changes at this hospital in a round, and on how many patients
 * that stands. A function of its arguments alone. */
uint64_t hospital_train(float update[WEIGHTS], const dataset *data,
    uint32_t index, uint64_t round, uint64_t seed, const neural_net *global);

/* The hospital's end of a line, in a process of its own or in this one. */
void hospital_serve(void *hospital, line *end);

#endif
