/* SPDX-License-Identifier: Apache-2.0 */
/* chance: what choose weighs, once more in integers of GMP: draws without
 * replacement counted one by one, and compared with no rounding at all. */
#ifndef HYPERGEOMETRIC_H
#define HYPERGEOMETRIC_H

#include <gmp.h>
#include <stdbool.h>
#include <stdint.h>

/* A share of clients, exactly and as a host would write it. */
typedef struct fraction {
    uint32_t of, in;
} fraction;

static inline double fraction_value(fraction r)
{
    return (double)r.of / (double)r.in;
}

static inline uint32_t fraction_of(fraction r, uint32_t n)
{
    return (uint32_t)((uint64_t)r.of * n / r.in);
}

/* Ways to draw x marked ones. */
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

/* Ways that have a probability of 2^-bits / n and less: C(population, draws) /
 * (n 2^bits), rounded down. */
static inline void limit(mpz_t out, uint32_t population, uint32_t draws,
    uint32_t n, uint32_t bits)
{
    mpz_bin_uiui(out, population, draws);
    mpz_fdiv_q_2exp(out, out, bits);
    mpz_fdiv_q_ui(out, out, n);
}

/* The least x with P[X > x] <= 2^-bits / n. */
static inline uint32_t exact_max(uint32_t population, uint32_t marked,
    uint32_t draws, uint32_t n, uint32_t bits)
{
    uint32_t x = marked < draws ? marked : draws;
    mpz_t tail, here, most;

    mpz_inits(tail, here, most, NULL);
    limit(most, population, draws, n, bits);
    for (;; x--) {
        ways(here, population, marked, draws, x);
        mpz_add(tail, tail, here); /* of P[X > x - 1] */
        if (x == 0 || mpz_cmp(tail, most) > 0)
            break;
    }
    mpz_clears(tail, here, most, NULL);
    return x;
}

/* The greatest t with P[Y <= t - 1] <= 2^-bits / n. */
static inline uint32_t exact_min(uint32_t population, uint32_t marked,
    uint32_t draws, uint32_t n, uint32_t bits)
{
    uint32_t t = 0;
    mpz_t tail, here, most;

    mpz_inits(tail, here, most, NULL);
    limit(most, population, draws, n, bits);
    for (;; t++) {
        ways(here, population, marked, draws, t);
        mpz_add(tail, tail, here); /* of P[Y <= t] */
        if (t == draws || mpz_cmp(tail, most) > 0)
            break;
    }
    mpz_clears(tail, here, most, NULL);
    return t;
}

/* n (n - k - 1) / 2 C(bad, k) / C(n, k) < 2^-bits. */
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
