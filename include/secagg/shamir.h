/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Secret sharing (Shamir 1979) modulo the order of ristretto255.
 *
 * A dealer splits a secret into shares, one for each holder. Any `threshold`
 * shares determine the secret, and fewer shares reveal nothing about it.
 * Sessions use these functions themselves. They are public for hosts that
 * share other secrets and for auditors.
 */
#ifndef SECAGG_SHAMIR_H
#define SECAGG_SHAMIR_H

#include <secagg/base.h>

/**
 * @addtogroup shamir
 * @{
 */

enum {
    /** Bytes in a secret. A secret is a scalar in little-endian order, below
     * the prime ell = 2^252 + 27742317777372353535851937790883648493
     * (RFC 9496, section 4). */
    SECAGG_SECRET_BYTES = 32,
    /** Bytes in a share: a scalar below ell, in little-endian order. */
    SECAGG_SHARE_BYTES = 32,
    SECAGG_SHARES_MAX = 4096 /**< maximum number of shares of one secret */
};

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/**
 * Split a secret into shares. Share i is the value at x = i + 1 of a
 * polynomial whose value at 0 is the secret and whose other coefficients are
 * derived from the seed (PROTOCOL.md 4.3). The function runs in constant time.
 *
 * @param[out] shares   a buffer for `count` shares of #SECAGG_SHARE_BYTES each
 * @param count         the number of shares, 1 to #SECAGG_SHARES_MAX
 * @param threshold     the number of shares that determine the secret, 1 to
 *                      `count`
 * @param[in] secret    a scalar below ell. Perfect secrecy requires that it is
 *                      uniformly random.
 * @param[in] seed      32 secret bytes. The caller must not use them for
 *                      another secret.
 * @retval SECAGG_ERR_ARG    `count` or `threshold` is out of range
 * @retval SECAGG_ERR_VALUE  `secret` is not below ell
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_shamir_split(uint8_t *shares, size_t count,
    size_t threshold, const uint8_t secret[SECAGG_SECRET_BYTES],
    const uint8_t seed[SECAGG_SEED_BYTES]);

/**
 * Compute the secret from shares by interpolation at zero (PROTOCOL.md 4.5).
 *
 * The function cannot detect wrong or missing shares: it returns some scalar
 * for any input. The caller must pass at least `threshold` correct shares, or
 * compare a digest of the result.
 *
 * @param[out] secret   the secret, #SECAGG_SECRET_BYTES bytes
 * @param[in] holders   `count` ranks. Share i was share number holders[i]
 *                      (x - 1) of secagg_shamir_split(). On a sparse graph a
 *                      rank is not the index of a client.
 * @param[in] shares    `count` shares of #SECAGG_SHARE_BYTES each
 * @param count         the number of shares, 1 to #SECAGG_SHARES_MAX
 * @retval SECAGG_ERR_ARG     `count` or a rank is out of range, or a rank
 *                            occurs twice
 * @retval SECAGG_ERR_MESSAGE a share is not below ell
 * @retval SECAGG_ERR_MEMORY  the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_shamir_join(
    uint8_t secret[SECAGG_SECRET_BYTES], const uint32_t *holders,
    const uint8_t *shares, size_t count);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/** @} */

#endif
