/* SPDX-License-Identifier: Apache-2.0 */
/* schedule: what derives from what (PROTOCOL.md 3.6 and 3.9 to 3.11). Each
 * function is one line of the key schedule and has its label in it. */
#ifndef SA_KEY_SCHEDULE_H
#define SA_KEY_SCHEDULE_H

#include <secagg/base.h>

/* What the derivations after ROSTER are bound to. */
typedef struct sa_binding {
    uint8_t roster[SECAGG_DIGEST_BYTES]; /* H_ros */
    uint64_t round;
} sa_binding;

/* 3.6: the client's secrets. seed is the client's 32-byte master seed. */
SECAGG_MUST_CHECK secagg_err sa_derive_prk(uint8_t prk[32],
    const uint8_t context[32], const uint8_t seed[32]);
SECAGG_MUST_CHECK secagg_err sa_derive_enc_key(uint8_t key[32],
    const uint8_t prk[32]);
SECAGG_MUST_CHECK secagg_err sa_derive_mask_secret(uint8_t root[32],
    const uint8_t prk[32]);
SECAGG_MUST_CHECK secagg_err sa_derive_mask_key(uint8_t key[32],
    const uint8_t context[32], const uint8_t root[32], uint32_t index);
SECAGG_MUST_CHECK secagg_err sa_derive_self_secret(uint8_t root[32],
    const uint8_t prk[32], const sa_binding *binding);
SECAGG_MUST_CHECK secagg_err sa_derive_poly_seed(uint8_t seed[32],
    const uint8_t prk[32], uint32_t kind, const sa_binding *binding);
SECAGG_MUST_CHECK secagg_err sa_derive_rounding_key(uint8_t seed[32],
    const uint8_t prk[32], uint64_t round, uint32_t segment);

/* 3.9: mask seeds. shared is the X25519 of two mask keys; a and b are the two
 * clients in either order, with their mask points; u2 is H_U2. */
SECAGG_MUST_CHECK secagg_err sa_derive_pair_seed(uint8_t seed[32],
    const sa_binding *binding, const uint8_t shared[32], uint32_t a,
    uint32_t b, const uint8_t point_a[32], const uint8_t point_b[32],
    const uint8_t u2[32]);
SECAGG_MUST_CHECK secagg_err sa_derive_self_seed(uint8_t seed[32],
    const sa_binding *binding, const uint8_t root[32], uint32_t index,
    const uint8_t u2[32]);

/* 3.10: com_u. */
SECAGG_MUST_CHECK secagg_err sa_commitment(uint8_t commitment[32],
    const sa_binding *binding, uint32_t index, const uint8_t root[32]);

/* 5.2: the graph seed, from the server's seed once U1 stands. */
SECAGG_MUST_CHECK secagg_err sa_derive_graph_seed(uint8_t seed[32],
    const uint8_t server_seed[32], const uint8_t context[32],
    const uint8_t root[32]);

/* 4.6: what the shares of one holder set are tested with. */
SECAGG_MUST_CHECK secagg_err sa_derive_test_seed(uint8_t seed[32],
    const uint8_t server_seed[32], const sa_binding *binding);

/* 3.11: H_U2 (which = 2) or H_U3 (which = 3) of a bitmap over n. */
SECAGG_MUST_CHECK secagg_err sa_set_digest(uint8_t digest[32],
    const sa_binding *binding, const uint8_t app_digest[32], uint32_t which,
    uint32_t n, const uint8_t *map);

#endif
