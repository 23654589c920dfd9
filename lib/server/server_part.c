/* SPDX-License-Identifier: Apache-2.0 */
/* An input that comes in parts (PROTOCOL.md 8.7). Parts are kept aside: half a
 * vector never reaches the sum. */
#include "server/server.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/hash.h"
#include "message/msg_part.h"
#include "vector/planar.h"

void sa_server_drop_staging(secagg_server *s, uint32_t index)
{
    sa_client_record *m = &s->members[index];

    if (m->staging == NULL)
        return;
    sa_free(m->staging->planes);
    sa_free(m->staging->bad);
    sa_free(m->staging);
    m->staging = NULL;
}

/* Room for a vector, with the first part; bad is what that reports, the
 * member's from then on. */
static secagg_err stage(
    const secagg_server *s, sa_client_record *m, uint8_t *bad)
{
    sa_staging *staging = sa_alloc(1, sizeof *staging);

    if (staging == NULL)
        return SECAGG_ERR_MEMORY;
    staging->planes = sa_alloc((size_t)s->params->vector, 1);
    if (staging->planes == NULL) {
        sa_free(staging);
        return SECAGG_ERR_MEMORY;
    }
    staging->bad = bad;
    m->staging = staging;
    return SECAGG_OK;
}

/* Where the piece after this one begins. */
static void step(uint32_t *segment, uint64_t *offset, const sa_piece *piece,
    const sa_params *params)
{
    *segment = piece->segment;
    *offset = piece->offset + piece->count;
    if (*offset == params->segments[piece->segment].length) {
        ++*segment;
        *offset = 0;
    }
}

/* Whether a part goes on where the one before it ended, and is said to be the
 * last exactly where it is. */
static bool goes_on(const secagg_server *s, const sa_client_record *m,
    const sa_part_msg *msg)
{
    uint32_t segment = m->staging != NULL ? m->staging->segment : 0;
    uint64_t offset = m->staging != NULL ? m->staging->offset : 0;
    sa_reader list = msg->list;

    for (uint32_t i = 0; i < msg->pieces; i++) {
        const sa_piece piece = sa_piece_next(&list, s->params);
        if (piece.segment != segment || piece.offset != offset)
            return false;
        step(&segment, &offset, &piece, s->params);
    }
    return msg->last == (segment == s->params->count);
}

static void keep_pieces(const secagg_server *s, sa_staging *staging,
    const sa_part_msg *msg)
{
    sa_reader list = msg->list;

    for (uint32_t i = 0; i < msg->pieces; i++) {
        const sa_piece piece = sa_piece_next(&list, s->params);
        const uint32_t bits = s->params->segments[piece.segment].bits;
        memcpy(staging->planes + s->params->places[piece.segment]
                + sa_planar_at(piece.offset, bits),
            piece.planes, (size_t)sa_planar_bytes(piece.count, bits));
        step(&staging->segment, &staging->offset, &piece, s->params);
    }
    staging->parts++;
}

/* The part of this number: the next one; or the one before, once more and the
 * same (*repeat). */
static secagg_err check_number(const sa_client_record *m, uint32_t part,
    const uint8_t digest[SECAGG_DIGEST_BYTES], bool *repeat)
{
    const uint32_t next = m->staging != NULL ? m->staging->parts : 0;

    *repeat = next > 0 && part == next - 1
        && sa_ct_equal(digest, m->staging->last, SECAGG_DIGEST_BYTES);
    return part == next || *repeat ? SECAGG_OK : SECAGG_ERR_STATE;
}

/* What every part must be, before anything is kept: all report the dealers
 * that the first one reports. Nothing is staged for a first part that is
 * refused. */
static secagg_err check_part(secagg_server *s, uint32_t from,
    const sa_part_msg *msg)
{
    const size_t map = sa_bitmap_bytes(s->peer_count);
    sa_client_record *m = &s->members[from];
    secagg_err err = SECAGG_ERR_MESSAGE;
    uint8_t *bad;

    if (!goes_on(s, m, msg))
        return SECAGG_ERR_MESSAGE;
    SA_TRY(sa_server_read_bad(s, from, msg->h_u2, msg->complaints,
        msg->complaint_count, &bad));
    if (m->staging == NULL) {
        err = stage(s, m, bad);
        if (err == SECAGG_OK)
            return SECAGG_OK;
    } else if (sa_ct_equal(bad, m->staging->bad, map)) {
        err = SECAGG_OK;
    }
    sa_free(bad);
    return err;
}

/* All of it is there: into the sum, with what its sender reports. */
static secagg_err finish(secagg_server *s, uint32_t from)
{
    sa_client_record *m = &s->members[from];

    SA_TRY(sa_aggregate_add(&s->result, m->staging->planes));
    sa_server_report(s, from, m->staging->bad);
    m->staging->bad = NULL;
    sa_server_drop_staging(s, from);
    return SECAGG_OK;
}

secagg_err sa_server_recv_part(secagg_server *s, uint32_t from, sa_reader *r,
    const uint8_t *msg, size_t len, bool *last)
{
    const sa_bytes whole = { msg, len };
    sa_client_record *m = &s->members[from];
    uint8_t digest[SECAGG_DIGEST_BYTES];
    sa_part_msg part;
    bool repeat;

    *last = false;
    SA_TRY(sa_sha256(digest, &whole, 1));
    SA_TRY(check_number(m, sa_header_part(msg), digest, &repeat));
    if (repeat)
        return SECAGG_OK;
    SA_TRY(sa_part_read(r, &part, s->params));
    SA_TRY(check_part(s, from, &part));
    keep_pieces(s, m->staging, &part);
    memcpy(m->staging->last, digest, sizeof digest);
    *last = part.last;
    return *last ? finish(s, from) : SECAGG_OK;
}
