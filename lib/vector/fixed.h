/* SPDX-License-Identifier: Apache-2.0 */
/* fixed: encoding of reals as integers and decoding of sums (PROTOCOL.md 7),
 * with the same bits on every machine: IEEE doubles, compiled without
 * contraction and without -ffast-math. The functions process any range of a
 * segment; the time of encoding does not depend on the values. Those that
 * return no secagg_err are called in the default floating-point environment
 * (core/fp_env.h). */
#ifndef SA_FIXED_H
#define SA_FIXED_H

#include <secagg/fixed.h>
#include <string.h>

#include "vector/fixed_backend.h"

/* Returns whether all values are finite. */
bool sa_fixed_finite_f32(const float *values, size_t count);
bool sa_fixed_finite_f64(const double *values, size_t count);

/* Quantise finite values, and multiply the integers by the weight, which is 1
 * for a REAL segment. rnd has SA_RND_BYTES * count bytes of the rounding
 * keystream (7.2), or is NULL for nearest rounding. Adds to *clipped the number
 * of values outside [-clip, clip]. The errors are those of sa_fp_enter(). */
SECAGG_MUST_CHECK secagg_err sa_fixed_encode(uint64_t *out, const double *in,
    size_t count, const secagg_segment *segment, const uint8_t *rnd,
    uint64_t weight, uint64_t *clipped);

/* Returns the real sum for a total modulo 2^b (7.5). `weights` is W: the number
 * of addends, or their sum of weights. Accepts every total and every W. */
double sa_fixed_decode(uint64_t total, const secagg_segment *segment,
    uint64_t weights);

/* Returns the fastest backend of this machine. */
const sa_fixed_backend *sa_fixed_best(void);

/* Returns the constants for encoding with a backend. */
sa_fixed_scale sa_fixed_scale_of(const secagg_segment *segment,
    uint64_t weight);

/* Returns the constants for decoding sums, or means, of W = `weights` addends
 * with a backend. The backends require sa_fixed_fits(). */
sa_fixed_unit sa_fixed_unit_of(const secagg_segment *segment,
    uint64_t weights, bool mean);

/* Returns whether the backends can decode totals below 2^52 of W = `weights`
 * addends. */
bool sa_fixed_fits(const secagg_segment *segment, uint64_t weights);

/* Returns whether the entries of a segment encode reals. */
static inline bool sa_fixed_is_real(const secagg_segment *segment)
{
    return segment->kind == SECAGG_REAL || segment->kind == SECAGG_WEIGHTED;
}

/* Returns whether two segments have the same parameters of encoding, except for
 * modulus and rounding. */
static inline bool sa_fixed_same_encoding(const secagg_segment *a,
    const secagg_segment *b)
{
    return a->kind == b->kind && a->value_bits == b->value_bits
        && memcmp(&a->clip, &b->clip, sizeof a->clip) == 0; /* public */
}

/* Returns the greatest entry of a client with weight 1 (7.1): q_max of reals,
 * 2^q - 1 of UNSIGNED and SIGNED. Times W it is the greatest total (7.5). */
uint64_t sa_fixed_max_entry(const secagg_segment *segment);

/* Returns whether clip, value_bits and rounding of a REAL or WEIGHTED segment
 * are in range (2.2). */
bool sa_fixed_sound(const secagg_segment *segment);

#endif
