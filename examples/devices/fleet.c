/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L

#include "devices/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/output.h"

#define SHOW_INTERVAL 0.1 /* seconds */

/* One session. */
typedef struct run {
    fleet *fleet;
    const cohort *cohort;
    uint32_t clients;
    desk desk;
    cohort_result *result;
} run;

/* A thread: it plays the clients first, first + threads, ... in a phase. */
typedef struct worker {
    pthread_t thread;
    run *run;
    secagg_phase phase;
    uint32_t first;
    double shown;
    /* the outcome */
    secagg_err err;
    double desk_seconds; /* of CPU, in requests to the server */
    uint32_t late, late_accepted;
} worker;

/* ---- one phone calls ----------------------------------------------------- */

static bool is_system_error(secagg_err err)
{
    return err == SECAGG_ERR_MEMORY || err == SECAGG_ERR_RANDOM
        || err == SECAGG_ERR_CRYPTO;
}

/* In KEYS the only message is the invitation. */
static secagg_err fetch(worker *w, phone *p, uint32_t client)
{
    desk *d = &w->run->desk;
    uint8_t *msg;
    size_t len;
    if (w->phase == SECAGG_PHASE_KEYS)
        return phone_join(p, client, d->invitation, d->invitation_len);
    double start = cpu_seconds();
    secagg_err err = desk_fetch(d, client, &msg, &len);
    w->desk_seconds += cpu_seconds() - start;
    if (!err && len > 0)
        err = phone_receive(p, msg, len);
    free(msg);
    return err;
}

static secagg_err post(worker *w, uint32_t client, const uint8_t *msg,
    size_t len)
{
    double start = cpu_seconds();
    secagg_err err = desk_post(&w->run->desk, client, msg, len);
    w->desk_seconds += cpu_seconds() - start;
    return err;
}

/* Post all answers. Each is valid until the next call: an app that posts it
 * later must copy it. */
static secagg_err answer(worker *w, phone *p, uint32_t client)
{
    const uint8_t *msg;
    size_t len = 1;
    secagg_err err = SECAGG_OK;
    while (!err && len > 0
        && secagg_client_phase(p->client) < SECAGG_PHASE_DONE) {
        err = phone_answer(p, &msg, &len);
        if (!err && len > 0)
            err = post(w, client, msg, len);
    }
    return err;
}

/* The server must reject a message after its phase, so that a late INPUT never
 * enters the sum. The phone then waits for the next invitation. */
static void answer_late(worker *w, phone *p, uint32_t client)
{
    const uint8_t *msg;
    size_t len;
    if (phone_answer(p, &msg, &len) == SECAGG_OK && len > 0) {
        w->late++;
        w->late_accepted += post(w, client, msg, len) != SECAGG_ERR_STATE;
    }
    phone_leave(p);
}

/* A phone whose session is over, well or not, leaves it. */
static secagg_err answer_in_time(worker *w, phone *p, uint32_t client,
    bool misses)
{
    secagg_err err = fetch(w, p, client);
    if (!err && !misses)
        err = answer(w, p, client);
    if (err || secagg_client_phase(p->client) >= SECAGG_PHASE_DONE)
        phone_leave(p);
    if (err && w->phase < SECAGG_PHASE_DONE)
        fprintf(stderr, "devices: phone %u: %s\n",
            w->run->cohort->phones[client], secagg_strerror(err));
    return is_system_error(err) ? err : SECAGG_OK;
}

/* What one phone does in a phase. A phone that is late fetches its message in
 * time, and posts the answer in the next phase. */
static secagg_err call(worker *w, uint32_t client)
{
    const cohort *c = w->run->cohort;
    phone *p = &w->run->fleet->phones[c->phones[client]];
    bool misses = c->drops[client] <= w->phase;
    if (w->phase == SECAGG_PHASE_KEYS)
        p->seconds = 0;
    else if (p->client == NULL)
        return SECAGG_OK;
    if (misses && !c->late[client])
        phone_leave(p);
    else if (c->drops[client] < w->phase && w->phase != SECAGG_PHASE_FAILED)
        answer_late(w, p, client);
    else
        return answer_in_time(w, p, client, misses);
    return SECAGG_OK;
}

/* ---- all phones call ----------------------------------------------------- */

static void show(worker *w)
{
    double now = seconds_now();
    if (!w->run->fleet->live || w->first != 0
        || w->phase >= SECAGG_PHASE_DONE || now < w->shown + SHOW_INTERVAL)
        return;
    w->shown = now;
    print_phase(w->run->cohort->round, w->phase, desk_pending(&w->run->desk));
}

static void *work(void *arg)
{
    worker *w = arg;
    const cohort *c = w->run->cohort;
    for (uint32_t i = w->first; i < w->run->clients && !w->err;
         i += w->run->fleet->threads) {
        double start = cpu_seconds() - w->desk_seconds;
        w->err = call(w, i);
        w->run->fleet->phones[c->phones[i]].seconds +=
            cpu_seconds() - w->desk_seconds - start;
        show(w);
    }
    return NULL;
}

/* Add what a thread has measured. Returns its error. */
static secagg_err join(run *r, worker *w)
{
    (void)pthread_join(w->thread, NULL);
    r->result->server_seconds += w->desk_seconds;
    r->result->late += w->late;
    r->result->late_accepted += w->late_accepted;
    return w->err;
}

static secagg_err run_workers(run *r, secagg_phase phase)
{
    worker *workers = calloc(r->fleet->threads, sizeof *workers);
    secagg_err err = SECAGG_OK;
    uint32_t running = 0;
    if (workers == NULL)
        return SECAGG_ERR_MEMORY;
    for (; running < r->fleet->threads; running++) {
        worker *w = &workers[running];
        *w = (worker){ .run = r, .phase = phase, .first = running };
        if (pthread_create(&w->thread, NULL, work, w) != 0) {
            err = SECAGG_ERR_MEMORY;
            break;
        }
    }
    for (uint32_t i = 0; i < running; i++) {
        secagg_err failure = join(r, &workers[i]);
        err = failure ? failure : err;
    }
    free(workers);
    return err;
}

/* The desk_wait of the simulation: time is up when each phone has called. */
static secagg_err wait_for_calls(void *user, secagg_phase phase)
{
    run *r = user;
    secagg_err err = run_workers(r, phase);
    if (phase < SECAGG_PHASE_DONE) {
        r->result->phase = phase;
        r->result->lost[phase] = desk_pending(&r->desk);
    }
    return err;
}

/* ---- one session --------------------------------------------------------- */

static secagg_err read_sums(run *r)
{
    cohort_result *result = r->result;
    const secagg_server *server = r->desk.server;
    secagg_err err = secagg_server_sum_f64(server, 0, 0, result->gradient,
        WEIGHTS);
    if (!err)
        err = secagg_server_sum_u64(server, 1, 0, result->counts, COUNTS);
    result->survivors = secagg_server_survivors(server);
    for (uint32_t i = 0; i < r->clients; i++)
        result->in_sum[i] = secagg_server_includes(server, i);
    return err;
}

static void measure_phones(const run *r)
{
    cohort_result *result = r->result;
    uint32_t stayed = 0;
    for (uint32_t i = 0; i < r->clients; i++) {
        phone *p = &r->fleet->phones[r->cohort->phones[i]];
        phone_leave(p);
        if (r->cohort->drops[i] != STAYS)
            continue;
        stayed++;
        result->phone_seconds += p->seconds;
        result->up = p->up > result->up ? p->up : result->up;
        result->down = p->down > result->down ? p->down : result->down;
    }
    result->phone_seconds /= stayed > 0 ? stayed : 1;
}

secagg_err fleet_run(fleet *f, const cohort *c, const secagg_params *params,
    const model *global, cohort_result *result)
{
    secagg_params own = *params;
    run r = { .fleet = f, .cohort = c, .clients = own.clients,
        .result = result };
    memset(result, 0, sizeof *result);
    own.round = c->round;
    double start = cpu_seconds();
    secagg_err err = secagg_params_new_session(&own);
    if (!err)
        err = secagg_params_check(&own, result->reason,
            sizeof result->reason);
    if (err)
        return err;
    err = desk_open(&r.desk, &own, global);
    if (!err)
        err = desk_run(&r.desk, wait_for_calls, &r);
    if (!err)
        err = read_sums(&r);
    else if (r.desk.server != NULL)
        (void)secagg_server_error(r.desk.server, result->reason,
            sizeof result->reason);
    result->server_seconds += cpu_seconds() - start;
    measure_phones(&r);
    desk_close(&r.desk);
    return err;
}
