/* SPDX-License-Identifier: Apache-2.0 */
/* hypergeometric: the tail bounds of params_choose.c computed again in exact
 * integers of GMP. Each probability is a number of draws without replacement
 * over the number of all draws, compared without rounding. */
#ifndef HYPERGEOMETRIC_H
#define HYPERGEOMETRIC_H

#include <gmp.h>
#include <stdbool.h>
#include <stdint.h>

/* A fraction of the clients: of / in. */
typedef struct fraction {
    uint32_t of, in;
} fraction;

/* The double that a host would pass. */
static inline double fraction_value(fraction r)
{
    return (double)r.of / (double)r.in;
}

/* floor(r n). */
static inline uint32_t fraction_of(fraction r, uint32_t n)
{
    return (uint32_t)((uint64_t)r.of * n / r.in);
}

/* Sets out to the number of draws of `draws` clients out of `population` that
 * have exactly x of the `marked` ones. */
static inline void ways(mpz_t out, uint32_t population, uint32_t marked,
    uint32_t draws, uint32_t x)
{
    mpz_t others;

    mpz_init(others);
    mpz_bin_uiui(out, marked, x);
    mpz_bin_uiui(others, population - marked, draws - x);
    mpz_mul(out, out, others);
    mpz_clear(others);
}

/* Sets out to the greatest number of draws whose probability is at max
 * 2^-bits / n: C(population, draws) / (n 2^bits), rounded down. */
static inline void limit(mpz_t out, uint32_t population, uint32_t draws,
    uint32_t n, uint32_t bits)
{
    mpz_bin_uiui(out, population, draws);
    mpz_fdiv_q_2exp(out, out, bits);
    mpz_fdiv_q_ui(out, out, n);
}

/* Returns the minimum x with P[X > x] <= 2^-bits / n. */
static inline uint32_t exact_max(uint32_t population, uint32_t marked,
    uint32_t draws, uint32_t n, uint32_t bits)
{
    uint32_t x = marked < draws ? marked : draws;
    mpz_t tail, here, max;

    mpz_inits(tail, here, max, NULL);
    limit(max, population, draws, n, bits);
    for (;; x--) {
        ways(here, population, marked, draws, x);
        mpz_add(tail, tail, here); /* draws with X > x - 1 */
        if (x == 0 || mpz_cmp(tail, max) > 0)
            break;
    }
    mpz_clears(tail, here, max, NULL);
    return x;
}

/* Returns the maximum t with P[Y <= t - 1] <= 2^-bits / n. */
static inline uint32_t exact_min(uint32_t population, uint32_t marked,
    uint32_t draws, uint32_t n, uint32_t bits)
{
    uint32_t t = 0;
    mpz_t tail, here, max;

    mpz_inits(tail, here, max, NULL);
    limit(max, population, draws, n, bits);
    for (;; t++) {
        ways(here, population, marked, draws, t);
        mpz_add(tail, tail, here); /* draws with Y <= t */
        if (t == draws || mpz_cmp(tail, max) > 0)
            break;
    }
    mpz_clears(tail, here, max, NULL);
    return t;
}

/* Returns whether n (n - k - 1) / 2 C(bad, k) / C(n, k) < 2^-bits. */
static inline bool exact_connected(uint32_t n, uint32_t bad, uint32_t k,
    uint32_t bits)
{
    mpz_t away, all;
    bool holds;

    mpz_inits(away, all, NULL);
    mpz_bin_uiui(away, bad, k);
    mpz_mul_ui(away, away, n);
    mpz_mul_ui(away, away, n - k - 1);
    mpz_mul_2exp(away, away, bits);
    mpz_bin_uiui(all, n, k);
    mpz_mul_ui(all, all, 2);
    holds = mpz_cmp(away, all) < 0;
    mpz_clears(away, all, NULL);
    return holds;
}

#endif
