/* SPDX-License-Identifier: Apache-2.0 */
/* bench_planar: packing entries into planes and unpacking them, compared with
 * copying the same number of floats; and a server's sum of many vectors,
 * compared with reading them. */
#include "bench.h"

#include <secagg/planar.h>

#include "vector/planar.h"

#define COUNT 1000000
#define BITS 20
#define VECTORS 96

typedef struct buffers {
    uint8_t *planes, *more;
    uint32_t *words, *copy;
    uint64_t *entries;
} buffers;

static void copy(void *arg)
{
    buffers *r = arg;
    memcpy(r->copy, r->words, COUNT * sizeof *r->words);
}

static void pack_u32(void *arg)
{
    buffers *r = arg;
    bench_must(secagg_planar_pack_u32(r->planes, r->words, COUNT, BITS)
        == SECAGG_OK, "pack");
}

static void unpack_u32(void *arg)
{
    buffers *r = arg;
    bench_must(secagg_planar_unpack_u32(r->words, r->planes, COUNT, BITS)
        == SECAGG_OK, "unpack");
}

static void pack_u64(void *arg)
{
    buffers *r = arg;
    bench_must(secagg_planar_pack_u64(r->planes, r->entries, COUNT, BITS)
        == SECAGG_OK, "pack");
}

static void unpack_u64(void *arg)
{
    buffers *r = arg;
    bench_must(secagg_planar_unpack_u64(r->entries, r->planes, COUNT, BITS)
        == SECAGG_OK, "unpack");
}

/* One block at a time, in the L1 cache, as a client does. */
static void write_blocks(void *arg)
{
    buffers *r = arg;

    for (size_t i = 0; i < COUNT; i += SA_BLOCK)
        sa_planar_write_u64(r->planes, COUNT, BITS, i, r->entries,
            COUNT - i < SA_BLOCK ? COUNT - i : SA_BLOCK);
}

static void read_blocks(void *arg)
{
    buffers *r = arg;

    for (size_t i = 0; i < COUNT; i += SA_BLOCK)
        bench_must(secagg_planar_unpack_u64(r->entries,
            r->planes + sa_planar_at(i, BITS),
            COUNT - i < SA_BLOCK ? COUNT - i : SA_BLOCK, BITS) == SECAGG_OK,
            "unpack");
}

static void sum(void *arg)
{
    buffers *r = arg;
    const size_t len = secagg_planar_size(COUNT, BITS);

    for (size_t i = 0; i < VECTORS; i++)
        bench_must(secagg_planar_add(r->planes, r->more + i * len, COUNT,
            BITS) == SECAGG_OK, "add");
}

/* The result is stored so that the compiler does not remove the loop. */
static void read_all(void *arg)
{
    buffers *r = arg;
    const size_t len = secagg_planar_size(COUNT, BITS) * VECTORS / 64 * 64;
    uint64_t all[8] = { 0 }, word[8];

    for (size_t i = 0; i < len; i += sizeof word) {
        memcpy(word, r->more + i, sizeof word);
        for (int j = 0; j < 8; j++)
            all[j] |= word[j];
    }
    memcpy(r->copy, all, sizeof all);
}

static void against_copy(const char *name, void (*call)(void *), buffers *r,
    char **names)
{
    const bench_row row = { name, "ns", "memcpy float32", BENCH_TIME, 1e9,
        { call, r, COUNT, NULL }, { copy, r, COUNT, NULL } };

    bench_run(&row, names);
}

int main(int argc, char **argv)
{
    const size_t len = secagg_planar_size(COUNT, BITS);
    buffers r = { bench_alloc(len), bench_alloc(len * VECTORS),
        bench_alloc(COUNT * sizeof(uint32_t)),
        bench_alloc(COUNT * sizeof(uint32_t)),
        bench_alloc(COUNT * sizeof(uint64_t)) };
    const double bytes = (double)len * VECTORS;
    const bench_row row = { "server sum", "ns", "plain read", BENCH_TIME, 1e9,
        { sum, &r, bytes, NULL },
        { read_all, &r, bytes, NULL } };

    (void)argc;
    against_copy("to planes/u32", pack_u32, &r, argv + 1);
    against_copy("to planes/u64", pack_u64, &r, argv + 1);
    against_copy("to planes/u64 in cache", write_blocks, &r, argv + 1);
    against_copy("from planes/u32", unpack_u32, &r, argv + 1);
    against_copy("from planes/u64", unpack_u64, &r, argv + 1);
    against_copy("from planes/u64 in cache", read_blocks, &r, argv + 1);
    bench_run(&row, argv + 1);
    free(r.planes);
    free(r.more);
    free(r.words);
    free(r.copy);
    free(r.entries);
    return 0;
}
