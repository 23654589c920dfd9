/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L

#include "devices/fleet.h"

#include <stdio.h>
#include <stdlib.h>

/* One thread, and the clients that are `threads` apart. */
typedef struct worker {
    pthread_t thread;
    fleet *fleet;
    session *session;
    secagg_phase phase;
    uint32_t first;
    secagg_err err;
} worker;

static bool is_system(secagg_err err)
{
    return err == SECAGG_ERR_MEMORY || err == SECAGG_ERR_RANDOM
        || err == SECAGG_ERR_CRYPTO;
}

/* Fetch and hear; in KEYS there is nothing to hear but the invitation. */
static secagg_err listen(phone *p, session *s, secagg_phase phase, uint32_t i)
{
    uint8_t *letter;
    size_t len;
    if (phase == SECAGG_PHASE_KEYS)
        return phone_join(p, i, s->invitation, s->invitation_len);
    secagg_err err = desk_fetch(s, i, &letter, &len);
    if (err == SECAGG_OK && len > 0)
        err = phone_hear(p, letter, len);
    free(letter);
    return err;
}

/* Say all that there is to say. The message is the library's, and is gone
 * with the next call: an app that posts it later must copy it. */
static secagg_err answer(phone *p, session *s, uint32_t i)
{
    const uint8_t *msg;
    size_t len = 1;
    while (len > 0 && secagg_client_phase(p->client) < SECAGG_PHASE_DONE) {
        secagg_err err = phone_say(p, &msg, &len);
        if (err == SECAGG_OK && len > 0)
            err = desk_post(s, i, msg, len);
        if (err != SECAGG_OK)
            return err;
    }
    return SECAGG_OK;
}

/* One call of one phone, on a good day and otherwise. A session that has
 * failed has said so by an ABORT: the phone leaves, and waits for the next
 * invitation. So does one that has opened its shares. */
static secagg_err call(worker *w, uint32_t i)
{
    session *s = w->session;
    phone *p = &w->fleet->phones[s->plan->cohort[i]];
    bool lost = s->plan->drops[i] <= w->phase;
    bool late = lost && s->plan->late[i];
    secagg_err err;
    if (w->phase != SECAGG_PHASE_KEYS && p->client == NULL)
        return SECAGG_OK;
    if (lost && !late) {
        phone_leave(p);
        return SECAGG_OK;
    }
    err = listen(p, s, w->phase, i);
    if (err == SECAGG_OK && !late)
        err = answer(p, s, i);
    if (err != SECAGG_OK || secagg_client_phase(p->client)
            >= SECAGG_PHASE_DONE)
        phone_leave(p);
    if (err != SECAGG_OK && w->phase != SECAGG_PHASE_FAILED)
        fprintf(stderr, "devices: phone %u: %s\n", s->plan->cohort[i],
            secagg_strerror(err));
    return is_system(err) ? err : SECAGG_OK;
}

static void *work(void *arg)
{
    worker *w = arg;
    uint32_t count = w->session->params->clients;
    for (uint32_t i = w->first; i < count && w->err == SECAGG_OK;
         i += w->fleet->threads)
        w->err = call(w, i);
    return NULL;
}

secagg_err fleet_call(fleet *f, session *s, secagg_phase phase)
{
    worker *workers = calloc(f->threads, sizeof *workers);
    secagg_err err = SECAGG_OK;
    uint32_t running = 0;
    if (workers == NULL)
        return SECAGG_ERR_MEMORY;
    while (running < f->threads && err == SECAGG_OK) {
        worker *w = &workers[running];
        *w = (worker){ .fleet = f, .session = s, .phase = phase,
            .first = running };
        if (pthread_create(&w->thread, NULL, work, w) == 0)
            running++;
        else
            err = SECAGG_ERR_MEMORY;
    }
    for (uint32_t t = 0; t < running; t++) {
        (void)pthread_join(workers[t].thread, NULL);
        err = workers[t].err != SECAGG_OK ? workers[t].err : err;
    }
    free(workers);
    return err;
}

/* A late message is refused, whatever is in it: a late INPUT never enters a
 * sum. A phone that hears this waits for the next invitation. */
void fleet_late(fleet *f, session *s, secagg_phase phase)
{
    uint32_t refused = s->result->refused;
    for (uint32_t i = 0; i < s->params->clients; i++) {
        phone *p = &f->phones[s->plan->cohort[i]];
        const uint8_t *msg;
        size_t len;
        if (s->plan->drops[i] != phase || !s->plan->late[i]
            || p->client == NULL)
            continue;
        if (phone_say(p, &msg, &len) == SECAGG_OK && len > 0) {
            s->result->late++;
            s->result->late_taken += desk_post(s, i, msg, len)
                != SECAGG_ERR_STATE;
        }
        phone_leave(p);
    }
    s->result->refused = refused; /* these were to be */
}

void fleet_settle(fleet *f, const session_plan *plan, uint32_t count,
    session_result *result)
{
    uint32_t stayed = 0;
    for (uint32_t i = 0; i < count; i++) {
        phone *p = &f->phones[plan->cohort[i]];
        phone_leave(p);
        if (plan->drops[i] != STAYS)
            continue;
        stayed++;
        result->phone_seconds += p->seconds;
        result->up = p->up > result->up ? p->up : result->up;
        result->down = p->down > result->down ? p->down : result->down;
    }
    result->phone_seconds /= stayed > 0 ? stayed : 1;
}
