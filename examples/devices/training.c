/* SPDX-License-Identifier: Apache-2.0 */
/* Part 1: rounds of training. Each is one session of a random cohort, in which
 * phones drop out; in one round too many do, and its session is repeated. */
#include "devices/demo.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/output.h"
#include "common/rng.h"

#define LARGE_WEIGHTS 1000000 /* of a larger model */

/* ---- learning ------------------------------------------------------------ */

/* Compute the sums of the inputs of all phones in the session's sum, if all
 * had `m`. A phone that tests adds nothing to the gradients. */
static plain_sum plain_sums(const demo *d, const session *s,
    double gradients[WEIGHTS], uint64_t counts[COUNTS], const model *m)
{
    float gradient[WEIGHTS];
    uint64_t own[COUNTS];
    plain_sum sum = plain_sum_new(gradients, WEIGHTS, GRADIENT_CLIP);
    memset(counts, 0, COUNTS * sizeof *counts);
    for (uint32_t i = 0; i < d->cohort; i++) {
        const participant *host = d->clients[i];
        const phone *p = host->owner;
        if (!secagg_server_includes(s->server, i))
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
static void learn_from_sums(demo *d, const session *s,
    const double gradient[WEIGHTS], const uint64_t counts[COUNTS])
{
    double plain_gradient[WEIGHTS];
    uint64_t plain_counts[COUNTS];
    plain_sum plain = plain_sums(d, s, plain_gradient, plain_counts,
        &d->secure.model);
    comparison_add(&d->comparison, gradient, &plain,
        secagg_server_survivors(s->server));
    for (size_t k = 0; k < COUNTS; k++)
        d->wrong_counts += counts[k] != plain_counts[k];
    learn(&d->secure, gradient, (double)counts[0]);
    (void)plain_sums(d, s, plain_gradient, plain_counts, &d->plain.model);
    learn(&d->plain, plain_gradient, (double)plain_counts[0]);
    learn_from_all(d);
}

/* ---- the plan ------------------------------------------------------------ */

/* A real server picks phones that are charging and on an unmetered network.
 * No phone can choose its neighbours by being picked: the library draws the
 * graph only when the keys have arrived. */
static void pick_cohort(demo *d, uint64_t round)
{
    uint32_t order[MAX_PHONES];
    rng r = rng_new(d->seed, 1000 + round, 0);
    rng_sample(&r, order, d->cohort, (uint32_t)d->data.count);
    for (uint32_t i = 0; i < d->cohort; i++) {
        participant *host = &d->phones[order[i]].host;
        host->index = i;
        host->observer = meter_observer(&d->meters[i]);
        d->clients[i] = host;
    }
}

/* Count the phones that a session can lose before the sum. */
static uint32_t spare(const demo *d)
{
    return (uint32_t)((uint64_t)d->cohort * d->drop / 100);
}

/* Choose at random which phones are lost: as many in each phase, half of them
 * because they are late; or too many in one phase, as in a tunnel. */
static void plan_dropouts(demo *d, uint64_t round, bool too_many)
{
    static const secagg_phase phases[] = { SECAGG_PHASE_KEYS,
        SECAGG_PHASE_SHARES, SECAGG_PHASE_INPUT, SECAGG_PHASE_UNMASK };
    uint32_t order[MAX_PHONES], count = spare(d);
    rng r = rng_new(d->seed, 2000 + round, too_many);
    if (too_many)
        count += 1 + d->cohort / 50;
    watch_init(&d->watch, round, d->meters, d->live);
    rng_sample(&r, order, count, d->cohort);
    for (uint32_t k = 0; k < count; k++) {
        d->watch.drops[order[k]] = too_many ? SECAGG_PHASE_SHARES
                                            : phases[(round + k) % 4];
        d->watch.late[order[k]] = k / 4 % 2;
    }
}

/* ---- a line per round ---------------------------------------------------- */

static void print_lost(const demo *d)
{
    uint32_t lost[SECAGG_PHASE_DONE + 1] = { 0 };
    for (uint32_t i = 0; i < d->cohort; i++)
        lost[d->watch.lost[i]]++;
    clear_line(d->live);
    printf("%5u %4u %6u %5u %6u", (unsigned)d->watch.round,
        lost[SECAGG_PHASE_KEYS], lost[SECAGG_PHASE_SHARES],
        lost[SECAGG_PHASE_INPUT], lost[SECAGG_PHASE_UNMASK]);
}

/* The mean CPU time of the phones that stayed. */
static double phone_seconds(const demo *d)
{
    double sum = 0, stayed = 0;
    for (uint32_t i = 0; i < d->cohort; i++) {
        if (d->watch.drops[i] == STAYS) {
            sum += d->watch.client_seconds[i];
            stayed++;
        }
    }
    return sum / fmax(1, stayed);
}

/* The sum contains the score of the model that the phones were sent. */
static void print_round(demo *d, const session *s,
    const uint64_t counts[COUNTS])
{
    score tested;
    double seconds = phone_seconds(d);
    watch_max max = watch_maxima(&d->watch, d->cohort);
    memcpy(tested.stays, counts + 1, sizeof tested.stays);
    memcpy(tested.churns, counts + 1 + BINS, sizeof tested.churns);
    print_lost(d);
    printf(" %6u %5.1f%% %5.3f %5.1f %4.1f %5.1f %6.2f %5.2f\n",
        secagg_server_survivors(s->server), score_accuracy(&tested),
        score_auc(&tested), (double)max.up / 1e3,
        (double)max.up / (4.0 * WEIGHTS), (double)max.down / 1e3,
        d->watch.server_seconds, 1e3 * seconds);
    fflush(stdout);
    d->late += d->watch.late_messages;
    d->late_accepted += d->watch.late_accepted;
    d->phone_seconds += seconds;
    d->server_seconds += d->watch.server_seconds;
}

/* ---- the rounds ---------------------------------------------------------- */

static session new_session(demo *d, uint64_t round)
{
    session s = { .params = d->params, .net = &d->net,
        .model = d->secure.model.weights, .model_length = WEIGHTS };
    s.params.round = round;
    (void)network_start(&d->net);
    return s;
}

static secagg_err finish_round(demo *d, const session *s)
{
    double gradient[WEIGHTS];
    uint64_t counts[COUNTS];
    secagg_err err = secagg_server_sum_f64(s->server, 0, 0, gradient, WEIGHTS);
    if (!err)
        err = secagg_server_sum_u64(s->server, 1, 0, counts, COUNTS);
    if (err)
        return err;
    print_round(d, s, counts);
    learn_from_sums(d, s, gradient, counts);
    return SECAGG_OK;
}

/* The attempt_fn of a round. */
static outcome attempt(void *user, uint64_t round, bool too_many)
{
    demo *d = user;
    session s = new_session(d, round);
    outcome done = FAILED;
    plan_dropouts(d, round, too_many);
    secagg_err err = watch_run(&d->watch, &s);
    if (!err && !too_many)
        err = finish_round(d, &s);
    if (!err && !too_many) {
        done = LEARNED;
    } else if (err == SECAGG_ERR_THRESHOLD) {
        print_lost(d);
        printf(" failed:");
        /* A phone has one record: without a step of the model its next update
         * is the spent one. */
        done = too_few_clients(&s, 5) == AGAIN ? AGAIN : FAILED;
    } else {
        print_failure(err, s.reason);
    }
    session_close(&s);
    return done;
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
    for (uint64_t round = 1; round <= d->rounds; round++) {
        pick_cohort(d, round);
        if (!run_round(attempt, d, round, round == d->rounds / 2 + 1))
            return false;
    }
    return true;
}
