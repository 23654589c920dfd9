/* SPDX-License-Identifier: Apache-2.0 */
/* prg: seekable keystreams (PROTOCOL.md 6.2): AES-128-CTR (NIST SP 800-38A,
 * 6.5) and ChaCha20 (RFC 8439, 2.4). The door to OpenSSL's ciphers. */
#ifndef SA_KEYSTREAM_H
#define SA_KEYSTREAM_H

#include <secagg/base.h>

#define SA_KEYSTREAM_KEY_MAX 44

/* A cipher context of one suite; re-keyed by each call. */
typedef struct sa_keystream sa_keystream;

/* Bytes of key || nonce: 28 for suite 1, 44 for suite 2, 0 for no suite. */
size_t sa_keystream_key_bytes(uint32_t suite);

SECAGG_MUST_CHECK secagg_err sa_keystream_new(
    sa_keystream **prg, uint32_t suite);
void sa_keystream_free(sa_keystream *prg);

/* Key and nonce that the following reads use. */
SECAGG_MUST_CHECK secagg_err sa_keystream_rekey(
    sa_keystream *prg, const uint8_t *key);

/* Bytes [offset, offset + len) of the keystream; offset is a multiple of 64,
 * offset + len <= 2^36. */
SECAGG_MUST_CHECK secagg_err sa_keystream_read(
    sa_keystream *prg, uint64_t offset, uint8_t *out, size_t len);

#endif
