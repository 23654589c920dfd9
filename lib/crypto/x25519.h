/* SPDX-License-Identifier: Apache-2.0 */
/* x25519: X25519 (RFC 7748) that rejects public keys of low order and those
 * that are not canonical (PROTOCOL.md 3.3). */
#ifndef SA_X25519_H
#define SA_X25519_H

#include <secagg/base.h>

#define SA_POINT_BYTES 32

/* Returns whether a public key is canonical (below 2^255 - 19) and not of low
 * order. Not constant-time, since public keys are public. */
bool sa_x25519_valid(const uint8_t point[SA_POINT_BYTES]);

/* Compute the public key of a secret key. Returns SECAGG_ERR_CRYPTO if
 * libsodium fails. */
SECAGG_MUST_CHECK secagg_err sa_x25519_public(uint8_t point[SA_POINT_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES]);

/* Compute the shared secret of a secret key and another party's public key.
 * Returns SECAGG_ERR_MESSAGE if that public key is not valid. */
SECAGG_MUST_CHECK secagg_err sa_x25519(uint8_t shared[SECAGG_SEED_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES],
    const uint8_t point[SA_POINT_BYTES]);

#endif
