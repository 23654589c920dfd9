/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/state_seal.h"

#include <sodium.h>
#include <string.h>

#include "core/mem.h"
#include "crypto/hash.h"

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

/* The nonce is HMAC-SHA-256 of the state (FIPS 198-1), truncated to 24
 * bytes. */
static secagg_err make_nonce(uint8_t nonce[NONCE], const uint8_t *state,
    size_t len, const uint8_t key[SECAGG_SEED_BYTES])
{
    crypto_auth_hmacsha256_state hmac;
    uint8_t derived[SECAGG_SEED_BYTES], tag[crypto_auth_hmacsha256_BYTES];

    SA_TRY(sa_expand(derived, sizeof derived, key, "save nonce", NULL, 0));
    crypto_auth_hmacsha256_init(&hmac, derived, sizeof derived);
    crypto_auth_hmacsha256_update(&hmac, state, len);
    crypto_auth_hmacsha256_final(&hmac, tag);
    memcpy(nonce, tag, NONCE);
    sa_wipe(derived, sizeof derived);
    sa_wipe(&hmac, sizeof hmac);
    return SECAGG_OK;
}

secagg_err sa_state_seal(uint8_t *sealed, const uint8_t *state, size_t len,
    const uint8_t key[SECAGG_SEED_BYTES])
{
    uint8_t derived[SECAGG_SEED_BYTES], nonce[NONCE];
    secagg_err err = make_nonce(nonce, state, len, key);

    if (err == SECAGG_OK)
        err = sa_expand(derived, sizeof derived, key, "save key", NULL, 0);
    if (err == SECAGG_OK
        && crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE, NULL,
            state, len, NULL, 0, NULL, nonce, derived) != 0)
        err = SECAGG_ERR_CRYPTO;
    if (err == SECAGG_OK)
        memcpy(sealed, nonce, NONCE);
    sa_wipe(derived, sizeof derived);
    return err;
}

secagg_err sa_state_open(uint8_t *state, const uint8_t *sealed, size_t len,
    const uint8_t key[SECAGG_SEED_BYTES])
{
    uint8_t derived[SECAGG_SEED_BYTES];
    secagg_err err;

    err = sa_expand(derived, sizeof derived, key, "save key", NULL, 0);
    if (err == SECAGG_OK
        && crypto_aead_xchacha20poly1305_ietf_decrypt(state, NULL, NULL,
            sealed + NONCE, len - NONCE, NULL, 0, sealed, derived) != 0)
        err = SECAGG_ERR_AUTH;
    sa_wipe(derived, sizeof derived);
    return err;
}
