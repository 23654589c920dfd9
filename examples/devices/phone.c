/* SPDX-License-Identifier: Apache-2.0 */
#include "devices/phone.h"

#include <string.h>

#include "common/transport.h"

void phone_input(float gradient[WEIGHTS], uint64_t counts[COUNTS],
    const phone *p, const model *m)
{
    score own = { { 0 }, { 0 } };
    memset(gradient, 0, WEIGHTS * sizeof *gradient);
    counts[0] = !p->tests;
    if (p->tests)
        score_add(&own, model_logit(m, p->scaling, p->measures), p->churns);
    else
        model_gradient(gradient, m, p->scaling, p->measures, p->churns);
    memcpy(counts + 1, own.stays, sizeof own.stays);
    memcpy(counts + 1 + BINS, own.churns, sizeof own.churns);
}

/* The server chose the parameters. The library rejects unsound ones and those
 * below its policy. Whether they are those of the app, and whether a round is
 * repeated in which this phone has opened shares, only the host can tell. */
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

/* The input is due with INPUT and not before: a phone may compute it later,
 * when it is charged, while keys and shares travel. */
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
    phone_input(gradient, counts, p, global);
    secagg_err err = secagg_client_new(&p->client, params, index, &policy);
    if (!err)
        err = secagg_client_input_f32(p->client, 0, 0, gradient, WEIGHTS);
    if (!err)
        err = secagg_client_input_u64(p->client, 1, 0, counts, COUNTS);
    p->round = params->round;
    secagg_wipe(gradient, sizeof gradient);
    secagg_wipe(counts, sizeof counts);
    return err;
}

/* An invitation to a new session ends the last one. */
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
    if (err)
        return err;
    err = start_session(p, index, params, &global);
    secagg_params_free(params);
    return err;
}

secagg_err phone_receive(phone *p, const uint8_t *msg, size_t len)
{
    p->down += len;
    return secagg_client_recv(p->client, msg, len);
}

/* Once the phone has opened its shares, the server may know the sum. If the
 * same gradient went into a second sum, over other phones, the difference of
 * the two would reveal the sum over few. Hence the round is over for this
 * phone. A real host stores next_round where it outlives the process, before
 * it sends. */
secagg_err phone_answer(phone *p, const uint8_t **answer, size_t *len)
{
    secagg_err err = secagg_client_send(p->client, answer, len);
    if (!err)
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
