/* SPDX-License-Identifier: Apache-2.0 */
/* Part 3: what all learnt together, and whether the promises were kept. */
#include "hospitals/demo.h"

#include <math.h>
#include <stdio.h>

/* What a hospital reaches by itself: as many rounds, on its own patients. */
static double train_alone(const demo *d, uint32_t i)
{
    neural_net model;
    float update[WEIGHTS];
    net_start(&model, d->own.seed);
    for (uint64_t round = 1; round <= d->own.rounds; round++) {
        hospital_train(update, &d->data, i, round, d->own.seed, &model);
        for (size_t k = 0; k < WEIGHTS; k++)
            model.weights[k] += update[k];
    }
    return demo_accuracy(d, &model);
}

/* What nobody may do: every patient in one place. */
static double train_together(const demo *d)
{
    neural_net model;
    dice order = dice_new(d->own.seed, 3000, 0);
    net_start(&model, d->own.seed);
    for (uint64_t round = 1; round <= d->own.rounds; round++)
        net_train(&model, d->data.patients, d->data.training, EPOCHS, &order);
    return demo_accuracy(d, &model);
}

static void print_accuracies(const demo *d)
{
    double sum = 0;
    printf("   %-36s %5.1f %%\n   %-36s %5.1f %%\n   %-36s %5.1f %%\n",
        "with secure sums", demo_accuracy(d, &d->secure), "with plain sums",
        demo_accuracy(d, &d->plain), "with all data in one place",
        train_together(d));
    for (uint32_t i = 0; i < d->own.hospitals; i++) {
        const patient *own = &d->data.patients[d->data.first[i]];
        size_t count = demo_patients(d, i), malignant = 0;
        double reached = train_alone(d, i);
        for (size_t p = 0; p < count; p++)
            malignant += own[p].malignant;
        printf("   hospital %2u alone: %3zu ill of %3zu      %5.1f %%\n", i,
            malignant, count, reached);
        sum += reached;
    }
    printf("   %-36s %5.1f %%\n", "a hospital alone, on the average",
        sum / d->own.hospitals);
}

/* The twin had the plain mean of each round where the secure model had the
 * secure one: their weights, and so their logits, are as near as the promise
 * says. Where the logit is farther from 0, they must decide alike. */
static bool check_predictions(const demo *d)
{
    size_t alike = 0, bound = 0, broken = 0;
    size_t count = d->data.count - d->data.training;
    double most = 0;
    for (size_t i = d->data.training; i < d->data.count; i++) {
        const patient *p = &d->data.patients[i];
        double secure = net_logit(&d->secure, p);
        double twin = net_logit(&d->twin, p);
        double allowed = net_logit_bound(&d->twin, p, d->apart);
        bool same = (secure > 0) == (twin > 0);
        alike += same;
        bound += fabs(twin) > allowed;
        broken += (!same && fabs(twin) > allowed)
            || !(fabs(secure - twin) <= allowed + DOUBLE_SLACK);
        most = fmax(most, fabs(secure - twin));
    }
    printf("\n   predictions by secure and by plain sums of the same updates, "
           "%zu patients:\n   %zu alike; %zu had to be, by their margin   %s\n"
           "   the logits differ by %.1e at the most\n",
        count, alike, bound, broken == 0 ? "kept" : "BROKEN", most);
    return broken == 0;
}

bool show_result(const demo *d)
{
    printf("\n3. The result: accuracy on %zu patients that no training saw\n"
           "\n", d->data.count - d->data.training);
    print_accuracies(d);
    bool means = promise_report(&d->promise, d->own.rounds, WEIGHTS);
    bool predictions = check_predictions(d);
    printf("\n%s\n", means && predictions
        ? "All as promised."
        : "FAILED: a secure sum was not what the encoding promises.");
    return means && predictions;
}
