/* SPDX-License-Identifier: Apache-2.0 */
/* decode: a secret from shares of which some are wrong, and which ones they
 * are (PROTOCOL.md 4.6). Shares of one dealer are a word of a Reed-Solomon
 * code; Massey (1969) finds the wrong ones in time O(count^2). The time taken
 * depends on which shares are wrong and by how much, never on the secret. */
#ifndef SA_REED_SOLOMON_H
#define SA_REED_SOLOMON_H

#include "crypto/shamir.h"

/* The value at zero of the one polynomial of degree below threshold that
 * misses at most floor((count - threshold) / 2) of the points; wrong[i] is 1
 * where it misses point i, else 0. Shares and ranks (x - 1) as for
 * secagg_shamir_join.
 *
 * SECAGG_ERR_CHEAT where there is no such polynomial; ARG for a rank twice or
 * of SA_SC_POINTS and above, or a threshold not from 1 to count; MESSAGE where
 * a share is no field element; MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_rs_decode(uint8_t secret[SECAGG_SECRET_BYTES],
    uint8_t *wrong, const uint32_t *ranks, const uint8_t *shares,
    size_t count, size_t threshold);

/* The same with the coefficients of these ranks at hand, of which every
 * dealer with the same holders needs but one set. */
SECAGG_MUST_CHECK secagg_err sa_rs_decode_with(const sa_lagrange *lagrange,
    uint8_t secret[SECAGG_SECRET_BYTES], uint8_t *wrong,
    const uint32_t *ranks, const uint8_t *shares, size_t count,
    size_t threshold);

#endif
