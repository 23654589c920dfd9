/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Clients that owe a message, and clients that fell out of a session.
 */
#ifndef SECAGG_DROPOUTS_H
#define SECAGG_DROPOUTS_H

#include <secagg/server.h>

/**
 * @addtogroup server
 * @{
 */

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/**
 * List the clients that secagg_server_pending() counts.
 *
 * @param[in] server  the handle
 * @param[out] bitmap the clients that take part and have not answered yet in
 *                    this phase, none when the session is over: client i is
 *                    bit i mod 8 of byte i / 8, and bit 0 is the least
 *                    significant one
 * @param len         the bytes of the bitmap; those behind the last client
 *                    become 0
 * @retval SECAGG_ERR_SIZE `len` is below params->clients / 8, rounded up
 */
SECAGG_MUST_CHECK secagg_err secagg_server_owing(const secagg_server *server,
    uint8_t *bitmap, size_t len);

/**
 * Tell when and why a client fell out. A client that fell out after
 * #SECAGG_PHASE_INPUT is still in the sum (secagg_server_includes()). Blame
 * alone lets no client fall out: see secagg_server_blamed().
 *
 * @param[in] server the handle
 * @param index      the client
 * @param[out] phase the phase that the client did not answer, or in which it
 *                   sent ABORT
 * @param[out] why   SECAGG_OK if it did not answer before the phase was
 *                   closed; otherwise the error in its ABORT, which is what
 *                   the client says, or SECAGG_ERR_MESSAGE if it names no
 *                   error of the library
 * @retval SECAGG_ERR_ARG   `index` is not below params->clients
 * @retval SECAGG_ERR_STATE the client has not fallen out
 */
SECAGG_MUST_CHECK secagg_err secagg_server_lost(const secagg_server *server,
    uint32_t index, secagg_phase *phase, secagg_err *why);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/** @} */

#endif
