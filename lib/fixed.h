/* SPDX-License-Identifier: Apache-2.0 */
/* fixed: reals to integers and back (PROTOCOL.md 7), bit for bit the same on
 * every machine: IEEE double, no contraction, no fast mathematics. Works on
 * pieces of a segment; time does not depend on the values. */
#ifndef SA_FIXED_H
#define SA_FIXED_H

#include <secagg/fixed.h>

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

/* Key || nonce of the rounding stream of segment `number` (7.2), from the
 * rounding seed; key has room for SA_PRG_KEY_MAX bytes. */
SECAGG_MUST_CHECK secagg_err sa_fixed_key(uint8_t *key, uint32_t suite,
    uint32_t number, const uint8_t seed[SECAGG_SEED_BYTES]);

/* Whether clip, value_bits and rounding of a REAL or WEIGHTED segment are in
 * range (2.2). */
bool sa_fixed_sound(const secagg_segment *segment);

#endif
