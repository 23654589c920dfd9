/* SPDX-License-Identifier: Apache-2.0 */
/* mask_aes: masking for machines with AES instructions. The outer loop takes
 * the seeds in chunks whose expanded keys fit the L2 cache; the next loop goes
 * over the tiles of the vector, and the inner one over the seeds of the
 * chunk. */
#include "vector/mask_backend.h"
#include "vector/planar.h"

#define KEYS_PER_CHUNK 128
#define BLOCK_MAX (64 * SA_PLANE) /* bytes of a block at 64 bits */

_Static_assert(SA_TILE >= BLOCK_MAX, "the largest block fits a tile");

/* Expanded keys of a chunk of seeds, and the bits of an entry. */
typedef struct key_chunk {
    const sa_aes_backend *backend;
    sa_aes_key *keys;
    size_t count;
    uint32_t bits;
} key_chunk;

/* Add the masks of all keys of a chunk to a tile of whole blocks. A block takes
 * 4 * bits counters (PROTOCOL.md 6.2). */
static void add_tile(const key_chunk *c, uint64_t block, uint8_t *acc,
    size_t blocks)
{
    const uint32_t counter = (uint32_t)(block * 4 * c->bits);

    for (size_t i = 0; i < c->count; i++) {
        c->backend->set_high(&c->keys[i], counter >> 8);
        c->backend->add_tile(&c->keys[i], counter & 255, acc, acc, blocks,
            c->bits);
    }
}

/* Add the masks of a chunk to all entries. A last block of fewer than 512
 * entries is padded in `last` first, BLOCK_MAX bytes. */
static void add_chunk(const key_chunk *c, uint64_t block, uint8_t *acc,
    size_t entries, uint8_t *last)
{
    const size_t bytes = (size_t)SA_PLANE * c->bits;
    const size_t blocks_per_tile = SA_TILE / bytes;
    const size_t plane_len = (entries % SA_BLOCK + 7) / 8;
    size_t blocks = entries / SA_BLOCK;

    while (blocks > 0) {
        const size_t n = blocks < blocks_per_tile ? blocks : blocks_per_tile;
        add_tile(c, block, acc, n);
        block += n;
        acc += n * bytes;
        blocks -= n;
    }
    if (plane_len > 0) {
        sa_planar_pad_block(last, acc, plane_len, c->bits);
        add_tile(c, block, last, 1);
        sa_planar_trim_block(acc, plane_len, last, c->bits);
    }
}

static size_t max_keys(size_t count)
{
    return count < KEYS_PER_CHUNK ? count : KEYS_PER_CHUNK;
}

size_t sa_mask_aes_scratch(size_t count)
{
    return max_keys(count) * sizeof(sa_aes_key) + BLOCK_MAX
        + _Alignof(sa_aes_key);
}

/* The keys must be aligned to 64 bytes, but sa_alloc() aligns only to 16. */
void sa_mask_aes(const sa_aes_backend *backend, const sa_mask_stream *stream,
    uint64_t block, uint8_t *acc, size_t entries, uint8_t *scratch)
{
    const size_t align = _Alignof(sa_aes_key);
    uint8_t *const last = scratch
        + (align - (uintptr_t)scratch % align) % align;
    key_chunk c = { backend, (void *)(last + BLOCK_MAX), 0, stream->bits };

    for (size_t done = 0; done < stream->count; done += c.count) {
        c.count = max_keys(stream->count - done);
        for (size_t i = 0; i < c.count; i++)
            backend->set_key(&c.keys[i], stream->keys[done + i].bytes,
                stream->keys[done + i].flip);
        add_chunk(&c, block, acc, entries, last);
    }
}
