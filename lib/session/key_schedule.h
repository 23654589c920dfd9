/* SPDX-License-Identifier: Apache-2.0 */
/* key_schedule: every key, seed, secret and digest that is derived (PROTOCOL.md
 * 3.6, 3.9 to 3.11, 4.6 and 5.2). Each function is one line of the schedule.
 * Its comment begins with the name in HKDF-Expand or the label of H.
 *
 * context: H_ctx. index: the client. roster_root: the Merkle root of the
 * roster. self_secret, mask_secret: beta and omega of a client, canonical
 * scalars that the client splits into shares. h_u2: H_U2. All outputs have 32
 * bytes. Every function may return SECAGG_ERR_CRYPTO. */
#ifndef SA_KEY_SCHEDULE_H
#define SA_KEY_SCHEDULE_H

#include <secagg/base.h>

/* After ROSTER, every derivation depends on these two. */
typedef struct sa_binding {
    uint8_t roster[SECAGG_DIGEST_BYTES]; /* H_ros */
    uint64_t round;
} sa_binding;

/* ---- secrets of a client (PROTOCOL.md 3.6) ------------------------------ */

/* PRK_u, from which the others derive. `seed` is the master seed. */
SECAGG_MUST_CHECK secagg_err sa_derive_prk(uint8_t prk[32],
    const uint8_t context[32], const uint8_t seed[32]);

/* "enc key": the X25519 key with which share keys are agreed. */
SECAGG_MUST_CHECK secagg_err sa_derive_enc_key(uint8_t key[32],
    const uint8_t prk[32]);

/* "mask root": the mask secret. */
SECAGG_MUST_CHECK secagg_err sa_derive_mask_secret(uint8_t mask_secret[32],
    const uint8_t prk[32]);

/* "mask key": the X25519 key with which pair seeds are agreed. The server, too,
 * derives it, for a client that dropped out. */
SECAGG_MUST_CHECK secagg_err sa_derive_mask_key(uint8_t key[32],
    const uint8_t context[32], const uint8_t mask_secret[32], uint32_t index);

/* "self root": the self secret. */
SECAGG_MUST_CHECK secagg_err sa_derive_self_secret(uint8_t self_secret[32],
    const uint8_t prk[32], const sa_binding *binding);

/* "poly": the seed of the polynomial that splits a secret. `kind` is 0 for the
 * self secret, 1 for the mask secret. */
SECAGG_MUST_CHECK secagg_err sa_derive_poly_seed(uint8_t seed[32],
    const uint8_t prk[32], uint32_t kind, const sa_binding *binding);

/* "rounding": the rounding seed. */
SECAGG_MUST_CHECK secagg_err sa_derive_rounding_seed(uint8_t seed[32],
    const uint8_t prk[32], uint64_t round);

/* ---- mask seeds (PROTOCOL.md 3.9) --------------------------------------- */

/* "pair mask": the seed of the mask that clients a and b have in common; they
 * may be swapped. `shared` is the X25519 result of their mask keys, and point_a
 * and point_b are the public keys. */
SECAGG_MUST_CHECK secagg_err sa_derive_pair_seed(uint8_t seed[32],
    const sa_binding *binding, const uint8_t shared[32], uint32_t a,
    uint32_t b, const uint8_t point_a[32], const uint8_t point_b[32],
    const uint8_t h_u2[32]);

/* "self mask": the seed of the mask that only this client adds. */
SECAGG_MUST_CHECK secagg_err sa_derive_self_seed(uint8_t seed[32],
    const sa_binding *binding, const uint8_t self_secret[32], uint32_t index,
    const uint8_t h_u2[32]);

/* ---- seeds of the server ------------------------------------------------ */

/* "graph": the seed of the ring's permutation, once U1 is fixed (PROTOCOL.md
 * 5.2). `server_seed` is the server's secret seed. */
SECAGG_MUST_CHECK secagg_err sa_derive_graph_seed(uint8_t seed[32],
    const uint8_t server_seed[32], const uint8_t context[32],
    const uint8_t roster_root[32]);

/* "test": the seed of the random numbers with which the server tests whether
 * shares lie on one polynomial (PROTOCOL.md 4.6). */
SECAGG_MUST_CHECK secagg_err sa_derive_test_seed(uint8_t seed[32],
    const uint8_t server_seed[32], const sa_binding *binding);

/* ---- digests ------------------------------------------------------------ */

/* "LSA1 com": the commitment to a self secret (PROTOCOL.md 3.10). */
SECAGG_MUST_CHECK secagg_err sa_commitment(uint8_t commitment[32],
    const sa_binding *binding, uint32_t index, const uint8_t self_secret[32]);

/* "LSA1 set": H_U2 (set = 2) or H_U3 (set = 3), of a bitmap over n (PROTOCOL.md
 * 3.11). */
SECAGG_MUST_CHECK secagg_err sa_set_digest(uint8_t digest[32],
    const sa_binding *binding, const uint8_t app_digest[32], uint32_t set,
    uint32_t n, const uint8_t *map);

#endif
