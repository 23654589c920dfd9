/* SPDX-License-Identifier: Apache-2.0 */
/* field: integers modulo L = 2^252 + 27742317777372353535851937790883648493,
 * the order of ristretto255 (RFC 9496, section 4), PROTOCOL.md 4.1. Elements
 * are canonical (< L) on entry and on return. Constant time: no branch and no
 * index depends on a value. Inversion is GMP's. */
#ifndef SA_FIELD_H
#define SA_FIELD_H

#include <secagg/base.h>

#define SA_FE_BYTES 32

/* Largest point at which sa_fe_eval evaluates. */
#define SA_FE_POINTS 4096

typedef struct sa_fe {
    uint64_t v[4]; /* least significant first */
} sa_fe;

/* From 32 little-endian bytes; false, and r zero, where the value is not
 * below L. The verdict is public, the value need not be. */
bool sa_fe_decode(sa_fe *r, const uint8_t in[SA_FE_BYTES]);
void sa_fe_encode(uint8_t out[SA_FE_BYTES], const sa_fe *a);

/* 64 little-endian bytes modulo L (PROTOCOL.md 4.2). */
void sa_fe_reduce(sa_fe *r, const uint8_t in[64]);

void sa_fe_set(sa_fe *r, uint64_t x);
void sa_fe_add(sa_fe *r, const sa_fe *a, const sa_fe *b);
void sa_fe_sub(sa_fe *r, const sa_fe *a, const sa_fe *b);
void sa_fe_mul(sa_fe *r, const sa_fe *a, const sa_fe *b);

/* A sum of products, reduced once: of 4096 at the most. Begins with zeros; its
 * owner wipes it. */
typedef struct sa_fe_sum {
    uint64_t v[9];
} sa_fe_sum;

void sa_fe_sum_add(sa_fe_sum *sum, const sa_fe *a, const sa_fe *b);
void sa_fe_sum_get(sa_fe *r, const sa_fe_sum *sum);

/* 1 / a; zero for zero. */
void sa_fe_invert(sa_fe *r, const sa_fe *a);

/* The same of a public element that is not zero, several times faster. */
void sa_fe_invert_vartime(sa_fe *r, const sa_fe *a);

bool sa_fe_equal(const sa_fe *a, const sa_fe *b);

/* out[i] = the polynomial coefs[0] + coefs[1] x + ... at x = first + i, for
 * 0 <= i < count; 1 <= first, first + count - 1 <= SA_FE_POINTS, terms >= 1.
 * The points are public. SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_fe_eval(sa_fe *out, size_t count,
    uint32_t first, const sa_fe *coefs, size_t terms);

/* out[i] = scale times the product of |gaps[j] - points[i]| over all gaps, each
 * of them from 1 to SA_FE_POINTS and public. SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_fe_distances(sa_fe *out, const sa_fe *scale,
    const uint32_t *points, size_t count, const uint32_t *gaps,
    size_t gap_count);

/* out[j] = the sum of values[i] x^j over all points x = points[i], for 0 <= j <
 * terms; points from 1 to SA_FE_POINTS, count <= SA_FE_POINTS. The points are
 * public. SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_fe_power_sums(sa_fe *out, size_t terms,
    const uint32_t *points, const sa_fe *values, size_t count);

#endif
