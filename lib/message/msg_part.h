/* SPDX-License-Identifier: Apache-2.0 */
/* msg_part: INPUT_PART, client to server (PROTOCOL.md 8.7). The parts of one
 * client together carry what INPUT carries in one message. The header has the
 * number of the part. */
#ifndef SA_MSG_PART_H
#define SA_MSG_PART_H

#include "message/msg_input.h"

/* Bytes of a piece before its planes: be32 segment, be64 offset, be64 count. */
#define SA_PIECE_BYTES (4 + 8 + 8)

/* A piece: a run of entries of one segment, as planes. It has whole blocks
 * unless it ends the segment. */
typedef struct sa_piece {
    uint32_t segment;
    uint64_t offset, count; /* entries */
    const uint8_t *planes;  /* set by the reader only */
} sa_piece;

typedef struct sa_part_msg {
    const uint8_t *h_u2; /* H_U2 */
    uint32_t complaint_count;
    const uint8_t *complaints; /* see msg_input.h */
    bool last;
    uint32_t pieces; /* how many */
    sa_reader list;  /* at the first piece; set by the reader only */
} sa_part_msg;

/* Bytes before the first piece of a part with so many complaints. They are
 * more than an INPUT has before its planes. */
size_t sa_part_head_size(uint32_t complaint_count);

/* Write everything before the pieces; `len` must be sa_part_head_size(). The
 * caller has `piece_bytes` bytes of pieces right behind it already. */
SECAGG_MUST_CHECK secagg_err sa_part_write_head(uint8_t *out, size_t len,
    const sa_params *params, uint32_t index, uint32_t part,
    const sa_part_msg *msg, uint64_t piece_bytes);

/* Write the bytes of a piece before its planes. */
SECAGG_MUST_CHECK secagg_err sa_piece_write_head(
    uint8_t out[SA_PIECE_BYTES], const sa_piece *piece);

/* Checks that the complaints ascend and name clients, that there is a piece,
 * and that each piece is within its segment and begins where the one before it
 * ended. The caller checks where the first one begins. */
SECAGG_MUST_CHECK secagg_err sa_part_read(sa_reader *r, sa_part_msg *msg,
    const sa_params *params);

/* Returns the piece at *list and moves *list to the next one. Sets list->failed
 * if there is none of these parameters; that cannot happen in a list that
 * sa_part_read() accepted. */
sa_piece sa_piece_next(sa_reader *list, const sa_params *params);

#endif
