/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/share_seal.h"

#include <sodium.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/scalar.h"

#define AD_BYTES (SECAGG_DIGEST_BYTES + 8 + 1 + 4 + 4)

static const uint8_t nonce[crypto_aead_chacha20poly1305_IETF_NPUBBYTES];

/* Associated data: H_ros || be64 round || u8 kind || be32 dealer ||
 * be32 holder. */
static void write_ad(uint8_t ad[AD_BYTES], const sa_share_id *id)
{
    memcpy(ad, id->roster, SECAGG_DIGEST_BYTES);
    sa_put_be64(ad + 32, id->round);
    ad[40] = (uint8_t)id->kind;
    sa_put_be32(ad + 41, id->dealer);
    sa_put_be32(ad + 45, id->holder);
}

/* PROTOCOL.md 3.8; RFC 8439, section 2.8. */
secagg_err sa_share_seal(uint8_t sealed[SA_SEALED_SHARE_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES], const sa_share_id *id,
    const uint8_t share[SECAGG_SEED_BYTES])
{
    uint8_t ad[AD_BYTES];

    write_ad(ad, id);
    return crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, share,
               SECAGG_SEED_BYTES, ad, sizeof ad, NULL, nonce, key) == 0
        ? SECAGG_OK : SECAGG_ERR_CRYPTO;
}

secagg_err sa_share_open(uint8_t share[SECAGG_SEED_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES], const sa_share_id *id,
    const uint8_t sealed[SA_SEALED_SHARE_BYTES])
{
    uint8_t ad[AD_BYTES], opened[SECAGG_SEED_BYTES];
    secagg_err err = SECAGG_ERR_AUTH;
    sa_sc scalar = { { 0 } };
    bool authentic;

    write_ad(ad, id);
    authentic = crypto_aead_chacha20poly1305_ietf_decrypt(opened, NULL, NULL,
        sealed, SA_SEALED_SHARE_BYTES, ad, sizeof ad, nonce, key) == 0;
    sa_declassify(&authentic, sizeof authentic);
    if (authentic && sa_sc_decode(&scalar, opened)) {
        memcpy(share, opened, sizeof opened);
        err = SECAGG_OK;
    }
    sa_wipe(opened, sizeof opened);
    sa_wipe(&scalar, sizeof scalar);
    return err;
}
