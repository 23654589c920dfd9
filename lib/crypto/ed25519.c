/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ed25519.h"

#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

#include "core/mem.h"
#include "core/random.h"

secagg_err secagg_keypair(uint8_t public_key[SECAGG_PUBLIC_BYTES],
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES])
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    secagg_err err = SECAGG_OK;

    SA_TRY(sa_init());
    SA_TRY(sa_random(seed, sizeof seed));
    if (crypto_sign_seed_keypair(public_key, secret_key, seed) != 0)
        err = SECAGG_ERR_CRYPTO;
    sa_wipe(seed, sizeof seed);
    return err;
}

/* Returns whether 32 bytes are the canonical encoding of a point of order ell.
 *
 * Any point is P = A + T, where A has order ell or 1, and the order of T
 * divides 8. [ell + 1] P = A + [ell + 1] T equals P if and only if [ell] T is
 * the identity, which means that T is, because ell is odd. The encoding that
 * libsodium returns is canonical, and it returns none for the identity. So one
 * comparison proves all of PROTOCOL.md 3.5, no matter what libsodium tests:
 * crypto_core_ed25519_is_valid_point() accepts points of order 2 ell where
 * CVE-2025-69277 is not fixed. libsodium does not reduce this scalar. */
static bool has_order_ell(const uint8_t point[32])
{
    static const uint8_t ell_plus_1[32] = { 0xee, 0xd3, 0xf5, 0x5c, 0x1a, 0x63,
        0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
        [31] = 0x10 };
    uint8_t multiple[32];

    return crypto_scalarmult_ed25519_noclamp(multiple, ell_plus_1, point) == 0
        && memcmp(multiple, point, sizeof multiple) == 0; /* public */
}

bool sa_ed25519_valid(const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    return has_order_ell(public_key);
}

bool sa_ed25519_is_pair(const uint8_t secret_key[SECAGG_SECRETKEY_BYTES])
{
    uint8_t public_key[SECAGG_PUBLIC_BYTES];
    uint8_t derived[SECAGG_SECRETKEY_BYTES];
    const int failed = crypto_sign_seed_keypair(public_key, derived,
        secret_key);

    sa_wipe(derived, sizeof derived);
    return failed == 0 && sa_ct_equal(public_key,
        secret_key + crypto_sign_SEEDBYTES, sizeof public_key);
}

/* RFC 8032, section 5.1.6. */
secagg_err sa_ed25519_sign(uint8_t signature[SECAGG_SIGNATURE_BYTES],
    const uint8_t *msg, size_t len,
    const uint8_t secret_key[SECAGG_SECRETKEY_BYTES])
{
    return crypto_sign_detached(signature, NULL, msg, len, secret_key) == 0
        ? SECAGG_OK : SECAGG_ERR_CRYPTO;
}

/* Returns whether this libsodium accepts a signature that the equation with the
 * cofactor accepts and the one without does not: the key is the base point B,
 * whose secret scalar is 1, R is B + (0, -1), where (0, -1) has order 2, and S
 * is 1 + h. The message is empty. */
static bool uses_cofactor(void)
{
    uint8_t key[32], signature[64], h[64], hashed[64];
    static const uint8_t one[32] = { 1 };

    memset(key, 0x66, sizeof key);
    key[0] = 0x58;
    memset(signature, 0x99, 32); /* -B = (-x, y), so R is (-x, -y) */
    signature[0] = 0x95;
    memcpy(hashed, signature, 32);
    memcpy(hashed + 32, key, 32);
    if (crypto_hash_sha512(h, hashed, sizeof hashed) != 0)
        return true; /* unknown, so that R is tested */
    crypto_core_ed25519_scalar_reduce(signature + 32, h);
    crypto_core_ed25519_scalar_add(signature + 32, signature + 32, one);
    return crypto_sign_verify_detached(signature, NULL, 0, key) == 0;
}

/* Returns the same. Threads may find it out twice, with one result. */
static bool verifies_with_cofactor(void)
{
    enum { UNKNOWN, WITHOUT, WITH };
    static atomic_int known = UNKNOWN;

    if (atomic_load_explicit(&known, memory_order_relaxed) == UNKNOWN)
        atomic_store_explicit(&known, uses_cofactor() ? WITH : WITHOUT,
            memory_order_relaxed);
    return atomic_load_explicit(&known, memory_order_relaxed) == WITH;
}

/* RFC 8032, section 5.1.7. All versions of libsodium require S < ell. Up to
 * 1.0.18 they compare the bytes of R with those of [S] B - [h] A, which has
 * order ell or 1 under a valid key. Later versions compare 8 times these
 * points. If R has order ell, too, then their difference has order ell or 1,
 * and 8 times it is the identity only if it is the identity itself: the two
 * equations agree (PROTOCOL.md 3.5). To test the order of R takes twice as long
 * as to verify, so it is done only where it is needed. */
secagg_err sa_ed25519_verify(const uint8_t signature[SECAGG_SIGNATURE_BYTES],
    const uint8_t *msg, size_t len,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    static const uint8_t identity[32] = { 1 };

    return crypto_sign_verify_detached(signature, msg, len, public_key) == 0
            && memcmp(signature, identity, sizeof identity) != 0 /* public */
            && (!verifies_with_cofactor() || has_order_ell(signature))
        ? SECAGG_OK : SECAGG_ERR_AUTH;
}
