/* SPDX-License-Identifier: Apache-2.0 */
/* Part 2: rounds of training. Each is one session, in which banks drop out.
 * Before one of them the server equivocates, in one a bank cheats, and before
 * the next the server invites that bank again. */
#include "banks/demo.h"

#include <stdio.h>

#include "common/output.h"

/* The columns of the table that name the banks that were lost. */
#define LOST_AT 15
#define LOST_WIDTH 34

/* Once a bank has cheated, a session can lose one bank fewer. */
static uint32_t count_dropouts(const federation *f, uint64_t round)
{
    uint32_t spare = f->spare - (round >= demo_cheat_round(f));
    return f->drop < spare ? f->drop : spare;
}

/* Choose at random which banks drop out, in every phase in turn. */
static void plan_dropouts(const federation *f, watch *w, uint64_t round)
{
    uint32_t order[MAX_PARTIES], count = count_dropouts(f, round);
    rng r = rng_new(f->seed, 2000 + round, 0);
    rng_sample(&r, order, f->parties, f->parties);
    for (uint32_t i = 0, k = 0; k < count; i++) {
        if (order[i] == CHEATER)
            continue;
        w->drops[order[i]] = (secagg_phase)((round * f->drop + k)
            % SECAGG_PHASE_DONE);
        k++;
    }
}

static void print_round(const federation *f, const watch *w)
{
    watch_max max = watch_maxima(w, f->parties);
    clear_line(w->live);
    printf("%5u  %5.2f %% ", (unsigned)w->round,
        demo_auc(f, f->secure));
    watch_print_lost(w, f->parties, LOST_AT, LOST_WIDTH);
    printf(" %5.2f %5.2f  %6.1f %6.1f\n", (double)max.up / 1e3,
        (double)max.down / 1e3, 1e3 * w->server_seconds, 1e3 * max.seconds);
    fflush(stdout);
}

/* ---- a bank cheats ------------------------------------------------------- */

/* Returns whether the library blames only CHEATER, if `cheated`, else none. */
static bool blame_is_right(const session *s, bool cheated)
{
    uint32_t index = 0;
    secagg_err why;
    if (!cheated)
        return secagg_server_blamed(s->server, 0, &index, &why) != SECAGG_OK;
    return secagg_server_blamed(s->server, 0, &index, &why) == SECAGG_OK
        && index == CHEATER && why == SECAGG_ERR_CHEAT
        && secagg_server_blamed(s->server, 1, &index, &why) != SECAGG_OK;
}

/* The banks revoke the key of the bank that the library blames. */
static bool check_blame(federation *f, uint64_t round, const session *s)
{
    bool cheated = round == demo_cheat_round(f), out[MAX_CLIENTS];
    if (!blame_is_right(s, cheated)) {
        printf("       FAILED: the blame is on the wrong bank, or on none\n");
        return false;
    }
    if (!cheated)
        return true;
    printf("       BANK %u CHEATS: it sends a false key for a share. The "
           "library blames it:\n       \"%s\". The other shares suffice, and "
           "the sum is\n       correct. The banks revoke its key.\n", CHEATER,
        secagg_strerror(SECAGG_ERR_CHEAT));
    (void)next_session_leave_out(out, s->server, &s->attendance, f->parties);
    for (uint32_t i = 0; i < f->parties; i++)
        f->registry->revoked[i] |= out[i];
    return true;
}

/* The server invites the revoked bank: the registry is not the server's, and
 * all other banks leave. */
static bool show_revoked(federation *f, uint64_t round)
{
    uint32_t left = 0, others = f->parties - 1;
    registry lie = *f->registry;
    session s = federation_session(f, round);
    s.registry = &lie;
    lie.revoked[CHEATER] = false;
    secagg_err err = session_run(&s);
    for (uint32_t i = 0; i < f->parties; i++)
        left += i != CHEATER && s.left[i] == SECAGG_ERR_AUTH;
    session_close(&s);
    clear_line(f->live);
    printf("       THE SERVER INVITES BANK %u: %u of %u other banks reject "
           "its signature.\n       Again, without it:\n", CHEATER, left,
        others);
    if (!err || left != others)
        printf("       FAILED: a bank accepted it\n");
    return err && left == others;
}

/* ---- the rounds ---------------------------------------------------------- */

static bool train_round(federation *f, uint64_t round)
{
    if (round == demo_split_round(f))
        return show_equivocation(f, round); /* the updates are spent */
    if (round == demo_cheat_round(f) + 1 && !show_revoked(f, round))
        return false;
    session s = federation_session(f, round);
    watch w;
    watch_init(&w, round, f->meters, f->live);
    plan_dropouts(f, &w, round);
    secagg_err err = watch_run(&w, &s);
    if (!err)
        err = federation_learn(f, &s, round);
    if (err)
        print_failed_session(err, &s, "bank");
    else
        print_round(f, &w);
    bool good = !err && check_blame(f, round, &s);
    session_close(&s);
    return good;
}

bool show_training(federation *f)
{
    printf("\n2. The training\n\n"
           "   %u banks of %zu to %zu loans, %s. A session can lose %u\n"
           "   of them: %u must stay to the end. A malicious server and %u "
           "colluding banks\n   together learn no other bank's update. The "
           "model has %d weights.\n\n",
        f->parties, dataset_party_rows(&f->data, 0),
        dataset_party_rows(&f->data, f->parties - 1),
        f->processes ? "a process each" : "in one process", f->spare,
        f->params.threshold, f->params.corrupt, WEIGHTS);
    printf("%*s max. of a bank      CPU, ms\n", LOST_AT + LOST_WIDTH, "");
    printf("round     AUC  %-*s up kB  down  server   bank\n", LOST_WIDTH,
        "lost in phase: banks");
    for (uint64_t round = 1; round <= f->rounds; round++)
        if (!train_round(f, round))
            return false;
    return true;
}
