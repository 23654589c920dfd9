/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Identities in active mode: which one a client has, and which ones the
 * parties trust.
 *
 * In semi-honest mode every function returns #SECAGG_ERR_POLICY: a host that
 * has identities expects an active session.
 */
#ifndef SECAGG_IDENTITY_H
#define SECAGG_IDENTITY_H

#include <secagg/client.h>
#include <secagg/keys.h>
#include <secagg/server.h>

/**
 * @addtogroup identities
 * @{
 */

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/**
 * Set the long-term key with which this client signs in an active session. Its
 * public key is the identity of the client. The host must set it before the
 * first secagg_client_send().
 *
 * @param client         the handle
 * @param[in] secret_key the key; the client copies it, and wipes the copy
 *                       after the last signature
 * @retval SECAGG_ERR_POLICY the session is semi-honest: a host that has an
 *                           identity expects an active session
 * @retval SECAGG_ERR_STATE  the session is over, or the client already has a
 *                           key or a signing function
 * @retval SECAGG_ERR_ARG    the two halves of the key do not match; see
 *                           secagg_keypair()
 * @retval SECAGG_ERR_AUTH   the client was resumed, and its identity is another
 *                           key
 */
SECAGG_MUST_CHECK secagg_err secagg_client_identify(secagg_client *client,
    const uint8_t secret_key[SECAGG_SECRETKEY_BYTES]);

/**
 * Set an identity and a function that signs under it, instead of
 * secagg_client_identify(). secagg_client_send() calls the function for the
 * KEYS and CONFIRM messages, and verifies its signatures.
 *
 * @param client         the handle
 * @param[in] public_key the identity, an Ed25519 public key
 * @param sign           the function
 * @param user           a pointer that the client passes to the function
 * @retval SECAGG_ERR_POLICY see secagg_client_identify()
 * @retval SECAGG_ERR_STATE  see secagg_client_identify()
 * @retval SECAGG_ERR_ARG    the public key is not valid
 * @retval SECAGG_ERR_AUTH   see secagg_client_identify()
 */
SECAGG_MUST_CHECK secagg_err secagg_client_identify_with(
    secagg_client *client, const uint8_t public_key[SECAGG_PUBLIC_BYTES],
    secagg_sign_fn *sign, void *user);

/**
 * Set the credential that this client presents with its identity to the server
 * and all other clients (#secagg_verify_fn). Without this call it is empty. For
 * sessions of more than 200 clients, keep it below 256 bytes.
 *
 * @param client         the handle
 * @param[in] credential the bytes; the client copies them
 * @param len            their number, 0 to #SECAGG_CREDENTIAL_MAX
 * @retval SECAGG_ERR_POLICY the session is semi-honest
 * @retval SECAGG_ERR_STATE  the client already has a credential, or has built
 *                           KEYS
 * @retval SECAGG_ERR_SIZE   the credential is too long
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_client_present(secagg_client *client,
    const uint8_t *credential, size_t len);

/**
 * Add the public key of one other client to the list of trusted keys. The list
 * is whole when it has a key for each other client, or after
 * secagg_client_trust_whole(). As long as it is not, a roster with a client
 * that has no key is SECAGG_ERR_STATE, and the host may pass it again. In a
 * whole list such a client is SECAGG_ERR_AUTH, as is always one with another
 * key than the list's. A key of this client itself has no effect.
 *
 * @param client         the handle
 * @param index          the other client
 * @param[in] public_key its identity
 * @retval SECAGG_ERR_POLICY the session is semi-honest
 * @retval SECAGG_ERR_STATE  the roster is accepted or the session is over, the
 *                           list was declared whole, the host set a function,
 *                           or the index has a different key
 * @retval SECAGG_ERR_ARG    the index is out of range, the key is invalid, or
 *                           another index has the same key
 * @retval SECAGG_ERR_AUTH   the client was resumed, and its state has a
 *                           different key for the index
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_client_trust(secagg_client *client,
    uint32_t index, const uint8_t public_key[SECAGG_PUBLIC_BYTES]);

/**
 * Declare the list of trusted keys whole: clients without a key may not take
 * part.
 *
 * @param client the handle
 * @retval SECAGG_ERR_POLICY the session is semi-honest
 * @retval SECAGG_ERR_STATE  the roster is accepted or the session is over, or
 *                           the host set a function
 */
SECAGG_MUST_CHECK secagg_err secagg_client_trust_whole(secagg_client *client);

/**
 * Set a function that decides whether an identity is that of a client, instead
 * of secagg_client_trust(). secagg_client_recv() calls it for a roster.
 *
 * @param client the handle
 * @param verify the function
 * @param user   a pointer that the client passes to the function
 * @retval SECAGG_ERR_POLICY the session is semi-honest
 * @retval SECAGG_ERR_STATE  the roster is accepted or the session is over, or
 *                           the host already set keys or a function
 */
SECAGG_MUST_CHECK secagg_err secagg_client_trust_with(secagg_client *client,
    secagg_verify_fn *verify, void *user);

/**
 * Add the public key of a client to the list of trusted keys, in an active
 * session. The server then rejects KEYS messages with another identity and does
 * not relay them to other clients.
 *
 * The list is whole when it has a key for each client, or after
 * secagg_server_trust_whole(). As long as it is not, the KEYS message of a
 * client without a key is SECAGG_ERR_STATE, and the host may pass it again; in
 * a whole list it is SECAGG_ERR_AUTH.
 *
 * @param server         the handle
 * @param index          the client
 * @param[in] public_key its identity
 * @retval SECAGG_ERR_POLICY the session is semi-honest
 * @retval SECAGG_ERR_STATE  KEYS is closed, the list was declared whole, the
 *                           host set a function, or the index has a different
 *                           key
 * @retval SECAGG_ERR_ARG    the index is out of range, the key is invalid, or
 *                           another index has the same key
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_server_trust(secagg_server *server,
    uint32_t index, const uint8_t public_key[SECAGG_PUBLIC_BYTES]);

/**
 * Declare the list of trusted keys whole: clients without a key may not take
 * part.
 *
 * @param server the handle
 * @retval SECAGG_ERR_POLICY the session is semi-honest
 * @retval SECAGG_ERR_STATE  KEYS is closed, or the host set a function
 */
SECAGG_MUST_CHECK secagg_err secagg_server_trust_whole(secagg_server *server);

/**
 * Set a function that decides whether an identity is that of a client, instead
 * of secagg_server_trust(). secagg_server_recv() calls it for KEYS messages.
 *
 * @param server the handle
 * @param verify the function
 * @param user   a pointer that the server passes to the function
 * @retval SECAGG_ERR_POLICY the session is semi-honest
 * @retval SECAGG_ERR_STATE  KEYS is closed, or the host already set keys or a
 *                           function
 */
SECAGG_MUST_CHECK secagg_err secagg_server_trust_with(secagg_server *server,
    secagg_verify_fn *verify, void *user);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/** @} */

#endif
