/* SPDX-License-Identifier: Apache-2.0 */
/* Part 1: rounds of training, each one session of a cohort, and beside each
 * the same in the clear. */
#include "devices/demo.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/dice.h"
#include "common/report.h"

/* Sessions that one round may take. */
#define ATTEMPTS 3

#define MANY 1000000 /* weights of a model that is not this one */

/* ---- the same, in the clear ---------------------------------------------- */

/* What a server would have of plain updates. Only a demo, which is every phone
 * at once, can do this. A phone that tests adds nothing to the gradients. */
static clear_sum plain_sum(const demo *d, double gradients[WEIGHTS],
    uint64_t counts[COUNTS], const model *m)
{
    float gradient[WEIGHTS];
    uint64_t own[COUNTS];
    clear_sum sum = clear_new(gradients, WEIGHTS, GRADIENT_CLIP);
    memset(counts, 0, COUNTS * sizeof *counts);
    for (uint32_t i = 0; i < d->own.phones; i++) {
        const customer *c = &d->data.customers[d->cohort[i]];
        if (!d->result.in_sum[i])
            continue;
        phone_input(gradient, own, m, &d->scaling, c);
        if (!c->tests)
            clear_add(&sum, gradient, 1);
        for (size_t k = 0; k < COUNTS; k++)
            counts[k] += own[k];
    }
    return sum;
}

static void learn(trainee *t, const double gradient[WEIGHTS], double trained)
{
    double mean[WEIGHTS];
    for (size_t k = 0; k < WEIGHTS; k++)
        mean[k] = gradient[k] / fmax(1, trained);
    model_step(&t->model, t->step, mean);
}

static void learn_from_all(demo *d)
{
    float gradient[WEIGHTS];
    double sum[WEIGHTS] = { 0 }, trained = 0;
    for (uint32_t i = 0; i < d->data.count; i++) {
        if (d->data.customers[i].tests)
            continue;
        model_gradient(gradient, &d->all.model, &d->scaling,
            &d->data.customers[i]);
        for (size_t k = 0; k < WEIGHTS; k++)
            sum[k] += (double)gradient[k];
        trained++;
    }
    learn(&d->all, sum, trained);
}

/* Train on in all three ways, and hold the secure sums to their promise: over
 * all phones in them; counts are exact. */
static void finish_round(demo *d)
{
    const session_result *r = &d->result;
    double gradients[WEIGHTS];
    uint64_t counts[COUNTS];
    clear_sum plain = plain_sum(d, gradients, counts, &d->secure.model);
    promise_hold(&d->promise, r->gradient, &plain, r->survivors);
    for (size_t k = 0; k < COUNTS; k++)
        d->miscounted += counts[k] != r->counts[k];
    learn(&d->secure, r->gradient, (double)r->counts[0]);
    (void)plain_sum(d, gradients, counts, &d->plain.model);
    learn(&d->plain, gradients, (double)counts[0]);
    learn_from_all(d);
    d->rounds++;
    d->after += r->late;
    d->taken += r->late_taken;
    d->phone_seconds += r->phone_seconds;
    d->server_seconds += r->server_seconds;
}

/* ---- a line a round ------------------------------------------------------ */

/* Whom a round asks: phones that are on a charger and on a network that costs
 * nothing, say; here any. The graph is drawn by the library once keys are in,
 * so that no one can choose its neighbours by being asked. */
static void pick_cohort(demo *d, uint64_t round)
{
    dice who = dice_new(d->own.seed, 1000 + round, 0);
    dice_pick(&who, d->cohort, d->own.phones, d->data.count);
}

/* How many phones a session can lose before the sum. */
static uint32_t spare(const demo *d)
{
    return (uint32_t)((uint64_t)d->own.phones * d->own.drop / 100);
}

/* Who is lost when: anybody, as many in each phase, and every second one since
 * it is too late. Or too many in one phase: a train in a tunnel. */
static void plan_losses(demo *d, uint64_t round, bool too_many)
{
    static const secagg_phase phases[] = { SECAGG_PHASE_KEYS,
        SECAGG_PHASE_SHARES, SECAGG_PHASE_INPUT, SECAGG_PHASE_UNMASK };
    uint32_t order[MAX_PHONES], count = spare(d);
    dice who = dice_new(d->own.seed, 2000 + round, too_many);
    if (too_many)
        count += 1 + d->own.phones / 50;
    memset(d->drops, STAYS, sizeof d->drops);
    memset(d->late, 0, sizeof d->late);
    dice_pick(&who, order, count, d->own.phones);
    for (uint32_t k = 0; k < count; k++) {
        d->drops[order[k]] = (uint8_t)(too_many ? SECAGG_PHASE_SHARES
                                                : phases[(round + k) % 4]);
        d->late[order[k]] = k / 4 % 2;
    }
}

static void print_losses(const demo *d, uint64_t round)
{
    const uint32_t *lost = d->result.lost;
    printf("%5u %4u %6u %5u %6u", (unsigned)round, lost[SECAGG_PHASE_KEYS],
        lost[SECAGG_PHASE_SHARES], lost[SECAGG_PHASE_INPUT],
        lost[SECAGG_PHASE_UNMASK]);
}

/* How good the model was that the phones were sent is in the sum, too. */
static void print_round(const demo *d, uint64_t round)
{
    const session_result *r = &d->result;
    score tested;
    memcpy(tested.stays, r->counts + 1, sizeof tested.stays);
    memcpy(tested.churns, r->counts + 1 + BINS, sizeof tested.churns);
    printf("%s", d->live ? CLEAR_LINE : "");
    print_losses(d, round);
    printf(" %6u %5.1f%% %5.3f %5.1f %4.1f %5.1f %6.2f %5.2f\n",
        r->survivors, score_accuracy(&tested), score_auc(&tested),
        (double)r->up / 1e3, (double)r->up / (4.0 * WEIGHTS),
        (double)r->down / 1e3, r->server_seconds, 1e3 * r->phone_seconds);
    fflush(stdout);
}

/* Where it failed while shares were opened, phones that opened theirs hold the
 * round to be over: the server might know the sum, and just say that it does
 * not. */
static bool over(const session_result *result)
{
    return result->failed_in == SECAGG_PHASE_UNMASK;
}

static void print_refusal(const demo *d, uint64_t round)
{
    printf("%s", d->live ? CLEAR_LINE : "");
    print_losses(d, round);
    printf(" refused: %s\n     %s\n     %s:\n",
        secagg_strerror(d->result.err), d->result.why,
        over(&d->result) ? "On to the next round" : "Again, as a new session");
    fflush(stdout);
}

/* A session that lost too many has no sum, and says why. Its round is run
 * again, under a new session id and with new clients: never the same session
 * twice. A real server waits a while first, and longer after each refusal. */
static bool train_round(demo *d, uint64_t round)
{
    bool too_many = round == d->own.rounds / 2 + 1; /* once, on purpose */
    pick_cohort(d, round);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++, too_many = false) {
        session_plan plan = { round, d->cohort, d->drops, d->late, d->live };
        plan_losses(d, round, too_many);
        secagg_err err = cohort_run(&d->result, &d->params, &plan, &d->fleet,
            &d->secure.model);
        if (err == SECAGG_OK && d->result.err == SECAGG_OK && !too_many) {
            print_round(d, round);
            finish_round(d);
            return true;
        }
        if (err != SECAGG_OK || d->result.err != SECAGG_ERR_THRESHOLD) {
            report_failed(err, d->result.err, d->result.why);
            return false;
        }
        print_refusal(d, round);
        if (over(&d->result))
            return true;
    }
    printf("   FAILED: no sum in %d attempts\n", ATTEMPTS);
    return false;
}

/* What a session of so many phones costs each where the model is large. */
static void print_large(const demo *d)
{
    secagg_params large = d->params;
    secagg_segment segment = d->segments[0];
    uint64_t up, down;
    segment.length = MANY;
    large.segments = &segment;
    large.segment_count = 1;
    if (secagg_params_traffic(&large, &up, &down) != SECAGG_OK)
        return;
    printf("   The %d weights take %.1f kB as float32; keys and shares weigh "
           "more than that.\n   Of a million weights a phone would send %.2f "
           "MB, %.2f of their float32.\n\n", WEIGHTS, 4 * WEIGHTS / 1e3,
        (double)up / 1e6, (double)up / (4.0 * MANY));
}

bool show_training(demo *d)
{
    const secagg_params *p = &d->params;
    printf("1. The training\n\n"
           "   %u phones with one record each. A phone masks with and deals "
           "shares to %u\n   others, %u of which open them; the server and 1 "
           "in %.0f phones together learn no\n   other's record. A session "
           "bears %u losses before the sum.\n",
        p->clients, p->neighbours > 0 ? p->neighbours : p->clients - 1,
        p->threshold, 1 / CORRUPT, spare(d));
    print_large(d);
    printf("      lost, silent or too late          model sent    kB of a "
           "phone  CPU, s    ms\nround KEYS SHARES INPUT UNMASK in sum  "
           "right   AUC    up /f32  down server phone\n");
    for (uint64_t round = 1; round <= d->own.rounds; round++)
        if (!train_round(d, round))
            return false;
    return true;
}
