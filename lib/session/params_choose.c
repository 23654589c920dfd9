/* SPDX-License-Identifier: Apache-2.0 */
/* params_choose: secagg_params_choose(), which picks the sparse graph of least
 * degree from exact tails (PROTOCOL.md 2.5). */
#include <inttypes.h>

#include "core/mem.h"
#include "core/reason.h"
#include "session/params_check.h"
#include "session/policy.h"
#include "session/tails.h"

#define CLIENTS_MIN 3
#define CLIENTS_MAX 100000000
#define RING_MIN 100 /* clients; fewer are cheap on the complete graph */
#define BITS_MAX 128

#define DEMAND(condition, ...)                                                 \
    SA_REQUIRE(condition, SECAGG_ERR_ARG, reason, __VA_ARGS__)

typedef struct goal {
    uint32_t corrupt, dropouts; /* clients: A and D */
    uint32_t security_bits;     /* sigma */
    uint32_t failure_bits;      /* eta */
    uint32_t min_ring;          /* clients of a sparse graph */
    uint32_t min_survivors;     /* of the policy */
} goal;

static uint32_t max_of(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* ---- the sparse graph --------------------------------------------------- */

/* E2' for a ring of degree k and threshold t. */
static bool cut_holds(uint32_t n, uint32_t k, uint32_t t, const goal *g)
{
    return sa_tails_cut_holds(n, k, t, g->corrupt, n - g->dropouts,
        g->security_bits);
}

/* Returns the least t from t_low to t_high for which E2' holds; it holds for
 * t_high, and P_cut falls as t rises. */
static uint32_t least_threshold(uint32_t n, uint32_t k, uint32_t t_low,
    uint32_t t_high, const goal *g)
{
    while (t_low < t_high) {
        const uint32_t t = t_low + (t_high - t_low) / 2;
        if (cut_holds(n, k, t, g))
            t_high = t;
        else
            t_low = t + 1;
    }
    return t_high;
}

/*
 * Choose the first even degree k with a threshold t for which 2 t > k + 1 + c
 * (from t_low on), t <= k - d (up to t_high) and E2' holds. c and d are the
 * maximum numbers of corrupt and of dropped neighbours of a client under E1 and
 * E3.
 *
 * Degrees can be skipped. From k to k + 2, t_low grows by at least one, and d
 * does not shrink because two more draws can only add to it. So the deficit
 * t_low + d - k shrinks by at most one, and no degree below
 * k + 2 (t_low + d - k) can be the answer.
 */
static bool choose_ring(secagg_params *p, const goal *g)
{
    const uint32_t n = p->clients;
    uint32_t step;

    for (uint32_t k = 2; k + 2 <= n && k <= SA_DEGREE_MAX; k += step) {
        const uint32_t c = sa_tails_c_max(n, k, g->corrupt, g->security_bits);
        const uint32_t d = sa_tails_d_max(n, k, g->dropouts, g->failure_bits);
        const uint32_t t_low = (c + k + 1) / 2 + 1;
        step = 2;
        if (t_low + d > k) {
            step = 2 * (t_low + d - k);
        } else if (cut_holds(n, k, k - d, g)) {
            p->neighbours = k;
            p->threshold = least_threshold(n, k, t_low, k - d, g);
            p->corrupt = c;
            p->min_survivors = n - g->dropouts;
            return true;
        }
    }
    return false;
}

/* ---- the complete graph ------------------------------------------------- */

static secagg_err choose_complete(secagg_params *p, const goal *g,
    char *reason)
{
    const uint32_t n = p->clients;
    const uint32_t max = p->mode == SECAGG_ACTIVE ? SA_ACTIVE_MAX
                                                  : SA_COMPLETE_MAX;
    const uint32_t threshold = (n + g->corrupt) / 2 + 1;
    const uint32_t needed = max_of(max_of(3, threshold),
        max_of(g->min_survivors, g->corrupt + 2));

    DEMAND(n - g->dropouts >= needed, "%" PRIu32 " of %" PRIu32 " clients may "
        "drop out, but with %" PRIu32 " corrupt ones %" PRIu32 " must stay",
        g->dropouts, n, g->corrupt, needed);
    DEMAND(n <= max, "%" PRIu32 " clients: no sparse graph bears %" PRIu32
        " corrupt ones and %" PRIu32 " dropouts, and the complete graph takes "
        "%" PRIu32, n, g->corrupt, g->dropouts, max);
    p->neighbours = 0;
    p->threshold = threshold;
    p->corrupt = g->corrupt;
    /* 0 is the default, max(3, threshold) */
    p->min_survivors = needed > max_of(3, threshold) ? needed : 0;
    return SECAGG_OK;
}

/* ---- the choice --------------------------------------------------------- */

static bool is_fraction(double x)
{
    return x >= 0 && x < 1; /* false for a NaN */
}

static secagg_err check_arguments(const secagg_params *p, double corrupt,
    double dropout, uint32_t security_bits, uint32_t failure_bits,
    char *reason)
{
    DEMAND(p->size == sizeof *p, "size is %zu, not %zu: begin with "
        "SECAGG_PARAMS_INIT", p->size, sizeof *p);
    DEMAND(p->mode <= SECAGG_ACTIVE, "there is no mode %" PRIu32, p->mode);
    DEMAND(p->clients >= CLIENTS_MIN && p->clients <= CLIENTS_MAX,
        "%" PRIu32 " clients are not from %d to %d", p->clients, CLIENTS_MIN,
        CLIENTS_MAX);
    DEMAND(is_fraction(corrupt) && is_fraction(dropout), "fractions %g and %g "
        "are not from 0 to below 1", corrupt, dropout);
    DEMAND(security_bits >= 1 && security_bits <= BITS_MAX
            && failure_bits >= 1 && failure_bits <= BITS_MAX,
        "%" PRIu32 " and %" PRIu32 " bits are not from 1 to %d", security_bits,
        failure_bits, BITS_MAX);
    return SECAGG_OK;
}

/* Raise the goal to what the policy asks for. */
static secagg_err apply_policy(goal *g, const secagg_params *params,
    const secagg_policy *policy, char *reason)
{
    const uint32_t n = params->clients;
    sa_policy p;

    SA_TRY(sa_policy_resolve(&p, policy, n, reason));
    DEMAND(n >= p.min_clients, "%" PRIu32 " clients: the policy asks for "
        "%" PRIu32, n, p.min_clients);
    DEMAND(params->mode == SECAGG_ACTIVE || policy == NULL
            || policy->require_active == 0,
        "semi-honest mode: the policy asks for active mode");
    if (p.corrupt > 0)
        g->security_bits = max_of(g->security_bits, SA_POLICY_BITS);
    g->corrupt = max_of(g->corrupt, p.corrupt);
    g->min_ring = max_of(RING_MIN, p.min_ring);
    g->min_survivors = p.min_survivors;
    return SECAGG_OK;
}

static secagg_err choose(secagg_params *p, goal *g,
    const secagg_policy *policy, char *reason)
{
    const uint32_t survivors = p->clients - g->dropouts;

    SA_TRY(apply_policy(g, p, policy, reason));
    if (p->mode == SECAGG_SEMI_HONEST && p->clients >= g->min_ring
        && survivors >= g->min_survivors && survivors >= g->corrupt + 2
        && choose_ring(p, g))
        return SECAGG_OK;
    return choose_complete(p, g, reason);
}

secagg_err secagg_params_choose(secagg_params *params, double corrupt,
    double dropout, uint32_t security_bits, uint32_t failure_bits,
    const secagg_policy *policy, char *why, size_t why_len)
{
    char reason[SA_REASON_BYTES] = "";
    secagg_err err = check_arguments(params, corrupt, dropout, security_bits,
        failure_bits, reason);

    if (err == SECAGG_OK) {
        secagg_params chosen = *params;
        goal g = { sa_tails_corrupt(corrupt, params->clients),
            sa_tails_count(dropout, params->clients), security_bits,
            failure_bits, 0, 0 };
        err = choose(&chosen, &g, policy, reason);
        if (err == SECAGG_OK)
            *params = chosen;
    }
    sa_reason_copy(why, why_len, reason);
    return err;
}
