/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hash.h"

#include <openssl/evp.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"

/* Bytes of a block of SHA-256, of a label, and of the longest text of hmac():
 * the previous block of output, the length fields, label, context, counter. */
#define BLOCK 64
#define LABEL_MAX 31
#define TEXT_MAX (32 + 5 + LABEL_MAX + SA_EXPAND_CONTEXT_MAX + 1)

_Static_assert(TEXT_MAX == SA_EXTRACT_MAX, "both bound the text of hmac()");

static secagg_err update(EVP_MD_CTX *ctx, const char *label,
    const sa_bytes *parts, size_t count)
{
    if (EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
        return SECAGG_ERR_CRYPTO;
    if (label != NULL && EVP_DigestUpdate(ctx, label, strlen(label) + 1) != 1)
        return SECAGG_ERR_CRYPTO;
    for (size_t i = 0; i < count; i++)
        if (parts[i].len > 0
            && EVP_DigestUpdate(ctx, parts[i].ptr, parts[i].len) != 1)
            return SECAGG_ERR_CRYPTO;
    return SECAGG_OK;
}

/* SHA-256 of the parts, after label || 00 unless the label is NULL. */
static secagg_err digest(uint8_t out[SECAGG_DIGEST_BYTES], const char *label,
    const sa_bytes *parts, size_t count)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    secagg_err err;

    if (ctx == NULL)
        return SECAGG_ERR_MEMORY;
    err = update(ctx, label, parts, count);
    if (err == SECAGG_OK && EVP_DigestFinal_ex(ctx, out, NULL) != 1)
        err = SECAGG_ERR_CRYPTO;
    EVP_MD_CTX_free(ctx); /* wipes its state */
    return err;
}

/* FIPS 180-4, section 6.2. */
secagg_err sa_sha256(uint8_t out[SECAGG_DIGEST_BYTES], const sa_bytes *parts,
    size_t count)
{
    return digest(out, NULL, parts, count);
}

/* PROTOCOL.md 3.1. */
secagg_err sa_hash(uint8_t out[SECAGG_DIGEST_BYTES], const char *label,
    const sa_bytes *parts, size_t count)
{
    return digest(out, label, parts, count);
}

/* ---- HMAC and HKDF ------------------------------------------------------ */

/* The key of HMAC with inner or outer padding (FIPS 198-1, section 4). */
static void pad_key(uint8_t out[BLOCK], const uint8_t key[SECAGG_SEED_BYTES],
    uint8_t pad)
{
    memset(out, pad, BLOCK);
    for (int i = 0; i < SECAGG_SEED_BYTES; i++)
        out[i] = (uint8_t)(out[i] ^ key[i]);
}

secagg_err sa_hmac(uint8_t out[SECAGG_DIGEST_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES], const sa_bytes parts[2])
{
    uint8_t padded[BLOCK], inner[SECAGG_DIGEST_BYTES];
    const sa_bytes in[] = { { padded, BLOCK }, parts[0], parts[1] };
    const sa_bytes outer[] = { { padded, BLOCK }, { inner, sizeof inner } };
    secagg_err err;

    pad_key(padded, key, 0x36);
    err = sa_sha256(inner, in, 3);
    pad_key(padded, key, 0x5c);
    if (err == SECAGG_OK)
        err = sa_sha256(out, outer, 2);
    sa_wipe(padded, sizeof padded);
    return err;
}

struct sa_expander {
    EVP_MD_CTX *ctx;
};

/* Fetch the digest once: OpenSSL would otherwise fetch it again for each hash,
 * which adds a third to its time. */
static secagg_err init(sa_expander *x)
{
    EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    secagg_err err = SECAGG_ERR_CRYPTO;

    x->ctx = EVP_MD_CTX_new();
    if (sha256 != NULL && x->ctx != NULL
        && EVP_DigestInit_ex2(x->ctx, sha256, NULL) == 1)
        err = SECAGG_OK;
    EVP_MD_free(sha256);
    return err;
}

secagg_err sa_expander_new(sa_expander **expander)
{
    sa_expander *x = sa_alloc(1, sizeof *x);
    secagg_err err;

    if (x == NULL)
        return SECAGG_ERR_MEMORY;
    err = init(x);
    if (err == SECAGG_OK)
        *expander = x;
    else
        sa_expander_free(x);
    return err;
}

void sa_expander_free(sa_expander *expander)
{
    if (expander == NULL)
        return;
    EVP_MD_CTX_free(expander->ctx); /* wipes its state */
    sa_free(expander);
}

static secagg_err hash(sa_expander *x, uint8_t out[SECAGG_DIGEST_BYTES],
    const uint8_t *bytes, size_t len)
{
    return EVP_DigestInit_ex2(x->ctx, NULL, NULL) == 1
        && EVP_DigestUpdate(x->ctx, bytes, len) == 1
        && EVP_DigestFinal_ex(x->ctx, out, NULL) == 1
        ? SECAGG_OK : SECAGG_ERR_CRYPTO;
}

/* HMAC-SHA-256 (FIPS 198-1, section 4) with a 32-byte key, of a text of at most
 * TEXT_MAX bytes. It hashes two buffers on the stack, which is several times
 * faster than sa_hmac() for texts of this length. */
static secagg_err hmac(sa_expander *x, uint8_t out[SECAGG_DIGEST_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES], const uint8_t *text, size_t len)
{
    uint8_t inner[BLOCK + TEXT_MAX], outer[BLOCK + SECAGG_DIGEST_BYTES];
    secagg_err err;

    if (len > TEXT_MAX)
        return SECAGG_ERR_ARG;
    pad_key(inner, key, 0x36);
    pad_key(outer, key, 0x5c);
    if (len > 0)
        memcpy(inner + BLOCK, text, len);
    err = hash(x, outer + BLOCK, inner, BLOCK + len);
    if (err == SECAGG_OK)
        err = hash(x, out, outer, sizeof outer);
    sa_wipe(inner, BLOCK + len);
    sa_wipe(outer, sizeof outer);
    return err;
}

/* RFC 5869, section 2.2. */
secagg_err sa_extract(uint8_t prk[SECAGG_SEED_BYTES],
    const uint8_t salt[SECAGG_DIGEST_BYTES], const uint8_t *ikm, size_t len)
{
    sa_expander *x;
    secagg_err err;

    SA_TRY(sa_expander_new(&x));
    err = hmac(x, prk, salt, ikm, len);
    sa_expander_free(x);
    return err;
}

/* Write the info of PROTOCOL.md 3.2: be16 len || u8 length || label || be16
 * length || context, and return its length in bytes. */
static size_t write_info(uint8_t *info, size_t len, const char *name,
    const uint8_t *context, size_t context_len)
{
    static const char prefix[] = "LSA1 ";
    const size_t prefix_len = sizeof prefix - 1, name_len = strlen(name);
    uint8_t *p = info;

    sa_put_be16(p, (uint16_t)len);
    p[2] = (uint8_t)(prefix_len + name_len);
    memcpy(p + 3, prefix, prefix_len);
    memcpy(p + 3 + prefix_len, name, name_len);
    p += 3 + prefix_len + name_len;
    sa_put_be16(p, (uint16_t)context_len);
    if (context_len > 0)
        memcpy(p + 2, context, context_len);
    return (size_t)(p - info) + 2 + context_len;
}

/* RFC 5869, section 2.3: T(i) = HMAC(prk, T(i - 1) || info || i). */
secagg_err sa_expander_run(sa_expander *expander, uint8_t *out, size_t len,
    const uint8_t prk[SECAGG_SEED_BYTES], const char *name,
    const uint8_t *context, size_t context_len)
{
    uint8_t text[TEXT_MAX], block[SECAGG_DIGEST_BYTES];
    size_t info_len, done = 0;
    secagg_err err = SECAGG_OK;

    if (len > SA_EXPAND_MAX || context_len > SA_EXPAND_CONTEXT_MAX
        || strlen(name) > LABEL_MAX - 5)
        return SECAGG_ERR_ARG;
    info_len = write_info(text + sizeof block, len, name, context,
        context_len);
    for (uint8_t i = 1; done < len; i++) {
        const size_t skip = i == 1 ? sizeof block : 0; /* T(0) is empty */
        const size_t n = len - done < sizeof block ? len - done
                                                   : sizeof block;
        text[sizeof block + info_len] = i;
        err = hmac(expander, block, prk, text + skip,
            sizeof block - skip + info_len + 1);
        if (err != SECAGG_OK)
            break;
        memcpy(text, block, sizeof block);
        memcpy(out + done, block, n);
        done += n;
    }
    sa_wipe(text, sizeof block + info_len + 1);
    sa_wipe(block, sizeof block);
    return err;
}

secagg_err sa_expand(uint8_t *out, size_t len,
    const uint8_t prk[SECAGG_SEED_BYTES], const char *name,
    const uint8_t *context, size_t context_len)
{
    sa_expander *x;
    secagg_err err;

    SA_TRY(sa_expander_new(&x));
    err = sa_expander_run(x, out, len, prk, name, context, context_len);
    sa_expander_free(x);
    return err;
}
