/* SPDX-License-Identifier: Apache-2.0 */
/* Reproducible random numbers for shuffles, cohorts, planned dropouts and
 * initial weights. They are not secret: the library draws all secrets itself
 * from the system. */
#ifndef EXAMPLE_RNG_H
#define EXAMPLE_RNG_H

#include <stdint.h>

typedef struct rng {
    uint64_t state;
} rng;

/* Each triple of numbers gives another sequence. */
rng rng_new(uint64_t seed, uint64_t purpose, uint64_t part);

/* Returns a number below `bound`. */
uint32_t rng_below(rng *r, uint32_t bound);

/* Returns a number that is about normal, of mean 0 and deviation 1. */
double rng_normal(rng *r);

/* Shuffle the numbers below `all` so far that the first `count` are a random
 * sample. `order` has space for all. */
void rng_sample(rng *r, uint32_t *order, uint32_t count, uint32_t all);

#endif
