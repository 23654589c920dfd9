/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Sharing a secret among holders (Shamir 1979), modulo the order of
 * ristretto255.
 *
 * Sessions do this by themselves; the functions stand here for hosts that
 * share secrets of their own and for auditors.
 */
#ifndef SECAGG_SHAMIR_H
#define SECAGG_SHAMIR_H

#include <secagg/base.h>

/** Bytes of a secret: a number below L = 2^252 +
 * 27742317777372353535851937790883648493, little-endian. */
#define SECAGG_SECRET_BYTES 32
/** Bytes of a share: a number below L, little-endian. */
#define SECAGG_SHARE_BYTES 32
/** Most shares that a secret may have. */
#define SECAGG_SHARES_MAX 4096

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Split a secret into shares of which any `threshold` give it back and fewer
 * say nothing of it. Share i is the value at x = i + 1 of a polynomial whose
 * coefficients derive from the seed (PROTOCOL.md 4.3). Constant time.
 *
 * @param[out] shares   count shares of #SECAGG_SHARE_BYTES, end to end
 * @param count         shares, 1 to #SECAGG_SHARES_MAX
 * @param threshold     shares that open the secret, 1 to count
 * @param[in] secret    a number below L; uniform, for perfect secrecy
 * @param[in] seed      32 secret bytes, never used for another secret
 * @retval SECAGG_ERR_ARG    count or threshold is out of range
 * @retval SECAGG_ERR_VALUE  the secret is not below L
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_shamir_split(uint8_t *shares, size_t count,
    size_t threshold, const uint8_t secret[SECAGG_SECRET_BYTES],
    const uint8_t seed[SECAGG_SEED_BYTES]);

/**
 * Join shares to the secret by interpolation at zero (PROTOCOL.md 4.5). That
 * at least `threshold` shares are given, and good ones, is the caller's to
 * see: any shares join to something.
 *
 * @param[out] secret   the secret
 * @param[in] holders   count ranks: share i was number holders[i] (x - 1)
 *                      when it was split; not a client's index where the two
 *                      differ
 * @param[in] shares    count shares of #SECAGG_SHARE_BYTES, end to end
 * @param count         shares, 1 to #SECAGG_SHARES_MAX
 * @retval SECAGG_ERR_ARG     count or a rank is out of range, or a rank comes
 *                            twice
 * @retval SECAGG_ERR_MESSAGE a share is not below L
 * @retval SECAGG_ERR_MEMORY  no memory
 */
SECAGG_MUST_CHECK secagg_err secagg_shamir_join(
    uint8_t secret[SECAGG_SECRET_BYTES], const uint32_t *holders,
    const uint8_t *shares, size_t count);

#ifdef __cplusplus
}
#endif

#endif
