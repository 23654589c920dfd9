/* SPDX-License-Identifier: Apache-2.0 */
/* Part 3: the trained model, and whether all checks passed. */
#include "banks/demo.h"

#include <math.h>
#include <stdio.h>

#define SHOWN_WEIGHTS 5

static void print_model(const demo *d, const char *name, const float *model)
{
    printf("   %-44s %5.2f %%   %5.1f %%\n", name, demo_auc(d, model),
        demo_accuracy(d, model));
}

static void print_alone(const demo *d, uint32_t bank, const float *model)
{
    char name[60];
    snprintf(name, sizeof name, "bank %2u alone: %3zu defaults of %3zu%s",
        bank, dataset_party_positives(&d->all.data, bank),
        dataset_party_rows(&d->all.data, bank),
        d->all.registry->revoked[bank] ? ", revoked" : "");
    print_model(d, name, model);
}

static void print_models(const demo *d)
{
    const federation *f = &d->all;
    float together[WEIGHTS] = { 0 };
    double auc = 0, accuracy = 0;
    federation_train_together(f, together);
    printf("   %-44s %7s   %7s\n", "", "AUC", "right");
    print_model(d, "with secure sums", f->secure);
    print_model(d, "with plain sums", f->plain);
    print_model(d, "with all data in one place", together);
    for (uint32_t i = 0; i < f->parties; i++) {
        float alone[WEIGHTS] = { 0 };
        federation_train_alone(f, alone, i);
        print_alone(d, i, alone);
        auc += demo_auc(d, alone) / f->parties;
        accuracy += demo_accuracy(d, alone) / f->parties;
    }
    printf("   %-44s %5.2f %%   %5.1f %%\n", "a bank alone, on average", auc,
        accuracy);
}

/* Print the largest weights, so that a banker can judge the model. */
static void print_weights(const float *model)
{
    bool shown[FEATURES] = { false };
    printf("\n   largest weights (+ predicts default, - predicts payment)\n");
    for (int n = 0; n < SHOWN_WEIGHTS; n++) {
        size_t best = FEATURES;
        for (size_t f = 0; f < FEATURES; f++)
            if (!shown[f]
                && (best == FEATURES
                    || fabs((double)model[f]) > fabs((double)model[best])))
                best = f;
        shown[best] = true;
        printf("   %-44s %+6.2f\n", feature_names[best], (double)model[best]);
    }
}

bool show_result(const demo *d)
{
    printf("\n3. The result, on %zu loans that trained no model\n\n",
        d->all.data.count - d->all.data.training);
    print_models(d);
    print_weights(d->all.secure);
    bool good = comparison_report(&d->all.comparison, WEIGHTS);
    printf("\n%s\n", good
        ? "All checks passed: three attacks of the server and a cheating bank "
          "were\ndetected, and every sum was correct."
        : "FAILED: a secure sum differs by more than the encoding allows.");
    return good;
}
