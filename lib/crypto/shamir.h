/* SPDX-License-Identifier: Apache-2.0 */
/* shamir: Lagrange coefficients of a holder set, computed once and used for
 * every secret that the same holders open (Shamir 1979; PROTOCOL.md 4.3 to
 * 4.5). Holders are public; shares, coefficients times shares and secrets are
 * handled in constant time. */
#ifndef SA_SHAMIR_H
#define SA_SHAMIR_H

#include <secagg/shamir.h>

#include "crypto/scalar.h"

typedef struct sa_lagrange sa_lagrange;

/* For holders of rank holders[i] (x - 1), each at most once: SECAGG_ERR_ARG
 * for one twice, for none, or for a rank of SA_SC_POINTS and above. */
SECAGG_MUST_CHECK secagg_err sa_lagrange_new(sa_lagrange **lagrange,
    const uint32_t *holders, size_t count);

/* The secret from the shares of those holders, in their order, end to end.
 * SECAGG_ERR_MESSAGE where a share is no field element. */
SECAGG_MUST_CHECK secagg_err sa_lagrange_join(const sa_lagrange *lagrange,
    uint8_t secret[SECAGG_SECRET_BYTES], const uint8_t *shares);

/* What each of those shares counts: out[i] = lambda_i times share i, of which
 * the secret is the sum. SECAGG_ERR_MESSAGE as above. */
SECAGG_MUST_CHECK secagg_err sa_lagrange_weigh(const sa_lagrange *lagrange,
    sa_sc *out, const uint8_t *shares);

void sa_lagrange_free(sa_lagrange *lagrange);

#endif
