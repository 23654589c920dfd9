/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client_policy.h"

#include "core/mem.h"
#include "session/params_choose.h"

/* Bounds of a client for a sparse graph, in bits (2.5): some client has too
 * many corrupt neighbours, or the ring is cut, with a probability of at most
 * 2^-41 each. */
#define SECURITY_BITS 40
#define DISCONNECTED (1.0 / ((uint64_t)1 << (SECURITY_BITS + 1)))
#define SPARSE_SHARE 0.05 /* default share of corrupt clients */

static uint32_t min(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t max(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* The session must tolerate the corrupt clients of the policy, among all
 * clients of a complete graph. */
static bool verify_complete(const secagg_params *own, const secagg_policy *p)
{
    const uint32_t n = own->clients;
    const uint32_t corrupt = p->min_corrupt >= 0.0
        ? sa_choose_count(p->min_corrupt, n)
        : max(min(n / 3, 33), n / 20);

    return own->corrupt >= corrupt;
}

/* On a sparse graph no client may have more corrupt neighbours than the
 * threshold allows, and corrupt and absent clients together must not cut the
 * ring (E1 and E2 of 2.5). */
static bool verify_ring(const secagg_params *own, const secagg_policy *p)
{
    const uint32_t n = own->clients;
    const double share = p->min_corrupt >= 0.0 ? p->min_corrupt
                                               : SPARSE_SHARE;
    const uint32_t corrupt = sa_choose_count(share, n);
    uint32_t degree;

    if (corrupt == 0)
        return true;
    if (own->min_survivors < corrupt + 2
        || own->corrupt < sa_choose_corrupt(n, own->neighbours, share,
            SECURITY_BITS))
        return false;
    degree = sa_choose_min_degree(n, corrupt + n - own->min_survivors,
        DISCONNECTED);
    return degree != 0 && own->neighbours >= degree;
}

secagg_err sa_client_check_policy(const sa_params *params,
    const secagg_policy *policy)
{
    static const secagg_policy defaults = SECAGG_POLICY_INIT;
    const secagg_params *own = &params->own;
    const secagg_policy *p = policy != NULL ? policy : &defaults;
    const bool ring = sa_params_ring(params);
    const uint32_t clients = p->min_clients != 0 ? p->min_clients : 3;
    const uint32_t survivors = p->min_survivors != 0 ? p->min_survivors
        : ring ? 3 : max(3, own->threshold);

    if (p->size != sizeof *p || p->require_active > 1
        || !(p->min_corrupt <= 1.0))
        return SECAGG_ERR_ARG;
    if (own->clients < clients || params->min_set < survivors
        || (p->require_active == 1 && !sa_params_active(params))
        || !(ring ? verify_ring(own, p) : verify_complete(own, p)))
        return SECAGG_ERR_POLICY;
    return SECAGG_OK;
}
