/* SPDX-License-Identifier: Apache-2.0 */
#include "banks/task.h"

#include <string.h>

/* UNMASK (vectors/PROTOCOL.md, 8.1 and 8.11): the type is byte 2 of a header
 * of 48; an own share, a count and the first word stand before the first key
 * that is revealed. */
#define TYPE_AT 2
#define TYPE_UNMASK 9
#define FIRST_KEY_AT (48 + 32 + 4 + 4)

/* Complete graph: t shares open a secret, and 2 t > n + corrupt. A third of
 * the banks may collude with the coordinator in vain; n - t may drop out. */
void task_params(secagg_params *params, secagg_segment *segment,
    uint32_t banks)
{
    *params = (secagg_params)SECAGG_PARAMS_INIT;
    *segment = (secagg_segment){ .length = WEIGHTS, .kind = SECAGG_WEIGHTED,
        .value_bits = VALUE_BITS, .clip = UPDATE_CLIP };
    params->mode = SECAGG_ACTIVE;
    params->clients = banks;
    params->corrupt = banks / 3;
    params->threshold = (banks + params->corrupt) / 2 + 1;
    params->max_weight = MAX_LOANS;
    params->segments = segment;
    params->segment_count = 1;
    memcpy(params->app_digest, TASK, sizeof params->app_digest);
}

uint64_t bank_train(float update[WEIGHTS], const dataset *data,
    uint32_t index, uint64_t round, uint64_t seed, const scorecard *global)
{
    const loan *own = &data->loans[data->first[index]];
    size_t count = data->first[index + 1] - data->first[index];
    dice d = dice_new(seed, 1000 + round, index);
    scorecard model = *global;
    model_train(&model, own, count, EPOCHS, &d);
    for (size_t i = 0; i < WEIGHTS; i++)
        update[i] = model.weights[i] - global->weights[i];
    return count;
}

/* That the session is active is not asked here: the policy is (banks.c). */
static bool acceptable(const secagg_params *params)
{
    const secagg_segment *s = params->segments;
    return params->segment_count == 1 && params->max_weight <= MAX_LOANS
        && memcmp(params->app_digest, TASK, SECAGG_DIGEST_BYTES) == 0
        && s->length == WEIGHTS && s->kind == SECAGG_WEIGHTED
        && s->value_bits == VALUE_BITS && s->clip == UPDATE_CLIP
        && s->rounding == SECAGG_STOCHASTIC;
}

secagg_err bank_answer(void *owner, const secagg_params *params,
    const uint8_t *model, size_t len, float *update, uint64_t *weight)
{
    const bank *b = owner;
    scorecard global;
    if (!acceptable(params) || len != sizeof global.weights)
        return SECAGG_ERR_POLICY;
    memcpy(global.weights, model, len);
    *weight = bank_train(update, b->data, b->host.index, params->round,
        b->seed, &global);
    return SECAGG_OK;
}

/* A key that opens nothing, to spoil the sum unseen. */
void bank_tamper(void *owner, uint64_t round, uint8_t *msg, size_t len)
{
    const bank *b = owner;
    if (b->cheats_in == round && msg[TYPE_AT] == TYPE_UNMASK
        && len > FIRST_KEY_AT)
        msg[FIRST_KEY_AT] ^= 0xff;
}
