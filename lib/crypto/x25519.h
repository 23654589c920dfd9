/* SPDX-License-Identifier: Apache-2.0 */
/* agree: X25519 (RFC 7748) that refuses non-canonical and low-order points
 * (PROTOCOL.md 3.3). */
#ifndef SA_X25519_H
#define SA_X25519_H

#include <secagg/base.h>

#define SA_POINT_BYTES 32

/* Whether a public key is canonical (below 2^255 - 19) and not of low order.
 * Public keys are public: this may branch. */
bool sa_x25519_valid(const uint8_t point[SA_POINT_BYTES]);

SECAGG_MUST_CHECK secagg_err sa_x25519_public(uint8_t point[SA_POINT_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES]);

/* SECAGG_ERR_MESSAGE where the point is not valid. */
SECAGG_MUST_CHECK secagg_err sa_x25519(uint8_t shared[SECAGG_SEED_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES],
    const uint8_t point[SA_POINT_BYTES]);

#endif
