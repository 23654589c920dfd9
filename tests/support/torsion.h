/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 keys and signatures with points of small order in them (PROTOCOL.md
 * 3.5), made with libsodium's arithmetic. T is a point of order 8. */
#ifndef TEST_TORSION_H
#define TEST_TORSION_H

#include <check.h>
#include <sodium.h>
#include <string.h>

#include "support/util.h"

/* Encode j T: T is added to the identity j times. */
static inline void torsion_point(uint8_t point[32], int j)
{
    uint8_t t[32];

    unhex(t,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
    memset(point, 0, 32);
    point[0] = 1;
    for (; j > 0; j--)
        ck_assert_int_eq(crypto_core_ed25519_add(point, point, t), 0);
}

/* Add j T to a point. */
static inline void torsion_add(uint8_t point[32], int j)
{
    uint8_t small[32];

    torsion_point(small, j);
    ck_assert_int_eq(crypto_core_ed25519_add(point, point, small), 0);
}

/* h = SHA-512(R || A || M) mod ell. */
static inline void torsion_hash(uint8_t h[32], const uint8_t r[32],
    const uint8_t public_key[32], const uint8_t *msg, size_t len)
{
    crypto_hash_sha512_state state;
    uint8_t digest[64];

    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, r, 32);
    crypto_hash_sha512_update(&state, public_key, 32);
    crypto_hash_sha512_update(&state, msg, len);
    crypto_hash_sha512_final(&state, digest);
    crypto_core_ed25519_scalar_reduce(h, digest);
}

/* Sign as the owner of a secret key whose public key has `in_key` T added,
 * with R = r B + in_r T. r is such that the equation without the cofactor holds
 * if in_r is 0: h in_key is a multiple of 8. */
static inline void torsion_sign(uint8_t signature[64], const uint8_t *msg,
    size_t len, const uint8_t secret_key[64], int in_key, int in_r)
{
    uint8_t public_key[32], wide[64] = { 0 }, a[32], r[32], h[32], s[32];
    uint64_t state = len;

    memcpy(public_key, secret_key + 32, 32);
    torsion_add(public_key, in_key);
    ck_assert_int_eq(crypto_sign_ed25519_sk_to_curve25519(wide, secret_key),
        0);
    crypto_core_ed25519_scalar_reduce(a, wide);
    do {
        prng_bytes(&state, wide, sizeof wide);
        crypto_core_ed25519_scalar_reduce(r, wide);
        crypto_scalarmult_ed25519_base_noclamp(signature, r);
        torsion_add(signature, in_r);
        torsion_hash(h, signature, public_key, msg, len);
    } while (h[0] * in_key % 8 != 0);
    crypto_core_ed25519_scalar_mul(s, h, a);
    crypto_core_ed25519_scalar_add(signature + 32, r, s);
}

#endif
