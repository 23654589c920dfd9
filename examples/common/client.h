/* SPDX-License-Identifier: Apache-2.0 */
/* example_client: the host of a client. It is asked into a session, lets its
 * owner train, and gives the weighted update to libsecagg; nothing else that
 * is made of the owner's data leaves it. */
#ifndef EXAMPLE_CLIENT_H
#define EXAMPLE_CLIENT_H

#include <secagg.h>

#include "common/line.h"
#include "common/registry.h"

/* An invitation: be32 index, be32 length, the parameters, the global model. */
#define INVITE_HEAD 8

/* A farewell: be32 error, without its sign, and the session. */
#define LEFT_BYTES (4 + SECAGG_SESSION_BYTES)

/* Train on from a model, of so many bytes: what changes, an entry for each of
 * the parameters' segments one after another, and the weight of it. The
 * parameters are the coordinator's choice. The library refuses what is unsound
 * or below its policy; whether they fit what was agreed, only the owner can
 * tell: SECAGG_ERR_POLICY where they do not. */
typedef secagg_err train_fn(void *owner, const secagg_params *params,
    const uint8_t *model, size_t len, float *update, uint64_t *weight);

/* Look at a message before it leaves. No honest owner changes any. */
typedef void tamper_fn(void *owner, uint64_t round, uint8_t *msg,
    size_t len);

typedef struct participant {
    const char *name; /* what it is: a hospital, a bank */
    uint32_t index;
    void *owner;
    train_fn *train;
    tamper_fn *tamper;     /* may be NULL */
    const registry *keys;  /* active sessions: whom to believe */
    const identity *own;   /* active sessions: who it is */
    secagg_policy policy;  /* the least that it accepts */
    secagg_client *client; /* NULL between sessions */
    uint8_t session[SECAGG_SESSION_BYTES]; /* the last one */
    uint64_t round;                        /* its round */
    uint64_t next_round;   /* rounds before it are over, and stay so */
    double seconds;        /* in the library in this session */
} participant;

/* The client's end of a line, in a process of its own or in this one. */
void participant_serve(void *self, line *end);

#endif
