/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Long-term identities: Ed25519 key pairs (RFC 8032), or the host's.
 *
 * Active sessions sign with them; semi-honest sessions need none. A host that
 * keeps its keys in a certificate store or a hardware module gives two
 * functions in place of the keys. What is signed is a text of less than 200
 * bytes that binds session, roster and index (PROTOCOL.md 3.5); a signature
 * has 64 bytes.
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

/**
 * Sign with the host's own key.
 *
 * @param user           what was given with the function
 * @param[out] signature the signature
 * @param[in] msg        what is to be signed
 * @param len            its length in bytes
 * @return SECAGG_OK, or an error that the call in progress returns in turn
 */
typedef secagg_err secagg_sign_fn(void *user,
    uint8_t signature[SECAGG_SIGNATURE_BYTES], const uint8_t *msg, size_t len);

/**
 * Tell whether a signature is that of a client's.
 *
 * @param user          what was given with the function
 * @param index         the client
 * @param[in] signature the signature
 * @param[in] msg       what was signed
 * @param len           its length in bytes
 * @return SECAGG_OK where it is, and where that client may take part;
 *         anything else where not. One identity at two indices is the host's
 *         to refuse.
 */
typedef secagg_err secagg_verify_fn(void *user, uint32_t index,
    const uint8_t signature[SECAGG_SIGNATURE_BYTES], const uint8_t *msg,
    size_t len);

#ifdef __cplusplus
}
#endif

#endif
