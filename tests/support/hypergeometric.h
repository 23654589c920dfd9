/* SPDX-License-Identifier: Apache-2.0 */
/* chance: what choose weighs, once more in integers of GMP: draws without
 * replacement counted one by one, and compared with no rounding at all. */
#ifndef CHANCE_H
#define CHANCE_H

#include <gmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* A share of clients, exactly and as a host would write it. */
typedef struct rate {
    uint32_t of, in;
} rate;

static inline double real(rate r)
{
    return (double)r.of / (double)r.in;
}

static inline uint32_t part(rate r, uint32_t n)
{
    return (uint32_t)((uint64_t)r.of * n / r.in);
}

/* Corrupt clients: a share above 0 is never nobody. */
static inline uint32_t bad_part(rate r, uint32_t n)
{
    return r.of != 0 && part(r, n) == 0 ? 1 : part(r, n);
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
static inline uint32_t exact_most(uint32_t population, uint32_t marked,
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
static inline uint32_t exact_least(uint32_t population, uint32_t marked,
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
