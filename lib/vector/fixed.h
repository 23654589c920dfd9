/* SPDX-License-Identifier: Apache-2.0 */
/* fixed: reals to integers and back (PROTOCOL.md 7), bit for bit the same on
 * every machine: IEEE double, no contraction, no fast mathematics. Works on
 * pieces of a segment; time does not depend on the values. */
#ifndef SA_FIXED_H
#define SA_FIXED_H

#include <secagg/fixed.h>

#include "vector/fixed_backend.h"

/* Whether all values are finite. */
bool sa_fixed_finite_f32(const float *values, size_t count);
bool sa_fixed_finite_f64(const double *values, size_t count);

/* Quantise and weigh finite values: words has 4 * count bytes of the rounding
 * stream (7.2), or is NULL for nearest; weight is 1 for a REAL segment. Adds
 * to *clipped the number of values outside [-clip, clip]. */
void sa_fixed_encode(uint64_t *out, const double *in, size_t count,
    const secagg_segment *segment, const uint8_t *words, uint64_t weight,
    uint64_t *clipped);

/* The real sum of `weights` addends (clients, or the sum of weights) from its
 * ring sum (7.5). */
double sa_fixed_decode(uint64_t sum, const secagg_segment *segment,
    uint64_t weights);

/* The best level of this machine, and what it goes by: to encode; to decode
 * sums of `weights` addends, or their mean. */
const sa_fixed_backend *sa_fixed_best(void);
sa_fixed_scale sa_fixed_scale_of(const secagg_segment *segment,
    uint64_t weight);
sa_fixed_unit sa_fixed_unit_of(const secagg_segment *segment,
    uint64_t weights, bool mean);

/* Whether a level takes sums of `weights` addends: any sum below 2^52. */
bool sa_fixed_fits(const secagg_segment *segment, uint64_t weights);

/* Whether clip, value_bits and rounding of a REAL or WEIGHTED segment are in
 * range (2.2). */
bool sa_fixed_sound(const secagg_segment *segment);

#endif
