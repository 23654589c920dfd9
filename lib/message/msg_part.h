/* SPDX-License-Identifier: Apache-2.0 */
/* msg_part: INPUT_PART, client to server (PROTOCOL.md 8.7). The parts of one
 * client together carry what INPUT carries in one message. A part is a run of
 * whole blocks of the full vector. The header has the number of the part. */
#ifndef SA_MSG_PART_H
#define SA_MSG_PART_H

#include "message/msg_input.h"

typedef struct sa_part_msg {
    const uint8_t *h_u2; /* H_U2 */
    uint32_t complaint_count;
    const uint8_t *complaints; /* see msg_input.h */
    uint64_t first;            /* number of its first block */
    uint32_t blocks;           /* how many it has */
    const uint8_t *planes;     /* of these blocks; set by the reader only */
} sa_part_msg;

/* Bytes before the planes of a part with so many complaints. They are more than
 * an INPUT has before its planes. */
size_t sa_part_head_size(uint32_t complaint_count);

/* Write everything before the planes; `len` must be sa_part_head_size(). The
 * caller has the planes right behind it already. */
SECAGG_MUST_CHECK secagg_err sa_part_write_head(uint8_t *out, size_t len,
    const sa_params *params, uint32_t index, uint32_t part,
    const sa_part_msg *msg);

/* Checks that the complaints ascend and name clients, that the part begins at
 * block `first` and is within the vector, and that only the last part has fewer
 * blocks than the minimum. */
SECAGG_MUST_CHECK secagg_err sa_part_read(sa_reader *r, sa_part_msg *msg,
    const sa_params *params, uint64_t first);

#endif
