/* SPDX-License-Identifier: Apache-2.0 */
/* mask_portable: masking for every machine and every cipher, with the
 * provider's keystream and the adder of a planar backend. The outer loop goes
 * over the tiles of the vector and the inner one over the seeds, so that a tile
 * and its keystream stay in the cache while all seeds pass over them. */
#include "core/mem.h"
#include "vector/mask_backend.h"
#include "vector/planar.h"

/* Arguments that are the same for all tiles. */
typedef struct masking {
    sa_planar_adder *add;
    const sa_mask_stream *stream;
    sa_keystream *prg;
    uint8_t *keystream;  /* buffer of a tile */
    uint8_t *last_block; /* buffer of a block, for a last block of fewer than
                          * 512 entries */
} masking;

/* Add the masks of all seeds to a tile of whole blocks. */
static secagg_err add_tile(const masking *m, uint64_t block, uint8_t *acc,
    size_t blocks)
{
    const size_t bytes = (size_t)SA_PLANE * m->stream->bits;

    for (size_t i = 0; i < m->stream->count; i++) {
        sa_keystream_rekey(m->prg, m->stream->keys[i].bytes);
        SA_TRY(sa_keystream_read(m->prg, bytes * block, m->keystream,
            bytes * blocks));
        m->add(acc, m->keystream, blocks, m->stream->bits,
            m->stream->keys[i].flip);
    }
    return SECAGG_OK;
}

/* Add all masks to all entries, in tiles of at most blocks_per_tile blocks. */
static secagg_err add_all(const masking *m, size_t blocks_per_tile,
    uint64_t block, uint8_t *acc, size_t entries)
{
    const size_t bytes = (size_t)SA_PLANE * m->stream->bits;
    const size_t plane_len = (entries % SA_BLOCK + 7) / 8;
    size_t blocks = entries / SA_BLOCK;

    while (blocks > 0) {
        const size_t n = blocks < blocks_per_tile ? blocks : blocks_per_tile;
        SA_TRY(add_tile(m, block, acc, n));
        block += n;
        acc += n * bytes;
        blocks -= n;
    }
    if (plane_len == 0)
        return SECAGG_OK;
    sa_planar_pad_block(m->last_block, acc, plane_len, m->stream->bits);
    SA_TRY(add_tile(m, block, m->last_block, 1));
    sa_planar_trim_block(acc, plane_len, m->last_block, m->stream->bits);
    return SECAGG_OK;
}

secagg_err sa_mask_portable(sa_planar_adder *add, sa_keystream *keystream,
    const sa_mask_stream *stream, uint64_t block, uint8_t *acc, size_t entries,
    uint8_t *scratch)
{
    const size_t bytes = (size_t)SA_PLANE * stream->bits;
    const size_t blocks_per_tile = SA_MASK_PORTABLE_TILE / bytes;
    const masking m = { add, stream, keystream, scratch,
        scratch + blocks_per_tile * bytes };

    return add_all(&m, blocks_per_tile, block, acc, entries);
}
