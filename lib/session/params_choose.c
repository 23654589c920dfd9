/* SPDX-License-Identifier: Apache-2.0 */
#include "session/params_choose.h"

#include <math.h>

#include "session/params.h"

#define CLIENTS_MAX 100000000
#define SPARSE_FROM 100 /* clients; below, the complete graph costs little */
#define BITS_MAX 128

/* ---- tails -------------------------------------------------------------- */

uint32_t sa_choose_count(double rate, uint32_t n)
{
    const double count = (rate + 1e-14) * n;

    return count < n ? (uint32_t)count : n;
}

/* Weights relative to that of the mode below this one are left out: it is far
 * below any bound, 2^-129 / 10^8. */
#define TINY 1e-75

typedef struct urn {
    double population, marked, draws;
} urn;

/* P[X = x + 1] / P[X = x]. */
static double step(const urn *u, uint32_t x)
{
    const double others = u->population - u->marked - u->draws;

    return (u->marked - x) * (u->draws - x)
        / ((1.0 + x) * (others + 1.0 + x));
}

/* No factorials: weights relative to that of the mode, by their ratios, up and
 * down to where nothing is left; then the tail from its small end. */
uint32_t sa_choose_max(uint32_t population, uint32_t marked, uint32_t draws,
    double bound)
{
    const urn u = { population, marked, draws };
    const uint32_t others = population - marked;
    const uint32_t low = draws > others ? draws - others : 0;
    const uint32_t high = draws < marked ? draws : marked;
    const uint32_t mode = (uint32_t)((draws + (uint64_t)1)
        * (marked + (uint64_t)1) / (population + (uint64_t)2));
    double total = 1, weight = 1, tail = 0;
    uint32_t x;

    for (x = mode; x > low && weight > TINY; x--) {
        weight /= step(&u, x - 1);
        total += weight;
    }
    weight = 1;
    for (x = mode; x < high && weight > TINY; x++) {
        weight *= step(&u, x);
        total += weight;
    }
    while (x > low && tail + weight <= bound * total) {
        tail += weight;
        weight /= step(&u, x - 1);
        x--;
    }
    return x;
}

/* There are n (n - k - 1) / 2 pairs of runs, and each is away as a whole with
 * a probability of C(bad, k) / C(n, k). */
uint32_t sa_choose_connected(uint32_t n, uint32_t bad, double bound)
{
    double away = 1;

    for (uint32_t k = 2; k + 2 <= n && k <= SA_DEGREE_MAX; k += 2) {
        if (k > bad)
            return k;
        away *= (bad - k + 2.0) / (n - k + 2.0) * (bad - k + 1.0)
            / (n - k + 1.0);
        if (away * n * (n - k - 1.0) / 2 < bound)
            return k;
    }
    return 0;
}

/* 2^-bits for any of n clients. */
static double each(uint32_t n, uint32_t bits)
{
    return ldexp(1.0, -(int)bits) / n;
}

uint32_t sa_choose_corrupt(uint32_t n, uint32_t k, double share,
    uint32_t security_bits)
{
    const uint32_t bad = sa_choose_count(share, n);

    return sa_choose_max(n - 1, bad < n ? bad : n - 1, k,
        each(n, security_bits + 1));
}

/* ---- the choice (PROTOCOL.md 2.5) --------------------------------------- */

typedef struct wish {
    double corrupt;             /* share of clients */
    uint32_t bad, away;         /* clients: corrupt ones, dropouts */
    uint32_t security, failure; /* bits */
} wish;

/*
 * The first even degree k with 2 t > k + 1 + c and t <= k - d, for c corrupt
 * and d dropped neighbours at the most. From k to k + 2, t grows by one at
 * least, and d does not shrink: two more draws can only add to what was drawn
 * before. So t + d - k shrinks by one at the most, and the degrees up to
 * k + 2 (t + d - k) need not be tried.
 */
static bool choose_ring(secagg_params *p, const wish *w)
{
    const uint32_t n = p->clients;
    uint64_t k, t, d;

    /* so that min_survivors >= bad + 2, too: no k serves for n - 1 and more */
    k = sa_choose_connected(n, w->bad + w->away,
        ldexp(1.0, -(int)w->security - 1));
    if (k == 0)
        return false;
    for (; k + 2 <= n && k <= SA_DEGREE_MAX; k += 2 * (t + d - k)) {
        const uint32_t c = sa_choose_corrupt(n, (uint32_t)k, w->corrupt,
            w->security);
        d = sa_choose_max(n, w->away, (uint32_t)k, each(n, w->failure));
        t = (c + k + 1) / 2 + 1;
        if (t + d > k)
            continue;
        p->neighbours = (uint32_t)k;
        p->threshold = (uint32_t)t;
        p->corrupt = c;
        p->min_survivors = n - w->away;
        return true;
    }
    return false;
}

static bool choose_complete(secagg_params *p, const wish *w)
{
    const uint32_t n = p->clients, most = p->mode == SECAGG_ACTIVE
        ? SA_ACTIVE_MAX : SA_COMPLETE_MAX;
    uint32_t least;

    if (n > most || w->bad + 2 > n)
        return false;
    p->neighbours = 0;
    p->threshold = (n + w->bad) / 2 + 1;
    p->corrupt = w->bad;
    p->min_survivors = 0; /* max(3, threshold) */
    least = p->threshold > 3 ? p->threshold : 3;
    return n - w->away >= least;
}

static bool is_share(double x)
{
    return x >= 0 && x < 1; /* and no NaN */
}

secagg_err secagg_params_choose(secagg_params *params, double corrupt,
    double dropout, uint32_t security_bits, uint32_t failure_bits)
{
    secagg_params chosen;
    wish w;

    if (params->size != sizeof *params || params->mode > SECAGG_ACTIVE
        || params->clients < 3 || params->clients > CLIENTS_MAX
        || !is_share(corrupt) || !is_share(dropout)
        || security_bits < 1 || security_bits > BITS_MAX
        || failure_bits < 1 || failure_bits > BITS_MAX)
        return SECAGG_ERR_ARG;
    chosen = *params;
    w = (wish){ corrupt, sa_choose_count(corrupt, params->clients),
        sa_choose_count(dropout, params->clients), security_bits,
        failure_bits };
    if (!(params->mode == SECAGG_SEMI_HONEST && params->clients >= SPARSE_FROM
            && choose_ring(&chosen, &w))
        && !choose_complete(&chosen, &w))
        return SECAGG_ERR_ARG;
    *params = chosen;
    return SECAGG_OK;
}
