/* SPDX-License-Identifier: Apache-2.0 */
/* hospitals: federated training with secure sums, on real data.
 *
 * Where to look when you build libsecagg into a framework of your own:
 * hospitals_client.c has the client's host loop, hospitals_server.c the
 * server's; hospitals_line.c stands where your transport will. This file is
 * the story: the danger, the training, the result. */
#define _POSIX_C_SOURCE 200809L

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hospitals_attack.h"
#include "hospitals_options.h"
#include "hospitals_server.h"

/* Slack for rounding in double precision while a plain mean is taken. */
#define DOUBLE_SLACK 1e-12

typedef struct demo {
    options own;
    dataset data;
    network net;
    hospital hospitals[MAX_HOSPITALS];
    void *ends[MAX_HOSPITALS];
    secagg_params params;
    secagg_segment segments[TENSORS];
    bool live;

    neural_net secure; /* trained by secure means */
    neural_net twin;   /* changed by plain means of the very same updates */
    neural_net plain;  /* a training of its own, by plain means */
    double bound, worst; /* of one entry of a mean: promised, seen */
    uint64_t clipped;    /* entries over all rounds */
    bool failed;         /* something was not as promised */
} demo;

/* ---- the same, in the clear --------------------------------------------- */

/* The weighted mean that a server would take of plain updates. Only a demo,
 * which is every hospital at once, can do this. */
static uint64_t plain_mean(const demo *d, double mean[WEIGHTS],
    uint64_t round, const neural_net *global, const bool *in_sum)
{
    uint64_t patients = 0, clipped = 0;
    float update[WEIGHTS];
    memset(mean, 0, WEIGHTS * sizeof *mean);
    for (uint32_t i = 0; i < d->own.hospitals; i++) {
        if (!in_sum[i])
            continue;
        uint64_t weight = hospital_train(update, &d->data, i, round,
            d->own.seed, global);
        patients += weight;
        for (size_t k = 0; k < WEIGHTS; k++) {
            double value = fmax(-UPDATE_CLIP, fmin(UPDATE_CLIP,
                (double)update[k]));
            clipped += value != (double)update[k];
            mean[k] += (double)weight * value;
        }
    }
    for (size_t k = 0; k < WEIGHTS; k++)
        mean[k] /= (double)patients;
    return clipped;
}

static void apply(neural_net *model, const double mean[WEIGHTS])
{
    for (size_t k = 0; k < WEIGHTS; k++)
        model->weights[k] = (float)((double)model->weights[k] + mean[k]);
}

static double accuracy(const demo *d, const neural_net *model)
{
    size_t first = d->data.training;
    return 100 * net_accuracy(model, d->data.patients + first,
        d->data.count - first);
}

/* ---- 1: the danger -------------------------------------------------------- */

static void print_recovered(const demo *d, const double *plain,
    const double *masked)
{
    static const size_t rows[] = { 0, 1, 2, 3, 20, 23 };
    const patient *p = &d->data.patients[d->data.first[0]];
    printf("\n   %-18s %12s  %18s  %18s\n", "", "the patient",
        "from plain update", "through libsecagg");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t f = rows[i];
        double mean = d->data.mean[f], scale = d->data.deviation[f];
        printf("   %-18s %12.3f  %18.3f  %18.3f\n", feature_names[f],
            mean + scale * (double)p->features[f], mean + scale * plain[f],
            mean + scale * masked[f]);
    }
    printf("   ... and %zu more\n",
        (size_t)FEATURES - sizeof rows / sizeof *rows);
}

/* Both attacks, side by side. False where the masked update tells more than
 * chance: 4,097 entries of noise correlate by some 1 / 64. */
static bool compare_attacks(const demo *d, const session_result *result)
{
    double plain[WEIGHTS], masked[WEIGHTS] = { 0 }, truth[FEATURES];
    double from_plain[FEATURES], from_masked[FEATURES];
    float update[WEIGHTS];
    hospital_train(update, &d->data, 0, ONE_PATIENT_ROUND, d->own.seed,
        &d->secure);
    for (size_t k = 0; k < WEIGHTS; k++)
        plain[k] = (double)update[k];
    for (size_t f = 0; f < FEATURES; f++)
        truth[f] =
            (double)d->data.patients[d->data.first[0]].features[f];
    if (!attack_decode(masked, result->tap, result->tap_len, &d->params, 1))
        return false;
    attack_recover(from_plain, plain);
    attack_recover(from_masked, masked);
    print_recovered(d, from_plain, from_masked);
    double whole = correlation(plain, masked, WEIGHTS);
    printf("\n   correlation with the patient's 30 features:   plain %+.4f, "
           "through libsecagg %+.4f\n",
        correlation(truth, from_plain, FEATURES),
        correlation(truth, from_masked, FEATURES));
    printf("   correlation with the update's %d entries:   plain %+.4f, "
           "through libsecagg %+.4f\n", WEIGHTS, 1.0, whole);
    return fabs(whole) < 0.1;
}

static bool show_danger(demo *d)
{
    session_result result;
    session_plan plan = { ONE_PATIENT_ROUND, { 0 }, NOBODY, 0, false };
    for (uint32_t i = 0; i < MAX_HOSPITALS; i++)
        plan.drops[i] = STAYS;
    printf("1. The danger\n\n"
           "   Hospital 0 trains one step on one new patient. Whoever sees "
           "the plain update\n   divides two of its rows and has the "
           "patient; of what libsecagg sends, the\n   same attack makes "
           "noise.\n");
    secagg_err err = session_run(&result, &d->params, &plan, &d->net,
        &d->secure);
    bool good = err == SECAGG_OK && result.err == SECAGG_OK;
    if (!good)
        printf("   the session failed: %s %s\n", secagg_strerror(err),
            result.why);
    else if (!compare_attacks(d, &result)) {
        printf("   FAILED: the masked update tells of the plain one\n");
        good = false;
    }
    free(result.tap);
    return good;
}

/* ---- 2: the training ------------------------------------------------------ */

/* Who is lost when: anybody, at every phase in turn. */
static void plan_round(const demo *d, session_plan *plan, uint64_t round,
    uint32_t count, bool too_many)
{
    static const secagg_phase phases[] = { SECAGG_PHASE_KEYS,
        SECAGG_PHASE_SHARES, SECAGG_PHASE_INPUT, SECAGG_PHASE_UNMASK };
    dice who = dice_new(d->own.seed, 2000 + round, too_many);
    *plan = (session_plan){ round, { 0 }, NOBODY, NOBODY, d->live };
    for (uint32_t i = 0; i < MAX_HOSPITALS; i++)
        plan->drops[i] = STAYS;
    for (uint32_t k = 0; k < count;) {
        uint32_t i = dice_below(&who, d->own.hospitals);
        if (plan->drops[i] != STAYS)
            continue;
        plan->drops[i] = too_many ? SECAGG_PHASE_INPUT
                                  : phases[(round * count + k) % 4];
        plan->hangs = too_many ? i : NOBODY;
        k++;
    }
}

static void print_losses(const demo *d, const session_plan *plan)
{
    static const char *const names[] = { "KEYS", "SHARES", "INPUT", "",
        "UNMASK" };
    char text[MAX_HOSPITALS * 16] = "";
    size_t len = 0;
    for (secagg_phase p = SECAGG_PHASE_KEYS; p < SECAGG_PHASE_DONE; p++) {
        bool first = true;
        for (uint32_t i = 0; i < d->own.hospitals; i++) {
            if (plan->drops[i] != p)
                continue;
            len += (size_t)snprintf(text + len, sizeof text - len,
                first ? "%s%s %u" : "%s%s %u", len == 0 ? "" : " ",
                first ? names[p] : "+", i);
            first = false;
        }
    }
    printf("%-28s", len > 0 ? text : "nobody");
}

static void print_round(const demo *d, const session_plan *plan,
    const session_result *result)
{
    uint64_t up = 0, down = 0;
    double slowest = 0;
    for (uint32_t i = 0; i < d->own.hospitals; i++) {
        up = result->up[i] > up ? result->up[i] : up;
        down = result->down[i] > down ? result->down[i] : down;
        slowest = fmax(slowest, result->client_seconds[i]);
    }
    printf("%s%5u   %5.1f %%   ", d->live ? "\r" : "",
        (unsigned)plan->round, accuracy(d, &d->secure));
    print_losses(d, plan);
    printf(" %7.1f kB %4.2f x %4.2f x %6.1f kB %6.1f + %.1f ms\n",
        (double)up / 1e3, (double)up / (4.0 * WEIGHTS),
        (double)up / (8.0 * WEIGHTS), (double)down / 1e3,
        1e3 * result->server_seconds, 1e3 * slowest);
    fflush(stdout);
}

/* Train on in all three ways, and hold the secure mean to its promise. */
static void learn(demo *d, uint64_t round, const session_result *result)
{
    double mean[WEIGHTS];
    d->clipped += plain_mean(d, mean, round, &d->secure, result->in_sum);
    for (size_t k = 0; k < WEIGHTS; k++)
        d->worst = fmax(d->worst, fabs(mean[k] - result->mean[k]));
    apply(&d->twin, mean);
    apply(&d->secure, result->mean);
    plain_mean(d, mean, round, &d->plain, result->in_sum);
    apply(&d->plain, mean);
}

/* A round in which too many are lost has no sum, and says why; it is run
 * again, under a new session id and with new clients: never the same session
 * twice. */
static bool lose_too_many(demo *d, uint64_t round)
{
    session_plan plan;
    session_result result;
    uint32_t count = options_spare(d->own.hospitals) + 1;
    plan_round(d, &plan, round, count, true);
    secagg_err err = session_run(&result, &d->params, &plan, &d->net,
        &d->secure);
    if (err != SECAGG_OK || result.err != SECAGG_ERR_THRESHOLD) {
        printf("   round %u: should have been refused: %s\n",
            (unsigned)round, secagg_strerror(err));
        return false;
    }
    printf("%s%5u   refused   ", d->live ? "\r" : "", (unsigned)round);
    print_losses(d, &plan);
    printf("\n        %s: %s\n        again, as a new session:\n",
        secagg_strerror(result.err), result.why);
    return true;
}

static bool train_round(demo *d, uint64_t round)
{
    session_plan plan;
    session_result result;
    plan_round(d, &plan, round, d->own.drop, false);
    secagg_err err = session_run(&result, &d->params, &plan, &d->net,
        &d->secure);
    if (err != SECAGG_OK || result.err != SECAGG_OK) {
        printf("   round %u failed: %s %s\n", (unsigned)round,
            secagg_strerror(err != SECAGG_OK ? err : result.err),
            result.why);
        return false;
    }
    learn(d, round, &result);
    print_round(d, &plan, &result);
    return true;
}

static bool show_training(demo *d)
{
    printf("\n2. The training: %u hospitals with %zu to %zu patients, %s\n\n"
           "   round of %d weights as float32: %.1f kB; at 8 bytes an entry: "
           "%.1f kB\n\n"
           "round  accuracy  lost, from when on           up of a hospital  "
           "/float /8 byte    down   server + hospital\n",
        d->own.hospitals, d->data.first[1],
        d->data.first[d->own.hospitals]
            - d->data.first[d->own.hospitals - 1],
        d->own.processes ? "a process each" : "in one process", WEIGHTS,
        4 * WEIGHTS / 1e3, 8 * WEIGHTS / 1e3);
    for (uint64_t round = 1; round <= d->own.rounds; round++) {
        if (round == d->own.rounds / 2 + 1 && !lose_too_many(d, round))
            return false;
        if (!train_round(d, round))
            return false;
    }
    return true;
}
