/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Long-term identities: Ed25519 key pairs (RFC 8032).
 *
 * Active sessions sign with them; semi-honest sessions need none.
 */
#ifndef SECAGG_KEYS_H
#define SECAGG_KEYS_H

#include <secagg/base.h>

/** Bytes of a public key. */
#define SECAGG_PUBLIC_BYTES 32
/** Bytes of a secret key: its seed, then its public key. */
#define SECAGG_SECRETKEY_BYTES 64
/** Bytes of a signature. */
#define SECAGG_SIGNATURE_BYTES 64

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Make a key pair with fresh randomness of the system's (RFC 8032, section
 * 5.1.5).
 *
 * @param[out] public_key the key to hand to the others
 * @param[out] secret_key the key to keep; the caller wipes it
 * @retval SECAGG_ERR_RANDOM the system gave no randomness
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_keypair(
    uint8_t public_key[SECAGG_PUBLIC_BYTES],
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES]);

#ifdef __cplusplus
}
#endif

#endif
