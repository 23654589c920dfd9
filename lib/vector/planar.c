/* SPDX-License-Identifier: Apache-2.0 */
#include "vector/planar.h"

#include <string.h>

#include "core/bits.h"
#include "core/cpu.h"
#include "core/mem.h"
#include "vector/planar_backend.h"

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

/* ---- levels ------------------------------------------------------------- */

const sa_planar_backend *sa_planar_best(void)
{
    static const sa_planar_backend *const levels[] = {
        [SA_CPU_BASE] = &sa_planar_portable,
        [SA_CPU_NEON] = &sa_planar_neon,
        [SA_CPU_AVX2] = &sa_planar_avx2,
        [SA_CPU_AVX512] = &sa_planar_avx512,
    };
    const sa_planar_backend *best = levels[sa_cpu_best()];

    return best->add != NULL ? best : &sa_planar_portable;
}

/* ---- parts of blocks ---------------------------------------------------- */

void sa_planar_widen(uint8_t *block, const uint8_t *narrow, size_t stride,
    uint32_t bits)
{
    memset(block, 0, (size_t)SA_PLANE * bits);
    for (uint32_t j = 0; j < bits; j++)
        memcpy(block + SA_PLANE * j, narrow + j * stride, stride);
}

void sa_planar_narrow(uint8_t *narrow, size_t stride, const uint8_t *block,
    uint32_t bits)
{
    for (uint32_t j = 0; j < bits; j++)
        memcpy(narrow + j * stride, block + SA_PLANE * j, stride);
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

/* Put entries of one group. */
static void put_part(uint8_t *vector, uint64_t length, uint32_t bits,
    uint64_t at, const uint64_t *entries, size_t count)
{
    const spot s = spot_of(length, bits, at);
    uint64_t e[GROUP] = { 0 };

    memcpy(e + at % GROUP, entries, count * sizeof *e);
    sa_planar_put_group(vector + s.block, s.stride, s.byte, e, bits);
    sa_wipe(e, sizeof e);
}

/* Entries from `at` on that make whole blocks of the vector. */
static size_t whole(uint64_t at, size_t count)
{
    return at % SA_BLOCK == 0 ? count - count % SA_BLOCK : 0;
}

void sa_planar_put(uint8_t *vector, uint64_t length, uint32_t bits,
    uint64_t offset, const uint64_t *entries, size_t count)
{
    const sa_planar_backend *level = sa_planar_best();

    for (size_t i = 0, n; i < count; i += n) {
        const uint64_t at = offset + i;
        const size_t left = GROUP - (size_t)(at % GROUP);
        n = whole(at, count - i);
        if (n > 0) {
            level->put(vector + sa_planar_at(at, bits), entries + i,
                n / SA_BLOCK, bits);
        } else {
            n = count - i < left ? count - i : left;
            put_part(vector, length, bits, at, entries + i, n);
        }
    }
}

/* As far as the end of a block, at the most, in entries of 64 bits. */
static void put_wide(uint8_t *vector, uint64_t length, uint32_t bits,
    uint64_t offset, const uint32_t *entries, size_t count)
{
    uint64_t e[SA_BLOCK];

    for (size_t i = 0; i < count; i++)
        e[i] = entries[i];
    sa_planar_put(vector, length, bits, offset, e, count);
    sa_wipe(e, count * sizeof *e);
}

void sa_planar_put_u32(uint8_t *vector, uint64_t length, uint32_t bits,
    uint64_t offset, const uint32_t *entries, size_t count)
{
    const sa_planar_backend *level = sa_planar_best();

    for (size_t i = 0, n; i < count; i += n) {
        const uint64_t at = offset + i;
        const size_t left = SA_BLOCK - (size_t)(at % SA_BLOCK);
        n = whole(at, count - i);
        if (n > 0) {
            level->put_u32(vector + sa_planar_at(at, bits), entries + i,
                n / SA_BLOCK, bits);
        } else {
            n = count - i < left ? count - i : left;
            put_wide(vector, length, bits, at, entries + i, n);
        }
    }
}

/* ---- whole vectors ------------------------------------------------------ */

secagg_err secagg_planar_pack_u64(uint8_t *out, const uint64_t *in,
    size_t count, uint32_t bits)
{
    const size_t done = whole(0, count);

    SA_TRY(check(count, bits, 64));
    if (count == 0)
        return SECAGG_OK;
    memset(out + sa_planar_at(done, bits), 0,
        secagg_planar_size(count - done, bits));
    sa_planar_put(out, count, bits, 0, in, count);
    return SECAGG_OK;
}

secagg_err secagg_planar_pack_u32(uint8_t *out, const uint32_t *in,
    size_t count, uint32_t bits)
{
    const size_t done = whole(0, count);

    SA_TRY(check(count, bits, 32));
    if (count == 0)
        return SECAGG_OK;
    memset(out + sa_planar_at(done, bits), 0,
        secagg_planar_size(count - done, bits));
    sa_planar_put_u32(out, count, bits, 0, in, count);
    return SECAGG_OK;
}

/* The last entries, in groups. */
static void get_last(uint64_t *out, const uint8_t *block, size_t count,
    uint32_t bits)
{
    const size_t stride = stride_at(count, 0);
    uint64_t e[GROUP];

    for (size_t i = 0; i < count; i += GROUP) {
        const size_t n = count - i < GROUP ? count - i : GROUP;
        sa_planar_get_group(e, block, stride, i / GROUP, bits);
        memcpy(out + i, e, n * sizeof *e);
    }
    sa_wipe(e, sizeof e);
}

secagg_err secagg_planar_unpack_u64(uint64_t *out, const uint8_t *in,
    size_t count, uint32_t bits)
{
    const size_t done = whole(0, count);

    SA_TRY(check(count, bits, 64));
    if (done > 0)
        sa_planar_best()->get(out, in, done / SA_BLOCK, bits);
    if (done < count)
        get_last(out + done, in + sa_planar_at(done, bits), count - done,
            bits);
    return SECAGG_OK;
}

secagg_err secagg_planar_unpack_u32(uint32_t *out, const uint8_t *in,
    size_t count, uint32_t bits)
{
    const size_t done = whole(0, count);
    uint64_t e[SA_BLOCK];

    SA_TRY(check(count, bits, 32));
    if (done > 0)
        sa_planar_best()->get_u32(out, in, done / SA_BLOCK, bits);
    if (done == count)
        return SECAGG_OK;
    get_last(e, in + sa_planar_at(done, bits), count - done, bits);
    for (size_t i = done; i < count; i++)
        out[i] = (uint32_t)e[i - done];
    sa_wipe(e, sizeof e);
    return SECAGG_OK;
}

/* ---- addition ----------------------------------------------------------- */

/* A ragged block, made whole. */
static void add_last(sa_planar_adder *add, uint8_t *acc, const uint8_t *in,
    size_t stride, uint32_t bits)
{
    uint8_t a[64 * SA_PLANE], b[64 * SA_PLANE];

    sa_planar_widen(a, acc, stride, bits);
    sa_planar_widen(b, in, stride, bits);
    add(a, b, 1, bits, 0);
    sa_planar_narrow(acc, stride, a, bits);
    sa_wipe(a, sizeof a);
    sa_wipe(b, sizeof b);
}

secagg_err secagg_planar_add(uint8_t *acc, const uint8_t *in, size_t count,
    uint32_t bits)
{
    sa_planar_adder *add = sa_planar_best()->add;
    size_t at;

    SA_TRY(check(count, bits, 64));
    at = (size_t)sa_planar_at(whole(0, count), bits);
    if (at > 0)
        add(acc, in, count / SA_BLOCK, bits, 0);
    if (count % SA_BLOCK > 0)
        add_last(add, acc + at, in + at, stride_at(count % SA_BLOCK, 0), bits);
    return SECAGG_OK;
}
