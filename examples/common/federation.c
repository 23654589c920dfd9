/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L

#include "common/federation.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

/* For rounding in double precision while a plain mean is computed. */
#define DOUBLE_SLACK 1e-12

/* ---- the task ------------------------------------------------------------ */

static void set_name(uint8_t digest[SECAGG_DIGEST_BYTES], const char *name)
{
    size_t len = strlen(name);
    memset(digest, 0, SECAGG_DIGEST_BYTES);
    memcpy(digest, name, len < SECAGG_DIGEST_BYTES ? len
                                                   : SECAGG_DIGEST_BYTES);
}

/* A secret has h shares: one for each party or, on the ring, for a party and
 * its k neighbours. t shares open it, and 2 t > h + corrupt, so that h - t
 * parties may drop out. On the ring k is even, and k = n - 1 would be the
 * complete graph. */
static void set_threshold(federation *f, bool ring)
{
    secagg_params *params = &f->params;
    uint32_t n = f->parties, holders = n;
    if (ring) {
        params->neighbours = (n - 2) / 2 * 2;
        holders = params->neighbours + 1;
    }
    params->corrupt = n / 3;
    params->threshold = (holders + params->corrupt) / 2 + 1;
    f->spare = holders - params->threshold;
    if (ring)
        params->min_survivors = n - f->spare;
}

void federation_params(federation *f, bool ring)
{
    const task *t = f->task;
    secagg_params *params = &f->params;
    *params = (secagg_params)SECAGG_PARAMS_INIT;
    memset(f->segments, 0, sizeof f->segments);
    for (size_t i = 0; i < t->tensor_count; i++) {
        f->segments[i].length = t->tensors[i];
        f->segments[i].kind = SECAGG_WEIGHTED;
        f->segments[i].value_bits = t->value_bits;
        f->segments[i].clip = t->clip;
    }
    params->clients = f->parties;
    params->mode = f->active ? SECAGG_ACTIVE : SECAGG_SEMI_HONEST;
    set_threshold(f, ring);
    params->max_weight = t->max_rows;
    params->segments = f->segments;
    params->segment_count = t->tensor_count;
    set_name(params->app_digest, t->name);
}

bool federation_choose_drop(federation *f)
{
    if (f->drop == UINT32_MAX)
        f->drop = f->spare < 3 ? f->spare : 3;
    if (f->drop > f->spare)
        fprintf(stderr, "--drop %u is too many: %u parties with a threshold of "
                        "%u can lose %u\n", f->drop, f->parties,
            f->params.threshold, f->spare);
    return f->drop <= f->spare;
}

/* Whether the parameters, which the server chose, are those of the task. The
 * threshold and the mode are checked by the library, against the policy. */
static bool acceptable(const task *t, const secagg_params *params)
{
    uint8_t digest[SECAGG_DIGEST_BYTES];
    set_name(digest, t->name);
    if (params->segment_count != t->tensor_count
        || params->max_weight > t->max_rows
        || memcmp(params->app_digest, digest, sizeof digest) != 0)
        return false;
    for (size_t i = 0; i < t->tensor_count; i++) {
        const secagg_segment *s = &params->segments[i];
        if (s->length != t->tensors[i] || s->kind != SECAGG_WEIGHTED
            || s->value_bits != t->value_bits || s->clip != t->clip
            || s->rounding != SECAGG_STOCHASTIC)
            return false;
    }
    return true;
}

uint64_t federation_update(float *update, const federation *f, uint32_t index,
    uint64_t round, const float *model)
{
    size_t weights = f->task->weights;
    rng r = rng_new(f->seed, 1000 + round, index);
    memcpy(update, model, weights * sizeof *update);
    uint64_t weight = f->task->train(update, &f->data, index, round, &r);
    for (size_t k = 0; k < weights; k++)
        update[k] -= model[k];
    return weight;
}

/* The weight comes first, then each segment in one piece. */
static secagg_err set_input(secagg_client *client, const task *t,
    const float *update, uint64_t weight)
{
    secagg_err err = secagg_client_weight(client, weight);
    for (size_t i = 0; !err && i < t->tensor_count; i++) {
        err = secagg_client_input_f32(client, i, 0, update, t->tensors[i]);
        update += t->tensors[i];
    }
    return err;
}

/* The input_fn of a party. */
static secagg_err input(void *owner, secagg_client *client,
    const secagg_params *params, const uint8_t *model, size_t len)
{
    const party *p = owner;
    const task *t = p->all->task;
    float global[MAX_WEIGHTS], update[MAX_WEIGHTS];
    if (!acceptable(t, params) || len != t->weights * sizeof *global)
        return SECAGG_ERR_POLICY;
    memcpy(global, model, len);
    double start = cpu_seconds();
    uint64_t weight = federation_update(update, p->all, p->host.index,
        params->round, global);
    p->meter->training += cpu_seconds() - start;
    secagg_err err = set_input(client, t, update, weight);
    secagg_wipe(update, sizeof update);
    return err;
}

/* ---- the parties --------------------------------------------------------- */

static void open_party(federation *f, uint32_t i)
{
    party *p = &f->party[i];
    p->all = f;
    p->meter = &f->meters[i];
    p->host.index = i;
    p->host.owner = p;
    p->host.input = input;
    p->host.policy = f->policy;
    p->host.registry = f->registry;
    p->host.identity = &f->identities[i];
    p->host.observer = meter_observer(p->meter);
    f->clients[i] = &p->host;
}

bool federation_open(federation *f)
{
    f->live = isatty(STDOUT_FILENO);
    f->comparison = comparison_new(f->task->clip, f->task->value_bits,
        DOUBLE_SLACK);
    f->meters = shared_memory(MAX_PARTIES * sizeof *f->meters);
    if (f->active)
        f->registry = registry_new(f->parties, f->identities);
    if (f->meters == NULL || (f->active && f->registry == NULL)
        || !network_open(&f->net, f->processes ? &transport_processes
                                               : &transport_memory,
            f->parties, participant_run, f->clients)) {
        fprintf(stderr, "no memory for %u parties\n", f->parties);
        return false;
    }
    for (uint32_t i = 0; i < f->parties; i++)
        open_party(f, i);
    return true;
}

void federation_close(federation *f)
{
    network_close(&f->net);
    for (uint32_t i = 0; i < f->parties; i++)
        secagg_client_free(f->party[i].host.client);
    secagg_wipe(f->identities, sizeof f->identities);
    registry_free(f->registry);
    shared_memory_free(f->meters, MAX_PARTIES * sizeof *f->meters);
    dataset_free(&f->data);
}

session federation_session(federation *f, uint64_t round)
{
    session s = { .params = f->params, .net = &f->net,
        .registry = f->registry, .model = f->secure,
        .model_length = f->task->weights, .timeout = 10, .restarts = f->restarts };
    s.params.round = round;
    (void)network_start(&f->net);
    return s;
}

/* ---- learning ------------------------------------------------------------ */

/* Compute the weighted mean of the updates to `model` of all parties in the
 * session's sum. */
static plain_sum plain_mean(const federation *f, double *mean,
    const session *s, uint64_t round, const float *model)
{
    float update[MAX_WEIGHTS];
    plain_sum plain = plain_sum_new(mean, f->task->weights, f->task->clip);
    for (uint32_t i = 0; i < f->parties; i++)
        if (secagg_server_includes(s->server, i))
            plain_sum_add(&plain, update, federation_update(update, f, i,
                round, model));
    plain_sum_divide(&plain);
    return plain;
}

static void add_mean(const federation *f, float *model, const double *mean)
{
    for (size_t k = 0; k < f->task->weights; k++)
        model[k] = (float)((double)model[k] + mean[k]);
}

/* In one round two models move apart by at most the bound of the means, and by
 * one rounding to float in each. */
static double round_distance(const federation *f)
{
    double max = 0;
    for (size_t k = 0; k < f->task->weights; k++)
        max = fmax(max, fmax(fabs((double)f->secure[k]),
            fabs((double)f->reference[k])));
    return f->comparison.bound + (double)FLT_EPSILON * max;
}

secagg_err federation_learn(federation *f, const session *s, uint64_t round)
{
    double secure[MAX_WEIGHTS], mean[MAX_WEIGHTS];
    secagg_err err = session_mean(s, secure);
    if (err)
        return err;
    plain_sum plain = plain_mean(f, mean, s, round, f->secure);
    comparison_add(&f->comparison, secure, &plain, 1);
    f->comparison.failures +=
        plain.weight != secagg_server_weight(s->server);
    add_mean(f, f->secure, secure);
    add_mean(f, f->reference, mean);
    f->distance += round_distance(f);
    (void)plain_mean(f, mean, s, round, f->plain);
    add_mean(f, f->plain, mean);
    return SECAGG_OK;
}

void federation_train_alone(const federation *f, float *model,
    uint32_t index)
{
    float update[MAX_WEIGHTS];
    for (uint64_t round = 1; round <= f->rounds; round++) {
        (void)federation_update(update, f, index, round, model);
        for (size_t k = 0; k < f->task->weights; k++)
            model[k] += update[k];
    }
}

/* The same as one party that has all rows. */
void federation_train_together(const federation *f, float *model)
{
    dataset all = f->data;
    rng r = rng_new(f->seed, 3000, 0);
    all.first[0] = 0;
    all.first[1] = all.training;
    for (uint64_t round = 1; round <= f->rounds; round++)
        (void)f->task->train(model, &all, 0, round, &r);
}
