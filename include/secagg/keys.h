/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Long-term keys for active mode.
 *
 * Clients of an active session sign with long-term Ed25519 keys (RFC 8032).
 * Semi-honest sessions need no keys. The public key of a client is its
 * identity. It travels in the session, together with a credential of at most
 * #SECAGG_CREDENTIAL_MAX bytes, which may vouch for it: a certificate chain, a
 * token, or nothing.
 *
 * A host decides which identity belongs to which client. It supplies a list of
 * public keys, or a function of the type #secagg_verify_fn that looks at the
 * credential. A host whose secret key is in a hardware module provides a
 * function of the type #secagg_sign_fn.
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

enum {
    SECAGG_PUBLIC_BYTES = 32, /**< bytes in a public key */
    /** Bytes in a secret key: its seed (32), then its public key (32). */
    SECAGG_SECRETKEY_BYTES = 64,
    SECAGG_SIGNATURE_BYTES = 64, /**< bytes in a signature */
    SECAGG_CREDENTIAL_MAX = 2048 /**< maximum number of bytes in a credential */
};

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
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
 * @retval SECAGG_ERR_MEMORY the system has no memory left
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
 * Decide whether a public key is the identity of a client. The host implements
 * this function; it must not call the library with the handle that calls it.
 *
 * The library has verified that the key is valid, that no other client of this
 * session has it, and that its owner signed this credential together with the
 * session, the index and the keys of the session. So the function never sees a
 * signature of the protocol. It must reject a key that it cannot tie to the
 * client.
 *
 * The server calls it once for each KEYS message that is valid so far, and a
 * client once for each other client in its roster, in ascending order of index.
 *
 * @param user           the pointer that the host registered with the function
 * @param index          the index of the client
 * @param[in] public_key the identity that the client used
 * @param[in] credential what the client passed to secagg_client_present(); the
 *                       bytes come from the network
 * @param len            the length of the credential in bytes, 0 to
 *                       #SECAGG_CREDENTIAL_MAX
 * @retval SECAGG_OK        the key is the identity of this client
 * @retval SECAGG_ERR_STATE the host does not know yet; the library rejects the
 *                          message with this error, nothing changes, and the
 *                          host may pass the message again later
 * @return any other value if not: the message is rejected with
 *         SECAGG_ERR_AUTH, and the session of a client fails
 */
typedef secagg_err secagg_verify_fn(void *user, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES], const uint8_t *credential,
    size_t len);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/** @} */

#endif
