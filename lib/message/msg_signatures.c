/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_signatures.h"

#include <secagg/keys.h>

#include "core/bits.h"
#include "core/mem.h"

/* be32 index || signature */
#define ITEM_BYTES (SA_INDEX_BYTES + SECAGG_SIGNATURE_BYTES)

/* be32 count || items */
size_t sa_signatures_size(uint32_t count)
{
    return SA_HEADER_BYTES + SA_COUNT_BYTES + (size_t)count * ITEM_BYTES;
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
    sa_write_bytes(w, by->signature, SECAGG_SIGNATURE_BYTES);
}

sa_signed_by sa_signed_by_get(const sa_signatures_msg *msg, uint32_t i)
{
    const uint8_t *item = msg->list + (size_t)i * ITEM_BYTES;

    return (sa_signed_by){ sa_get_be32(item), item + SA_INDEX_BYTES };
}

secagg_err sa_signatures_read(sa_reader *r, sa_signatures_msg *msg,
    const sa_params *params)
{
    msg->count = sa_read_u32(r);
    msg->list = sa_read_list(r, msg->count, ITEM_BYTES);
    SA_TRY(sa_reader_end(r));
    return sa_list_check(msg->list, msg->count, ITEM_BYTES,
        params->own.clients, r->reason);
}
