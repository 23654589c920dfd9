/* SPDX-License-Identifier: Apache-2.0 */
/* Part 1: rounds of training. Each is one session of a random cohort, in which
 * phones drop out; in one round too many do, and its session is repeated. */
#include "devices/demo.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/output.h"
#include "common/rng.h"

#define MAX_ATTEMPTS 3        /* sessions for one round */
#define LARGE_WEIGHTS 1000000 /* of a larger model */

/* ---- learning ------------------------------------------------------------ */

/* Compute the sums of the inputs of all phones in the session's sum, if all
 * had `m`. A phone that tests adds nothing to the gradients. */
static plain_sum plain_sums(const demo *d, const cohort *c,
    double gradients[WEIGHTS], uint64_t counts[COUNTS], const model *m)
{
    float gradient[WEIGHTS];
    uint64_t own[COUNTS];
    plain_sum sum = plain_sum_new(gradients, WEIGHTS, GRADIENT_CLIP);
    memset(counts, 0, COUNTS * sizeof *counts);
    for (uint32_t i = 0; i < d->phones; i++) {
        const phone *p = &d->fleet.phones[c->phones[i]];
        if (!d->result.in_sum[i])
            continue;
        phone_input(gradient, own, p, m);
        if (!p->tests)
            plain_sum_add(&sum, gradient, 1);
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
    double sum[WEIGHTS] = { 0 };
    for (size_t i = 0; i < d->data.training; i++) {
        model_gradient(gradient, &d->all.model, &d->scaling,
            dataset_row(&d->data, i), d->data.labels[i]);
        for (size_t k = 0; k < WEIGHTS; k++)
            sum[k] += (double)gradient[k];
    }
    learn(&d->all, sum, (double)d->data.training);
}

/* Compare the secure sums with the plain ones, and change all models. */
static void finish_round(demo *d, const cohort *c)
{
    const cohort_result *r = &d->result;
    double gradients[WEIGHTS];
    uint64_t counts[COUNTS];
    plain_sum plain = plain_sums(d, c, gradients, counts, &d->secure.model);
    comparison_add(&d->comparison, r->gradient, &plain, r->survivors);
    for (size_t k = 0; k < COUNTS; k++)
        d->wrong_counts += counts[k] != r->counts[k];
    learn(&d->secure, r->gradient, (double)r->counts[0]);
    (void)plain_sums(d, c, gradients, counts, &d->plain.model);
    learn(&d->plain, gradients, (double)counts[0]);
    learn_from_all(d);
    d->late += r->late;
    d->late_accepted += r->late_accepted;
    d->phone_seconds += r->phone_seconds;
    d->server_seconds += r->server_seconds;
}

/* ---- the plan ------------------------------------------------------------ */

/* A real server picks phones that are charging and on an unmetered network.
 * No phone can choose its neighbours by being picked: the library draws the
 * graph only when the keys have arrived. */
static void pick_cohort(const demo *d, cohort *c, uint64_t round)
{
    rng r = rng_new(d->seed, 1000 + round, 0);
    c->round = round;
    rng_sample(&r, c->phones, d->phones, (uint32_t)d->data.count);
}

/* Count the phones that a session can lose before the sum. */
static uint32_t spare(const demo *d)
{
    return (uint32_t)((uint64_t)d->phones * d->drop / 100);
}

/* Choose at random which phones are lost: as many in each phase, half of them
 * because they are late; or too many in one phase, as in a tunnel. */
static void plan_dropouts(const demo *d, cohort *c, bool too_many)
{
    static const secagg_phase phases[] = { SECAGG_PHASE_KEYS,
        SECAGG_PHASE_SHARES, SECAGG_PHASE_INPUT, SECAGG_PHASE_UNMASK };
    uint32_t order[MAX_PHONES], count = spare(d);
    rng r = rng_new(d->seed, 2000 + c->round, too_many);
    if (too_many)
        count += 1 + d->phones / 50;
    for (uint32_t i = 0; i < d->phones; i++)
        c->drops[i] = STAYS;
    rng_sample(&r, order, count, d->phones);
    for (uint32_t k = 0; k < count; k++) {
        c->drops[order[k]] = too_many ? SECAGG_PHASE_SHARES
                                      : phases[(c->round + k) % 4];
        c->late[order[k]] = k / 4 % 2;
    }
}

/* ---- a line per round ---------------------------------------------------- */

static void print_lost(const demo *d, uint64_t round)
{
    const uint32_t *lost = d->result.lost;
    clear_line(d->fleet.live);
    printf("%5u %4u %6u %5u %6u", (unsigned)round, lost[SECAGG_PHASE_KEYS],
        lost[SECAGG_PHASE_SHARES], lost[SECAGG_PHASE_INPUT],
        lost[SECAGG_PHASE_UNMASK]);
}

/* The sum contains the score of the model that the phones were sent. */
static void print_round(const demo *d, uint64_t round)
{
    const cohort_result *r = &d->result;
    score tested;
    memcpy(tested.stays, r->counts + 1, sizeof tested.stays);
    memcpy(tested.churns, r->counts + 1 + BINS, sizeof tested.churns);
    print_lost(d, round);
    printf(" %6u %5.1f%% %5.3f %5.1f %4.1f %5.1f %6.2f %5.2f\n",
        r->survivors, score_accuracy(&tested), score_auc(&tested),
        (double)r->up / 1e3, (double)r->up / (4.0 * WEIGHTS),
        (double)r->down / 1e3, r->server_seconds, 1e3 * r->phone_seconds);
    fflush(stdout);
}

/* If the session failed while shares were opened, the phones that opened
 * theirs regard the round as over: the server might know the sum and only
 * claim that it does not. */
static bool round_is_over(const cohort_result *r)
{
    return r->phase == SECAGG_PHASE_UNMASK;
}

static void print_too_few(const demo *d, uint64_t round)
{
    print_lost(d, round);
    printf(" failed: %s\n     %s\n     %s:\n",
        secagg_strerror(SECAGG_ERR_THRESHOLD), d->result.reason,
        round_is_over(&d->result) ? "On to the next round"
                                  : "Again, as a new session");
    fflush(stdout);
}

/* ---- the rounds ---------------------------------------------------------- */

/* A session that lost too many phones has no sum. Its round is repeated as a
 * new session with a new id and new clients. A real server waits first, and
 * longer after each failure. */
static bool train_round(demo *d, uint64_t round)
{
    bool too_many = round == d->rounds / 2 + 1; /* once, on purpose */
    for (int i = 0; i < MAX_ATTEMPTS; i++, too_many = false) {
        static cohort c; /* large */
        memset(&c, 0, sizeof c);
        pick_cohort(d, &c, round);
        plan_dropouts(d, &c, too_many);
        secagg_err err = fleet_run(&d->fleet, &c, &d->params,
            &d->secure.model, &d->result);
        if (!err && !too_many) {
            print_round(d, round);
            finish_round(d, &c);
            return true;
        }
        if (err != SECAGG_ERR_THRESHOLD) {
            print_failure(err, d->result.reason);
            return false;
        }
        print_too_few(d, round);
        if (round_is_over(&d->result))
            return true;
    }
    printf("   FAILED: no sum in %d attempts\n", MAX_ATTEMPTS);
    return false;
}

/* Print the traffic of a session of as many phones with a larger model. */
static void print_large(const demo *d)
{
    secagg_params large = d->params;
    secagg_segment segment = d->segments[0];
    uint64_t up, down;
    segment.length = LARGE_WEIGHTS;
    large.segments = &segment;
    large.segment_count = 1;
    if (secagg_params_traffic(&large, &up, &down))
        return;
    printf("   The %d weights take %.1f kB as float32; keys and shares take "
           "more than that.\n   With a million weights a phone would send "
           "%.2f MB, %.2f of their float32.\n\n", WEIGHTS,
        4 * WEIGHTS / 1e3, (double)up / 1e6,
        (double)up / (4.0 * LARGE_WEIGHTS));
}

bool show_training(demo *d)
{
    const secagg_params *p = &d->params;
    printf("1. The training\n\n"
           "   %u phones with one record each. A phone masks with, and deals "
           "shares to, %u\n   others; %u shares open a secret. The server and "
           "1 in %.0f phones together learn\n   no other phone's record. A "
           "session can lose %u phones before the sum.\n",
        p->clients, p->neighbours > 0 ? p->neighbours : p->clients - 1,
        p->threshold, 1 / CORRUPT, spare(d));
    print_large(d);
    printf("      lost, silent or too late          model sent    kB of a "
           "phone  CPU, s    ms\nround KEYS SHARES INPUT UNMASK in sum  "
           "right   AUC    up /f32  down server phone\n");
    for (uint64_t round = 1; round <= d->rounds; round++)
        if (!train_round(d, round))
            return false;
    return true;
}
