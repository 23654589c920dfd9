/* SPDX-License-Identifier: Apache-2.0 */
/* planar_neon: the planar backend for ARMv8 NEON, with 128-bit registers and
 * 128 entries, a quarter of a block, per step. Packing has three stages:
 *
 *  1. split the entries into byte rows (planar_rows.h), 128 bytes each, in the
 *     order of the entries;
 *  2. distribute the bytes of a row to eight registers: register x[i] gets
 *     the bytes of entries i, i + 8, i + 16 and so on, in order;
 *  3. transpose matrices of 8 by 8 bits over the registers, so that x[j]
 *     becomes plane j, 16 bytes of it.
 *
 * Unpacking runs the inverse stages backwards. */
#include "vector/planar_backend.h"

#if defined(__AARCH64EL__) && defined(__ARM_NEON)
#include <arm_neon.h>

#define STEP (SA_BLOCK / 4)
#include "vector/planar_rows.h"

/* ---- rows and planes ---------------------------------------------------- */

/* See planar_rows.h; uses the variable t. */
#define EXCHANGE(a, b, n, low)                                                \
    t = vandq_u8(veorq_u8(vshrq_n_u8(x[a], n), x[b]), low);                   \
    x[b] = veorq_u8(x[b], t);                                                 \
    x[a] = veorq_u8(x[a], vshlq_n_u8(t, n))

/* Transpose 16 matrices of 8 by 8 bits over the eight registers. */
INLINE void transpose(uint8x16_t x[8])
{
    const uint8x16_t low4 = vdupq_n_u8(0x0f), low2 = vdupq_n_u8(0x33);
    const uint8x16_t low1 = vdupq_n_u8(0x55);
    uint8x16_t t;

    TRANSPOSE(low4, low2, low1);
}

/* Stages 2 and 3. vld4q loads 64 bytes and puts bytes i, i + 4, i + 8 and so on
 * into val[i]. SEPARATE(i) then makes x[i] of every second byte of val[i],
 * and x[i + 4] of the others. */
static void row_to_planes(uint8_t *planes, const uint8_t row[STEP],
    uint32_t count)
{
    const uint8x16x4_t a = vld4q_u8(row), b = vld4q_u8(row + 64);
    uint8x16_t x[8];

#define SEPARATE(i)                                                           \
    x[i] = vuzp1q_u8(a.val[i], b.val[i]);                                     \
    x[(i) + 4] = vuzp2q_u8(a.val[i], b.val[i])
#define STORE_PLANE(i)                                                        \
    if ((i) < count)                                                          \
        vst1q_u8(planes + SA_PLANE * (i), x[i])
    SEPARATE(0);
    SEPARATE(1);
    SEPARATE(2);
    SEPARATE(3);
    transpose(x);
    EIGHT(STORE_PLANE);
}

/* The inverse: MERGE(i) makes val[i] of the bytes of x[i] and x[i + 4] in
 * turn. */
static void planes_to_row(uint8_t row[STEP], const uint8_t *planes,
    uint32_t count)
{
    uint8x16x4_t a, b;
    uint8x16_t x[8];

#define LOAD_PLANE(i)                                                         \
    x[i] = (i) < count ? vld1q_u8(planes + SA_PLANE * (i)) : vdupq_n_u8(0)
#define MERGE(i)                                                              \
    a.val[i] = vzip1q_u8(x[i], x[(i) + 4]);                                   \
    b.val[i] = vzip2q_u8(x[i], x[(i) + 4])
    EIGHT(LOAD_PLANE);
    transpose(x);
    MERGE(0);
    MERGE(1);
    MERGE(2);
    MERGE(3);
    vst4q_u8(row, a);
    vst4q_u8(row + 64, b);
}

/* ---- rows and entries --------------------------------------------------- */

/* 16 entries of 32 bits at a time: vld4q splits them into their bytes 0, 1, 2
 * and 3, and vst4q is its inverse. */
static void split_u32(rows *r, const uint32_t *e)
{
    for (size_t i = 0; i < STEP; i += 16) {
        const uint8x16x4_t x = vld4q_u8((const void *)(e + i));
        vst1q_u8(r->bytes[0] + i, x.val[0]);
        vst1q_u8(r->bytes[1] + i, x.val[1]);
        vst1q_u8(r->bytes[2] + i, x.val[2]);
        vst1q_u8(r->bytes[3] + i, x.val[3]);
    }
}

static void join_u32(uint32_t *e, const rows *r)
{
    for (size_t i = 0; i < STEP; i += 16) {
        uint8x16x4_t x;
        x.val[0] = vld1q_u8(r->bytes[0] + i);
        x.val[1] = vld1q_u8(r->bytes[1] + i);
        x.val[2] = vld1q_u8(r->bytes[2] + i);
        x.val[3] = vld1q_u8(r->bytes[3] + i);
        vst4q_u8((void *)(e + i), x);
    }
}

/* 16 entries of 64 bits at a time: vld4q of eight entries puts bytes k and
 * k + 4 of each entry in turn into val[k]. SPLIT(k) separates them into rows k
 * and k + 4. */
static void split_u64(rows *r, const uint64_t *e, uint32_t bits)
{
    for (size_t i = 0; i < STEP; i += 16) {
        const uint8x16x4_t a = vld4q_u8((const void *)(e + i));
        const uint8x16x4_t b = vld4q_u8((const void *)(e + i + 8));
#define SPLIT(k)                                                              \
    vst1q_u8(r->bytes[k] + i, vuzp1q_u8(a.val[k], b.val[k]));                 \
    if (bits > 32)                                                            \
        vst1q_u8(r->bytes[(k) + 4] + i, vuzp2q_u8(a.val[k], b.val[k]))
        SPLIT(0);
        SPLIT(1);
        SPLIT(2);
        SPLIT(3);
    }
}

static void join_u64(uint64_t *e, const rows *r, uint32_t bits)
{
    for (size_t i = 0; i < STEP; i += 16) {
        uint8x16x4_t a, b;
        uint8x16_t low, high = vdupq_n_u8(0);
/* The inverse of SPLIT(k). */
#define JOIN(k)                                                               \
    low = vld1q_u8(r->bytes[k] + i);                                          \
    if (bits > 32)                                                            \
        high = vld1q_u8(r->bytes[(k) + 4] + i);                               \
    a.val[k] = vzip1q_u8(low, high);                                          \
    b.val[k] = vzip2q_u8(low, high)
        JOIN(0);
        JOIN(1);
        JOIN(2);
        JOIN(3);
        vst4q_u8((void *)(e + i), a);
        vst4q_u8((void *)(e + i + 8), b);
    }
}

/* ---- addition ----------------------------------------------------------- */

/* Add a quarter of a plane, 128 full adders; returns the new carries. The carry
 * of a bit is the carry in where a and b differ, else a. */
INLINE uint8x16_t add_quarter(uint8_t *acc, const uint8_t *in,
    uint8x16_t carry, uint8x16_t flip)
{
    const uint8x16_t a = vld1q_u8(acc), b = veorq_u8(vld1q_u8(in), flip);
    const uint8x16_t either = veorq_u8(a, b);

    vst1q_u8(acc, veorq_u8(either, carry));
    return vbslq_u8(either, carry, a);
}

static void add(uint8_t *acc, const uint8_t *in, size_t blocks, uint32_t bits,
    uint64_t flip)
{
    const uint8x16_t f = vreinterpretq_u8_u64(vdupq_n_u64(flip));

    for (; blocks > 0; blocks--) {
        uint8x16_t c0 = f, c1 = f, c2 = f, c3 = f;
        for (uint32_t j = 0; j < bits; j++, acc += SA_PLANE, in += SA_PLANE) {
            c0 = add_quarter(acc, in, c0, f);
            c1 = add_quarter(acc + 16, in + 16, c1, f);
            c2 = add_quarter(acc + 32, in + 32, c2, f);
            c3 = add_quarter(acc + 48, in + 48, c3, f);
        }
    }
}

const sa_planar_backend sa_planar_neon = { pack_u64, pack_u32, unpack_u64,
    unpack_u32, add };

#else
const sa_planar_backend sa_planar_neon = { NULL, NULL, NULL, NULL, NULL };
#endif
