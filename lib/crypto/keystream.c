/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keystream.h"

#include <secagg/params.h>
#include <openssl/evp.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"

#define NONCE 12
#define KEYSTREAM_MAX ((uint64_t)1 << 36)
#define PIECE ((size_t)1 << 30) /* OpenSSL counts in int */

struct sa_keystream {
    EVP_CIPHER_CTX *ctx;
    uint32_t suite;
    uint8_t key[SA_KEYSTREAM_KEY_MAX];
};

/* The suites (PROTOCOL.md 3.4). */
size_t sa_keystream_key_bytes(uint32_t suite)
{
    switch (suite) {
    case SECAGG_SUITE_AES: return 16 + NONCE;
    case SECAGG_SUITE_CHACHA: return 32 + NONCE;
    default: return 0;
    }
}

/* Fetch the cipher once: re-keying with no cipher allocates nothing. */
static secagg_err start(sa_keystream *prg)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL,
        prg->suite == SECAGG_SUITE_AES ? "AES-128-CTR" : "ChaCha20", NULL);
    secagg_err err = SECAGG_ERR_CRYPTO;

    prg->ctx = EVP_CIPHER_CTX_new();
    if (cipher != NULL && prg->ctx != NULL
        && EVP_EncryptInit_ex2(prg->ctx, cipher, NULL, NULL, NULL) == 1)
        err = SECAGG_OK;
    EVP_CIPHER_free(cipher);
    return err;
}

secagg_err sa_keystream_new(sa_keystream **prg, uint32_t suite)
{
    sa_keystream *p;
    secagg_err err;

    if (sa_keystream_key_bytes(suite) == 0)
        return SECAGG_ERR_ARG;
    p = sa_alloc(1, sizeof *p);
    if (p == NULL)
        return SECAGG_ERR_MEMORY;
    p->suite = suite;
    err = start(p);
    if (err == SECAGG_OK)
        *prg = p;
    else
        sa_keystream_free(p);
    return err;
}

void sa_keystream_free(sa_keystream *prg)
{
    if (prg == NULL)
        return;
    EVP_CIPHER_CTX_free(prg->ctx); /* wipes its key schedule */
    sa_free(prg);
}

secagg_err sa_keystream_rekey(sa_keystream *prg, const uint8_t *key)
{
    memcpy(prg->key, key, sa_keystream_key_bytes(prg->suite));
    return SECAGG_OK;
}

/* Key, and seek to a multiple of 64. AES: counter block nonce || be32 of
 * 16-byte blocks (SP 800-38A, 6.5). ChaCha20: OpenSSL's sixteen bytes are the
 * 32-bit counter of 64-byte blocks, little-endian, then the nonce (RFC 8439,
 * 2.3). */
static secagg_err seek(sa_keystream *prg, uint64_t offset)
{
    const size_t secret = sa_keystream_key_bytes(prg->suite) - NONCE;
    uint8_t iv[16];

    if (prg->suite == SECAGG_SUITE_AES) {
        memcpy(iv, prg->key + secret, NONCE);
        sa_put_be32(iv + NONCE, (uint32_t)(offset / 16));
    } else {
        sa_put_le32(iv, (uint32_t)(offset / 64));
        memcpy(iv + 4, prg->key + secret, NONCE);
    }
    return EVP_EncryptInit_ex2(prg->ctx, NULL, prg->key, iv, NULL) == 1
        ? SECAGG_OK : SECAGG_ERR_CRYPTO;
}

secagg_err sa_keystream_read(
    sa_keystream *prg, uint64_t offset, uint8_t *out, size_t len)
{
    if (offset % 64 != 0 || offset > KEYSTREAM_MAX
        || len > KEYSTREAM_MAX - offset)
        return SECAGG_ERR_ARG;
    if (len == 0)
        return SECAGG_OK;
    SA_TRY(seek(prg, offset));
    memset(out, 0, len);
    for (size_t done = 0; done < len;) {
        const size_t take = len - done < PIECE ? len - done : PIECE;
        int made;
        if (EVP_EncryptUpdate(prg->ctx, out + done, &made, out + done,
                (int)take) != 1)
            return SECAGG_ERR_CRYPTO;
        done += take;
    }
    return SECAGG_OK;
}
