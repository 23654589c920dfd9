/* SPDX-License-Identifier: Apache-2.0 */
/* mask_backend: the two implementations of masking, and the interface of the
 * AES backends. sa_mask_portable adds the keystream that the provider produces,
 * for every cipher; sa_mask_aes computes AES-128-CTR itself and adds it while
 * it is still in registers. An AES backend is code for one set of instructions,
 * in a file of its own that is compiled with its own flags. All implementations
 * compute the same bytes. */
#ifndef SA_MASK_BACKEND_H
#define SA_MASK_BACKEND_H

#include "crypto/keystream.h"
#include "vector/planar_backend.h"

/* key || nonce of one seed for one lane; flip is all ones if the mask is
 * subtracted, and 0 if it is added. */
typedef struct sa_mask_key {
    uint8_t bytes[SA_KEYSTREAM_KEY_MAX];
    uint64_t flip;
} sa_mask_key;

/* The masks of one lane: `count` keys, `bits` bits an entry. */
typedef struct sa_mask_stream {
    uint32_t bits;
    const sa_mask_key *keys;
    size_t count;
} sa_mask_stream;

/* Bytes of a tile of sa_mask_portable at most, and of its scratch memory. The
 * tile is larger than that of the AES backends, because each seed re-keys the
 * provider's cipher for each tile. */
#define SA_MASK_PORTABLE_TILE 65536
#define SA_MASK_PORTABLE_SCRATCH (SA_MASK_PORTABLE_TILE + 64 * SA_PLANE)

/* Add or subtract all masks to or from the `entries` entries at acc, which
 * begin with block number `block` of the lane. Uses the keystream of any
 * cipher, which it re-keys, and the adder of a planar backend. `scratch` has
 * SA_MASK_PORTABLE_SCRATCH bytes; the caller wipes it. Returns
 * SECAGG_ERR_CRYPTO if the provider fails. */
SECAGG_MUST_CHECK secagg_err sa_mask_portable(sa_planar_adder *add,
    sa_keystream *keystream, const sa_mask_stream *stream, uint64_t block,
    uint8_t *acc, size_t entries, uint8_t *scratch);

/* ---- AES backends ------------------------------------------------------- */

/* Bytes of a tile: the part of a vector that stays in the L1 cache while all
 * seeds pass over it. It is at least one block for every modulus. */
#define SA_TILE 16384

/* An expanded key, with tables that replace the first two rounds of AES.
 *
 * A counter block is nonce[12] || be32 counter, so that among the blocks of a
 * key only the last four bytes differ. In round 1, ShiftRows moves these four
 * bytes to four different columns, and MixColumns mixes only within a column.
 * So after round 1 the last byte of the counter influences only column 0 of
 * the state, and the other three bytes influence only columns 1 to 3. SubBytes
 * of round 2 works byte by byte, and the rest of round 2 is linear: after it,
 * the state is the sum (XOR) of a term that depends only on the last byte of
 * the counter and of a term that depends only on the other three. The tables
 * have these terms, so that both rounds cost one XOR:
 *
 *     low[i]:  the state after round 2 for counter i
 *     high[i]: the state after round 2 for counter 256 (high + i), XORed with
 *              the state for counter 0, which low[] contains already
 *
 * The counter is public: no secret is an index of these tables. */
typedef struct sa_aes_key {
    _Alignas(64) uint8_t low[256][16];
    uint8_t high[SA_TILE / 4096 + 1][16]; /* for one tile: SA_TILE / 16
                                           * counters, of which each element
                                           * serves 256 */
    uint8_t round[11][16]; /* round keys; the nonce is XORed into the first,
                            * and flip into the last, which complements the
                            * keystream of a mask that is subtracted */
    uint64_t flip;
} sa_aes_key;

typedef struct sa_aes_backend {
    /* Expand key || nonce (FIPS 197, 5.2), and fill low[]. */
    void (*set_key)(sa_aes_key *key, const uint8_t *bytes, uint64_t flip);
    /* Fill high[] for the counters from 256 * high on. */
    void (*set_high)(sa_aes_key *key, uint32_t high);
    /* Set `out` to `in` plus the mask of whole blocks, at most a tile; `in` may
     * be `out`. The counters begin at 256 * high + counter, where `high` is
     * that of set_high(), and counter < 256 is a multiple of 4. */
    void (*add_tile)(const sa_aes_key *key, uint32_t counter, uint8_t *out,
        const uint8_t *in, size_t blocks, uint32_t bits);
} sa_aes_backend;

/* If the compiler does not support the instructions of a backend, its
 * functions are NULL. */
extern const sa_aes_backend sa_aes_vaes512, sa_aes_vaes256, sa_aes_avx2,
    sa_aes_sse2, sa_aes_neon;

/* Returns the fastest AES backend of this machine for a cipher, or NULL if it
 * has no AES instructions or if the cipher is not AES-128-CTR. */
const sa_aes_backend *sa_aes_best(sa_cipher cipher);

/* Bytes of scratch memory that sa_mask_aes takes for `count` keys. */
size_t sa_mask_aes_scratch(size_t count);

/* As sa_mask_portable, but only for AES-128-CTR. */
void sa_mask_aes(const sa_aes_backend *backend, const sa_mask_stream *stream,
    uint64_t block, uint8_t *acc, size_t entries, uint8_t *scratch);

#endif
