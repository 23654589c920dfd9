/* SPDX-License-Identifier: Apache-2.0 */
#define SA_WIDTH 16
#include "crypto/horner_lanes.h"

void sa_horner_portable(uint64_t y[6][SA_LANES], const uint64_t *x,
    size_t x_step, const uint64_t *a, size_t a_step, size_t steps)
{
    horner(y, x, x_step, a, a_step, steps);
}

void sa_horner_sums_portable(uint64_t (*sums)[6][SA_LANES],
    uint64_t y[6][SA_LANES], const uint64_t x[SA_LANES], size_t terms)
{
    horner_sums(sums, y, x, terms);
}
