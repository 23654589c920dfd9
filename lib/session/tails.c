/* SPDX-License-Identifier: Apache-2.0 */
#include "session/tails.h"

#include <math.h>

/* ---- numbers of clients ------------------------------------------------- */

uint32_t sa_tails_count(double fraction, uint32_t n)
{
    const double count = (fraction + 1e-14) * n;

    return count < n ? (uint32_t)count : n;
}

uint32_t sa_tails_corrupt(double gamma, uint32_t n)
{
    const uint32_t count = sa_tails_count(gamma, n);

    return gamma > 0 && count == 0 ? 1 : count;
}

/* ---- hypergeometric tails ----------------------------------------------- */

/* No factorial is computed here. The weight of x is P[X = x] / P[X = mode], and
 * the ratios lead from one weight to the next. First all weights are summed, up
 * and down from the mode until they are negligible. Then a tail is summed from
 * its small end, as PROTOCOL.md 2.5 demands. All terms are positive, so that
 * the relative error stays below the number of terms and factors, at most
 * 10^5, times a few units in the last place: below 10^-10. */

/* Weights below this share of the largest one count as 0. It is far below any
 * bound: 2^-129 / 10^8 for one client, 2^-129 / (10^16 / 2) for one pair of
 * stretches. */
#define NEGLIGIBLE 1e-75

typedef struct hypergeometric {
    double population, marked, draws;
    uint32_t min, max, mode; /* of X */
    double total;            /* sum of all weights */
    uint32_t last;           /* the greatest x that is not negligible, */
    double last_weight;      /* and its weight */
} hypergeometric;

/* Returns P[X = x + 1] / P[X = x]. */
static double ratio(const hypergeometric *h, uint32_t x)
{
    const double others = h->population - h->marked - h->draws;

    return (h->marked - x) * (h->draws - x)
        / ((1.0 + x) * (others + 1.0 + x));
}

static hypergeometric sum_weights(uint32_t population, uint32_t marked,
    uint32_t draws)
{
    const uint32_t others = population - marked;
    hypergeometric h = { population, marked, draws,
        draws > others ? draws - others : 0,
        draws < marked ? draws : marked,
        (uint32_t)((draws + (uint64_t)1) * (marked + (uint64_t)1)
            / (population + (uint64_t)2)), 1, 0, 1 };
    double weight = 1;

    for (uint32_t x = h.mode; x > h.min && weight > NEGLIGIBLE; x--) {
        weight /= ratio(&h, x - 1);
        h.total += weight;
    }
    for (h.last = h.mode; h.last < h.max && h.last_weight > NEGLIGIBLE;
         h.last++) {
        h.last_weight *= ratio(&h, h.last);
        h.total += h.last_weight;
    }
    return h;
}

uint32_t sa_tails_quantile(uint32_t population, uint32_t marked,
    uint32_t draws, double bound)
{
    const hypergeometric h = sum_weights(population, marked, draws);
    double weight = h.last_weight, tail = 0;
    uint32_t x = h.last;

    while (x > h.min && tail + weight <= bound * h.total) {
        tail += weight;
        weight /= ratio(&h, x - 1);
        x--;
    }
    return x;
}

double sa_tails_at_least(uint32_t population, uint32_t marked, uint32_t draws,
    uint32_t x)
{
    const hypergeometric h = sum_weights(population, marked, draws);
    double weight = h.last_weight, tail = 0;

    if (x <= h.min)
        return 1;
    for (uint32_t y = h.last; y >= x; y--) {
        tail += weight;
        weight /= ratio(&h, y - 1);
    }
    return tail / h.total;
}

/* ---- the sparse graph --------------------------------------------------- */

/* Returns the bound for one of n clients so that they keep 2^-bits together. */
static double bound_for_each(uint32_t n, uint32_t bits)
{
    return ldexp(1.0, -(int)bits) / n;
}

/* The population is n - 1: an honest client is not its own neighbour. */
uint32_t sa_tails_c_max(uint32_t n, uint32_t k, uint32_t corrupt,
    uint32_t security_bits)
{
    return sa_tails_quantile(n - 1, corrupt < n ? corrupt : n - 1, k,
        bound_for_each(n, security_bits + 1));
}

uint32_t sa_tails_d_max(uint32_t n, uint32_t k, uint32_t dropouts,
    uint32_t failure_bits)
{
    return sa_tails_quantile(n, dropouts, k, bound_for_each(n, failure_bits));
}

static uint32_t max_of(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* The sum of 2.5 over i and j, the numbers of corrupt clients in two stretches
 * of k / 2 positions. i is hypergeometric; given i, j is drawn from the
 * corrupt clients and the positions that are left. So each i takes one tail of
 * j. P[i] falls beyond its mode, so that the sum begins with small terms. */
double sa_tails_cut(uint32_t n, uint32_t k, uint32_t t, uint32_t corrupt,
    uint32_t min_survivors)
{
    const uint32_t half = k / 2, dropouts = n - min_survivors;
    const uint32_t low = t > half + 1 ? t - 1 - half : 0;
    const uint32_t gap = k > dropouts ? k - dropouts : 1;
    const hypergeometric h = sum_weights(n, corrupt, half);
    const uint32_t least = max_of(low, h.min);
    double weight = h.last_weight, cut = 0;

    if (gap > corrupt)
        return 0;
    for (uint32_t i = h.last; i >= least; i--) {
        const uint32_t rest = gap > i ? gap - i : 0;
        cut += weight * sa_tails_at_least(n - half, corrupt - i, half,
            max_of(low, rest));
        if (i == h.min)
            break;
        weight /= ratio(&h, i - 1);
    }
    return cut / h.total * n * (n - k - 1.0) / 2;
}

/* No comparison here or in E1 meets an equality for security_bits above 27,
 * such as the 40 of every client's policy: P_cut has the denominator
 * 2 binom(n, A), and c_max has n binom(n - 1, k), in which 2 occurs at most
 * log2(n) < 27 times (Kummer's theorem; n <= 10^8). */
bool sa_tails_cut_holds(uint32_t n, uint32_t k, uint32_t t, uint32_t corrupt,
    uint32_t min_survivors, uint32_t security_bits)
{
    return sa_tails_cut(n, k, t, corrupt, min_survivors)
        <= ldexp(1.0, -(int)security_bits - 1);
}
