/* SPDX-License-Identifier: Apache-2.0 */
/* words: what stochastic rounding draws (PROTOCOL.md 7.2), by the fastest
 * keystream of this machine. Entries are asked for in any order; words are
 * made for a tile of entries at a time. */
#ifndef SA_ROUNDING_H
#define SA_ROUNDING_H

#include <secagg/base.h>

/* Entries of a tile. */
#define SA_ROUNDING_CHUNK 4096

/* The rounding stream of one segment. */
typedef struct sa_rounding sa_rounding;

/* Key || nonce of the stream of segment `number`, from the rounding seed; key
 * has room for SA_KEYSTREAM_KEY_MAX bytes. */
SECAGG_MUST_CHECK secagg_err sa_rounding_rekey(uint8_t *key, uint32_t suite,
    uint32_t number, const uint8_t seed[SECAGG_SEED_BYTES]);

SECAGG_MUST_CHECK secagg_err sa_rounding_new(sa_rounding **words,
    uint32_t suite, uint32_t number, const uint8_t seed[SECAGG_SEED_BYTES]);
void sa_rounding_free(sa_rounding *words);

/* The word of an entry, below 2^34, and after it those of the entries that
 * follow, to the end of its tile: borrowed until the next call. */
SECAGG_MUST_CHECK secagg_err sa_rounding_draw(
    sa_rounding *words, uint64_t entry, const uint8_t **word);

#endif
