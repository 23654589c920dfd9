/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_part.h"

#include <inttypes.h>

#include "core/mem.h"

#define FIRST_BYTES 8
#define BLOCKS_BYTES 4

/* H_U2 || be32 count || complaints || be64 first || be32 blocks || planes */
size_t sa_part_head_size(uint32_t complaint_count)
{
    return SA_HEADER_BYTES + SECAGG_DIGEST_BYTES + SA_COUNT_BYTES
        + (size_t)complaint_count * SA_COMPLAINT_BYTES + FIRST_BYTES
        + BLOCKS_BYTES;
}

secagg_err sa_part_write_head(uint8_t *out, size_t len,
    const sa_params *params, uint32_t index, uint32_t part,
    const sa_part_msg *msg)
{
    sa_writer w = sa_writer_on(out, len);

    sa_header_write_part(&w, params, SA_MSG_INPUT_PART, index, part,
        sa_part_head_size(msg->complaint_count)
        + sa_lanes_bytes(&params->lanes, msg->first, msg->blocks));
    sa_write_bytes(&w, msg->h_u2, SECAGG_DIGEST_BYTES);
    sa_write_u32(&w, msg->complaint_count);
    sa_write_bytes(&w, msg->complaints,
        (size_t)msg->complaint_count * SA_COMPLAINT_BYTES);
    sa_write_u64(&w, msg->first);
    sa_write_u32(&w, msg->blocks);
    return sa_writer_end(&w);
}

/* Check that a part may have these blocks after `first` others (8.7, check
 * 2). */
static secagg_err check_run(const sa_part_msg *msg, const sa_lanes *lanes,
    uint64_t first, char *reason)
{
    const uint64_t left = lanes->blocks - first;
    const uint64_t min = sa_lanes_min_part(lanes);

    SA_REQUIRE(msg->first == first, SECAGG_ERR_MESSAGE, reason,
        "it begins with block %" PRIu64 ", not %" PRIu64, msg->first, first);
    SA_REQUIRE(msg->blocks >= 1 && msg->blocks <= left, SECAGG_ERR_MESSAGE,
        reason, "it has %" PRIu32 " blocks, not from 1 to %" PRIu64,
        msg->blocks, left);
    SA_REQUIRE(msg->blocks >= min || msg->blocks == left, SECAGG_ERR_MESSAGE,
        reason, "it has %" PRIu32 " blocks, fewer than %" PRIu64 ", and is "
        "not the last part", msg->blocks, min);
    return SECAGG_OK;
}

secagg_err sa_part_read(sa_reader *r, sa_part_msg *msg,
    const sa_params *params, uint64_t first)
{
    msg->h_u2 = sa_read_view(r, SECAGG_DIGEST_BYTES);
    msg->complaint_count = sa_read_u32(r);
    msg->complaints = sa_read_list(r, msg->complaint_count,
        SA_COMPLAINT_BYTES);
    msg->first = sa_read_u64(r);
    msg->blocks = sa_read_u32(r);
    if (r->failed)
        return SECAGG_ERR_MESSAGE;
    SA_TRY(check_run(msg, &params->lanes, first, r->reason));
    msg->planes = sa_read_view(r, (size_t)sa_lanes_bytes(&params->lanes, first,
        msg->blocks));
    SA_TRY(sa_reader_end(r));
    return sa_list_check(msg->complaints, msg->complaint_count,
        SA_COMPLAINT_BYTES, params->own.clients, r->reason);
}
