/* SPDX-License-Identifier: Apache-2.0 */
#include "common/rng.h"

/* A Weyl sequence through a mixer of xors, shifts and odd factors. */
static uint64_t next(rng *r)
{
    uint64_t x = r->state += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
    return x ^ (x >> 32);
}

rng rng_new(uint64_t seed, uint64_t purpose, uint64_t part)
{
    rng r = { seed };
    r.state = next(&r) ^ purpose;
    r.state = next(&r) ^ part;
    return r;
}

uint32_t rng_below(rng *r, uint32_t bound)
{
    return (uint32_t)(((next(r) >> 32) * bound) >> 32);
}

/* The sum of twelve uniform numbers is normal enough for initial weights. */
double rng_normal(rng *r)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += (double)(next(r) >> 11) * 0x1p-53;
    return sum;
}

void rng_sample(rng *r, uint32_t *order, uint32_t count, uint32_t all)
{
    for (uint32_t i = 0; i < all; i++)
        order[i] = i;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t j = i + rng_below(r, all - i), t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
}
