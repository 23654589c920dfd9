/* SPDX-License-Identifier: Apache-2.0 */
#include "vector/rounding.h"

#include "core/mem.h"
#include "crypto/hash.h"
#include "vector/mask_backend.h"

#define RND_BYTES 4 /* of one number */
#define BITS (8 * RND_BYTES)
#define CHUNK_BYTES (RND_BYTES * SA_ROUNDING_CHUNK)
#define CHUNK_BLOCKS (SA_ROUNDING_CHUNK / SA_BLOCK)

_Static_assert(CHUNK_BYTES <= SA_TILE, "an AES backend takes a tile at most");

/* The part of the state that must be aligned to 64 bytes (sa_aes_key). */
typedef struct aligned_state {
    sa_aes_key key;
    uint8_t rnd[CHUNK_BYTES];
} aligned_state;

struct sa_rounding {
    const sa_aes_backend *aes; /* NULL: use prg */
    sa_keystream *prg;
    uint64_t current;          /* 1 + the number of the chunk in rnd; 0: none */
    aligned_state *aligned;    /* points into memory[] */
    uint8_t memory[sizeof(aligned_state) + _Alignof(aligned_state)];
};

/* key || nonce = Derive(seed, "rounding words", u8 bits). */
secagg_err sa_rounding_derive_key(uint8_t *key, sa_cipher cipher,
    uint32_t bits, const uint8_t seed[SECAGG_SEED_BYTES])
{
    const uint8_t context = (uint8_t)bits;

    return sa_expand(key, sa_keystream_key_bytes(cipher), seed,
        "rounding words", &context, sizeof context);
}

static secagg_err set_key(sa_rounding *r, sa_cipher cipher, const uint8_t *key)
{
    r->aes = sa_aes_best(cipher);
    if (r->aes != NULL) {
        r->aes->set_key(&r->aligned->key, key, 0);
        return SECAGG_OK;
    }
    SA_TRY(sa_keystream_new(&r->prg, cipher));
    sa_keystream_rekey(r->prg, key);
    return SECAGG_OK;
}

secagg_err sa_rounding_new(sa_rounding **rounding, sa_cipher cipher,
    uint32_t bits, const uint8_t seed[SECAGG_SEED_BYTES])
{
    const size_t align = _Alignof(aligned_state);
    sa_rounding *r = sa_alloc(1, sizeof *r);
    uint8_t key[SA_KEYSTREAM_KEY_MAX];
    secagg_err err;

    if (r == NULL)
        return SECAGG_ERR_MEMORY;
    r->aligned = (void *)(r->memory
        + (align - (uintptr_t)r->memory % align) % align);
    err = sa_rounding_derive_key(key, cipher, bits, seed);
    if (err == SECAGG_OK)
        err = set_key(r, cipher, key);
    if (err == SECAGG_OK)
        *rounding = r;
    else
        sa_rounding_free(r);
    sa_wipe(key, sizeof key);
    return err;
}

void sa_rounding_free(sa_rounding *rounding)
{
    if (rounding == NULL)
        return;
    sa_keystream_free(rounding->prg);
    sa_free(rounding);
}

/* The AES backends only add masks to vectors. A mask of entries of 32 bits is
 * as long as the numbers of these entries, and added to zeros it is the
 * keystream itself. */
static const uint8_t zeros[CHUNK_BYTES];

/* Compute the numbers of chunk `chunk`. */
static secagg_err compute_chunk(sa_rounding *r, uint64_t chunk)
{
    const uint64_t counter = chunk * (CHUNK_BYTES / 16);
    sa_aes_key *key = &r->aligned->key;

    if (r->aes == NULL)
        return sa_keystream_read(r->prg, CHUNK_BYTES * chunk, r->aligned->rnd,
            CHUNK_BYTES);
    r->aes->set_high(key, (uint32_t)(counter >> 8));
    r->aes->add_tile(key, (uint32_t)(counter & 255), r->aligned->rnd, zeros,
        CHUNK_BLOCKS, BITS);
    return SECAGG_OK;
}

secagg_err sa_rounding_draw(sa_rounding *rounding, uint64_t entry,
    const uint8_t **rnd)
{
    const uint64_t chunk = entry / SA_ROUNDING_CHUNK;

    if (rounding->current != chunk + 1) {
        rounding->current = 0;
        SA_TRY(compute_chunk(rounding, chunk));
        rounding->current = chunk + 1;
    }
    *rnd = rounding->aligned->rnd + RND_BYTES * (entry % SA_ROUNDING_CHUNK);
    return SECAGG_OK;
}
