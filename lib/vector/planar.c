/* SPDX-License-Identifier: Apache-2.0 */
#include "vector/planar.h"

#include <string.h>

#include "core/bits.h"
#include "core/cpu.h"
#include "core/mem.h"
#include "vector/planar_backend.h"

/* Check the arguments of a public function. */
static secagg_err check_size(size_t count, uint32_t bits, uint32_t max_bits)
{
    if (bits == 0 || bits > max_bits)
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

/* Returns the bytes of one plane of the block that begins with entry `start`
 * of a vector of `length` entries. */
static size_t plane_len_at(uint64_t length, uint64_t start)
{
    const uint64_t left = length - start;
    return left < SA_BLOCK ? (size_t)(left / 8 + (left % 8 != 0)) : SA_PLANE;
}

/* ---- backends ----------------------------------------------------------- */

const sa_planar_backend *sa_planar_best(void)
{
    static const sa_planar_backend *const backends[] = {
        [SA_CPU_BASE] = &sa_planar_portable,
        [SA_CPU_NEON] = &sa_planar_neon,
        [SA_CPU_AVX2] = &sa_planar_avx2,
        [SA_CPU_AVX512] = &sa_planar_avx512,
    };
    const sa_planar_backend *best = backends[sa_cpu_best()];

    return best->add != NULL ? best : &sa_planar_portable;
}

/* ---- parts of blocks ---------------------------------------------------- */

void sa_planar_pad_block(uint8_t *block, const uint8_t *last,
    size_t plane_len, uint32_t bits)
{
    memset(block, 0, (size_t)SA_PLANE * bits);
    for (uint32_t j = 0; j < bits; j++)
        memcpy(block + SA_PLANE * j, last + j * plane_len, plane_len);
}

void sa_planar_trim_block(uint8_t *last, size_t plane_len,
    const uint8_t *block, uint32_t bits)
{
    for (uint32_t j = 0; j < bits; j++)
        memcpy(last + j * plane_len, block + SA_PLANE * j, plane_len);
}

/* Where the column of an entry is in a vector. */
typedef struct column_position {
    size_t block;     /* offset of the block in the vector, in bytes */
    size_t plane_len; /* bytes of each plane of the block */
    size_t column;    /* byte in each plane */
} column_position;

static column_position find_column(uint64_t length, uint32_t bits,
    uint64_t entry)
{
    const uint64_t start = entry - entry % SA_BLOCK;
    return (column_position){ (size_t)sa_planar_at(start, bits),
        plane_len_at(length, start), (size_t)(entry % SA_BLOCK / SA_COLUMN) };
}

/* Write `count` entries from position `at` on that all belong to one
 * column. */
static void write_in_column(uint8_t *vector, uint64_t length, uint32_t bits,
    uint64_t at, const uint64_t *entries, size_t count)
{
    const column_position p = find_column(length, bits, at);
    uint64_t e[SA_COLUMN] = { 0 };

    memcpy(e + at % SA_COLUMN, entries, count * sizeof *e);
    sa_planar_write_column(vector + p.block, p.plane_len, p.column, e, bits);
    sa_wipe(e, sizeof e);
}

/* Returns how many of the `count` entries from position `at` on form whole
 * blocks that begin at `at`. */
static size_t whole_blocks(uint64_t at, size_t count)
{
    return at % SA_BLOCK == 0 ? count - count % SA_BLOCK : 0;
}

void sa_planar_write_u64(uint8_t *vector, uint64_t length, uint32_t bits,
    uint64_t offset, const uint64_t *entries, size_t count)
{
    const sa_planar_backend *backend = sa_planar_best();

    for (size_t i = 0, n; i < count; i += n) {
        const uint64_t at = offset + i;
        const size_t left = SA_COLUMN - (size_t)(at % SA_COLUMN);
        n = whole_blocks(at, count - i);
        if (n > 0) {
            backend->pack_u64(vector + sa_planar_at(at, bits), entries + i,
                n / SA_BLOCK, bits);
        } else {
            n = count - i < left ? count - i : left;
            write_in_column(vector, length, bits, at, entries + i, n);
        }
    }
}

/* Write entries that all belong to one block: widen them to 64 bits first. */
static void write_in_block(uint8_t *vector, uint64_t length, uint32_t bits,
    uint64_t offset, const uint32_t *entries, size_t count)
{
    uint64_t e[SA_BLOCK];

    for (size_t i = 0; i < count; i++)
        e[i] = entries[i];
    sa_planar_write_u64(vector, length, bits, offset, e, count);
    sa_wipe(e, count * sizeof *e);
}

void sa_planar_write_u32(uint8_t *vector, uint64_t length, uint32_t bits,
    uint64_t offset, const uint32_t *entries, size_t count)
{
    const sa_planar_backend *backend = sa_planar_best();

    for (size_t i = 0, n; i < count; i += n) {
        const uint64_t at = offset + i;
        const size_t left = SA_BLOCK - (size_t)(at % SA_BLOCK);
        n = whole_blocks(at, count - i);
        if (n > 0) {
            backend->pack_u32(vector + sa_planar_at(at, bits), entries + i,
                n / SA_BLOCK, bits);
        } else {
            n = count - i < left ? count - i : left;
            write_in_block(vector, length, bits, at, entries + i, n);
        }
    }
}

/* ---- whole vectors ------------------------------------------------------ */

secagg_err secagg_planar_pack_u64(uint8_t *out, const uint64_t *in,
    size_t count, uint32_t bits)
{
    const size_t done = whole_blocks(0, count);

    SA_TRY(check_size(count, bits, 64));
    if (count == 0)
        return SECAGG_OK;
    memset(out + sa_planar_at(done, bits), 0,
        secagg_planar_size(count - done, bits));
    sa_planar_write_u64(out, count, bits, 0, in, count);
    return SECAGG_OK;
}

secagg_err secagg_planar_pack_u32(uint8_t *out, const uint32_t *in,
    size_t count, uint32_t bits)
{
    const size_t done = whole_blocks(0, count);

    SA_TRY(check_size(count, bits, 32));
    if (count == 0)
        return SECAGG_OK;
    memset(out + sa_planar_at(done, bits), 0,
        secagg_planar_size(count - done, bits));
    sa_planar_write_u32(out, count, bits, 0, in, count);
    return SECAGG_OK;
}

/* Read the entries of a last block of `count` < SA_BLOCK entries. */
static void read_last_block(uint64_t *out, const uint8_t *block, size_t count,
    uint32_t bits)
{
    const size_t plane_len = plane_len_at(count, 0);
    uint64_t e[SA_COLUMN];

    for (size_t i = 0; i < count; i += SA_COLUMN) {
        const size_t n = count - i < SA_COLUMN ? count - i : SA_COLUMN;
        sa_planar_read_column(e, block, plane_len, i / SA_COLUMN, bits);
        memcpy(out + i, e, n * sizeof *e);
    }
    sa_wipe(e, sizeof e);
}

secagg_err secagg_planar_unpack_u64(uint64_t *out, const uint8_t *in,
    size_t count, uint32_t bits)
{
    const size_t done = whole_blocks(0, count);

    SA_TRY(check_size(count, bits, 64));
    if (done > 0)
        sa_planar_best()->unpack_u64(out, in, done / SA_BLOCK, bits);
    if (done < count)
        read_last_block(out + done, in + sa_planar_at(done, bits),
            count - done, bits);
    return SECAGG_OK;
}

secagg_err secagg_planar_unpack_u32(uint32_t *out, const uint8_t *in,
    size_t count, uint32_t bits)
{
    const size_t done = whole_blocks(0, count);
    uint64_t e[SA_BLOCK];

    SA_TRY(check_size(count, bits, 32));
    if (done > 0)
        sa_planar_best()->unpack_u32(out, in, done / SA_BLOCK, bits);
    if (done == count)
        return SECAGG_OK;
    read_last_block(e, in + sa_planar_at(done, bits), count - done, bits);
    for (size_t i = done; i < count; i++)
        out[i] = (uint32_t)e[i - done];
    sa_wipe(e, sizeof e);
    return SECAGG_OK;
}

/* ---- addition ----------------------------------------------------------- */

/* Add a last block, whose planes are plane_len bytes each. */
static void add_last_block(sa_planar_adder *add, uint8_t *acc,
    const uint8_t *in, size_t plane_len, uint32_t bits)
{
    uint8_t a[64 * SA_PLANE], b[64 * SA_PLANE];

    sa_planar_pad_block(a, acc, plane_len, bits);
    sa_planar_pad_block(b, in, plane_len, bits);
    add(a, b, 1, bits, 0);
    sa_planar_trim_block(acc, plane_len, a, bits);
    sa_wipe(a, sizeof a);
    sa_wipe(b, sizeof b);
}

secagg_err secagg_planar_add(uint8_t *acc, const uint8_t *in, size_t count,
    uint32_t bits)
{
    sa_planar_adder *add = sa_planar_best()->add;
    size_t at;

    SA_TRY(check_size(count, bits, 64));
    at = (size_t)sa_planar_at(whole_blocks(0, count), bits);
    if (at > 0)
        add(acc, in, count / SA_BLOCK, bits, 0);
    if (count % SA_BLOCK > 0)
        add_last_block(add, acc + at, in + at,
            plane_len_at(count % SA_BLOCK, 0), bits);
    return SECAGG_OK;
}
