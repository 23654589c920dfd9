/* SPDX-License-Identifier: Apache-2.0 */
/* planar_rows: the part of packing and unpacking that the vector backends
 * share. A backend converts STEP entries at a time, in two stages:
 *
 *     entries  <-- split, join -->  byte rows  <-- transposition -->  planes
 *
 * Row k has byte k of each of the STEP entries, in the order of the entries
 * or in another order that the backend chooses. Each row becomes up to eight
 * planes: plane 8 k + j has bit j of each byte of row k. A backend defines
 * STEP before it includes this file, and the functions that are declared
 * below after it. The loops over blocks and rows are here; they are static, so
 * that each backend compiles them with its own flags. */
#ifndef SA_PLANAR_ROWS_H
#define SA_PLANAR_ROWS_H

#include <string.h>

#include "core/mem.h"
#include "vector/planar_backend.h"

#define INLINE static inline __attribute__((always_inline))

/* Expand the macro f(i) for i = 0 to 7. Unrolled by hand, so that x[0] to x[7]
 * stay in registers: an array that is indexed in a loop is in memory. */
#define EIGHT(f) f(0); f(1); f(2); f(3); f(4); f(5); f(6); f(7)

/* Interleave, in place, the pairs of registers of x[0] to x[7] whose numbers
 * differ only in the bit 1, 2 or 4. The backend defines INTERLEAVE(a, b): in
 * each lane of 16 bytes, x[a] becomes the lower eight bytes of x[a] and of
 * x[b] in turn, and x[b] the upper eight bytes of both in turn.
 *
 * In other words: if the number of a register is written in bits r2 r1 r0 and
 * the place of a byte in its lane in bits p3 p2 p1 p0, then an interleaving
 * over bit k moves p3 into the bit k of the register's number and the old bit
 * k to the bottom of the place: p2 p1 p0 rk. The backends use a few of these
 * steps to permute the bits of (register, place) as they need. */
#define INTERLEAVE_1                                                          \
    INTERLEAVE(0, 1); INTERLEAVE(2, 3); INTERLEAVE(4, 5); INTERLEAVE(6, 7)
#define INTERLEAVE_2                                                          \
    INTERLEAVE(0, 2); INTERLEAVE(1, 3); INTERLEAVE(4, 6); INTERLEAVE(5, 7)
#define INTERLEAVE_4                                                          \
    INTERLEAVE(0, 4); INTERLEAVE(1, 5); INTERLEAVE(2, 6); INTERLEAVE(3, 7)

/* Transpose matrices of 8 by 8 bits, one for each byte of a register, whose
 * row i is in register x[i]: bit j of x[i] becomes bit i of x[j]. It is its
 * own inverse (Warren, Hacker's Delight, section 7-3). Operands are constants
 * with the lower 4 bits of each byte set, the lower 2 of each 4, and the lower
 * 1 of each 2. The backend defines EXCHANGE(a, b, n, low): in each field of 2 n
 * bits, exchange the upper n bits of x[a] with the lower n bits of x[b]; `low`
 * has the lower n bits of each field set. */
#define TRANSPOSE(low4, low2, low1)                                           \
    EXCHANGE(0, 4, 4, low4); EXCHANGE(1, 5, 4, low4);                         \
    EXCHANGE(2, 6, 4, low4); EXCHANGE(3, 7, 4, low4);                         \
    EXCHANGE(0, 2, 2, low2); EXCHANGE(1, 3, 2, low2);                         \
    EXCHANGE(4, 6, 2, low2); EXCHANGE(5, 7, 2, low2);                         \
    EXCHANGE(0, 1, 1, low1); EXCHANGE(2, 3, 1, low1);                         \
    EXCHANGE(4, 5, 1, low1); EXCHANGE(6, 7, 1, low1)

/* The byte rows of STEP entries. Rows 4 to 7 are used only for entries of more
 * than 32 bits. */
typedef struct rows {
    _Alignas(64) uint8_t bytes[8][STEP];
} rows;

/* ---- defined by the backend --------------------------------------------- */

/* Convert a row to its planes, and planes to a row. There are min(count, 8)
 * planes, SA_PLANE bytes apart; planes_to_row takes the missing ones as
 * zeros. */
static void row_to_planes(uint8_t *planes, const uint8_t row[STEP],
    uint32_t count);
static void planes_to_row(uint8_t row[STEP], const uint8_t *planes,
    uint32_t count);

/* Split STEP entries into rows; join rows to entries. Rows 4 to 7 are ignored
 * in the u32 functions, and in the others if bits is 32 or less. */
static void split_u64(rows *r, const uint64_t *e, uint32_t bits);
static void split_u32(rows *r, const uint32_t *e);
static void join_u64(uint64_t *e, const rows *r, uint32_t bits);
static void join_u32(uint32_t *e, const rows *r);

/* ---- loops over blocks and rows ----------------------------------------- */

#define STEPS (SA_BLOCK / STEP) /* of a block */

/* Returns the bytes of the rows that entries of `bits` bits use. */
INLINE size_t rows_size(uint32_t bits)
{
    return bits > 32 ? sizeof(rows) : sizeof(rows) / 2;
}

/* Returns the offset of the first plane of step number `step`, counted over
 * all blocks. */
INLINE size_t step_offset(size_t step, uint32_t bits)
{
    return step / STEPS * SA_PLANE * bits
        + step % STEPS * (SA_PLANE / STEPS);
}

INLINE void rows_to_step(uint8_t *planes, const rows *r, uint32_t bits)
{
    for (uint32_t k = 0; 8 * k < bits; k++)
        row_to_planes(planes + (size_t)SA_PLANE * 8 * k, r->bytes[k],
            bits - 8 * k);
}

/* Rows above the last plane are not written: the caller has set them to
 * zero. */
INLINE void step_to_rows(rows *r, const uint8_t *planes, uint32_t bits)
{
    for (uint32_t k = 0; 8 * k < bits; k++)
        planes_to_row(r->bytes[k], planes + (size_t)SA_PLANE * 8 * k,
            bits - 8 * k);
}

static void pack_u64(uint8_t *planes, const uint64_t *entries, size_t blocks,
    uint32_t bits)
{
    rows r;

    for (size_t i = 0; i < STEPS * blocks; i++) {
        split_u64(&r, entries + i * STEP, bits);
        rows_to_step(planes + step_offset(i, bits), &r, bits);
    }
    sa_wipe(&r, rows_size(bits));
}

static void pack_u32(uint8_t *planes, const uint32_t *entries, size_t blocks,
    uint32_t bits)
{
    rows r;

    for (size_t i = 0; i < STEPS * blocks; i++) {
        split_u32(&r, entries + i * STEP);
        rows_to_step(planes + step_offset(i, bits), &r, bits);
    }
    sa_wipe(&r, rows_size(bits));
}

static void unpack_u64(uint64_t *entries, const uint8_t *planes, size_t blocks,
    uint32_t bits)
{
    rows r;

    memset(&r, 0, rows_size(bits));
    for (size_t i = 0; i < STEPS * blocks; i++) {
        step_to_rows(&r, planes + step_offset(i, bits), bits);
        join_u64(entries + i * STEP, &r, bits);
    }
    sa_wipe(&r, rows_size(bits));
}

static void unpack_u32(uint32_t *entries, const uint8_t *planes, size_t blocks,
    uint32_t bits)
{
    rows r;

    memset(&r, 0, rows_size(bits));
    for (size_t i = 0; i < STEPS * blocks; i++) {
        step_to_rows(&r, planes + step_offset(i, bits), bits);
        join_u32(entries + i * STEP, &r);
    }
    sa_wipe(&r, rows_size(bits));
}

#endif
