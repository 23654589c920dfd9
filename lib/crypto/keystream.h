/* SPDX-License-Identifier: Apache-2.0 */
/* keystream: seekable keystreams of a cipher (PROTOCOL.md 6.2): AES-128-CTR
 * (NIST SP 800-38A, 6.5) and ChaCha20 (RFC 8439, 2.4). */
#ifndef SA_KEYSTREAM_H
#define SA_KEYSTREAM_H

#include "crypto/provider.h"

/* Largest sa_keystream_key_bytes of any cipher. */
#define SA_KEYSTREAM_KEY_MAX 44

/* Context of one cipher, with the key and nonce set last. */
typedef struct sa_keystream sa_keystream;

/* Bytes of key || nonce: 28 for AES-128-CTR, 44 for ChaCha20; 0 for a value
 * that is no cipher. */
size_t sa_keystream_key_bytes(sa_cipher cipher);

/* Allocate a context without a key. Returns SECAGG_ERR_ARG for a value that is
 * no cipher, SECAGG_ERR_MEMORY, or SECAGG_ERR_CRYPTO if the provider lacks the
 * cipher. */
SECAGG_MUST_CHECK secagg_err sa_keystream_new(
    sa_keystream **keystream, sa_cipher cipher);

/* Wipe and free; NULL is allowed. */
void sa_keystream_free(sa_keystream *keystream);

/* Set key || nonce, sa_keystream_key_bytes long, for all later reads. */
void sa_keystream_rekey(sa_keystream *keystream, const uint8_t *key);

/* Write bytes [offset, offset + len) of the keystream to `out`. Returns
 * SECAGG_ERR_ARG unless offset is a multiple of 64 and offset + len <= 2^36;
 * SECAGG_ERR_CRYPTO if the provider fails. Does not allocate. */
SECAGG_MUST_CHECK secagg_err sa_keystream_read(
    sa_keystream *keystream, uint64_t offset, uint8_t *out, size_t len);

#endif
