/* SPDX-License-Identifier: Apache-2.0 */
/* horner: Horner's rule y = y x + a modulo ell for small x, on eight values in
 * parallel. It is the inner loop of sharing and of Lagrange coefficients. A
 * backend is horner_lanes.h compiled with its own flags; all backends compute
 * the same limbs. */
#ifndef SA_HORNER_H
#define SA_HORNER_H

#include <secagg/base.h>

#define SA_LANES 8

/* Apply `steps` steps to y. y[i][l] is limb i of value l, of 43 bits each: see
 * horner_lanes.h. Step j reads its points at x + j * x_step, one for each lane
 * and each at most 2^12, and the six limbs of its coefficient, which is the
 * same for all lanes, at a + j * a_step. */
typedef void sa_horner(uint64_t y[6][SA_LANES], const uint64_t *x,
    size_t x_step, const uint64_t *a, size_t a_step, size_t steps);

/* Add y x^j to sums[j] for 0 <= j < terms, limb by limb and without carries,
 * and leave y x^terms in y. At most 4096 values may be added to a sum, so that
 * its limbs stay below 2^56. */
typedef void sa_horner_sums(uint64_t (*sums)[6][SA_LANES],
    uint64_t y[6][SA_LANES], const uint64_t x[SA_LANES], size_t terms);

/* If the compiler lacks the flags of a backend, it is the portable one. */
sa_horner sa_horner_portable, sa_horner_avx2, sa_horner_avx512;
sa_horner_sums sa_horner_sums_portable, sa_horner_sums_avx2,
    sa_horner_sums_avx512;

#endif
