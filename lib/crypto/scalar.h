/* SPDX-License-Identifier: Apache-2.0 */
/* field: integers modulo L = 2^252 + 27742317777372353535851937790883648493,
 * the order of ristretto255 (RFC 9496, section 4), PROTOCOL.md 4.1. Elements
 * are canonical (< L) on entry and on return. Constant time: no branch and no
 * index depends on a value. Inversion is GMP's. */
#ifndef SA_SCALAR_H
#define SA_SCALAR_H

#include <secagg/base.h>

#define SA_SC_BYTES 32

/* Largest point at which sa_sc_eval evaluates. */
#define SA_SC_POINTS 4096

typedef struct sa_sc {
    uint64_t v[4]; /* least significant first */
} sa_sc;

/* From 32 little-endian bytes; false, and r zero, where the value is not
 * below L. The verdict is public, the value need not be. */
bool sa_sc_decode(sa_sc *r, const uint8_t in[SA_SC_BYTES]);
void sa_sc_encode(uint8_t out[SA_SC_BYTES], const sa_sc *a);

/* 64 little-endian bytes modulo L (PROTOCOL.md 4.2). */
void sa_sc_reduce(sa_sc *r, const uint8_t in[64]);

void sa_sc_set(sa_sc *r, uint64_t x);
void sa_sc_add(sa_sc *r, const sa_sc *a, const sa_sc *b);
void sa_sc_sub(sa_sc *r, const sa_sc *a, const sa_sc *b);
void sa_sc_mul(sa_sc *r, const sa_sc *a, const sa_sc *b);

/* A sum of products, reduced once: of 4096 at the most. Begins with zeros; its
 * owner wipes it. */
typedef struct sa_sc_sum {
    uint64_t v[9];
} sa_sc_sum;

void sa_sc_sum_add(sa_sc_sum *sum, const sa_sc *a, const sa_sc *b);
void sa_sc_sum_get(sa_sc *r, const sa_sc_sum *sum);

/* 1 / a; zero for zero. */
void sa_sc_invert(sa_sc *r, const sa_sc *a);

/* The same of a public element that is not zero, several times faster. */
void sa_sc_invert_vartime(sa_sc *r, const sa_sc *a);

bool sa_sc_equal(const sa_sc *a, const sa_sc *b);

/* out[i] = the polynomial coefs[0] + coefs[1] x + ... at x = first + i, for
 * 0 <= i < count; 1 <= first, first + count - 1 <= SA_SC_POINTS, terms >= 1.
 * The points are public. SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_sc_eval(sa_sc *out, size_t count,
    uint32_t first, const sa_sc *coefs, size_t terms);

/* out[i] = scale times the product of |gaps[j] - points[i]| over all gaps, each
 * of them from 1 to SA_SC_POINTS and public. SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_sc_distances(sa_sc *out, const sa_sc *scale,
    const uint32_t *points, size_t count, const uint32_t *gaps,
    size_t gap_count);

/* out[j] = the sum of values[i] x^j over all points x = points[i], for 0 <= j <
 * terms; points from 1 to SA_SC_POINTS, count <= SA_SC_POINTS. The points are
 * public. SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_sc_power_sums(sa_sc *out, size_t terms,
    const uint32_t *points, const sa_sc *values, size_t count);

#endif
