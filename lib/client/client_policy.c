/* SPDX-License-Identifier: Apache-2.0 */
/* The least that a client accepts of a session's parameters, whoever chose
 * them (PROTOCOL.md 2.2). */
#include "client/client.h"
#include "core/mem.h"
#include "session/params_choose.h"

/* A client's own bound for the tails on a sparse graph (2.5). */
#define SECURITY_BITS 40
#define DISCONNECTED (1.0 / ((uint64_t)1 << (SECURITY_BITS + 1)))
#define SPARSE_SHARE 0.05

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t most(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* Colluders that a client wants to be safe from, among all of a complete
 * graph. */
static bool complete_holds(const secagg_params *own, const secagg_policy *p)
{
    const uint32_t n = own->clients;
    const uint32_t corrupt = p->min_corrupt >= 0.0
        ? sa_choose_count(p->min_corrupt, n)
        : most(least(n / 3, 33), n / 20);

    return own->corrupt >= corrupt;
}

/* On a sparse graph: no client has more corrupt neighbours than the threshold
 * allows for, and the corrupt and the absent together do not cut the ring
 * (E1 and E2 of 2.5). */
static bool sparse_holds(const secagg_params *own, const secagg_policy *p)
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
        : ring ? 3 : most(3, own->threshold);

    if (p->size != sizeof *p || p->require_active > 1
        || !(p->min_corrupt <= 1.0))
        return SECAGG_ERR_ARG;
    if (own->clients < clients || params->min_set < survivors
        || (p->require_active == 1 && !sa_params_active(params))
        || !(ring ? sparse_holds(own, p) : complete_holds(own, p)))
        return SECAGG_ERR_POLICY;
    return SECAGG_OK;
}
