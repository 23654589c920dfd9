/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a client as bytes (PROTOCOL.md 11.1). One function walks its
 * fields for both directions, so that what is read is what was written. The
 * layout is ours alone; a version stands before it. */
#include "client/client.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/state_seal.h"

#define VERSION 1
#define HEAD (2 + 8 + 4 + 4) /* version, generation, index, params' length */
#define PEER (4 + 1 + 32 + 32)

/* Either way: to a writer, or from a reader. */
typedef struct walker {
    sa_writer *to;
    sa_reader *from;
} walker;

static void walk(walker *k, void *at, size_t len)
{
    if (k->to != NULL)
        sa_write_bytes(k->to, at, len);
    else
        sa_read_bytes(k->from, at, len);
}

static void walk_u32(walker *k, uint32_t *x)
{
    if (k->to != NULL)
        sa_write_u32(k->to, *x);
    else
        *x = sa_read_u32(k->from);
}

static void walk_u64(walker *k, uint64_t *x)
{
    if (k->to != NULL)
        sa_write_u64(k->to, *x);
    else
        *x = sa_read_u64(k->from);
}

/* Anything but 0 and 1 is no state. */
static void walk_bool(walker *k, bool *x)
{
    uint8_t byte = *x;

    walk(k, &byte, 1);
    if (k->from != NULL && byte > 1)
        k->from->failed = true;
    *x = byte == 1;
}

/* ---- the fields --------------------------------------------------------- */

static void walk_peers(walker *k, secagg_client *c)
{
    for (uint32_t i = 0; i < c->peer_count; i++) {
        sa_peer *p = &c->peers[i];
        uint8_t flags = (uint8_t)(p->present | p->bad << 1);
        walk_u32(k, &p->index);
        walk(k, &flags, 1);
        p->present = flags & 1;
        p->bad = flags >> 1 & 1;
        walk(k, p->enc, sizeof p->enc);
        walk(k, p->mask, sizeof p->mask);
    }
}

static void walk_secrets(walker *k, secagg_client *c)
{
    walk(k, c->secret.prk, sizeof c->secret.prk);
    walk(k, c->secret.enc_key, sizeof c->secret.enc_key);
    walk(k, c->secret.mask_root, sizeof c->secret.mask_root);
    walk(k, c->secret.mask_key, sizeof c->secret.mask_key);
    walk(k, c->secret.self_root, sizeof c->secret.self_root);
    walk(k, c->secret.own_share, sizeof c->secret.own_share);
}

/* What has room only once it is there; false where there is no memory. */
static bool walk_late(walker *k, secagg_client *c)
{
    bool paired = c->secret.pair != NULL;
    uint64_t len = c->message_len;

    walk_bool(k, &paired);
    walk_u64(k, &len);
    if (k->from != NULL && (k->from->failed || len > k->from->left)) {
        k->from->failed = true;
        return true;
    }
    if (k->from != NULL) {
        c->message = sa_alloc((size_t)len, 1);
        c->message_len = (size_t)len;
        if (paired)
            c->secret.pair = sa_alloc(c->peer_count, 32);
        if (c->message == NULL || (paired && c->secret.pair == NULL))
            return false;
    }
    if (paired && c->secret.pair != NULL)
        walk(k, c->secret.pair, (size_t)c->peer_count * 32);
    walk(k, c->message, c->message_len);
    return true;
}

static bool walk_all(walker *k, secagg_client *c)
{
    const size_t map = sa_bitmap_bytes(c->params->own.clients);
    uint32_t phase = (uint32_t)c->phase, why = (uint32_t)-c->why;

    walk_u32(k, &phase);
    walk_u32(k, &why);
    /* Three bits: 7 is the one value that no phase has yet. */
    c->phase = (secagg_phase)(phase & 7);
    c->why = (secagg_err)-(int)(why & 127);
    walk_bool(k, &c->made);
    walk(k, c->last_digest, sizeof c->last_digest);
    walk_u32(k, &c->parts);
    walk_u64(k, &c->input.chunk);
    walk(k, c->digest, sizeof c->digest);
    walk(k, c->graph_seed, sizeof c->graph_seed);
    walk_u32(k, &c->present);
    walk(k, c->binding.roster, sizeof c->binding.roster);
    walk(k, c->u2, map);
    walk(k, c->u3, map);
    walk(k, c->h_u2, sizeof c->h_u2);
    walk(k, c->h_u3, sizeof c->h_u3);
    walk(k, c->enc, sizeof c->enc);
    walk(k, c->mask, sizeof c->mask);
    walk(k, c->signature, sizeof c->signature);
    walk_peers(k, c);
    walk_secrets(k, c);
    return walk_late(k, c);
}

/* Bytes of all that, the head included. */
static size_t state_size(const secagg_client *c)
{
    const size_t fixed = 4 + 4 + 1 + 32 + 4 + 8 + 32 + 32 + 4 + 32
        + 2 * 32 + 2 * 32 + SECAGG_SIGNATURE_BYTES + 6 * 32 + 1 + 8;

    return HEAD + secagg_params_encoded_size(&c->params->own) + fixed
        + 2 * sa_bitmap_bytes(c->params->own.clients)
        + (size_t)c->peer_count * PEER
        + (c->secret.pair != NULL ? (size_t)c->peer_count * 32 : 0)
        + c->message_len;
}

/* ---- saving ------------------------------------------------------------- */

size_t secagg_client_save_size(const secagg_client *client)
{
    return state_size(client) + SA_STATE_SEAL_EXTRA;
}

uint64_t secagg_client_generation(const secagg_client *client)
{
    return client->generation;
}

static secagg_err write_state(secagg_client *c, uint8_t *out, size_t len)
{
    const size_t size = secagg_params_encoded_size(&c->params->own);
    sa_writer w = sa_writer_on(out, len);
    walker k = { &w, NULL };

    sa_write_u16(&w, VERSION);
    sa_write_u64(&w, c->generation + 1);
    sa_write_u32(&w, c->index);
    sa_write_u32(&w, (uint32_t)size);
    SA_TRY(secagg_params_encode(&c->params->own, w.at, size));
    w.at += size;
    w.left -= size;
    (void)walk_all(&k, c);
    return sa_writer_end(&w);
}

secagg_err secagg_client_save(secagg_client *c, uint8_t *state, size_t len,
    const uint8_t key[SECAGG_SEED_BYTES])
{
    const size_t size = state_size(c);
    secagg_err err = SECAGG_OK;
    uint8_t *plain;

    if (len != size + SA_STATE_SEAL_EXTRA)
        return SECAGG_ERR_SIZE;
    plain = sa_alloc(size, 1);
    if (plain == NULL)
        return SECAGG_ERR_MEMORY;
    if (c->phase == SECAGG_PHASE_INPUT && c->input.spent)
        err = sa_client_input_digest(c, c->digest);
    if (err == SECAGG_OK)
        err = write_state(c, plain, size);
    if (err == SECAGG_OK)
        err = sa_state_seal(state, plain, size, key);
    c->generation += err == SECAGG_OK;
    sa_free(plain);
    return err;
}

/* ---- going on ----------------------------------------------------------- */

/* What was made last is due again: it may not have left. INPUT waits for the
 * input, since that is not in the state. */
static secagg_err set_due(secagg_client *c)
{
    const uint64_t chunk = c->input.chunk;

    if (c->phase == SECAGG_PHASE_FAILED) {
        sa_client_fail(c, c->why);
        return SECAGG_OK;
    }
    c->out = c->message;
    c->out_len = c->message_len;
    c->due = c->made;
    if (c->phase >= SECAGG_PHASE_CONFIRM)
        return SECAGG_OK;
    c->input.chunk = 0;
    if (chunk > 0)
        SA_TRY(sa_input_buffer_set_part_size(&c->input, chunk));
    if (c->phase != SECAGG_PHASE_INPUT)
        return SECAGG_OK;
    c->due = false;
    c->out = NULL;
    c->again = c->parts > 0;
    return c->parts > 1 ? sa_input_buffer_seek(&c->input, c->parts - 1)
                        : SECAGG_OK;
}

/* The rest of a state, after its parameters. */
static secagg_err read_rest(secagg_client *c, sa_reader *r,
    const secagg_params *params)
{
    walker k = { NULL, r };

    SA_TRY(sa_client_init(c, params));
    if (!walk_all(&k, c))
        return SECAGG_ERR_MEMORY;
    SA_TRY(sa_reader_end(r));
    if (c->phase > SECAGG_PHASE_FAILED || c->present > c->params->own.clients)
        return SECAGG_ERR_MESSAGE;
    return set_due(c);
}

static secagg_err read_state(secagg_client *c, const uint8_t *state,
    size_t len, uint64_t least)
{
    sa_reader r = sa_reader_on(state, len);
    secagg_params *params;
    const uint8_t *bytes;
    uint32_t size;
    secagg_err err;

    if (sa_read_u16(&r) != VERSION)
        return SECAGG_ERR_MESSAGE;
    c->generation = sa_read_u64(&r);
    c->index = sa_read_u32(&r);
    size = sa_read_u32(&r);
    bytes = sa_read_view(&r, size);
    if (bytes == NULL)
        return SECAGG_ERR_MESSAGE;
    if (c->generation < least)
        return SECAGG_ERR_STATE;
    SA_TRY(secagg_params_decode(&params, bytes, size));
    err = read_rest(c, &r, params);
    secagg_params_free(params);
    return err;
}

secagg_err secagg_client_resume(secagg_client **client, const uint8_t *state,
    size_t len, const uint8_t key[SECAGG_SEED_BYTES],
    uint64_t least_generation)
{
    const size_t size = len - SA_STATE_SEAL_EXTRA;
    secagg_client *c;
    uint8_t *plain;
    secagg_err err;

    if (len <= SA_STATE_SEAL_EXTRA)
        return SECAGG_ERR_MESSAGE;
    SA_TRY(sa_init());
    c = sa_alloc(1, sizeof *c);
    plain = sa_alloc(size, 1);
    err = c != NULL && plain != NULL
        ? sa_state_open(plain, state, len, key) : SECAGG_ERR_MEMORY;
    if (err == SECAGG_OK)
        err = read_state(c, plain, size, least_generation);
    sa_free(plain);
    if (err == SECAGG_OK)
        *client = c;
    else
        secagg_client_free(c);
    return err == SECAGG_ERR_ARG ? SECAGG_ERR_MESSAGE : err;
}
