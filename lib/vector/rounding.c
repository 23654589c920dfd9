/* SPDX-License-Identifier: Apache-2.0 */
#include "vector/rounding.h"

#include <secagg/params.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/hash.h"
#include "crypto/keystream.h"
#include "vector/mask_backend.h"

#define WORD 4
#define BITS (8 * WORD)
#define TILE_BYTES (WORD * SA_ROUNDING_CHUNK)
#define TILE_BLOCKS (SA_ROUNDING_CHUNK / SA_BLOCK)

_Static_assert(TILE_BYTES <= SA_TILE, "a tile is one of the mask kernels");

/* Room whose parts are aligned as kernels want it. */
typedef struct tile {
    sa_aes_key key;
    uint8_t words[TILE_BYTES];
} tile;

struct sa_rounding {
    const sa_aes_backend *aes; /* NULL: the keystream is that of prg */
    sa_keystream *prg;
    uint64_t number;         /* of the tile that is made, counted from 1 */
    tile *tile;
    uint8_t memory[sizeof(tile) + _Alignof(tile)];
};

/* key || nonce = L(seed, "round", be32 segment || u8 32). */
secagg_err sa_rounding_rekey(uint8_t *key, uint32_t suite, uint32_t number,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    uint8_t context[5];

    sa_put_be32(context, number);
    context[4] = BITS;
    return sa_expand(key, sa_keystream_key_bytes(suite), seed, "round", context,
        sizeof context);
}

static secagg_err start(sa_rounding *w, uint32_t suite, const uint8_t *key)
{
    w->aes = suite == SECAGG_SUITE_AES ? sa_aes_best() : NULL;
    if (w->aes != NULL) {
        w->aes->set_key(&w->tile->key, key, 0);
        return SECAGG_OK;
    }
    SA_TRY(sa_keystream_new(&w->prg, suite));
    return sa_keystream_rekey(w->prg, key);
}

secagg_err sa_rounding_new(sa_rounding **words, uint32_t suite, uint32_t number,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    const size_t align = _Alignof(tile);
    sa_rounding *w = sa_alloc(1, sizeof *w);
    uint8_t key[SA_KEYSTREAM_KEY_MAX];
    secagg_err err;

    if (w == NULL)
        return SECAGG_ERR_MEMORY;
    w->tile = (void *)(w->memory
        + (align - (uintptr_t)w->memory % align) % align);
    err = sa_rounding_rekey(key, suite, number, seed);
    if (err == SECAGG_OK)
        err = start(w, suite, key);
    if (err == SECAGG_OK)
        *words = w;
    else
        sa_rounding_free(w);
    sa_wipe(key, sizeof key);
    return err;
}

void sa_rounding_free(sa_rounding *words)
{
    if (words == NULL)
        return;
    sa_keystream_free(words->prg);
    sa_free(words);
}

/* A mask of entries of 32 bits takes as much of the keystream as words do: on
 * zeros it is the keystream itself. */
static const uint8_t zeros[TILE_BYTES];

static secagg_err make(sa_rounding *w, uint64_t number)
{
    const uint64_t counter = number * (TILE_BYTES / 16);
    sa_aes_key *key = &w->tile->key;

    if (w->aes == NULL)
        return sa_keystream_read(w->prg, TILE_BYTES * number, w->tile->words,
            TILE_BYTES);
    w->aes->set_high(key, (uint32_t)(counter >> 8));
    w->aes->add_tile(key, (uint32_t)(counter & 255), w->tile->words, zeros,
        TILE_BLOCKS, BITS);
    return SECAGG_OK;
}

secagg_err sa_rounding_draw(sa_rounding *words, uint64_t entry,
    const uint8_t **word)
{
    const uint64_t number = entry / SA_ROUNDING_CHUNK;

    if (words->number != number + 1) {
        words->number = 0;
        SA_TRY(make(words, number));
        words->number = number + 1;
    }
    *word = words->tile->words + WORD * (entry % SA_ROUNDING_CHUNK);
    return SECAGG_OK;
}
