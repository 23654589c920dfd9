/* SPDX-License-Identifier: Apache-2.0 */
/* client_save: the public functions that save and resume a client (PROTOCOL.md
 * 11). The fields of the state are listed once, in functions that either write
 * or read them, so that a state is read as it was written. The layout is this
 * library's own; a version precedes it. */
#include <string.h>

#include "client/client_input.h"
#include "client/client_state.h"
#include "core/bits.h"
#include "core/mem.h"
#include "core/wire.h"
#include "crypto/state_seal.h"

#define VERSION 1
#define HEAD (2 + 8 + 4 + 4) /* version, generation, index, params' length */
#define PEER (4 + 1 + 32 + 32)

/* Writes to `to`, or reads from `from`; the other is NULL. */
typedef struct transfer {
    sa_writer *to;
    sa_reader *from;
} transfer;

static void move_bytes(transfer *t, void *at, size_t len)
{
    if (t->to != NULL)
        sa_write_bytes(t->to, at, len);
    else
        sa_read_bytes(t->from, at, len);
}

static void move_u32(transfer *t, uint32_t *x)
{
    if (t->to != NULL)
        sa_write_u32(t->to, *x);
    else
        *x = sa_read_u32(t->from);
}

static void move_u64(transfer *t, uint64_t *x)
{
    if (t->to != NULL)
        sa_write_u64(t->to, *x);
    else
        *x = sa_read_u64(t->from);
}

/* One byte, which must be 0 or 1. */
static void move_bool(transfer *t, bool *x)
{
    uint8_t byte = *x;

    move_bytes(t, &byte, 1);
    if (t->from != NULL && byte > 1)
        t->from->failed = true;
    *x = byte == 1;
}

/* ---- the fields --------------------------------------------------------- */

static void move_peers(transfer *t, secagg_client *c)
{
    for (uint32_t i = 0; i < c->peer_count; i++) {
        sa_peer *p = &c->peers[i];
        uint8_t flags = (uint8_t)(p->present | p->complaint << 1);
        move_u32(t, &p->index);
        move_bytes(t, &flags, 1);
        p->present = flags & 1;
        p->complaint = flags >> 1 & 1;
        move_bytes(t, p->enc, sizeof p->enc);
        move_bytes(t, p->mask, sizeof p->mask);
    }
}

static void move_secrets(transfer *t, secagg_client *c)
{
    move_bytes(t, c->secret.prk, sizeof c->secret.prk);
    move_bytes(t, c->secret.enc_key, sizeof c->secret.enc_key);
    move_bytes(t, c->secret.mask_secret, sizeof c->secret.mask_secret);
    move_bytes(t, c->secret.mask_key, sizeof c->secret.mask_key);
    move_bytes(t, c->secret.self_secret, sizeof c->secret.self_secret);
    move_bytes(t, c->secret.own_share, sizeof c->secret.own_share);
}

/* The fields that a client allocates late: the keys of pairs and the message.
 * Returns false if there is no memory to read them. */
static bool move_allocated(transfer *t, secagg_client *c)
{
    bool has_pairs = c->secret.pair_prk != NULL;
    uint64_t len = c->message_len;

    move_bool(t, &has_pairs);
    move_u64(t, &len);
    if (t->from != NULL && (t->from->failed || len > t->from->left)) {
        t->from->failed = true;
        return true;
    }
    if (t->from != NULL) {
        c->message = sa_alloc((size_t)len, 1);
        c->message_len = (size_t)len;
        if (has_pairs)
            c->secret.pair_prk = sa_alloc(c->peer_count, 32);
        if (c->message == NULL || (has_pairs && c->secret.pair_prk == NULL))
            return false;
    }
    if (has_pairs && c->secret.pair_prk != NULL)
        move_bytes(t, c->secret.pair_prk, (size_t)c->peer_count * 32);
    move_bytes(t, c->message, c->message_len);
    return true;
}

/* ---- fields of active mode ---------------------------------------------- */

/* A pointer to `len` bytes that are there or not. Returns false if there is no
 * memory to read them. */
static bool move_optional(transfer *t, void **at, size_t len)
{
    bool there = *at != NULL;

    move_bool(t, &there);
    if (!there)
        return true;
    if (t->from != NULL) {
        if (t->from->failed || len > t->from->left) {
            t->from->failed = true;
            return true;
        }
        *at = sa_alloc(1 + len, 1);
        if (*at == NULL)
            return false;
    }
    move_bytes(t, *at, len);
    return true;
}

/* The own credential, the list of trusted keys until ROSTER is accepted, and
 * the identities from then on. A callback of the host is not in the state. */
static bool move_identities(transfer *t, secagg_client *c)
{
    const uint32_t n = c->params->own.clients;
    const size_t keys = (size_t)n * SECAGG_PUBLIC_BYTES;
    uint32_t len = (uint32_t)c->credential_len;
    void *credential = c->credential, *map = c->trust.map;
    void *list = c->trust.keys, *ids = c->ids;
    bool done;

    move_bool(t, &c->has_signed);
    move_bytes(t, c->id, sizeof c->id);
    move_bytes(t, c->signature, sizeof c->signature);
    move_u32(t, &len);
    move_bool(t, &c->trust.declared_whole);
    done = move_optional(t, &credential, len)
        && move_optional(t, &map, sa_bitmap_bytes(n))
        && move_optional(t, &list, keys) && move_optional(t, &ids, keys);
    c->credential = credential;
    c->credential_len = len;
    c->trust.map = map;
    c->trust.keys = list;
    c->trust.count = map != NULL ? sa_bitmap_count(map, n) : 0;
    c->ids = ids;
    return done;
}

static size_t identities_size(const secagg_client *c)
{
    const uint32_t n = c->params->own.clients;
    const size_t keys = (size_t)n * SECAGG_PUBLIC_BYTES;

    return 1 + sizeof c->id + sizeof c->signature + 4 + 1 + 4
        + (c->credential != NULL ? c->credential_len : 0)
        + (c->trust.map != NULL ? sa_bitmap_bytes(n) : 0)
        + (c->trust.keys != NULL ? keys : 0) + (c->ids != NULL ? keys : 0);
}

/* Write or read all fields after the parameters. Returns false if there is no
 * memory to read them. */
static bool move_fields(transfer *t, secagg_client *c)
{
    const size_t map = sa_bitmap_bytes(c->params->own.clients);
    uint32_t phase = (uint32_t)c->phase, error = (uint32_t)-c->error;

    move_u32(t, &phase);
    move_u32(t, &error);
    /* Three bits: 7 is the one value that no phase has yet. */
    c->phase = (secagg_phase)(phase & 7);
    c->error = (secagg_err)-(int)(error & 127);
    move_bool(t, &c->built);
    move_bytes(t, c->last_digest, sizeof c->last_digest);
    move_u32(t, &c->parts);
    move_u64(t, &c->input.part_blocks);
    move_bytes(t, c->input_digest, sizeof c->input_digest);
    move_bytes(t, c->graph_seed, sizeof c->graph_seed);
    move_u32(t, &c->present);
    move_bytes(t, c->binding.roster, sizeof c->binding.roster);
    move_bytes(t, c->u2, map);
    move_bytes(t, c->u3, map);
    move_bytes(t, c->h_u2, sizeof c->h_u2);
    move_bytes(t, c->h_u3, sizeof c->h_u3);
    move_bytes(t, c->enc, sizeof c->enc);
    move_bytes(t, c->mask, sizeof c->mask);
    move_peers(t, c);
    move_secrets(t, c);
    return move_allocated(t, c)
        && (!sa_params_active(c->params) || move_identities(t, c));
}

/* Returns the bytes of all fields, with the head and the parameters. */
static size_t state_size(const secagg_client *c)
{
    const size_t fixed = 4 + 4 + 1 + 32 + 4 + 8 + 32 + 32 + 4 + 32
        + 2 * 32 + 2 * 32 + 6 * 32 + 1 + 8;

    return HEAD + secagg_params_encoded_size(&c->params->own) + fixed
        + 2 * sa_bitmap_bytes(c->params->own.clients)
        + (size_t)c->peer_count * PEER
        + (c->secret.pair_prk != NULL ? (size_t)c->peer_count * 32 : 0)
        + c->message_len
        + (sa_params_active(c->params) ? identities_size(c) : 0);
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
    transfer t = { &w, NULL };

    sa_write_u16(&w, VERSION);
    sa_write_u64(&w, c->generation + 1);
    sa_write_u32(&w, c->index);
    sa_write_u32(&w, (uint32_t)size);
    SA_TRY(secagg_params_encode(&c->params->own, w.at, size));
    w.at += size;
    w.left -= size;
    (void)move_fields(&t, c);
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
    if (c->phase == SECAGG_PHASE_INPUT && c->input.finished)
        err = sa_client_input_digest(c, c->input_digest);
    if (err == SECAGG_OK)
        err = write_state(c, plain, size);
    if (err == SECAGG_OK)
        err = sa_state_seal(state, plain, size, key);
    c->generation += err == SECAGG_OK;
    sa_free(plain);
    return err;
}

/* ---- resuming ----------------------------------------------------------- */

/* Make the message that was built last due again: it may not have been sent.
 * INPUT must be built again first, from the same input, because the input is
 * not in the state. */
static secagg_err restore_message(secagg_client *c)
{
    const uint64_t part_blocks = c->input.part_blocks;

    if (c->phase == SECAGG_PHASE_FAILED) {
        sa_client_fail(c, c->error);
        return SECAGG_OK;
    }
    c->out = c->message;
    c->out_len = c->message_len;
    c->due = c->built;
    if (c->phase >= SECAGG_PHASE_CONFIRM)
        return SECAGG_OK;
    c->input.part_blocks = 0;
    if (part_blocks > 0)
        SA_TRY(sa_input_buffer_set_part_size(&c->input, part_blocks));
    if (c->phase != SECAGG_PHASE_INPUT)
        return SECAGG_OK;
    c->due = false;
    c->out = NULL;
    c->rebuild = c->parts > 0;
    return c->parts > 1 ? sa_input_buffer_seek(&c->input, c->parts - 1)
                        : SECAGG_OK;
}

/* Returns whether the fields of active mode fit: the credential is not too
 * long, the list of keys has its map, and identities are there from ROSTER
 * on. */
static bool has_identities(const secagg_client *c)
{
    const bool active = sa_params_active(c->params);

    return c->credential_len <= SECAGG_CREDENTIAL_MAX
        && (c->trust.map == NULL) == (c->trust.keys == NULL)
        && (c->phase == SECAGG_PHASE_FAILED
            || (c->ids != NULL)
                == (active && c->phase > SECAGG_PHASE_KEYS));
}

static secagg_err read_fields(secagg_client *c, sa_reader *r)
{
    transfer t = { NULL, r };

    if (!move_fields(&t, c))
        return SECAGG_ERR_MEMORY;
    SA_TRY(sa_reader_end(r));
    if (c->phase > SECAGG_PHASE_FAILED || c->present > c->params->own.clients
        || !has_identities(c))
        return SECAGG_ERR_MESSAGE;
    return restore_message(c);
}

static secagg_err read_state(secagg_client **client, const uint8_t *state,
    size_t len, uint64_t least_generation)
{
    sa_reader r = sa_reader_on(state, len);
    uint16_t version = sa_read_u16(&r);
    const uint64_t generation = sa_read_u64(&r);
    const uint32_t index = sa_read_u32(&r), size = sa_read_u32(&r);
    const uint8_t *bytes = sa_read_view(&r, size);
    secagg_params *params;
    secagg_client *c;
    secagg_err err;

    if (version != VERSION || bytes == NULL)
        return SECAGG_ERR_MESSAGE;
    if (generation < least_generation)
        return SECAGG_ERR_STATE;
    SA_TRY(secagg_params_decode(&params, bytes, size));
    err = sa_client_new(&c, params, index);
    secagg_params_free(params);
    SA_TRY(err);
    c->generation = generation;
    c->resumed = true;
    err = read_fields(c, &r);
    if (err == SECAGG_OK)
        *client = c;
    else
        sa_client_free(c);
    return err;
}

secagg_err secagg_client_resume(secagg_client **client, const uint8_t *state,
    size_t len, const uint8_t key[SECAGG_SEED_BYTES],
    uint64_t least_generation)
{
    const size_t size = len - SA_STATE_SEAL_EXTRA;
    uint8_t *plain;
    secagg_err err;

    if (len <= SA_STATE_SEAL_EXTRA)
        return SECAGG_ERR_MESSAGE;
    SA_TRY(sa_init());
    plain = sa_alloc(size, 1);
    if (plain == NULL)
        return SECAGG_ERR_MEMORY;
    err = sa_state_open(plain, state, len, key);
    if (err == SECAGG_OK)
        err = read_state(client, plain, size, least_generation);
    sa_free(plain);
    return err == SECAGG_ERR_ARG ? SECAGG_ERR_MESSAGE : err;
}
