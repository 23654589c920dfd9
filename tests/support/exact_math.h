/* SPDX-License-Identifier: Apache-2.0 */
/* exact_math: IEEE double arithmetic computed in rationals of GMP and rounded
 * once, independent of the compiler and the processor. */
#ifndef EXACT_MATH_H
#define EXACT_MATH_H

#include <gmp.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* GMP's _ui functions take an unsigned long, which may have 32 bits. */
static inline void set_u64(mpz_t z, uint64_t x)
{
    mpz_import(z, 1, 1, sizeof x, 0, 0, &x);
}

/* Returns the double nearest to q, ties to even (IEEE 754, 4.3.1). q must be
 * neither subnormal nor too large: no step of fixed.c is. */
static inline double nearest(const mpq_t q)
{
    mpz_t whole, rest, scaled, den;
    long shift;
    double d;

    if (mpq_sgn(q) == 0)
        return 0;
    mpz_inits(whole, rest, scaled, den, NULL);
    mpz_abs(scaled, mpq_numref(q));
    mpz_set(den, mpq_denref(q));
    shift = 56 - (long)mpz_sizeinbase(scaled, 2)
        + (long)mpz_sizeinbase(den, 2);
    mpz_mul_2exp(shift > 0 ? scaled : den, shift > 0 ? scaled : den,
        (mp_bitcnt_t)labs(shift));
    while (mpz_tdiv_q(whole, scaled, den), mpz_sizeinbase(whole, 2) > 53) {
        mpz_mul_2exp(den, den, 1);
        shift--;
    }
    mpz_tdiv_qr(whole, rest, scaled, den);
    mpz_mul_2exp(rest, rest, 1);
    if (mpz_cmp(rest, den) > 0
        || (mpz_cmp(rest, den) == 0 && mpz_odd_p(whole)))
        mpz_add_ui(whole, whole, 1);
    d = ldexp(mpz_get_d(whole), (int)-shift);
    mpz_clears(whole, rest, scaled, den, NULL);
    return mpq_sgn(q) < 0 ? -d : d;
}

/* Returns a + b, a * b or a / b, rounded once. */
static inline double step(char op, double a, double b)
{
    mpq_t x, y;
    double d;

    mpq_inits(x, y, NULL);
    mpq_set_d(x, a);
    mpq_set_d(y, b);
    switch (op) {
    case '+': mpq_add(x, x, y); break;
    case '*': mpq_mul(x, x, y); break;
    default: mpq_div(x, x, y); break;
    }
    d = nearest(x);
    mpq_clears(x, y, NULL);
    return d;
}

#endif
