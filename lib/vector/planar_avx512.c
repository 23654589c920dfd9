/* SPDX-License-Identifier: Apache-2.0 */
/* planar_avx512: the planar backend for AVX-512 with VBMI and GFNI, with
 * 512-bit registers and a whole block per step: a register is a plane. Packing
 * has three stages:
 *
 *  1. split the entries into byte rows (planar_rows.h), 512 bytes each;
 *  2. transpose each eight bytes of a row as a matrix of 8 by 8 bits, for
 *     which GFNI has an instruction: its result has a byte for each of eight
 *     planes;
 *  3. distribute these bytes to eight registers, one for each plane.
 *
 * Unpacking runs the inverse stages backwards.
 *
 * The order of the entries in a row: bytes 64 r to 64 r + 63 of a row, which
 * fill one register, are those of entries 16 r to 16 r + 15 of each quarter of
 * the block, one quarter in each 128-bit lane. So stage 3 never moves a byte
 * from one lane to another. In packing, moreover, each eight bytes of a row
 * are in reverse order, as the instruction of stage 2 needs them. */
#include "vector/planar_backend.h"

#if defined(__GFNI__) && defined(__AVX512VBMI__) && defined(__AVX512BW__)
#include <immintrin.h>

#define STEP SA_BLOCK
#include "vector/planar_rows.h"

#define QUARTER (SA_BLOCK / 4)

INLINE __m512i load(const void *p)
{
    return _mm512_loadu_si512(p);
}

INLINE void store(void *p, __m512i x)
{
    _mm512_storeu_si512(p, x);
}

/* ---- rows and planes ---------------------------------------------------- */

/* Transpose each eight bytes of x: byte j of the result has bit j of each byte
 * of x, with the bit of the last byte lowest. The instruction multiplies the
 * bit matrix x by each byte of its first operand: here by the eight unit
 * vectors. */
INLINE __m512i transpose(__m512i x)
{
    return _mm512_gf2p8affine_epi64_epi8(
        _mm512_set1_epi64((long long)0x8040201008040201), x, 0);
}

/* See planar_rows.h; uses the variable t. */
#define INTERLEAVE(a, b)                                                      \
    t = x[a];                                                                 \
    x[a] = _mm512_unpacklo_epi8(t, x[b]);                                     \
    x[b] = _mm512_unpackhi_epi8(t, x[b])

/* Stages 2 and 3. Let g3 g2 g1 g0 be the bits of the number of a column (8
 * entries) among the 16 of a quarter of the block, and j2 j1 j0 those of the
 * number of the plane. The plane must become the register, and the column the
 * place in the lane (planar_rows.h explains the steps):
 *
 *     step           register    place in the lane
 *     LOAD_ROW       g2 g1 g3    g0 j2 j1 j0
 *     INTERLEAVE_1   g2 g1 g0    j2 j1 j0 g3
 *     INTERLEAVE_4   j2 g1 g0    j1 j0 g3 g2
 *     INTERLEAVE_2   j2 j1 g0    j0 g3 g2 g1
 *     INTERLEAVE_1   j2 j1 j0    g3 g2 g1 g0 */
static void row_to_planes(uint8_t *planes, const uint8_t row[STEP],
    uint32_t count)
{
    __m512i x[8], t;

#define LOAD_ROW(i)                                                           \
    x[i] = transpose(load(row + 64 * ((i) % 2 * 4 + (i) / 2)))
#define STORE_PLANE(i)                                                        \
    if ((i) < count)                                                          \
        store(planes + SA_PLANE * (i), x[i])
    EIGHT(LOAD_ROW);
    INTERLEAVE_1;
    INTERLEAVE_4;
    INTERLEAVE_2;
    INTERLEAVE_1;
    EIGHT(STORE_PLANE);
}

/* The inverse; after three steps the register is g3 g2 g1, and the place is g0
 * j2 j1 j0. The last plane is in x[0] and the first in x[7], so that each
 * eight bytes are in reverse order for the transposition, whose result is in
 * the order of the entries. */
static void planes_to_row(uint8_t row[STEP], const uint8_t *planes,
    uint32_t count)
{
    __m512i x[8], t;

#define LOAD_PLANE(i)                                                         \
    x[7 - (i)] = (i) < count ? load(planes + SA_PLANE * (i))                  \
                             : _mm512_setzero_si512()
#define STORE_ROW(i) store(row + 64 * (i), transpose(x[i]))
    EIGHT(LOAD_PLANE);
    INTERLEAVE_4;
    INTERLEAVE_2;
    INTERLEAVE_1;
    EIGHT(STORE_ROW);
}

/* ---- rows and words ----------------------------------------------------- */

/* Words are the lower or the upper 32 bits of entries. 64 words at a time: x[q]
 * has 16 words of quarter q of the block.
 *
 * Index vectors for permutex2var, which picks 64 of the 128 bytes of two
 * registers. For packing: BYTES_8(k, e) picks byte k of words e to e + 7, the
 * last word first, out of the 32 words of two registers; BYTES_32(k) picks
 * byte k of all 32 words. */
#define BYTES_8(k, e)                                                         \
    4 * (e) + 28 + (k), 4 * (e) + 24 + (k), 4 * (e) + 20 + (k),               \
        4 * (e) + 16 + (k), 4 * (e) + 12 + (k), 4 * (e) + 8 + (k),            \
        4 * (e) + 4 + (k), 4 * (e) + (k)
#define BYTES_32(k) BYTES_8(k, 0), BYTES_8(k, 8), BYTES_8(k, 16), BYTES_8(k, 24)

/* For unpacking: the two registers have 32 bytes each of rows 0 to 3, one row
 * after another; WORD(e) picks the four bytes of word e, WORDS_4(e) those of
 * words e to e + 3, WORDS_16(e) those of words e to e + 15. */
#define WORD(e) (e), (e) + 32, (e) + 64, (e) + 96
#define WORDS_4(e) WORD(e), WORD((e) + 1), WORD((e) + 2), WORD((e) + 3)
#define WORDS_16(e)                                                           \
    WORDS_4(e), WORDS_4((e) + 4), WORDS_4((e) + 8), WORDS_4((e) + 12)

static const uint8_t bytes_0_1[64] = { BYTES_32(0), BYTES_32(1) };
static const uint8_t bytes_2_3[64] = { BYTES_32(2), BYTES_32(3) };
static const uint8_t words_low[64] = { WORDS_16(0) };
static const uint8_t words_high[64] = { WORDS_16(16) };

/* Make bytes 64 r to 64 r + 63 of four rows of 64 words. */
INLINE void words_to_rows(uint8_t (*row)[STEP], size_t r,
    const __m512i x[4])
{
    const __m512i low = load(bytes_0_1), high = load(bytes_2_3);
    const __m512i a = _mm512_permutex2var_epi8(x[0], low, x[1]);
    const __m512i b = _mm512_permutex2var_epi8(x[0], high, x[1]);
    const __m512i c = _mm512_permutex2var_epi8(x[2], low, x[3]);
    const __m512i d = _mm512_permutex2var_epi8(x[2], high, x[3]);

    store(row[0] + 64 * r, _mm512_shuffle_i64x2(a, c, 0x44));
    store(row[1] + 64 * r, _mm512_shuffle_i64x2(a, c, 0xee));
    store(row[2] + 64 * r, _mm512_shuffle_i64x2(b, d, 0x44));
    store(row[3] + 64 * r, _mm512_shuffle_i64x2(b, d, 0xee));
}

INLINE void rows_to_words(__m512i x[4], const uint8_t (*row)[STEP],
    size_t r)
{
    const __m512i low = load(words_low), high = load(words_high);
    const __m512i row0 = load(row[0] + 64 * r), row1 = load(row[1] + 64 * r);
    const __m512i row2 = load(row[2] + 64 * r), row3 = load(row[3] + 64 * r);
    const __m512i a = _mm512_shuffle_i64x2(row0, row1, 0x44);
    const __m512i b = _mm512_shuffle_i64x2(row2, row3, 0x44);
    const __m512i c = _mm512_shuffle_i64x2(row0, row1, 0xee);
    const __m512i d = _mm512_shuffle_i64x2(row2, row3, 0xee);

    x[0] = _mm512_permutex2var_epi8(a, low, b);
    x[1] = _mm512_permutex2var_epi8(a, high, b);
    x[2] = _mm512_permutex2var_epi8(c, low, d);
    x[3] = _mm512_permutex2var_epi8(c, high, d);
}

/* ---- words and entries -------------------------------------------------- */

static void split_u32(rows *r, const uint32_t *e)
{
    __m512i x[4];

    for (size_t i = 0; i < 8; i++, e += 16) {
        x[0] = load(e);
        x[1] = load(e + QUARTER);
        x[2] = load(e + 2 * QUARTER);
        x[3] = load(e + 3 * QUARTER);
        words_to_rows(r->bytes, i, x);
    }
}

static void join_u32(uint32_t *e, const rows *r)
{
    __m512i x[4];

    for (size_t i = 0; i < 8; i++, e += 16) {
        rows_to_words(x, r->bytes, i);
        store(e, x[0]);
        store(e + QUARTER, x[1]);
        store(e + 2 * QUARTER, x[2]);
        store(e + 3 * QUARTER, x[3]);
    }
}

/* `even` and `odd` pick the lower and the upper words of 16 entries in two
 * registers. */
static void split_u64(rows *r, const uint64_t *e, uint32_t bits)
{
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18,
        20, 22, 24, 26, 28, 30);
    const __m512i odd = _mm512_or_si512(even, _mm512_set1_epi32(1));
    __m512i low[4], high[4];

/* Load 16 entries of quarter q, and separate the lower words, low[q], from the
 * upper words, high[q]. */
#define SPLIT(q)                                                              \
    do {                                                                      \
        const __m512i a = load(e + (q) * QUARTER);                            \
        const __m512i b = load(e + (q) * QUARTER + 8);                        \
        low[q] = _mm512_permutex2var_epi32(a, even, b);                       \
        high[q] = _mm512_permutex2var_epi32(a, odd, b);                       \
    } while (0)
    for (size_t i = 0; i < 8; i++, e += 16) {
        SPLIT(0);
        SPLIT(1);
        SPLIT(2);
        SPLIT(3);
        words_to_rows(r->bytes, i, low);
        if (bits > 32)
            words_to_rows(r->bytes + 4, i, high);
    }
}

/* `first` and `second` pick words of low[q] and of high[q] in turn: those of
 * entries 0 to 7 and of entries 8 to 15. */
static void join_u64(uint64_t *e, const rows *r, uint32_t bits)
{
    const __m512i zero = _mm512_setzero_si512();
    const __m512i first = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20,
        5, 21, 6, 22, 7, 23);
    const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(8));
    __m512i low[4], high[4] = { zero, zero, zero, zero };

/* Store 16 entries of quarter q again from low[q] and high[q]. */
#define JOIN(q)                                                               \
    store(e + (q) * QUARTER,                                                  \
        _mm512_permutex2var_epi32(low[q], first, high[q]));                   \
    store(e + (q) * QUARTER + 8,                                              \
        _mm512_permutex2var_epi32(low[q], second, high[q]))
    for (size_t i = 0; i < 8; i++, e += 16) {
        rows_to_words(low, r->bytes, i);
        if (bits > 32)
            rows_to_words(high, r->bytes + 4, i);
        JOIN(0);
        JOIN(1);
        JOIN(2);
        JOIN(3);
    }
}

/* ---- addition ----------------------------------------------------------- */

/* A register is a plane: 512 full adders. 0x96 and 0xe8 are the truth tables of
 * the sum and of the carry of three bits. */
static void add(uint8_t *acc, const uint8_t *in, size_t blocks, uint32_t bits,
    uint64_t flip)
{
    const __m512i flips = _mm512_set1_epi64((long long)flip);

    for (; blocks > 0; blocks--) {
        __m512i carry = flips;
        for (uint32_t j = 0; j < bits; j++, acc += SA_PLANE, in += SA_PLANE) {
            const __m512i a = load(acc);
            const __m512i b = _mm512_xor_si512(load(in), flips);
            store(acc, _mm512_ternarylogic_epi64(a, b, carry, 0x96));
            carry = _mm512_ternarylogic_epi64(a, b, carry, 0xe8);
        }
    }
}

const sa_planar_backend sa_planar_avx512 = { pack_u64, pack_u32, unpack_u64,
    unpack_u32, add };

#else
const sa_planar_backend sa_planar_avx512 = { NULL, NULL, NULL, NULL, NULL };
#endif
