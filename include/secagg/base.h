/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Conventions, errors, version and wiping.
 *
 * What holds for every function of the library, said once:
 *
 * - The return type says what can happen. `secagg_err`: may fail, must be
 *   looked at. `void`: cannot fail. Anything else is a plain answer.
 * - Arguments stand in the order handle, outputs, inputs, plain values. A
 *   length follows its pointer; a fixed length stands in the type.
 * - A pointer is never NULL unless the text says so, save that a pointer to
 *   no bytes may be; `_free(NULL)` does nothing.
 * - Handles are opaque (`_new`, `_free`); primitives work in caller memory.
 * - There is no I/O, clock, thread, global state or init function. All
 *   randomness of a handle comes from one seed of 32 bytes, so that a session
 *   can be replayed bit for bit.
 * - One handle, one thread at a time. Calls on a const handle may run side by
 *   side.
 * - Messages out are borrowed: they belong to the handle and stay until the
 *   next call on it that is not const. Messages in stay the caller's.
 * - All or nothing: a call that fails leaves its outputs and its handle as
 *   they were, except where its text says that the session has failed: then
 *   secrets are wiped and the phase is #SECAGG_PHASE_FAILED for good.
 * - A bad message costs its sender, not the session.
 */
#ifndef SECAGG_BASE_H
#define SECAGG_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Major part of the version. */
#define SECAGG_VERSION_MAJOR 0
/** Minor part of the version. */
#define SECAGG_VERSION_MINOR 1
/** Patch part of the version. */
#define SECAGG_VERSION_PATCH 0

/** Bytes of a seed, from which everything random in a handle is derived. */
#define SECAGG_SEED_BYTES 32
/** Bytes of a digest (SHA-256). */
#define SECAGG_DIGEST_BYTES 32
/** Bytes of a session id. */
#define SECAGG_SESSION_BYTES 16

#if defined(__GNUC__)
#define SECAGG_MUST_CHECK __attribute__((warn_unused_result))
#else
/** Marks a function whose result must be looked at. */
#define SECAGG_MUST_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** What went wrong, grouped by whose fault it is. */
typedef enum secagg_err {
    SECAGG_OK = 0, /**< nothing */

    /* the caller's */
    SECAGG_ERR_ARG = -10,   /**< out of range, or unsound together */
    SECAGG_ERR_STATE = -11, /**< not in this phase, or spent */
    SECAGG_ERR_SIZE = -12,  /**< a length that does not fit the parameters */
    SECAGG_ERR_VALUE = -13, /**< NaN, infinity, weight over its bound */

    /* the peer's */
    SECAGG_ERR_MESSAGE = -20,   /**< malformed, misaddressed or foreign */
    SECAGG_ERR_AUTH = -21,      /**< a signature or sealed share is false */
    SECAGG_ERR_POLICY = -22,    /**< parameters below what a client accepts */
    SECAGG_ERR_THRESHOLD = -23, /**< too few are left */
    SECAGG_ERR_CHEAT = -24,     /**< a peer was caught lying */

    /* the system's */
    SECAGG_ERR_MEMORY = -30, /**< no memory */
    SECAGG_ERR_RANDOM = -31, /**< the system gave no randomness */
    SECAGG_ERR_CRYPTO = -32  /**< a cryptographic library failed */
} secagg_err;

/**
 * Name an error in a few words.
 *
 * @param err any value
 * @return a constant string, never NULL; "unknown error" for a value that is
 *         no secagg_err
 */
const char *secagg_strerror(secagg_err err);

/**
 * Tell the version of the library that is linked.
 *
 * @return a constant string such as "1.2.3"
 */
const char *secagg_version(void);

/**
 * Overwrite a secret of the caller's with zeros, for good: the compiler does
 * not take this away.
 *
 * @param[out] ptr the bytes to overwrite
 * @param len      how many
 */
void secagg_wipe(void *ptr, size_t len);

#ifdef __cplusplus
}
#endif

#endif
