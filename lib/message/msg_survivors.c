/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_survivors.h"

#include "core/bits.h"
#include "core/mem.h"

/* bitmap of U3 */
size_t sa_survivors_size(const sa_params *params)
{
    return SA_HEADER_BYTES + sa_bitmap_bytes(params->own.clients);
}

secagg_err sa_survivors_write(uint8_t *out, size_t len,
    const sa_params *params, uint32_t index, const sa_survivors_msg *msg)
{
    sa_writer w = sa_writer_on(out, len);

    sa_header_write(&w, params, SA_MSG_SURVIVORS, index,
        sa_survivors_size(params));
    sa_write_bytes(&w, msg->map, sa_bitmap_bytes(params->own.clients));
    return sa_writer_end(&w);
}

secagg_err sa_survivors_read(sa_reader *r, sa_survivors_msg *msg,
    const sa_params *params)
{
    msg->map = sa_read_view(r, sa_bitmap_bytes(params->own.clients));
    SA_TRY(sa_reader_end(r));
    return sa_map_check(msg->map, params->own.clients, r->reason);
}
