/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_unmask.h"

#include <inttypes.h>
#include <string.h>

#include "core/mem.h"
#include "crypto/reed_solomon.h"
#include "crypto/scalar.h"
#include "crypto/shamir.h"
#include "crypto/x25519.h"
#include "server/server_reason.h"

/* A random word of the dual code for one number of shares. */
typedef struct dual_word {
    uint32_t count;  /* 0: not drawn yet */
    uint8_t *values; /* one scalar a rank */
} dual_word;

/* Dual words are cached by their count modulo this: on a ring the dealers have
 * nearly the same number of shares. */
#define DUAL_WORDS 8

/* The shares of one dealer at a time, and values that depend on its holders
 * only: they are kept, because many dealers have the same holders. */
typedef struct recovery {
    uint32_t capacity; /* shares of a dealer, at most */
    uint32_t count;    /* shares of this dealer */
    uint32_t *ranks;
    uint8_t *shares;
    uint8_t *wrong;    /* 1 for each wrong share */
    sa_sc *weighted;   /* shares times their Lagrange coefficients */

    sa_lagrange *lagrange; /* coefficients of these ranks: */
    uint32_t *cached_ranks, cached_count;
    dual_word dual_words[DUAL_WORDS];
    bool cheat_noted; /* of this dealer or one before it */
} recovery;

static secagg_err recovery_init(recovery *r, uint32_t capacity)
{
    *r = (recovery){ .capacity = capacity };
    r->ranks = sa_alloc(capacity, sizeof *r->ranks);
    r->cached_ranks = sa_alloc(capacity, sizeof *r->cached_ranks);
    r->shares = sa_alloc(capacity, SECAGG_SHARE_BYTES);
    r->wrong = sa_alloc(capacity, 1);
    r->weighted = sa_alloc(capacity, sizeof *r->weighted);
    return r->ranks != NULL && r->cached_ranks != NULL && r->shares != NULL
            && r->wrong != NULL && r->weighted != NULL
        ? SECAGG_OK : SECAGG_ERR_MEMORY;
}

static void recovery_free(recovery *r)
{
    sa_free(r->ranks);
    sa_free(r->cached_ranks);
    sa_free(r->shares);
    sa_free(r->wrong);
    sa_free(r->weighted);
    sa_lagrange_free(r->lagrange);
    for (uint32_t i = 0; i < DUAL_WORDS; i++)
        sa_free(r->dual_words[i].values);
}

/* ---- shares ------------------------------------------------------------- */

static void add_share(recovery *r, uint32_t rank, const uint8_t *share)
{
    r->ranks[r->count] = rank;
    memcpy(r->shares + (size_t)r->count * SECAGG_SHARE_BYTES, share,
        SECAGG_SHARE_BYTES);
    r->count++;
}

/* Collect the shares of a dealer, by rank: those that its peers opened and, if
 * the dealer survived and answered, its own. */
static void collect_shares(const secagg_server *s, recovery *r,
    uint32_t dealer)
{
    const sa_client_record *c = &s->clients[dealer];
    const uint32_t *peers = sa_server_peers(s, dealer);
    const uint32_t kind = sa_server_kind(s, dealer);
    const bool own = kind == SA_KIND_SELF
        && sa_bitmap_has(s->answered, dealer);
    uint32_t i = 0;

    r->count = 0;
    for (uint32_t rank = 0; rank <= s->peer_count; rank++) {
        if (rank == i && (i == s->peer_count || peers[i] > dealer)) {
            if (own)
                add_share(r, rank, c->own_share);
            continue;
        }
        if (sa_bitmap_has(c->opened, i))
            add_share(r, rank, sa_server_share(s, dealer, i, kind));
        i++;
    }
}

/* Compute the Lagrange coefficients of the ranks, unless the dealer before had
 * the same holders. */
static secagg_err load_lagrange(recovery *r)
{
    const size_t bytes = r->count * sizeof *r->ranks;

    if (r->lagrange != NULL && r->count == r->cached_count
        && sa_ct_equal(r->ranks, r->cached_ranks, bytes))
        return SECAGG_OK;
    sa_lagrange_free(r->lagrange);
    r->lagrange = NULL;
    SA_TRY(sa_lagrange_new(&r->lagrange, r->ranks, r->count));
    memcpy(r->cached_ranks, r->ranks, bytes);
    r->cached_count = r->count;
    return SECAGG_OK;
}

/* Draw a dual word for this number of shares, unless it is cached: the values
 * of x g(x) at all x-coordinates, for a random g of degree below count -
 * threshold. It is drawn from the server's seed, so that neither a dealer nor a
 * holder can know it. */
static secagg_err load_dual_word(const secagg_server *s, recovery *r)
{
    static const uint8_t zero[SECAGG_SECRET_BYTES];
    const uint32_t terms = r->count - s->params->own.threshold + 1;
    dual_word *d = &r->dual_words[r->count % DUAL_WORDS];
    uint8_t seed[SECAGG_SEED_BYTES];
    secagg_err err;

    if (d->count == r->count)
        return SECAGG_OK;
    d->count = 0;
    if (d->values == NULL)
        d->values = sa_alloc(r->capacity, SECAGG_SHARE_BYTES);
    if (d->values == NULL)
        return SECAGG_ERR_MEMORY;
    err = sa_derive_test_seed(seed, s->seed, &s->binding);
    if (err == SECAGG_OK)
        err = secagg_shamir_split(d->values, r->capacity, terms, zero, seed);
    if (err == SECAGG_OK)
        d->count = r->count;
    sa_wipe(seed, sizeof seed);
    return err;
}

/* Interpolate all shares at zero, and test whether they are *consistent: on
 * one polynomial f of degree below the threshold. Then f(x) x g(x) has a degree
 * below count, so that interpolation of its values gives its value at zero,
 * which is zero. Shares that are not consistent pass the test with probability
 * 1 / ell (Cascudo and David 2017, section 2.1). */
static secagg_err interpolate(recovery *r, uint8_t secret[SECAGG_SECRET_BYTES],
    bool *consistent)
{
    const dual_word *d = &r->dual_words[r->count % DUAL_WORDS];
    sa_sc sum = { { 0 } }, zero = { { 0 } }, test = { { 0 } }, value;

    SA_TRY(sa_lagrange_weigh(r->lagrange, r->weighted, r->shares));
    for (uint32_t i = 0; i < r->count; i++) {
        (void)sa_sc_decode(&value,
            d->values + (size_t)r->ranks[i] * SECAGG_SHARE_BYTES);
        sa_sc_add(&sum, &sum, &r->weighted[i]);
        sa_sc_mul(&value, &value, &r->weighted[i]);
        sa_sc_add(&test, &test, &value);
    }
    sa_sc_encode(secret, &sum);
    *consistent = sa_sc_equal(&test, &zero);
    sa_wipe(&sum, sizeof sum);
    return SECAGG_OK;
}

/* ---- secrets ------------------------------------------------------------ */

/* Set *valid to whether a self secret has the commitment of its dealer, or a
 * mask secret gives the mask point that the dealer advertised. Sets `key` to
 * the mask key in the second case. */
static secagg_err verify_secret(const secagg_server *s, uint32_t dealer,
    const uint8_t secret[32], uint8_t key[32], bool *valid)
{
    uint8_t derived[32];

    if (sa_server_kind(s, dealer) == SA_KIND_SELF) {
        SA_TRY(sa_commitment(derived, &s->binding, dealer, secret));
        *valid = sa_ct_equal(derived, s->clients[dealer].commitment, 32);
        return SECAGG_OK;
    }
    SA_TRY(sa_derive_mask_key(key, s->params->context, secret, dealer));
    SA_TRY(sa_x25519_public(derived, key));
    *valid = sa_ct_equal(derived, s->roster.mask[dealer], 32);
    return SECAGG_OK;
}

/* The reason of a failure is that of the first dealer with too few shares; but
 * if a dealer cheated, that of the first one that did. */
static secagg_err note_threshold(secagg_server *s, uint32_t dealer,
    uint32_t have)
{
    if (s->reason[0] == '\0')
        sa_server_set_cause(s, "%" PRIu32 " shares of a secret of client %"
            PRIu32 " were opened; %" PRIu32 " are needed", have, dealer,
            s->params->own.threshold);
    return SECAGG_ERR_THRESHOLD;
}

static secagg_err note_cheat(secagg_server *s, recovery *r, uint32_t dealer)
{
    sa_server_blame(s, dealer, SECAGG_ERR_CHEAT);
    if (!r->cheat_noted)
        sa_server_set_cause(s, "the shares that client %" PRIu32 " dealt do "
            "not give the secret that it committed to", dealer);
    r->cheat_noted = true;
    return SECAGG_ERR_CHEAT;
}

/* Recover the secret of a dealer and verify it; `key` is the mask key of a
 * dropout. Up to half of the shares beyond the threshold may be wrong (4.6);
 * then the dealer is blamed, since it made all of them: the sealed ones, and
 * the one that it kept and sent itself. */
static secagg_err recover_secret(secagg_server *s, recovery *r,
    uint32_t dealer, uint8_t secret[32], uint8_t key[32])
{
    bool consistent, valid = false;
    secagg_err err;

    collect_shares(s, r, dealer);
    if (r->count < s->params->own.threshold)
        return note_threshold(s, dealer, r->count);
    SA_TRY(load_dual_word(s, r));
    SA_TRY(load_lagrange(r));
    SA_TRY(interpolate(r, secret, &consistent));
    if (!consistent) {
        err = sa_rs_decode_with(r->lagrange, secret, r->wrong, r->ranks,
            r->shares, r->count, s->params->own.threshold);
        if (err == SECAGG_ERR_CHEAT)
            return note_cheat(s, r, dealer);
        SA_TRY(err);
    }
    SA_TRY(verify_secret(s, dealer, secret, key, &valid));
    if (!valid)
        return note_cheat(s, r, dealer);
    if (!consistent)
        sa_server_blame(s, dealer, SECAGG_ERR_CHEAT);
    return SECAGG_OK;
}

/* ---- masks -------------------------------------------------------------- */

/* The sum has the self mask of survivor u: subtract it. */
static secagg_err cancel_self_mask(const secagg_server *s,
    secagg_masks *masks, uint32_t u, const uint8_t secret[32])
{
    uint8_t seed[SECAGG_SEED_BYTES];
    secagg_err err;

    err = sa_derive_self_seed(seed, &s->binding, secret, u, s->h_u2);
    if (err == SECAGG_OK)
        err = secagg_masks_add(masks, seed, -1);
    sa_wipe(seed, sizeof seed);
    return err;
}

/* Survivor v has added its pair mask with dropout u if v > u, and subtracted it
 * otherwise: do the opposite. */
static secagg_err cancel_pair_mask(const secagg_server *s,
    secagg_masks *masks, uint32_t u, uint32_t v, const uint8_t key[32])
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

static secagg_err cancel_pair_masks(const secagg_server *s,
    secagg_masks *masks, uint32_t u, const uint8_t key[32])
{
    const uint32_t *peers = sa_server_peers(s, u);

    for (uint32_t i = 0; i < s->peer_count; i++)
        if (sa_bitmap_has(s->u3, peers[i]))
            SA_TRY(cancel_pair_mask(s, masks, u, peers[i], key));
    return SECAGG_OK;
}

static secagg_err recover_masks_of(secagg_server *s, recovery *r, uint32_t u,
    secagg_masks *masks)
{
    uint8_t secret[32], key[32] = { 0 };
    secagg_err err = recover_secret(s, r, u, secret, key);

    if (err == SECAGG_OK)
        err = sa_server_kind(s, u) == SA_KIND_SELF
            ? cancel_self_mask(s, masks, u, secret)
            : cancel_pair_masks(s, masks, u, key);
    sa_wipe(secret, sizeof secret);
    sa_wipe(key, sizeof key);
    return err;
}

/* Examine all needed secrets, also after THRESHOLD or CHEAT, so that every
 * cheating dealer is blamed. CHEAT takes precedence. */
static secagg_err recover_all(secagg_server *s, recovery *r,
    secagg_masks *masks)
{
    secagg_err worst = SECAGG_OK;

    s->reason[0] = '\0';
    for (uint32_t u = 0; u < s->params->own.clients; u++) {
        secagg_err err;
        if (!sa_bitmap_has(s->u2, u)
            || !sa_server_is_needed(s, s->u3, u, sa_server_peers(s, u)))
            continue;
        err = recover_masks_of(s, r, u, masks);
        if (err == SECAGG_ERR_CHEAT
            || (err == SECAGG_ERR_THRESHOLD && worst == SECAGG_OK))
            worst = err;
        else if (err != SECAGG_OK && err != SECAGG_ERR_THRESHOLD)
            return err;
    }
    return worst;
}

secagg_err sa_server_recover_masks(secagg_server *s, secagg_masks *masks)
{
    recovery r;
    secagg_err err = recovery_init(&r, s->params->holders);

    if (err == SECAGG_OK)
        err = recover_all(s, &r, masks);
    recovery_free(&r);
    if (err == SECAGG_ERR_CHEAT || err == SECAGG_ERR_THRESHOLD)
        return sa_server_give_up(s, err);
    return err;
}
