/* SPDX-License-Identifier: Apache-2.0 */
/* mask_portable: the mask kernel that every machine has. Tile outside, seeds
 * inside: a tile of the vector and of one keystream stay in the first cache
 * while all seeds pass over them. */
#include "kernel.h"
#include "mem.h"
#include "planar.h"

#define TILE 16384 /* bytes of keystream a tile, about */

/* Add one keystream of a tile, block by block; the last may be ragged. */
static void add_tile(uint8_t *acc, const uint8_t *keystream, size_t entries,
    uint32_t bits, uint64_t flip)
{
    const size_t block = (size_t)SA_PLANE * bits;

    for (; entries >= SA_BLOCK; entries -= SA_BLOCK) {
        sa_planar_add_block(acc, SA_PLANE, keystream, SA_PLANE, bits, flip);
        acc += block;
        keystream += block;
    }
    if (entries > 0)
        sa_planar_add_block(acc, (entries + 7) / 8, keystream, SA_PLANE, bits,
            flip);
}

/* All seeds over all tiles. */
static secagg_err run(sa_prg *prg, uint8_t *keystream, size_t tile,
    const sa_mask_stream *stream, uint64_t block, uint8_t *acc, size_t entries)
{
    const uint64_t bytes = (uint64_t)SA_PLANE * stream->bits;

    for (size_t n; entries > 0; entries -= n) {
        n = entries < tile * SA_BLOCK ? entries : tile * SA_BLOCK;
        const size_t blocks = n / SA_BLOCK + (n % SA_BLOCK != 0);
        for (size_t i = 0; i < stream->count; i++) {
            SA_TRY(sa_prg_key(prg, stream->keys[i].bytes));
            SA_TRY(sa_prg_read(prg, bytes * block, keystream,
                (size_t)bytes * blocks));
            add_tile(acc, keystream, n, stream->bits, stream->keys[i].flip);
        }
        block += n / SA_BLOCK;
        acc += (size_t)bytes * (n / SA_BLOCK);
    }
    return SECAGG_OK;
}

secagg_err sa_mask_portable(const sa_mask_stream *stream, uint64_t block,
    uint8_t *acc, size_t entries)
{
    const size_t bytes = (size_t)SA_PLANE * stream->bits;
    const size_t tile = bytes < TILE ? TILE / bytes : 1;
    uint8_t *keystream;
    sa_prg *prg;
    secagg_err err;

    SA_TRY(sa_prg_new(&prg, stream->suite));
    keystream = sa_alloc(tile, bytes);
    err = keystream != NULL
        ? run(prg, keystream, tile, stream, block, acc, entries)
        : SECAGG_ERR_MEMORY;
    sa_free(keystream, tile * bytes);
    sa_prg_free(prg);
    return err;
}
