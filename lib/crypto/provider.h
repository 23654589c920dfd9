/* SPDX-License-Identifier: Apache-2.0 */
/* provider: what the library takes from a general cryptographic library:
 * SHA-256, keystreams and random bytes. `configure --with-crypto` chooses the
 * library and with it one of the files that implement this header:
 *
 *     provider_openssl.c   OpenSSL, with all its providers
 *     provider_sodium.c    libsodium alone, without AES-128-CTR
 *
 * No function here changes the host's errno or the errors that OpenSSL queues
 * for the host. Each returns SECAGG_ERR_MEMORY if there is no memory, and
 * SECAGG_ERR_CRYPTO if the library lacks the algorithm or fails. */
#ifndef SA_PROVIDER_H
#define SA_PROVIDER_H

#include <secagg/base.h>

/* Bytes of a reason, with its NUL. */
#define SA_PROVIDER_REASON 160

/* The public suites name the cipher of the masks: see suite.h. */
typedef enum sa_cipher {
    SA_AES_128_CTR = 1,
    SA_CHACHA20 = 2
} sa_cipher;

/* Check that SHA-256, ChaCha20, which sessions of all suites use, and `cipher`
 * are there. With SECAGG_ERR_CRYPTO, `reason` is a sentence that names what is
 * missing; otherwise it is empty. */
SECAGG_MUST_CHECK secagg_err sa_provider_check(sa_cipher cipher,
    char reason[SA_PROVIDER_REASON]);

/* Fill `out` with `len` random bytes, at most 256. Returns SECAGG_ERR_RANDOM if
 * the system has none. */
SECAGG_MUST_CHECK secagg_err sa_provider_random(uint8_t *out, size_t len);

/* ---- SHA-256 (FIPS 180-4, section 6.2) ---------------------------------- */

/* One of several byte strings that are hashed as their concatenation. */
typedef struct sa_bytes {
    const void *ptr;
    size_t len;
} sa_bytes;

/* Reusable context. The public function that creates one must free it before it
 * returns, in the same thread: in between, OpenSSL's queue of errors has a
 * mark. */
typedef struct sa_digest sa_digest;

SECAGG_MUST_CHECK secagg_err sa_digest_new(sa_digest **digest);

/* Wipe and free; NULL is allowed. */
void sa_digest_free(sa_digest *digest);

/* SHA-256 of `count` parts, after label || 00 unless the label is NULL. Needs
 * no memory: it never returns SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_digest_run(sa_digest *digest,
    uint8_t out[SECAGG_DIGEST_BYTES], const char *label, const sa_bytes *parts,
    size_t count);

/* ---- keystreams --------------------------------------------------------- */

#define SA_STREAM_NONCE 12 /* bytes */

typedef struct sa_stream sa_stream;

/* Allocate a context for a cipher. */
SECAGG_MUST_CHECK secagg_err sa_stream_new(sa_stream **stream,
    sa_cipher cipher);

/* Wipe and free; NULL is allowed. */
void sa_stream_free(sa_stream *stream);

/* Write bytes [offset, offset + len) of the keystream of a key and a nonce to
 * `out`. `offset` is a multiple of 64, and offset + len <= 2^36. The key has 16
 * bytes for AES-128-CTR and 32 for ChaCha20. Does not allocate. */
SECAGG_MUST_CHECK secagg_err sa_stream_read(sa_stream *stream,
    const uint8_t *key, const uint8_t nonce[SA_STREAM_NONCE], uint64_t offset,
    uint8_t *out, size_t len);

#endif
