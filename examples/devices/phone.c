/* SPDX-License-Identifier: Apache-2.0 */
#include "devices/phone.h"

#include <string.h>

/* A complete graph does not scale to thousands of phones. On the sparse graph
 * each phone has a few dozen neighbours. The library chooses their number so
 * that the share CORRUPT of colluders and the expected dropouts are tolerated;
 * each phone checks the choice. */
/* The minimum that a phone accepts of a session. */
static secagg_policy phone_policy(void)
{
    secagg_policy policy = SECAGG_POLICY_INIT;
    policy.min_clients = MIN_PHONES;
    policy.min_corrupt = CORRUPT;
    return policy;
}

bool phone_params(secagg_params *params, secagg_segment segments[SEGMENTS],
    uint32_t phones, double dropouts)
{
    *params = (secagg_params)SECAGG_PARAMS_INIT;
    segments[0] = (secagg_segment){ .length = WEIGHTS, .kind = SECAGG_REAL,
        .value_bits = VALUE_BITS, .clip = GRADIENT_CLIP };
    segments[1] = (secagg_segment){ .length = COUNTS, .kind = SECAGG_INTEGER,
        .bits = COUNT_BITS };
    params->clients = phones;
    params->segments = segments;
    params->segment_count = SEGMENTS;
    memcpy(params->app_digest, TASK, sizeof params->app_digest);
    const secagg_policy policy = phone_policy();
    return secagg_params_choose(params, CORRUPT, dropouts, SECURITY_BITS,
               FAILURE_BITS, &policy, NULL, 0) == SECAGG_OK;
}

/* The server chose the parameters: are they those of the app? */
static bool acceptable(const secagg_params *params)
{
    if (params->segment_count != SEGMENTS
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

/* The input_fn of a phone. The input is due with INPUT and not before: a real
 * phone may compute it later, when it is charged, while keys and shares
 * travel. */
static secagg_err input(void *owner, secagg_client *client,
    const secagg_params *params, const uint8_t *bytes, size_t len)
{
    model global;
    float gradient[WEIGHTS];
    uint64_t counts[COUNTS];
    if (!acceptable(params) || len != sizeof global.weights)
        return SECAGG_ERR_POLICY;
    memcpy(global.weights, bytes, len);
    phone_input(gradient, counts, owner, &global);
    secagg_err err = secagg_client_input_f32(client, 0, 0, gradient, WEIGHTS);
    if (!err)
        err = secagg_client_input_u64(client, 1, 0, counts, COUNTS);
    secagg_wipe(gradient, sizeof gradient);
    secagg_wipe(counts, sizeof counts);
    return err;
}

void phone_init(phone *p, const scaling *s, const float *measures, bool churns,
    bool tests)
{
    *p = (phone){ .measures = measures, .churns = churns, .tests = tests,
        .scaling = s };
    p->host.owner = p;
    p->host.input = input;
    p->host.policy = phone_policy();
}

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
