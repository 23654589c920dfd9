/* SPDX-License-Identifier: Apache-2.0 */
#include "hospitals_client.h"

#include <stdio.h>
#include <string.h>

#define ONE_PATIENT_RATE 0.01

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

static uint32_t read_be32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8
        | b[3];
}

/* The parameters are the coordinator's choice. The library refuses what is
 * unsound or below its policy; whether they fit what was agreed, and whether
 * a round comes again, only the host can tell. */
static bool acceptable(const hospital *h, const secagg_params *params)
{
    if (params->segment_count != TENSORS || params->max_weight > MAX_PATIENTS
        || params->round < h->next_round
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

/* Weight first, then one piece a tensor. */
static secagg_err give_input(hospital *h, const float *update,
    uint64_t patients)
{
    secagg_err err = secagg_client_weight(h->client, patients);
    for (size_t i = 0; err == SECAGG_OK && i < TENSORS; i++) {
        err = secagg_client_input_f32(h->client, i, 0, update,
            tensor_sizes[i]);
        update += tensor_sizes[i];
    }
    return err;
}

static secagg_err start_session(hospital *h, const secagg_params *params,
    const neural_net *global)
{
    float update[WEIGHTS];
    if (!acceptable(h, params))
        return SECAGG_ERR_POLICY;
    uint64_t patients = hospital_train(update, h->data, h->index,
        params->round, h->seed, global);
    double start = seconds_now();
    secagg_err err = secagg_client_new(&h->client, params, h->index, NULL);
    if (err == SECAGG_OK)
        err = give_input(h, update, patients);
    h->round = params->round;
    h->seconds = seconds_now() - start;
    secagg_wipe(update, sizeof update);
    return err;
}

/* A new session: whatever was left of the last one goes. */
static secagg_err join(hospital *h, const frame *invite)
{
    const uint8_t *bytes = invite->bytes;
    secagg_params *params;
    neural_net global;
    secagg_client_free(h->client);
    h->client = NULL;
    if (invite->len < INVITE_HEAD)
        return SECAGG_ERR_MESSAGE;
    size_t len = read_be32(bytes + 4), rest = invite->len - INVITE_HEAD;
    if (read_be32(bytes) != h->index || len > rest
        || rest - len != sizeof global.weights)
        return SECAGG_ERR_MESSAGE;
    memcpy(global.weights, bytes + INVITE_HEAD + len, sizeof global.weights);
    secagg_err err = secagg_params_decode(&params, bytes + INVITE_HEAD, len);
    if (err != SECAGG_OK)
        return err;
    err = start_session(h, params, &global);
    secagg_params_free(params);
    return err;
}

/* An error here is either a message that does not fit, and nothing changed, or
 * the end of the session: the phase tells which, and why. */
static void hear(hospital *h, const frame *message)
{
    if (h->client == NULL)
        return; /* left over from a session that is gone */
    double start = seconds_now();
    secagg_err err = secagg_client_recv(h->client, message->bytes,
        message->len);
    h->seconds += seconds_now() - start;
    if (err != SECAGG_OK
        && secagg_client_phase(h->client) != SECAGG_PHASE_FAILED)
        fprintf(stderr, "hospital %u: passed over a message: %s\n", h->index,
            secagg_strerror(err));
}

static void send_time(const hospital *h, line *end)
{
    uint64_t us = (uint64_t)(h->seconds * 1e6);
    uint8_t bytes[4] = { (uint8_t)(us >> 24), (uint8_t)(us >> 16),
        (uint8_t)(us >> 8), (uint8_t)us };
    (void)end->send(end, FRAME_TIME, bytes, sizeof bytes);
}

/* Say all that there is to say. The message is the library's, and is gone
 * with the next call: a transport that keeps it must copy it. */
static secagg_err talk(hospital *h, line *end)
{
    const uint8_t *msg;
    size_t len = 1;
    while (h->client != NULL && len > 0) {
        double start = seconds_now();
        secagg_err err = secagg_client_send(h->client, &msg, &len);
        h->seconds += seconds_now() - start;
        if (err != SECAGG_OK)
            return err;
        if (len == 0)
            break;
        send_time(h, end);
        if (!end->send(end, FRAME_MESSAGE, msg, len))
            break; /* the line is down; receive will say so, too */
    }
    return SECAGG_OK;
}

/* Over, well or not: the secrets go with the handle. */
static void leave(hospital *h, secagg_err err)
{
    bool told = err == SECAGG_ERR_THRESHOLD; /* the coordinator prints it */
    if (err != SECAGG_OK && !told)
        fprintf(stderr, "hospital %u: %s\n", h->index, secagg_strerror(err));
    secagg_client_free(h->client);
    h->client = NULL;
}

/* Once a hospital has opened its shares, the sum may be known. Were the same
 * update to go into a second sum, of other hospitals, the difference of both
 * would tell of few; hence the round is over for it, and a real host keeps
 * next_round where it outlives the process.
 *
 * A message that is refused and changes nothing (a late or a foreign one) is
 * passed over. A session that has failed has said so to the server, by an
 * ABORT, and is left. */
static void settle(hospital *h, secagg_err err)
{
    secagg_phase phase = h->client != NULL ? secagg_client_phase(h->client)
                                           : SECAGG_PHASE_KEYS;
    if (phase == SECAGG_PHASE_DONE)
        h->next_round = h->round + 1;
    if (phase == SECAGG_PHASE_FAILED)
        leave(h, secagg_client_why(h->client));
    else if (phase == SECAGG_PHASE_DONE || err != SECAGG_OK)
        leave(h, err);
}

/* The client's host loop, whole. */
void hospital_serve(void *self, line *end)
{
    hospital *h = self;
    frame *got;
    while ((got = end->receive(end)) != NULL) {
        secagg_err err = SECAGG_OK;
        if (got->kind == FRAME_INVITE)
            err = join(h, got);
        else if (got->kind == FRAME_MESSAGE)
            hear(h, got);
        if (err == SECAGG_OK)
            err = talk(h, end);
        settle(h, err);
        frame_free(got);
    }
}
