/* SPDX-License-Identifier: Apache-2.0 */
/* What a client says, and what it forgets once it is said (PROTOCOL.md 9.1).
 * A message is a function of seed, input and what was heard. */
#include "client.h"

#include <secagg/mask.h>
#include <string.h>

#include "agree.h"
#include "bits.h"
#include "box.h"
#include "mem.h"
#include "msg_input.h"
#include "msg_keys.h"
#include "msg_shares.h"
#include "msg_unmask.h"
#include "seal.h"
#include "shamir.h"

/* Replace the message that is kept for a repeat. */
static void keep(secagg_client *c, uint8_t *message, size_t len)
{
    sa_free(c->message, c->message_len);
    c->message = message;
    c->message_len = len;
    c->out = message;
    c->out_len = len;
}

/* ---- KEYS (8.2) --------------------------------------------------------- */

secagg_err sa_client_send_keys(secagg_client *c)
{
    const sa_keys_msg msg = { c->params->context, c->enc, c->mask };
    const size_t len = sa_keys_size();
    uint8_t *out = sa_alloc(len, 1);
    secagg_err err;

    if (out == NULL)
        return SECAGG_ERR_MEMORY;
    err = sa_keys_write(out, len, c->params, c->index, &msg);
    if (err == SECAGG_OK)
        keep(c, out, len);
    else
        sa_free(out, len);
    return err;
}

/* ---- SHARES (8.4) ------------------------------------------------------- */

/* What SHARES is made of, until it is. */
typedef struct dealing {
    uint8_t *shares[2];  /* of the self root and of the mask root, by rank */
    uint8_t (*pair)[32]; /* PRK with each peer, by index */
    uint8_t self_root[32], commitment[32];
    uint8_t *out;
    size_t len;
} dealing;

static void drop_dealing(const secagg_client *c, dealing *d)
{
    const size_t shares = (size_t)c->params->holders * SECAGG_SHARE_BYTES;

    sa_free(d->shares[SA_KIND_SELF], shares);
    sa_free(d->shares[SA_KIND_MASK], shares);
    sa_free(d->pair, c->params->own.clients * sizeof *d->pair);
    sa_free(d->out, d->len);
    sa_wipe(d, sizeof *d);
}

/* Split one of the two roots among all holders (4.3). */
static secagg_err split(const secagg_client *c, dealing *d, uint32_t kind,
    const uint8_t root[32])
{
    uint8_t seed[SECAGG_SEED_BYTES];
    secagg_err err;

    err = sa_schedule_poly(seed, c->secret.prk, kind, &c->binding);
    if (err == SECAGG_OK)
        err = secagg_shamir_split(d->shares[kind], c->params->holders,
            c->params->own.threshold, root, seed);
    sa_wipe(seed, sizeof seed);
    return err;
}

static secagg_err prepare(const secagg_client *c, dealing *d)
{
    const uint32_t n = c->params->own.clients;

    d->len = sa_shares_size(c->roster.present - 1);
    d->out = sa_alloc(d->len, 1);
    d->pair = sa_alloc(n, sizeof *d->pair);
    for (int kind = 0; kind < 2; kind++)
        d->shares[kind] = sa_alloc(c->params->holders, SECAGG_SHARE_BYTES);
    if (d->out == NULL || d->pair == NULL || d->shares[0] == NULL
        || d->shares[1] == NULL)
        return SECAGG_ERR_MEMORY;
    SA_TRY(sa_schedule_self_root(d->self_root, c->secret.prk, &c->binding));
    SA_TRY(sa_schedule_commit(d->commitment, &c->binding, c->index,
        d->self_root));
    SA_TRY(split(c, d, SA_KIND_SELF, d->self_root));
    SA_TRY(split(c, d, SA_KIND_MASK, c->secret.mask_root));
    for (uint32_t v = 0; v < n; v++)
        if (sa_client_peer(c, v) && sa_map_has(c->roster.map, v))
            SA_TRY(sa_box_pair(d->pair[v], c->binding.roster,
                c->secret.enc_key, c->roster.enc[v]));
    return SECAGG_OK;
}

/* Seal both shares of one holder and write them. */
static secagg_err seal_for(const secagg_client *c, const dealing *d,
    sa_writer *w, uint32_t holder)
{
    uint8_t sealed[2][SA_SEALED_BYTES], key[SECAGG_SEED_BYTES];
    const sa_share_pair pair = { holder, { sealed[0], sealed[1] } };
    const size_t at = SECAGG_SHARE_BYTES * (size_t)sa_client_rank(c, holder);
    secagg_err err = SECAGG_OK;

    for (uint32_t kind = 0; kind < 2 && err == SECAGG_OK; kind++) {
        const sa_share_id id = { c->binding.roster, c->binding.round, kind,
            c->index, holder };
        err = sa_box_key(key, d->pair[holder], kind, id.round, c->index,
            holder, c->enc, c->roster.enc[holder]);
        if (err == SECAGG_OK)
            err = sa_seal(sealed[kind], key, &id, d->shares[kind] + at);
    }
    sa_wipe(key, sizeof key);
    if (err == SECAGG_OK)
        sa_share_pair_put(w, &pair);
    return err;
}

static secagg_err write_shares(const secagg_client *c, const dealing *d)
{
    const sa_shares_msg msg = { c->binding.roster, d->commitment,
        c->roster.present - 1, NULL };
    sa_writer w = sa_writer_on(d->out, d->len);

    sa_shares_write(&w, c->params, c->index, &msg);
    for (uint32_t v = 0; v < c->params->own.clients; v++)
        if (sa_client_peer(c, v) && sa_map_has(c->roster.map, v))
            SA_TRY(seal_for(c, d, &w, v));
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
                + SECAGG_SHARE_BYTES * (size_t)sa_client_rank(c, c->index),
            SECAGG_SHARE_BYTES);
        sa_wipe(c->secret.enc_key, sizeof c->secret.enc_key);
        sa_wipe(c->secret.mask_root, sizeof c->secret.mask_root);
        d.out = NULL;
        d.pair = NULL;
    }
    drop_dealing(c, &d);
    return err;
}

/* ---- INPUT (8.6) -------------------------------------------------------- */

static secagg_err add_self(const secagg_client *c, secagg_masks *masks)
{
    uint8_t seed[SECAGG_SEED_BYTES];
    secagg_err err;

    err = sa_schedule_self_seed(seed, &c->binding, c->secret.self_root,
        c->index, c->h_u2);
    if (err == SECAGG_OK)
        err = secagg_masks_add(masks, seed, 1);
    sa_wipe(seed, sizeof seed);
    return err;
}

/* Of two clients the one of the greater index adds, the other subtracts
 * (PROTOCOL.md 3.9; Bonawitz et al. 2017, section 4). */
static secagg_err add_pair(const secagg_client *c, secagg_masks *masks,
    uint32_t peer)
{
    uint8_t shared[SECAGG_SEED_BYTES], seed[SECAGG_SEED_BYTES];
    secagg_err err;

    err = sa_agree(shared, c->secret.mask_key, c->roster.mask[peer]);
    if (err == SECAGG_OK)
        err = sa_schedule_pair_seed(seed, &c->binding, shared, c->index,
            peer, c->mask, c->roster.mask[peer], c->h_u2);
    if (err == SECAGG_OK)
        err = secagg_masks_add(masks, seed, c->index > peer ? 1 : -1);
    sa_wipe(shared, sizeof shared);
    sa_wipe(seed, sizeof seed);
    return err;
}

/* The masks of this client: y = x + self + sum of pairs (PROTOCOL.md 3.9). */
static secagg_err own_masks(const secagg_client *c, secagg_masks *masks)
{
    SA_TRY(add_self(c, masks));
    for (uint32_t v = 0; v < c->params->own.clients; v++)
        if (sa_client_peer(c, v) && sa_map_has(c->u2, v))
            SA_TRY(add_pair(c, masks, v));
    return SECAGG_OK;
}

static secagg_err apply(const secagg_client *c, const secagg_masks *masks)
{
    uint8_t *planes = sa_input_planes(&c->input);

    for (size_t i = 0; i < c->params->count; i++) {
        const secagg_segment *s = &c->params->segments[i];
        SA_TRY(secagg_masks_apply(masks, (uint32_t)i, s->bits, 0,
            planes + c->params->places[i], (size_t)s->length));
    }
    return SECAGG_OK;
}

/* Mask in place; a failure here leaves some entries masked: fatal. */
static secagg_err mask_input(secagg_client *c)
{
    secagg_masks *masks;
    secagg_err err;

    SA_TRY(secagg_masks_new(&masks, c->params->own.suite));
    err = own_masks(c, masks);
    if (err == SECAGG_OK) {
        err = apply(c, masks);
        if (err != SECAGG_OK)
            sa_client_fail(c, err);
    }
    secagg_masks_free(masks);
    return err;
}

/* Header and dealers stand right before the planes, wherever these begin. */
static secagg_err write_input_head(secagg_client *c)
{
    const uint32_t n = c->params->own.clients;
    const uint32_t count = sa_map_count(c->bad, n);
    const size_t head = sa_input_head(count);
    uint8_t *out = sa_input_planes(&c->input) - head;
    uint32_t *bad = sa_alloc(n, sizeof *bad), i = 0;
    secagg_err err;

    if (bad == NULL)
        return SECAGG_ERR_MEMORY;
    for (uint32_t v = 0; v < n; v++)
        if (sa_map_has(c->bad, v))
            bad[i++] = v;
    err = sa_input_write_head(out, head, c->params, c->index, c->h_u2, bad,
        count);
    sa_free(bad, n * sizeof *bad);
    c->out = out;
    c->out_len = head + (size_t)c->params->vector;
    return err;
}

secagg_err sa_client_send_input(secagg_client *c)
{
    if (!sa_input_complete(&c->input))
        return SECAGG_ERR_STATE;
    SA_TRY(write_input_head(c));
    SA_TRY(mask_input(c));
    sa_wipe(c->secret.prk, sizeof c->secret.prk);
    sa_wipe(c->secret.mask_key, sizeof c->secret.mask_key);
    sa_wipe(c->secret.self_root, sizeof c->secret.self_root);
    return SECAGG_OK;
}

/* ---- UNMASK (8.11) ------------------------------------------------------ */

/* Reveal the key of one share: of the self root of a survivor, of the mask
 * root of a client that dropped out; never both (Bonawitz et al. 2017,
 * Figure 4, round 4). */
static secagg_err reveal(const secagg_client *c, sa_writer *w, uint32_t dealer)
{
    const uint32_t kind = sa_map_has(c->u3, dealer) ? SA_KIND_SELF
                                                    : SA_KIND_MASK;
    uint8_t key[SECAGG_SEED_BYTES];
    const sa_revealed revealed = { kind, dealer, key };
    secagg_err err;

    err = sa_box_key(key, c->secret.pair[dealer], kind, c->binding.round,
        dealer, c->index, c->roster.enc[dealer], c->enc);
    if (err == SECAGG_OK)
        sa_revealed_put(w, &revealed);
    sa_wipe(key, sizeof key);
    return err;
}

/* Whether this client holds good shares of a dealer in U2. */
static bool holds(const secagg_client *c, uint32_t dealer)
{
    return sa_client_peer(c, dealer) && sa_map_has(c->u2, dealer)
        && !sa_map_has(c->bad, dealer);
}

static secagg_err write_unmask(const secagg_client *c, uint8_t *out,
    size_t len, uint32_t count)
{
    const sa_unmask_msg msg = { c->secret.own_share, count, NULL };
    sa_writer w = sa_writer_on(out, len);

    sa_unmask_write(&w, c->params, c->index, &msg);
    for (uint32_t v = 0; v < c->params->own.clients; v++)
        if (holds(c, v))
            SA_TRY(reveal(c, &w, v));
    return sa_writer_end(&w);
}

secagg_err sa_client_send_unmask(secagg_client *c)
{
    uint32_t count = 0;
    secagg_err err;
    uint8_t *out;
    size_t len;

    for (uint32_t v = 0; v < c->params->own.clients; v++)
        count += holds(c, v);
    len = sa_unmask_size(count);
    out = sa_alloc(len, 1);
    if (out == NULL)
        return SECAGG_ERR_MEMORY;
    err = write_unmask(c, out, len, count);
    if (err != SECAGG_OK) {
        sa_free(out, len);
        return err;
    }
    keep(c, out, len);
    sa_client_wipe(c);
    return SECAGG_OK;
}
