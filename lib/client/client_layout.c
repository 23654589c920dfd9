/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of the state are listed once, in functions that measure, write or
 * read them, so that a state is read as it was written. The phase alone decides
 * which fields there are: a secret that it does not need has no place. */
#include "client/client_layout.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "session/saved_fields.h"

#define PRESENT 1 /* flags of a peer */
#define COMPLAINT 2

/* Allocated bytes, preceded by their number. On reading they are allocated, if
 * the state has so many. */
static void move_allocated(sa_transfer *t, void **at, uint32_t *len)
{
    sa_move_u32(t, len);
    if (t->from != NULL)
        *at = sa_transfer_alloc(t, *len, 1, *len);
    if (*at != NULL)
        sa_move_bytes(t, *at, *len);
}

/* ---- active mode -------------------------------------------------------- */

static void move_credential(sa_transfer *t, secagg_client *c)
{
    uint32_t len = (uint32_t)c->credential_len;
    void *credential = c->credential;
    bool given = credential != NULL;

    sa_move_bool(t, &given);
    if (!given)
        return;
    move_allocated(t, &credential, &len);
    c->credential = credential;
    c->credential_len = len;
}

/* The own identity; and until ROSTER is accepted, the signature in KEYS, the
 * credential and the list of trusted keys. The host's callbacks are not in the
 * state, and neither is the signing key. */
static void move_identity(sa_transfer *t, secagg_client *c)
{
    sa_move_bool(t, &c->has_id);
    if (c->has_id)
        sa_move_bytes(t, c->id, sizeof c->id);
    if (c->phase != SECAGG_PHASE_KEYS)
        return;
    if (c->built)
        sa_move_bytes(t, c->signature, sizeof c->signature);
    move_credential(t, c);
    sa_move_trust(t, &c->trust);
}

/* ---- roster and sets ---------------------------------------------------- */

static void move_peer(sa_transfer *t, secagg_client *c, sa_peer *p)
{
    uint8_t flags = (uint8_t)((p->present ? PRESENT : 0)
        | (p->complaint ? COMPLAINT : 0));

    sa_move_u8(t, &flags);
    sa_transfer_require(t, flags <= (PRESENT | COMPLAINT));
    if (t->from != NULL) {
        p->present = (flags & PRESENT) != 0;
        p->complaint = (flags & COMPLAINT) != 0;
    }
    if (!p->present)
        return;
    sa_move_bytes(t, p->enc, sizeof p->enc);
    sa_move_bytes(t, p->mask, sizeof p->mask);
    if (c->ids != NULL)
        sa_move_bytes(t, c->ids[p->index], sizeof c->ids[p->index]);
}

/* Compute the peers of the graph seed, and allocate their identities. */
static void make_peers(sa_transfer *t, secagg_client *c)
{
    t->err = sa_client_load_peers(c, c->graph_seed, c->peers);
    if (t->err != SECAGG_OK || !sa_params_active(c->params))
        return;
    c->ids = sa_alloc(c->params->own.clients, sizeof *c->ids);
    if (c->ids == NULL)
        t->err = SECAGG_ERR_MEMORY;
    else
        memcpy(c->ids[c->index], c->id, sizeof c->id);
}

static void move_roster(sa_transfer *t, secagg_client *c)
{
    sa_move_bytes(t, c->graph_seed, sizeof c->graph_seed);
    sa_move_bytes(t, c->roster_root, sizeof c->roster_root);
    sa_move_u32(t, &c->present);
    sa_move_bytes(t, c->binding.roster, sizeof c->binding.roster);
    if (sa_transfer_reads(t))
        make_peers(t, c);
    for (uint32_t i = 0; i < c->peer_count && t->err == SECAGG_OK; i++)
        move_peer(t, c, &c->peers[i]);
}

static void move_sets(sa_transfer *t, secagg_client *c)
{
    const size_t map = sa_bitmap_bytes(c->params->own.clients);

    if (c->phase >= SECAGG_PHASE_INPUT) {
        sa_move_bytes(t, c->u2, map);
        sa_move_bytes(t, c->h_u2, sizeof c->h_u2);
    }
    if (c->phase >= SECAGG_PHASE_CONFIRM) {
        sa_move_bytes(t, c->u3, map);
        sa_move_bytes(t, c->h_u3, sizeof c->h_u3);
    }
}

/* Active mode: the proof that U3 is confirmed. */
static void move_signatures(sa_transfer *t, secagg_client *c)
{
    uint32_t len = (uint32_t)c->signatures_len;
    void *signatures = c->signatures;

    if (!sa_params_active(c->params) || c->phase < SECAGG_PHASE_UNMASK)
        return;
    move_allocated(t, &signatures, &len);
    c->signatures = signatures;
    c->signatures_len = len;
}

/* ---- secrets (9.1) ------------------------------------------------------ */

static void move_pair_prk(sa_transfer *t, secagg_client *c)
{
    if (sa_transfer_reads(t)) {
        c->secret.pair_prk = sa_alloc(c->peer_count,
            sizeof *c->secret.pair_prk);
        if (c->secret.pair_prk == NULL)
            t->err = SECAGG_ERR_MEMORY;
    }
    for (uint32_t i = 0; i < c->peer_count && c->secret.pair_prk != NULL; i++)
        if (c->peers[i].present)
            sa_move_secret(t, c->secret.pair_prk[i],
                sizeof c->secret.pair_prk[i]);
}

static void move_secrets(sa_transfer *t, secagg_client *c)
{
    const secagg_phase phase = c->phase;
    const bool dealt = phase > SECAGG_PHASE_SHARES
        || (phase == SECAGG_PHASE_SHARES && c->built);

    if (phase == SECAGG_PHASE_KEYS)
        sa_move_secret(t, c->secret.prk, sizeof c->secret.prk);
    if (!dealt) {
        sa_move_secret(t, c->secret.enc_key, sizeof c->secret.enc_key);
        sa_move_secret(t, c->secret.mask_secret, sizeof c->secret.mask_secret);
    }
    if (!dealt && phase == SECAGG_PHASE_SHARES)
        sa_move_secret(t, c->secret.poly_seed, sizeof c->secret.poly_seed);
    if (phase <= SECAGG_PHASE_INPUT) {
        sa_move_secret(t, c->secret.mask_key, sizeof c->secret.mask_key);
        sa_move_secret(t, c->secret.rounding, sizeof c->secret.rounding);
    }
    if (phase == SECAGG_PHASE_SHARES || phase == SECAGG_PHASE_INPUT)
        sa_move_secret(t, c->secret.self_secret, sizeof c->secret.self_secret);
    if (dealt && phase < SECAGG_PHASE_DONE) {
        sa_move_secret(t, c->secret.own_share, sizeof c->secret.own_share);
        move_pair_prk(t, c);
    }
}

/* ---- messages ----------------------------------------------------------- */

static void move_input(sa_transfer *t, secagg_client *c)
{
    sa_move_u32(t, &c->parts);
    sa_move_u64(t, &c->input.part_blocks);
    if (c->phase == SECAGG_PHASE_INPUT && c->parts > 0)
        sa_move_bytes(t, c->input_digest, sizeof c->input_digest);
}

/* The message of the phase, if it is built; INPUT is not in the state. */
static void move_message(sa_transfer *t, secagg_client *c)
{
    uint32_t len = (uint32_t)c->message_len;
    void *message = c->message;

    if (!c->built || c->phase == SECAGG_PHASE_INPUT)
        return;
    move_allocated(t, &message, &len);
    c->message = message;
    c->message_len = len;
}

/* A client that failed has its ABORT left, and whether its vector is spent. */
static void move_failed(sa_transfer *t, secagg_client *c)
{
    uint32_t len = (uint32_t)c->out_len;

    sa_move_u32(t, &c->parts);
    sa_move_u32(t, &len);
    if (len > sa_abort_size(c->peer_count))
        sa_transfer_require(t, false);
    else
        sa_move_bytes(t, c->abort, len);
    c->out = c->abort;
    c->out_len = len;
}

/* ---- all fields --------------------------------------------------------- */

/* Phase, error and whether the message of the phase is built. */
static void move_phase(sa_transfer *t, secagg_client *c)
{
    uint8_t phase = (uint8_t)c->phase, error = (uint8_t)-c->error;

    sa_move_u8(t, &phase);
    sa_move_u8(t, &error);
    sa_move_bool(t, &c->built);
    if (phase > SECAGG_PHASE_FAILED)
        sa_transfer_require(t, false);
    else
        c->phase = (secagg_phase)phase;
    c->error = (secagg_err)-(int)error;
}

static void move_fields(sa_transfer *t, secagg_client *c)
{
    move_phase(t, c);
    if (c->phase == SECAGG_PHASE_FAILED) {
        move_failed(t, c);
        return;
    }
    sa_move_bytes(t, c->last_digest, sizeof c->last_digest);
    sa_move_bytes(t, c->enc, sizeof c->enc);
    sa_move_bytes(t, c->mask, sizeof c->mask);
    move_input(t, c);
    if (sa_params_active(c->params))
        move_identity(t, c);
    if (c->phase >= SECAGG_PHASE_SHARES)
        move_roster(t, c);
    move_sets(t, c);
    move_signatures(t, c);
    move_secrets(t, c);
    move_message(t, c);
}

/* ---- measuring, writing, reading ---------------------------------------- */

size_t sa_client_state_size(const secagg_client *c)
{
    secagg_client copy = *c; /* not const; all that it points to is only read */
    sa_transfer t = { NULL, NULL, 0, SECAGG_OK };

    move_fields(&t, &copy);
    sa_wipe(&copy, sizeof copy);
    return sa_saved_params_size(c->params) + t.size;
}

secagg_err sa_client_state_write(const secagg_client *c, uint8_t *out,
    size_t len)
{
    sa_writer w = sa_writer_on(out, len);
    sa_transfer t = { &w, NULL, 0, SECAGG_OK };
    secagg_client copy = *c; /* as above */

    SA_TRY(sa_saved_params_write(&w, c->params));
    move_fields(&t, &copy);
    sa_wipe(&copy, sizeof copy);
    return t.err != SECAGG_OK ? t.err : sa_writer_end(&w);
}

static secagg_err read_fields(secagg_client *c, sa_reader *r)
{
    sa_transfer t = { NULL, r, 0, SECAGG_OK };

    move_fields(&t, c);
    return t.err != SECAGG_OK ? t.err : sa_reader_end(r);
}

secagg_err sa_client_state_read(secagg_client **client, uint32_t index,
    const uint8_t *state, size_t len)
{
    sa_reader r = sa_reader_on(state, len);
    secagg_params *params;
    secagg_client *c;
    secagg_err err;

    SA_TRY(sa_saved_params_read(&r, &params));
    err = sa_client_new(&c, params, index);
    secagg_params_free(params);
    if (err != SECAGG_OK)
        return err == SECAGG_ERR_ARG ? SECAGG_ERR_MESSAGE : err;
    err = read_fields(c, &r);
    if (err == SECAGG_OK)
        *client = c;
    else
        sa_client_free(c);
    return err;
}
