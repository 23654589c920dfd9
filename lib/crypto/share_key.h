/* SPDX-License-Identifier: Apache-2.0 */
/* share_key: the keys that encrypt the shares between two clients (PROTOCOL.md
 * 3.8). Only the two clients can derive them. No server module may include
 * this header: see lib/LAYERS. */
#ifndef SA_SHARE_KEY_H
#define SA_SHARE_KEY_H

#include <secagg/base.h>

/* Derive the PRK of two clients: Extract(H_ros, X25519(key, point)), with one's
 * secret key and the other's public key. Returns SECAGG_ERR_MESSAGE if the
 * public key is not valid; SECAGG_ERR_MEMORY; SECAGG_ERR_CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_share_prk(uint8_t prk[SECAGG_SEED_BYTES],
    const uint8_t roster[SECAGG_DIGEST_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES],
    const uint8_t point[SECAGG_SEED_BYTES]);

/* Derive the one-time key K(kind, dealer -> holder) from the PRK of the two;
 * `kind` is SA_KIND_SELF or SA_KIND_MASK, and the points are the enc keys.
 * Returns SECAGG_ERR_MEMORY or SECAGG_ERR_CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_share_key(uint8_t key[SECAGG_SEED_BYTES],
    const uint8_t prk[SECAGG_SEED_BYTES], uint32_t kind, uint64_t round,
    uint32_t dealer, uint32_t holder, const uint8_t dealer_point[32],
    const uint8_t holder_point[32]);

#endif
