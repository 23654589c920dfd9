/* SPDX-License-Identifier: Apache-2.0 */
#include "common/dice.h"

/* A Weyl sequence through a mixer of xors, shifts and odd factors. */
static uint64_t dice_next(dice *d)
{
    uint64_t x = d->state += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
    return x ^ (x >> 32);
}

dice dice_new(uint64_t seed, uint64_t a, uint64_t b)
{
    dice d = { seed };
    d.state = dice_next(&d) ^ a;
    d.state = dice_next(&d) ^ b;
    return d;
}

uint32_t dice_below(dice *d, uint32_t bound)
{
    return (uint32_t)(((dice_next(d) >> 32) * bound) >> 32);
}

void dice_pick(dice *d, uint32_t *order, uint32_t count, uint32_t all)
{
    for (uint32_t i = 0; i < all; i++)
        order[i] = i;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t j = i + dice_below(d, all - i), t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
}

/* Twelve uniform numbers make one that is normal enough for first weights. */
double dice_normal(dice *d)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += (double)(dice_next(d) >> 11) * 0x1p-53;
    return sum;
}
