/* SPDX-License-Identifier: Apache-2.0 */
/* leaks: what leaks.c, which knows all secrets, and leaks_party.c, whose memory
 * it searches, agree on. Both use the public interface for it. */
#ifndef LEAKS_H
#define LEAKS_H

#include <secagg.h>
#include <stdio.h>
#include <stdlib.h>

#define MUST(condition)                                                       \
    do {                                                                      \
        if (!(condition)) {                                                   \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);   \
            exit(2);                                                          \
        }                                                                     \
    } while (0)

#define CLIENTS 5
#define THRESHOLD 4
#define LENGTH 600
#define MESSAGE_MAX (1 << 18)

/* Where the party stops for a search. */
typedef enum moment {
    RUNNING, SHARES_SENT, INPUT_SENT, SURVIVORS_RECEIVED, UNMASK_SENT, OVER
} moment;

/* What the party does. */
typedef enum scenario {
    WHOLE,         /* a client: all phases, then free */
    FREED_SHARES,  /* freed after SHARES */
    FREED_INPUT,   /* freed after INPUT */
    BAD_RELAY,     /* fails because of a false RELAY, then is freed */
    BAD_SURVIVORS, /* the same with the message after INPUT */
    SAVED,         /* saved and resumed in each phase; all copies are freed */
    LEFT,          /* as WHOLE, but keeps a copy of the seed */
    SERVER,        /* a server: all phases, then free */
    SCENARIOS
} scenario;

/* The input of a client. */
typedef struct input {
    uint64_t weight, integers[LENGTH];
    double doubles[LENGTH];
    float floats[LENGTH];
} input;

/* What the party reads first; then the messages that it receives, each after
 * its length and, for a server, its sender. */
typedef struct start {
    uint32_t mode, suite;
    uint8_t seed[SECAGG_SEED_BYTES];
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES];
    uint8_t public_keys[CLIENTS][SECAGG_PUBLIC_BYTES];
    input input;
} start;

typedef struct message_head {
    uint32_t len, from;
} message_head;

static inline secagg_params leaks_params(uint32_t mode, uint32_t suite)
{
    static secagg_segment segments[3];
    secagg_params p = SECAGG_PARAMS_INIT;

    segments[0] = (secagg_segment){ .length = LENGTH, .bits = 64 };
    segments[1] = (secagg_segment){ .length = LENGTH, .value_bits = 20,
        .kind = SECAGG_WEIGHTED, .clip = 1.0 };
    segments[2] = (secagg_segment){ .length = LENGTH, .value_bits = 16,
        .kind = SECAGG_REAL, .clip = 1.0 };
    p.mode = mode;
    p.suite = suite;
    p.clients = CLIENTS;
    p.threshold = THRESHOLD;
    p.corrupt = 1;
    p.min_survivors = THRESHOLD;
    p.max_weight = 0xfffffff0;
    p.segments = segments;
    p.segment_count = 3;
    return p;
}

static inline secagg_err leaks_give(secagg_client *c, const input *in)
{
    secagg_err err = secagg_client_weight(c, in->weight);

    if (err == SECAGG_OK)
        err = secagg_client_input_u64(c, 0, 0, in->integers, LENGTH);
    if (err == SECAGG_OK)
        err = secagg_client_input_f64(c, 1, 0, in->doubles, LENGTH);
    if (err == SECAGG_OK)
        err = secagg_client_input_f32(c, 2, 0, in->floats, LENGTH);
    return err;
}

#endif
