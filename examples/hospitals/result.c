/* SPDX-License-Identifier: Apache-2.0 */
/* Part 3: the trained model, and whether all checks passed. */
#include "hospitals/demo.h"

#include <math.h>
#include <stdio.h>

#include "common/output.h"

static double accuracy_alone(const federation *f, uint32_t hospital)
{
    float model[WEIGHTS];
    net_start(model, f->seed);
    federation_train_alone(f, model, hospital);
    return demo_accuracy(f, model);
}

static double accuracy_together(const federation *f)
{
    float model[WEIGHTS];
    net_start(model, f->seed);
    federation_train_together(f, model);
    return demo_accuracy(f, model);
}

static void print_accuracies(const federation *f)
{
    double sum = 0;
    printf("   %-36s %5.1f %%\n   %-36s %5.1f %%\n   %-36s %5.1f %%\n",
        "with secure sums", demo_accuracy(f, f->secure), "with plain sums",
        demo_accuracy(f, f->plain), "with all data in one place",
        accuracy_together(f));
    for (uint32_t i = 0; i < f->parties; i++) {
        double accuracy = accuracy_alone(f, i);
        printf("   hospital %2u alone: %3zu ill of %3zu      %5.1f %%\n", i,
            dataset_party_positives(&f->data, i),
            dataset_party_rows(&f->data, i), accuracy);
        sum += accuracy;
    }
    printf("   %-36s %5.1f %%\n", "a hospital alone, on average",
        sum / f->parties);
}

/* The reference model got the plain mean of each round in place of the secure
 * one. All weights of the two are within a bounded distance, and so are their
 * logits. Where the reference logit is farther from 0 than that, both must
 * predict the same. */
static bool check_predictions(const federation *f)
{
    const dataset *data = &f->data;
    size_t alike = 0, required = 0, failures = 0;
    double max = 0;
    for (size_t i = data->training; i < data->count; i++) {
        double secure = net_logit(f->secure, data, i);
        double reference = net_logit(f->reference, data, i);
        double bound = net_logit_bound(f->reference, data, i, f->distance);
        bool same = (secure > 0) == (reference > 0);
        alike += same;
        required += fabs(reference) > bound;
        failures += (!same && fabs(reference) > bound)
            || !(fabs(secure - reference) <= bound + 1e-12);
        max = fmax(max, fabs(secure - reference));
    }
    printf("\n   predictions after secure and plain means of the same updates, "
           "%zu patients:\n   %zu are alike; the bound requires %zu   %s\n"
           "   the largest difference of their logits is %.1e\n",
        data->count - data->training, alike, required, verdict(failures == 0),
        max);
    return failures == 0;
}

bool show_result(const federation *f)
{
    printf("\n3. The result: accuracy on %zu patients that trained no model\n"
           "\n", f->data.count - f->data.training);
    print_accuracies(f);
    bool means = comparison_report(&f->comparison, WEIGHTS);
    bool predictions = check_predictions(f);
    printf("\n%s\n", means && predictions
        ? "All checks passed."
        : "FAILED: a secure sum differs by more than the encoding allows.");
    return means && predictions;
}
