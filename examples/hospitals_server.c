/* SPDX-License-Identifier: Apache-2.0 */
#include "hospitals_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE 10.0     /* seconds for a phase, training included */
#define PATIENCE_HANG 0.5 /* where one is known to hang: no need to wait */

typedef struct session {
    secagg_server *server;
    const secagg_params *params;
    const session_plan *plan;
    network *net;
    session_result *result;
} session;

static const char *const phase_names[] = { "KEYS", "SHARES", "INPUT",
    "CONFIRM", "UNMASK" };

/* Complete graph: t shares open a secret, and 2 t > n + corrupt. A third of
 * the hospitals may collude with the server in vain, which is what a client
 * asks for by default; n - t may drop out. */
void session_params(secagg_params *params, secagg_segment *segments,
    uint32_t hospitals)
{
    *params = (secagg_params)SECAGG_PARAMS_INIT;
    memset(segments, 0, TENSORS * sizeof *segments);
    for (size_t i = 0; i < TENSORS; i++) {
        segments[i].length = tensor_sizes[i];
        segments[i].kind = SECAGG_WEIGHTED;
        segments[i].value_bits = VALUE_BITS;
        segments[i].clip = UPDATE_CLIP;
    }
    params->clients = hospitals;
    params->corrupt = hospitals / 3;
    params->threshold = (hospitals + params->corrupt) / 2 + 1;
    params->max_weight = MAX_PATIENTS;
    params->segments = segments;
    params->segment_count = TENSORS;
    memcpy(params->app_digest, TASK, sizeof params->app_digest);
}

static uint8_t *write_be32(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
    return at + 4;
}

/* Weights travel as this machine keeps them: all hospitals are on it. */
static secagg_err invite_all(session *s, const neural_net *global)
{
    size_t len = secagg_params_encoded_size(s->params);
    size_t size = INVITE_HEAD + len + sizeof global->weights;
    uint8_t *bytes = malloc(size);
    if (bytes == NULL)
        return SECAGG_ERR_MEMORY;
    secagg_err err = secagg_params_encode(s->params, bytes + INVITE_HEAD,
        len);
    memcpy(bytes + INVITE_HEAD + len, global->weights,
        sizeof global->weights);
    for (uint32_t i = 0; err == SECAGG_OK && i < s->params->clients; i++) {
        line *end = &s->net->here[i];
        write_be32(write_be32(bytes, i), len);
        if (s->net->alive[i])
            (void)end->send(end, FRAME_INVITE, bytes, size);
    }
    free(bytes);
    return err;
}

/* Pass on what this phase has for each client. Who cannot be reached will be
 * silent, and that is seen soon enough. */
static secagg_err deliver(session *s)
{
    const uint8_t *msg;
    size_t len;
    for (uint32_t i = 0; i < s->params->clients; i++) {
        line *end = &s->net->here[i];
        double start = seconds_now();
        secagg_err err = secagg_server_send(s->server, i, &msg, &len);
        s->result->server_seconds += seconds_now() - start;
        if (err != SECAGG_OK)
            return err;
        if (len == 0 || !s->net->alive[i])
            continue;
        if (end->send(end, FRAME_MESSAGE, msg, len))
            s->result->down[i] += len;
    }
    return SECAGG_OK;
}

static void kill_planned(session *s)
{
    secagg_phase phase = secagg_server_phase(s->server);
    for (uint32_t i = 0; i < s->params->clients; i++)
        if (s->plan->drops[i] == phase)
            network_kill(s->net, i, i == s->plan->hangs);
}

/* Clients that are yet to answer and can. */
static uint32_t expected(const session *s)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->params->clients; i++)
        count += s->net->alive[i] && secagg_server_has(s->server, i)
            && !secagg_server_answered(s->server, i);
    return count;
}

static void show(const session *s, secagg_phase phase)
{
    if (!s->plan->live)
        return;
    printf("\r%5u   %-7s waiting for %u   ", (unsigned)s->plan->round,
        phase_names[phase], secagg_server_pending(s->server));
    fflush(stdout);
}

/* What a curious server may keep: a message as it came. */
static void tap(session *s, uint32_t from, const frame *got)
{
    if (from != s->plan->tapped || s->result->tap != NULL
        || secagg_server_phase(s->server) != SECAGG_PHASE_INPUT)
        return;
    s->result->tap = malloc(got->len);
    if (s->result->tap == NULL)
        return;
    memcpy(s->result->tap, got->bytes, got->len);
    s->result->tap_len = got->len;
}

/* A message that is refused costs its sender alone: it may send a good one
 * until the phase ends. What the machine cannot do ends the session. */
static secagg_err take(session *s, uint32_t from, const frame *got)
{
    if (got->kind == FRAME_TIME && got->len == 4) {
        s->result->client_seconds[from] = 1e-6 * (got->bytes[0] * 0x1p24
            + got->bytes[1] * 0x1p16 + got->bytes[2] * 0x1p8 + got->bytes[3]);
        return SECAGG_OK;
    }
    if (got->kind != FRAME_MESSAGE)
        return SECAGG_OK;
    tap(s, from, got);
    secagg_err err = secagg_server_recv(s->server, from, got->bytes,
        got->len);
    if (err == SECAGG_ERR_MEMORY || err == SECAGG_ERR_CRYPTO)
        return err;
    if (err != SECAGG_OK)
        s->result->refused++;
    else
        s->result->up[from] += got->len;
    return SECAGG_OK;
}

/* Take messages until everybody has answered or the time is up. */
static secagg_err collect(session *s)
{
    secagg_phase phase = secagg_server_phase(s->server);
    bool hung = s->plan->hangs != NOBODY
        && s->plan->drops[s->plan->hangs] <= phase;
    double end = seconds_now() + (hung ? PATIENCE_HANG : PATIENCE);
    uint32_t from = 0;
    while (expected(s) > 0 && seconds_now() < end) {
        show(s, phase);
        int left = (int)((end - seconds_now()) * 1000);
        frame *got = network_receive(s->net, &from, left > 0 ? left : 0);
        if (got == NULL && !s->net->processes)
            break; /* in one process nobody will speak later */
        if (got == NULL)
            continue; /* a line broke, or the time is up */
        double start = seconds_now();
        secagg_err err = take(s, from, got);
        s->result->server_seconds += seconds_now() - start;
        frame_free(got);
        if (err != SECAGG_OK)
            return err;
    }
    return SECAGG_OK;
}

/* Whoever is in and has not answered is out with the next advance: worth a
 * line in the log of any host. */
static void note_losses(session *s)
{
    for (uint32_t i = 0; i < s->params->clients; i++)
        if (secagg_server_has(s->server, i)
            && !secagg_server_answered(s->server, i)
            && s->result->lost[i] == STAYS)
            s->result->lost[i] = secagg_server_phase(s->server);
}

/* The server's host loop, whole: one turn a phase. The error of advance is
 * the session's; then each client is told by an ABORT. */
static secagg_err run_phases(session *s, const neural_net *global)
{
    secagg_err err = SECAGG_OK;
    while (secagg_server_phase(s->server) < SECAGG_PHASE_DONE) {
        secagg_phase phase = secagg_server_phase(s->server);
        kill_planned(s);
        err = phase == SECAGG_PHASE_KEYS ? invite_all(s, global) : deliver(s);
        if (err == SECAGG_OK)
            err = collect(s);
        if (err != SECAGG_OK)
            return err;
        note_losses(s);
        double start = seconds_now();
        err = secagg_server_advance(s->server);
        s->result->server_seconds += seconds_now() - start;
        if (err != SECAGG_OK) {
            s->result->failed_in = phase;
            break;
        }
    }
    if (secagg_server_phase(s->server) == SECAGG_PHASE_FAILED)
        return deliver(s);
    return err;
}

/* The mean is read tensor by tensor, each in one range. */
static secagg_err read_result(session *s)
{
    double *mean = s->result->mean, start = seconds_now();
    for (size_t i = 0; i < TENSORS; i++) {
        secagg_err err = secagg_server_mean_f64(s->server, i, 0, mean,
            tensor_sizes[i]);
        if (err != SECAGG_OK)
            return err;
        mean += tensor_sizes[i];
    }
    s->result->server_seconds += seconds_now() - start;
    s->result->weight = secagg_server_weight(s->server);
    for (uint32_t i = 0; i < s->params->clients; i++)
        s->result->in_sum[i] = secagg_server_has(s->server, i);
    return SECAGG_OK;
}

/* A session is never run twice: each call has a new id, and with it every
 * client and the server are new. */
secagg_err session_run(session_result *result, const secagg_params *params,
    const session_plan *plan, network *net, const neural_net *global)
{
    secagg_params own = *params;
    session s = { NULL, &own, plan, net, result };
    memset(result, 0, sizeof *result);
    for (uint32_t i = 0; i < MAX_HOSPITALS; i++)
        result->lost[i] = STAYS;
    if (!network_start(net))
        return SECAGG_ERR_MEMORY;
    own.round = plan->round;
    secagg_err err = secagg_params_fresh(&own);
    if (err == SECAGG_OK)
        err = secagg_params_check(&own, result->why, sizeof result->why);
    if (err == SECAGG_OK)
        err = secagg_server_new(&s.server, &own);
    if (err == SECAGG_OK)
        err = run_phases(&s, global);
    if (err == SECAGG_OK) {
        result->err = secagg_server_why(s.server, result->why,
            sizeof result->why);
        if (result->err == SECAGG_OK)
            err = read_result(&s);
    }
    secagg_server_free(s.server);
    for (uint32_t i = 0; i < own.clients; i++)
        if (plan->drops[i] != STAYS || result->lost[i] != STAYS)
            network_bury(net, i); /* network_start brings it back */
    return err;
}
