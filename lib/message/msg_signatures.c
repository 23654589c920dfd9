/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_signatures.h"

#include "core/bits.h"
#include "core/mem.h"

#define SIGNATURE 64
#define EACH (4 + SIGNATURE)

/* be32 count || {be32 index || signature} (PROTOCOL.md 8.10). */
size_t sa_signatures_size(uint32_t count)
{
    return SA_HEADER_BYTES + 4 + (size_t)count * EACH;
}

void sa_signatures_write(sa_writer *w, const sa_params *params,
    uint32_t index, uint32_t count)
{
    sa_header_write(w, params, SA_MSG_SIGNATURES, index,
        sa_signatures_size(count));
    sa_write_u32(w, count);
}

void sa_signed_by_put(sa_writer *w, const sa_signed_by *by)
{
    sa_write_u32(w, by->index);
    sa_write_bytes(w, by->signature, SIGNATURE);
}

sa_signed_by sa_signed_by_get(const sa_signatures_msg *msg, uint32_t i)
{
    const uint8_t *at = msg->list + (size_t)i * EACH;
    return (sa_signed_by){ sa_get_be32(at), at + 4 };
}

secagg_err sa_signatures_read(sa_reader *r, sa_signatures_msg *msg,
    const sa_params *params)
{
    msg->count = sa_read_u32(r);
    msg->list = sa_read_list(r, msg->count, EACH);
    SA_TRY(sa_reader_end(r));
    return sa_list_ascends(msg->list, msg->count, EACH, params->own.clients)
        ? SECAGG_OK : SECAGG_ERR_MESSAGE;
}
