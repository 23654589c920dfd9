/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ed25519.h"

#include <sodium.h>
#include <string.h>

#include "core/mem.h"
#include "crypto/random.h"

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

/* RFC 8032, section 5.1.7. All versions of libsodium require S < ell. Up to
 * 1.0.18 they compare R with [S] B - [h] A, and later versions compare 8 times
 * these points. Under a valid key [S] B - [h] A has order ell or 1. If R has
 * order ell, too, then their difference has order ell or 1, and 8 times it is
 * the identity only if it is the identity itself: the two equations agree
 * (PROTOCOL.md 3.5). */
secagg_err sa_ed25519_verify(const uint8_t signature[SECAGG_SIGNATURE_BYTES],
    const uint8_t *msg, size_t len,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    return crypto_sign_verify_detached(signature, msg, len, public_key) == 0
            && has_order_ell(signature)
        ? SECAGG_OK : SECAGG_ERR_AUTH;
}
