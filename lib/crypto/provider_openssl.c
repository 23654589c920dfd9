/* SPDX-License-Identifier: Apache-2.0 */
/* provider_openssl: SHA-256, ciphers and random bytes of OpenSSL. The only
 * module that calls it.
 *
 * OpenSSL has a life cycle. It initialises itself at its first use, and it
 * releases everything at exit, when other threads and exit handlers may still
 * run. enter() detects both a use after that and a first use that found no
 * memory; OpenSSL would crash in either case, and never recovers. It cannot
 * detect that another thread ends the process during a call. */
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/provider.h"

/* ---- the host's state --------------------------------------------------- */

/* Enough for anything that OpenSSL allocates for one algorithm. */
#define PROBE_BYTES 65536

static secagg_err memory_or(secagg_err failure)
{
    void *probe = OPENSSL_malloc(PROBE_BYTES);

    OPENSSL_free(probe);
    return probe != NULL ? failure : SECAGG_ERR_MEMORY;
}

static void leave(int saved)
{
    (void)ERR_pop_to_mark();
    errno = saved;
}

/* Save the host's errno and mark the end of its queue of errors, which needs no
 * mark if it is empty. leave() must follow, unless this returns an error:
 * OpenSSL cannot be called. */
static secagg_err enter(int *saved)
{
    if (OPENSSL_init_crypto(0, NULL) != 1)
        return memory_or(SECAGG_ERR_CRYPTO);
    *saved = errno;
    (void)ERR_set_mark();
    if (OSSL_LIB_CTX_get0_global_default() != NULL)
        return SECAGG_OK;
    leave(*saved);
    return memory_or(SECAGG_ERR_CRYPTO);
}

/* Drop the errors that were queued since enter(), and mark the end anew. The
 * queue has 16 places: more errors would push out the host's, and the mark. */
static void drop_errors(void)
{
    (void)ERR_pop_to_mark();
    (void)ERR_set_mark();
}

/* Call attempt(object) once or twice; `failure` is the error if it fails.
 * OpenSSL does not tell whether it lacks memory or an algorithm: it finds no
 * algorithm without memory. If the second attempt fails although there is
 * memory, the algorithm is missing. */
static secagg_err try_twice(bool (*attempt)(void *), void *object,
    secagg_err failure)
{
    if (attempt(object))
        return SECAGG_OK;
    drop_errors();
    if (memory_or(failure) != failure)
        return SECAGG_ERR_MEMORY;
    return attempt(object) ? SECAGG_OK : failure;
}

/* ---- SHA-256 ------------------------------------------------------------ */

struct sa_digest {
    EVP_MD_CTX *ctx;
    int saved; /* the host's errno */
};

/* Fetch the algorithm once. OpenSSL would otherwise fetch it for each hash,
 * which adds a third to its time. */
static bool make_digest(void *object)
{
    sa_digest *d = object;
    EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    bool made;

    d->ctx = EVP_MD_CTX_new();
    made = sha256 != NULL && d->ctx != NULL
        && EVP_DigestInit_ex2(d->ctx, sha256, NULL) == 1;
    EVP_MD_free(sha256);
    if (!made) {
        EVP_MD_CTX_free(d->ctx);
        d->ctx = NULL;
    }
    return made;
}

secagg_err sa_digest_new(sa_digest **digest)
{
    sa_digest *d = sa_alloc(1, sizeof *d);
    secagg_err err;

    if (d == NULL)
        return SECAGG_ERR_MEMORY;
    err = enter(&d->saved);
    if (err == SECAGG_OK) {
        err = try_twice(make_digest, d, SECAGG_ERR_CRYPTO);
        if (err == SECAGG_OK) {
            *digest = d;
            return SECAGG_OK;
        }
        leave(d->saved);
    }
    sa_free(d);
    return err;
}

void sa_digest_free(sa_digest *digest)
{
    if (digest == NULL)
        return;
    EVP_MD_CTX_free(digest->ctx); /* wipes its state */
    leave(digest->saved);
    sa_free(digest);
}

static bool hash(EVP_MD_CTX *ctx, uint8_t out[SECAGG_DIGEST_BYTES],
    const char *label, const sa_bytes *parts, size_t count)
{
    if (EVP_DigestInit_ex2(ctx, NULL, NULL) != 1)
        return false;
    if (label != NULL && EVP_DigestUpdate(ctx, label, strlen(label) + 1) != 1)
        return false;
    for (size_t i = 0; i < count; i++)
        if (parts[i].len > 0
            && EVP_DigestUpdate(ctx, parts[i].ptr, parts[i].len) != 1)
            return false;
    return EVP_DigestFinal_ex(ctx, out, NULL) == 1;
}

/* The same with libsodium, which allocates nothing. */
static void hash_without_memory(uint8_t out[SECAGG_DIGEST_BYTES],
    const char *label, const sa_bytes *parts, size_t count)
{
    crypto_hash_sha256_state state;

    (void)crypto_hash_sha256_init(&state);
    if (label != NULL)
        (void)crypto_hash_sha256_update(&state, (const uint8_t *)label,
            strlen(label) + 1);
    for (size_t i = 0; i < count; i++)
        if (parts[i].len > 0)
            (void)crypto_hash_sha256_update(&state, parts[i].ptr,
                parts[i].len);
    (void)crypto_hash_sha256_final(&state, out);
    sa_wipe(&state, sizeof state);
}

/* OpenSSL 3 allocates for each hash. Where that fails, many callers could not
 * undo what they have done so far. */
secagg_err sa_digest_run(sa_digest *digest, uint8_t out[SECAGG_DIGEST_BYTES],
    const char *label, const sa_bytes *parts, size_t count)
{
    bool no_memory;

    if (hash(digest->ctx, out, label, parts, count))
        return SECAGG_OK;
    no_memory = memory_or(SECAGG_ERR_CRYPTO) == SECAGG_ERR_MEMORY;
    drop_errors();
    if (no_memory) {
        hash_without_memory(out, label, parts, count);
        return SECAGG_OK;
    }
    return hash(digest->ctx, out, label, parts, count) ? SECAGG_OK
                                                       : SECAGG_ERR_CRYPTO;
}

/* ---- keystreams --------------------------------------------------------- */

#define CHUNK_MAX ((size_t)1 << 30) /* OpenSSL takes lengths as int */

/* What differs between the ciphers. */
typedef struct cipher_info {
    const char *name; /* in OpenSSL */
    /* Write OpenSSL's 16-byte IV, which starts the keystream at `offset`. */
    void (*write_iv)(uint8_t iv[16], const uint8_t nonce[SA_STREAM_NONCE],
        uint64_t offset);
} cipher_info;

struct sa_stream {
    EVP_CIPHER_CTX *ctx;
    const cipher_info *info;
};

/* The first counter block: nonce || be32 index of the 16-byte block
 * (SP 800-38A, 6.5). */
static void write_aes_iv(uint8_t iv[16], const uint8_t nonce[SA_STREAM_NONCE],
    uint64_t offset)
{
    memcpy(iv, nonce, SA_STREAM_NONCE);
    sa_put_be32(iv + SA_STREAM_NONCE, (uint32_t)(offset / 16));
}

/* le32 index of the 64-byte block || nonce (RFC 8439, 2.3). */
static void write_chacha20_iv(uint8_t iv[16],
    const uint8_t nonce[SA_STREAM_NONCE], uint64_t offset)
{
    sa_put_le32(iv, (uint32_t)(offset / 64));
    memcpy(iv + 4, nonce, SA_STREAM_NONCE);
}

/* Returns NULL for a value that is no cipher. */
static const cipher_info *info_of(sa_cipher cipher)
{
    static const cipher_info aes = { "AES-128-CTR", write_aes_iv };
    static const cipher_info chacha20 = { "ChaCha20", write_chacha20_iv };

    switch (cipher) {
    case SA_AES_128_CTR: return &aes;
    case SA_CHACHA20: return &chacha20;
    }
    return NULL;
}

/* Fetch the cipher once: setting a key without a cipher allocates nothing. */
static bool make_stream(void *object)
{
    sa_stream *s = object;
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, s->info->name, NULL);
    bool made;

    s->ctx = EVP_CIPHER_CTX_new();
    made = cipher != NULL && s->ctx != NULL
        && EVP_EncryptInit_ex2(s->ctx, cipher, NULL, NULL, NULL) == 1;
    EVP_CIPHER_free(cipher);
    if (!made) {
        EVP_CIPHER_CTX_free(s->ctx);
        s->ctx = NULL;
    }
    return made;
}

secagg_err sa_stream_new(sa_stream **stream, sa_cipher cipher)
{
    sa_stream *s;
    secagg_err err;
    int saved;

    if (info_of(cipher) == NULL)
        return SECAGG_ERR_ARG;
    s = sa_alloc(1, sizeof *s);
    if (s == NULL)
        return SECAGG_ERR_MEMORY;
    s->info = info_of(cipher);
    err = enter(&saved);
    if (err == SECAGG_OK) {
        err = try_twice(make_stream, s, SECAGG_ERR_CRYPTO);
        leave(saved);
    }
    if (err == SECAGG_OK)
        *stream = s;
    else
        sa_free(s);
    return err;
}

void sa_stream_free(sa_stream *stream)
{
    if (stream == NULL)
        return;
    EVP_CIPHER_CTX_free(stream->ctx); /* wipes its key schedule */
    sa_free(stream);
}

/* The keystream is the encryption of zeros. */
static bool encrypt(EVP_CIPHER_CTX *ctx, uint8_t *out, size_t len)
{
    memset(out, 0, len);
    for (size_t done = 0; done < len;) {
        const size_t n = len - done < CHUNK_MAX ? len - done : CHUNK_MAX;
        int written;
        if (EVP_EncryptUpdate(ctx, out + done, &written, out + done, (int)n)
            != 1)
            return false;
        done += n;
    }
    return true;
}

secagg_err sa_stream_read(sa_stream *stream, const uint8_t *key,
    const uint8_t nonce[SA_STREAM_NONCE], uint64_t offset, uint8_t *out,
    size_t len)
{
    uint8_t iv[16];
    bool good;
    int saved;

    SA_TRY(enter(&saved));
    stream->info->write_iv(iv, nonce, offset);
    good = EVP_EncryptInit_ex2(stream->ctx, NULL, key, iv, NULL) == 1
        && encrypt(stream->ctx, out, len);
    leave(saved);
    return good ? SECAGG_OK : SECAGG_ERR_CRYPTO;
}

/* ---- random bytes ------------------------------------------------------- */

typedef struct buffer {
    uint8_t *ptr;
    int len;
} buffer;

static bool draw(void *object)
{
    const buffer *b = object;

    return RAND_priv_bytes(b->ptr, b->len) == 1;
}

secagg_err sa_provider_random(uint8_t *out, size_t len)
{
    buffer b = { out, (int)len };
    secagg_err err;
    int saved;

    err = enter(&saved);
    if (err != SECAGG_OK)
        return err == SECAGG_ERR_MEMORY ? err : SECAGG_ERR_RANDOM;
    err = try_twice(draw, &b, SECAGG_ERR_RANDOM);
    leave(saved);
    return err;
}

/* ---- what is there ------------------------------------------------------ */

static secagg_err check_digest(void)
{
    sa_digest *digest;

    SA_TRY(sa_digest_new(&digest));
    sa_digest_free(digest);
    return SECAGG_OK;
}

static secagg_err check_stream(sa_cipher cipher)
{
    sa_stream *stream;

    SA_TRY(sa_stream_new(&stream, cipher));
    sa_stream_free(stream);
    return SECAGG_OK;
}

static secagg_err check_usable(void)
{
    int saved;

    SA_TRY(enter(&saved));
    leave(saved);
    return SECAGG_OK;
}

secagg_err sa_provider_check(sa_cipher cipher, char reason[SA_PROVIDER_REASON])
{
    const char *missing = NULL;
    secagg_err err = check_usable();

    reason[0] = '\0';
    if (err == SECAGG_ERR_CRYPTO)
        (void)snprintf(reason, SA_PROVIDER_REASON, "OpenSSL cannot be used: it "
            "was cleaned up at exit, or its first use found no memory");
    if (err != SECAGG_OK)
        return err;
    if ((err = check_digest()) != SECAGG_OK)
        missing = "SHA-256";
    else if ((err = check_stream(SA_CHACHA20)) != SECAGG_OK)
        missing = "ChaCha20";
    else if ((err = check_stream(cipher)) != SECAGG_OK)
        missing = info_of(cipher)->name;
    if (err == SECAGG_ERR_CRYPTO)
        (void)snprintf(reason, SA_PROVIDER_REASON, "OpenSSL offers no %s: its "
            "configuration loads no provider that has it, or asks for "
            "properties like fips=yes", missing);
    return err;
}
