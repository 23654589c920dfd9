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

/* RFC 8032, 5.1.7 is strict with a canonical encoding of any point but those
 * of small order. Keys outside of the group of prime order are refused too,
 * since verifiers differ on them and nobody who follows 5.1.5 has one. */
bool sa_ed25519_valid(const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    return crypto_core_ed25519_is_valid_point(public_key) == 1;
}

bool sa_ed25519_is_pair(const uint8_t secret_key[SECAGG_SECRETKEY_BYTES])
{
    uint8_t public_key[SECAGG_PUBLIC_BYTES];
    uint8_t again[SECAGG_SECRETKEY_BYTES];
    const bool made = crypto_sign_seed_keypair(public_key, again, secret_key)
        == 0;

    sa_wipe(again, sizeof again);
    return made && sa_ct_equal(public_key, secret_key + crypto_sign_SEEDBYTES,
        sizeof public_key);
}

/* RFC 8032, section 5.1.6. */
secagg_err sa_ed25519_sign(uint8_t signature[SECAGG_SIGNATURE_BYTES],
    const uint8_t *msg, size_t len,
    const uint8_t secret_key[SECAGG_SECRETKEY_BYTES])
{
    return crypto_sign_detached(signature, NULL, msg, len, secret_key) == 0
        ? SECAGG_OK : SECAGG_ERR_CRYPTO;
}

/* RFC 8032, section 5.1.7, with S < L and no key of small order. */
secagg_err sa_ed25519_verify(const uint8_t signature[SECAGG_SIGNATURE_BYTES],
    const uint8_t *msg, size_t len,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    return crypto_sign_verify_detached(signature, msg, len, public_key) == 0
        ? SECAGG_OK : SECAGG_ERR_AUTH;
}
