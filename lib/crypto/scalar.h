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

#endif
