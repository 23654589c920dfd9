/* SPDX-License-Identifier: Apache-2.0 */
/* hash: SHA-256 and HKDF-SHA-256 with labels (FIPS 180-4; RFC 5869;
 * PROTOCOL.md 3.1, 3.2). The only module that calls OpenSSL's digests. Each
 * function returns SECAGG_ERR_MEMORY if there is no memory and
 * SECAGG_ERR_CRYPTO if OpenSSL fails. */
#ifndef SA_HASH_H
#define SA_HASH_H

#include <secagg/base.h>

/* One of several byte strings that are hashed as their concatenation. */
typedef struct sa_bytes {
    const void *ptr;
    size_t len;
} sa_bytes;

#define SA_EXPAND_MAX 64          /* bytes of output of sa_expand */
#define SA_EXPAND_CONTEXT_MAX 256 /* bytes of its context */
#define SA_EXTRACT_MAX 325        /* bytes of input of sa_extract */

/* SHA-256 of the concatenation of `count` parts. */
SECAGG_MUST_CHECK secagg_err sa_sha256(uint8_t out[SECAGG_DIGEST_BYTES],
    const sa_bytes *parts, size_t count);

/* H(label; parts) = SHA-256(label || 00 || parts), the hash of PROTOCOL.md
 * 3.1. */
SECAGG_MUST_CHECK secagg_err sa_hash(uint8_t out[SECAGG_DIGEST_BYTES],
    const char *label, const sa_bytes *parts, size_t count);

/* HMAC-SHA-256 (FIPS 198-1) of the concatenation of two parts of any length. */
SECAGG_MUST_CHECK secagg_err sa_hmac(uint8_t out[SECAGG_DIGEST_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES], const sa_bytes parts[2]);

/* HKDF-Extract of `len` bytes of input keying material. Returns SECAGG_ERR_ARG
 * if len > SA_EXTRACT_MAX. */
SECAGG_MUST_CHECK secagg_err sa_extract(uint8_t prk[SECAGG_SEED_BYTES],
    const uint8_t salt[SECAGG_DIGEST_BYTES], const uint8_t *ikm, size_t len);

/* Derive(prk, name, context, len) of PROTOCOL.md 3.2: HKDF-Expand with the
 * label "LSA1 " || name. Returns SECAGG_ERR_ARG if len > SA_EXPAND_MAX, if
 * context_len > SA_EXPAND_CONTEXT_MAX, or if name has over 26 bytes. */
SECAGG_MUST_CHECK secagg_err sa_expand(uint8_t *out, size_t len,
    const uint8_t prk[SECAGG_SEED_BYTES], const char *name,
    const uint8_t *context, size_t context_len);

/* Reusable context of sa_expand; fetches the digest from OpenSSL once. */
typedef struct sa_expander sa_expander;

SECAGG_MUST_CHECK secagg_err sa_expander_new(sa_expander **expander);

/* Wipe and free; NULL is allowed. */
void sa_expander_free(sa_expander *expander);

/* As sa_expand. */
SECAGG_MUST_CHECK secagg_err sa_expander_run(sa_expander *expander,
    uint8_t *out, size_t len, const uint8_t prk[SECAGG_SEED_BYTES],
    const char *name, const uint8_t *context, size_t context_len);

#endif
