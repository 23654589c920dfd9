/* SPDX-License-Identifier: Apache-2.0 */
/* provider_sodium: SHA-256 and ChaCha20 of libsodium, and random bytes of the
 * system. libsodium has no AES-128-CTR, so there is no suite 1. libsodium's own
 * random bytes end the process where the system has none. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/system_random.h"
#include "crypto/provider.h"

secagg_err sa_provider_check(sa_cipher cipher, char reason[SA_PROVIDER_REASON])
{
    reason[0] = '\0';
    if (cipher == SA_CHACHA20)
        return SECAGG_OK;
    (void)snprintf(reason, SA_PROVIDER_REASON, "suite 1 needs AES-128-CTR, "
        "which this build does not have: it uses libsodium alone and serves "
        "suite 2");
    return SECAGG_ERR_CRYPTO;
}

secagg_err sa_provider_random(uint8_t *out, size_t len)
{
    return sa_system_random(out, len) ? SECAGG_OK : SECAGG_ERR_RANDOM;
}

/* ---- SHA-256 ------------------------------------------------------------ */

struct sa_digest {
    crypto_hash_sha256_state state;
};

secagg_err sa_digest_new(sa_digest **digest)
{
    sa_digest *d = sa_alloc(1, sizeof *d);

    if (d == NULL)
        return SECAGG_ERR_MEMORY;
    *digest = d;
    return SECAGG_OK;
}

void sa_digest_free(sa_digest *digest)
{
    sa_free(digest);
}

secagg_err sa_digest_run(sa_digest *digest, uint8_t out[SECAGG_DIGEST_BYTES],
    const char *label, const sa_bytes *parts, size_t count)
{
    crypto_hash_sha256_state *state = &digest->state;

    (void)crypto_hash_sha256_init(state);
    if (label != NULL)
        (void)crypto_hash_sha256_update(state, (const uint8_t *)label,
            strlen(label) + 1);
    for (size_t i = 0; i < count; i++)
        if (parts[i].len > 0)
            (void)crypto_hash_sha256_update(state, parts[i].ptr, parts[i].len);
    (void)crypto_hash_sha256_final(state, out);
    return SECAGG_OK;
}

/* ---- keystreams --------------------------------------------------------- */

struct sa_stream {
    sa_cipher cipher;
};

secagg_err sa_stream_new(sa_stream **stream, sa_cipher cipher)
{
    sa_stream *s;

    if (cipher != SA_CHACHA20)
        return SECAGG_ERR_CRYPTO;
    s = sa_alloc(1, sizeof *s);
    if (s == NULL)
        return SECAGG_ERR_MEMORY;
    s->cipher = cipher;
    *stream = s;
    return SECAGG_OK;
}

void sa_stream_free(sa_stream *stream)
{
    sa_free(stream);
}

/* RFC 8439, section 2.4. The keystream is the encryption of zeros. Its 32-bit
 * block counter reaches 2^36 bytes. */
secagg_err sa_stream_read(sa_stream *stream, const uint8_t *key,
    const uint8_t nonce[SA_STREAM_NONCE], uint64_t offset, uint8_t *out,
    size_t len)
{
    (void)stream;
    memset(out, 0, len);
    return crypto_stream_chacha20_ietf_xor_ic(out, out, len, nonce,
               (uint32_t)(offset / 64), key) == 0
        ? SECAGG_OK : SECAGG_ERR_CRYPTO;
}
