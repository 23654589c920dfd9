/* SPDX-License-Identifier: Apache-2.0 */
/* Part 5: the trained model, and whether all checks passed. */
#include "banks/demo.h"

#include <math.h>
#include <stdio.h>

#define SHOWN_WEIGHTS 5

static void print_model(const federation *f, const char *name,
    const float *model)
{
    printf("   %-44s %5.2f %%   %5.1f %%\n", name, demo_auc(f, model),
        demo_accuracy(f, model));
}

static void print_alone(const federation *f, uint32_t bank, const float *model)
{
    char name[60];
    snprintf(name, sizeof name, "bank %2u alone: %3zu defaults of %3zu%s",
        bank, dataset_party_positives(&f->data, bank),
        dataset_party_rows(&f->data, bank),
        f->registry->revoked[bank] ? ", revoked" : "");
    print_model(f, name, model);
}

static void print_models(const federation *f)
{
    float together[WEIGHTS] = { 0 };
    double auc = 0, accuracy = 0;
    federation_train_together(f, together);
    printf("   %-44s %7s   %7s\n", "", "AUC", "right");
    print_model(f, "with secure sums", f->secure);
    print_model(f, "with plain sums", f->plain);
    print_model(f, "with all data in one place", together);
    for (uint32_t i = 0; i < f->parties; i++) {
        float alone[WEIGHTS] = { 0 };
        federation_train_alone(f, alone, i);
        print_alone(f, i, alone);
        auc += demo_auc(f, alone) / f->parties;
        accuracy += demo_accuracy(f, alone) / f->parties;
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

bool show_result(const federation *f)
{
    printf("\n5. The result, on %zu loans that trained no model\n\n",
        f->data.count - f->data.training);
    print_models(f);
    print_weights(f->secure);
    bool good = comparison_report(&f->comparison, WEIGHTS);
    printf("\n%s\n", good
        ? "All checks passed: three attacks of the server, a cheating bank "
          "and false\ncredentials were detected, a dispute cost one session, "
          "every sum was correct."
        : "FAILED: a secure sum differs by more than the encoding allows.");
    return good;
}
