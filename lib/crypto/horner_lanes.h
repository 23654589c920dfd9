/* SPDX-License-Identifier: Apache-2.0 */
/* horner_lanes: a step of Horner's rule on vectors of SA_WIDTH bytes, which
 * have one 64-bit lane for each value.
 *
 * A value has six limbs of 43 bits (B = 2^43), of which the top one has 37, so
 * that the top limb overflows at 2^252. There 2^252 = -c modulo ell, with
 * c = ell - 2^252 of 125 bits. One step, with x <= 2^12, computes
 *
 *     t = y x + a          limb by limb
 *     q = t5 >> 37         the part above 2^252
 *     t5 = t5 mod 2^37
 *     u = t + ell - q c    limb by limb; the limbs of ell are chosen so that
 *                          no limb of u is negative
 *     y = u, with the carry of each limb added to the next limb, all at once
 *
 * Bounds. At the start (a canonical scalar) and after each step,
 * y_i < 2^43 + 2^16 and y_5 < 2^38 + 2^16. Then t_i < 2^55 + 2^44 and
 * t_5 < 2^50 + 2^39, so q < 2^13 + 2^2 and q c_i < 2^56 + 2^45 < 2^57 - 2^14.
 * Hence u_i >= 0 and u_i < 2^58. A carry is below 2^15, so that the new limbs
 * satisfy y_i < 2^43 + 2^15 and y_5 < 2^37 + 2^37 + 2^15. Nothing reaches 2^64.
 * No step branches or indexes on a value.
 */
#ifndef SA_HORNER_LANES_H
#define SA_HORNER_LANES_H

#include <string.h>

#include "crypto/horner.h"

#if defined(__GNUC__)
typedef uint64_t lanes __attribute__((vector_size(SA_WIDTH)));
#else
typedef uint64_t lanes;
#endif

#define LIMB 43
#define LOW (((uint64_t)1 << LIMB) - 1)
#define TOP 37

/* The two 64-bit words of c, and c in limbs. */
#define C0 UINT64_C(0x5812631a5cf5d3ed)
#define C1 UINT64_C(0x14def9dea2f79cd6)
#define C_LIMB0 (C0 & LOW)
#define C_LIMB1 ((C0 >> LIMB | C1 << (64 - LIMB)) & LOW)
#define C_LIMB2 (C1 >> (2 * LIMB - 64))

/* ell in limbs, of which the lower three are at least 2^57 - 2^14: each of them
 * has EXTRA added, and the limb above it has the same amount, CARRY in its own
 * units, subtracted. Limbs 3 to 5 are 2^252 less that CARRY. */
#define EXTRA ((uint64_t)1 << 57)
#define CARRY ((uint64_t)1 << (57 - LIMB))
#define ELL_LIMB0 (C_LIMB0 + EXTRA)
#define ELL_LIMB1 (C_LIMB1 + EXTRA - CARRY)
#define ELL_LIMB2 (C_LIMB2 + EXTRA - CARRY)
#define ELL_LIMB3 (LOW + 1 - CARRY)
#define ELL_LIMB4 LOW
#define ELL_LIMB5 (((uint64_t)1 << TOP) - 1)

static inline void step(lanes *y, const lanes *point, const uint64_t *a)
{
    const lanes x = *point, t5 = y[5] * x + a[5], q = t5 >> TOP;
    const lanes u0 = y[0] * x + (a[0] + ELL_LIMB0) - q * C_LIMB0;
    const lanes u1 = y[1] * x + (a[1] + ELL_LIMB1) - q * C_LIMB1;
    const lanes u2 = y[2] * x + (a[2] + ELL_LIMB2) - q * C_LIMB2;
    const lanes u3 = y[3] * x + (a[3] + ELL_LIMB3);
    const lanes u4 = y[4] * x + (a[4] + ELL_LIMB4);

    y[0] = u0 & LOW;
    y[1] = (u1 & LOW) + (u0 >> LIMB);
    y[2] = (u2 & LOW) + (u1 >> LIMB);
    y[3] = (u3 & LOW) + (u2 >> LIMB);
    y[4] = (u4 & LOW) + (u3 >> LIMB);
    y[5] = (t5 & (((uint64_t)1 << TOP) - 1)) + ELL_LIMB5 + (u4 >> LIMB);
}

/* An sa_horner: the eight lanes in groups of the vector width. */
static inline void horner(uint64_t y[6][SA_LANES], const uint64_t *x,
    size_t x_step, const uint64_t *a, size_t a_step, size_t steps)
{
    for (size_t l = 0; l < SA_LANES; l += sizeof(lanes) / sizeof **y) {
        lanes v[6], point;
        for (int i = 0; i < 6; i++)
            memcpy(&v[i], &y[i][l], sizeof v[i]);
        for (size_t j = 0; j < steps; j++) {
            memcpy(&point, x + j * x_step + l, sizeof point);
            step(v, &point, a + j * a_step);
        }
        for (int i = 0; i < 6; i++)
            memcpy(&y[i][l], &v[i], sizeof v[i]);
    }
}

/* An sa_horner_sums. A step with a = 0 is y = y x. */
static inline void horner_sums(uint64_t (*sums)[6][SA_LANES],
    uint64_t y[6][SA_LANES], const uint64_t x[SA_LANES], size_t terms)
{
    static const uint64_t zero[6];

    for (size_t l = 0; l < SA_LANES; l += sizeof(lanes) / sizeof **y) {
        lanes v[6], point, sum;
        memcpy(&point, x + l, sizeof point);
        for (int i = 0; i < 6; i++)
            memcpy(&v[i], &y[i][l], sizeof v[i]);
        for (size_t j = 0; j < terms; j++) {
            for (int i = 0; i < 6; i++) {
                memcpy(&sum, &sums[j][i][l], sizeof sum);
                sum += v[i];
                memcpy(&sums[j][i][l], &sum, sizeof sum);
            }
            step(v, &point, zero);
        }
        for (int i = 0; i < 6; i++)
            memcpy(&y[i][l], &v[i], sizeof v[i]);
    }
}

#endif
