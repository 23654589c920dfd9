/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of the state are listed once, in functions that measure, write or
 * read them, so that a state is read as it was written. The phase alone decides
 * which fields there are: a secret that it does not need has no place. */
#include "client/client_layout.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "core/wire.h"

#define PRESENT 1 /* flags of a peer */
#define COMPLAINT 2

/* Writes to `to`, reads from `from`, or counts bytes if both are NULL. */
typedef struct transfer {
    sa_writer *to;
    sa_reader *from;
    size_t size;
    secagg_err err; /* MEMORY or CRYPTO; a reader has its own failure */
} transfer;

/* Only move_secrets() moves secrets. */
static void move_secret(transfer *t, void *at, size_t len)
{
    t->size += len;
    if (t->to != NULL)
        sa_write_bytes(t->to, at, len);
    else if (t->from != NULL)
        sa_read_bytes(t->from, at, len);
}

/* Public bytes. Before they are read they are a part of what the key of the
 * host hides. */
static void move_bytes(transfer *t, void *at, size_t len)
{
    move_secret(t, at, len);
    if (t->from != NULL)
        sa_declassify(at, len);
}

static void move_u8(transfer *t, uint8_t *x)
{
    move_bytes(t, x, 1);
}

static void move_u32(transfer *t, uint32_t *x)
{
    uint8_t bytes[4];

    sa_put_be32(bytes, *x);
    move_bytes(t, bytes, sizeof bytes);
    *x = sa_get_be32(bytes);
}

static void move_u64(transfer *t, uint64_t *x)
{
    uint8_t bytes[8];

    sa_put_be64(bytes, *x);
    move_bytes(t, bytes, sizeof bytes);
    *x = sa_get_be64(bytes);
}

/* Returns whether a state is read, and can be read on. */
static bool reads(const transfer *t)
{
    return t->from != NULL && !t->from->failed && t->err == SECAGG_OK;
}

/* What was read is no state. */
static void reject(transfer *t)
{
    if (t->from != NULL)
        t->from->failed = true;
}

/* One byte, which must be 0 or 1. */
static void move_bool(transfer *t, bool *x)
{
    uint8_t byte = *x;

    move_u8(t, &byte);
    if (byte > 1)
        reject(t);
    *x = byte == 1;
}

/* Allocated bytes, preceded by their number. On reading they are allocated, if
 * the state has so many. */
static void move_allocated(transfer *t, void **at, uint32_t *len)
{
    move_u32(t, len);
    if (reads(t)) {
        if (*len > t->from->left) {
            reject(t);
            return;
        }
        *at = sa_alloc(1 + (size_t)*len, 1); /* not NULL for none, too */
        if (*at == NULL)
            t->err = SECAGG_ERR_MEMORY;
    }
    if (t->from == NULL || reads(t))
        move_bytes(t, *at, *len);
}

/* ---- active mode -------------------------------------------------------- */

static void move_credential(transfer *t, secagg_client *c)
{
    uint32_t len = (uint32_t)c->credential_len;
    void *credential = c->credential;
    bool given = credential != NULL;

    move_bool(t, &given);
    if (!given)
        return;
    move_allocated(t, &credential, &len);
    c->credential = credential;
    c->credential_len = len;
}

/* Allocate a list of trusted keys. */
static void make_list(transfer *t, sa_trust *trust)
{
    trust->map = sa_alloc(sa_bitmap_bytes(trust->n), 1);
    trust->keys = sa_alloc(trust->n, sizeof *trust->keys);
    if (trust->map == NULL || trust->keys == NULL)
        t->err = SECAGG_ERR_MEMORY;
}

/* The list of trusted keys: a bitmap, and the keys of its members. */
static void move_trust(transfer *t, sa_trust *trust)
{
    bool any = trust->count > 0;

    move_bool(t, &trust->declared_whole);
    move_bool(t, &any);
    if (any && reads(t))
        make_list(t, trust);
    if (!any || trust->map == NULL || trust->keys == NULL)
        return;
    move_bytes(t, trust->map, sa_bitmap_bytes(trust->n));
    if (!sa_bitmap_canonical(trust->map, trust->n))
        reject(t);
    trust->count = sa_bitmap_count(trust->map, trust->n);
    for (uint32_t i = 0; i < trust->n; i++)
        if (sa_bitmap_has(trust->map, i))
            move_bytes(t, trust->keys[i], sizeof trust->keys[i]);
}

/* The own identity; and until ROSTER is accepted, the signature in KEYS, the
 * credential and the list of trusted keys. The host's callbacks are not in the
 * state, and neither is the signing key. */
static void move_identity(transfer *t, secagg_client *c)
{
    move_bool(t, &c->has_id);
    if (c->has_id)
        move_bytes(t, c->id, sizeof c->id);
    if (c->phase != SECAGG_PHASE_KEYS)
        return;
    if (c->built)
        move_bytes(t, c->signature, sizeof c->signature);
    move_credential(t, c);
    move_trust(t, &c->trust);
}

/* ---- roster and sets ---------------------------------------------------- */

static void move_peer(transfer *t, secagg_client *c, sa_peer *p)
{
    uint8_t flags = (uint8_t)((p->present ? PRESENT : 0)
        | (p->complaint ? COMPLAINT : 0));

    move_u8(t, &flags);
    if (flags > (PRESENT | COMPLAINT))
        reject(t);
    if (t->from != NULL) {
        p->present = (flags & PRESENT) != 0;
        p->complaint = (flags & COMPLAINT) != 0;
    }
    if (!p->present)
        return;
    move_bytes(t, p->enc, sizeof p->enc);
    move_bytes(t, p->mask, sizeof p->mask);
    if (c->ids != NULL)
        move_bytes(t, c->ids[p->index], sizeof c->ids[p->index]);
}

/* Compute the peers of the graph seed, and allocate their identities. */
static void make_peers(transfer *t, secagg_client *c)
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

static void move_roster(transfer *t, secagg_client *c)
{
    move_bytes(t, c->graph_seed, sizeof c->graph_seed);
    move_bytes(t, c->roster_root, sizeof c->roster_root);
    move_u32(t, &c->present);
    move_bytes(t, c->binding.roster, sizeof c->binding.roster);
    if (reads(t))
        make_peers(t, c);
    for (uint32_t i = 0; i < c->peer_count && t->err == SECAGG_OK; i++)
        move_peer(t, c, &c->peers[i]);
}

static void move_sets(transfer *t, secagg_client *c)
{
    const size_t map = sa_bitmap_bytes(c->params->own.clients);

    if (c->phase >= SECAGG_PHASE_INPUT) {
        move_bytes(t, c->u2, map);
        move_bytes(t, c->h_u2, sizeof c->h_u2);
    }
    if (c->phase >= SECAGG_PHASE_CONFIRM) {
        move_bytes(t, c->u3, map);
        move_bytes(t, c->h_u3, sizeof c->h_u3);
    }
}

/* Active mode: the proof that U3 is confirmed. */
static void move_signatures(transfer *t, secagg_client *c)
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

static void move_pair_prk(transfer *t, secagg_client *c)
{
    if (reads(t)) {
        c->secret.pair_prk = sa_alloc(c->peer_count,
            sizeof *c->secret.pair_prk);
        if (c->secret.pair_prk == NULL)
            t->err = SECAGG_ERR_MEMORY;
    }
    for (uint32_t i = 0; i < c->peer_count && c->secret.pair_prk != NULL; i++)
        if (c->peers[i].present)
            move_secret(t, c->secret.pair_prk[i],
                sizeof c->secret.pair_prk[i]);
}

static void move_secrets(transfer *t, secagg_client *c)
{
    const secagg_phase phase = c->phase;
    const bool dealt = phase > SECAGG_PHASE_SHARES
        || (phase == SECAGG_PHASE_SHARES && c->built);

    if (phase == SECAGG_PHASE_KEYS)
        move_secret(t, c->secret.prk, sizeof c->secret.prk);
    if (!dealt) {
        move_secret(t, c->secret.enc_key, sizeof c->secret.enc_key);
        move_secret(t, c->secret.mask_secret, sizeof c->secret.mask_secret);
    }
    if (!dealt && phase == SECAGG_PHASE_SHARES)
        move_secret(t, c->secret.poly_seed, sizeof c->secret.poly_seed);
    if (phase <= SECAGG_PHASE_INPUT) {
        move_secret(t, c->secret.mask_key, sizeof c->secret.mask_key);
        move_secret(t, c->secret.rounding, sizeof c->secret.rounding);
    }
    if (phase == SECAGG_PHASE_SHARES || phase == SECAGG_PHASE_INPUT)
        move_secret(t, c->secret.self_secret, sizeof c->secret.self_secret);
    if (dealt && phase < SECAGG_PHASE_DONE) {
        move_secret(t, c->secret.own_share, sizeof c->secret.own_share);
        move_pair_prk(t, c);
    }
}

/* ---- messages ----------------------------------------------------------- */

static void move_input(transfer *t, secagg_client *c)
{
    move_u32(t, &c->parts);
    move_u64(t, &c->input.part_blocks);
    if (c->phase == SECAGG_PHASE_INPUT && c->parts > 0)
        move_bytes(t, c->input_digest, sizeof c->input_digest);
}

/* The message of the phase, if it is built; INPUT is not in the state. */
static void move_message(transfer *t, secagg_client *c)
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
static void move_failed(transfer *t, secagg_client *c)
{
    uint32_t len = (uint32_t)c->out_len;

    move_u32(t, &c->parts);
    move_u32(t, &len);
    if (len > sa_abort_size(c->peer_count))
        reject(t);
    else
        move_bytes(t, c->abort, len);
    c->out = c->abort;
    c->out_len = len;
}

/* ---- all fields --------------------------------------------------------- */

/* Phase, error and whether the message of the phase is built. */
static void move_phase(transfer *t, secagg_client *c)
{
    uint8_t phase = (uint8_t)c->phase, error = (uint8_t)-c->error;

    move_u8(t, &phase);
    move_u8(t, &error);
    move_bool(t, &c->built);
    if (phase > SECAGG_PHASE_FAILED)
        reject(t);
    else
        c->phase = (secagg_phase)phase;
    c->error = (secagg_err)-(int)error;
}

static void move_fields(transfer *t, secagg_client *c)
{
    move_phase(t, c);
    if (c->phase == SECAGG_PHASE_FAILED) {
        move_failed(t, c);
        return;
    }
    move_bytes(t, c->last_digest, sizeof c->last_digest);
    move_bytes(t, c->enc, sizeof c->enc);
    move_bytes(t, c->mask, sizeof c->mask);
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
    transfer t = { NULL, NULL, 0, SECAGG_OK };

    move_fields(&t, &copy);
    sa_wipe(&copy, sizeof copy);
    return 4 + secagg_params_encoded_size(&c->params->own) + t.size;
}

secagg_err sa_client_state_write(const secagg_client *c, uint8_t *out,
    size_t len)
{
    const size_t size = secagg_params_encoded_size(&c->params->own);
    sa_writer w = sa_writer_on(out, len);
    transfer t = { &w, NULL, 0, SECAGG_OK };
    secagg_client copy = *c; /* as above */

    sa_write_u32(&w, (uint32_t)size);
    if (size > w.left)
        return SECAGG_ERR_SIZE;
    SA_TRY(secagg_params_encode(&c->params->own, w.at, size));
    w.at += size;
    w.left -= size;
    move_fields(&t, &copy);
    sa_wipe(&copy, sizeof copy);
    return t.err != SECAGG_OK ? t.err : sa_writer_end(&w);
}

static secagg_err read_fields(secagg_client *c, sa_reader *r)
{
    transfer t = { NULL, r, 0, SECAGG_OK };

    move_fields(&t, c);
    return t.err != SECAGG_OK ? t.err : sa_reader_end(r);
}

secagg_err sa_client_state_read(secagg_client **client, uint32_t index,
    const uint8_t *state, size_t len)
{
    sa_reader r = sa_reader_on(state, len);
    const uint8_t *bytes;
    secagg_params *params;
    secagg_client *c;
    secagg_err err;
    uint32_t size;

    size = sa_read_u32(&r);
    sa_declassify(&size, sizeof size);
    bytes = sa_read_view(&r, size);
    if (bytes == NULL)
        return SECAGG_ERR_MESSAGE;
    sa_declassify(bytes, size);
    err = secagg_params_decode(&params, bytes, size);
    if (err == SECAGG_OK) {
        err = sa_client_new(&c, params, index);
        secagg_params_free(params);
    }
    if (err != SECAGG_OK)
        return err == SECAGG_ERR_ARG ? SECAGG_ERR_MESSAGE : err;
    err = read_fields(c, &r);
    if (err == SECAGG_OK)
        *client = c;
    else
        sa_client_free(c);
    return err;
}
