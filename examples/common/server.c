/* SPDX-License-Identifier: Apache-2.0 */
#include "common/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/client.h"

#define PATIENCE 10.0     /* seconds for a phase, training included */
#define PATIENCE_HANG 0.5 /* where one is known to hang: no need to wait */

static const char *const phase_names[] = { "KEYS", "SHARES", "INPUT",
    "CONFIRM", "UNMASK" };

/* Who is struck from the registry is not asked, and not waited for. */
static bool invited(const session *s, uint32_t i)
{
    return s->plan->keys == NULL || !s->plan->keys->struck[i];
}

/* Weights travel as this machine keeps them: all clients are on it. */
static secagg_err invite_all(session *s)
{
    const session_plan *plan = s->plan;
    size_t len = secagg_params_encoded_size(&s->params);
    size_t size = INVITE_HEAD + len + plan->model_len;
    uint8_t *bytes = malloc(size);
    if (bytes == NULL)
        return SECAGG_ERR_MEMORY;
    secagg_err err = secagg_params_encode(&s->params, bytes + INVITE_HEAD,
        len);
    memcpy(bytes + INVITE_HEAD + len, plan->model, plan->model_len);
    for (uint32_t i = 0; err == SECAGG_OK && i < s->params.clients; i++) {
        line *end = &s->net->here[i];
        write_be32(write_be32(bytes, i), len);
        if (s->net->alive[i] && invited(s, i))
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
    for (uint32_t i = 0; i < s->params.clients; i++) {
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
    for (uint32_t i = 0; i < s->params.clients; i++)
        if (s->plan->drops[i] == phase)
            network_kill(s->net, i, i == s->plan->hangs);
}

secagg_err session_send(session *s)
{
    kill_planned(s);
    if (secagg_server_phase(s->server) == SECAGG_PHASE_KEYS)
        return invite_all(s);
    return deliver(s);
}

uint32_t session_expects(const session *s)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->params.clients; i++)
        count += s->net->alive[i] && invited(s, i)
            && s->result->left[i] == SECAGG_OK
            && secagg_server_includes(s->server, i)
            && !secagg_server_answered(s->server, i);
    return count;
}

static void show(const session *s, secagg_phase phase)
{
    if (!s->plan->live)
        return;
    printf("\r%5u   %-7s waiting for %u   ", (unsigned)s->plan->round,
        phase_names[phase], session_expects(s));
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

/* The host's own frames. A farewell from a session before this one is late. */
static void note(session *s, uint32_t from, const frame *got)
{
    if (got->kind == FRAME_TIME && got->len == 4)
        s->result->client_seconds[from] = 1e-6 * read_be32(got->bytes);
    if (got->kind == FRAME_LEFT && got->len == LEFT_BYTES
        && memcmp(got->bytes + 4, s->params.session, SECAGG_SESSION_BYTES)
            == 0)
        s->result->left[from] =
            (secagg_err)-(int)(read_be32(got->bytes) & 0xff);
}

frame *session_receive(session *s, uint32_t *from, double until)
{
    double left;
    while ((left = until - seconds_now()) > 0) {
        frame *got = network_receive(s->net, from, (int)(left * 1000));
        if (got == NULL && !s->net->processes)
            return NULL; /* in one process nobody will speak later */
        if (got == NULL && session_expects(s) == 0)
            return NULL; /* who was waited for is gone */
        if (got == NULL)
            continue; /* a line broke, or the time is up */
        if (got->kind == FRAME_MESSAGE)
            return got;
        note(s, *from, got);
        frame_free(got);
        if (session_expects(s) == 0)
            return NULL;
    }
    return NULL;
}

/* A message that is refused costs its sender alone: it may send a good one
 * until the phase ends. What the machine cannot do ends the session. */
secagg_err session_take(session *s, uint32_t from, const frame *got)
{
    double start = seconds_now();
    tap(s, from, got);
    secagg_err err = secagg_server_recv(s->server, from, got->bytes,
        got->len);
    s->result->server_seconds += seconds_now() - start;
    if (err == SECAGG_ERR_MEMORY || err == SECAGG_ERR_CRYPTO)
        return err;
    if (err != SECAGG_OK)
        s->result->refused++;
    else
        s->result->up[from] += got->len;
    return SECAGG_OK;
}

secagg_err session_collect(session *s)
{
    secagg_phase phase = secagg_server_phase(s->server);
    bool hung = s->plan->hangs != NOBODY
        && s->plan->drops[s->plan->hangs] <= phase;
    double end = seconds_now() + (hung ? PATIENCE_HANG : PATIENCE);
    uint32_t from = 0;
    while (session_expects(s) > 0 && seconds_now() < end) {
        show(s, phase);
        frame *got = session_receive(s, &from, end);
        if (got == NULL && !s->net->processes)
            break;
        if (got == NULL)
            continue;
        secagg_err err = session_take(s, from, got);
        frame_free(got);
        if (err != SECAGG_OK)
            return err;
    }
    return SECAGG_OK;
}

/* Whoever is in and has not answered is out with the next advance: worth a
 * line in the log of any host. Who said farewell is not lost. */
static void note_losses(session *s)
{
    for (uint32_t i = 0; i < s->params.clients; i++)
        if (invited(s, i) && secagg_server_includes(s->server, i)
            && !secagg_server_answered(s->server, i)
            && s->result->left[i] == SECAGG_OK
            && s->result->lost[i] == STAYS)
            s->result->lost[i] = secagg_server_phase(s->server);
}

/* The error of the library's advance is the session's, and not this one's. */
secagg_err session_advance(session *s, bool *more)
{
    secagg_phase phase = secagg_server_phase(s->server);
    note_losses(s);
    double start = seconds_now();
    secagg_err err = secagg_server_advance(s->server);
    s->result->server_seconds += seconds_now() - start;
    *more = secagg_server_phase(s->server) < SECAGG_PHASE_DONE;
    if (secagg_server_phase(s->server) != SECAGG_PHASE_FAILED)
        return err;
    s->result->failed_in = phase;
    return deliver(s); /* an ABORT for each */
}

/* The mean is read segment by segment, each in one range. */
static secagg_err read_mean(session *s, double *mean)
{
    double start = seconds_now();
    for (size_t i = 0; i < s->params.segment_count; i++) {
        size_t length = (size_t)s->params.segments[i].length;
        secagg_err err = secagg_server_mean_f64(s->server, i, 0, mean,
            length);
        if (err != SECAGG_OK)
            return err;
        mean += length;
    }
    s->result->server_seconds += seconds_now() - start;
    s->result->weight = secagg_server_weight(s->server);
    for (uint32_t i = 0; i < s->params.clients; i++)
        s->result->in_sum[i] = secagg_server_includes(s->server, i);
    return SECAGG_OK;
}

session_plan session_plan_new(uint64_t round, const registry *keys,
    const void *model, size_t model_len)
{
    session_plan plan = { round, { 0 }, NOBODY, NOBODY, false, keys, model,
        model_len };
    for (uint32_t i = 0; i < MAX_CLIENTS; i++)
        plan.drops[i] = STAYS;
    return plan;
}

/* A session is never run twice: each has a new id, and with it every client
 * and the server are new. */
secagg_err session_open(session *s, session_result *result,
    const secagg_params *params, const session_plan *plan, network *net)
{
    *s = (session){ NULL, *params, plan, net, result };
    memset(result, 0, sizeof *result);
    for (uint32_t i = 0; i < MAX_CLIENTS; i++)
        result->lost[i] = STAYS;
    if (!network_start(net))
        return SECAGG_ERR_MEMORY;
    s->params.round = plan->round;
    secagg_err err = secagg_params_new_session(&s->params);
    if (err == SECAGG_OK)
        err = secagg_params_check(&s->params, result->why,
            sizeof result->why);
    if (err == SECAGG_OK)
        err = secagg_server_new(&s->server, &s->params);
    if (err == SECAGG_OK && params->mode == SECAGG_ACTIVE)
        err = registry_introduce_server(plan->keys, s->server);
    return err;
}

/* Who is lost comes back with the next network_start. */
void session_close(session *s)
{
    const session_plan *plan = s->plan;
    secagg_server_free(s->server);
    s->server = NULL;
    for (uint32_t i = 0; i < s->params.clients; i++)
        if (plan->drops[i] != STAYS || s->result->lost[i] != STAYS)
            network_bury(s->net, i);
}

static void read_blame(session *s)
{
    uint32_t who;
    secagg_err what;
    for (size_t i = 0;
         secagg_server_blamed(s->server, i, &who, &what) == SECAGG_OK; i++)
        s->result->blamed[who] = what;
}

/* The server's host loop, whole: one turn a phase. */
secagg_err session_run(session_result *result, double *mean,
    const secagg_params *params, const session_plan *plan, network *net)
{
    session s;
    bool more = true;
    secagg_err err = session_open(&s, result, params, plan, net);
    while (err == SECAGG_OK && more) {
        err = session_send(&s);
        if (err == SECAGG_OK)
            err = session_collect(&s);
        if (err == SECAGG_OK)
            err = session_advance(&s, &more);
    }
    if (err == SECAGG_OK) {
        result->err = secagg_server_error(s.server, result->why,
            sizeof result->why);
        read_blame(&s);
    }
    if (err == SECAGG_OK && result->err == SECAGG_OK)
        err = read_mean(&s, mean);
    session_close(&s);
    return err;
}

void describe_losses(char text[LOSSES_ROOM], uint32_t clients,
    const session_result *result)
{
    size_t len = 0, room = LOSSES_ROOM;
    text[0] = '\0';
    for (secagg_phase p = SECAGG_PHASE_KEYS; p < SECAGG_PHASE_DONE; p++) {
        bool first = true;
        for (uint32_t i = 0; i < clients; i++) {
            if (result->lost[i] != p || len >= room)
                continue;
            if (first)
                len += (size_t)snprintf(text + len, room - len, "%s%s %u",
                    len == 0 ? "" : " ", phase_names[p], i);
            else
                len += (size_t)snprintf(text + len, room - len, "+%u", i);
            first = false;
        }
    }
    if (len == 0)
        snprintf(text, room, "nobody");
    if (len >= room)
        memcpy(text + room - 4, "...", 4);
}
