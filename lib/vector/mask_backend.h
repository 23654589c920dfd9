/* SPDX-License-Identifier: Apache-2.0 */
/* kernel: what mask kernels are. There are two: mask_portable adds the
 * keystream that prg makes, mask_aes makes AES-128-CTR itself, at one of the
 * levels of instructions below. A level stands in a file of its own, compiled
 * with its own flags. All give the same bytes. */
#ifndef SA_MASK_BACKEND_H
#define SA_MASK_BACKEND_H

#include "crypto/keystream.h"
#include "vector/planar_backend.h"

/* Key || nonce of one seed's stream for one segment and modulus; flip is all
 * ones where the mask is subtracted, else zero. */
typedef struct sa_mask_key {
    uint8_t bytes[SA_KEYSTREAM_KEY_MAX];
    uint64_t flip;
} sa_mask_key;

/* The masks of one segment. */
typedef struct sa_mask_stream {
    uint32_t suite, bits;
    const sa_mask_key *keys;
    size_t count;
} sa_mask_stream;

/* Add all masks of `entries` entries from block `block` on to acc: over the
 * keystream of prg, with one level's adder. Takes every suite. */
SECAGG_MUST_CHECK secagg_err sa_mask_portable(sa_planar_adder *add,
    const sa_mask_stream *stream, uint64_t block, uint8_t *acc,
    size_t entries);

/* ---- AES-128-CTR of our own --------------------------------------------- */

/* Bytes of a tile: the part of a vector that stays in the first cache while
 * all seeds pass over it. At least one block, whatever the modulus. */
#define SA_TILE 16384

/* A key, ready. Of the sixteen bytes of a counter block twelve are fixed, and
 * the last one reaches only one column of the state after round 1, the other
 * three of the counter only the other columns. So the state after round 2 is
 * the sum of two terms, one of the last byte, in `low`, and one of the rest
 * of the counter, in `high`: both rounds cost one addition. The counter is
 * public, so these tables are never indexed by a secret. */
typedef struct sa_aes_key {
    _Alignas(64) uint8_t low[256][16];
    uint8_t high[SA_TILE / 4096 + 1][16]; /* of the tile at hand */
    uint8_t round[11][16]; /* first: with the nonce; last: with flip */
    uint64_t flip;
} sa_aes_key;

typedef struct sa_aes_backend {
    /* Expand key || nonce (FIPS 197, 5.2). */
    void (*key)(sa_aes_key *key, const uint8_t *bytes, uint64_t flip);
    /* Set high for counters from 256 * high on. */
    void (*high)(sa_aes_key *key, uint32_t high);
    /* Add the mask of whole blocks, a tile at the most, to `in`, which may be
     * `out`; the first counter is `low` above that of high[0]. */
    void (*tile)(const sa_aes_key *key, uint32_t low, uint8_t *out,
        const uint8_t *in, size_t blocks, uint32_t bits);
} sa_aes_backend;

/* Where the compiler had no flags for a level its functions are NULL. */
extern const sa_aes_backend sa_aes_vaes512, sa_aes_vaes256, sa_aes_avx2,
    sa_aes_sse2, sa_aes_neon;

/* The best level of this machine; NULL: it has no AES instructions. */
const sa_aes_backend *sa_aes_best(void);

/* As sa_mask_portable, for suite 1. */
SECAGG_MUST_CHECK secagg_err sa_mask_aes(const sa_aes_backend *level,
    const sa_mask_stream *stream, uint64_t block, uint8_t *acc,
    size_t entries);

#endif
