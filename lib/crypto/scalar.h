/* SPDX-License-Identifier: Apache-2.0 */
/* scalar: integers modulo the prime ell = 2^252 +
 * 27742317777372353535851937790883648493, the order of ristretto255 (RFC 9496,
 * section 4; PROTOCOL.md 4.1). Shares and secrets are scalars. Scalars are
 * canonical (below ell) on entry and on return. Functions take constant time:
 * no branch and no index depends on a value, unless the name says vartime. */
#ifndef SA_SCALAR_H
#define SA_SCALAR_H

#include <secagg/base.h>

#define SA_SC_BYTES 32

/* Largest point of sa_sc_eval, sa_sc_distances and sa_sc_power_sums. */
#define SA_SC_POINTS 4096

typedef struct sa_sc {
    uint64_t v[4]; /* least significant word first */
} sa_sc;

/* Decode 32 little-endian bytes. Returns false and sets r to zero if the value
 * is not below ell. The returned bool counts as public; the value does not. */
bool sa_sc_decode(sa_sc *r, const uint8_t in[SA_SC_BYTES]);

/* Encode as 32 little-endian bytes. */
void sa_sc_encode(uint8_t out[SA_SC_BYTES], const sa_sc *a);

/* r = 64 little-endian bytes modulo ell (PROTOCOL.md 4.2). */
void sa_sc_reduce(sa_sc *r, const uint8_t in[64]);

/* r = x, a + b, a - b and a b. r may be a or b. */
void sa_sc_set(sa_sc *r, uint64_t x);
void sa_sc_add(sa_sc *r, const sa_sc *a, const sa_sc *b);
void sa_sc_sub(sa_sc *r, const sa_sc *a, const sa_sc *b);
void sa_sc_mul(sa_sc *r, const sa_sc *a, const sa_sc *b);

/* A sum of at most 4096 products, reduced once at the end. It starts as zeros;
 * the caller wipes it. */
typedef struct sa_sc_sum {
    uint64_t v[9];
} sa_sc_sum;

/* sum += a b. */
void sa_sc_sum_add(sa_sc_sum *sum, const sa_sc *a, const sa_sc *b);

/* r = sum modulo ell. */
void sa_sc_sum_get(sa_sc *r, const sa_sc_sum *sum);

bool sa_sc_equal(const sa_sc *a, const sa_sc *b);

/* Evaluate a polynomial at consecutive public points: out[i] = coefs[0] +
 * coefs[1] x + ... with `terms` coefficients and x = first + i, for
 * 0 <= i < count. Requires terms >= 1, first >= 1 and first + count - 1 <=
 * SA_SC_POINTS. Returns SECAGG_ERR_MEMORY if there is no memory. */
SECAGG_MUST_CHECK secagg_err sa_sc_eval(sa_sc *out, size_t count,
    uint32_t first, const sa_sc *coefs, size_t terms);

/* out[i] = scale times the product of |gaps[j] - points[i]| over all gaps.
 * Points, gaps and these differences are public and from 1 to SA_SC_POINTS.
 * Returns SECAGG_ERR_MEMORY if there is no memory. */
SECAGG_MUST_CHECK secagg_err sa_sc_distances(sa_sc *out, const sa_sc *scale,
    const uint32_t *points, size_t count, const uint32_t *gaps,
    size_t gap_count);

/* out[j] = the sum of values[i] points[i]^j over all i, for 0 <= j < terms.
 * Points are public and from 1 to SA_SC_POINTS; count <= SA_SC_POINTS. Returns
 * SECAGG_ERR_MEMORY if there is no memory. */
SECAGG_MUST_CHECK secagg_err sa_sc_power_sums(sa_sc *out, size_t terms,
    const uint32_t *points, const sa_sc *values, size_t count);

#endif
