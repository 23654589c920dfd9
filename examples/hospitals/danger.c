/* SPDX-License-Identifier: Apache-2.0 */
/* Part 1: what plain updates tell, and what masked ones do. */
#include "hospitals/demo.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/round.h"
#include "hospitals/attack.h"

/* Noise of 4,097 entries correlates with anything by some 1 / 64. */
#define CHANCE 0.1

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
 * chance does. */
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
    if (!attack_decode(masked, result->tap, result->tap_len, &d->params, 1)) {
        printf("   FAILED: the INPUT message could not be read\n");
        return false;
    }
    attack_recover(from_plain, plain);
    attack_recover(from_masked, masked);
    print_recovered(d, from_plain, from_masked);
    double whole = correlation(plain, masked, WEIGHTS);
    printf("\n   correlation with the   %4d features  %+18.3f  %+18.3f\n",
        FEATURES, correlation(truth, from_plain, FEATURES),
        correlation(truth, from_masked, FEATURES));
    printf("   with the update's      %4d entries   %+18.3f  %+18.3f\n",
        WEIGHTS, correlation(plain, plain, WEIGHTS), whole);
    printf("   (mere noise would be 0 give or take %.2f, and %.3f)\n",
        1 / sqrt(FEATURES), 1 / sqrt(WEIGHTS));
    if (!(fabs(whole) < CHANCE))
        printf("   FAILED: the masked update tells of the plain one\n");
    return fabs(whole) < CHANCE;
}

bool show_danger(demo *d)
{
    session_result result;
    double mean[WEIGHTS];
    session_plan plan = session_plan_new(ONE_PATIENT_ROUND, d->keys,
        d->secure.weights, sizeof d->secure.weights);
    plan.tapped = 0;
    printf("1. The danger\n\n"
           "   Hospital 0 trains one step on one new patient. Whoever sees "
           "the plain update\n   divides one row of it by its bias, and has "
           "the patient; of what libsecagg\n   sends, the same attack makes "
           "noise.\n");
    secagg_err err = session_run(&result, mean, &d->params, &plan, &d->net);
    bool good = err == SECAGG_OK && result.err == SECAGG_OK;
    if (!good)
        round_failed(err, &result, "hospital");
    else
        good = compare_attacks(d, &result);
    free(result.tap);
    return good;
}
