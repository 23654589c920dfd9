/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_layout.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "server/server_advance.h"
#include "server/server_layout_client.h"
#include "session/saved_fields.h"

/* ---- how clients fell out, blame, disputes ------------------------------ */

static void move_losses(sa_transfer *t, secagg_server *s)
{
    const uint32_t n = s->params->own.clients;

    sa_move_bitmap(t, s->in, n);
    sa_move_bitmap(t, s->answered, n);
    sa_move_bitmap(t, s->aborted, n);
    for (uint32_t i = 0; i < n; i++) {
        sa_move_u8(t, &s->losses[i].after_phase);
        if (sa_bitmap_has(s->aborted, i))
            sa_move_u16(t, &s->losses[i].code);
    }
    for (uint32_t i = 0; i < n && t->from != NULL; i++)
        if (sa_bitmap_has(s->aborted, i)
            && s->losses[i].after_phase == 1 + s->phase)
            sa_server_count_abort(s, s->losses[i].code);
}

static void move_blames(sa_transfer *t, secagg_server *s)
{
    sa_move_u32(t, &s->blame_count);
    if (s->blame_count > s->params->own.clients) {
        sa_transfer_require(t, false);
        s->blame_count = 0;
    }
    for (uint32_t i = 0; i < s->blame_count; i++) {
        uint8_t error = (uint8_t)-s->blames[i].error;
        sa_move_u32(t, &s->blames[i].index);
        sa_move_u8(t, &error);
        if (t->from != NULL)
            s->blames[i].error = (secagg_err)-(int)error;
        if (s->blames[i].index < s->params->own.clients)
            sa_bitmap_add(s->blamed, s->blames[i].index);
    }
}

static void move_disputes(sa_transfer *t, secagg_server *s)
{
    sa_move_u32(t, &s->dispute_count);
    if (t->from != NULL)
        s->disputes = sa_transfer_alloc(t, s->dispute_count,
            sizeof *s->disputes, 8 * (uint64_t)s->dispute_count);
    for (uint32_t i = 0; i < s->dispute_count && s->disputes != NULL; i++) {
        sa_move_u32(t, &s->disputes[i].dealer);
        sa_move_u32(t, &s->disputes[i].holder);
    }
}

/* ---- roster and sets ---------------------------------------------------- */

static void move_credential(sa_transfer *t, secagg_server *s, uint32_t i)
{
    sa_bytes *view = &s->roster.credential[i];
    uint8_t **credential = &s->clients[i].credential;
    uint16_t len = (uint16_t)view->len;

    sa_move_u16(t, &len);
    if (t->from != NULL) {
        *credential = sa_transfer_alloc(t, len, 1, len);
        *view = (sa_bytes){ *credential, *credential != NULL ? len : 0 };
    }
    if (*credential != NULL)
        sa_move_bytes(t, *credential, len);
}

static void move_member(sa_transfer *t, secagg_server *s, uint32_t i)
{
    sa_roster *r = &s->roster;

    sa_move_bytes(t, r->enc[i], sizeof *r->enc);
    sa_move_bytes(t, r->mask[i], sizeof *r->mask);
    if (r->id == NULL)
        return;
    sa_move_bytes(t, r->id[i], sizeof *r->id);
    if (s->phase > SECAGG_PHASE_SHARES)
        return;
    sa_move_bytes(t, r->signature[i], sizeof *r->signature);
    move_credential(t, s, i);
}

/* Returns whether the server has all of the roster. After SHARES it has no
 * signatures and credentials in active mode. */
static bool has_whole_roster(const secagg_server *s)
{
    return !sa_params_active(s->params) || s->phase <= SECAGG_PHASE_SHARES;
}

/* Compute what follows from a roster that was read. */
static secagg_err restore_roster(secagg_server *s)
{
    uint8_t root[SECAGG_DIGEST_BYTES];

    sa_roster_restore(&s->roster);
    if (s->phase == SECAGG_PHASE_KEYS)
        return SECAGG_OK;
    memcpy(root, s->roster_root, sizeof root);
    if (has_whole_roster(s))
        SA_TRY(sa_roster_root(&s->roster, root));
    if (s->phase > SECAGG_PHASE_SHARES)
        sa_server_drop_signatures(s);
    return sa_server_bind_roster(s, root);
}

/* While KEYS arrive, the roster has the clients that answered. */
static void move_roster(sa_transfer *t, secagg_server *s)
{
    const uint32_t n = s->params->own.clients;

    if (s->phase > SECAGG_PHASE_KEYS)
        sa_move_bitmap(t, s->roster.map, n);
    else if (t->from != NULL)
        memcpy(s->roster.map, s->answered, sa_bitmap_bytes(n));
    for (uint32_t i = 0; i < n; i++)
        if (sa_bitmap_has(s->roster.map, i))
            move_member(t, s, i);
    if (!has_whole_roster(s))
        sa_move_bytes(t, s->roster_root, sizeof s->roster_root);
    if (sa_transfer_reads(t))
        t->err = restore_roster(s);
}

/* U2 or U3 and, if it was read, its digest. */
static void move_set(sa_transfer *t, secagg_server *s, uint32_t set,
    uint8_t *map, uint8_t digest[SECAGG_DIGEST_BYTES])
{
    const secagg_params *own = &s->params->own;

    sa_move_bitmap(t, map, own->clients);
    if (sa_transfer_reads(t))
        t->err = sa_set_digest(digest, &s->binding, own->app_digest, set,
            own->clients, map);
}

/* ---- the sum ------------------------------------------------------------ */

static void move_planes(sa_transfer *t, secagg_server *s)
{
    const uint64_t size = s->params->vector;

    if (sa_transfer_reads(t)) {
        sa_transfer_require(t, size <= t->from->left);
        if (sa_transfer_reads(t))
            t->err = sa_aggregate_init(&s->aggregate, s->params);
    }
    if (s->aggregate.planes != NULL)
        sa_move_bytes(t, s->aggregate.planes, (size_t)size);
}

/* Returns the masks that follow, or NULL. Their suite is at offset 6 (6.6). */
static secagg_masks *read_masks(sa_transfer *t, const secagg_server *s,
    uint32_t len)
{
    const uint8_t *bytes = sa_read_view(t->from, len);
    secagg_masks *masks = NULL;
    secagg_err err;

    sa_transfer_require(t, len >= 12 && bytes != NULL
        && sa_get_be16(bytes + 6) == s->params->own.suite);
    if (!sa_transfer_reads(t))
        return NULL;
    err = secagg_masks_decode(&masks, bytes, len);
    if (err == SECAGG_ERR_MESSAGE)
        sa_transfer_require(t, false);
    else
        t->err = err;
    return masks;
}

/* The masks that are left in the sum. */
static void move_masks(sa_transfer *t, secagg_server *s)
{
    const uint32_t n = s->params->own.clients;
    secagg_masks *masks = s->aggregate.masks;
    uint32_t len = masks != NULL ? (uint32_t)secagg_masks_encoded_size(masks)
                                 : 0;

    sa_move_u32(t, &len);
    if (t->from != NULL) {
        masks = read_masks(t, s, len);
        if (masks == NULL)
            return;
        t->err = sa_aggregate_finish(&s->aggregate, masks,
            sa_bitmap_count(s->u3, n));
        if (t->err != SECAGG_OK)
            secagg_masks_free(masks);
        return;
    }
    t->size += len;
    if (t->to == NULL)
        return;
    if (len > t->to->left) {
        t->to->failed = true;
        return;
    }
    t->err = secagg_masks_encode(masks, t->to->at, len);
    t->to->at += len;
    t->to->left -= len;
}

/* ---- all fields --------------------------------------------------------- */

static void move_failure(sa_transfer *t, secagg_server *s)
{
    uint8_t error = (uint8_t)-s->error;
    uint16_t len = (uint16_t)strlen(s->reason);

    sa_move_u8(t, &error);
    sa_move_u16(t, &len);
    if (len >= sizeof s->reason) {
        sa_transfer_require(t, false);
        return;
    }
    sa_move_bytes(t, s->reason, len);
    if (t->from != NULL) {
        s->error = (secagg_err)-(int)error;
        sa_transfer_require(t, strlen(s->reason) == len);
    }
}

static void move_session(sa_transfer *t, secagg_server *s)
{
    if (sa_params_active(s->params) && s->phase == SECAGG_PHASE_KEYS)
        sa_move_trust(t, &s->trust);
    move_roster(t, s);
    if (s->phase >= SECAGG_PHASE_INPUT)
        move_set(t, s, 2, s->u2, s->h_u2);
    if (s->phase > SECAGG_PHASE_INPUT)
        move_set(t, s, 3, s->u3, s->h_u3);
    for (uint32_t i = 0; i < s->params->own.clients; i++)
        if (t->from == NULL || sa_transfer_reads(t))
            sa_server_move_client(t, s, i);
    if (s->phase >= SECAGG_PHASE_INPUT)
        move_planes(t, s);
}

static void move_sum(sa_transfer *t, secagg_server *s)
{
    sa_move_bitmap(t, s->u3, s->params->own.clients);
    move_planes(t, s);
    move_masks(t, s);
}

/* Everything behind parameters, phase and seed. */
static void move_fields(sa_transfer *t, secagg_server *s)
{
    move_losses(t, s);
    if (s->phase == SECAGG_PHASE_FAILED)
        move_failure(t, s);
    else if (s->phase == SECAGG_PHASE_DONE)
        move_sum(t, s);
    else
        move_session(t, s);
    if (s->phase > SECAGG_PHASE_INPUT) {
        move_blames(t, s);
        move_disputes(t, s);
    }
}

/* ---- measuring, writing, reading ---------------------------------------- */

/* The seed is needed until the session is over. */
static size_t seed_size(secagg_phase phase)
{
    return phase < SECAGG_PHASE_DONE ? SECAGG_SEED_BYTES : 0;
}

size_t sa_server_state_size(const secagg_server *s)
{
    secagg_server copy = *s; /* not const; measuring only reads it */
    sa_transfer t = { NULL, NULL, 0, SECAGG_OK };

    move_fields(&t, &copy);
    sa_wipe(&copy, sizeof copy);
    return sa_saved_params_size(s->params) + 1 + seed_size(s->phase) + t.size;
}

secagg_err sa_server_state_write(const secagg_server *s, uint8_t *out,
    size_t len)
{
    sa_writer w = sa_writer_on(out, len);
    sa_transfer t = { &w, NULL, 0, SECAGG_OK };
    secagg_server copy = *s; /* as above */

    SA_TRY(sa_saved_params_write(&w, s->params));
    sa_write_u8(&w, (uint8_t)s->phase);
    sa_write_bytes(&w, s->seed, seed_size(s->phase));
    move_fields(&t, &copy);
    sa_wipe(&copy, sizeof copy);
    return t.err != SECAGG_OK ? t.err : sa_writer_end(&w);
}

/* Make a server in a phase, with the seed that follows. The rest of the state
 * must have a byte at least for each client. */
static secagg_err new_server(secagg_server **server,
    const secagg_params *params, sa_reader *r)
{
    const uint8_t phase = sa_read_u8(r);
    uint8_t seed[SECAGG_SEED_BYTES] = { 0 };
    secagg_err err = SECAGG_ERR_MESSAGE;

    sa_read_bytes(r, seed, seed_size((secagg_phase)phase));
    if (!r->failed && phase <= SECAGG_PHASE_FAILED
        && params->clients <= r->left)
        err = sa_server_new(server, params, seed);
    sa_wipe(seed, sizeof seed);
    if (err == SECAGG_OK)
        (*server)->phase = (secagg_phase)phase;
    return err == SECAGG_ERR_ARG ? SECAGG_ERR_MESSAGE : err;
}

static secagg_err read_fields(secagg_server *s, sa_reader *r)
{
    sa_transfer t = { NULL, r, 0, SECAGG_OK };

    move_fields(&t, s);
    return t.err != SECAGG_OK ? t.err : sa_reader_end(r);
}

secagg_err sa_server_state_read(secagg_server **server, const uint8_t *state,
    size_t len)
{
    sa_reader r = sa_reader_on(state, len);
    secagg_params *params;
    secagg_server *s;
    secagg_err err;

    SA_TRY(sa_saved_params_read(&r, &params));
    err = new_server(&s, params, &r);
    secagg_params_free(params);
    SA_TRY(err);
    err = read_fields(s, &r);
    if (err == SECAGG_OK)
        *server = s;
    else
        sa_server_free(s);
    return err;
}
