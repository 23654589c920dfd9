/* SPDX-License-Identifier: Apache-2.0 */
/* reed_solomon: recover a secret from shares of which some are wrong, and find
 * those (PROTOCOL.md 4.6). The shares of one dealer are a word of a
 * Reed-Solomon code; Massey's algorithm (1969) locates the wrong ones in time
 * O(count^2). The time depends on which shares are wrong and on their errors,
 * never on the secret. */
#ifndef SA_REED_SOLOMON_H
#define SA_REED_SOLOMON_H

#include "crypto/shamir.h"

/* Find the polynomial of degree below `threshold` that differs from at most
 * floor((count - threshold) / 2) of the `count` shares; at most one exists.
 * `secret` is its value at zero, and wrong[i] is 1 if share i differs from it,
 * else 0. Share i belongs to the point x = ranks[i] + 1; shares are
 * concatenated. After an error the outputs are unchanged.
 *
 * Returns SECAGG_ERR_CHEAT if there is no such polynomial; SECAGG_ERR_ARG if a
 * rank occurs twice or is not below SECAGG_SHARES_MAX, or if the threshold is
 * not from 1 to count; SECAGG_ERR_MESSAGE if a share is not a canonical scalar;
 * SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_rs_decode(uint8_t secret[SECAGG_SECRET_BYTES],
    uint8_t *wrong, const uint32_t *ranks, const uint8_t *shares,
    size_t count, size_t threshold);

/* As sa_rs_decode, with the Lagrange coefficients of these ranks. All dealers
 * with the same holders can share them. */
SECAGG_MUST_CHECK secagg_err sa_rs_decode_with(const sa_lagrange *lagrange,
    uint8_t secret[SECAGG_SECRET_BYTES], uint8_t *wrong,
    const uint32_t *ranks, const uint8_t *shares, size_t count,
    size_t threshold);

#endif
