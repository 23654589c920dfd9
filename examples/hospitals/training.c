/* SPDX-License-Identifier: Apache-2.0 */
/* Part 2: rounds of training, each one session, and beside each the same in
 * the clear. */
#include "hospitals/demo.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

#include "common/report.h"
#include "common/round.h"

/* Sessions that one round may take. */
#define ATTEMPTS 3

/* Columns in which the losses of a round stand. */
#define LOSSES_AT 15
#define LOSSES_WIDTH 28

/* ---- the same, in the clear --------------------------------------------- */

/* The weighted mean that a server would take of plain updates. Only a demo,
 * which is every hospital at once, can do this. */
static clear_sum plain_mean(const demo *d, double of[WEIGHTS], uint64_t round,
    const neural_net *global, const bool *in_sum)
{
    float update[WEIGHTS];
    clear_sum sum = clear_new(of, WEIGHTS, UPDATE_CLIP);
    for (uint32_t i = 0; i < d->own.hospitals; i++)
        if (in_sum[i])
            clear_add(&sum, update, hospital_train(update, &d->data, i, round,
                d->own.seed, global));
    clear_divide(&sum);
    return sum;
}

/* The most by which one round can drive two models apart: a step of the
 * encoding, and one rounding to float in either. */
static double step_apart(const demo *d)
{
    double largest = 0;
    for (size_t k = 0; k < WEIGHTS; k++)
        largest = fmax(largest, fmax(fabs((double)d->secure.weights[k]),
            fabs((double)d->twin.weights[k])));
    return d->promise.bound + (double)FLT_EPSILON * largest;
}

/* Train on in all three ways, and hold the secure mean to its promise. */
static void learn(demo *d, uint64_t round, const session_result *result,
    const double mean[WEIGHTS])
{
    double of[WEIGHTS];
    clear_sum plain = plain_mean(d, of, round, &d->secure, result->in_sum);
    promise_hold(&d->promise, mean, &plain, 1);
    d->promise.broken += plain.weight != result->weight;
    clear_apply(d->twin.weights, of, WEIGHTS);
    clear_apply(d->secure.weights, mean, WEIGHTS);
    d->apart += step_apart(d);
    (void)plain_mean(d, of, round, &d->plain, result->in_sum);
    clear_apply(d->plain.weights, of, WEIGHTS);
}

/* ---- a line a round ------------------------------------------------------ */

/* Who is lost when: anybody, at every phase in turn. */
static void plan_round(const demo *d, session_plan *plan, uint64_t round,
    bool too_many)
{
    static const secagg_phase phases[] = { SECAGG_PHASE_KEYS,
        SECAGG_PHASE_SHARES, SECAGG_PHASE_INPUT, SECAGG_PHASE_UNMASK,
        SECAGG_PHASE_CONFIRM };
    uint32_t kinds = d->own.active ? 5 : 4;
    uint32_t count = too_many ? options_spare(&d->own) + 1 : d->own.drop;
    dice who = dice_new(d->own.seed, 2000 + round, too_many);
    *plan = session_plan_new(round, d->keys, d->secure.weights,
        sizeof d->secure.weights);
    plan->live = d->live;
    for (uint32_t k = 0; k < count;) {
        uint32_t i = dice_below(&who, d->own.hospitals);
        if (plan->drops[i] != STAYS)
            continue;
        plan->drops[i] = too_many ? SECAGG_PHASE_INPUT
                                  : phases[(round * count + k) % kinds];
        plan->hangs = too_many ? i : NOBODY;
        k++;
    }
}

static void print_round(const demo *d, const session_plan *plan,
    const session_result *result)
{
    round_most most = round_dearest(result, d->own.hospitals);
    double up = (double)most.up;
    printf("%s%5u  %5.1f %% ", d->live ? CLEAR_LINE : "",
        (unsigned)plan->round, demo_accuracy(d, &d->secure));
    round_losses(result, d->own.hospitals, LOSSES_AT, LOSSES_WIDTH);
    printf(" %5.1f %4.2f %4.2f %5.1f %6.1f %6.1f\n", up / 1e3,
        up / (4.0 * WEIGHTS), up / (8.0 * WEIGHTS), (double)most.down / 1e3,
        1e3 * result->server_seconds, 1e3 * most.seconds);
    fflush(stdout);
}

/* Where it failed while shares were opened, hospitals that opened theirs hold
 * the round to be over: the server might know the sum, and just say that it
 * does not. */
static bool over(const session_result *result)
{
    return result->failed_in == SECAGG_PHASE_UNMASK;
}

static void print_refusal(const demo *d, const session_plan *plan,
    const session_result *result)
{
    char losses[LOSSES_ROOM];
    describe_losses(losses, d->own.hospitals, result);
    printf("%s%5u  refused %s", d->live ? CLEAR_LINE : "",
        (unsigned)plan->round, losses);
    if (d->own.processes && plan->hangs != NOBODY)
        printf(" (%u hangs)", plan->hangs);
    printf("\n%*s%s:\n%*s%s\n%*s%s:\n", LOSSES_AT, "",
        secagg_strerror(result->err), LOSSES_AT, "", result->why, LOSSES_AT,
        "", over(result) ? "On to the next round" : "Again, as a new session");
    fflush(stdout);
}

/* A session that lost too many has no sum, and says why. Its round is run
 * again, under a new session id and with new clients: never the same session
 * twice. */
static bool train_round(demo *d, uint64_t round)
{
    session_plan plan;
    session_result result;
    double mean[WEIGHTS];
    bool too_many = round == d->own.rounds / 2 + 1; /* once, on purpose */
    for (int attempt = 0; attempt < ATTEMPTS; attempt++, too_many = false) {
        plan_round(d, &plan, round, too_many);
        secagg_err err = session_run(&result, mean, &d->params, &plan,
            &d->net);
        if (err == SECAGG_OK && result.err == SECAGG_OK && !too_many) {
            learn(d, round, &result, mean);
            print_round(d, &plan, &result);
            return true;
        }
        if (err != SECAGG_OK || result.err != SECAGG_ERR_THRESHOLD) {
            round_failed(err, &result, "hospital");
            return false;
        }
        print_refusal(d, &plan, &result);
        if (over(&result))
            return true;
    }
    printf("   FAILED: no sum in %d attempts\n", ATTEMPTS);
    return false;
}

static void print_setting(const demo *d)
{
    size_t smallest = demo_patients(d, 0);
    size_t largest = demo_patients(d, d->own.hospitals - 1);
    printf("\n2. The training\n\n"
           "   %u hospitals of %zu to %zu patients, %s. A session bears %u "
           "losses:\n   %u must stay to the end. The server and %u hospitals "
           "together learn no\n   other's update.\n",
        d->own.hospitals, smallest, largest,
        d->own.processes ? "a process each" : "in one process",
        options_spare(&d->own), d->own.hospitals - options_spare(&d->own),
        d->params.corrupt);
    if (d->own.active)
        printf("   Active: keys and survivors are signed; that holds of a "
               "server that lies, too.\n");
    if (d->own.sparse)
        printf("   Sparse: each shares masks and secrets with %u others on a "
               "ring.\n", d->params.neighbours);
    printf("   The %d weights take %.1f kB as float32, %.1f kB at 8 bytes "
           "an entry.\n\n", WEIGHTS, 4 * WEIGHTS / 1e3, 8 * WEIGHTS / 1e3);
}

bool show_training(demo *d)
{
    print_setting(d);
    printf("%*s %-21s  library, ms\n", LOSSES_AT + LOSSES_WIDTH, "",
        "most of a hospital");
    printf("round accuracy %-*s %5s %4s %4s %5s %6s %6s\n", LOSSES_WIDTH,
        "lost: from when on, who", "up kB", "/f32", "/8 B", "down", "server",
        "client");
    for (uint64_t round = 1; round <= d->own.rounds; round++) {
        if (!train_round(d, round))
            return false;
    }
    return true;
}
