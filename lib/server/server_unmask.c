/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_unmask.h"

#include <inttypes.h>
#include <string.h>

#include "core/mem.h"
#include "crypto/share_recovery.h"
#include "crypto/x25519.h"
#include "server/server_reason.h"

/* The recovery of one secret after another. */
typedef struct recovery {
    sa_share_recovery shares;
    uint8_t seed[SECAGG_SEED_BYTES]; /* of the test of shares */
    bool cheat_noted; /* of this dealer or one before it */
} recovery;

static secagg_err recovery_init(recovery *r, const secagg_server *s)
{
    *r = (recovery){ 0 };
    SA_TRY(sa_derive_test_seed(r->seed, s->seed, &s->binding));
    return sa_share_recovery_init(&r->shares, s->params->holders,
        s->params->own.threshold, r->seed);
}

static void recovery_free(recovery *r)
{
    sa_share_recovery_free(&r->shares);
    sa_wipe(r->seed, sizeof r->seed);
}

/* ---- shares ------------------------------------------------------------- */

/* Collect the shares of a dealer, by rank: those that its peers opened and, if
 * the dealer survived and answered, its own. */
static void collect_shares(const secagg_server *s, sa_share_recovery *r,
    uint32_t dealer)
{
    const sa_client_record *c = &s->clients[dealer];
    const uint32_t *peers = sa_server_peers(s, dealer);
    const uint32_t kind = sa_server_kind(s, dealer);
    const bool own = kind == SA_KIND_SELF
        && sa_bitmap_has(s->answered, dealer);
    uint32_t i = 0;

    sa_share_recovery_next(r);
    for (uint32_t rank = 0; rank <= s->peer_count; rank++) {
        if (rank == i && (i == s->peer_count || peers[i] > dealer)) {
            if (own)
                sa_share_set_add(&r->all, rank, c->own_share);
            continue;
        }
        if (sa_bitmap_has(c->opened, i))
            sa_share_set_add(&r->all, rank,
                sa_server_share(s, dealer, i, kind));
        i++;
    }
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
 * the one that it kept and sent itself. Once a dealer has cheated there is no
 * sum, so that the wrong shares of another one need not be corrected: it is
 * blamed in any case. */
static secagg_err recover_secret(secagg_server *s, recovery *r,
    uint32_t dealer, uint8_t secret[32], uint8_t key[32])
{
    sa_share_set *shares = &r->shares.all;
    bool consistent, valid = false;
    secagg_err err = SECAGG_OK;

    collect_shares(s, &r->shares, dealer);
    if (shares->count < s->params->own.threshold)
        return note_threshold(s, dealer, shares->count);
    SA_TRY(sa_share_set_join(shares, secret, &consistent));
    if (!consistent)
        err = r->cheat_noted ? SECAGG_ERR_CHEAT
                             : sa_share_recovery_correct(&r->shares, secret);
    if (err == SECAGG_OK)
        err = verify_secret(s, dealer, secret, key, &valid);
    if (err == SECAGG_ERR_CHEAT || (err == SECAGG_OK && !valid))
        return note_cheat(s, r, dealer);
    if (err == SECAGG_OK && !consistent)
        sa_server_blame(s, dealer, SECAGG_ERR_CHEAT);
    return err;
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
    secagg_err err = recovery_init(&r, s);

    if (err == SECAGG_OK)
        err = recover_all(s, &r, masks);
    recovery_free(&r);
    if (err == SECAGG_ERR_CHEAT || err == SECAGG_ERR_THRESHOLD)
        return sa_server_give_up(s, err);
    return err;
}
