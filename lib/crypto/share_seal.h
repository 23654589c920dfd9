/* SPDX-License-Identifier: Apache-2.0 */
/* share_seal: authenticated encryption of one share (PROTOCOL.md 3.8) with
 * ChaCha20-Poly1305 (RFC 8439) and nonce zero. The nonce may be constant since
 * a key never seals two different shares: key and share derive from the same
 * seed, roster and round. A holder opens a share with the key that share_key
 * derives, the server with the key that the holder reveals. */
#ifndef SA_SHARE_SEAL_H
#define SA_SHARE_SEAL_H

#include <secagg/base.h>

#define SA_SEALED_SHARE_BYTES 48

/* Which of its dealer's two secrets a share belongs to (PROTOCOL.md 3.6). */
enum { SA_KIND_SELF = 0, SA_KIND_MASK = 1 };

/* The associated data of a sealed share. */
typedef struct sa_share_id {
    const uint8_t *roster; /* H_ros, 32 bytes */
    uint64_t round;
    uint32_t kind; /* SA_KIND_SELF or SA_KIND_MASK */
    uint32_t dealer, holder;
} sa_share_id;

/* Encrypt a share. Returns SECAGG_ERR_CRYPTO if libsodium fails. */
SECAGG_MUST_CHECK secagg_err sa_share_seal(
    uint8_t sealed[SA_SEALED_SHARE_BYTES], const uint8_t key[SECAGG_SEED_BYTES],
    const sa_share_id *id, const uint8_t share[SECAGG_SEED_BYTES]);

/* Decrypt a share. Returns SECAGG_ERR_AUTH, and leaves `share` unchanged, if
 * authentication fails or the plaintext is not a canonical scalar. */
SECAGG_MUST_CHECK secagg_err sa_share_open(uint8_t share[SECAGG_SEED_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES], const sa_share_id *id,
    const uint8_t sealed[SA_SEALED_SHARE_BYTES]);

#endif
