/* SPDX-License-Identifier: Apache-2.0 */
/* seal: a share under its one-time key (PROTOCOL.md 3.8): ChaCha20-Poly1305 of
 * RFC 8439, nonce zero. A key seals one share ever, since key and share derive
 * from the same seed, roster and round. Holders and server open alike: the
 * holder with a key of box, the server with the key that a holder revealed. */
#ifndef SA_SHARE_SEAL_H
#define SA_SHARE_SEAL_H

#include <secagg/base.h>

#define SA_SEALED_SHARE_BYTES 48

/* Which of a dealer's two secrets a share belongs to (PROTOCOL.md 3.6). */
enum { SA_KIND_SELF = 0, SA_KIND_MASK = 1 };

/* What a sealed share is bound to. */
typedef struct sa_share_id {
    const uint8_t *roster; /* H_ros, 32 bytes */
    uint64_t round;
    uint32_t kind;
    uint32_t dealer, holder;
} sa_share_id;

SECAGG_MUST_CHECK secagg_err sa_share_seal(
    uint8_t sealed[SA_SEALED_SHARE_BYTES], const uint8_t key[SECAGG_SEED_BYTES],
    const sa_share_id *id, const uint8_t share[SECAGG_SEED_BYTES]);

/* SECAGG_ERR_AUTH where it does not open, or holds no field element. */
SECAGG_MUST_CHECK secagg_err sa_share_open(uint8_t share[SECAGG_SEED_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES], const sa_share_id *id,
    const uint8_t sealed[SA_SEALED_SHARE_BYTES]);

#endif
