/* SPDX-License-Identifier: Apache-2.0 */
/* hypergeometric: the tail bounds of params_choose.c computed again in exact
 * integers of GMP. Each probability is a number of draws without replacement
 * over the number of all draws, compared without rounding. */
#ifndef HYPERGEOMETRIC_H
#define HYPERGEOMETRIC_H

#include <gmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

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

/* Corrupt clients: a share above 0 is never nobody. */
static inline uint32_t corrupt_part(fraction r, uint32_t n)
{
    return r.of != 0 && fraction_of(r, n) == 0 ? 1 : fraction_of(r, n);
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

/* P_cut of PROTOCOL.md 2.5, term by term as it is written there. */
static inline void exact_cut(mpq_t out, uint32_t n, uint32_t k, uint32_t t,
    uint32_t bad, uint32_t min_survivors)
{
    const int64_t half = k / 2, low = (int64_t)t - 1 - half;
    const int64_t gap = (int64_t)k - (n - min_survivors);
    mpz_t *placed = calloc(k + 1, sizeof *placed), sum, term;

    mpz_inits(sum, term, NULL);
    for (uint32_t s = 0; s <= k; s++) {
        mpz_init(placed[s]);
        if (s <= bad && bad - s <= n - k)
            mpz_bin_uiui(placed[s], n - k, bad - s);
    }
    for (int64_t i = low > 0 ? low : 0; i <= half; i++)
        for (int64_t j = low > 0 ? low : 0; j <= half; j++) {
            if (i + j < (gap > 1 ? gap : 1))
                continue;
            mpz_bin_uiui(term, (uint32_t)half, (uint32_t)i);
            mpz_mul(term, term, placed[i + j]);
            mpz_bin_uiui(mpq_numref(out), (uint32_t)half, (uint32_t)j);
            mpz_addmul(sum, term, mpq_numref(out));
        }
    mpz_mul_ui(sum, sum, n);
    mpz_mul_ui(mpq_numref(out), sum, n - k - 1);
    mpz_bin_uiui(mpq_denref(out), n, bad);
    mpz_mul_ui(mpq_denref(out), mpq_denref(out), 2);
    mpq_canonicalize(out);
    for (uint32_t s = 0; s <= k; s++)
        mpz_clear(placed[s]);
    free(placed);
    mpz_clears(sum, term, NULL);
}

/* E2': P_cut <= 2^-(sigma + 1). */
static inline bool exact_cut_holds(uint32_t n, uint32_t k, uint32_t t,
    uint32_t bad, uint32_t min_survivors, uint32_t sigma)
{
    mpq_t cut;
    bool holds;

    mpq_init(cut);
    exact_cut(cut, n, k, t, bad, min_survivors);
    mpq_mul_2exp(cut, cut, sigma + 1);
    holds = mpq_cmp_ui(cut, 1, 1) <= 0;
    mpq_clear(cut);
    return holds;
}

#endif
