/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ed25519.h"

#include <sodium.h>

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

/* This also rejects points of small order and points outside the group of prime
 * order, which RFC 8032, 5.1.7, accepts: verifiers differ on signatures under
 * such keys, and key generation (5.1.5) never produces one. */
bool sa_ed25519_valid(const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    return crypto_core_ed25519_is_valid_point(public_key) == 1;
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

/* RFC 8032, section 5.1.7, with S < ell and no key of small order. */
secagg_err sa_ed25519_verify(const uint8_t signature[SECAGG_SIGNATURE_BYTES],
    const uint8_t *msg, size_t len,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    return crypto_sign_verify_detached(signature, msg, len, public_key) == 0
        ? SECAGG_OK : SECAGG_ERR_AUTH;
}
