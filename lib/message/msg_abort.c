/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_abort.h"

size_t sa_abort_size(void)
{
    return SA_ABORT_BYTES;
}

secagg_err sa_abort_write(uint8_t *out, size_t len, const sa_params *params,
    sa_msg_type type, uint32_t index, const sa_abort_msg *msg)
{
    sa_writer w = sa_writer_on(out, len);

    sa_header_write(&w, params, type, index, sa_abort_size());
    sa_write_u16(&w, (uint16_t)msg->code);
    sa_write_u32(&w, msg->blamed);
    return sa_writer_end(&w);
}

secagg_err sa_abort_read(sa_reader *r, sa_abort_msg *msg)
{
    msg->code = sa_read_u16(r);
    msg->blamed = sa_read_u32(r);
    return sa_reader_end(r);
}
