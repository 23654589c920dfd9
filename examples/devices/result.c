/* SPDX-License-Identifier: Apache-2.0 */
/* Part 2: what all learnt together, and whether the promises were kept. */
#include "devices/demo.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void demo_score(score *counts, const demo *d, const model *m)
{
    memset(counts, 0, sizeof *counts);
    for (uint32_t i = 0; i < d->data.count; i++) {
        const customer *c = &d->data.customers[i];
        if (c->tests)
            score_add(counts, model_logit(m, &d->scaling, c), c->churns);
    }
}

static void print_row(const demo *d, const char *name, const model *m)
{
    score counts;
    demo_score(&counts, d, m);
    printf("   %-36s %5.1f %%   %.3f\n", name, score_accuracy(&counts),
        score_auc(&counts));
}

static void print_accuracies(const demo *d)
{
    static const model nothing;
    printf("   %-36s %7s   %5s\n", "", "right", "AUC");
    print_row(d, "with secure sums", &d->secure.model);
    print_row(d, "with plain sums", &d->plain.model);
    print_row(d, "with all records in one place", &d->all.model);
    print_row(d, "\"nobody leaves\"", &nothing);
}

/* Customers that the models from secure and from plain sums tell apart. */
static void print_predictions(const demo *d)
{
    uint32_t tested = 0, alike = 0;
    double most = 0;
    for (uint32_t i = 0; i < d->data.count; i++) {
        const customer *c = &d->data.customers[i];
        if (!c->tests)
            continue;
        double secure = model_logit(&d->secure.model, &d->scaling, c);
        double plain = model_logit(&d->plain.model, &d->scaling, c);
        tested++;
        alike += (secure > 0) == (plain > 0);
        most = fmax(most, fabs(secure - plain));
    }
    printf("   The models from secure and from plain sums say the same of %u "
           "in %u\n   customers; their logits differ by %.1e at the most.\n",
        alike, tested, most);
}

/* Of gradients, and of counts, which are exact. */
static bool check_sums(const demo *d)
{
    bool means = promise_report(&d->promise, d->rounds, WEIGHTS);
    printf("   sums of counts are equal   %s\n\n",
        d->miscounted == 0 ? "kept" : "BROKEN");
    return means && d->miscounted == 0;
}

/* Late messages were all refused, or a late update might be in a sum. */
static bool check_late(const demo *d)
{
    printf("   %llu messages came after their phase; %llu were let in   %s\n",
        (unsigned long long)d->after, (unsigned long long)d->taken,
        d->taken == 0 ? "kept" : "BROKEN");
    return d->taken == 0;
}

bool show_result(demo *d)
{
    printf("\n2. The result: on %u customers that no training saw\n\n",
        d->data.count / 5);
    print_accuracies(d);
    bool sums = check_sums(d);
    print_predictions(d);
    bool late = check_late(d);
    if (d->rounds > 0)
        printf("   A round took a phone %.1f ms of CPU, and the server "
               "%.0f us for each phone.\n",
            1e3 * d->phone_seconds / d->rounds,
            1e6 * d->server_seconds / d->rounds / d->own.phones);
    printf("\n%s\n", sums && late
        ? "All as promised."
        : "FAILED: something was not as promised.");
    return sums && late;
}
