/* SPDX-License-Identifier: Apache-2.0 */
#include "hospitals/task.h"

#include <string.h>

#define ONE_PATIENT_RATE 0.01

/* Complete graph: t shares open a secret, and 2 t > n + corrupt. A third of
 * the hospitals may collude with the server in vain, which is what a client
 * asks for by default; n - t may drop out. On the ring the same holds of a
 * hospital and its k neighbours. */
void task_params(secagg_params *params, secagg_segment *segments,
    const options *own)
{
    *params = (secagg_params)SECAGG_PARAMS_INIT;
    memset(segments, 0, TENSORS * sizeof *segments);
    for (size_t i = 0; i < TENSORS; i++) {
        segments[i].length = tensor_sizes[i];
        segments[i].kind = SECAGG_WEIGHTED;
        segments[i].value_bits = VALUE_BITS;
        segments[i].clip = UPDATE_CLIP;
    }
    params->clients = own->hospitals;
    params->mode = own->active ? SECAGG_ACTIVE : SECAGG_SEMI_HONEST;
    params->corrupt = own->hospitals / 3;
    params->neighbours = options_neighbours(own);
    params->threshold = options_threshold(own);
    if (own->sparse)
        params->min_survivors = own->hospitals - options_spare(own);
    params->max_weight = MAX_PATIENTS;
    params->segments = segments;
    params->segment_count = TENSORS;
    memcpy(params->app_digest, TASK, sizeof params->app_digest);
}

/* The default policy lets a third collude, on both graphs, but takes no ring
 * of so few clients. Here nothing is left to chance on a ring either, because
 * it is nearly complete: whoever a hospital's k neighbours are, no more than
 * all n / 3 colluders are among them, and `corrupt` is as many; and colluders
 * and lost ones together are fewer than k, so that they cut no ring in two.
 * Whoever agreed on active sessions takes no other. */
secagg_policy task_policy(const options *own)
{
    secagg_policy policy = SECAGG_POLICY_INIT;
    policy.min_ring = MIN_RING;
    policy.min_corrupt = 1.0 / 3;
    policy.require_active = own->active;
    return policy;
}

uint64_t hospital_train(float update[WEIGHTS], const dataset *data,
    uint32_t index, uint64_t round, uint64_t seed, const neural_net *global)
{
    const patient *own = &data->patients[data->first[index]];
    size_t count = data->first[index + 1] - data->first[index];
    dice d = dice_new(seed, 1000 + round, index);
    neural_net model = *global;
    if (round == ONE_PATIENT_ROUND && index == 0) {
        net_step(&model, own, ONE_PATIENT_RATE);
        count = 1;
    } else {
        net_train(&model, own, count, EPOCHS, &d);
    }
    for (size_t i = 0; i < WEIGHTS; i++)
        update[i] = model.weights[i] - global->weights[i];
    return count;
}

static bool acceptable(const secagg_params *params)
{
    if (params->segment_count != TENSORS || params->max_weight > MAX_PATIENTS
        || memcmp(params->app_digest, TASK, SECAGG_DIGEST_BYTES) != 0)
        return false;
    for (size_t i = 0; i < TENSORS; i++) {
        const secagg_segment *s = &params->segments[i];
        if (s->length != tensor_sizes[i] || s->kind != SECAGG_WEIGHTED
            || s->value_bits != VALUE_BITS || s->clip != UPDATE_CLIP
            || s->rounding != SECAGG_STOCHASTIC)
            return false;
    }
    return true;
}

secagg_err hospital_answer(void *owner, const secagg_params *params,
    const uint8_t *model, size_t len, float *update, uint64_t *weight)
{
    const hospital *h = owner;
    neural_net global;
    if (!acceptable(params) || len != sizeof global.weights)
        return SECAGG_ERR_POLICY;
    memcpy(global.weights, model, len);
    *weight = hospital_train(update, h->data, h->host.index, params->round,
        h->seed, &global);
    return SECAGG_OK;
}
