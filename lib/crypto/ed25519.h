/* SPDX-License-Identifier: Apache-2.0 */
/* ed25519: strict Ed25519 signatures (RFC 8032, 5.1; PROTOCOL.md 3.5). */
#ifndef SA_ED25519_H
#define SA_ED25519_H

#include <secagg/keys.h>

/* Returns whether a public key is the canonical encoding of a point of order
 * ell. */
bool sa_ed25519_valid(const uint8_t public_key[SECAGG_PUBLIC_BYTES]);

/* Returns whether the second half of a secret key is the public key of its
 * first half, the seed. */
bool sa_ed25519_is_pair(const uint8_t secret_key[SECAGG_SECRETKEY_BYTES]);

/* Sign `len` bytes. Returns SECAGG_ERR_CRYPTO if libsodium fails. */
SECAGG_MUST_CHECK secagg_err sa_ed25519_sign(
    uint8_t signature[SECAGG_SIGNATURE_BYTES], const uint8_t *msg, size_t len,
    const uint8_t secret_key[SECAGG_SECRETKEY_BYTES]);

/* Returns SECAGG_ERR_AUTH if the signature is not valid. The public key must be
 * one that sa_ed25519_valid accepts. */
SECAGG_MUST_CHECK secagg_err sa_ed25519_verify(
    const uint8_t signature[SECAGG_SIGNATURE_BYTES], const uint8_t *msg,
    size_t len, const uint8_t public_key[SECAGG_PUBLIC_BYTES]);

#endif
