/* SPDX-License-Identifier: Apache-2.0 */
#if defined(__AVX512DQ__)
#define SA_WIDTH 64
#include "crypto/horner_lanes.h"
#else
#include "crypto/horner.h"
#define horner sa_horner_portable
#define horner_sums sa_horner_sums_portable
#endif

void sa_horner_avx512(uint64_t y[6][SA_LANES], const uint64_t *x,
    size_t x_step, const uint64_t *a, size_t a_step, size_t steps)
{
    horner(y, x, x_step, a, a_step, steps);
}

void sa_horner_sums_avx512(uint64_t (*sums)[6][SA_LANES],
    uint64_t y[6][SA_LANES], const uint64_t x[SA_LANES], size_t terms)
{
    horner_sums(sums, y, x, terms);
}
