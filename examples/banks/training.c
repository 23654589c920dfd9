/* SPDX-License-Identifier: Apache-2.0 */
/* Part 2: rounds of training, each one session, and beside each the same in
 * the clear; one with a lying coordinator, one with a cheating bank. */
#include "banks/demo.h"

#include <stdio.h>

#include "banks/liar.h"
#include "common/report.h"
#include "common/round.h"

/* Columns in which the losses of a round stand. */
#define LOSSES_AT 15
#define LOSSES_WIDTH 34

/* ---- the same, in the clear ---------------------------------------------- */

/* The weighted mean that a server would take of plain updates. Only a demo,
 * which is every bank at once, can do this. */
static clear_sum plain_mean(const demo *d, double of[WEIGHTS], uint64_t round,
    const scorecard *global, const bool *in_sum)
{
    float update[WEIGHTS];
    clear_sum sum = clear_new(of, WEIGHTS, UPDATE_CLIP);
    for (uint32_t i = 0; i < d->own.banks; i++)
        if (in_sum[i])
            clear_add(&sum, update, bank_train(update, &d->data, i, round,
                d->own.seed, global));
    clear_divide(&sum);
    return sum;
}

/* Train on in both ways, and hold the secure mean to its promise. */
static void learn(demo *d, uint64_t round, const session_result *result,
    const double mean[WEIGHTS])
{
    double of[WEIGHTS];
    clear_sum plain = plain_mean(d, of, round, &d->secure, result->in_sum);
    promise_hold(&d->promise, mean, &plain, 1);
    d->promise.broken += plain.weight != result->weight;
    clear_apply(d->secure.weights, mean, WEIGHTS);
    (void)plain_mean(d, of, round, &d->plain, result->in_sum);
    clear_apply(d->plain.weights, of, WEIGHTS);
}

/* ---- a line a round ------------------------------------------------------ */

/* A bank that cheats is one holder less, and so is a place that stays empty
 * from then on. */
static uint32_t losses_of(const demo *d, uint64_t round)
{
    uint32_t spare = options_spare(d->own.banks);
    spare -= round >= demo_cheat_round(d);
    return d->own.drop < spare ? d->own.drop : spare;
}

/* Who is lost when: anybody but the cheat, at every phase in turn. */
static void plan_round(const demo *d, session_plan *plan, uint64_t round)
{
    uint32_t count = losses_of(d, round);
    dice who = dice_new(d->own.seed, 2000 + round, 0);
    *plan = session_plan_new(round, d->keys, d->secure.weights,
        sizeof d->secure.weights);
    plan->live = d->live;
    for (uint32_t k = 0; k < count;) {
        uint32_t i = dice_below(&who, d->own.banks);
        if (plan->drops[i] != STAYS || i == CHEATER)
            continue;
        plan->drops[i] = (secagg_phase)((round * d->own.drop + k)
            % SECAGG_PHASE_DONE);
        k++;
    }
}

static void print_round(const demo *d, const session_result *result,
    uint64_t round)
{
    round_most most = round_dearest(result, d->own.banks);
    printf("%s%5u  %5.2f %% ", d->live ? CLEAR_LINE : "", (unsigned)round,
        demo_area(d, &d->secure));
    round_losses(result, d->own.banks, LOSSES_AT, LOSSES_WIDTH);
    printf(" %5.2f %5.2f  %6.1f %6.1f\n", (double)most.up / 1e3,
        (double)most.down / 1e3, 1e3 * result->server_seconds,
        1e3 * most.seconds);
    fflush(stdout);
}

/* ---- the cheats ---------------------------------------------------------- */

/* The coordinator's session has no sum, and is not to have one: what counts is
 * that nothing was opened, and that each bank said why. */
static bool suffer_split(demo *d, uint64_t round)
{
    session_result result;
    split out;
    uint32_t refused = 0, t = d->params.threshold;
    session_plan plan = session_plan_new(round, d->keys, d->secure.weights,
        sizeof d->secure.weights);
    secagg_err err = liar_splits(&result, &out, &d->params, &plan, &d->net,
        SPLIT);
    if (err != SECAGG_OK) {
        round_failed(err, &result, "bank");
        return false;
    }
    for (uint32_t i = 0; i < d->own.banks; i++)
        refused += result.left[i] == SECAGG_ERR_THRESHOLD;
    printf("%s%5u  THE COORDINATOR LIES: to %u banks, all are left; to %u, "
           "all but bank %u.\n"
           "       It wants both secrets of bank %u: %u shares of the one, %u "
           "of the other.\n"
           "       Each bank signs what it was told. It has %u signatures, "
           "shows them all:\n"
           "       %u of %u banks refuse, fewer than %u signed what they were "
           "told.\n"
           "       It gets %u messages with shares; bank %u's input stays "
           "masked. Again, as a\n       new session:\n",
        d->live ? CLEAR_LINE : "", (unsigned)round, out.told[0], out.told[1],
        SPLIT, SPLIT, t, t, out.confirmed, refused, d->own.banks, t,
        out.opened, SPLIT);
    bool caught = out.told[0] > 0 && out.told[1] > 0 && out.opened == 0
        && out.confirmed == d->own.banks && refused == d->own.banks;
    if (!caught)
        printf("       FAILED: not all banks refused\n");
    return caught;
}

/* Named by the library, struck by the others. */
static bool judge_cheat(demo *d, uint64_t round, const session_result *result)
{
    bool named = true;
    for (uint32_t i = 0; i < d->own.banks; i++) {
        bool cheats = round == demo_cheat_round(d) && i == CHEATER;
        named = named
            && result->blamed[i] == (cheats ? SECAGG_ERR_CHEAT : SECAGG_OK);
    }
    if (!named) {
        printf("       FAILED: the wrong bank was named, or none\n");
        return false;
    }
    if (round != demo_cheat_round(d))
        return true;
    printf("       BANK %u CHEATS: it opens a share with a key that is none. "
           "It is named:\n"
           "       \"%s\". The other shares were enough; the sum "
           "is\n       right all the same. The banks strike it from the "
           "registry.\n", CHEATER, secagg_strerror(SECAGG_ERR_CHEAT));
    d->keys->struck[CHEATER] = true;
    return true;
}

/* What is struck stays so: the registry is not the coordinator's, and banks
 * refuse a roster with anybody else in it. */
static bool suffer_return(demo *d, uint64_t round)
{
    session_result result;
    double mean[WEIGHTS];
    uint32_t refused = 0;
    registry lie = *d->keys;
    session_plan plan = session_plan_new(round, &lie, d->secure.weights,
        sizeof d->secure.weights);
    lie.struck[CHEATER] = false;
    secagg_err err = session_run(&result, mean, &d->params, &plan, &d->net);
    for (uint32_t i = 0; i < d->own.banks; i++)
        refused += i != CHEATER && result.left[i] == SECAGG_ERR_AUTH;
    if (err != SECAGG_OK) {
        round_failed(err, &result, "bank");
        return false;
    }
    printf("%s%5u  THE COORDINATOR ASKS BANK %u IN: %u of %u banks refuse its "
           "signature.\n       Again, without it:\n",
        d->live ? CLEAR_LINE : "", (unsigned)round, CHEATER, refused,
        d->own.banks - 1);
    bool caught = result.err != SECAGG_OK && refused == d->own.banks - 1;
    if (!caught)
        printf("       FAILED: somebody let it in\n");
    return caught;
}

static bool train_round(demo *d, uint64_t round)
{
    session_plan plan;
    session_result result;
    double mean[WEIGHTS];
    if (round == demo_split_round(d) && !suffer_split(d, round))
        return false;
    if (round == demo_cheat_round(d) + 1 && !suffer_return(d, round))
        return false;
    plan_round(d, &plan, round);
    secagg_err err = session_run(&result, mean, &d->params, &plan, &d->net);
    if (err != SECAGG_OK || result.err != SECAGG_OK) {
        round_failed(err, &result, "bank");
        return false;
    }
    learn(d, round, &result, mean);
    print_round(d, &result, round);
    return judge_cheat(d, round, &result);
}

bool show_training(demo *d)
{
    printf("\n2. The training\n\n"
           "   %u banks of %zu to %zu loans, %s. A session bears %u "
           "losses:\n   %u must stay to the end. A coordinator that lies, and "
           "%u banks with it, learn\n   no other bank's update. The model has "
           "%d weights.\n\n",
        d->own.banks, demo_loans(d, 0), demo_loans(d, d->own.banks - 1),
        d->own.processes ? "a process each" : "in one process",
        options_spare(d->own.banks), d->params.threshold, d->params.corrupt,
        WEIGHTS);
    printf("%*s most of a bank  library, ms\n", LOSSES_AT + LOSSES_WIDTH, "");
    printf("round     AUC  %-*s up kB  down  server   bank\n", LOSSES_WIDTH,
        "lost: from when on, who");
    for (uint64_t round = 1; round <= d->own.rounds; round++)
        if (!train_round(d, round))
            return false;
    return true;
}
