/* SPDX-License-Identifier: Apache-2.0 */
/* identity: signing and verification in active mode (PROTOCOL.md 3.5), with the
 * library's Ed25519 keys or with callbacks of the host. */
#ifndef SA_IDENTITY_H
#define SA_IDENTITY_H

#include <secagg/keys.h>

/* The bytes that a client signs in KEYS or in CONFIRM. */
typedef struct sa_signed {
    uint8_t text[192];
    size_t len;
} sa_signed;

/* Write the bytes for KEYS. context is H_ctx; enc and mask are the client's
 * public keys. */
void sa_signed_keys(sa_signed *s, const uint8_t context[32], uint32_t index,
    const uint8_t enc[32], const uint8_t mask[32]);

/* Write the bytes for CONFIRM. context is H_ctx, roster H_ros, u2 H_U2, and u3
 * H_U3. */
void sa_signed_confirm(sa_signed *s, const uint8_t context[32],
    const uint8_t roster[32], uint64_t round, uint32_t index,
    const uint8_t u2[32], const uint8_t u3[32]);

/* The key that signs, or the host's callback. All zero: none is set. */
typedef struct sa_signer {
    secagg_sign_fn *sign; /* the host's callback, or NULL */
    void *user;           /* its first argument */
    bool ready;           /* a key or a callback is set */
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES]; /* unless there is a callback */
} sa_signer;

/* Set the Ed25519 key that signs. Returns SECAGG_ERR_ARG if its second half is
 * not the public key of its first. */
SECAGG_MUST_CHECK secagg_err sa_signer_key(sa_signer *signer,
    const uint8_t secret_key[SECAGG_SECRETKEY_BYTES]);

/* Sign. Returns SECAGG_ERR_STATE if neither key nor callback is set;
 * SECAGG_ERR_CRYPTO if libsodium fails; the error of the callback. */
SECAGG_MUST_CHECK secagg_err sa_signer_sign(const sa_signer *signer,
    uint8_t signature[SECAGG_SIGNATURE_BYTES], const sa_signed *msg);

/* Trusted public keys by client index, or the host's verify callback. All zero
 * except for n: nothing is trusted yet. */
typedef struct sa_trust {
    secagg_verify_fn *verify; /* the host's callback, or NULL */
    void *user;               /* its first argument */
    uint32_t n;               /* clients of the session */
    uint32_t count;           /* trusted keys */
    uint8_t *map;             /* bitmap of the clients with a trusted key */
    uint8_t (*keys)[32];      /* by client index; NULL if count is 0 */
} sa_trust;

/* Free the memory and make the struct all zero. */
void sa_trust_free(sa_trust *trust);

/* Trust a client's public key. Returns SECAGG_ERR_ARG if there is no such
 * client, if the key is not valid, or if another index has the same key;
 * SECAGG_ERR_STATE if the index has another key or a callback is set;
 * SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_trust_add(sa_trust *trust, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES]);

/* Set the host's verify callback. Returns SECAGG_ERR_STATE if a callback or a
 * key is set already. */
SECAGG_MUST_CHECK secagg_err sa_trust_with(sa_trust *trust,
    secagg_verify_fn *verify, void *user);

/* Returns whether a callback or at least one key is set. */
static inline bool sa_trust_ready(const sa_trust *trust)
{
    return trust->verify != NULL || trust->count > 0;
}

/* Returns SECAGG_ERR_AUTH if `signature` is not client `index`'s valid
 * signature of `msg`, or if no key of that client is trusted. */
SECAGG_MUST_CHECK secagg_err sa_trust_verify(const sa_trust *trust,
    uint32_t index, const uint8_t signature[SECAGG_SIGNATURE_BYTES],
    const sa_signed *msg);

#endif
