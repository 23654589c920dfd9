/* SPDX-License-Identifier: Apache-2.0 */
/* mask_aes: the mask kernel of machines with AES instructions. Tile outside,
 * seeds inside, and seeds in groups whose tables fit the second cache. */
#include "core/mem.h"
#include "vector/mask_backend.h"
#include "vector/planar.h"

#define GROUP 128

_Static_assert(SA_TILE >= 64 * SA_PLANE, "the widest block fits a tile");

/* Masks of a group of seeds. */
typedef struct group {
    const sa_aes_backend *level;
    sa_aes_key *keys;
    size_t count;
    uint32_t bits;
} group;

/* One tile, all seeds. A block takes 4 * bits counters (PROTOCOL.md 6.2). */
static void add_tile(const group *g, uint64_t block, uint8_t *acc,
    size_t blocks)
{
    const uint32_t counter = (uint32_t)(block * 4 * g->bits);

    for (size_t i = 0; i < g->count; i++) {
        g->level->high(&g->keys[i], counter >> 8);
        g->level->tile(&g->keys[i], counter & 255, acc, acc, blocks, g->bits);
    }
}

static void add_group(const group *g, uint64_t block, uint8_t *acc,
    size_t entries, uint8_t *last)
{
    const size_t bytes = (size_t)SA_PLANE * g->bits, tile = SA_TILE / bytes;
    const size_t stride = (entries % SA_BLOCK + 7) / 8;
    size_t blocks = entries / SA_BLOCK;

    while (blocks > 0) {
        const size_t n = blocks < tile ? blocks : tile;
        add_tile(g, block, acc, n);
        block += n;
        acc += n * bytes;
        blocks -= n;
    }
    if (stride > 0) {
        sa_planar_pad_block(last, acc, stride, g->bits);
        add_tile(g, block, last, 1);
        sa_planar_trim_block(acc, stride, last, g->bits);
    }
}

/* Room for the keys is aligned by hand: calloc() gives sixteen bytes. */
secagg_err sa_mask_aes(const sa_aes_backend *level,
    const sa_mask_stream *stream, uint64_t block, uint8_t *acc, size_t entries)
{
    const size_t most = stream->count < GROUP ? stream->count : GROUP;
    const size_t align = _Alignof(sa_aes_key);
    const size_t room = most * sizeof(sa_aes_key) + 64 * SA_PLANE + align;
    uint8_t *const memory = sa_alloc(room, 1);
    uint8_t *last;
    group g = { level, NULL, 0, stream->bits };

    if (memory == NULL)
        return SECAGG_ERR_MEMORY;
    last = memory + (align - (uintptr_t)memory % align) % align;
    g.keys = (void *)(last + 64 * SA_PLANE);
    for (size_t done = 0; done < stream->count; done += g.count) {
        const size_t left = stream->count - done;
        g.count = left < most ? left : most;
        for (size_t i = 0; i < g.count; i++)
            level->key(&g.keys[i], stream->keys[done + i].bytes,
                stream->keys[done + i].flip);
        add_group(&g, block, acc, entries, last);
    }
    sa_free(memory);
    return SECAGG_OK;
}
