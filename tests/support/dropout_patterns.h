/* SPDX-License-Identifier: Apache-2.0 */
/* dropout_patterns: when each client of a session drops out, up to the order of
 * the clients. The rules of the protocol do not depend on that order, but ranks
 * and the signs of pair masks do, so tests try each pattern in several orders.
 * A pattern is a sequence of n digits below `base`. */
#ifndef DROPOUT_PATTERNS_H
#define DROPOUT_PATTERNS_H

#include <stdbool.h>

#include "support/util.h"

/* Replace a non-decreasing pattern by the next one in lexicographic order; the
 * first is all zeros. Returns false after the last. */
static inline bool next_pattern(int *digits, uint32_t n, int base)
{
    uint32_t i = n;

    while (i > 0 && digits[i - 1] == base - 1)
        i--;
    if (i == 0)
        return false;
    digits[i - 1]++;
    for (uint32_t k = i; k < n; k++)
        digits[k] = digits[i - 1];
    return true;
}

/* Write a pattern in order 0 (unchanged), 1 (reversed) or in the random order
 * that a greater number selects. */
static inline void order_pattern(int *out, const int *digits, uint32_t n,
    int order)
{
    uint64_t state = (uint64_t)order;

    for (uint32_t i = 0; i < n; i++)
        out[i] = digits[order == 1 ? n - 1 - i : i];
    for (uint32_t i = n; order > 1 && i > 1; i--) {
        const uint32_t k = (uint32_t)(prng_next(&state) % i);
        const int last = out[i - 1];
        out[i - 1] = out[k];
        out[k] = last;
    }
}

#endif
