/* SPDX-License-Identifier: Apache-2.0 */
/* recovery: the masks that are left in the sum. A survivor's self mask, from
 * its self root; a dropout's pair masks with the survivors, from its mask
 * root (Bonawitz et al. 2017, Figure 4, round 4; PROTOCOL.md 9.5). Each root
 * is checked against what its dealer committed to before it is used. */
#include "server/server.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/reed_solomon.h"
#include "crypto/scalar.h"
#include "crypto/shamir.h"
#include "crypto/share_seal.h"
#include "crypto/x25519.h"

/* What so many shares are tested with, by rank. */
typedef struct test {
    uint32_t count; /* 0: none yet */
    uint8_t *values;
} test;

/* A test stands at its count modulo this: on a ring counts are all near. */
#define TESTS 8

/* The points of a dealer, and what belongs to the holders that were used last:
 * dealers with the same holders share it. */
typedef struct points {
    uint32_t room, count, solved; /* most, of this dealer, of the last one */
    uint32_t *ranks, *last;
    uint8_t *shares, *wrong;
    sa_sc *weighed;
    sa_lagrange *lagrange; /* of the ranks in last */
    test tests[TESTS];
    bool cheated; /* a dealer before */
} points;

static secagg_err points_init(points *p, uint32_t room)
{
    *p = (points){ .room = room };
    p->ranks = sa_alloc(room, sizeof *p->ranks);
    p->last = sa_alloc(room, sizeof *p->last);
    p->shares = sa_alloc(room, SECAGG_SHARE_BYTES);
    p->wrong = sa_alloc(room, 1);
    p->weighed = sa_alloc(room, sizeof *p->weighed);
    return p->ranks != NULL && p->last != NULL && p->shares != NULL
            && p->wrong != NULL && p->weighed != NULL
        ? SECAGG_OK : SECAGG_ERR_MEMORY;
}

static void points_free(points *p)
{
    sa_free(p->ranks);
    sa_free(p->last);
    sa_free(p->shares);
    sa_free(p->wrong);
    sa_free(p->weighed);
    sa_lagrange_free(p->lagrange);
    for (uint32_t i = 0; i < TESTS; i++)
        sa_free(p->tests[i].values);
}

static void add_point(points *p, uint32_t rank, const uint8_t *share)
{
    p->ranks[p->count] = rank;
    memcpy(p->shares + (size_t)p->count * SECAGG_SHARE_BYTES, share,
        SECAGG_SHARE_BYTES);
    p->count++;
}

/* Collect the points of a dealer: the shares that were opened, and its own
 * where it survived and answered. */
static void collect(const secagg_server *s, points *p, uint32_t dealer)
{
    const sa_client_record *m = &s->members[dealer];
    const uint32_t *peers = sa_server_peers(s, dealer);
    const bool own = sa_bitmap_has(s->u3, dealer)
        && sa_bitmap_has(s->answered, dealer);
    uint32_t i = 0;

    p->count = 0;
    for (uint32_t rank = 0; rank <= s->peer_count; rank++) {
        if (rank == i && (i == s->peer_count || peers[i] > dealer)) {
            if (own)
                add_point(p, rank, m->own_share);
            continue;
        }
        if (sa_bitmap_has(m->opened, i))
            add_point(p, rank,
                sa_server_slot(s, dealer, i, sa_server_kind(s, dealer)));
        i++;
    }
}

/* What this many shares are tested with (4.6): values of x g(x), g of degree
 * below count - threshold and drawn from the server's seed, which nobody that
 * deals or answers knows. */
static secagg_err draw_test(const secagg_server *s, const points *p, test *t)
{
    static const uint8_t zero[SECAGG_SECRET_BYTES];
    const uint32_t terms = p->count - s->params->own.threshold + 1;
    uint8_t seed[SECAGG_SEED_BYTES];
    secagg_err err;

    if (t->count == p->count)
        return SECAGG_OK;
    t->count = 0;
    if (t->values == NULL)
        t->values = sa_alloc(p->room, SECAGG_SHARE_BYTES);
    if (t->values == NULL)
        return SECAGG_ERR_MEMORY;
    err = sa_derive_test_seed(seed, s->seed, &s->binding);
    if (err == SECAGG_OK)
        err = secagg_shamir_split(t->values, p->room, terms, zero, seed);
    if (err == SECAGG_OK)
        t->count = p->count;
    sa_wipe(seed, sizeof seed);
    return err;
}

/* The coefficients of these holders. */
static secagg_err solve(points *p)
{
    const size_t bytes = p->count * sizeof *p->ranks;

    if (p->lagrange != NULL && p->count == p->solved
        && sa_ct_equal(p->ranks, p->last, bytes))
        return SECAGG_OK;
    sa_lagrange_free(p->lagrange);
    p->lagrange = NULL;
    SA_TRY(sa_lagrange_new(&p->lagrange, p->ranks, p->count));
    memcpy(p->last, p->ranks, bytes);
    p->solved = p->count;
    return SECAGG_OK;
}

/* Interpolate all points; *whole where they lie on one polynomial of degree
 * below the threshold: else some test fails, and each fails with it but with
 * probability 1 / L (Cascudo and David 2017, section 2.1). */
static secagg_err join(points *p, const test *t,
    uint8_t root[SECAGG_SECRET_BYTES], bool *whole)
{
    sa_sc sum = { { 0 } }, zero = { { 0 } }, tested = { { 0 } }, factor;

    SA_TRY(sa_lagrange_weigh(p->lagrange, p->weighed, p->shares));
    for (uint32_t i = 0; i < p->count; i++) {
        (void)sa_sc_decode(&factor,
            t->values + (size_t)p->ranks[i] * SECAGG_SHARE_BYTES);
        sa_sc_add(&sum, &sum, &p->weighed[i]);
        sa_sc_mul(&factor, &factor, &p->weighed[i]);
        sa_sc_add(&tested, &tested, &factor);
    }
    sa_sc_encode(root, &sum);
    *whole = sa_sc_equal(&tested, &zero);
    sa_wipe(&sum, sizeof sum);
    return SECAGG_OK;
}

/* Whether a root is the one that its dealer stands for: its commitment, or its
 * advertised mask key, which is left in key. */
static secagg_err fits(const secagg_server *s, uint32_t dealer,
    const uint8_t root[32], uint8_t key[32], bool *fit)
{
    uint8_t made[32];

    if (sa_server_kind(s, dealer) == SA_KIND_SELF) {
        SA_TRY(sa_commitment(made, &s->binding, dealer, root));
        *fit = sa_ct_equal(made, s->members[dealer].commitment, sizeof made);
        return SECAGG_OK;
    }
    SA_TRY(sa_derive_mask_key(key, s->params->context, root, dealer));
    SA_TRY(sa_x25519_public(made, key));
    *fit = sa_ct_equal(made, s->roster.mask[dealer], sizeof made);
    return SECAGG_OK;
}

/* Too few or no good root: said of the first such client, but a cheat is said
 * before a lack. */
static secagg_err lack(secagg_server *s, uint32_t dealer, uint32_t have)
{
    if (s->reason[0] == '\0')
        (void)snprintf(s->reason, sizeof s->reason,
            "%" PRIu32 " shares of client %" PRIu32 " were opened; %" PRIu32
            " are needed", have, dealer, s->params->own.threshold);
    return SECAGG_ERR_THRESHOLD;
}

static secagg_err cheat(secagg_server *s, points *p, uint32_t dealer)
{
    sa_server_blame(s, dealer, SECAGG_ERR_CHEAT);
    if (!p->cheated)
        (void)snprintf(s->reason, sizeof s->reason,
            "the shares that client %" PRIu32 " dealt do not give the secret "
            "that it committed to", dealer);
    p->cheated = true;
    return SECAGG_ERR_CHEAT;
}

/* The root of a dealer, checked; key is its mask key if it dropped out. Up to
 * half of the shares beyond the threshold may be wrong (4.6): all of them are
 * the dealer's own, the sealed ones and the one that it gave itself. */
static secagg_err recover_root(secagg_server *s, points *p, uint32_t dealer,
    uint8_t root[32], uint8_t key[32])
{
    bool fit = false, whole;
    secagg_err err;
    test *t;

    collect(s, p, dealer);
    if (p->count < s->params->own.threshold)
        return lack(s, dealer, p->count);
    t = &p->tests[p->count % TESTS];
    SA_TRY(draw_test(s, p, t));
    SA_TRY(solve(p));
    SA_TRY(join(p, t, root, &whole));
    if (!whole) {
        err = sa_rs_decode_with(p->lagrange, root, p->wrong, p->ranks,
            p->shares, p->count, s->params->own.threshold);
        if (err == SECAGG_ERR_CHEAT)
            return cheat(s, p, dealer);
        SA_TRY(err);
    }
    SA_TRY(fits(s, dealer, root, key, &fit));
    if (!fit)
        return cheat(s, p, dealer);
    if (!whole)
        sa_server_blame(s, dealer, SECAGG_ERR_CHEAT);
    return SECAGG_OK;
}

/* A survivor's self mask is in the sum: take it away. */
static secagg_err drop_self(const secagg_server *s, secagg_masks *masks,
    uint32_t u, const uint8_t root[32])
{
    uint8_t seed[SECAGG_SEED_BYTES];
    secagg_err err;

    err = sa_derive_self_seed(seed, &s->binding, root, u, s->h_u2);
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

    err = sa_x25519(shared, key, s->roster.mask[v]);
    if (err == SECAGG_OK)
        err = sa_derive_pair_seed(seed, &s->binding, shared, u, v,
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
    const uint32_t *peers = sa_server_peers(s, u);

    for (uint32_t i = 0; i < s->peer_count; i++)
        if (sa_bitmap_has(s->u3, peers[i]))
            SA_TRY(drop_pair(s, masks, u, peers[i], key));
    return SECAGG_OK;
}

/* A secret that no mask in the sum depends on stays closed: that of a dropout
 * without a survivor among its peers. */
static bool needed(const secagg_server *s, uint32_t u)
{
    const uint32_t *peers = sa_server_peers(s, u);
    bool near = sa_bitmap_has(s->u3, u);

    for (uint32_t i = 0; i < s->peer_count; i++)
        near |= sa_bitmap_has(s->u3, peers[i]);
    return near && sa_bitmap_has(s->u2, u);
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

/* All of them, also after a first failure: so that every liar is named. */
static secagg_err recover_all(secagg_server *s, points *p,
    secagg_masks *masks)
{
    secagg_err worst = SECAGG_OK;

    s->reason[0] = '\0';
    for (uint32_t u = 0; u < s->params->own.clients; u++) {
        secagg_err err;
        if (!needed(s, u))
            continue;
        err = recover_one(s, p, u, masks);
        if (err == SECAGG_ERR_CHEAT
            || (err == SECAGG_ERR_THRESHOLD && worst == SECAGG_OK))
            worst = err;
        else if (err != SECAGG_OK && err != SECAGG_ERR_THRESHOLD)
            return err;
    }
    return worst;
}

secagg_err sa_recover_masks(secagg_server *s, secagg_masks *masks)
{
    points p;
    secagg_err err = points_init(&p, s->params->holders);

    if (err == SECAGG_OK)
        err = recover_all(s, &p, masks);
    points_free(&p);
    if (err == SECAGG_ERR_CHEAT || err == SECAGG_ERR_THRESHOLD)
        return sa_server_fail(s, err);
    return err;
}
