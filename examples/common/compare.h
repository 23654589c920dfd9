/* SPDX-License-Identifier: Apache-2.0 */
/* Compares each secure sum or mean with the plain one of the same updates.
 * Only a demo can do this: it plays all clients, and so has their updates. */
#ifndef EXAMPLE_COMPARE_H
#define EXAMPLE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct plain_sum {
    double *sum; /* `length` entries, which the caller owns */
    size_t length;
    double clip;
    uint64_t weight, entries, clipped; /* of all updates that were added */
} plain_sum;

plain_sum plain_sum_new(double *sum, size_t length, double clip);
void plain_sum_add(plain_sum *p, const float *update, uint64_t weight);

/* Turn the sum into the weighted mean. */
void plain_sum_divide(plain_sum *p);

typedef struct comparison {
    double bound, max_difference; /* of one entry of a mean */
    uint64_t failures;            /* entries over the bound */
    uint64_t clipped, entries;    /* of all updates in all rounds */
    uint64_t rounds;
} comparison;

/* The bound is one step of an encoding of [-clip, clip] in value_bits bits:
 * rounding moves each update, and so every weighted mean, by less than a step.
 * `slack` allows for rounding in double precision. */
comparison comparison_new(double clip, uint32_t value_bits, double slack);

/* Compare all entries of a round. Both are sums of `parts` updates, or means:
 * then parts is 1. */
void comparison_add(comparison *c, const double *secure,
    const plain_sum *plain, double parts);

/* Print the largest difference. Returns whether all were within the bound. */
bool comparison_report(const comparison *c, size_t length);

#endif
