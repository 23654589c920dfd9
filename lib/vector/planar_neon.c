/* SPDX-License-Identifier: Apache-2.0 */
/* planar_neon: planar code of ARMv8 at 128 bits. Entries become planes in
 * three steps, over 128 entries, a quarter of a block, at a time: entries to
 * rows, where row k has byte k of each entry; bytes of a row to eight
 * registers, register i with entry i of each group of eight; and eight
 * registers of entries to eight of planes, as matrices of 8 by 8 bits. Planes
 * become entries by the same steps backwards. */
#include "vector/planar_backend.h"

#if defined(__AARCH64EL__) && defined(__ARM_NEON)
#include <arm_neon.h>

#define STEP (SA_BLOCK / 4)
#include "vector/planar_rows.h"

/* ---- rows and planes ---------------------------------------------------- */

#define EXCHANGE(a, b, n, low)                                                \
    t = vandq_u8(veorq_u8(vshrq_n_u8(x[a], n), x[b]), low);                   \
    x[b] = veorq_u8(x[b], t);                                                 \
    x[a] = veorq_u8(x[a], vshlq_n_u8(t, n))

/* Transpose 16 matrices of 8 by 8 bits. */
INLINE void transpose(uint8x16_t x[8])
{
    const uint8x16_t low4 = vdupq_n_u8(0x0f), low2 = vdupq_n_u8(0x33);
    const uint8x16_t low1 = vdupq_n_u8(0x55);
    uint8x16_t t;

    TRANSPOSE(low4, low2, low1);
}

/* Of each eight bytes the i-th to register i: loads of four take every fourth
 * byte, and then every second is taken. */
static void row_to_planes(uint8_t *planes, const uint8_t row[STEP],
    uint32_t count)
{
    const uint8x16x4_t a = vld4q_u8(row), b = vld4q_u8(row + 64);
    uint8x16_t x[8];

#define TAKE(i)                                                               \
    x[i] = vuzp1q_u8(a.val[i], b.val[i]);                                     \
    x[(i) + 4] = vuzp2q_u8(a.val[i], b.val[i])
#define STORE_PLANE(i)                                                        \
    if ((i) < count)                                                          \
        vst1q_u8(planes + SA_PLANE * (i), x[i])
    TAKE(0);
    TAKE(1);
    TAKE(2);
    TAKE(3);
    transpose(x);
    EIGHT(STORE_PLANE);
}

static void planes_to_row(uint8_t row[STEP], const uint8_t *planes,
    uint32_t count)
{
    uint8x16x4_t a, b;
    uint8x16_t x[8];

#define LOAD_PLANE(i)                                                         \
    x[i] = (i) < count ? vld1q_u8(planes + SA_PLANE * (i)) : vdupq_n_u8(0)
#define GIVE(i)                                                               \
    a.val[i] = vzip1q_u8(x[i], x[(i) + 4]);                                   \
    b.val[i] = vzip2q_u8(x[i], x[(i) + 4])
    EIGHT(LOAD_PLANE);
    transpose(x);
    GIVE(0);
    GIVE(1);
    GIVE(2);
    GIVE(3);
    vst4q_u8(row, a);
    vst4q_u8(row + 64, b);
}

/* ---- rows and entries --------------------------------------------------- */

/* Sixteen words to four rows and back: a load of four is this transposition,
 * and a store of four its inverse. */
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

/* The same with two loads of eight entries: every fourth byte of them is byte
 * k of one and byte k + 4 of the next. */
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

/* A quarter of a plane through the adders of its entries. */
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

const sa_planar_backend sa_planar_neon = { put, put_u32, get, get_u32, add };

#else
const sa_planar_backend sa_planar_neon = { NULL, NULL, NULL, NULL, NULL };
#endif
