/* SPDX-License-Identifier: Apache-2.0 */
/* small_points: polynomials and sums of powers at small public points, on eight
 * points in parallel (horner.h). Functions take constant time: no branch and no
 * index depends on a scalar. */
#ifndef SA_SMALL_POINTS_H
#define SA_SMALL_POINTS_H

#include "crypto/scalar.h"

/* Largest point. */
#define SA_SC_POINTS 4096

/* Evaluate a polynomial at consecutive public points: out[i] = coefs[0] +
 * coefs[1] x + ... with `terms` coefficients and x = first + i, for
 * 0 <= i < count. Requires terms >= 1, first >= 1 and first + count - 1 <=
 * SA_SC_POINTS. Returns SECAGG_ERR_MEMORY if there is no memory. */
SECAGG_MUST_CHECK secagg_err sa_sc_eval(sa_sc *out, size_t count,
    uint32_t first, const sa_sc *coefs, size_t terms);

/* out[i] = scale times the product of |gaps[j] - points[i]| over all gaps.
 * Points, gaps and these differences are public and from 1 to SA_SC_POINTS.
 * Returns SECAGG_ERR_MEMORY if there is no memory. */
SECAGG_MUST_CHECK secagg_err sa_sc_distances(sa_sc *out, const sa_sc *scale,
    const uint32_t *points, size_t count, const uint32_t *gaps,
    size_t gap_count);

/* out[j] = the sum of values[i] points[i]^j over all i, for 0 <= j < terms.
 * Points are public and from 1 to SA_SC_POINTS; count <= SA_SC_POINTS. Returns
 * SECAGG_ERR_MEMORY if there is no memory. */
SECAGG_MUST_CHECK secagg_err sa_sc_power_sums(sa_sc *out, size_t terms,
    const uint32_t *points, const sa_sc *values, size_t count);

#endif
