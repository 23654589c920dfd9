/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_relay.h"

#include "core/bits.h"
#include "core/mem.h"

/* bitmap of U2 || be32 count || pairs */
size_t sa_relay_size(const sa_params *params, uint32_t count)
{
    return SA_HEADER_BYTES + sa_bitmap_bytes(params->own.clients)
        + SA_COUNT_BYTES + (size_t)count * SA_SHARE_PAIR_BYTES;
}

void sa_relay_write(sa_writer *w, const sa_params *params, uint32_t index,
    const sa_relay_msg *msg)
{
    sa_header_write(w, params, SA_MSG_RELAY, index,
        sa_relay_size(params, msg->count));
    sa_write_bytes(w, msg->map, sa_bitmap_bytes(params->own.clients));
    sa_write_u32(w, msg->count);
}

secagg_err sa_relay_read(sa_reader *r, sa_relay_msg *msg,
    const sa_params *params)
{
    const uint32_t n = params->own.clients;

    msg->map = sa_read_view(r, sa_bitmap_bytes(n));
    msg->count = sa_read_u32(r);
    msg->pairs = sa_read_list(r, msg->count, SA_SHARE_PAIR_BYTES);
    SA_TRY(sa_reader_end(r));
    SA_TRY(sa_map_check(msg->map, n, r->reason));
    return sa_list_check(msg->pairs, msg->count, SA_SHARE_PAIR_BYTES, n,
        r->reason);
}
