/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keystream.h"

#include <openssl/evp.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"

#define NONCE 12
#define KEYSTREAM_MAX ((uint64_t)1 << 36)
#define CHUNK_MAX ((size_t)1 << 30) /* OpenSSL takes lengths as int */

/* What differs between the ciphers. */
typedef struct cipher_info {
    const char *name; /* in OpenSSL */
    size_t key_len;   /* bytes, without the nonce */
    /* Write OpenSSL's 16-byte IV, which starts the keystream at `offset`. */
    void (*write_iv)(uint8_t iv[16], const uint8_t nonce[NONCE],
        uint64_t offset);
} cipher_info;

struct sa_keystream {
    EVP_CIPHER_CTX *ctx;
    const cipher_info *info;
    uint8_t key[SA_KEYSTREAM_KEY_MAX];
};

/* ---- ciphers (PROTOCOL.md 3.4) ------------------------------------------ */

/* The first counter block: nonce || be32 index of the 16-byte block
 * (SP 800-38A, 6.5). */
static void write_aes_iv(uint8_t iv[16], const uint8_t nonce[NONCE],
    uint64_t offset)
{
    memcpy(iv, nonce, NONCE);
    sa_put_be32(iv + NONCE, (uint32_t)(offset / 16));
}

/* le32 index of the 64-byte block || nonce (RFC 8439, 2.3). */
static void write_chacha20_iv(uint8_t iv[16], const uint8_t nonce[NONCE],
    uint64_t offset)
{
    sa_put_le32(iv, (uint32_t)(offset / 64));
    memcpy(iv + 4, nonce, NONCE);
}

/* Returns NULL for a value that is no cipher. */
static const cipher_info *info_of(sa_cipher cipher)
{
    static const cipher_info aes = { "AES-128-CTR", 16, write_aes_iv };
    static const cipher_info chacha20 = { "ChaCha20", 32, write_chacha20_iv };

    switch (cipher) {
    case SA_AES_128_CTR: return &aes;
    case SA_CHACHA20: return &chacha20;
    }
    return NULL;
}

size_t sa_keystream_key_bytes(sa_cipher cipher)
{
    const cipher_info *info = info_of(cipher);

    return info != NULL ? info->key_len + NONCE : 0;
}

/* ---- contexts ----------------------------------------------------------- */

/* Fetch the cipher once: setting a key without a cipher allocates nothing. */
static secagg_err init(sa_keystream *ks)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, ks->info->name, NULL);
    secagg_err err = SECAGG_ERR_CRYPTO;

    ks->ctx = EVP_CIPHER_CTX_new();
    if (cipher != NULL && ks->ctx != NULL
        && EVP_EncryptInit_ex2(ks->ctx, cipher, NULL, NULL, NULL) == 1)
        err = SECAGG_OK;
    EVP_CIPHER_free(cipher);
    return err;
}

secagg_err sa_keystream_new(sa_keystream **keystream, sa_cipher cipher)
{
    const cipher_info *info = info_of(cipher);
    sa_keystream *ks;
    secagg_err err;

    if (info == NULL)
        return SECAGG_ERR_ARG;
    ks = sa_alloc(1, sizeof *ks);
    if (ks == NULL)
        return SECAGG_ERR_MEMORY;
    ks->info = info;
    err = init(ks);
    if (err == SECAGG_OK)
        *keystream = ks;
    else
        sa_keystream_free(ks);
    return err;
}

void sa_keystream_free(sa_keystream *keystream)
{
    if (keystream == NULL)
        return;
    EVP_CIPHER_CTX_free(keystream->ctx); /* wipes its key schedule */
    sa_free(keystream);
}

secagg_err sa_keystream_rekey(sa_keystream *keystream, const uint8_t *key)
{
    memcpy(keystream->key, key, keystream->info->key_len + NONCE);
    return SECAGG_OK;
}

/* Pass OpenSSL the key and the position. */
static secagg_err seek(sa_keystream *ks, uint64_t offset)
{
    uint8_t iv[16];

    ks->info->write_iv(iv, ks->key + ks->info->key_len, offset);
    return EVP_EncryptInit_ex2(ks->ctx, NULL, ks->key, iv, NULL) == 1
        ? SECAGG_OK : SECAGG_ERR_CRYPTO;
}

secagg_err sa_keystream_read(
    sa_keystream *keystream, uint64_t offset, uint8_t *out, size_t len)
{
    if (offset % 64 != 0 || offset > KEYSTREAM_MAX
        || len > KEYSTREAM_MAX - offset)
        return SECAGG_ERR_ARG;
    if (len == 0)
        return SECAGG_OK;
    SA_TRY(seek(keystream, offset));
    memset(out, 0, len); /* the keystream is the encryption of zeros */
    for (size_t done = 0; done < len;) {
        const size_t n = len - done < CHUNK_MAX ? len - done : CHUNK_MAX;
        int written;
        if (EVP_EncryptUpdate(keystream->ctx, out + done, &written, out + done,
                (int)n) != 1)
            return SECAGG_ERR_CRYPTO;
        done += n;
    }
    return SECAGG_OK;
}
