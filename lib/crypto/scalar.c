/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/scalar.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"

/* ---- 64-bit words ------------------------------------------------------- */

/* The compiler unrolls loops over a few words, and then knows constants. */
#if defined(__clang__)
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 9")
#else
#define INLINE static inline
#define UNROLL
#endif

/* ell, least significant word first. */
static const uint64_t order[4] = { UINT64_C(0x5812631a5cf5d3ed),
    UINT64_C(0x14def9dea2f79cd6), 0, UINT64_C(0x1000000000000000) };

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 two_words;

/* Returns the lower word and stores the upper one. */
INLINE uint64_t low(two_words x, uint64_t *high)
{
    *high = (uint64_t)(x >> 64);
    return (uint64_t)x;
}

/* Returns the lower word of x + a b + carry; the upper one is the new carry. */
INLINE uint64_t mul_add(uint64_t x, uint64_t a, uint64_t b,
    uint64_t *carry)
{
    return low((two_words)a * b + x + *carry, carry);
}

/* Returns the lower word of a + b + carry, and stores the new carry. */
INLINE uint64_t add(uint64_t a, uint64_t b, uint64_t *carry)
{
    return low((two_words)a + b + *carry, carry);
}

/* Returns a - b - borrow modulo 2^64, and stores the new borrow. */
INLINE uint64_t sub(uint64_t a, uint64_t b, uint64_t *borrow)
{
    const uint64_t difference = low((two_words)a - b - *borrow, borrow);

    *borrow &= 1;
    return difference;
}
#else
/* The same without a type of 128 bits. */
INLINE uint64_t add(uint64_t a, uint64_t b, uint64_t *carry)
{
    const uint64_t sum = a + b + *carry;

    *carry = ((a & b) | ((a | b) & ~sum)) >> 63;
    return sum;
}

INLINE uint64_t mul_add(uint64_t x, uint64_t a, uint64_t b,
    uint64_t *carry)
{
    const uint64_t half = 0xffffffff, a0 = a & half, b0 = b & half;
    const uint64_t low = a0 * b0, left = (a >> 32) * b0 + (low >> 32);
    const uint64_t right = a0 * (b >> 32) + (left & half);
    uint64_t high = (a >> 32) * (b >> 32) + (left >> 32) + (right >> 32);
    uint64_t carry_x = 0, carry_in = 0, sum;

    sum = add(right << 32 | (low & half), x, &carry_x);
    sum = add(sum, *carry, &carry_in);
    *carry = high + carry_x + carry_in;
    return sum;
}

INLINE uint64_t sub(uint64_t a, uint64_t b, uint64_t *borrow)
{
    const uint64_t difference = a - b - *borrow;

    *borrow = ((~a & b) | (~(a ^ b) & difference)) >> 63;
    return difference;
}
#endif

/* out += a b, for a of m words and b of n words. Returns the carry out of the
 * m + n words of out. */
INLINE uint64_t add_product(uint64_t *out, const uint64_t *a, size_t m,
    const uint64_t *b, size_t n)
{
    uint64_t overflow = 0;

    UNROLL
    for (size_t i = 0; i < m; i++) {
        uint64_t carry = 0;
        UNROLL
        for (size_t j = 0; j < n; j++)
            out[i + j] = mul_add(out[i + j], a[i], b[j], &carry);
        out[i + n] = add(out[i + n], carry, &overflow);
    }
    return overflow;
}

/* ---- reduction ---------------------------------------------------------- */

/* Scratch for one reduction: the value, its high part h, the product h c. */
typedef struct reduction {
    uint64_t x[9], h[6], product[8];
} reduction;

/* Since 2^252 = -c modulo ell, with c = ell - 2^252 in the two lower words of
 * ell, replace x = h 2^252 + l, of n words, by l + 2^shift ell - h c. The
 * result is not negative if h c is at most 2^shift ell. */
INLINE void fold(reduction *f, size_t n, unsigned shift)
{
    const size_t word_shift = shift / 64, h_words = n - 3;
    const unsigned bit_shift = shift % 64;
    uint64_t carry = 0, borrow = 0, multiple[9] = { 0 }, *x = f->x;

    UNROLL
    for (size_t i = 0; i < h_words; i++)
        f->h[i] = x[3 + i] >> 60 | (i + 1 < h_words ? x[4 + i] << 4 : 0);
    UNROLL
    for (size_t i = 0; i < h_words + 2; i++)
        f->product[i] = 0;
    (void)add_product(f->product, f->h, h_words, order, 2);
    UNROLL
    for (size_t i = 0; i < 4; i++)
        multiple[word_shift + i] = order[i] << bit_shift
            | (bit_shift > 0 && i > 0 ? order[i - 1] >> (64 - bit_shift) : 0);
    if (bit_shift > 0 && word_shift + 4 < n)
        multiple[word_shift + 4] = order[3] >> (64 - bit_shift);
    x[3] &= UINT64_MAX >> 4;
    UNROLL
    for (size_t i = 0; i < n; i++) {
        x[i] = add(i < 4 ? x[i] : 0, multiple[i], &carry);
        x[i] = sub(x[i], i < h_words + 2 ? f->product[i] : 0, &borrow);
    }
}

/* r = x, plus ell if subtracting it has left a borrow. */
INLINE void add_back(sa_sc *r, const uint64_t x[4], uint64_t borrow)
{
    const uint64_t keep = 0 - sa_value_barrier(borrow);
    uint64_t carry = 0;

    UNROLL
    for (size_t i = 0; i < 4; i++)
        r->v[i] = add(x[i], order[i] & keep, &carry);
}

/* r = f->x modulo ell, and wipe f. f->x has 5, 8 or 9 words; with 9 words it
 * must be below 2^516. Bounds, with c < 2^124.4:
 *
 *     x of             h c is below          the result is below
 *     9 words          2^388.4 (h < 2^264)   2^389.1, in 7 words
 *     8 words          2^384.4               2^385.1, in 7 words
 *     7 words, these   2^261.5               2^262.1, in 5 words
 *     5 words          2^192.4 < ell         2 ell
 */
static void reduce(sa_sc *r, reduction *f, size_t words)
{
    uint64_t borrow = 0;

    if (words == 9)
        fold(f, 9, 137);
    else if (words == 8)
        fold(f, 8, 133);
    if (words >= 8)
        fold(f, 7, 10);
    fold(f, 5, 0);
    UNROLL
    for (size_t i = 0; i < 4; i++)
        f->x[i] = sub(f->x[i], order[i], &borrow);
    add_back(r, f->x, borrow);
    sa_wipe(f, sizeof *f);
}

/* ---- scalars ------------------------------------------------------------ */

bool sa_sc_decode(sa_sc *r, const uint8_t in[SA_SC_BYTES])
{
    uint64_t borrow = 0, keep;

    for (int i = 0; i < 4; i++) {
        r->v[i] = sa_get_le64(in + 8 * i);
        (void)sub(r->v[i], order[i], &borrow);
    }
    keep = 0 - sa_value_barrier(borrow);
    for (int i = 0; i < 4; i++)
        r->v[i] &= keep;
    sa_declassify(&borrow, sizeof borrow);
    return borrow != 0;
}

void sa_sc_encode(uint8_t out[SA_SC_BYTES], const sa_sc *a)
{
    for (int i = 0; i < 4; i++)
        sa_put_le64(out + 8 * i, a->v[i]);
}

void sa_sc_reduce(sa_sc *r, const uint8_t in[64])
{
    reduction f;

    for (int i = 0; i < 8; i++)
        f.x[i] = sa_get_le64(in + 8 * i);
    reduce(r, &f, 8);
}

void sa_sc_set(sa_sc *r, uint64_t x)
{
    *r = (sa_sc){ { x, 0, 0, 0 } };
}

/* a + b < 2^254 has no carry out of its four words. */
void sa_sc_add(sa_sc *r, const sa_sc *a, const sa_sc *b)
{
    uint64_t carry = 0, borrow = 0;

    for (int i = 0; i < 4; i++)
        r->v[i] = sub(add(a->v[i], b->v[i], &carry), order[i], &borrow);
    add_back(r, r->v, borrow);
}

void sa_sc_sub(sa_sc *r, const sa_sc *a, const sa_sc *b)
{
    uint64_t borrow = 0;

    for (int i = 0; i < 4; i++)
        r->v[i] = sub(a->v[i], b->v[i], &borrow);
    add_back(r, r->v, borrow);
}

void sa_sc_mul(sa_sc *r, const sa_sc *a, const sa_sc *b)
{
    reduction f;

    memset(f.x, 0, sizeof f.x);
    (void)add_product(f.x, a->v, 4, b->v, 4);
    reduce(r, &f, 8);
}

void sa_sc_sum_add(sa_sc_sum *sum, const sa_sc *a, const sa_sc *b)
{
    sum->v[8] += add_product(sum->v, a->v, 4, b->v, 4);
}

void sa_sc_sum_get(sa_sc *r, const sa_sc_sum *sum)
{
    reduction f;

    memcpy(f.x, sum->v, sizeof f.x);
    reduce(r, &f, 9);
}

bool sa_sc_equal(const sa_sc *a, const sa_sc *b)
{
    return sa_ct_equal(a->v, b->v, sizeof a->v);
}
