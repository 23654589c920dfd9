/* SPDX-License-Identifier: Apache-2.0 */
/* msg_part: INPUT_PART, client to server (PROTOCOL.md 8.7): INPUT cut into
 * runs of blocks. The number of the part stands in the header. */
#ifndef SA_MSG_PART_H
#define SA_MSG_PART_H

#include "message/msg_header.h"

/* Bytes before the planes of a piece. */
#define SA_PIECE_BYTES 20

/* A run of entries of one segment, as planes. */
typedef struct sa_piece {
    uint32_t segment;
    uint64_t offset, count;
    const uint8_t *planes; /* when read */
} sa_piece;

typedef struct sa_part_msg {
    const uint8_t *u2; /* H_U2 */
    uint32_t bad;      /* dealers whose shares did not open */
    const uint8_t *bad_list;
    bool last;
    uint32_t pieces;
    sa_reader list; /* at the first piece */
} sa_part_msg;

/* Bytes before the first piece when `bad` dealers are named: more than those
 * of an INPUT before its planes. */
size_t sa_part_head(uint32_t bad);

/* Write header, H_U2, dealers and what precedes the pieces, exactly
 * sa_part_head(bad) bytes, of a message with so many bytes of pieces. */
SECAGG_MUST_CHECK secagg_err sa_part_write_head(uint8_t *out, size_t len,
    const sa_params *params, uint32_t index, uint32_t part,
    const sa_part_msg *msg, uint64_t bytes);

/* Write the SA_PIECE_BYTES before a piece's planes. */
SECAGG_MUST_CHECK secagg_err sa_piece_write_head(
    uint8_t out[SA_PIECE_BYTES], const sa_piece *piece);

/* SECAGG_ERR_MESSAGE also where dealers do not ascend or are no clients, or
 * where pieces are none of the segments' or leave a gap between them. */
SECAGG_MUST_CHECK secagg_err sa_part_read(sa_reader *r, sa_part_msg *msg,
    const sa_params *params);

/* The next piece of a list that was checked. */
sa_piece sa_piece_next(sa_reader *list, const sa_params *params);

#endif
