/* SPDX-License-Identifier: Apache-2.0 */
/* Part 2: rounds of training. Each is one session, in which hospitals drop
 * out; in one round too many do, and its session is repeated. */
#include "hospitals/demo.h"

#include <stdio.h>

#include "common/output.h"

/* The columns of the table that name the hospitals that were lost. */
#define LOST_AT 15
#define LOST_WIDTH 28

/* Choose at random which hospitals drop out: in every phase in turn, or more
 * than a session can lose at once. Then the last of them hangs. */
static void plan_dropouts(const federation *f, watch *w, uint64_t round,
    bool too_many)
{
    static const secagg_phase phases[] = { SECAGG_PHASE_KEYS,
        SECAGG_PHASE_SHARES, SECAGG_PHASE_INPUT, SECAGG_PHASE_UNMASK,
        SECAGG_PHASE_CONFIRM };
    uint32_t phase_count = f->active ? 5 : 4;
    uint32_t count = too_many ? f->spare + 1 : f->drop;
    uint32_t order[MAX_PARTIES];
    rng r = rng_new(f->seed, 2000 + round, too_many);
    rng_sample(&r, order, count, f->parties);
    for (uint32_t k = 0; k < count; k++)
        w->drops[order[k]] = too_many
            ? SECAGG_PHASE_INPUT
            : phases[(round * count + k) % phase_count];
    if (too_many)
        w->hangs = order[count - 1];
}

static void print_round(const federation *f, const watch *w)
{
    watch_max max = watch_maxima(w, f->parties);
    double up = (double)max.up;
    clear_line(w->live);
    printf("%5u  %5.1f %% ", (unsigned)w->round,
        demo_accuracy(f, f->secure));
    watch_print_lost(w, f->parties, LOST_AT, LOST_WIDTH);
    printf(" %5.1f %4.2f %4.2f %5.1f %6.1f %6.1f\n", up / 1e3,
        up / (4.0 * WEIGHTS), up / (8.0 * WEIGHTS), (double)max.down / 1e3,
        1e3 * w->server_seconds, 1e3 * max.seconds);
    fflush(stdout);
}

static outcome print_too_few(const federation *f, const watch *w,
    const session *s)
{
    clear_line(w->live);
    printf("%5u  failed  ", (unsigned)w->round);
    watch_print_lost(w, f->parties, LOST_AT, 0);
    if (f->processes && w->hangs != NOBODY)
        printf(" (%u hangs)", w->hangs);
    return too_few_clients(s, LOST_AT);
}

/* The attempt_fn of a round. */
static outcome attempt(void *user, uint64_t round, bool too_many)
{
    federation *f = user;
    session s = federation_session(f, round);
    watch w;
    outcome done = FAILED;
    watch_init(&w, round, f->meters, f->live);
    plan_dropouts(f, &w, round, too_many);
    secagg_err err = watch_run(&w, &s);
    if (!err && !too_many)
        err = federation_learn(f, &s, round);
    if (!err && !too_many) {
        print_round(f, &w);
        done = LEARNED;
    } else if (err == SECAGG_ERR_THRESHOLD) {
        done = print_too_few(f, &w, &s);
    } else {
        print_failed_session(err, &s, "hospital");
    }
    session_close(&s);
    return done;
}

static void print_setting(const federation *f)
{
    printf("\n2. The training\n\n"
           "   %u hospitals of %zu to %zu patients, %s. A session can "
           "lose\n   %u of them: %u must stay to the end. The server and %u "
           "colluding hospitals\n   together learn no other hospital's "
           "update.\n",
        f->parties, dataset_party_rows(&f->data, 0),
        dataset_party_rows(&f->data, f->parties - 1),
        f->processes ? "a process each" : "in one process", f->spare,
        f->parties - f->spare, f->params.corrupt);
    if (f->active)
        printf("   Active mode: keys and survivors are signed, so that this "
               "also holds if the\n   server lies.\n");
    if (f->params.neighbours > 0)
        printf("   Sparse graph: each hospital masks with, and deals shares "
               "to, %u neighbours\n   on a ring.\n", f->params.neighbours);
    printf("   The %d weights take %.1f kB as float32, %.1f kB at 8 bytes "
           "an entry.\n\n", WEIGHTS, 4 * WEIGHTS / 1e3, 8 * WEIGHTS / 1e3);
}

bool show_training(federation *f)
{
    print_setting(f);
    printf("%*s %-21s      CPU, ms\n", LOST_AT + LOST_WIDTH, "",
        "maximum of a hospital");
    printf("round accuracy %-*s %5s %4s %4s %5s %6s %6s\n", LOST_WIDTH,
        "lost in phase: hospitals", "up kB", "/f32", "/8 B", "down", "server",
        "client");
    for (uint64_t round = 1; round <= f->rounds; round++)
        if (!run_round(attempt, f, round, round == f->rounds / 2 + 1))
            return false;
    return true;
}
