/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client_input.h"

#include <inttypes.h>

#include "client/input_due.h"
#include "core/bits.h"
#include "core/mem.h"
#include "crypto/hash.h"
#include "crypto/x25519.h"
#include "message/msg_input.h"
#include "message/msg_part.h"
#include "vector/mask.h"

/* ---- masking ------------------------------------------------------------ */

static secagg_err add_self_mask(const secagg_client *c, secagg_masks *masks)
{
    uint8_t seed[SECAGG_SEED_BYTES];
    secagg_err err;

    err = sa_derive_self_seed(seed, &c->binding, c->secret.self_secret,
        c->index, c->h_u2);
    if (err == SECAGG_OK)
        err = secagg_masks_add(masks, seed, 1);
    sa_wipe(seed, sizeof seed);
    return err;
}

/* Of two clients the one with the greater index adds the mask, and the other
 * subtracts it (PROTOCOL.md 3.9; Bonawitz et al. 2017, section 4). */
static secagg_err add_pair_mask(const secagg_client *c, secagg_masks *masks,
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

/* The masks of a client are its self mask and those with each peer in U2
 * (PROTOCOL.md 3.9). */
static secagg_err add_masks(const secagg_client *c, secagg_masks *masks)
{
    SA_TRY(add_self_mask(c, masks));
    for (uint32_t i = 0; i < c->peer_count; i++)
        if (sa_bitmap_has(c->u2, c->peers[i].index))
            SA_TRY(add_pair_mask(c, masks, &c->peers[i]));
    return SECAGG_OK;
}

/* Mask the part in the buffer, in place. */
static secagg_err mask_part(const secagg_client *c, sa_masking *masking)
{
    for (size_t i = 0; i < c->params->lanes.count; i++) {
        const sa_input_lane *l = &c->input.lanes[i];
        if (l->part.count > 0)
            SA_TRY(sa_masking_apply(masking, l->lane->bits, l->part.offset,
                l->planes, (size_t)l->part.count));
    }
    return SECAGG_OK;
}

/* ---- the message -------------------------------------------------------- */

/* Write the head of a part right before its planes. */
static secagg_err write_part_head(const secagg_client *c,
    const uint8_t *complaints, uint32_t count, size_t head)
{
    const sa_input_buffer *input = &c->input;
    const sa_part_msg msg = { c->h_u2, count, complaints, input->start,
        (uint32_t)(input->end - input->start), NULL };

    return sa_part_write_head(sa_input_buffer_planes(input) - head, head,
        c->params, c->index, c->rebuild ? c->parts - 1 : c->parts, &msg);
}

/* Write all that precedes the planes, and make the message the client's
 * `out`. */
static secagg_err write_head(secagg_client *c)
{
    uint8_t *planes = sa_input_buffer_planes(&c->input);
    uint8_t *list = sa_alloc(c->peer_count, SA_COMPLAINT_BYTES);
    uint32_t count;
    size_t head;
    secagg_err err;

    if (list == NULL)
        return SECAGG_ERR_MEMORY;
    count = sa_client_list_complaints(c, list);
    if (c->input.part_blocks > 0) {
        head = sa_part_head_size(count);
        err = write_part_head(c, list, count, head);
    } else {
        head = sa_input_head_size(count);
        err = sa_input_write_head(planes - head, head, c->params, c->index,
            c->h_u2, list, count);
    }
    sa_free(list);
    SA_TRY(err);
    c->out = planes - head;
    c->out_len = head + c->input.size - c->input.head;
    return SECAGG_OK;
}

/* ---- the digest (PROTOCOL.md 11) ---------------------------------------- */

static secagg_err hash_input(const secagg_client *c, sa_expander *expander,
    uint8_t digest[32])
{
    const sa_bytes message = { c->out, c->out_len };
    return sa_expander_hash(expander, digest, "LSA1 input", &message, 1);
}

secagg_err sa_client_input_digest(const secagg_client *c, uint8_t digest[32])
{
    sa_expander *expander;
    secagg_err err;

    SA_TRY(sa_expander_new(&expander));
    err = hash_input(c, expander, digest);
    sa_expander_free(expander);
    return err;
}

/* After a resume the message must be the same as before (11.3): another input
 * under the same masks would reveal the difference of the two. */
static secagg_err verify_digest(secagg_client *c, sa_expander *expander)
{
    uint8_t digest[SECAGG_DIGEST_BYTES];

    SA_TRY(hash_input(c, expander, digest));
    sa_declassify(digest, sizeof digest); /* of a message */
    SA_CLIENT_REQUIRE(sa_ct_equal(digest, c->input_digest, sizeof digest),
        SECAGG_ERR_STATE, c, "the input differs from the one before the "
        "resume, of which part %" PRIu32 " was built: the session fails",
        c->parts - 1);
    return SECAGG_OK;
}

/* Keep the digest of a part, because the next part replaces it in the buffer
 * before the state is saved. That of a whole INPUT is computed by a save. */
static secagg_err keep_digest(secagg_client *c, sa_expander *expander)
{
    return c->input.part_blocks > 0
        ? hash_input(c, expander, c->input_digest) : SECAGG_OK;
}

/* Mask and finish the part whose head is written. An error ends the session,
 * because part of the buffer may be masked. Nothing here takes memory. */
static secagg_err finish_part(secagg_client *c, sa_masking *masking,
    sa_expander *expander)
{
    secagg_err err = mask_part(c, masking);

    if (err == SECAGG_OK)
        err = c->rebuild ? verify_digest(c, expander)
                         : keep_digest(c, expander);
    if (err != SECAGG_OK) {
        sa_client_fail(c, err);
        return err;
    }
    c->parts += !c->rebuild;
    c->rebuild = false;
    sa_input_buffer_finish(&c->input);
    return SECAGG_OK;
}

secagg_err sa_client_send_input(secagg_client *c)
{
    secagg_masks *masks;
    sa_masking *masking = NULL;
    sa_expander *expander = NULL;
    secagg_err err;

    SA_TRY(sa_input_buffer_open_weight_part(&c->input));
    if (!sa_input_buffer_complete(&c->input)) {
        sa_input_due_explain(&c->input, c->refusal->draft);
        return SECAGG_ERR_INPUT_DUE;
    }
    sa_input_buffer_seal(&c->input);
    SA_TRY(write_head(c));
    SA_TRY(secagg_masks_new(&masks, c->params->own.suite));
    err = add_masks(c, masks);
    if (err == SECAGG_OK)
        err = sa_expander_new(&expander);
    if (err == SECAGG_OK)
        err = sa_masking_new(&masking, masks);
    if (err == SECAGG_OK)
        err = finish_part(c, masking, expander);
    sa_masking_free(masking);
    sa_expander_free(expander);
    secagg_masks_free(masks);
    return err;
}
