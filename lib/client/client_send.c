/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client_send.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "core/reason.h"
#include "crypto/shamir.h"
#include "crypto/share_key.h"
#include "crypto/share_seal.h"
#include "message/msg_confirm.h"
#include "message/msg_keys.h"
#include "message/msg_shares.h"
#include "message/msg_unmask.h"

/* Make a message the client's, or free it if it could not be written. Returns
 * `err`. */
static secagg_err finish(secagg_client *c, secagg_err err, uint8_t *message,
    size_t len)
{
    if (err != SECAGG_OK) {
        sa_free(message);
        return err;
    }
    sa_free(c->message);
    c->message = message;
    c->message_len = len;
    c->out = message;
    c->out_len = len;
    return SECAGG_OK;
}

/* Sign with the host's key or function, whose failures get a sentence. */
static secagg_err sign(secagg_client *c, uint8_t *signature,
    const sa_signed *text)
{
    const secagg_err err = sa_signer_sign(&c->secret.signer, signature, text);

    SA_CLIENT_REQUIRE(c->secret.signer.ready, err, c, "%s needs a signing key: "
        "call secagg_client_identify()", sa_phase_name(c->phase));
    SA_CLIENT_REQUIRE(err == SECAGG_OK, err, c, "%s could not be signed: the "
        "host's function returned %d%s", sa_phase_name(c->phase), (int)err,
        err == SECAGG_ERR_AUTH ? ", or a signature that is not valid under the "
                                 "identity" : "");
    return SECAGG_OK;
}

/* ---- KEYS (8.2) --------------------------------------------------------- */

/* Sign the keys (3.5). */
static secagg_err sign_keys(secagg_client *c, const sa_keys_msg *msg)
{
    sa_signed text;

    SA_TRY(sa_signed_keys(&text, msg->context, c->index, msg->enc, msg->mask,
        &msg->identity));
    return sign(c, c->signature, &text);
}

secagg_err sa_client_send_keys(secagg_client *c)
{
    const sa_keys_msg msg = { c->params->context, c->enc, c->mask,
        { c->id, c->signature, { c->credential, c->credential_len } } };
    const size_t len = sa_keys_size(c->params, c->credential_len);
    uint8_t *out;

    if (sa_params_active(c->params))
        SA_TRY(sign_keys(c, &msg));
    out = sa_alloc(len, 1);
    if (out == NULL)
        return SECAGG_ERR_MEMORY;
    return finish(c, sa_keys_write(out, len, c->params, c->index, &msg), out,
        len);
}

/* ---- SHARES (8.4) ------------------------------------------------------- */

/* All that SHARES adds to the state, until the message is complete. */
typedef struct dealing {
    uint8_t *shares[2];      /* by kind: one for each holder, by rank */
    uint8_t (*pair_prk)[32]; /* PRK_uv with each peer */
    uint32_t count;          /* peers in U1 */
    uint8_t commitment[32];
    uint8_t *out;
    size_t len;
} dealing;

static void dealing_free(dealing *d)
{
    sa_free(d->shares[SA_KIND_SELF]);
    sa_free(d->shares[SA_KIND_MASK]);
    sa_free(d->pair_prk);
    sa_free(d->out);
    sa_wipe(d, sizeof *d);
}

static secagg_err dealing_init(dealing *d, const secagg_client *c)
{
    *d = (dealing){ 0 };
    for (uint32_t i = 0; i < c->peer_count; i++)
        d->count += c->peers[i].present;
    d->len = sa_shares_size(d->count);
    d->out = sa_alloc(d->len, 1);
    d->pair_prk = sa_alloc(c->peer_count, sizeof *d->pair_prk);
    for (int kind = SA_KIND_SELF; kind <= SA_KIND_MASK; kind++)
        d->shares[kind] = sa_alloc(c->params->holders, SECAGG_SHARE_BYTES);
    return d->out != NULL && d->pair_prk != NULL
            && d->shares[SA_KIND_SELF] != NULL
            && d->shares[SA_KIND_MASK] != NULL
        ? SECAGG_OK : SECAGG_ERR_MEMORY;
}

/* Split a secret into shares for all holders (4.3). */
static secagg_err split(const secagg_client *c, dealing *d, uint32_t kind,
    const uint8_t secret[32])
{
    return secagg_shamir_split(d->shares[kind], c->params->holders,
        c->params->own.threshold, secret, c->secret.poly_seed[kind]);
}

/* Commit to the self secret, split both secrets, and agree on the keys of
 * shares with each peer. */
static secagg_err derive_shares(const secagg_client *c, dealing *d)
{
    SA_TRY(sa_commitment(d->commitment, &c->binding, c->index,
        c->secret.self_secret));
    SA_TRY(split(c, d, SA_KIND_SELF, c->secret.self_secret));
    SA_TRY(split(c, d, SA_KIND_MASK, c->secret.mask_secret));
    for (uint32_t i = 0; i < c->peer_count; i++)
        if (c->peers[i].present)
            SA_TRY(sa_share_prk(d->pair_prk[i], c->binding.roster,
                c->secret.enc_key, c->peers[i].enc));
    return SECAGG_OK;
}

/* Seal both shares for peer i and write them. Its rank among the holders
 * counts this client, too, if that has the lower index (4.4). */
static secagg_err seal_shares(const secagg_client *c, const dealing *d,
    sa_writer *w, uint32_t i)
{
    const uint32_t holder = c->peers[i].index;
    const size_t rank = i + (holder > c->index);
    uint8_t sealed[2][SA_SEALED_SHARE_BYTES], key[SECAGG_SEED_BYTES];
    const sa_share_pair pair = { holder, { sealed[0], sealed[1] } };
    secagg_err err = SECAGG_OK;

    for (uint32_t kind = 0; kind < 2 && err == SECAGG_OK; kind++) {
        const sa_share_id id = { c->binding.roster, c->binding.round, kind,
            c->index, holder };
        err = sa_share_key(key, d->pair_prk[i], kind, id.round, c->index,
            holder, c->enc, c->peers[i].enc);
        if (err == SECAGG_OK)
            err = sa_share_seal(sealed[kind], key, &id,
                d->shares[kind] + rank * SECAGG_SHARE_BYTES);
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
            SA_TRY(seal_shares(c, d, &w, i));
    return sa_writer_end(&w);
}

secagg_err sa_client_send_shares(secagg_client *c)
{
    const size_t own_rank = sa_client_peer_position(c, c->index);
    dealing d;
    secagg_err err = dealing_init(&d, c);

    if (err == SECAGG_OK)
        err = derive_shares(c, &d);
    if (err == SECAGG_OK)
        err = write_shares(c, &d);
    if (err == SECAGG_OK) {
        err = finish(c, SECAGG_OK, d.out, d.len);
        c->secret.pair_prk = d.pair_prk;
        memcpy(c->secret.own_share,
            d.shares[SA_KIND_SELF] + own_rank * SECAGG_SHARE_BYTES,
            SECAGG_SHARE_BYTES);
        sa_wipe(c->secret.enc_key, sizeof c->secret.enc_key);
        sa_wipe(c->secret.mask_secret, sizeof c->secret.mask_secret);
        sa_wipe(c->secret.poly_seed, sizeof c->secret.poly_seed);
        d.out = NULL;
        d.pair_prk = NULL;
    }
    dealing_free(&d);
    return err;
}

/* ---- CONFIRM (8.9) ------------------------------------------------------ */

/* Sign U2 and U3, which this client has accepted, under this roster (3.5;
 * Bonawitz et al. 2017, Figure 4, round 3). */
secagg_err sa_client_send_confirm(secagg_client *c)
{
    uint8_t signature[SECAGG_SIGNATURE_BYTES];
    const sa_confirm_msg msg = { signature };
    const size_t len = sa_confirm_size();
    sa_signed text;
    uint8_t *out;

    sa_signed_confirm(&text, c->params->context, c->binding.roster,
        c->binding.round, c->index, c->h_u2, c->h_u3);
    SA_TRY(sign(c, signature, &text));
    out = sa_alloc(len, 1);
    if (out == NULL)
        return SECAGG_ERR_MEMORY;
    SA_TRY(finish(c, sa_confirm_write(out, len, c->params, c->index, &msg),
        out, len));
    sa_wipe(&c->secret.signer, sizeof c->secret.signer);
    return SECAGG_OK;
}

/* ---- UNMASK (8.11) ------------------------------------------------------ */

/* Reveal the key of one share of peer i: of the self secret of a survivor, of
 * the mask secret of a dropout, and never of both (Bonawitz et al. 2017,
 * Figure 4, round 4). */
static secagg_err reveal(const secagg_client *c, sa_writer *w, uint32_t i)
{
    const uint32_t dealer = c->peers[i].index;
    const uint32_t kind = sa_bitmap_has(c->u3, dealer) ? SA_KIND_SELF
                                                    : SA_KIND_MASK;
    uint8_t key[SECAGG_SEED_BYTES];
    const sa_revealed revealed = { kind, dealer, key };
    secagg_err err;

    err = sa_share_key(key, c->secret.pair_prk[i], kind, c->binding.round,
        dealer, c->index, c->peers[i].enc, c->enc);
    if (err == SECAGG_OK)
        sa_revealed_put(w, &revealed);
    sa_wipe(key, sizeof key);
    return err;
}

/* Returns whether this client is a holder of peer i: it is in U2 and its
 * shares opened. */
static bool holds_shares(const secagg_client *c, uint32_t i)
{
    return sa_bitmap_has(c->u2, c->peers[i].index) && !c->peers[i].complaint;
}

static secagg_err write_unmask(const secagg_client *c, uint8_t *out,
    size_t len, uint32_t count)
{
    const sa_unmask_msg msg = { c->secret.own_share, count, NULL };
    sa_writer w = sa_writer_on(out, len);

    sa_unmask_write(&w, c->params, c->index, &msg);
    for (uint32_t i = 0; i < c->peer_count; i++)
        if (holds_shares(c, i))
            SA_TRY(reveal(c, &w, i));
    return sa_writer_end(&w);
}

secagg_err sa_client_send_unmask(secagg_client *c)
{
    uint32_t count = 0;
    uint8_t *out;
    size_t len;

    for (uint32_t i = 0; i < c->peer_count; i++)
        count += holds_shares(c, i);
    len = sa_unmask_size(count);
    out = sa_alloc(len, 1);
    if (out == NULL)
        return SECAGG_ERR_MEMORY;
    SA_TRY(finish(c, write_unmask(c, out, len, count), out, len));
    sa_client_wipe(c);
    return SECAGG_OK;
}
