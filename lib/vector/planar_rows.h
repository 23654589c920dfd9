/* SPDX-License-Identifier: Apache-2.0 */
/* planar_rows: entries to planes by rows of bytes, and back, for levels that
 * do so over STEP entries at a time: row k has byte k of each entry. A level
 * says what STEP is and how a row or a plane is reached; the walk over blocks
 * and rows is here, static in each level, as it is compiled with its flags. */
#ifndef SA_PLANAR_ROWS_H
#define SA_PLANAR_ROWS_H

#include <string.h>

#include "core/mem.h"
#include "vector/planar_backend.h"

#define INLINE static inline __attribute__((always_inline))

/* f(i) for eight registers: unrolled here, or they would live in memory. */
#define EIGHT(f) f(0); f(1); f(2); f(3); f(4); f(5); f(6); f(7)

/* Interleave the registers of x whose numbers differ in one bit, 1, 2 or 4:
 * INTERLEAVE(a, b) has bytes of x[a] and of x[b] in turn. */
#define INTERLEAVE_1                                                          \
    INTERLEAVE(0, 1); INTERLEAVE(2, 3); INTERLEAVE(4, 5); INTERLEAVE(6, 7)
#define INTERLEAVE_2                                                          \
    INTERLEAVE(0, 2); INTERLEAVE(1, 3); INTERLEAVE(4, 6); INTERLEAVE(5, 7)
#define INTERLEAVE_4                                                          \
    INTERLEAVE(0, 4); INTERLEAVE(1, 5); INTERLEAVE(2, 6); INTERLEAVE(3, 7)

/* Matrices of 8 by 8 bits, row i in register i, transposed: its own inverse
 * (Warren, Hacker's Delight, section 7-3). EXCHANGE(a, b, n, low) exchanges
 * the upper bits of x[a] with the lower of x[b], in fields of 2 n bits. */
#define TRANSPOSE(low4, low2, low1)                                           \
    EXCHANGE(0, 4, 4, low4); EXCHANGE(1, 5, 4, low4);                         \
    EXCHANGE(2, 6, 4, low4); EXCHANGE(3, 7, 4, low4);                         \
    EXCHANGE(0, 2, 2, low2); EXCHANGE(1, 3, 2, low2);                         \
    EXCHANGE(4, 6, 2, low2); EXCHANGE(5, 7, 2, low2);                         \
    EXCHANGE(0, 1, 1, low1); EXCHANGE(2, 3, 1, low1);                         \
    EXCHANGE(4, 5, 1, low1); EXCHANGE(6, 7, 1, low1)

/* Rows 4 to 7 are there for entries of more than 32 bits alone. */
typedef struct rows {
    _Alignas(64) uint8_t bytes[8][STEP];
} rows;

/* ---- of the level ------------------------------------------------------- */

/* A row and as many planes, 8 at the most; planes beyond count are zero. */
static void row_to_planes(uint8_t *planes, const uint8_t row[STEP],
    uint32_t count);
static void planes_to_row(uint8_t row[STEP], const uint8_t *planes,
    uint32_t count);

/* STEP entries and their rows. */
static void split_u64(rows *r, const uint64_t *e, uint32_t bits);
static void split_u32(rows *r, const uint32_t *e);
static void join_u64(uint64_t *e, const rows *r, uint32_t bits);
static void join_u32(uint32_t *e, const rows *r);

/* ---- the walk ----------------------------------------------------------- */

/* Steps of a block. */
#define STEPS (SA_BLOCK / STEP)

/* Bytes of the rows that entries of so many bits fill. */
INLINE size_t used(uint32_t bits)
{
    return bits > 32 ? sizeof(rows) : sizeof(rows) / 2;
}

/* Where the planes of a step begin. */
INLINE size_t place(size_t step, uint32_t bits)
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

/* Rows that no plane reaches are left as they are. */
INLINE void step_to_rows(rows *r, const uint8_t *planes, uint32_t bits)
{
    for (uint32_t k = 0; 8 * k < bits; k++)
        planes_to_row(r->bytes[k], planes + (size_t)SA_PLANE * 8 * k,
            bits - 8 * k);
}

static void put(uint8_t *planes, const uint64_t *entries, size_t blocks,
    uint32_t bits)
{
    rows r;

    for (size_t i = 0; i < STEPS * blocks; i++) {
        split_u64(&r, entries + i * STEP, bits);
        rows_to_step(planes + place(i, bits), &r, bits);
    }
    sa_wipe(&r, used(bits));
}

static void put_u32(uint8_t *planes, const uint32_t *entries, size_t blocks,
    uint32_t bits)
{
    rows r;

    for (size_t i = 0; i < STEPS * blocks; i++) {
        split_u32(&r, entries + i * STEP);
        rows_to_step(planes + place(i, bits), &r, bits);
    }
    sa_wipe(&r, used(bits));
}

static void get(uint64_t *entries, const uint8_t *planes, size_t blocks,
    uint32_t bits)
{
    rows r;

    memset(&r, 0, used(bits));
    for (size_t i = 0; i < STEPS * blocks; i++) {
        step_to_rows(&r, planes + place(i, bits), bits);
        join_u64(entries + i * STEP, &r, bits);
    }
    sa_wipe(&r, used(bits));
}

static void get_u32(uint32_t *entries, const uint8_t *planes, size_t blocks,
    uint32_t bits)
{
    rows r;

    memset(&r, 0, used(bits));
    for (size_t i = 0; i < STEPS * blocks; i++) {
        step_to_rows(&r, planes + place(i, bits), bits);
        join_u32(entries + i * STEP, &r);
    }
    sa_wipe(&r, used(bits));
}

#endif
