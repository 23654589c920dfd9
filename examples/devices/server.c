/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L

#include "devices/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/transport.h"
#include "devices/fleet.h"

#define SHOW_EVERY 0.1 /* seconds */

static const char *const phase_names[] = { "KEYS", "SHARES", "INPUT",
    "CONFIRM", "UNMASK" };

/* Nobody can have thousands of phones wait for each other: each has some
 * dozens of neighbours, so many that 5 % of colluders are withstood and the
 * losses are borne. Which those are, the library chooses; a phone holds the
 * server to it. */
bool session_params(secagg_params *params, secagg_segment *segments,
    uint32_t phones, double dropout)
{
    *params = (secagg_params)SECAGG_PARAMS_INIT;
    memset(segments, 0, SEGMENTS * sizeof *segments);
    segments[0].length = WEIGHTS;
    segments[0].kind = SECAGG_REAL;
    segments[0].value_bits = VALUE_BITS;
    segments[0].clip = GRADIENT_CLIP;
    segments[1].length = COUNTS;
    segments[1].kind = SECAGG_INTEGER;
    segments[1].bits = COUNT_BITS;
    params->clients = phones;
    params->segments = segments;
    params->segment_count = SEGMENTS;
    memcpy(params->app_digest, TASK, sizeof params->app_digest);
    return secagg_params_choose(params, CORRUPT, dropout, SECURITY_BITS,
               FAILURE_BITS) == SECAGG_OK;
}

/* ---- the desk ------------------------------------------------------------ */

/* The handle is for one thread at a time, and what send gives is borrowed
 * until the next call: copy it before the lock is off. */
secagg_err desk_fetch(session *s, uint32_t index, uint8_t **letter,
    size_t *len)
{
    const uint8_t *msg;
    *letter = NULL;
    *len = 0;
    pthread_mutex_lock(&s->lock);
    double start = cpu_seconds();
    secagg_err err = secagg_server_send(s->server, index, &msg, len);
    s->result->server_seconds += cpu_seconds() - start;
    if (err == SECAGG_OK && *len > 0) {
        *letter = malloc(*len);
        if (*letter != NULL)
            memcpy(*letter, msg, *len);
        else
            err = SECAGG_ERR_MEMORY;
    }
    pthread_mutex_unlock(&s->lock);
    return err;
}

static void show(session *s)
{
    secagg_phase phase = secagg_server_phase(s->server);
    if (!s->plan->live || phase >= SECAGG_PHASE_DONE)
        return;
    double now = seconds_now();
    if (now < s->shown + SHOW_EVERY)
        return;
    s->shown = now;
    printf("\r%5u   %-7s waiting for %u   ", (unsigned)s->plan->round,
        phase_names[phase], secagg_server_pending(s->server));
    fflush(stdout);
}

/* A message that is refused changes nothing and costs its sender alone: it
 * may send a good one until the phase ends. */
secagg_err desk_post(session *s, uint32_t index, const uint8_t *msg,
    size_t len)
{
    pthread_mutex_lock(&s->lock);
    double start = cpu_seconds();
    secagg_err err = secagg_server_recv(s->server, index, msg, len);
    s->result->server_seconds += cpu_seconds() - start;
    s->result->refused += err != SECAGG_OK;
    show(s);
    pthread_mutex_unlock(&s->lock);
    return err;
}

/* ---- a session ----------------------------------------------------------- */

/* The same for all, so that a content network can hand it out. Weights travel
 * as this machine keeps them: all phones are on it. */
static secagg_err invite(session *s, const model *global)
{
    size_t len = secagg_params_encoded_size(s->params);
    s->invitation_len = INVITE_HEAD + len + sizeof global->weights;
    s->invitation = malloc(s->invitation_len);
    if (s->invitation == NULL)
        return SECAGG_ERR_MEMORY;
    uint8_t *at = write_be32(s->invitation, len);
    memcpy(at + len, global->weights, sizeof global->weights);
    return secagg_params_encode(s->params, at, len);
}

/* Whoever is in and has not answered is out with the next advance. */
static void note_losses(session *s)
{
    secagg_phase phase = secagg_server_phase(s->server);
    s->result->lost[phase] += secagg_server_pending(s->server);
}

/* The server's host loop, whole: one turn a phase. A phase ends when all have
 * answered or its time is up. Give it the time that 95 of 100 phones need, and
 * no more: each late one costs a share of the losses that the session bears,
 * but a long phase loses phones, too. Here time is up when each phone has
 * called once; with a network, this is where you wait, with the lock off:
 *
 *     while (pending(s) > 0 && now() < deadline)
 *         sleep();
 *
 * The error of advance is the session's; then each phone that calls is told by
 * an ABORT. */
static secagg_err run_phases(session *s, fleet *f)
{
    secagg_err err = SECAGG_OK;
    while (secagg_server_phase(s->server) < SECAGG_PHASE_DONE) {
        secagg_phase phase = secagg_server_phase(s->server);
        err = fleet_call(f, s, phase);
        if (err != SECAGG_OK)
            return err;
        note_losses(s);
        double start = cpu_seconds();
        err = secagg_server_advance(s->server);
        s->result->server_seconds += cpu_seconds() - start;
        if (err != SECAGG_OK) {
            s->result->failed_in = phase;
            break;
        }
        fleet_late(f, s, phase);
    }
    if (secagg_server_phase(s->server) == SECAGG_PHASE_FAILED)
        return fleet_call(f, s, SECAGG_PHASE_FAILED);
    return err;
}

static secagg_err read_result(session *s)
{
    session_result *r = s->result;
    double start = cpu_seconds();
    secagg_err err = secagg_server_sum_f64(s->server, 0, 0, r->gradient,
        WEIGHTS);
    if (err == SECAGG_OK)
        err = secagg_server_sum_u64(s->server, 1, 0, r->counts, COUNTS);
    r->server_seconds += cpu_seconds() - start;
    r->survivors = secagg_server_survivors(s->server);
    for (uint32_t i = 0; i < s->params->clients; i++)
        r->in_sum[i] = secagg_server_includes(s->server, i);
    return err;
}

static secagg_err run(session *s, fleet *f, const model *global)
{
    secagg_err err = secagg_params_check(s->params, s->result->why,
        sizeof s->result->why);
    if (err == SECAGG_OK)
        err = secagg_server_new(&s->server, s->params);
    if (err == SECAGG_OK)
        err = invite(s, global);
    if (err == SECAGG_OK)
        err = run_phases(s, f);
    if (err != SECAGG_OK)
        return err;
    s->result->err = secagg_server_error(s->server, s->result->why,
        sizeof s->result->why);
    return s->result->err == SECAGG_OK ? read_result(s) : SECAGG_OK;
}

/* A session is never run twice: each call has a new id, and with it the server
 * and every client are new. */
secagg_err cohort_run(session_result *result, const secagg_params *params,
    const session_plan *plan, fleet *f, const model *global)
{
    secagg_params own = *params;
    session s = { .result = result, .plan = plan, .params = &own };
    memset(result, 0, sizeof *result);
    if (pthread_mutex_init(&s.lock, NULL) != 0)
        return SECAGG_ERR_MEMORY;
    own.round = plan->round;
    secagg_err err = secagg_params_new_session(&own);
    if (err == SECAGG_OK)
        err = run(&s, f, global);
    secagg_server_free(s.server);
    free(s.invitation);
    pthread_mutex_destroy(&s.lock);
    fleet_settle(f, plan, own.clients, result);
    return err;
}
