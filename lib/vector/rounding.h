/* SPDX-License-Identifier: Apache-2.0 */
/* rounding: the random numbers rnd for stochastic rounding (PROTOCOL.md 7.2),
 * computed with the fastest implementation of the keystream on this machine.
 * The caller may ask for entries in any order; the numbers are computed for a
 * chunk of entries at a time. */
#ifndef SA_ROUNDING_H
#define SA_ROUNDING_H

#include "crypto/keystream.h"

/* Entries of a chunk. */
#define SA_ROUNDING_CHUNK 4096

/* The random numbers of one lane. */
typedef struct sa_rounding sa_rounding;

/* Derive key || nonce of the rounding keystream of the lane `bits` from the
 * rounding seed. `key` has a capacity of SA_KEYSTREAM_KEY_MAX bytes. */
SECAGG_MUST_CHECK secagg_err sa_rounding_derive_key(uint8_t *key,
    sa_cipher cipher, uint32_t bits, const uint8_t seed[SECAGG_SEED_BYTES]);

/* Allocate the state for the lane `bits`, or wipe and free it. Returns
 * SECAGG_ERR_MEMORY, or SECAGG_ERR_CRYPTO if OpenSSL fails. */
SECAGG_MUST_CHECK secagg_err sa_rounding_new(sa_rounding **rounding,
    sa_cipher cipher, uint32_t bits, const uint8_t seed[SECAGG_SEED_BYTES]);
void sa_rounding_free(sa_rounding *rounding);

/* Set *rnd to the number of an entry of the lane, below 2^34: 4 bytes,
 * little-endian. The numbers of the following entries, up to the end of its
 * chunk, follow it. The bytes are valid until the next call. */
SECAGG_MUST_CHECK secagg_err sa_rounding_draw(sa_rounding *rounding,
    uint64_t entry, const uint8_t **rnd);

#endif
