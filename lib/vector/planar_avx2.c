/* SPDX-License-Identifier: Apache-2.0 */
/* planar_avx2: the planar backend for AVX2, with 256-bit registers and 256
 * entries, half a block, per step. Packing has three stages:
 *
 *  1. split the entries into byte rows (planar_rows.h), 256 bytes each, in the
 *     order of the entries;
 *  2. distribute the bytes of a row to eight registers: register x[i] gets
 *     the bytes of entries i, i + 8, i + 16 and so on, in order;
 *  3. transpose matrices of 8 by 8 bits over the registers, so that x[j]
 *     becomes plane j, 32 bytes of it.
 *
 * Unpacking runs the inverse stages backwards. */
#include "vector/planar_backend.h"

#if defined(__AVX2__)
#include <immintrin.h>

#define STEP (SA_BLOCK / 2)
#include "vector/planar_rows.h"

INLINE __m256i load(const void *p)
{
    return _mm256_loadu_si256(p);
}

INLINE void store(void *p, __m256i x)
{
    _mm256_storeu_si256(p, x);
}

/* Load 16 bytes at p into the lower lane and 16 at q into the upper lane. */
INLINE __m256i load_two(const void *p, const void *q)
{
    return _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128(p)), _mm_loadu_si128(q), 1);
}

INLINE void store_two(void *p, void *q, __m256i x)
{
    _mm_storeu_si128(p, _mm256_castsi256_si128(x));
    _mm_storeu_si128(q, _mm256_extracti128_si256(x, 1));
}

/* ---- rows and planes ---------------------------------------------------- */

/* See planar_rows.h; uses the variable t. */
#define INTERLEAVE(a, b)                                                      \
    t = x[a];                                                                 \
    x[a] = _mm256_unpacklo_epi8(t, x[b]);                                     \
    x[b] = _mm256_unpackhi_epi8(t, x[b])

/* See planar_rows.h; uses the variable t. There are no shifts of bytes: the
 * shift is of 64 bits, and `low` masks the bits that cross from one byte into
 * another. */
#define EXCHANGE(a, b, n, low)                                                \
    t = _mm256_and_si256(                                                     \
        _mm256_xor_si256(_mm256_srli_epi64(x[a], n), x[b]), low);             \
    x[b] = _mm256_xor_si256(x[b], t);                                         \
    x[a] = _mm256_xor_si256(x[a], _mm256_slli_epi64(t, n))

/* Transpose 32 matrices of 8 by 8 bits over the eight registers. */
INLINE void transpose(__m256i x[8])
{
    const __m256i low4 = _mm256_set1_epi8(0x0f), low2 = _mm256_set1_epi8(0x33);
    const __m256i low1 = _mm256_set1_epi8(0x55);
    __m256i t;

    TRANSPOSE(low4, low2, low1);
}

/* Stages 2 and 3. The lower lanes process the first 128 bytes of the row, the
 * upper lanes the other 128. Let e6 ... e0 be the bits of the number of an
 * entry among 128; e2 e1 e0 must become the number of its register, and e6 e5
 * e4 e3 the place in the lane (planar_rows.h explains the steps):
 *
 *     step           register    place in the lane
 *     LOAD_ROW       e5 e4 e6    e3 e2 e1 e0
 *     INTERLEAVE_1   e5 e4 e3    e2 e1 e0 e6
 *     INTERLEAVE_4   e2 e4 e3    e1 e0 e6 e5
 *     INTERLEAVE_2   e2 e1 e3    e0 e6 e5 e4
 *     INTERLEAVE_1   e2 e1 e0    e6 e5 e4 e3 */
static void row_to_planes(uint8_t *planes, const uint8_t row[STEP],
    uint32_t count)
{
    __m256i x[8], t;

#define LOAD_ROW(i)                                                           \
    x[i] = load_two(row + 16 * ((i) % 2 * 4 + (i) / 2),                       \
        row + 128 + 16 * ((i) % 2 * 4 + (i) / 2))
#define STORE_PLANE(i)                                                        \
    if ((i) < count)                                                          \
        store(planes + SA_PLANE * (i), x[i])
    EIGHT(LOAD_ROW);
    INTERLEAVE_1;
    INTERLEAVE_4;
    INTERLEAVE_2;
    INTERLEAVE_1;
    transpose(x);
    EIGHT(STORE_PLANE);
}

/* The inverse; after three steps the register is e6 e5 e4, and the place is
 * e3 e2 e1 e0. */
static void planes_to_row(uint8_t row[STEP], const uint8_t *planes,
    uint32_t count)
{
    __m256i x[8], t;

#define LOAD_PLANE(i)                                                         \
    x[i] = (i) < count ? load(planes + SA_PLANE * (i))                        \
                       : _mm256_setzero_si256()
#define STORE_ROW(i)                                                          \
    store_two(row + 16 * (i), row + 128 + 16 * (i), x[i])
    EIGHT(LOAD_PLANE);
    transpose(x);
    INTERLEAVE_4;
    INTERLEAVE_2;
    INTERLEAVE_1;
    EIGHT(STORE_ROW);
}

/* ---- rows and entries --------------------------------------------------- */

/* 32 entries at a time, as words of 32 bits in four registers: x[r] has words
 * 4 r to 4 r + 3 in the lower lane and words 16 + 4 r to 16 + 4 r + 3 in the
 * upper lane. Transposing the 4 by 4 bytes of each lane, and then the 4 by 4
 * groups of four bytes of each lane over the registers, makes x[k] byte k of
 * words 0 to 31. Both transpositions are their own inverses. */

/* Interleave the elements of `width` bits of the lower halves of the lanes of
 * a and b into lo, and those of the upper halves into hi. */
#define UNPACK(a, b, lo, hi, width)                                           \
    lo = _mm256_unpacklo_epi##width(a, b);                                    \
    hi = _mm256_unpackhi_epi##width(a, b)

INLINE __m256i transpose_bytes(__m256i x)
{
    return _mm256_shuffle_epi8(x, _mm256_broadcastsi128_si256(_mm_setr_epi8(0,
        4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)));
}

INLINE void transpose_words(__m256i x[4])
{
    __m256i a, b, c, d;

    UNPACK(x[0], x[1], a, b, 32);
    UNPACK(x[2], x[3], c, d, 32);
    UNPACK(a, c, x[0], x[1], 64);
    UNPACK(b, d, x[2], x[3], 64);
}

INLINE void words_to_rows(rows *r, size_t first, size_t at, __m256i x[4])
{
    x[0] = transpose_bytes(x[0]);
    x[1] = transpose_bytes(x[1]);
    x[2] = transpose_bytes(x[2]);
    x[3] = transpose_bytes(x[3]);
    transpose_words(x);
    store(r->bytes[first] + at, x[0]);
    store(r->bytes[first + 1] + at, x[1]);
    store(r->bytes[first + 2] + at, x[2]);
    store(r->bytes[first + 3] + at, x[3]);
}

INLINE void rows_to_words(__m256i x[4], const rows *r, size_t first, size_t at)
{
    x[0] = load(r->bytes[first] + at);
    x[1] = load(r->bytes[first + 1] + at);
    x[2] = load(r->bytes[first + 2] + at);
    x[3] = load(r->bytes[first + 3] + at);
    transpose_words(x);
    x[0] = transpose_bytes(x[0]);
    x[1] = transpose_bytes(x[1]);
    x[2] = transpose_bytes(x[2]);
    x[3] = transpose_bytes(x[3]);
}

static void split_u32(rows *r, const uint32_t *e)
{
    __m256i x[4];

    for (size_t i = 0; i < STEP; i += 32, e += 32) {
        x[0] = load_two(e, e + 16);
        x[1] = load_two(e + 4, e + 20);
        x[2] = load_two(e + 8, e + 24);
        x[3] = load_two(e + 12, e + 28);
        words_to_rows(r, 0, i, x);
    }
}

static void join_u32(uint32_t *e, const rows *r)
{
    __m256i x[4];

    for (size_t i = 0; i < STEP; i += 32, e += 32) {
        rows_to_words(x, r, 0, i);
        store_two(e, e + 16, x[0]);
        store_two(e + 4, e + 20, x[1]);
        store_two(e + 8, e + 24, x[2]);
        store_two(e + 12, e + 28, x[3]);
    }
}

/* The lower words of two entries of a and two of b (which = 0x88), or the
 * upper words (0xdd), in each lane. */
#define WORDS(a, b, which)                                                    \
    _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a),             \
        _mm256_castsi256_ps(b), which))

static void split_u64(rows *r, const uint64_t *e, uint32_t bits)
{
    __m256i low[4], high[4];

/* Load entries 4 j to 4 j + 3 and 16 + 4 j to 16 + 4 j + 3, and separate the
 * lower words, low[j], from the upper words, high[j]. */
#define SPLIT(j)                                                              \
    do {                                                                      \
        const __m256i a = load_two(e + 4 * (j), e + 16 + 4 * (j));            \
        const __m256i b = load_two(e + 4 * (j) + 2, e + 18 + 4 * (j));        \
        low[j] = WORDS(a, b, 0x88);                                           \
        high[j] = WORDS(a, b, 0xdd);                                          \
    } while (0)
    for (size_t i = 0; i < STEP; i += 32, e += 32) {
        SPLIT(0);
        SPLIT(1);
        SPLIT(2);
        SPLIT(3);
        words_to_rows(r, 0, i, low);
        if (bits > 32)
            words_to_rows(r, 4, i, high);
    }
}

static void join_u64(uint64_t *e, const rows *r, uint32_t bits)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i low[4], high[4] = { zero, zero, zero, zero };

/* Store the same entries again from low[j] and high[j]. */
#define JOIN(j)                                                               \
    store_two(e + 4 * (j), e + 16 + 4 * (j),                                  \
        _mm256_unpacklo_epi32(low[j], high[j]));                              \
    store_two(e + 4 * (j) + 2, e + 18 + 4 * (j),                              \
        _mm256_unpackhi_epi32(low[j], high[j]))
    for (size_t i = 0; i < STEP; i += 32, e += 32) {
        rows_to_words(low, r, 0, i);
        if (bits > 32)
            rows_to_words(high, r, 4, i);
        JOIN(0);
        JOIN(1);
        JOIN(2);
        JOIN(3);
    }
}

/* ---- addition ----------------------------------------------------------- */

/* Add half a plane, 256 full adders; returns the new carries. */
INLINE __m256i add_half(uint8_t *acc, const uint8_t *in, __m256i carry,
    __m256i flip)
{
    const __m256i a = load(acc), b = _mm256_xor_si256(load(in), flip);
    const __m256i either = _mm256_xor_si256(a, b);

    store(acc, _mm256_xor_si256(either, carry));
    return _mm256_or_si256(_mm256_and_si256(a, b),
        _mm256_and_si256(either, carry));
}

static void add(uint8_t *acc, const uint8_t *in, size_t blocks, uint32_t bits,
    uint64_t flip)
{
    const __m256i flips = _mm256_set1_epi64x((long long)flip);

    for (; blocks > 0; blocks--) {
        __m256i low = flips, high = flips;
        for (uint32_t j = 0; j < bits; j++, acc += SA_PLANE, in += SA_PLANE) {
            low = add_half(acc, in, low, flips);
            high = add_half(acc + 32, in + 32, high, flips);
        }
    }
}

const sa_planar_backend sa_planar_avx2 = { pack_u64, pack_u32, unpack_u64,
    unpack_u32, add };

#else
const sa_planar_backend sa_planar_avx2 = { NULL, NULL, NULL, NULL, NULL };
#endif
