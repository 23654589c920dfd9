/* SPDX-License-Identifier: Apache-2.0 */
/* hash: SHA-256 and HKDF-SHA-256 with labels (FIPS 180-4; RFC 5869;
 * PROTOCOL.md 3.1, 3.2). The door to OpenSSL's digests. */
#ifndef SA_HASH_H
#define SA_HASH_H

#include <secagg/base.h>

/* A piece of what is hashed. */
typedef struct sa_bytes {
    const void *ptr;
    size_t len;
} sa_bytes;

/* Longest output of sa_expand, longest context that it takes, and longest
 * input of sa_extract; SECAGG_ERR_ARG beyond. */
#define SA_EXPAND_MAX 64
#define SA_EXPAND_CONTEXT_MAX 256
#define SA_EXTRACT_MAX 325

/* SHA-256 of the parts one after another. */
SECAGG_MUST_CHECK secagg_err sa_sha256(uint8_t out[SECAGG_DIGEST_BYTES],
    const sa_bytes *parts, size_t count);

/* H(label; parts) = SHA-256(label || 00 || parts). */
SECAGG_MUST_CHECK secagg_err sa_hash(uint8_t out[SECAGG_DIGEST_BYTES],
    const char *label, const sa_bytes *parts, size_t count);

/* HKDF-Extract. */
SECAGG_MUST_CHECK secagg_err sa_extract(uint8_t prk[SECAGG_SEED_BYTES],
    const uint8_t salt[SECAGG_DIGEST_BYTES], const uint8_t *ikm, size_t len);

/* L(prk, name, context, len): HKDF-Expand under the label "LSA1 " + name. */
SECAGG_MUST_CHECK secagg_err sa_expand(uint8_t *out, size_t len,
    const uint8_t prk[SECAGG_SEED_BYTES], const char *name,
    const uint8_t *context, size_t context_len);

/* What many expansions share: a digest that is fetched once. A run is
 * sa_expand. */
typedef struct sa_expander sa_expander;

SECAGG_MUST_CHECK secagg_err sa_expander_new(sa_expander **expander);
void sa_expander_free(sa_expander *expander);
SECAGG_MUST_CHECK secagg_err sa_expander_run(sa_expander *expander,
    uint8_t *out, size_t len, const uint8_t prk[SECAGG_SEED_BYTES],
    const char *name, const uint8_t *context, size_t context_len);

#endif
