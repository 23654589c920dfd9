/* SPDX-License-Identifier: Apache-2.0 */
/* The input of a client and the message that carries it, whole (PROTOCOL.md
 * 8.6) or in parts (8.7). It is encoded when it is given and masked in place
 * when it is said. */
#include "client/client.h"

#include <secagg/mask.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/hash.h"
#include "crypto/x25519.h"
#include "message/msg_input.h"
#include "message/msg_part.h"

/* ---- giving ------------------------------------------------------------- */

/* Whether input may still be given: also once more after a resume. */
static bool open_for_input(const secagg_client *c)
{
    return c->phase < SECAGG_PHASE_INPUT
        || (c->phase == SECAGG_PHASE_INPUT && (!c->made || c->again));
}

/* A failure while a piece was being encoded leaves half of it: fatal. */
static secagg_err taken(secagg_client *c, secagg_err err)
{
    if (err == SECAGG_ERR_CRYPTO)
        sa_client_fail(c, err);
    return err;
}

secagg_err secagg_client_set_part_size(secagg_client *client, uint64_t entries)
{
    if (!open_for_input(client) || client->parts > 0)
        return SECAGG_ERR_STATE;
    if (entries % 512 != 0)
        return SECAGG_ERR_ARG;
    return sa_input_buffer_set_part_size(&client->input, entries / 512);
}

secagg_err secagg_client_weight(secagg_client *client, uint64_t weight)
{
    if (!open_for_input(client))
        return SECAGG_ERR_STATE;
    return sa_input_buffer_weight(&client->input, weight);
}

secagg_err secagg_client_input_f32(secagg_client *client, size_t segment,
    uint64_t offset, const float *values, size_t count)
{
    if (!open_for_input(client))
        return SECAGG_ERR_STATE;
    return taken(client, sa_input_buffer_f32(&client->input, client->secret.prk,
        segment, offset, values, count));
}

secagg_err secagg_client_input_f64(secagg_client *client, size_t segment,
    uint64_t offset, const double *values, size_t count)
{
    if (!open_for_input(client))
        return SECAGG_ERR_STATE;
    return taken(client, sa_input_buffer_f64(&client->input, client->secret.prk,
        segment, offset, values, count));
}

secagg_err secagg_client_input_u64(secagg_client *client, size_t segment,
    uint64_t offset, const uint64_t *values, size_t count)
{
    if (!open_for_input(client))
        return SECAGG_ERR_STATE;
    return sa_input_buffer_u64(&client->input, segment, offset, values, count);
}

secagg_err secagg_client_input_i64(secagg_client *client, size_t segment,
    uint64_t offset, const int64_t *values, size_t count)
{
    if (!open_for_input(client))
        return SECAGG_ERR_STATE;
    return sa_input_buffer_i64(&client->input, segment, offset, values, count);
}

uint64_t secagg_client_clipped(const secagg_client *client, size_t segment)
{
    if (segment >= client->params->own.segment_count)
        return 0;
    return client->input.clipped[segment];
}

/* ---- masking ------------------------------------------------------------ */

static secagg_err add_self(const secagg_client *c, secagg_masks *masks)
{
    uint8_t seed[SECAGG_SEED_BYTES];
    secagg_err err;

    err = sa_derive_self_seed(seed, &c->binding, c->secret.self_root,
        c->index, c->h_u2);
    if (err == SECAGG_OK)
        err = secagg_masks_add(masks, seed, 1);
    sa_wipe(seed, sizeof seed);
    return err;
}

/* Of two clients the one of the greater index adds, the other subtracts
 * (PROTOCOL.md 3.9; Bonawitz et al. 2017, section 4). */
static secagg_err add_pair(const secagg_client *c, secagg_masks *masks,
    const sa_peer *peer)
{
    uint8_t shared[SECAGG_SEED_BYTES], seed[SECAGG_SEED_BYTES];
    secagg_err err;

    err = sa_x25519(shared, c->secret.mask_key, peer->mask);
    if (err == SECAGG_OK)
        err = sa_derive_pair_seed(seed, &c->binding, shared, c->index,
            peer->index, c->mask, peer->mask, c->h_u2);
    if (err == SECAGG_OK)
        err = secagg_masks_add(masks, seed, c->index > peer->index ? 1 : -1);
    sa_wipe(shared, sizeof shared);
    sa_wipe(seed, sizeof seed);
    return err;
}

/* The masks of this client: y = x + self + sum of pairs (PROTOCOL.md 3.9). */
static secagg_err own_masks(const secagg_client *c, secagg_masks *masks)
{
    SA_TRY(add_self(c, masks));
    for (uint32_t i = 0; i < c->peer_count; i++)
        if (sa_bitmap_has(c->u2, c->peers[i].index))
            SA_TRY(add_pair(c, masks, &c->peers[i]));
    return SECAGG_OK;
}

static secagg_err apply(const secagg_client *c, const secagg_masks *masks)
{
    uint8_t *planes = sa_input_buffer_planes(&c->input);

    for (size_t i = 0; i < c->params->count; i++) {
        const sa_window *w = &c->input.windows[i];
        if (w->count > 0)
            SA_TRY(secagg_masks_apply(masks, (uint32_t)i,
                c->params->segments[i].bits, w->offset, planes + w->at,
                (size_t)w->count));
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

/* ---- saying ------------------------------------------------------------- */

/* Dealers whose shares did not open, as be32 one after another. */
static uint32_t list_bad(const secagg_client *c, uint8_t *list)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < c->peer_count; i++) {
        if (!c->peers[i].bad)
            continue;
        if (list != NULL)
            sa_complaint_put(list, count, c->peers[i].index);
        count++;
    }
    return count;
}

/* The heads of the pieces stand before their planes. */
static secagg_err write_pieces(const secagg_client *c, uint32_t *pieces)
{
    uint8_t *planes = sa_input_buffer_planes(&c->input);

    *pieces = 0;
    for (size_t i = 0; i < c->params->count; i++) {
        const sa_window *w = &c->input.windows[i];
        const sa_piece piece = { (uint32_t)i, w->offset, w->count, NULL };
        if (w->count == 0)
            continue;
        SA_TRY(sa_piece_write_head(planes + w->at - SA_PIECE_BYTES, &piece));
        ++*pieces;
    }
    return SECAGG_OK;
}

/* What precedes planes or pieces stands right before them, wherever they
 * begin. */
static secagg_err write_head(secagg_client *c, const uint8_t *list,
    uint32_t count)
{
    const bool parts = c->input.chunk > 0;
    const size_t head = parts ? sa_part_head_size(count)
                              : sa_input_head_size(count);
    const size_t body = c->input.size - c->input.room;
    uint8_t *out = sa_input_buffer_planes(&c->input) - head;
    sa_part_msg msg = { c->h_u2, count, list, sa_input_buffer_at_end(&c->input),
        0, { 0 } };

    if (parts) {
        SA_TRY(write_pieces(c, &msg.pieces));
        SA_TRY(sa_part_write_head(out, head, c->params, c->index,
            c->again ? c->parts - 1 : c->parts, &msg, body));
    } else {
        SA_TRY(sa_input_write_head(out, head, c->params, c->index, c->h_u2,
            list, count));
    }
    c->out = out;
    c->out_len = head + body;
    return SECAGG_OK;
}

static secagg_err write_input(secagg_client *c)
{
    const uint32_t count = list_bad(c, NULL);
    uint8_t *list = sa_alloc(count, SA_COMPLAINT_BYTES);
    secagg_err err;

    if (list == NULL)
        return SECAGG_ERR_MEMORY;
    list_bad(c, list);
    err = write_head(c, list, count);
    sa_free(list);
    return err;
}

/* Digest of the part that is in the buffer (PROTOCOL.md 11.3). */
secagg_err sa_client_input_digest(const secagg_client *c, uint8_t digest[32])
{
    const sa_bytes part = { c->out, c->out_len };
    return sa_hash(digest, "LSA1 input", &part, 1);
}

/* A client that was set back says the same once more, or nothing: another
 * input under the same masks would give away the difference of the two. */
static secagg_err hold_digest(const secagg_client *c)
{
    uint8_t digest[SECAGG_DIGEST_BYTES];

    SA_TRY(sa_client_input_digest(c, digest));
    return sa_ct_equal(digest, c->digest, sizeof digest) ? SECAGG_OK
                                                      : SECAGG_ERR_STATE;
}

/* A part is gone when the next one is begun, and a state may be saved after
 * that; the digest of a whole input is made when it is saved. */
static secagg_err note_digest(secagg_client *c)
{
    return c->input.chunk > 0 ? sa_client_input_digest(c, c->digest)
                              : SECAGG_OK;
}

secagg_err sa_client_send_input(secagg_client *c)
{
    secagg_err err;

    SA_TRY(sa_input_buffer_next_part(&c->input));
    if (!sa_input_buffer_complete(&c->input))
        return SECAGG_ERR_STATE;
    SA_TRY(write_input(c));
    SA_TRY(mask_input(c));
    err = c->again ? hold_digest(c) : note_digest(c);
    if (err != SECAGG_OK) {
        sa_client_fail(c, err);
        return err;
    }
    c->parts += !c->again;
    c->again = false;
    c->input.spent = true;
    return SECAGG_OK;
}
