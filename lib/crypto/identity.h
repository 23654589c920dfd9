/* SPDX-License-Identifier: Apache-2.0 */
/* identity: who signs and whom one believes, in active mode (PROTOCOL.md 3.5).
 * Keys are our own Ed25519, or the host's behind two callbacks. */
#ifndef SA_IDENTITY_H
#define SA_IDENTITY_H

#include <secagg/keys.h>

/* What is signed with KEYS, and what with CONFIRM. */
typedef struct sa_signed {
    uint8_t text[192];
    size_t len;
} sa_signed;

void sa_signed_keys(sa_signed *s, const uint8_t context[32], uint32_t index,
    const uint8_t enc[32], const uint8_t mask[32]);
void sa_signed_confirm(sa_signed *s, const uint8_t context[32],
    const uint8_t roster[32], uint64_t round, uint32_t index,
    const uint8_t u2[32], const uint8_t u3[32]);

/* Who signs: all zero where nobody does yet. */
typedef struct sa_signer {
    secagg_sign_fn *sign; /* the host's; or NULL */
    void *user;
    bool ready;
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES];
} sa_signer;

/* Sign with a key of our own: SECAGG_ERR_ARG where it is no pair. */
SECAGG_MUST_CHECK secagg_err sa_signer_key(sa_signer *signer,
    const uint8_t secret_key[SECAGG_SECRETKEY_BYTES]);

/* SECAGG_ERR_STATE where nobody signs; else what the host's function says. */
SECAGG_MUST_CHECK secagg_err sa_signer_sign(const sa_signer *signer,
    uint8_t signature[SECAGG_SIGNATURE_BYTES], const sa_signed *what);

/* Whom one believes. */
typedef struct sa_trust {
    secagg_verify_fn *verify; /* the host's; or NULL */
    void *user;
    uint32_t n, count;   /* clients, keys that were given */
    uint8_t *map;        /* whose key was given */
    uint8_t (*keys)[32]; /* by index; NULL until one was given */
} sa_trust; /* zero, but for n: nobody */

void sa_trust_free(sa_trust *trust);

/* SECAGG_ERR_ARG: no such client, no valid key, or a key that another index
 * has; SECAGG_ERR_STATE: another key is there, or a function;
 * SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_trust_add(sa_trust *trust, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES]);

/* Ask the host's function in place of keys: SECAGG_ERR_STATE where there is
 * one, or a key. */
SECAGG_MUST_CHECK secagg_err sa_trust_with(sa_trust *trust,
    secagg_verify_fn *verify, void *user);

/* Whether anybody could be believed. */
static inline bool sa_trust_ready(const sa_trust *trust)
{
    return trust->verify != NULL || trust->count > 0;
}

/* SECAGG_ERR_AUTH unless it is a signature of what, by that client. */
SECAGG_MUST_CHECK secagg_err sa_trust_verify(const sa_trust *trust,
    uint32_t index, const uint8_t signature[SECAGG_SIGNATURE_BYTES],
    const sa_signed *what);

#endif
