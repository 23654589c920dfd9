/* SPDX-License-Identifier: Apache-2.0 */
/* Federated averaging among parties of one kind, hospitals or banks: the task
 * that they agree on, and the state of a demo that plays them all. */
#ifndef EXAMPLE_FEDERATION_H
#define EXAMPLE_FEDERATION_H

#include "common/compare.h"
#include "common/dataset.h"
#include "common/rng.h"
#include "common/watch.h"

/* All that the parties agree on before any session. */
typedef struct task {
    const char *name;  /* goes into the parameters of each session */
    const char *party; /* in messages: "hospital" */
    const size_t *tensors; /* weights of each tensor: a segment each */
    size_t tensor_count, weights; /* weights of all tensors */
    double clip;         /* an update of a weight is cut to [-clip, clip] */
    uint32_t value_bits; /* and rounded to 2^value_bits - 1 levels */
    uint64_t max_rows;   /* of a party: the maximum weight of an update */
    /* Train a model on the rows of a party for one round, in place. Returns
     * the number of rows, which is the weight of the update. */
    uint64_t (*train)(float *model, const dataset *data, uint32_t index,
        uint64_t round, rng *r);
} task;

struct federation;

typedef struct party {
    participant host;
    const struct federation *all; /* it looks at its own rows only */
    meter *meter;
} party;

typedef struct federation {
    /* set by the demo */
    const task *task;
    uint32_t parties;
    uint64_t rounds, seed;
    bool processes, active, restarts;
    uint32_t drop; /* parties that are lost in each round */
    dataset data;
    secagg_policy policy; /* of each party */
    /* set by federation_open() */
    secagg_params params; /* of each session, without round and id */
    secagg_segment segments[MAX_TENSORS];
    uint32_t spare; /* parties that a session can lose */
    registry *registry; /* of active sessions */
    identity identities[MAX_PARTIES];
    party party[MAX_PARTIES];
    void *clients[MAX_PARTIES];
    meter *meters;
    network net;
    bool live; /* the output is a terminal */
    /* the models */
    float secure[MAX_WEIGHTS];    /* trained by secure means */
    float reference[MAX_WEIGHTS]; /* by plain means of the same updates */
    float plain[MAX_WEIGHTS];     /* a training of its own, by plain means */
    comparison comparison;        /* of all means, and of sums of weights */
    double distance; /* bound: of a weight in `secure` and in `reference` */
} federation;

/* Choose the parameters: a third of the parties may collude with the server,
 * and the threshold is the minimum for that. On the ring each party has the
 * maximum of neighbours. */
void federation_params(federation *f, bool ring);

/* Check f->drop; if it is UINT32_MAX, choose as many as possible, up to 3.
 * False: it is too many, printed to stderr. */
bool federation_choose_drop(federation *f);

/* Start all parties. False: no memory, printed to stderr. */
bool federation_open(federation *f);
void federation_close(federation *f);

/* A session of a round, with all clients running. */
session federation_session(federation *f, uint64_t round);

/* How the model changes at a party in a round: a function of the arguments
 * and the seed. Returns the weight of the update. */
uint64_t federation_update(float *update, const federation *f, uint32_t index,
    uint64_t round, const float *model);

/* Read the mean of a session, compare it with the plain mean of the same
 * updates, and change the models. */
secagg_err federation_learn(federation *f, const session *s, uint64_t round);

/* For comparison: as many rounds at one party alone, or with the rows of all
 * in one place. `model` is the initial model. */
void federation_train_alone(const federation *f, float *model,
    uint32_t index);
void federation_train_together(const federation *f, float *model);

#endif
