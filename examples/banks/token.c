/* SPDX-License-Identifier: Apache-2.0 */
#include "banks/token.h"

#include <openssl/evp.h>
#include <string.h>

/* What the consortium signs: the label with its zero byte, and three fields. */
#define LABEL "libsecagg example token"
#define BANK_AT sizeof LABEL
#define ROUND_AT (BANK_AT + 4)
#define KEY_AT (ROUND_AT + 8)
#define TEXT_BYTES (KEY_AT + SECAGG_PUBLIC_BYTES)

#define SEED_BYTES 32 /* the first half of a secret key */

static void write_be(uint8_t *at, uint64_t x, size_t bytes)
{
    for (size_t i = bytes; i-- > 0; x >>= 8)
        at[i] = (uint8_t)(x & 255);
}

static uint64_t read_be64(const uint8_t *at)
{
    uint64_t x = 0;
    for (size_t i = 0; i < 8; i++)
        x = x << 8 | at[i];
    return x;
}

static void write_text(uint8_t text[TEXT_BYTES], uint32_t bank,
    uint64_t last_round, const uint8_t key[SECAGG_PUBLIC_BYTES])
{
    memcpy(text, LABEL, sizeof LABEL);
    write_be(text + BANK_AT, bank, 4);
    write_be(text + ROUND_AT, last_round, 8);
    memcpy(text + KEY_AT, key, SECAGG_PUBLIC_BYTES);
}

bool token_issue(uint8_t token[TOKEN_BYTES], const consortium *c,
    uint32_t bank, const uint8_t key[SECAGG_PUBLIC_BYTES], uint64_t last_round)
{
    uint8_t text[TEXT_BYTES];
    size_t len = SECAGG_SIGNATURE_BYTES;
    EVP_PKEY *secret = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
        c->secret_key, SEED_BYTES);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    write_text(text, bank, last_round, key);
    write_be(token, last_round, 8);
    bool good = secret != NULL && ctx != NULL
        && EVP_DigestSignInit(ctx, NULL, NULL, NULL, secret) == 1
        && EVP_DigestSign(ctx, token + 8, &len, text, sizeof text) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(secret);
    return good;
}

bool token_is_valid(const uint8_t *credential, size_t len,
    const uint8_t consortium_key[SECAGG_PUBLIC_BYTES], uint32_t bank,
    const uint8_t key[SECAGG_PUBLIC_BYTES], uint64_t round)
{
    uint8_t text[TEXT_BYTES];
    if (len != TOKEN_BYTES || read_be64(credential) < round)
        return false;
    EVP_PKEY *public = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
        consortium_key, SECAGG_PUBLIC_BYTES);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    write_text(text, bank, read_be64(credential), key);
    bool good = public != NULL && ctx != NULL
        && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, public) == 1
        && EVP_DigestVerify(ctx, credential + 8, SECAGG_SIGNATURE_BYTES, text,
               sizeof text) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(public);
    return good;
}
