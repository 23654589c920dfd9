/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_part.h"

#include "vector/planar.h"

/* H_U2 || be32 count || complaints || u8 last || be32 pieces || pieces */
#define LAST_BYTES 1

size_t sa_part_head_size(uint32_t complaint_count)
{
    return SA_HEADER_BYTES + SECAGG_DIGEST_BYTES + SA_COUNT_BYTES
        + (size_t)complaint_count * SA_COMPLAINT_BYTES + LAST_BYTES
        + SA_COUNT_BYTES;
}

secagg_err sa_part_write_head(uint8_t *out, size_t len,
    const sa_params *params, uint32_t index, uint32_t part,
    const sa_part_msg *msg, uint64_t piece_bytes)
{
    sa_writer w = sa_writer_on(out, len);

    sa_header_write_part(&w, params, SA_MSG_INPUT_PART, index, part,
        sa_part_head_size(msg->complaint_count) + piece_bytes);
    sa_write_bytes(&w, msg->h_u2, SECAGG_DIGEST_BYTES);
    sa_write_u32(&w, msg->complaint_count);
    sa_write_bytes(&w, msg->complaints,
        (size_t)msg->complaint_count * SA_COMPLAINT_BYTES);
    sa_write_u8(&w, msg->last);
    sa_write_u32(&w, msg->pieces);
    return sa_writer_end(&w);
}

/* be32 segment || be64 offset || be64 count || planes */
secagg_err sa_piece_write_head(uint8_t out[SA_PIECE_BYTES],
    const sa_piece *piece)
{
    sa_writer w = sa_writer_on(out, SA_PIECE_BYTES);

    sa_write_u32(&w, piece->segment);
    sa_write_u64(&w, piece->offset);
    sa_write_u64(&w, piece->count);
    return sa_writer_end(&w);
}

/* The bound on count keeps the number of bytes from overflowing. */
sa_piece sa_piece_next(sa_reader *list, const sa_params *params)
{
    sa_piece piece = { .segment = sa_read_u32(list) };
    uint64_t bytes;

    piece.offset = sa_read_u64(list);
    piece.count = sa_read_u64(list);
    if (piece.segment >= params->count
        || piece.count > params->segments[piece.segment].length) {
        list->failed = true;
        return piece;
    }
    bytes = sa_planar_bytes(piece.count,
        params->segments[piece.segment].bits);
    piece.planes = sa_read_view(list, (size_t)bytes);
    return piece;
}

/* Returns whether a piece begins at a block, is within its segment, and has
 * whole blocks or ends the segment. */
static bool piece_is_valid(const sa_piece *piece, const sa_params *params)
{
    const uint64_t length = params->segments[piece->segment].length;

    return piece->offset % SA_BLOCK == 0 && piece->count >= 1
        && piece->offset < length && piece->count <= length - piece->offset
        && (piece->count % SA_BLOCK == 0
            || piece->count == length - piece->offset);
}

/* Returns whether a piece begins where the one before it ends. */
static bool follows(const sa_piece *before, const sa_piece *piece,
    const sa_params *params)
{
    const uint64_t end = before->offset + before->count;

    if (end == params->segments[before->segment].length)
        return piece->segment == before->segment + 1 && piece->offset == 0;
    return piece->segment == before->segment && piece->offset == end;
}

static bool pieces_are_valid(const sa_part_msg *msg, const sa_params *params)
{
    sa_reader list = msg->list;
    sa_piece before = { 0 };

    for (uint32_t i = 0; i < msg->pieces; i++) {
        const sa_piece piece = sa_piece_next(&list, params);
        if (list.failed || !piece_is_valid(&piece, params)
            || (i > 0 && !follows(&before, &piece, params)))
            return false;
        before = piece;
    }
    return list.left == 0 && msg->pieces > 0;
}

secagg_err sa_part_read(sa_reader *r, sa_part_msg *msg,
    const sa_params *params)
{
    uint8_t last;

    msg->h_u2 = sa_read_view(r, SECAGG_DIGEST_BYTES);
    msg->complaint_count = sa_read_u32(r);
    msg->complaints = sa_read_list(r, msg->complaint_count,
        SA_COMPLAINT_BYTES);
    last = sa_read_u8(r);
    msg->last = last == 1;
    msg->pieces = sa_read_u32(r);
    msg->list = *r;
    if (r->failed || last > 1
        || !sa_list_ascends(msg->complaints, msg->complaint_count,
            SA_COMPLAINT_BYTES, params->own.clients)
        || !pieces_are_valid(msg, params))
        return SECAGG_ERR_MESSAGE;
    return SECAGG_OK;
}
