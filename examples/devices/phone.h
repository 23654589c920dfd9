/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of an app on one customer's phone. It joins a session,
 * computes one gradient from its one record, and passes it to libsecagg.
 * Nothing else that is derived from the record leaves the phone. The phone
 * calls the server: it fetches a message, answers it, and is offline until its
 * next call. */
#ifndef DEVICES_PHONE_H
#define DEVICES_PHONE_H

#include <secagg.h>

#include "devices/model.h"

/* The task, which is part of the app: every phone accepts only sessions of
 * this task. The first segment is the gradient: an entry is cut to
 * [-GRADIENT_CLIP, GRADIENT_CLIP] and rounded to 2^VALUE_BITS steps. The
 * second segment is counts: first 1 from a phone that trains, then the bins of
 * a score, one of which a phone that tests sets to 1. */
#define GRADIENT_CLIP 2.0
#define VALUE_BITS 16
#define COUNTS (1 + 2 * BINS)
#define COUNT_BITS 16
#define SEGMENTS 2
#define TASK "libsecagg devices churn cubic v1"
#define MIN_PHONES 100
#define MAX_PHONES 5000

/* The share of colluding phones, and the exponents of the probabilities that
 * privacy or the session fails: see secagg_params_choose(). */
#define CORRUPT 0.05
#define SECURITY_BITS 40
#define FAILURE_BITS 20

/* An invitation: be32 length of the parameters, the parameters, the weights of
 * the global model. */
#define INVITE_HEAD 4

typedef struct phone {
    const float *measures; /* its one record */
    bool churns, tests;
    const scaling *scaling;
    secagg_client *client; /* NULL between sessions */
    uint64_t round;        /* of the last session */
    uint64_t next_round;   /* earlier rounds are over for this phone */
    uint64_t up, down;     /* bytes of messages in this session */
    double seconds;        /* of CPU in this session, set by fleet.c */
} phone;

/* Compute the input of a phone. A phone that tests has a gradient of zeros,
 * which the server cannot tell. */
void phone_input(float gradient[WEIGHTS], uint64_t counts[COUNTS],
    const phone *p, const model *m);

/* Take part as client `index`. After an error call phone_leave(). */
secagg_err phone_join(phone *p, uint32_t index, const uint8_t *invitation,
    size_t len);

/* Process a message from the server. After an error call phone_leave(). */
secagg_err phone_receive(phone *p, const uint8_t *msg, size_t len);

/* The answer is valid until the next call; its length is 0 if there is
 * none. */
secagg_err phone_answer(phone *p, const uint8_t **answer, size_t *len);

/* End the session. Its secrets are wiped with the handle. */
void phone_leave(phone *p);

#endif
