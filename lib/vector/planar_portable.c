/* SPDX-License-Identifier: Apache-2.0 */
/* planar_portable: the level that every machine has, in words of 64 bits. */
#include <string.h>

#include "core/mem.h"
#include "vector/planar_backend.h"

/* Entries of a group: those whose bits share the bytes of all planes. */
#define GROUP 8
#define GROUPS (SA_BLOCK / GROUP)

/* ---- transposition ------------------------------------------------------ */

/* Transpose a matrix of 8 by 8 bits: bit j of byte i becomes bit i of byte j
 * (Warren, Hacker's Delight, section 7-3). */
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

void sa_planar_put_group(uint8_t *block, size_t stride, size_t g,
    const uint64_t e[GROUP], uint32_t bits)
{
    for (uint32_t k = 0; k < bits; k += 8) {
        const uint32_t planes = bits - k < 8 ? bits - k : 8;
        uint8_t *to = block + k * stride + g;
        uint64_t x = 0;
        for (int i = 0; i < GROUP; i++)
            x |= (e[i] >> k & 255) << 8 * i;
        x = transpose(x);
        for (uint32_t j = 0; j < planes; j++)
            to[j * stride] = (uint8_t)(to[j * stride] | (x >> 8 * j & 255));
    }
}

void sa_planar_get_group(uint64_t e[GROUP], const uint8_t *block,
    size_t stride, size_t g, uint32_t bits)
{
    memset(e, 0, GROUP * sizeof *e);
    for (uint32_t k = 0; k < bits; k += 8) {
        const uint32_t planes = bits - k < 8 ? bits - k : 8;
        const uint8_t *from = block + k * stride + g;
        uint64_t x = 0;
        for (uint32_t j = 0; j < planes; j++)
            x |= (uint64_t)from[j * stride] << 8 * j;
        x = transpose(x);
        for (int i = 0; i < GROUP; i++)
            e[i] |= (x >> 8 * i & 255) << k;
    }
}

static void put(uint8_t *planes, const uint64_t *entries, size_t blocks,
    uint32_t bits)
{
    memset(planes, 0, (size_t)SA_PLANE * bits * blocks);
    for (; blocks > 0; blocks--, planes += (size_t)SA_PLANE * bits)
        for (size_t g = 0; g < GROUPS; g++, entries += GROUP)
            sa_planar_put_group(planes, SA_PLANE, g, entries, bits);
}

static void put_u32(uint8_t *planes, const uint32_t *entries, size_t blocks,
    uint32_t bits)
{
    uint64_t e[SA_BLOCK];

    for (; blocks > 0; blocks--, planes += (size_t)SA_PLANE * bits) {
        for (size_t i = 0; i < SA_BLOCK; i++)
            e[i] = *entries++;
        put(planes, e, 1, bits);
    }
    sa_wipe(e, sizeof e);
}

static void get(uint64_t *entries, const uint8_t *planes, size_t blocks,
    uint32_t bits)
{
    for (; blocks > 0; blocks--, planes += (size_t)SA_PLANE * bits)
        for (size_t g = 0; g < GROUPS; g++, entries += GROUP)
            sa_planar_get_group(entries, planes, SA_PLANE, g, bits);
}

static void get_u32(uint32_t *entries, const uint8_t *planes, size_t blocks,
    uint32_t bits)
{
    uint64_t e[SA_BLOCK];

    for (; blocks > 0; blocks--, planes += (size_t)SA_PLANE * bits) {
        get(e, planes, 1, bits);
        for (size_t i = 0; i < SA_BLOCK; i++)
            *entries++ = (uint32_t)e[i];
    }
    sa_wipe(e, sizeof e);
}

/* ---- addition ----------------------------------------------------------- */

/* As wide as a register is nearly everywhere; one
 * word where such a type has no name. */
#if defined(__GNUC__)
typedef uint64_t lane __attribute__((vector_size(16)));
#else
typedef uint64_t lane;
#endif

/* One lane of a plane through the adders of its entries; carries go in and
 * out. By address: how a lane is handed over is not the same on every x86. */
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

/* Two lanes side by side, as each waits for its carry. */
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

const sa_planar_backend sa_planar_portable = { put, put_u32, get, get_u32,
    add };
