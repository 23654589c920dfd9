/* SPDX-License-Identifier: Apache-2.0 */
/* mask_portable: the mask kernel that every machine has. Tile outside, seeds
 * inside: a tile of the vector and of one keystream stay in the first cache
 * while all seeds pass over them. */
#include "core/mem.h"
#include "vector/mask_backend.h"
#include "vector/planar.h"

#define TILE 65536 /* bytes of keystream a tile, about: re-keying costs */

/* What goes over each tile. */
typedef struct run {
    sa_planar_adder *add;
    const sa_mask_stream *stream;
    sa_keystream *prg;
    uint8_t *keystream, *last;
} run;

/* All seeds over one tile of whole blocks. */
static secagg_err add_tile(const run *r, uint64_t block, uint8_t *acc,
    size_t blocks)
{
    const size_t bytes = (size_t)SA_PLANE * r->stream->bits;

    for (size_t i = 0; i < r->stream->count; i++) {
        SA_TRY(sa_keystream_rekey(r->prg, r->stream->keys[i].bytes));
        SA_TRY(sa_keystream_read(r->prg, bytes * block, r->keystream,
            bytes * blocks));
        r->add(acc, r->keystream, blocks, r->stream->bits,
            r->stream->keys[i].flip);
    }
    return SECAGG_OK;
}

static secagg_err add_all(const run *r, size_t tile, uint64_t block,
    uint8_t *acc, size_t entries)
{
    const size_t bytes = (size_t)SA_PLANE * r->stream->bits;
    const size_t stride = (entries % SA_BLOCK + 7) / 8;
    size_t blocks = entries / SA_BLOCK;

    while (blocks > 0) {
        const size_t n = blocks < tile ? blocks : tile;
        SA_TRY(add_tile(r, block, acc, n));
        block += n;
        acc += n * bytes;
        blocks -= n;
    }
    if (stride == 0)
        return SECAGG_OK;
    sa_planar_pad_block(r->last, acc, stride, r->stream->bits);
    SA_TRY(add_tile(r, block, r->last, 1));
    sa_planar_trim_block(acc, stride, r->last, r->stream->bits);
    return SECAGG_OK;
}

secagg_err sa_mask_portable(sa_planar_adder *add, const sa_mask_stream *stream,
    uint64_t block, uint8_t *acc, size_t entries)
{
    const size_t bytes = (size_t)SA_PLANE * stream->bits, tile = TILE / bytes;
    const size_t room = (tile + 1) * bytes;
    run r = { add, stream, NULL, NULL, NULL };
    secagg_err err = SECAGG_ERR_MEMORY;

    SA_TRY(sa_keystream_new(&r.prg, stream->suite));
    r.keystream = sa_alloc(room, 1);
    if (r.keystream != NULL) {
        r.last = r.keystream + tile * bytes;
        err = add_all(&r, tile, block, acc, entries);
    }
    sa_free(r.keystream);
    sa_keystream_free(r.prg);
    return err;
}
