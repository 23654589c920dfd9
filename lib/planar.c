/* SPDX-License-Identifier: Apache-2.0 */
#include "planar.h"

#include <string.h>

#include "bits.h"
#include "mem.h"

/* Entries of a group: those whose bits share the bytes of all planes. */
#define GROUP 8

static secagg_err check(size_t count, uint32_t bits, uint32_t most)
{
    if (bits == 0 || bits > most)
        return SECAGG_ERR_ARG;
    if (count > 0 && secagg_planar_size(count, bits) == 0)
        return SECAGG_ERR_SIZE;
    return SECAGG_OK;
}

size_t secagg_planar_size(size_t count, uint32_t bits)
{
    const size_t plane = count / 8 + (count % 8 != 0);

    if (bits == 0 || bits > 64 || plane > SIZE_MAX / bits)
        return 0;
    return bits * plane;
}

/* Bytes of a plane of the block at entry `start` of a vector. */
static size_t stride_at(uint64_t length, uint64_t start)
{
    const uint64_t left = length - start;
    return left < SA_BLOCK ? (size_t)(left / 8 + (left % 8 != 0)) : SA_PLANE;
}

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

/* Put eight entries into byte g of each plane of a block, which is zero in
 * their places. */
static void put_group(uint8_t *block, size_t stride, size_t g,
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

/* Get the eight entries of byte g of each plane. */
static void get_group(uint64_t e[GROUP], const uint8_t *block, size_t stride,
    size_t g, uint32_t bits)
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

/* Where group `at` / 8 of a vector lies: its block, stride and byte. */
typedef struct spot {
    size_t block, stride, byte;
} spot;

static spot spot_of(uint64_t length, uint32_t bits, uint64_t at)
{
    const uint64_t start = at - at % SA_BLOCK;
    return (spot){ (size_t)sa_planar_at(start, bits),
        stride_at(length, start), (size_t)(at % SA_BLOCK / GROUP) };
}

void sa_planar_put(uint8_t *vector, uint64_t length, uint32_t bits,
    uint64_t offset, const uint64_t *entries, size_t count)
{
    uint64_t e[GROUP];

    for (size_t i = 0, n; i < count; i += n) {
        const size_t skip = (size_t)((offset + i) % GROUP);
        const spot s = spot_of(length, bits, offset + i);
        n = count - i < GROUP - skip ? count - i : GROUP - skip;
        memset(e, 0, sizeof e);
        memcpy(e + skip, entries + i, n * sizeof *e);
        put_group(vector + s.block, s.stride, s.byte, e, bits);
    }
    sa_wipe(e, sizeof e);
}

/* ---- whole vectors ------------------------------------------------------ */

secagg_err secagg_planar_pack_u64(uint8_t *out, const uint64_t *in,
    size_t count, uint32_t bits)
{
    SA_TRY(check(count, bits, 64));
    if (count == 0)
        return SECAGG_OK;
    memset(out, 0, secagg_planar_size(count, bits));
    sa_planar_put(out, count, bits, 0, in, count);
    return SECAGG_OK;
}

secagg_err secagg_planar_pack_u32(uint8_t *out, const uint32_t *in,
    size_t count, uint32_t bits)
{
    uint64_t e[GROUP];

    SA_TRY(check(count, bits, 32));
    if (count == 0)
        return SECAGG_OK;
    memset(out, 0, secagg_planar_size(count, bits));
    for (size_t i = 0; i < count; i += GROUP) {
        const spot s = spot_of(count, bits, i);
        for (size_t j = 0; j < GROUP; j++)
            e[j] = i + j < count ? in[i + j] : 0;
        put_group(out + s.block, s.stride, s.byte, e, bits);
    }
    sa_wipe(e, sizeof e);
    return SECAGG_OK;
}

secagg_err secagg_planar_unpack_u64(uint64_t *out, const uint8_t *in,
    size_t count, uint32_t bits)
{
    uint64_t e[GROUP];

    SA_TRY(check(count, bits, 64));
    for (size_t i = 0; i < count; i += GROUP) {
        const spot s = spot_of(count, bits, i);
        get_group(e, in + s.block, s.stride, s.byte, bits);
        for (size_t j = 0; j < GROUP && i + j < count; j++)
            out[i + j] = e[j];
    }
    sa_wipe(e, sizeof e);
    return SECAGG_OK;
}

secagg_err secagg_planar_unpack_u32(uint32_t *out, const uint8_t *in,
    size_t count, uint32_t bits)
{
    uint64_t e[GROUP];

    SA_TRY(check(count, bits, 32));
    for (size_t i = 0; i < count; i += GROUP) {
        const spot s = spot_of(count, bits, i);
        get_group(e, in + s.block, s.stride, s.byte, bits);
        for (size_t j = 0; j < GROUP && i + j < count; j++)
            out[i + j] = (uint32_t)e[j];
    }
    sa_wipe(e, sizeof e);
    return SECAGG_OK;
}

/* ---- addition ----------------------------------------------------------- */

#define WORDS (SA_PLANE / 8)

/* One plane of a block through the adders of its 512 entries. */
static void add_plane(uint64_t a[WORDS], const uint64_t in[WORDS],
    uint64_t carry[WORDS], uint64_t flip)
{
    for (int i = 0; i < WORDS; i++) {
        const uint64_t b = in[i] ^ flip, either = a[i] ^ b;
        const uint64_t both = a[i] & b;
        a[i] = either ^ carry[i];
        carry[i] = both | (either & carry[i]);
    }
}

void sa_planar_add_block(uint8_t *acc, size_t stride, const uint8_t *in,
    size_t in_stride, uint32_t bits, uint64_t flip)
{
    uint64_t carry[WORDS], a[WORDS] = { 0 }, b[WORDS] = { 0 };

    for (int i = 0; i < WORDS; i++)
        carry[i] = flip;
    for (uint32_t j = 0; j < bits; j++) {
        memcpy(a, acc + j * stride, stride);
        memcpy(b, in + j * in_stride, stride);
        add_plane(a, b, carry, flip);
        memcpy(acc + j * stride, a, stride);
    }
}

secagg_err secagg_planar_add(uint8_t *acc, const uint8_t *in, size_t count,
    uint32_t bits)
{
    size_t at = 0;

    SA_TRY(check(count, bits, 64));
    for (; count >= SA_BLOCK; count -= SA_BLOCK, at += (size_t)SA_PLANE * bits)
        sa_planar_add_block(acc + at, SA_PLANE, in + at, SA_PLANE, bits, 0);
    if (count > 0) {
        const size_t stride = stride_at(count, 0);
        sa_planar_add_block(acc + at, stride, in + at, stride, bits, 0);
    }
    return SECAGG_OK;
}
