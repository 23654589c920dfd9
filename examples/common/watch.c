/* SPDX-License-Identifier: Apache-2.0 */
#include "common/watch.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/output.h"

#define TIMEOUT 10.0     /* seconds for a phase */
#define TIMEOUT_HANG 0.5 /* if a client is known to hang */
#define SHOW_INTERVAL 0.05
#define MAX_ATTEMPTS 3 /* sessions for one round */
#define LOST_BYTES 64    /* of text about dropouts */

/* ---- a client's CPU time ------------------------------------------------- */

static void meter_wakes(void *user)
{
    meter *m = user;
    m->started = cpu_seconds();
}

static void meter_sleeps(void *user)
{
    meter *m = user;
    double now = cpu_seconds();
    m->busy += now - m->started;
    m->started = now;
}

/* The server may read the meter as soon as it has the message. */
static const uint8_t *meter_before_send(void *user, const uint8_t *msg,
    size_t len)
{
    (void)len;
    meter_sleeps(user);
    return msg;
}

client_observer meter_observer(meter *m)
{
    return (client_observer){ m, meter_wakes, meter_sleeps,
        meter_before_send };
}

/* ---- the observer of a session ------------------------------------------- */

static void drop_planned(void *user, session *s)
{
    watch *w = user;
    s->timeout = TIMEOUT;
    for (uint32_t i = 0; i < s->params.clients; i++) {
        if (w->late[i])
            network_hold(s->net, i, w->drops[i] == s->phase);
        else if (w->drops[i] == s->phase)
            network_kill(s->net, i, i == w->hangs);
        if (i == w->hangs && w->drops[i] <= s->phase)
            s->timeout = TIMEOUT_HANG;
    }
}

static void count_sent(void *user, uint32_t to, size_t len)
{
    watch *w = user;
    w->down[to] += len;
}

static void show_phase(void *user, const session *s)
{
    watch *w = user;
    double now = seconds_now();
    if (!w->live || now < w->shown + SHOW_INTERVAL)
        return;
    w->shown = now;
    print_phase(w->round, s->phase, secagg_server_pending(s->server));
}

/* A late message must be rejected: a late INPUT must not enter the sum. */
static void count_received(void *user, const session *s, uint32_t from,
    const frame *message, secagg_err err)
{
    watch *w = user;
    if (!err)
        w->up[from] += message->len;
    if (w->late[from] && w->drops[from] < secagg_server_phase(s->server)) {
        w->late_messages++;
        w->late_accepted += err != SECAGG_ERR_STATE;
    }
}

/* A client that has left for an error is not lost. */
static void note_lost(void *user, const session *s)
{
    watch *w = user;
    for (uint32_t i = 0; i < s->params.clients; i++)
        if (secagg_server_includes(s->server, i)
            && !secagg_server_answered(s->server, i)
            && (s->registry == NULL || !s->registry->revoked[i])
            && s->left[i] == SECAGG_OK && w->lost[i] == STAYS)
            w->lost[i] = s->phase;
}

void watch_init(watch *w, uint64_t round, meter *meters, bool live)
{
    *w = (watch){ .hangs = NOBODY, .round = round, .live = live,
        .meters = meters };
    for (uint32_t i = 0; i < MAX_CLIENTS; i++) {
        w->drops[i] = STAYS;
        w->lost[i] = STAYS;
    }
}

/* Clients that were late in the last phase answer after the session. */
static void accept_late(const watch *w, session *s)
{
    frame *f;
    uint32_t from;
    if (s->server == NULL)
        return;
    for (uint32_t i = 0; i < s->params.clients; i++)
        if (w->late[i] && w->drops[i] == s->phase)
            network_hold(s->net, i, false);
    while ((f = network_receive(s->net, &from, 0)) != NULL) {
        if (f->kind == FRAME_MESSAGE)
            (void)session_accept(s, from, f);
        frame_free(f);
    }
}

/* The server's CPU time is that of this thread, less that of the clients if
 * they run in it, too. */
secagg_err watch_run(watch *w, session *s)
{
    uint32_t clients = s->params.clients;
    s->observer = (session_observer){ w, drop_planned, count_sent, show_phase,
        count_received, note_lost };
    for (uint32_t i = 0; i < clients; i++)
        w->meters[i].busy = w->meters[i].training = 0;
    double start = cpu_seconds();
    secagg_err err = session_run(s);
    accept_late(w, s);
    w->server_seconds = cpu_seconds() - start;
    for (uint32_t i = 0; i < clients; i++) {
        if (s->net->transport == &transport_memory && s->net->threads == 0)
            w->server_seconds -= w->meters[i].busy;
        w->client_seconds[i] = w->meters[i].busy - w->meters[i].training;
        if (w->drops[i] != STAYS || w->lost[i] != STAYS)
            network_stop(s->net, i);
    }
    return err;
}

/* ---- repeated sessions --------------------------------------------------- */

bool run_round(attempt_fn *attempt, void *demo, uint64_t round, bool too_many)
{
    for (int i = 0; i < MAX_ATTEMPTS; i++, too_many = false) {
        outcome done = attempt(demo, round, too_many);
        if (done != AGAIN)
            return done != FAILED;
    }
    printf("   FAILED: no sum in %d attempts\n", MAX_ATTEMPTS);
    return false;
}

/* If the session failed while shares were opened, the server might know the sum
 * and only claim that it does not. In active mode clients do not even believe
 * that nothing was opened. Then they take part again with a new update, that of
 * the next round (PROTOCOL.md 11.4). */
outcome too_few_clients(const session *s, int column)
{
    bool over = s->phase == SECAGG_PHASE_UNMASK
        || (s->params.mode == SECAGG_ACTIVE && s->phase >= SECAGG_PHASE_INPUT);
    printf("\n%*s%s:\n%*s%s\n%*s%s:\n", column, "",
        secagg_strerror(SECAGG_ERR_THRESHOLD), column, "", s->reason, column,
        "", over ? "On to the next round, with new updates"
                : "Again, as a new session");
    fflush(stdout);
    return over ? OVER : AGAIN;
}

/* ---- printing ------------------------------------------------------------ */

watch_max watch_maxima(const watch *w, uint32_t clients)
{
    watch_max max = { 0 };
    for (uint32_t i = 0; i < clients; i++) {
        max.up = w->up[i] > max.up ? w->up[i] : max.up;
        max.down = w->down[i] > max.down ? w->down[i] : max.down;
        max.seconds = fmax(max.seconds, w->client_seconds[i]);
    }
    return max;
}

/* Append the clients that were lost in a phase. Returns the new length, which
 * stays below LOST_BYTES. */
static size_t describe_phase(char text[LOST_BYTES], size_t len,
    const watch *w, uint32_t clients, secagg_phase phase)
{
    bool first = true;
    for (uint32_t i = 0; i < clients && len < LOST_BYTES - 1; i++) {
        if (w->lost[i] != phase)
            continue;
        int more = first
            ? snprintf(text + len, LOST_BYTES - len, "%s%s %u",
                len > 0 ? " " : "", phase_name(phase), i)
            : snprintf(text + len, LOST_BYTES - len, "+%u", i);
        len += (size_t)more;
        first = false;
    }
    return len < LOST_BYTES ? len : LOST_BYTES - 1;
}

void watch_print_lost(const watch *w, uint32_t clients, int at, int width)
{
    char text[LOST_BYTES] = "";
    size_t len = 0;
    for (secagg_phase p = SECAGG_PHASE_KEYS; p < SECAGG_PHASE_DONE; p++)
        len = describe_phase(text, len, w, clients, p);
    if (len == LOST_BYTES - 1)
        memcpy(text + LOST_BYTES - 4, "...", 4);
    printf("%-*s", width, len > 0 ? text : "nobody");
    if (width > 0 && len > (size_t)width)
        printf("\n%*s", at + width, "");
}

void print_failed_session(secagg_err err, const session *s, const char *party)
{
    print_failure(err, s->reason);
    for (uint32_t i = 0; i < MAX_CLIENTS; i++)
        if (s->left[i] != SECAGG_OK)
            printf("   %s %u left: %s\n", party, i,
                secagg_strerror(s->left[i]));
}
