/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keystream.h"

#include <string.h>

#include "core/mem.h"

#define KEYSTREAM_MAX ((uint64_t)1 << 36)

struct sa_keystream {
    sa_stream *stream;
    size_t key_len; /* bytes, without the nonce */
    uint8_t key[SA_KEYSTREAM_KEY_MAX];
};

size_t sa_keystream_key_bytes(sa_cipher cipher)
{
    switch (cipher) {
    case SA_AES_128_CTR: return 16 + SA_STREAM_NONCE;
    case SA_CHACHA20: return 32 + SA_STREAM_NONCE;
    }
    return 0;
}

secagg_err sa_keystream_new(sa_keystream **keystream, sa_cipher cipher)
{
    const size_t len = sa_keystream_key_bytes(cipher);
    sa_keystream *ks;
    secagg_err err;

    if (len == 0)
        return SECAGG_ERR_ARG;
    ks = sa_alloc(1, sizeof *ks);
    if (ks == NULL)
        return SECAGG_ERR_MEMORY;
    ks->key_len = len - SA_STREAM_NONCE;
    err = sa_stream_new(&ks->stream, cipher);
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
    sa_stream_free(keystream->stream);
    sa_free(keystream);
}

void sa_keystream_rekey(sa_keystream *keystream, const uint8_t *key)
{
    memcpy(keystream->key, key, keystream->key_len + SA_STREAM_NONCE);
}

secagg_err sa_keystream_read(
    sa_keystream *keystream, uint64_t offset, uint8_t *out, size_t len)
{
    if (offset % 64 != 0 || offset > KEYSTREAM_MAX
        || len > KEYSTREAM_MAX - offset)
        return SECAGG_ERR_ARG;
    if (len == 0)
        return SECAGG_OK;
    return sa_stream_read(keystream->stream, keystream->key,
        keystream->key + keystream->key_len, offset, out, len);
}
