/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Conventions, errors, version and wiping.
 *
 * All functions of the library follow these conventions:
 *
 * - A function that can fail returns `secagg_err`, and its caller must check
 *   the result. A `void` function cannot fail. Any other return type is the
 *   value that the caller asked for.
 * - Arguments come in this order: handle, outputs, inputs, plain values. A
 *   length follows its pointer. A fixed length is part of the array type.
 * - A pointer must not be NULL unless its description allows it. A pointer to
 *   zero bytes may be NULL. A `_free` function ignores NULL.
 * - Handles are opaque. `_new`, `_decode` and `_resume` functions allocate a
 *   handle; `_free` functions wipe its secrets and free it. The primitives
 *   work in memory of the caller.
 * - The library does no I/O, reads no clock, starts no thread, keeps no global
 *   state, and needs no initialisation. A handle derives all its randomness
 *   from one seed of 32 bytes, so a session can be replayed bit for bit.
 * - One thread at a time may use a handle. Several threads may call functions
 *   that take a const handle at the same time.
 * - A message that a handle returns belongs to the handle. It stays valid
 *   until the next call on the handle that takes it as non-const. A message
 *   that the caller passes in stays the caller's; the library keeps no pointer
 *   to it.
 * - A call that fails leaves its outputs and its handle unchanged, and the
 *   session goes on, unless the description of the error says otherwise. If it
 *   says that the session fails, the handle has wiped its secrets and its phase
 *   is #SECAGG_PHASE_FAILED for ever.
 * - No function changes errno or the errors that OpenSSL has queued for the
 *   host. A queue of more than 10 errors may lose its oldest ones, because
 *   OpenSSL keeps 15.
 * - The library may be used while the process ends. Once OpenSSL is cleaned up,
 *   calls that need it return #SECAGG_ERR_CRYPTO. A thread that calls the
 *   library at the very moment when another one ends the process may crash in
 *   OpenSSL; a host joins its threads first. If the first use of OpenSSL in a
 *   process finds no memory, OpenSSL may stay unusable until the process ends.
 * - If a client sends a bad message, the server rejects that message and the
 *   session goes on.
 */
#ifndef SECAGG_BASE_H
#define SECAGG_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @addtogroup errors
 * @{
 */

/** Major part of the version. */
#define SECAGG_VERSION_MAJOR 0
/** Minor part of the version. */
#define SECAGG_VERSION_MINOR 1
/** Patch part of the version. */
#define SECAGG_VERSION_PATCH 0

/* Sizes are enumerators, so that generators of bindings see them. */
enum {
    /** Bytes in a seed. A handle derives all its random values from one. */
    SECAGG_SEED_BYTES = 32,
    SECAGG_DIGEST_BYTES = 32, /**< bytes in a digest (SHA-256) */
    SECAGG_SESSION_BYTES = 16 /**< bytes in a session id */
};

#ifndef SECAGG_MUST_CHECK
#if defined(__GNUC__)
#define SECAGG_MUST_CHECK __attribute__((warn_unused_result))
#else
/** Marks a function whose result the caller must check. A program that reads
 * the headers may define it as nothing. */
#define SECAGG_MUST_CHECK
#endif
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/** The result of a call. The errors are grouped by the party at fault. */
typedef enum secagg_err {
    SECAGG_OK = 0, /**< the call succeeded */

    /* The caller is at fault. */
    SECAGG_ERR_ARG = -10,   /**< an argument, or a combination, is invalid */
    SECAGG_ERR_STATE = -11, /**< the handle does not allow this call now */
    SECAGG_ERR_SIZE = -12,  /**< a length does not fit the parameters */
    SECAGG_ERR_VALUE = -13, /**< a value is NaN, infinite or out of bounds */
    SECAGG_ERR_STALE = -14, /**< a saved state is older than the newest one */
    SECAGG_ERR_INPUT_DUE = -15, /**< the host must supply input first */
    SECAGG_ERR_REPEAT = -16, /**< a message that was accepted arrived again */

    /* A peer is at fault. */
    SECAGG_ERR_MESSAGE = -20,   /**< a message is malformed or misaddressed */
    SECAGG_ERR_AUTH = -21,      /**< a signature or an AEAD tag is invalid */
    SECAGG_ERR_POLICY = -22,    /**< parameters are below a client's policy */
    SECAGG_ERR_THRESHOLD = -23, /**< too few clients or shares remain */
    SECAGG_ERR_CHEAT = -24,     /**< a client was caught cheating */

    /* The system is at fault. */
    SECAGG_ERR_MEMORY = -30, /**< the system has no memory left; the call
                                  changed nothing and may be repeated */
    SECAGG_ERR_RANDOM = -31, /**< the system provided no randomness */
    SECAGG_ERR_CRYPTO = -32  /**< a cryptographic library failed */
} secagg_err;

/**
 * Returns a short description of an error.
 *
 * @param err any value
 * @return a constant string, never NULL. It is "unknown error" if `err` is not
 *         a value of #secagg_err.
 */
const char *secagg_strerror(secagg_err err);

/**
 * Returns the version of the library that the program runs with.
 *
 * @return a constant string such as "1.2.3"
 */
const char *secagg_version(void);

/**
 * Overwrite a secret of the caller with zeros. The compiler cannot remove
 * this call.
 *
 * @param[out] ptr the bytes to overwrite
 * @param len      the number of bytes
 */
void secagg_wipe(void *ptr, size_t len);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/** @} */

#endif
