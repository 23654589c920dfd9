/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Long-term keys for active mode.
 *
 * Clients of an active session sign with long-term Ed25519 keys (RFC 8032).
 * Semi-honest sessions need no keys. A host that keeps its keys in a
 * certificate store or a hardware module provides two functions, of the types
 * #secagg_sign_fn and #secagg_verify_fn, instead of keys.
 *
 * A client signs two messages of fewer than 200 bytes, which bind the
 * signature to session, roster and client index (PROTOCOL.md 3.5). A signature
 * has 64 bytes.
 */
#ifndef SECAGG_KEYS_H
#define SECAGG_KEYS_H

#include <secagg/base.h>

/**
 * @addtogroup identities
 * @{
 */

/** Bytes in a public key. */
#define SECAGG_PUBLIC_BYTES 32
/** Bytes in a secret key: its seed (32), then its public key (32). */
#define SECAGG_SECRETKEY_BYTES 64
/** Bytes in a signature. */
#define SECAGG_SIGNATURE_BYTES 64

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Generate an Ed25519 key pair from the randomness of the system (RFC 8032,
 * section 5.1.5).
 *
 * @param[out] public_key the public key, for the other parties
 * @param[out] secret_key the secret key; the caller must wipe it after use
 * @retval SECAGG_ERR_RANDOM the system provided no randomness
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_keypair(
    uint8_t public_key[SECAGG_PUBLIC_BYTES],
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES]);

/**
 * Sign a message with the host's key. The host implements this function; it
 * must not call the library with the handle that calls it.
 *
 * @param user           the pointer that the host registered with the function
 * @param[out] signature the signature
 * @param[in] msg        the message to sign
 * @param len            its length in bytes, below 200
 * @return SECAGG_OK, or an error that the calling library function returns in
 *         turn
 */
typedef secagg_err secagg_sign_fn(void *user,
    uint8_t signature[SECAGG_SIGNATURE_BYTES], const uint8_t *msg, size_t len);

/**
 * Verify a signature of a client. The host implements this function; it must
 * not call the library with the handle that calls it.
 *
 * The function must reject one identity at two indices, because its owner
 * would count twice. The library checks this for keys but cannot check it for
 * functions.
 *
 * @param user          the pointer that the host registered with the function
 * @param index         the index of the client that should have signed
 * @param[in] signature the signature
 * @param[in] msg       the signed message
 * @param len           its length in bytes, below 200
 * @return SECAGG_OK if the signature is valid and this client may take part;
 *         any other value if not
 */
typedef secagg_err secagg_verify_fn(void *user, uint32_t index,
    const uint8_t signature[SECAGG_SIGNATURE_BYTES], const uint8_t *msg,
    size_t len);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
