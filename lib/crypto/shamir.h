/* SPDX-License-Identifier: Apache-2.0 */
/* shamir: Lagrange coefficients of a set of holders (Shamir 1979; PROTOCOL.md
 * 4.3 to 4.5), computed once and used for every secret whose shares these
 * holders send. Holders are public. Shares, their products with coefficients,
 * and secrets are handled in constant time. */
#ifndef SA_SHAMIR_H
#define SA_SHAMIR_H

#include <secagg/shamir.h>

#include "crypto/scalar.h"

typedef struct sa_lagrange sa_lagrange;

/* Compute the coefficients for holders of rank holders[i], whose points are
 * x = rank + 1. Returns SECAGG_ERR_ARG if a rank occurs twice or is not below
 * SECAGG_SHARES_MAX, or if there are no holders; SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_lagrange_new(sa_lagrange **lagrange,
    const uint32_t *holders, size_t count);

/* Recover the secret from the shares of these holders, concatenated in the
 * order of the holders. Returns SECAGG_ERR_MESSAGE if a share is not a
 * canonical scalar. */
SECAGG_MUST_CHECK secagg_err sa_lagrange_join(const sa_lagrange *lagrange,
    uint8_t secret[SECAGG_SECRET_BYTES], const uint8_t *shares);

/* out[i] = lambda_i times share i. The sum of these products is the secret.
 * Returns SECAGG_ERR_MESSAGE as above; some of `out` may then be written. */
SECAGG_MUST_CHECK secagg_err sa_lagrange_weigh(const sa_lagrange *lagrange,
    sa_sc *out, const uint8_t *shares);

/* Free; NULL is allowed. */
void sa_lagrange_free(sa_lagrange *lagrange);

#endif
