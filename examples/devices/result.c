/* SPDX-License-Identifier: Apache-2.0 */
/* Part 2: the trained model, and whether all checks passed. */
#include "devices/demo.h"

#include <math.h>
#include <stdio.h>

#include "common/output.h"

static double logit_of(const demo *d, const model *m, size_t row)
{
    return model_logit(m, &d->scaling, dataset_row(&d->data, row));
}

/* Score a model on all customers that train no model. */
static void print_model(const demo *d, const char *name, const model *m)
{
    score s = { { 0 }, { 0 } };
    for (size_t i = d->data.training; i < d->data.count; i++)
        score_add(&s, logit_of(d, m, i), d->data.labels[i]);
    printf("   %-36s %5.1f %%   %.3f\n", name, score_accuracy(&s),
        score_auc(&s));
}

static void print_models(const demo *d)
{
    static const model zeros;
    printf("   %-36s %7s   %5s\n", "", "right", "AUC");
    print_model(d, "with secure sums", &d->secure.model);
    print_model(d, "with plain sums", &d->plain.model);
    print_model(d, "with all records in one place", &d->all.model);
    print_model(d, "\"nobody leaves\"", &zeros);
}

static void print_predictions(const demo *d)
{
    size_t alike = 0;
    double max = 0;
    for (size_t i = d->data.training; i < d->data.count; i++) {
        double secure = logit_of(d, &d->secure.model, i);
        double plain = logit_of(d, &d->plain.model, i);
        alike += (secure > 0) == (plain > 0);
        max = fmax(max, fabs(secure - plain));
    }
    printf("   The models from secure and from plain sums predict the same of "
           "%zu in %zu\n   customers; the largest difference of their logits "
           "is %.1e.\n", alike, d->data.count - d->data.training, max);
}

static bool check_sums(const demo *d)
{
    bool means = comparison_report(&d->comparison, WEIGHTS);
    printf("   sums of counts are equal   %s\n\n",
        verdict(d->wrong_counts == 0));
    return means && d->wrong_counts == 0;
}

static bool check_late(const demo *d)
{
    printf("   %llu messages came after their phase; %llu were accepted   "
           "%s\n", (unsigned long long)d->late,
        (unsigned long long)d->late_accepted, verdict(d->late_accepted == 0));
    return d->late_accepted == 0;
}

bool show_result(demo *d)
{
    double rounds = (double)d->comparison.rounds;
    printf("\n2. The result, on %zu customers that train no model\n\n",
        d->data.count - d->data.training);
    print_models(d);
    bool sums = check_sums(d);
    print_predictions(d);
    bool late = check_late(d);
    if (rounds > 0)
        printf("   A round took a phone %.1f ms of CPU, and the server %.0f "
               "us for each phone.\n", 1e3 * d->phone_seconds / rounds,
            1e6 * d->server_seconds / rounds / d->cohort);
    printf("\n%s\n", sums && late ? "All checks passed."
                                  : "FAILED: a check failed.");
    return sums && late;
}
