/* SPDX-License-Identifier: Apache-2.0 */
#include "devices/phone.h"

#include <string.h>

#include "common/transport.h"

/* A phone that tests gives a gradient of zeros: the server cannot tell. */
void phone_input(float gradient[WEIGHTS], uint64_t counts[COUNTS],
    const model *m, const scaling *s, const customer *c)
{
    score own = { { 0 }, { 0 } };
    memset(gradient, 0, WEIGHTS * sizeof *gradient);
    counts[0] = !c->tests;
    if (c->tests)
        score_add(&own, model_logit(m, s, c), c->churns);
    else
        model_gradient(gradient, m, s, c);
    memcpy(counts + 1, own.stays, sizeof own.stays);
    memcpy(counts + 1 + BINS, own.churns, sizeof own.churns);
}

/* The parameters are the server's choice. The library refuses what is unsound
 * or below its policy; whether they fit the app that this phone runs, and
 * whether a round comes again, only the host can tell. */
static bool acceptable(const phone *p, const secagg_params *params)
{
    if (params->segment_count != SEGMENTS || params->clients < MIN_PHONES
        || params->round < p->next_round
        || memcmp(params->app_digest, TASK, SECAGG_DIGEST_BYTES) != 0)
        return false;
    const secagg_segment *gradient = &params->segments[0];
    const secagg_segment *counts = &params->segments[1];
    return gradient->length == WEIGHTS && gradient->kind == SECAGG_REAL
        && gradient->value_bits == VALUE_BITS
        && gradient->clip == GRADIENT_CLIP
        && gradient->rounding == SECAGG_STOCHASTIC
        && counts->length == COUNTS && counts->kind == SECAGG_INTEGER
        && counts->bits == COUNT_BITS;
}

static secagg_err give_input(phone *p, const float *gradient,
    const uint64_t *counts)
{
    secagg_err err = secagg_client_input_f32(p->client, 0, 0, gradient,
        WEIGHTS);
    if (err == SECAGG_OK)
        err = secagg_client_input_u64(p->client, 1, 0, counts, COUNTS);
    return err;
}

/* A phone may do its sums later, on the charger, while keys and shares travel:
 * the input is due with INPUT, not before. */
static secagg_err start_session(phone *p, uint32_t index,
    const secagg_params *params, const model *global)
{
    float gradient[WEIGHTS];
    uint64_t counts[COUNTS];
    secagg_policy policy = SECAGG_POLICY_INIT;
    if (!acceptable(p, params))
        return SECAGG_ERR_POLICY;
    policy.min_clients = MIN_PHONES;
    policy.min_corrupt = CORRUPT;
    phone_input(gradient, counts, global, p->scaling, p->own);
    double start = cpu_seconds();
    secagg_err err = secagg_client_new(&p->client, params, index, &policy);
    if (err == SECAGG_OK)
        err = give_input(p, gradient, counts);
    p->seconds = cpu_seconds() - start;
    p->round = params->round;
    secagg_wipe(gradient, sizeof gradient);
    secagg_wipe(counts, sizeof counts);
    return err;
}

/* A new session: whatever was left of the last one goes. */
secagg_err phone_join(phone *p, uint32_t index, const uint8_t *invitation,
    size_t len)
{
    secagg_params *params;
    model global;
    phone_leave(p);
    p->up = 0;
    p->down = 0;
    if (len < INVITE_HEAD)
        return SECAGG_ERR_MESSAGE;
    size_t size = read_be32(invitation), rest = len - INVITE_HEAD;
    if (size > rest || rest - size != sizeof global.weights)
        return SECAGG_ERR_MESSAGE;
    invitation += INVITE_HEAD;
    memcpy(global.weights, invitation + size, sizeof global.weights);
    secagg_err err = secagg_params_decode(&params, invitation, size);
    if (err != SECAGG_OK)
        return err;
    err = start_session(p, index, params, &global);
    secagg_params_free(params);
    return err;
}

secagg_err phone_hear(phone *p, const uint8_t *letter, size_t len)
{
    double start = cpu_seconds();
    secagg_err err = secagg_client_recv(p->client, letter, len);
    p->seconds += cpu_seconds() - start;
    p->down += len;
    return err;
}

/* Once a phone has opened its shares, the sum may be known. Were the same
 * gradient to go into a second sum, of other phones, the difference of both
 * would tell of few; hence the round is over for it. A real host keeps
 * next_round where it outlives the process, and before it sends. */
secagg_err phone_say(phone *p, const uint8_t **answer, size_t *len)
{
    double start = cpu_seconds();
    secagg_err err = secagg_client_send(p->client, answer, len);
    p->seconds += cpu_seconds() - start;
    if (err == SECAGG_OK)
        p->up += *len;
    if (secagg_client_phase(p->client) == SECAGG_PHASE_DONE)
        p->next_round = p->round + 1;
    return err;
}

void phone_leave(phone *p)
{
    secagg_client_free(p->client);
    p->client = NULL;
}
