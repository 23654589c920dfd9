/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Saved states of a server.
 *
 * A host that saves its server can go on with the session after a crash, on
 * the same machine or on another one (PROTOCOL.md 11.5):
 *
 * @code
 * err = secagg_server_advance(server);
 * size = secagg_server_save_size(server);
 * err = secagg_server_save(server, state, size, key);
 * ...store state, then secagg_server_generation(server), durably...
 * for (i = 0; i < params->clients; i++)
 *     err = secagg_server_send(server, i, &msg, &len);
 * @endcode
 */
#ifndef SECAGG_SERVER_SAVE_H
#define SECAGG_SERVER_SAVE_H

#include <secagg/server.h>

/**
 * @addtogroup saving
 * @{
 */

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/**
 * Returns the number of bytes that secagg_server_save() writes at this time.
 *
 * @param[in] server the handle
 * @return the size of the sealed state in bytes
 */
size_t secagg_server_save_size(const secagg_server *server);

/**
 * Save the server as bytes, sealed with a key of the host (PROTOCOL.md 11.5).
 * The state has the sum of the inputs that arrived, not the inputs; only of a
 * client that is in the middle of its parts it has the parts. It contains none
 * of the host's functions.
 *
 * From its first save on, a server gives out a message only after it was saved
 * in the phase of that message: secagg_server_send() returns
 * #SECAGG_ERR_STATE after each secagg_server_advance(), until the host has
 * saved. So no client sees a set of clients that a server forgets. A server
 * that is never saved never waits.
 *
 * What the server accepted after its last save is lost in a crash, and clients
 * send it again: secagg_server_owing() lists them, and each gives the same
 * answer when it receives the message of the phase once more. Only the part of
 * an input cannot be sent again once its client has begun the next one: save
 * before the client learns that a part arrived.
 *
 * @param server     the handle; its generation increases by one
 * @param[out] state a buffer of `len` bytes for the sealed state. After an
 *                   error other than SIZE its contents are zeros.
 * @param len        secagg_server_save_size()
 * @param[in] key    32 secret bytes
 * @retval SECAGG_ERR_SIZE   `len` is not secagg_server_save_size()
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_server_save(secagg_server *server,
    uint8_t *state, size_t len, const uint8_t key[SECAGG_SEED_BYTES]);

/**
 * Returns the generation of the state that was saved last.
 *
 * @param[in] server the handle
 * @return the generation, from 1; 0 before the first save
 */
uint64_t secagg_server_generation(const secagg_server *server);

/**
 * Create a server from a saved state (PROTOCOL.md 11.5). It makes the messages
 * of the phase again, the same bytes as before.
 *
 * Before the host passes in a message or sends one, it saves the new server,
 * and stores first that state and then its generation, durably, as the new
 * `least_generation`. So no older state is resumed, and no second server of
 * the session can go on elsewhere: two servers could fix two sets of
 * survivors.
 *
 * The host must set the function of secagg_server_trust_with() again. Trusted
 * keys are in the state.
 *
 * @param[out] server      the new handle
 * @param[in] state        the sealed state
 * @param len              its length in bytes
 * @param[in] key          the key that sealed the state
 * @param least_generation the lowest generation that the host accepts: the
 *                         generation of the last state that it stored before
 *                         it sent messages; 0 if there is none
 * @param[in] params       the parameters of the session, or NULL if the host
 *                         does not know them
 * @retval SECAGG_ERR_ARG     `params` break a rule
 * @retval SECAGG_ERR_STALE   the generation is below `least_generation`
 * @retval SECAGG_ERR_MESSAGE the bytes are not a state of a known version, or
 *                            the state in them breaks a rule of the protocol
 * @retval SECAGG_ERR_AUTH    the state belongs to another session or to a
 *                            client, the key is wrong, or the bytes were
 *                            altered
 * @retval SECAGG_ERR_MEMORY  the system has no memory left
 * @retval SECAGG_ERR_CRYPTO  a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_server_resume(secagg_server **server,
    const uint8_t *state, size_t len, const uint8_t key[SECAGG_SEED_BYTES],
    uint64_t least_generation, const secagg_params *params);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/** @} */

#endif
