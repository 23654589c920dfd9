/* SPDX-License-Identifier: Apache-2.0 */
/* params_choose: secagg_params_choose(), which picks the sparse graph of least
 * degree from exact hypergeometric tails (Bell et al. 2020, section 3.4;
 * PROTOCOL.md 2.5). The functions below are for the client's policy and for
 * tests. */
#ifndef SA_PARAMS_CHOOSE_H
#define SA_PARAMS_CHOOSE_H

#include <secagg/params.h>

/* Returns floor((rate + 1e-14) n), the number of clients in a share of n;
 * 0 <= rate <= 1. The added 1e-14 makes 0.29 of 100 be 29. */
uint32_t sa_choose_count(double rate, uint32_t n);

/* Returns the least x with P[X > x] <= bound, where X is the number of marked
 * members among `draws` drawn without replacement from a population;
 * marked, draws <= population and bound < 1. The probability has a relative
 * error below 10^-10. The time grows with the standard deviation of X. */
uint32_t sa_choose_quantile(uint32_t population, uint32_t marked,
    uint32_t draws, double bound);

/* Returns the least even degree k, from 2 to min(n - 2, SA_DEGREE_MAX), at
 * which a ring of n clients falls apart with a probability below `bound` if
 * `removed` random clients are taken out (E2 of PROTOCOL.md 2.5); 0 if no
 * degree does. */
uint32_t sa_choose_min_degree(uint32_t n, uint32_t removed, double bound);

/* Returns c_max of PROTOCOL.md 2.5 (E1): the maximum of corrupt neighbours that
 * any client has, unless an event of probability 2^-(security_bits + 1)
 * happens. n clients, of which a share is corrupt; k neighbours each. */
uint32_t sa_choose_corrupt(uint32_t n, uint32_t k, double share,
    uint32_t security_bits);

#endif
