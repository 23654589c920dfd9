/* SPDX-License-Identifier: Apache-2.0 */
/* choose: the smallest sparse graph that holds, from exact hypergeometric
 * tails (Bell et al. 2020, section 3.4; PROTOCOL.md 2.5). The tails stand here
 * for the client's policy and for the tests. */
#ifndef SA_PARAMS_CHOOSE_H
#define SA_PARAMS_CHOOSE_H

#include <secagg/params.h>

/* floor((rate + 1e-14) n), so that 0.29 of 100 are 29; 0 <= rate <= 1. */
uint32_t sa_choose_count(double rate, uint32_t n);

/* The least x such that, of draws without replacement from a population,
 * more than x are marked with a probability of at most bound < 1. Relative
 * error of the probability below 10^-10; time as the standard deviation.
 * marked, draws <= population. */
uint32_t sa_choose_max(uint32_t population, uint32_t marked, uint32_t draws,
    double bound);

/* The least even k from 2 to n - 2, SA_DEGREE_MAX at the most, for which the
 * ring falls apart with a probability below bound when bad clients at random
 * are away: two runs of k/2 of them are needed for that. 0 where there is
 * none. */
uint32_t sa_choose_connected(uint32_t n, uint32_t bad, double bound);

/* How many of one client's k neighbours are corrupt at the most, save with a
 * probability of 2^-(security_bits + 1) over all n clients, when a share of
 * the clients is. */
uint32_t sa_choose_corrupt(uint32_t n, uint32_t k, double share,
    uint32_t security_bits);

#endif
