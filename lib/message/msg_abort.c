/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_abort.h"

#include "core/mem.h"

/* be16 code || be32 blamed || be32 count || complaints */
size_t sa_abort_head_size(void)
{
    return SA_HEADER_BYTES + 2 + SA_INDEX_BYTES + SA_COUNT_BYTES;
}

size_t sa_abort_size(uint32_t complaint_count)
{
    return sa_abort_head_size() + (size_t)complaint_count * SA_COMPLAINT_BYTES;
}

secagg_err sa_abort_write_head(uint8_t *out, size_t len,
    const sa_params *params, sa_msg_type type, uint32_t index,
    const sa_abort_msg *msg)
{
    sa_writer w = sa_writer_on(out, len);

    sa_header_write(&w, params, type, index,
        sa_abort_size(msg->complaint_count));
    sa_write_u16(&w, (uint16_t)msg->code);
    sa_write_u32(&w, msg->blamed);
    sa_write_u32(&w, msg->complaint_count);
    return sa_writer_end(&w);
}

secagg_err sa_abort_read(sa_reader *r, sa_abort_msg *msg,
    const sa_params *params)
{
    msg->code = sa_read_u16(r);
    msg->blamed = sa_read_u32(r);
    msg->complaint_count = sa_read_u32(r);
    msg->complaints = sa_read_list(r, msg->complaint_count,
        SA_COMPLAINT_BYTES);
    SA_TRY(sa_reader_end(r));
    return sa_list_check(msg->complaints, msg->complaint_count,
        SA_COMPLAINT_BYTES, params->own.clients, r->reason);
}
