/* SPDX-License-Identifier: Apache-2.0 */
/* Part 1: why banks know each other's keys. */
#include "banks/demo.h"

#include <math.h>
#include <stdio.h>

#include "banks/liar.h"
#include "common/round.h"

/* What a coordinator has that is every other bank. */
static bool show_sum_of_one(const demo *d)
{
    static const size_t rows[] = { 11, 4, 6, 22 };
    float update[WEIGHTS];
    double stolen[WEIGHTS], most = 0;
    uint64_t weight = bank_train(update, &d->data, 0, 0, d->own.seed,
        &d->secure);
    secagg_err err = liar_plays_all(stolen, &d->params, update, weight);
    if (err != SECAGG_OK) {
        printf("\n   FAILED: %s\n", secagg_strerror(err));
        return false;
    }
    printf("   Without keys that are known before, a coordinator answers for "
           "all banks but\n   one, with inputs of nothing. The \"sum\" is "
           "what that bank sent:\n\n   %-28s %10s  %14s\n", "change of a "
           "weight", "at bank 0", "the \"sum\" says");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        printf("   %-28s %+10.5f  %+14.5f\n", feature_names[rows[i]],
            (double)update[rows[i]], stolen[rows[i]]);
    for (size_t k = 0; k < WEIGHTS; k++)
        most = fmax(most, fabs(stolen[k] - (double)update[k]));
    printf("   ... and %zu more, all within %.1e\n",
        WEIGHTS - sizeof rows / sizeof *rows, most);
    return true;
}

/* Each bank finds that the key is not the one that it knows; the one whose
 * place was taken, that it is not what it sent. */
static bool judge(const demo *d, const session_result *result)
{
    uint32_t caught = 0;
    for (uint32_t i = 0; i < d->own.banks; i++)
        caught += i != SWAPPED && result->left[i] == SECAGG_ERR_AUTH;
    bool victim = result->left[SWAPPED] == SECAGG_ERR_MESSAGE;
    printf("   %2u banks leave: \"%s\"\n    bank %u leaves: \"%s\"\n"
           "                    (it is listed with a key that it did not "
           "send)\n", caught, secagg_strerror(SECAGG_ERR_AUTH), SWAPPED,
        secagg_strerror(result->left[SWAPPED]));
    if (caught != d->own.banks - 1 || !victim)
        printf("   FAILED: somebody went on with a key that is not bank "
               "%u's\n", SWAPPED);
    return caught == d->own.banks - 1 && victim;
}

bool show_registry(demo *d)
{
    session_result result;
    session_plan plan = session_plan_new(1, d->keys, d->secure.weights,
        sizeof d->secure.weights);
    printf("1. The registry\n\n");
    if (!show_sum_of_one(d))
        return false;
    printf("\n   Hence the registry: one Ed25519 key a bank, agreed on once, "
           "not through the\n   coordinator. Each bank signs what it "
           "sends first and verifies all others.\n   Bank %u's begins",
        SWAPPED);
    for (size_t i = 0; i < 8; i++)
        printf(" %02x", d->keys->keys[SWAPPED][i]);
    printf(" ...\n\n   Round 1. The coordinator puts a key of its own in the "
           "place of bank %u's:\n", SWAPPED);
    secagg_err err = liar_swaps_key(&result, &d->params, &plan, &d->net,
        SWAPPED);
    if (err != SECAGG_OK) {
        round_failed(err, &result, "bank");
        return false;
    }
    if (!judge(d, &result))
        return false;
    printf("   No share was dealt, no input sent. Round 1 is run again, as a "
           "new session.\n");
    return true;
}
