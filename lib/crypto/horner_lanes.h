/* SPDX-License-Identifier: Apache-2.0 */
/* horner_lanes: the step of Horner's rule, for lanes of SA_WIDTH bytes.
 *
 * A value stands in six limbs of 43 bits (B = 2^43), the top one of 37: 2^252
 * stands where it overflows, and 2^252 = -c modulo L, c = L - 2^252 of 125
 * bits. One step, with x <= 2^12:
 *
 *     t = y x + a          limb by limb
 *     q = t5 >> 37         what is above 2^252
 *     t5 = t5 mod 2^37
 *     u = t + L - q c      limb by limb, L written so that no limb is negative
 *     y = u, each limb's carry added to the next limb, all at once
 *
 * Bounds. y_i < 2^43 + 2^16 and y_5 < 2^38 + 2^16 hold at the start (a
 * canonical element) and after each step: t_i < 2^55 + 2^44 and t_5 < 2^50 +
 * 2^39, so q < 2^13 + 2^2 and q c_i < 2^56 + 2^45 < 2^57 - 2^14, hence u_i >=
 * 0 and u_i < 2^58; a carry is below 2^15, y_i < 2^43 + 2^15, and y_5 < 2^37 +
 * 2^37 + 2^15. Nothing reaches 2^64. No step branches or indexes on a value.
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

/* The two words of c, and c in limbs. */
#define C0 UINT64_C(0x5812631a5cf5d3ed)
#define C1 UINT64_C(0x14def9dea2f79cd6)
#define C_LIMB0 (C0 & LOW)
#define C_LIMB1 ((C0 >> LIMB | C1 << (64 - LIMB)) & LOW)
#define C_LIMB2 (C1 >> (2 * LIMB - 64))

/* L in limbs of which the lower three are at least 2^57 - 2^14: what one limb
 * has too much, the next has too little. */
#define LEND ((uint64_t)1 << 57)
#define OWED ((uint64_t)1 << (57 - LIMB))
#define L_LIMB0 (C_LIMB0 + LEND)
#define L_LIMB1 (C_LIMB1 + LEND - OWED)
#define L_LIMB2 (C_LIMB2 + LEND - OWED)
#define L_LIMB3 (LOW + 1 - OWED)
#define L_LIMB4 LOW
#define L_LIMB5 (((uint64_t)1 << TOP) - 1)

static inline void step(lanes *y, const lanes *by, const uint64_t *a)
{
    const lanes x = *by, t5 = y[5] * x + a[5], q = t5 >> TOP;
    const lanes u0 = y[0] * x + (a[0] + L_LIMB0) - q * C_LIMB0;
    const lanes u1 = y[1] * x + (a[1] + L_LIMB1) - q * C_LIMB1;
    const lanes u2 = y[2] * x + (a[2] + L_LIMB2) - q * C_LIMB2;
    const lanes u3 = y[3] * x + (a[3] + L_LIMB3);
    const lanes u4 = y[4] * x + (a[4] + L_LIMB4);

    y[0] = u0 & LOW;
    y[1] = (u1 & LOW) + (u0 >> LIMB);
    y[2] = (u2 & LOW) + (u1 >> LIMB);
    y[3] = (u3 & LOW) + (u2 >> LIMB);
    y[4] = (u4 & LOW) + (u3 >> LIMB);
    y[5] = (t5 & (((uint64_t)1 << TOP) - 1)) + L_LIMB5 + (u4 >> LIMB);
}

/* As many lanes at a time as the width has. */
static inline void run(uint64_t y[6][SA_LANES], const uint64_t *x,
    size_t x_step, const uint64_t *a, size_t a_step, size_t steps)
{
    for (size_t l = 0; l < SA_LANES; l += sizeof(lanes) / sizeof **y) {
        lanes v[6], by;
        for (int i = 0; i < 6; i++)
            memcpy(&v[i], &y[i][l], sizeof v[i]);
        for (size_t j = 0; j < steps; j++) {
            memcpy(&by, x + j * x_step + l, sizeof by);
            step(v, &by, a + j * a_step);
        }
        for (int i = 0; i < 6; i++)
            memcpy(&y[i][l], &v[i], sizeof v[i]);
    }
}

#endif
