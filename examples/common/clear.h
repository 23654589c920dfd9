/* SPDX-License-Identifier: Apache-2.0 */
/* example_clear: what a server would make of plain updates, and the promise to
 * which an example holds what came of masked ones. Only a demo, which is every
 * client at once, has both. */
#ifndef EXAMPLE_CLEAR_H
#define EXAMPLE_CLEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct clear_sum {
    double *of; /* `length` entries, the caller's */
    size_t length;
    double clip;
    uint64_t weight, entries, clipped; /* of all updates in it */
} clear_sum;

clear_sum clear_new(double *of, size_t length, double clip);
void clear_add(clear_sum *sum, const float *update, uint64_t weight);

/* Make it the weighted mean. */
void clear_divide(clear_sum *sum);

/* Change a model by a mean of updates. */
void clear_apply(float *weights, const double *mean, size_t length);

typedef struct promise {
    double bound, worst; /* of one entry of a mean: promised, seen */
    uint64_t broken;     /* entries over the bound, and what a host adds */
    uint64_t clipped, entries; /* of all updates in all rounds */
} promise;

/* One step of an encoding of [-clip, clip] to so many bits: rounding moves an
 * update by less than that, and so a mean of updates, however weighted; and
 * slack for rounding in double precision while the plain mean is taken. */
promise promise_new(double clip, int value_bits, double slack);

/* Look at every entry of a round. Both are sums over `parts`, or means: 1. */
void promise_hold(promise *p, const double *secure, const clear_sum *plain,
    double parts);

/* Say whether it was kept. */
bool promise_report(const promise *p, uint32_t rounds, int entries);

#endif
