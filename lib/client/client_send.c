/* SPDX-License-Identifier: Apache-2.0 */
/* What a client says, and what it forgets once it is said (PROTOCOL.md 9.1).
 * A message is a function of seed, input and what was heard. */
#include "client/client.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/shamir.h"
#include "crypto/share_key.h"
#include "crypto/share_seal.h"
#include "message/msg_confirm.h"
#include "message/msg_keys.h"
#include "message/msg_shares.h"
#include "message/msg_unmask.h"

/* Replace the message that is kept for a repeat. */
static void keep(secagg_client *c, uint8_t *message, size_t len)
{
    sa_free(c->message);
    c->message = message;
    c->message_len = len;
    c->out = message;
    c->out_len = len;
}

/* ---- KEYS (8.2) --------------------------------------------------------- */

/* In active mode the keys are signed (3.5). */
static secagg_err sign_keys(secagg_client *c)
{
    sa_signed what;

    if (!sa_params_active(c->params))
        return SECAGG_OK;
    sa_signed_keys(&what, c->params->context, c->index, c->enc, c->mask);
    SA_TRY(sa_signer_sign(&c->secret.signer, c->signature, &what));
    sa_declassify(c->signature, sizeof c->signature);
    return SECAGG_OK;
}

secagg_err sa_client_send_keys(secagg_client *c)
{
    const sa_keys_msg msg = { c->params->context, c->enc, c->mask,
        c->signature };
    const size_t len = sa_keys_size(c->params);
    uint8_t *out;
    secagg_err err;

    SA_TRY(sign_keys(c));
    out = sa_alloc(len, 1);
    if (out == NULL)
        return SECAGG_ERR_MEMORY;
    err = sa_keys_write(out, len, c->params, c->index, &msg);
    if (err == SECAGG_OK)
        keep(c, out, len);
    else
        sa_free(out);
    return err;
}

/* ---- SHARES (8.4) ------------------------------------------------------- */

/* What SHARES is made of, until it is. */
typedef struct dealing {
    uint8_t *shares[2];  /* of the self root and of the mask root, by rank */
    uint8_t (*pair)[32]; /* PRK with each peer */
    uint32_t count;      /* peers in U1 */
    uint8_t self_root[32], commitment[32];
    uint8_t *out;
    size_t len;
} dealing;

static void drop_dealing(dealing *d)
{
    sa_free(d->shares[SA_KIND_SELF]);
    sa_free(d->shares[SA_KIND_MASK]);
    sa_free(d->pair);
    sa_free(d->out);
    sa_wipe(d, sizeof *d);
}

/* Split one of the two roots among all holders (4.3). */
static secagg_err split(const secagg_client *c, dealing *d, uint32_t kind,
    const uint8_t root[32])
{
    uint8_t seed[SECAGG_SEED_BYTES];
    secagg_err err;

    err = sa_derive_poly_seed(seed, c->secret.prk, kind, &c->binding);
    if (err == SECAGG_OK)
        err = secagg_shamir_split(d->shares[kind], c->params->holders,
            c->params->own.threshold, root, seed);
    sa_wipe(seed, sizeof seed);
    return err;
}

static secagg_err prepare(const secagg_client *c, dealing *d)
{
    for (uint32_t i = 0; i < c->peer_count; i++)
        d->count += c->peers[i].present;
    d->len = sa_shares_size(d->count);
    d->out = sa_alloc(d->len, 1);
    d->pair = sa_alloc(c->peer_count, sizeof *d->pair);
    for (int kind = 0; kind < 2; kind++)
        d->shares[kind] = sa_alloc(c->params->holders, SECAGG_SHARE_BYTES);
    if (d->out == NULL || d->pair == NULL || d->shares[0] == NULL
        || d->shares[1] == NULL)
        return SECAGG_ERR_MEMORY;
    SA_TRY(sa_derive_self_secret(d->self_root, c->secret.prk, &c->binding));
    SA_TRY(sa_commitment(d->commitment, &c->binding, c->index,
        d->self_root));
    SA_TRY(split(c, d, SA_KIND_SELF, d->self_root));
    SA_TRY(split(c, d, SA_KIND_MASK, c->secret.mask_root));
    for (uint32_t i = 0; i < c->peer_count; i++)
        if (c->peers[i].present)
            SA_TRY(sa_share_prk(d->pair[i], c->binding.roster,
                c->secret.enc_key, c->peers[i].enc));
    return SECAGG_OK;
}

/* Seal both shares of peer i and write them. */
static secagg_err seal_for(const secagg_client *c, const dealing *d,
    sa_writer *w, uint32_t i)
{
    const uint32_t holder = c->peers[i].index;
    uint8_t sealed[2][SA_SEALED_SHARE_BYTES], key[SECAGG_SEED_BYTES];
    const sa_share_pair pair = { holder, { sealed[0], sealed[1] } };
    const size_t at = SECAGG_SHARE_BYTES * (size_t)sa_client_rank(c, i);
    secagg_err err = SECAGG_OK;

    for (uint32_t kind = 0; kind < 2 && err == SECAGG_OK; kind++) {
        const sa_share_id id = { c->binding.roster, c->binding.round, kind,
            c->index, holder };
        err = sa_share_key(key, d->pair[i], kind, id.round, c->index, holder,
            c->enc, c->peers[i].enc);
        if (err == SECAGG_OK)
            err = sa_share_seal(sealed[kind], key, &id, d->shares[kind] + at);
    }
    sa_wipe(key, sizeof key);
    if (err == SECAGG_OK)
        sa_share_pair_put(w, &pair);
    return err;
}

static secagg_err write_shares(const secagg_client *c, const dealing *d)
{
    const sa_shares_msg msg = { c->binding.roster, d->commitment, d->count,
        NULL };
    sa_writer w = sa_writer_on(d->out, d->len);

    sa_shares_write(&w, c->params, c->index, &msg);
    for (uint32_t i = 0; i < c->peer_count; i++)
        if (c->peers[i].present)
            SA_TRY(seal_for(c, d, &w, i));
    return sa_writer_end(&w);
}

secagg_err sa_client_send_shares(secagg_client *c)
{
    dealing d = { 0 };
    secagg_err err = prepare(c, &d);

    if (err == SECAGG_OK)
        err = write_shares(c, &d);
    if (err == SECAGG_OK) {
        keep(c, d.out, d.len);
        c->secret.pair = d.pair;
        memcpy(c->secret.self_root, d.self_root, sizeof d.self_root);
        memcpy(c->secret.own_share, d.shares[SA_KIND_SELF]
                + SECAGG_SHARE_BYTES * (size_t)sa_client_own_rank(c),
            SECAGG_SHARE_BYTES);
        sa_wipe(c->secret.enc_key, sizeof c->secret.enc_key);
        sa_wipe(c->secret.mask_root, sizeof c->secret.mask_root);
        d.out = NULL;
        d.pair = NULL;
    }
    drop_dealing(&d);
    return err;
}

/* ---- CONFIRM (8.9) ------------------------------------------------------ */

/* Sign what this client saw: U2 and U3 under this roster (3.5; Bonawitz et al.
 * 2017, Figure 4, round 3). */
secagg_err sa_client_send_confirm(secagg_client *c)
{
    uint8_t signature[SECAGG_SIGNATURE_BYTES];
    const sa_confirm_msg msg = { signature };
    const size_t len = sa_confirm_size();
    sa_signed what;
    uint8_t *out;
    secagg_err err;

    sa_signed_confirm(&what, c->params->context, c->binding.roster,
        c->binding.round, c->index, c->h_u2, c->h_u3);
    SA_TRY(sa_signer_sign(&c->secret.signer, signature, &what));
    out = sa_alloc(len, 1);
    if (out == NULL)
        return SECAGG_ERR_MEMORY;
    err = sa_confirm_write(out, len, c->params, c->index, &msg);
    if (err != SECAGG_OK) {
        sa_free(out);
        return err;
    }
    keep(c, out, len);
    sa_wipe(&c->secret.signer, sizeof c->secret.signer);
    return SECAGG_OK;
}

/* ---- UNMASK (8.11) ------------------------------------------------------ */

/* Reveal the key of one share: of the self root of a survivor, of the mask
 * root of a client that dropped out; never both (Bonawitz et al. 2017,
 * Figure 4, round 4). */
static secagg_err reveal(const secagg_client *c, sa_writer *w, uint32_t i)
{
    const uint32_t dealer = c->peers[i].index;
    const uint32_t kind = sa_bitmap_has(c->u3, dealer) ? SA_KIND_SELF
                                                    : SA_KIND_MASK;
    uint8_t key[SECAGG_SEED_BYTES];
    const sa_revealed revealed = { kind, dealer, key };
    secagg_err err;

    err = sa_share_key(key, c->secret.pair[i], kind, c->binding.round, dealer,
        c->index, c->peers[i].enc, c->enc);
    if (err == SECAGG_OK)
        sa_revealed_put(w, &revealed);
    sa_wipe(key, sizeof key);
    return err;
}

/* Whether this client holds good shares of peer i: one in U2. */
static bool holds(const secagg_client *c, uint32_t i)
{
    return sa_bitmap_has(c->u2, c->peers[i].index) && !c->peers[i].bad;
}

static secagg_err write_unmask(const secagg_client *c, uint8_t *out,
    size_t len, uint32_t count)
{
    const sa_unmask_msg msg = { c->secret.own_share, count, NULL };
    sa_writer w = sa_writer_on(out, len);

    sa_unmask_write(&w, c->params, c->index, &msg);
    for (uint32_t i = 0; i < c->peer_count; i++)
        if (holds(c, i))
            SA_TRY(reveal(c, &w, i));
    return sa_writer_end(&w);
}

secagg_err sa_client_send_unmask(secagg_client *c)
{
    uint32_t count = 0;
    secagg_err err;
    uint8_t *out;
    size_t len;

    for (uint32_t i = 0; i < c->peer_count; i++)
        count += holds(c, i);
    len = sa_unmask_size(count);
    out = sa_alloc(len, 1);
    if (out == NULL)
        return SECAGG_ERR_MEMORY;
    err = write_unmask(c, out, len, count);
    if (err != SECAGG_OK) {
        sa_free(out);
        return err;
    }
    keep(c, out, len);
    sa_client_wipe(c);
    return SECAGG_OK;
}
