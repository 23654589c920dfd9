/* SPDX-License-Identifier: Apache-2.0 */
/* devices_phone: one customer's phone. It joins a session, makes one gradient
 * of its one record, and gives it to libsecagg; nothing else that is made of
 * the record leaves it. It calls the server, never the other way round: it
 * fetches a letter, answers, and is away until it calls again. */
#ifndef DEVICES_PHONE_H
#define DEVICES_PHONE_H

#include <secagg.h>

#include "common/clock.h"
#include "devices/model.h"

/* What every phone agreed to before any session, in the app that it runs, and
 * holds a server to. The first segment is the gradient: an entry is kept in
 * [-GRADIENT_CLIP, GRADIENT_CLIP] and rounded to 2^VALUE_BITS steps. The
 * second is counts: 1 from a phone that trains, then the bins of a score, of
 * which a phone that tests fills one. */
#define GRADIENT_CLIP 2.0
#define VALUE_BITS 16
#define COUNTS (1 + 2 * BINS)
#define COUNT_BITS 16
#define SEGMENTS 2
#define TASK "libsecagg devices churn cubic v1"

/* A fleet's shares: every phone holds a server to them, too. */
#define CORRUPT 0.05
#define SECURITY_BITS 40
#define FAILURE_BITS 20

/* An invitation: be32 length, the parameters, the weights of the model. */
#define INVITE_HEAD 4

typedef struct phone {
    const customer *own;   /* it looks at its own record only */
    const scaling *scaling;
    secagg_client *client; /* NULL between sessions */
    uint64_t round;        /* of the last session */
    uint64_t next_round;   /* rounds before it are over, and stay so */
    double seconds;        /* of CPU, in the library, in this session */
    uint64_t up, down;     /* bytes of messages */
} phone;

/* The least that a phone accepts of a session. */
secagg_policy phone_policy(void);

/* What a phone puts into the sum. */
void phone_input(float gradient[WEIGHTS], uint64_t counts[COUNTS],
    const model *m, const scaling *s, const customer *c);

/* Take part as client `index`, with a first look at who asks for what. */
secagg_err phone_join(phone *p, uint32_t index, const uint8_t *invitation,
    size_t len);

/* Hear what the server had. An error is the phone's alone: phone_leave. */
secagg_err phone_hear(phone *p, const uint8_t *letter, size_t len);

/* The answer, the library's until the next call; of no length: none. */
secagg_err phone_say(phone *p, const uint8_t **answer, size_t *len);

/* Over, well or not: the secrets go with the handle. */
void phone_leave(phone *p);

#endif
