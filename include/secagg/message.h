/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief What a message says about itself, without a handle.
 */
#ifndef SECAGG_MESSAGE_H
#define SECAGG_MESSAGE_H

#include <secagg/base.h>

/**
 * @addtogroup messages
 * @{
 */

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/** The types of messages (PROTOCOL.md 8). Those with an odd number go from a
 * client to the server, those with an even number from the server to a
 * client. */
typedef enum secagg_message_type {
    SECAGG_MESSAGE_KEYS = 1,          /**< public keys */
    SECAGG_MESSAGE_ROSTER = 2,        /**< the keys of a client's neighbours */
    SECAGG_MESSAGE_SHARES = 3,        /**< sealed shares for the neighbours */
    SECAGG_MESSAGE_RELAY = 4,         /**< sealed shares for a client */
    SECAGG_MESSAGE_INPUT = 5,         /**< a masked vector */
    SECAGG_MESSAGE_SURVIVORS = 6,     /**< the clients whose input arrived */
    SECAGG_MESSAGE_CONFIRM = 7,       /**< a signature of the survivors */
    SECAGG_MESSAGE_SIGNATURES = 8,    /**< the signatures of all survivors */
    SECAGG_MESSAGE_UNMASK = 9,        /**< the keys of sealed shares */
    SECAGG_MESSAGE_ABORT_CLIENT = 11, /**< the client has ended the session */
    SECAGG_MESSAGE_ABORT_SERVER = 12, /**< the server has ended the session */
    SECAGG_MESSAGE_INPUT_PART = 15    /**< a part of a masked vector */
} secagg_message_type;

/** The header of a message. Start from #SECAGG_MESSAGE_INFO_INIT. */
typedef struct secagg_message_info {
    size_t size;      /**< set by #SECAGG_MESSAGE_INFO_INIT */
    const char *name; /**< of the type, as in PROTOCOL.md 8: a constant */
    uint64_t round;   /**< number of the training round */
    uint32_t type;    /**< a #secagg_message_type */
    uint32_t from_client; /**< 1: from a client to the server; 0: the reverse */
    uint32_t index; /**< the client: the sender, or the recipient */
    uint32_t part;  /**< number of a part, of #SECAGG_MESSAGE_INPUT_PART */
    uint32_t suite; /**< a #secagg_suite */
    uint8_t session[SECAGG_SESSION_BYTES]; /**< session id */
} secagg_message_info;

/** Initialises a #secagg_message_info: sets `size` and zeroes all other
 * members. */
#define SECAGG_MESSAGE_INFO_INIT                                              \
    {                                                                         \
        sizeof(secagg_message_info), NULL, 0, 0, 0, 0, 0, 0, { 0 }            \
    }

/**
 * Set `size` and zero all other members, for callers that cannot use
 * #SECAGG_MESSAGE_INFO_INIT.
 *
 * @param[out] info the struct
 */
void secagg_message_info_init(secagg_message_info *info);

/**
 * Read the header of any message, to find the handle that it belongs to, or for
 * a log (PROTOCOL.md 8.1).
 *
 * Nothing proves what the header says: anybody on the network can write it. Use
 * it to route a message to a session and to the client that the transport has
 * authenticated, and nothing else. secagg_server_recv() and
 * secagg_client_recv() check all of it again. The function reads 48 bytes,
 * whatever the length, and no byte of the body.
 *
 * @param[in] msg   the message
 * @param len       its length in bytes
 * @param[out] info the header; `size` must be set
 * @retval SECAGG_ERR_ARG     info->size is not the size that this library has
 * @retval SECAGG_ERR_MESSAGE the bytes are no message of LSA1: the header is
 *                            cut off, has another version, a reserved type or
 *                            suite, a reserved member that is not 0, or another
 *                            length than the message
 */
SECAGG_MUST_CHECK secagg_err secagg_message_peek(const uint8_t *msg,
    size_t len, secagg_message_info *info);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/** @} */

#endif
