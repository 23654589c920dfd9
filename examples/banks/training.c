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
static uint32_t count_dropouts(const demo *d, uint64_t round)
{
    uint32_t spare = d->spare - (round >= demo_cheat_round(d));
    return d->drop < spare ? d->drop : spare;
}

/* Choose at random which banks drop out, in every phase in turn. */
static void plan_dropouts(const demo *d, watch *w, uint64_t round)
{
    uint32_t order[MAX_PARTIES], count = count_dropouts(d, round);
    rng r = rng_new(d->all.seed, 2000 + round, 0);
    rng_sample(&r, order, d->all.parties, d->all.parties);
    for (uint32_t i = 0, k = 0; k < count; i++) {
        if (order[i] == CHEATER)
            continue;
        w->drops[order[i]] = (secagg_phase)((round * d->drop + k)
            % SECAGG_PHASE_DONE);
        k++;
    }
}

static void print_round(const demo *d, const watch *w)
{
    watch_max max = watch_maxima(w, d->all.parties);
    clear_line(w->live);
    printf("%5u  %5.2f %% ", (unsigned)w->round,
        demo_auc(d, d->all.secure));
    watch_print_lost(w, d->all.parties, LOST_AT, LOST_WIDTH);
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
static bool check_blame(demo *d, uint64_t round, const session *s)
{
    bool cheated = round == demo_cheat_round(d);
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
    d->all.registry->revoked[CHEATER] = true;
    return true;
}

/* The server invites the revoked bank: the registry is not the server's, and
 * all other banks leave. */
static bool show_revoked(demo *d, uint64_t round)
{
    uint32_t left = 0, others = d->all.parties - 1;
    registry lie = *d->all.registry;
    session s = federation_session(&d->all, round);
    s.registry = &lie;
    lie.revoked[CHEATER] = false;
    secagg_err err = session_run(&s);
    for (uint32_t i = 0; i < d->all.parties; i++)
        left += i != CHEATER && s.left[i] == SECAGG_ERR_AUTH;
    session_close(&s);
    clear_line(d->all.live);
    printf("       THE SERVER INVITES BANK %u: %u of %u other banks reject "
           "its signature.\n       Again, without it:\n", CHEATER, left,
        others);
    if (!err || left != others)
        printf("       FAILED: a bank accepted it\n");
    return err && left == others;
}

/* ---- the rounds ---------------------------------------------------------- */

static bool train_round(demo *d, uint64_t round)
{
    if (round == demo_split_round(d) && !show_equivocation(d, round))
        return false;
    if (round == demo_cheat_round(d) + 1 && !show_revoked(d, round))
        return false;
    session s = federation_session(&d->all, round);
    watch w;
    watch_init(&w, round, d->all.meters, d->all.live);
    plan_dropouts(d, &w, round);
    secagg_err err = watch_run(&w, &s);
    if (!err)
        err = federation_learn(&d->all, &s, round);
    if (err)
        print_failed_session(err, &s, "bank");
    else
        print_round(d, &w);
    bool good = !err && check_blame(d, round, &s);
    session_close(&s);
    return good;
}

bool show_training(demo *d)
{
    const federation *f = &d->all;
    printf("\n2. The training\n\n"
           "   %u banks of %zu to %zu loans, %s. A session can lose %u\n"
           "   of them: %u must stay to the end. A malicious server and %u "
           "colluding banks\n   together learn no other bank's update. The "
           "model has %d weights.\n\n",
        f->parties, dataset_party_rows(&f->data, 0),
        dataset_party_rows(&f->data, f->parties - 1),
        f->processes ? "a process each" : "in one process", d->spare,
        f->params.threshold, f->params.corrupt, WEIGHTS);
    printf("%*s max. of a bank      CPU, ms\n", LOST_AT + LOST_WIDTH, "");
    printf("round     AUC  %-*s up kB  down  server   bank\n", LOST_WIDTH,
        "lost in phase: banks");
    for (uint64_t round = 1; round <= f->rounds; round++)
        if (!train_round(d, round))
            return false;
    return true;
}
