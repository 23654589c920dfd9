/* SPDX-License-Identifier: Apache-2.0 */
/* tails: numbers of clients for fractions, and the probabilities by which a
 * sparse graph is chosen and judged: exact hypergeometric tails (Bell et al.
 * 2020, section 3.4; PROTOCOL.md 2.2 and 2.5). */
#ifndef SA_TAILS_H
#define SA_TAILS_H

#include <secagg/base.h>

#include "core/ieee.h"

/* Returns floor((fraction + 1e-14) n), the number of clients that a fraction
 * from 0 to 1 gives. The added 1e-14 makes 0.29 of 100 be 29. */
uint32_t sa_tails_count(double fraction, uint32_t n);

/* Returns A(gamma) of PROTOCOL.md 2.2, the number of corrupt clients. It is at
 * least 1 if the fraction is above 0. */
uint32_t sa_tails_corrupt(double gamma, uint32_t n);

/* Returns the least x with P[X > x] <= bound, where X is the number of marked
 * members among `draws` drawn without replacement from a population;
 * marked, draws <= population and bound < 1. The probability has a relative
 * error below 10^-10. The time grows with the standard deviation of X. */
uint32_t sa_tails_quantile(uint32_t population, uint32_t marked,
    uint32_t draws, double bound);

/* Returns P[X >= x] for the same X, with the same error. A probability below
 * 10^-75 may come out as 0. */
double sa_tails_at_least(uint32_t population, uint32_t marked, uint32_t draws,
    uint32_t x);

/* Returns c_max of PROTOCOL.md 2.5 (E1): no client has more corrupt neighbours,
 * except with a probability of 2^-(security_bits + 1). Of n clients `corrupt`
 * are corrupt, and each has k neighbours. */
uint32_t sa_tails_c_max(uint32_t n, uint32_t k, uint32_t corrupt,
    uint32_t security_bits);

/* Returns k - t for the greatest t of E3: no client has more dropouts among its
 * k neighbours, except with a probability of 2^-failure_bits. */
uint32_t sa_tails_d_max(uint32_t n, uint32_t k, uint32_t dropouts,
    uint32_t failure_bits);

/* Returns P_cut of PROTOCOL.md 2.5 (E2') for a ring of n clients with k
 * neighbours each, k even and at most n - 2, and threshold t. Its relative
 * error is below 10^-10, unless it is below 10^-45: there it may be too
 * small. */
double sa_tails_cut(uint32_t n, uint32_t k, uint32_t t, uint32_t corrupt,
    uint32_t min_survivors);

/* Returns whether P_cut is at most 2^-(security_bits + 1), security_bits up to
 * 128. */
bool sa_tails_cut_holds(uint32_t n, uint32_t k, uint32_t t, uint32_t corrupt,
    uint32_t min_survivors, uint32_t security_bits);

#endif
