/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_input.h"

#include "core/bits.h"
#include "core/mem.h"

/* H_U2 || be32 count || dealers || planes (PROTOCOL.md 8.6). */
size_t sa_input_head(uint32_t bad)
{
    return SA_HEADER_BYTES + 36 + 4 * (size_t)bad;
}

secagg_err sa_input_write_head(uint8_t *out, size_t len,
    const sa_params *params, uint32_t index, const uint8_t u2[32],
    const uint8_t *bad_list, uint32_t count)
{
    sa_writer w = sa_writer_on(out, len);

    sa_header_write(&w, params, SA_MSG_INPUT, index,
        sa_input_head(count) + params->vector);
    sa_write_bytes(&w, u2, SECAGG_DIGEST_BYTES);
    sa_write_u32(&w, count);
    sa_write_bytes(&w, bad_list, 4 * (size_t)count);
    return sa_writer_end(&w);
}

uint32_t sa_input_get_bad(const sa_input_msg *msg, uint32_t i)
{
    return sa_get_be32(msg->bad_list + 4 * (size_t)i);
}

secagg_err sa_input_read(sa_reader *r, sa_input_msg *msg,
    const sa_params *params)
{
    msg->u2 = sa_read_view(r, SECAGG_DIGEST_BYTES);
    msg->bad = sa_read_u32(r);
    msg->bad_list = sa_read_list(r, msg->bad, 4);
    msg->planes = sa_read_view(r, (size_t)params->vector);
    SA_TRY(sa_reader_end(r));
    return sa_list_ascends(msg->bad_list, msg->bad, 4, params->own.clients)
        ? SECAGG_OK : SECAGG_ERR_MESSAGE;
}
