/* SPDX-License-Identifier: Apache-2.0 */
/* example_dice: random numbers of a training. Reproducible, and no more than
 * that: for shuffles, cohorts, losses and first weights. All that must be
 * secret is drawn by the library. */
#ifndef EXAMPLE_DICE_H
#define EXAMPLE_DICE_H

#include <stdint.h>

typedef struct dice {
    uint64_t state;
} dice;

dice dice_new(uint64_t seed, uint64_t a, uint64_t b);
uint32_t dice_below(dice *d, uint32_t bound);
double dice_normal(dice *d);

/* The first `count` of `all` in a random order: who is picked. `order` has
 * room for all. */
void dice_pick(dice *d, uint32_t *order, uint32_t count, uint32_t all);

#endif
