/* SPDX-License-Identifier: Apache-2.0 */
#include "session/params_choose.h"

#include <math.h>

#include "session/params_check.h"

#define CLIENTS_MAX 100000000
#define SPARSE_MIN 100 /* clients; fewer are cheap on the complete graph */
#define BITS_MAX 128

/* ---- hypergeometric tails ----------------------------------------------- */

uint32_t sa_choose_count(double rate, uint32_t n)
{
    const double count = (rate + 1e-14) * n;

    return count < n ? (uint32_t)count : n;
}

/* Terms below this share of the largest one are left out of the total. It is
 * far below any bound: 2^-129 / 10^8. */
#define NEGLIGIBLE 1e-75

typedef struct hypergeometric {
    double population, marked, draws;
} hypergeometric;

/* Returns P[X = x + 1] / P[X = x]. */
static double ratio(const hypergeometric *h, uint32_t x)
{
    const double others = h->population - h->marked - h->draws;

    return (h->marked - x) * (h->draws - x)
        / ((1.0 + x) * (others + 1.0 + x));
}

/* This computes no factorials. The weight of x is P[X = x] / P[X = mode], and
 * the ratios lead from one weight to the next. First all weights are summed, up
 * and down from the mode until they are negligible. Then the tail is summed
 * from its small end, as PROTOCOL.md 2.5 demands, while it is within the
 * bound. */
uint32_t sa_choose_quantile(uint32_t population, uint32_t marked,
    uint32_t draws, double bound)
{
    const hypergeometric h = { population, marked, draws };
    const uint32_t others = population - marked;
    const uint32_t min = draws > others ? draws - others : 0;
    const uint32_t max = draws < marked ? draws : marked;
    const uint32_t mode = (uint32_t)((draws + (uint64_t)1)
        * (marked + (uint64_t)1) / (population + (uint64_t)2));
    double total = 1, weight = 1, tail = 0;
    uint32_t x;

    for (x = mode; x > min && weight > NEGLIGIBLE; x--) {
        weight /= ratio(&h, x - 1);
        total += weight;
    }
    weight = 1;
    for (x = mode; x < max && weight > NEGLIGIBLE; x++) {
        weight *= ratio(&h, x);
        total += weight;
    }
    while (x > min && tail + weight <= bound * total) {
        tail += weight;
        weight /= ratio(&h, x - 1);
        x--;
    }
    return x;
}

/* The ring falls apart only if two runs of k/2 positions are removed (5.5).
 * There are n (n - k - 1) / 2 pairs of disjoint runs with a position between
 * them on both sides, and one pair is removed as a whole with probability
 * C(removed, k) / C(n, k). */
uint32_t sa_choose_min_degree(uint32_t n, uint32_t removed, double bound)
{
    double pair = 1; /* the probability for one pair */

    for (uint32_t k = 2; k + 2 <= n && k <= SA_DEGREE_MAX; k += 2) {
        if (k > removed)
            return k;
        pair *= (removed - k + 2.0) / (n - k + 2.0) * (removed - k + 1.0)
            / (n - k + 1.0);
        if (pair * n * (n - k - 1.0) / 2 < bound)
            return k;
    }
    return 0;
}

/* Returns the bound for one of n clients so that they keep 2^-bits together. */
static double bound_for_each(uint32_t n, uint32_t bits)
{
    return ldexp(1.0, -(int)bits) / n;
}

/* The population is n - 1: an honest client is not its own neighbour. */
uint32_t sa_choose_corrupt(uint32_t n, uint32_t k, double share,
    uint32_t security_bits)
{
    const uint32_t corrupt = sa_choose_count(share, n);

    return sa_choose_quantile(n - 1, corrupt < n ? corrupt : n - 1, k,
        bound_for_each(n, security_bits + 1));
}

/* ---- the choice (PROTOCOL.md 2.5) --------------------------------------- */

typedef struct goal {
    double corrupt_share;       /* gamma */
    uint32_t corrupt, dropouts; /* clients: A and D */
    uint32_t security_bits;     /* sigma */
    uint32_t failure_bits;      /* eta */
} goal;

/*
 * Choose the first even degree k for which E2 holds, 2 t > k + 1 + c and
 * t <= k - d. c and d are the maximum numbers of corrupt and of dropped
 * neighbours that a client has under E1 and E3.
 *
 * Degrees can be skipped. From k to k + 2, t grows by at least one, and d does
 * not shrink because two more draws can only add to it. So the deficit
 * t + d - k shrinks by at most one, and no degree below k + 2 (t + d - k) can
 * be the answer.
 */
static bool choose_ring(secagg_params *p, const goal *g)
{
    const uint32_t n = p->clients;
    uint64_t k, t, d;

    /* 0 also for corrupt + dropouts >= n - 1, so that min_survivors is at least
     * corrupt + 2 */
    k = sa_choose_min_degree(n, g->corrupt + g->dropouts,
        ldexp(1.0, -(int)g->security_bits - 1));
    if (k == 0)
        return false;
    for (; k + 2 <= n && k <= SA_DEGREE_MAX; k += 2 * (t + d - k)) {
        const uint32_t c = sa_choose_corrupt(n, (uint32_t)k, g->corrupt_share,
            g->security_bits);
        d = sa_choose_quantile(n, g->dropouts, (uint32_t)k,
            bound_for_each(n, g->failure_bits));
        t = (c + k + 1) / 2 + 1;
        if (t + d > k)
            continue;
        p->neighbours = (uint32_t)k;
        p->threshold = (uint32_t)t;
        p->corrupt = c;
        p->min_survivors = n - g->dropouts;
        return true;
    }
    return false;
}

static bool choose_complete(secagg_params *p, const goal *g)
{
    const uint32_t n = p->clients;
    const uint32_t max = p->mode == SECAGG_ACTIVE ? SA_ACTIVE_MAX
                                                  : SA_COMPLETE_MAX;
    uint32_t min_survivors;

    if (n > max || g->corrupt + 2 > n)
        return false;
    p->neighbours = 0;
    p->threshold = (n + g->corrupt) / 2 + 1;
    p->corrupt = g->corrupt;
    p->min_survivors = 0; /* the default, which is computed here: */
    min_survivors = p->threshold > 3 ? p->threshold : 3;
    return n - g->dropouts >= min_survivors;
}

static bool is_share(double x)
{
    return x >= 0 && x < 1; /* false for a NaN */
}

secagg_err secagg_params_choose(secagg_params *params, double corrupt,
    double dropout, uint32_t security_bits, uint32_t failure_bits)
{
    secagg_params chosen;
    goal g;

    if (params->size != sizeof *params || params->mode > SECAGG_ACTIVE
        || params->clients < 3 || params->clients > CLIENTS_MAX
        || !is_share(corrupt) || !is_share(dropout)
        || security_bits < 1 || security_bits > BITS_MAX
        || failure_bits < 1 || failure_bits > BITS_MAX)
        return SECAGG_ERR_ARG;
    chosen = *params;
    g = (goal){ corrupt, sa_choose_count(corrupt, params->clients),
        sa_choose_count(dropout, params->clients), security_bits,
        failure_bits };
    if (!(params->mode == SECAGG_SEMI_HONEST && params->clients >= SPARSE_MIN
            && choose_ring(&chosen, &g))
        && !choose_complete(&chosen, &g))
        return SECAGG_ERR_ARG;
    *params = chosen;
    return SECAGG_OK;
}
