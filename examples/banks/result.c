/* SPDX-License-Identifier: Apache-2.0 */
/* Part 3: what all learnt together, and whether the promises were kept. */
#include "banks/demo.h"

#include <math.h>
#include <stdio.h>

#define HEAVIEST 5

/* What a bank reaches by itself: as many rounds, on its own loans. */
static void train_alone(const demo *d, uint32_t i, scorecard *model)
{
    float update[WEIGHTS];
    *model = (scorecard){ { 0 } };
    for (uint64_t round = 1; round <= d->own.rounds; round++) {
        bank_train(update, &d->data, i, round, d->own.seed, model);
        for (size_t k = 0; k < WEIGHTS; k++)
            model->weights[k] += update[k];
    }
}

/* What no bank may do: every loan in one place. */
static void train_together(const demo *d, scorecard *model)
{
    dice order = dice_new(d->own.seed, 3000, 0);
    *model = (scorecard){ { 0 } };
    for (uint64_t round = 1; round <= d->own.rounds; round++)
        model_train(model, d->data.loans, d->data.training, EPOCHS, &order);
}

static void print_model(const demo *d, const char *name,
    const scorecard *model)
{
    printf("   %-44s %5.2f %%   %5.1f %%\n", name, demo_area(d, model),
        demo_accuracy(d, model));
}

static void print_models(const demo *d)
{
    scorecard model;
    double area = 0, accuracy = 0;
    printf("   %-44s %7s   %7s\n", "", "AUC", "right");
    print_model(d, "with secure sums", &d->secure);
    print_model(d, "with plain sums", &d->plain);
    train_together(d, &model);
    print_model(d, "with all data in one place", &model);
    for (uint32_t i = 0; i < d->own.banks; i++) {
        char name[60];
        size_t count = demo_loans(d, i), bad = 0;
        for (size_t p = 0; p < count; p++)
            bad += d->data.loans[d->data.first[i] + p].defaulted;
        train_alone(d, i, &model);
        snprintf(name, sizeof name, "bank %2u alone: %3zu defaults of %3zu%s",
            i, bad, count, i == CHEATER ? ", struck" : "");
        print_model(d, name, &model);
        area += demo_area(d, &model) / d->own.banks;
        accuracy += demo_accuracy(d, &model) / d->own.banks;
    }
    printf("   %-44s %5.2f %%   %5.1f %%\n", "a bank alone, on the average",
        area, accuracy);
}

/* The heaviest weights, for a reader who knows banks to judge. */
static void print_weights(const demo *d)
{
    bool shown[WEIGHTS] = { false };
    printf("\n   what weighs most (of more: + default, - payment)\n");
    for (int n = 0; n < HEAVIEST; n++) {
        size_t best = FEATURES;
        for (size_t f = 0; f < FEATURES; f++)
            if (!shown[f]
                && (best == FEATURES
                    || fabs((double)d->secure.weights[f])
                        > fabs((double)d->secure.weights[best])))
                best = f;
        shown[best] = true;
        printf("   %-44s %+6.2f\n", feature_names[best],
            (double)d->secure.weights[best]);
    }
}

bool show_result(const demo *d)
{
    printf("\n3. The result, on %zu loans that no training saw\n\n",
        d->data.count - d->data.training);
    print_models(d);
    print_weights(d);
    bool good = promise_report(&d->promise, d->own.rounds, WEIGHTS);
    printf("\n%s\n", good
        ? "All as promised: three lies and a cheat were caught, every sum "
          "was right."
        : "FAILED: a secure sum was not what the encoding promises.");
    return good;
}
