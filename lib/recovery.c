/* SPDX-License-Identifier: Apache-2.0 */
/* recovery: the masks that are left in the sum. A survivor's self mask, from
 * its self root; a dropout's pair masks with the survivors, from its mask
 * root (Bonawitz et al. 2017, Figure 4, round 4; PROTOCOL.md 9.5). Each root
 * is checked against what its dealer committed to before it is used. */
#include "server.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agree.h"
#include "bits.h"
#include "mem.h"
#include "seal.h"
#include "shamir.h"

/* The first `threshold` points of a dealer, and the coefficients of the
 * holders that were used last: dealers with the same holders share them. */
typedef struct points {
    uint32_t threshold;
    uint32_t *ranks, *solved;
    uint8_t *shares;
    sa_lagrange *lagrange; /* of the ranks in solved */
} points;

static secagg_err points_init(points *p, uint32_t threshold)
{
    *p = (points){ .threshold = threshold };
    p->ranks = sa_alloc(threshold, sizeof *p->ranks);
    p->solved = sa_alloc(threshold, sizeof *p->solved);
    p->shares = sa_alloc(threshold, SECAGG_SHARE_BYTES);
    return p->ranks != NULL && p->solved != NULL && p->shares != NULL
        ? SECAGG_OK : SECAGG_ERR_MEMORY;
}

static void points_free(points *p)
{
    sa_free(p->ranks, p->threshold * sizeof *p->ranks);
    sa_free(p->solved, p->threshold * sizeof *p->solved);
    sa_free(p->shares, (size_t)p->threshold * SECAGG_SHARE_BYTES);
    sa_lagrange_free(p->lagrange);
}

/* The share of a dealer's needed secret that a client gave, or NULL. The own
 * share of a survivor came with its UNMASK; others were opened in place. */
static const uint8_t *share_of(const secagg_server *s, uint32_t dealer,
    uint32_t holder)
{
    const sa_member *m = &s->members[dealer];

    if (holder != dealer)
        return sa_map_has(m->opened, holder)
            ? sa_server_slot(s, dealer, holder, sa_server_kind(s, dealer))
            : NULL;
    return sa_map_has(s->u3, dealer) && sa_map_has(s->answered, dealer)
        ? m->own_share : NULL;
}

/* Collect the first points of a dealer, with or without its own word; returns
 * how many there are, threshold at the most. */
static uint32_t collect(const secagg_server *s, points *p, uint32_t dealer,
    bool own)
{
    uint32_t have = 0;

    for (uint32_t v = 0; v < s->params->own.clients; v++) {
        const uint8_t *share = share_of(s, dealer, v);
        if (share == NULL || (v == dealer && !own) || have == p->threshold)
            continue;
        p->ranks[have] = sa_server_rank(s, dealer, v);
        memcpy(p->shares + (size_t)have * SECAGG_SHARE_BYTES, share,
            SECAGG_SHARE_BYTES);
        have++;
    }
    return have;
}

static secagg_err join(points *p, uint8_t root[SECAGG_SECRET_BYTES])
{
    const size_t bytes = p->threshold * sizeof *p->ranks;

    if (p->lagrange == NULL || !sa_equal(p->ranks, p->solved, bytes)) {
        sa_lagrange_free(p->lagrange);
        p->lagrange = NULL;
        SA_TRY(sa_lagrange_new(&p->lagrange, p->ranks, p->threshold));
        memcpy(p->solved, p->ranks, bytes);
    }
    return sa_lagrange_join(p->lagrange, root, p->shares);
}

/* Whether a root is the one that its dealer stands for: its commitment, or its
 * advertised mask key, which is left in key. */
static secagg_err fits(const secagg_server *s, uint32_t dealer,
    const uint8_t root[32], uint8_t key[32], bool *fit)
{
    uint8_t made[32];

    if (sa_server_kind(s, dealer) == SA_KIND_SELF) {
        SA_TRY(sa_schedule_commit(made, &s->binding, dealer, root));
        *fit = sa_equal(made, s->members[dealer].commitment, sizeof made);
        return SECAGG_OK;
    }
    SA_TRY(sa_schedule_mask_key(key, s->params->context, root, dealer));
    SA_TRY(sa_agree_public(made, key));
    *fit = sa_equal(made, s->roster.mask[dealer], sizeof made);
    return SECAGG_OK;
}

static secagg_err too_few(secagg_server *s, uint32_t dealer, uint32_t have)
{
    (void)snprintf(s->reason, sizeof s->reason,
        "%" PRIu32 " shares of client %" PRIu32 " were opened; %" PRIu32
        " are needed", have, dealer, s->params->own.threshold);
    return sa_server_fail(s, SECAGG_ERR_THRESHOLD);
}

static secagg_err cheated(secagg_server *s, uint32_t dealer)
{
    sa_server_blame(s, dealer, SECAGG_ERR_CHEAT);
    (void)snprintf(s->reason, sizeof s->reason,
        "the shares that client %" PRIu32 " dealt do not give the secret "
        "that it committed to", dealer);
    return sa_server_fail(s, SECAGG_ERR_CHEAT);
}

/* The root of a dealer, checked; key is its mask key if it dropped out. The
 * own share is the one point that no seal holds to what was dealt: where it
 * spoils the root, the others are tried without it. */
static secagg_err recover_root(secagg_server *s, points *p, uint32_t dealer,
    uint8_t root[32], uint8_t key[32])
{
    const uint32_t first = collect(s, p, dealer, true);
    bool fit = false;

    if (first < p->threshold)
        return too_few(s, dealer, first);
    SA_TRY(join(p, root));
    SA_TRY(fits(s, dealer, root, key, &fit));
    if (fit)
        return SECAGG_OK;
    if (collect(s, p, dealer, false) < p->threshold)
        return cheated(s, dealer);
    SA_TRY(join(p, root));
    SA_TRY(fits(s, dealer, root, key, &fit));
    if (!fit)
        return cheated(s, dealer);
    sa_server_blame(s, dealer, SECAGG_ERR_CHEAT);
    return SECAGG_OK;
}

/* A survivor's self mask is in the sum: take it away. */
static secagg_err drop_self(const secagg_server *s, secagg_masks *masks,
    uint32_t u, const uint8_t root[32])
{
    uint8_t seed[SECAGG_SEED_BYTES];
    secagg_err err;

    err = sa_schedule_self_seed(seed, &s->binding, root, u, s->h_u2);
    if (err == SECAGG_OK)
        err = secagg_masks_add(masks, seed, -1);
    sa_wipe(seed, sizeof seed);
    return err;
}

/* Survivor v has its pair mask with dropout u in the sum, added where v is the
 * greater index: take it away. */
static secagg_err drop_pair(const secagg_server *s, secagg_masks *masks,
    uint32_t u, uint32_t v, const uint8_t key[32])
{
    uint8_t shared[SECAGG_SEED_BYTES], seed[SECAGG_SEED_BYTES];
    secagg_err err;

    err = sa_agree(shared, key, s->roster.mask[v]);
    if (err == SECAGG_OK)
        err = sa_schedule_pair_seed(seed, &s->binding, shared, u, v,
            s->roster.mask[u], s->roster.mask[v], s->h_u2);
    if (err == SECAGG_OK)
        err = secagg_masks_add(masks, seed, v > u ? -1 : 1);
    sa_wipe(shared, sizeof shared);
    sa_wipe(seed, sizeof seed);
    return err;
}

static secagg_err drop_pairs(const secagg_server *s, secagg_masks *masks,
    uint32_t u, const uint8_t key[32])
{
    for (uint32_t v = 0; v < s->params->own.clients; v++)
        if (sa_map_has(s->u3, v))
            SA_TRY(drop_pair(s, masks, u, v, key));
    return SECAGG_OK;
}

static secagg_err recover_one(secagg_server *s, points *p, uint32_t u,
    secagg_masks *masks)
{
    uint8_t root[32], key[32] = { 0 };
    secagg_err err = recover_root(s, p, u, root, key);

    if (err == SECAGG_OK)
        err = sa_server_kind(s, u) == SA_KIND_SELF
            ? drop_self(s, masks, u, root)
            : drop_pairs(s, masks, u, key);
    sa_wipe(root, sizeof root);
    sa_wipe(key, sizeof key);
    return err;
}

secagg_err sa_recover_masks(secagg_server *s, secagg_masks *masks)
{
    const uint32_t n = s->params->own.clients;
    secagg_err err;
    points p;

    err = points_init(&p, s->params->own.threshold);
    for (uint32_t u = 0; u < n && err == SECAGG_OK; u++)
        if (sa_map_has(s->u2, u))
            err = recover_one(s, &p, u, masks);
    points_free(&p);
    return err;
}
