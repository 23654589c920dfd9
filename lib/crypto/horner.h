/* SPDX-License-Identifier: Apache-2.0 */
/* horner: y = y x + a modulo L, over and over, for small x, on eight values
 * side by side: the loop under shares and Lagrange coefficients. A level of
 * vector instructions is horner_lanes.h compiled with its own flags; all give
 * the same limbs. */
#ifndef SA_HORNER_H
#define SA_HORNER_H

#include <secagg/base.h>

#define SA_LANES 8

/* y[i][l] is limb i of value l: 43 bits each, see horner_lanes.h. Step j takes
 * the points at x + j * x_step, one a lane, each at most 2^12, and the six
 * limbs at a + j * a_step, the same for all lanes. */
typedef void sa_horner(uint64_t y[6][SA_LANES], const uint64_t *x,
    size_t x_step, const uint64_t *a, size_t a_step, size_t steps);

/* Where the compiler had no flags for it, a level is the portable one. */
sa_horner sa_horner_portable, sa_horner_avx2, sa_horner_avx512;

#endif
