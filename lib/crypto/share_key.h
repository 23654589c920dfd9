/* SPDX-License-Identifier: Apache-2.0 */
/* box: the one-time keys of the shares between two clients (PROTOCOL.md 3.8).
 * Only a client can make them: the server has no path to this file. */
#ifndef SA_SHARE_KEY_H
#define SA_SHARE_KEY_H

#include <secagg/base.h>

/* PRK of a pair: Extract(H_ros, X25519(own key, peer's point)).
 * SECAGG_ERR_MESSAGE where the point is not valid. */
SECAGG_MUST_CHECK secagg_err sa_share_key_pair(uint8_t prk[SECAGG_SEED_BYTES],
    const uint8_t roster[SECAGG_DIGEST_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES],
    const uint8_t point[SECAGG_SEED_BYTES]);

/* K(kind, dealer -> holder), from the PRK of the two. */
SECAGG_MUST_CHECK secagg_err sa_share_key(uint8_t key[SECAGG_SEED_BYTES],
    const uint8_t prk[SECAGG_SEED_BYTES], uint32_t kind, uint64_t round,
    uint32_t dealer, uint32_t holder, const uint8_t dealer_point[32],
    const uint8_t holder_point[32]);

#endif
