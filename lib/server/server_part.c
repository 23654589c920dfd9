/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_part.h"

#include <string.h>

#include "core/mem.h"
#include "crypto/hash.h"
#include "message/msg_part.h"
#include "server/server_recv.h"
#include "vector/planar.h"

/* Allocate the staging of a client. */
static secagg_err stage(const secagg_server *s, sa_client_record *c)
{
    sa_staging *staging = sa_alloc(1, sizeof *staging);

    if (staging == NULL)
        return SECAGG_ERR_MEMORY;
    staging->planes = sa_alloc((size_t)s->params->vector, 1);
    if (staging->planes == NULL) {
        sa_free(staging);
        return SECAGG_ERR_MEMORY;
    }
    c->staging = staging;
    return SECAGG_OK;
}

static void advance(sa_cursor *cursor, const sa_piece *piece,
    const sa_params *params)
{
    cursor->segment = piece->segment;
    cursor->offset = piece->offset + piece->count;
    if (cursor->offset == params->segments[piece->segment].length) {
        cursor->segment++;
        cursor->offset = 0;
    }
}

/* Each piece begins at the cursor, and the part is marked as the last one if
 * and only if it ends the last segment. */
static bool verify_pieces(const secagg_server *s, const sa_client_record *c,
    const sa_part_msg *msg)
{
    sa_cursor cursor = { 0, 0 };
    sa_reader list = msg->list;

    if (c->staging != NULL)
        cursor = c->staging->cursor;
    for (uint32_t i = 0; i < msg->pieces; i++) {
        const sa_piece piece = sa_piece_next(&list, s->params);
        if (piece.segment != cursor.segment || piece.offset != cursor.offset)
            return false;
        advance(&cursor, &piece, s->params);
    }
    return msg->last == (cursor.segment == s->params->count);
}

static void copy_pieces(const secagg_server *s, sa_staging *staging,
    const sa_part_msg *msg)
{
    sa_reader list = msg->list;

    for (uint32_t i = 0; i < msg->pieces; i++) {
        const sa_piece piece = sa_piece_next(&list, s->params);
        const uint32_t bits = s->params->segments[piece.segment].bits;
        memcpy(staging->planes + s->params->places[piece.segment]
                + sa_planar_at(piece.offset, bits),
            piece.planes, (size_t)sa_planar_bytes(piece.count, bits));
        advance(&staging->cursor, &piece, s->params);
    }
    staging->parts++;
}

/* The number of a part is that of the next one. Or the part is the last one
 * again, byte for byte; then *repeat is set. */
static secagg_err check_number(const sa_client_record *c, uint32_t part,
    const uint8_t digest[SECAGG_DIGEST_BYTES], bool *repeat)
{
    const uint32_t next = c->staging != NULL ? c->staging->parts : 0;

    *repeat = next > 0 && part == next - 1
        && sa_ct_equal(digest, c->last_digest, SECAGG_DIGEST_BYTES);
    return part == next || *repeat ? SECAGG_OK : SECAGG_ERR_STATE;
}

/* Check the pieces and the complaints, which must be those of the first part.
 * Allocates the staging when the first part is valid, and keeps its
 * complaints: they count even if the client never sends the last part. */
static secagg_err check_part(secagg_server *s, uint32_t from,
    const sa_part_msg *msg)
{
    const size_t map = sa_bitmap_bytes(s->peer_count);
    sa_client_record *c = &s->clients[from];
    secagg_err err = SECAGG_ERR_MESSAGE;
    uint8_t *complaints;

    if (!verify_pieces(s, c, msg))
        return SECAGG_ERR_MESSAGE;
    SA_TRY(sa_server_read_complaints(s, from, msg->h_u2, msg->complaints,
        msg->complaint_count, &complaints));
    if (c->staging == NULL) {
        err = stage(s, c);
        if (err == SECAGG_OK) {
            sa_server_set_complaints(s, from, complaints);
            return SECAGG_OK;
        }
    } else if (sa_ct_equal(complaints, c->complaints, map)) {
        err = SECAGG_OK;
    }
    sa_free(complaints);
    return err;
}

/* Add the complete input to the sum. */
static secagg_err finish(secagg_server *s, uint32_t from)
{
    SA_TRY(sa_aggregate_add(&s->aggregate,
        s->clients[from].staging->planes));
    sa_server_drop_staging(s, from);
    return SECAGG_OK;
}

secagg_err sa_server_recv_part(secagg_server *s, uint32_t from, sa_reader *r,
    const uint8_t *msg, size_t len, bool *last)
{
    const sa_bytes whole = { msg, len };
    sa_client_record *c = &s->clients[from];
    uint8_t digest[SECAGG_DIGEST_BYTES];
    sa_part_msg part;
    bool repeat;

    *last = false;
    SA_TRY(sa_sha256(digest, &whole, 1));
    SA_TRY(check_number(c, sa_header_part(msg), digest, &repeat));
    if (repeat)
        return SECAGG_OK;
    SA_TRY(sa_part_read(r, &part, s->params));
    SA_TRY(check_part(s, from, &part));
    copy_pieces(s, c->staging, &part);
    memcpy(c->last_digest, digest, sizeof digest);
    *last = part.last;
    return *last ? finish(s, from) : SECAGG_OK;
}
