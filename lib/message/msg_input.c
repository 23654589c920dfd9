/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_input.h"

#include "core/bits.h"
#include "core/mem.h"

uint32_t sa_complaint_get(const uint8_t *complaints, uint32_t i)
{
    return sa_get_be32(complaints + (size_t)i * SA_COMPLAINT_BYTES);
}

void sa_complaint_put(uint8_t *complaints, uint32_t i, uint32_t dealer)
{
    sa_put_be32(complaints + (size_t)i * SA_COMPLAINT_BYTES, dealer);
}

/* H_U2 || be32 count || complaints || planes */
size_t sa_input_head_size(uint32_t complaint_count)
{
    return SA_HEADER_BYTES + SECAGG_DIGEST_BYTES + SA_COUNT_BYTES
        + (size_t)complaint_count * SA_COMPLAINT_BYTES;
}

size_t sa_input_size(const sa_params *params, uint32_t complaint_count)
{
    return sa_input_head_size(complaint_count) + (size_t)params->vector;
}

secagg_err sa_input_write_head(uint8_t *out, size_t len,
    const sa_params *params, uint32_t index,
    const uint8_t h_u2[SECAGG_DIGEST_BYTES], const uint8_t *complaints,
    uint32_t complaint_count)
{
    sa_writer w = sa_writer_on(out, len);

    sa_header_write(&w, params, SA_MSG_INPUT, index,
        sa_input_size(params, complaint_count));
    sa_write_bytes(&w, h_u2, SECAGG_DIGEST_BYTES);
    sa_write_u32(&w, complaint_count);
    sa_write_bytes(&w, complaints,
        (size_t)complaint_count * SA_COMPLAINT_BYTES);
    return sa_writer_end(&w);
}

secagg_err sa_input_read(sa_reader *r, sa_input_msg *msg,
    const sa_params *params)
{
    msg->h_u2 = sa_read_view(r, SECAGG_DIGEST_BYTES);
    msg->complaint_count = sa_read_u32(r);
    msg->complaints = sa_read_list(r, msg->complaint_count,
        SA_COMPLAINT_BYTES);
    msg->planes = sa_read_view(r, (size_t)params->vector);
    SA_TRY(sa_reader_end(r));
    return sa_list_check(msg->complaints, msg->complaint_count,
        SA_COMPLAINT_BYTES, params->own.clients, r->reason);
}
