/* SPDX-License-Identifier: Apache-2.0 */
/* identity: signing and verification in active mode (PROTOCOL.md 3.5), and the
 * identities that a party trusts. The host supplies keys or callbacks. */
#ifndef SA_IDENTITY_H
#define SA_IDENTITY_H

#include <secagg/keys.h>

#include "crypto/hash.h"

/* The bytes that a client signs in KEYS or in CONFIRM. */
typedef struct sa_signed {
    uint8_t text[192];
    size_t len;
} sa_signed;

/* The identity of a client and its credential, with a signature that binds both
 * to its public keys. NULL in semi-honest mode. */
typedef struct sa_identity {
    const uint8_t *id;        /* an Ed25519 public key */
    const uint8_t *signature; /* of the bytes for KEYS */
    sa_bytes credential;      /* at most SECAGG_CREDENTIAL_MAX bytes */
} sa_identity;

/* Write the bytes for KEYS. context is H_ctx; enc and mask are the client's
 * public keys. The signature is not read. Returns SECAGG_ERR_CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_signed_keys(sa_signed *s,
    const uint8_t context[32], uint32_t index, const uint8_t enc[32],
    const uint8_t mask[32], const sa_identity *identity);

/* Returns SECAGG_ERR_AUTH if the signature in `identity` is not valid under the
 * identity, which must be a valid key; or SECAGG_ERR_CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_identity_verify(const uint8_t context[32],
    uint32_t index, const uint8_t enc[32], const uint8_t mask[32],
    const sa_identity *identity);

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
    uint8_t id[SECAGG_PUBLIC_BYTES]; /* the identity, a valid key */
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES]; /* unless there is a callback */
} sa_signer;

/* Set the Ed25519 key that signs. Returns SECAGG_ERR_ARG if its second half is
 * not the public key of its first. */
SECAGG_MUST_CHECK secagg_err sa_signer_key(sa_signer *signer,
    const uint8_t secret_key[SECAGG_SECRETKEY_BYTES]);

/* Set the callback that signs under a public key. Returns SECAGG_ERR_ARG if the
 * public key is not valid. */
SECAGG_MUST_CHECK secagg_err sa_signer_callback(sa_signer *signer,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES], secagg_sign_fn *sign,
    void *user);

/* Sign. Returns SECAGG_ERR_STATE if neither key nor callback is set;
 * SECAGG_ERR_CRYPTO if libsodium fails; the error of the callback;
 * SECAGG_ERR_AUTH if the signature is not valid under the identity. */
SECAGG_MUST_CHECK secagg_err sa_signer_sign(const sa_signer *signer,
    uint8_t signature[SECAGG_SIGNATURE_BYTES], const sa_signed *msg);

/* The identities that a party trusts: a list of public keys by client index, or
 * the host's verify callback. All zero except for n and own: an empty list. */
typedef struct sa_trust {
    secagg_verify_fn *verify; /* the host's callback, or NULL */
    void *user;               /* its first argument */
    uint32_t n;               /* clients of the session */
    uint32_t own;             /* the client that needs no key; n: none */
    uint32_t count;           /* keys in the list */
    bool declared_whole;      /* the host supplies no more keys */
    uint8_t *map;             /* bitmap of the clients with a key */
    uint8_t (*keys)[32];      /* by client index; NULL if count is 0 */
    char *reason;             /* gets the sentence of a refusal; may be NULL */
} sa_trust;

/* Free the memory and make the struct all zero. */
void sa_trust_free(sa_trust *trust);

/* Add a client's public key to the list. Returns SECAGG_ERR_STATE if a callback
 * is set or the list was declared whole; SECAGG_ERR_ARG if there is no such
 * client, if the key is not valid, or if another index has the same key;
 * SECAGG_ERR_STATE if the index has another key; SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_trust_add(sa_trust *trust, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES]);

/* Returns the key of a client in the list, or NULL if there is none. */
const uint8_t *sa_trust_key(const sa_trust *trust, uint32_t index);

/* Declare the list whole. Returns SECAGG_ERR_STATE if a callback is set. */
SECAGG_MUST_CHECK secagg_err sa_trust_whole(sa_trust *trust);

/* Set the host's verify callback. Returns SECAGG_ERR_STATE if a callback or a
 * key is set already, or the list was declared whole. */
SECAGG_MUST_CHECK secagg_err sa_trust_with(sa_trust *trust,
    secagg_verify_fn *verify, void *user);

/* Returns whether an identity is a valid key. One that the list has for this
 * client was tested when it was added. */
bool sa_trust_is_valid(const sa_trust *trust, uint32_t index,
    const uint8_t id[SECAGG_PUBLIC_BYTES]);

/* Compare the identity of a client with the list; there is nothing to compare
 * if a callback is set. Returns SECAGG_ERR_AUTH if the list has another key or,
 * being whole, none; SECAGG_ERR_STATE if it has none and is not whole. */
SECAGG_MUST_CHECK secagg_err sa_trust_look_up(const sa_trust *trust,
    uint32_t index, const uint8_t id[SECAGG_PUBLIC_BYTES]);

/* Ask the callback, if one is set, whether an identity is that of the client.
 * Returns SECAGG_ERR_STATE if the host does not know yet, SECAGG_ERR_AUTH if it
 * is not. */
SECAGG_MUST_CHECK secagg_err sa_trust_ask(const sa_trust *trust,
    uint32_t index, const sa_identity *identity);

#endif
