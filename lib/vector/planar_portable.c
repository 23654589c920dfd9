/* SPDX-License-Identifier: Apache-2.0 */
/* planar_portable: the planar backend for every machine, in C without vector
 * instructions. It packs and unpacks one column, 8 entries, at a time in a
 * 64-bit word, and adds 16 bytes of a plane, 128 entries, at a time where the
 * compiler has a vector type, else 8 bytes. */
#include <string.h>

#include "core/mem.h"
#include "vector/planar_backend.h"

#define COLUMNS (SA_BLOCK / SA_COLUMN) /* of a block */

/* ---- transposition ------------------------------------------------------ */

/* Transpose a matrix of 8 by 8 bits: bit j of byte i becomes bit i of byte j
 * (Warren, Hacker's Delight, section 7-3). The three steps exchange single
 * bits, then squares of 2 by 2 bits, then of 4 by 4 bits, on both sides of the
 * diagonal. */
static uint64_t transpose(uint64_t x)
{
    uint64_t t;

    t = (x ^ x >> 7) & 0x00aa00aa00aa00aa;
    x ^= t ^ t << 7;
    t = (x ^ x >> 14) & 0x0000cccc0000cccc;
    x ^= t ^ t << 14;
    t = (x ^ x >> 28) & 0x00000000f0f0f0f0;
    return x ^ t ^ t << 28;
}

/* Eight planes at a time: byte i of x is byte k / 8 of entry i before the
 * transposition, and the bits of the column in plane k + i after it. */
void sa_planar_write_column(uint8_t *block, size_t plane_len, size_t column,
    const uint64_t entries[SA_COLUMN], uint32_t bits)
{
    for (uint32_t k = 0; k < bits; k += 8) {
        const uint32_t planes = bits - k < 8 ? bits - k : 8;
        uint8_t *to = block + k * plane_len + column;
        uint64_t x = 0;
        for (int i = 0; i < SA_COLUMN; i++)
            x |= (entries[i] >> k & 255) << 8 * i;
        x = transpose(x);
        for (uint32_t j = 0; j < planes; j++)
            to[j * plane_len] = (uint8_t)(to[j * plane_len]
                | (x >> 8 * j & 255));
    }
}

void sa_planar_read_column(uint64_t entries[SA_COLUMN], const uint8_t *block,
    size_t plane_len, size_t column, uint32_t bits)
{
    memset(entries, 0, SA_COLUMN * sizeof *entries);
    for (uint32_t k = 0; k < bits; k += 8) {
        const uint32_t planes = bits - k < 8 ? bits - k : 8;
        const uint8_t *from = block + k * plane_len + column;
        uint64_t x = 0;
        for (uint32_t j = 0; j < planes; j++)
            x |= (uint64_t)from[j * plane_len] << 8 * j;
        x = transpose(x);
        for (int i = 0; i < SA_COLUMN; i++)
            entries[i] |= (x >> 8 * i & 255) << k;
    }
}

static void pack_u64(uint8_t *planes, const uint64_t *entries, size_t blocks,
    uint32_t bits)
{
    memset(planes, 0, (size_t)SA_PLANE * bits * blocks);
    for (; blocks > 0; blocks--, planes += (size_t)SA_PLANE * bits)
        for (size_t c = 0; c < COLUMNS; c++, entries += SA_COLUMN)
            sa_planar_write_column(planes, SA_PLANE, c, entries, bits);
}

static void pack_u32(uint8_t *planes, const uint32_t *entries, size_t blocks,
    uint32_t bits)
{
    uint64_t e[SA_BLOCK];

    for (; blocks > 0; blocks--, planes += (size_t)SA_PLANE * bits) {
        for (size_t i = 0; i < SA_BLOCK; i++)
            e[i] = *entries++;
        pack_u64(planes, e, 1, bits);
    }
    sa_wipe(e, sizeof e);
}

static void unpack_u64(uint64_t *entries, const uint8_t *planes, size_t blocks,
    uint32_t bits)
{
    for (; blocks > 0; blocks--, planes += (size_t)SA_PLANE * bits)
        for (size_t c = 0; c < COLUMNS; c++, entries += SA_COLUMN)
            sa_planar_read_column(entries, planes, SA_PLANE, c, bits);
}

static void unpack_u32(uint32_t *entries, const uint8_t *planes, size_t blocks,
    uint32_t bits)
{
    uint64_t e[SA_BLOCK];

    for (; blocks > 0; blocks--, planes += (size_t)SA_PLANE * bits) {
        unpack_u64(e, planes, 1, bits);
        for (size_t i = 0; i < SA_BLOCK; i++)
            *entries++ = (uint32_t)e[i];
    }
    sa_wipe(e, sizeof e);
}

/* ---- addition ----------------------------------------------------------- */

/* A vector of 16 bytes, which is one register on nearly every machine; one
 * 64-bit word where the compiler has no such type. */
#if defined(__GNUC__)
typedef uint64_t lane __attribute__((vector_size(16)));
#else
typedef uint64_t lane;
#endif

/* Add one lane of a plane of `in`, complemented if flip is all ones, to that of
 * acc: each bit is a full adder with its bit of *carry. *carry is passed by
 * address, because not every x86 ABI passes a vector type the same way. */
static inline void add_lane(uint8_t *acc, const uint8_t *in, lane *carry,
    uint64_t flip)
{
    lane a, b, either, sum;

    memcpy(&a, acc, sizeof a);
    memcpy(&b, in, sizeof b);
    b ^= flip;
    either = a ^ b;
    sum = either ^ *carry;
    memcpy(acc, &sum, sizeof sum);
    *carry = (a & b) | (either & *carry);
}

/* Two lanes at a time: their carry chains are independent, so that neither
 * waits for the other. A subtraction starts with a carry of 1 (flip). */
static void add_block(uint8_t *acc, const uint8_t *in, uint32_t bits,
    uint64_t flip)
{
    for (size_t i = 0; i < SA_PLANE; i += 2 * sizeof(lane)) {
        lane low = (lane){ 0 } ^ flip, high = low;
        for (size_t j = i; j < (size_t)SA_PLANE * bits; j += SA_PLANE) {
            add_lane(acc + j, in + j, &low, flip);
            add_lane(acc + j + sizeof(lane), in + j + sizeof(lane), &high,
                flip);
        }
    }
}

static void add(uint8_t *acc, const uint8_t *in, size_t blocks, uint32_t bits,
    uint64_t flip)
{
    const size_t bytes = (size_t)SA_PLANE * bits;

    for (; blocks > 0; blocks--, acc += bytes, in += bytes)
        add_block(acc, in, bits, flip);
}

const sa_planar_backend sa_planar_portable = { pack_u64, pack_u32, unpack_u64,
    unpack_u32, add };
