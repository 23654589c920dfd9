/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_unmask.h"

#include "core/bits.h"
#include "core/mem.h"

#define EACH 36 /* be32 kind << 24 | dealer || key */
#define KINDS 2

/* own share || be32 count || list (PROTOCOL.md 8.11). */
size_t sa_unmask_size(uint32_t count)
{
    return SA_HEADER_BYTES + 36 + (size_t)count * EACH;
}

void sa_unmask_write(sa_writer *w, const sa_params *params, uint32_t index,
    const sa_unmask_msg *msg)
{
    sa_header_write(
        w, params, SA_MSG_UNMASK, index, sa_unmask_size(msg->count));
    sa_write_bytes(w, msg->own, 32);
    sa_write_u32(w, msg->count);
}

void sa_revealed_put(sa_writer *w, const sa_revealed *revealed)
{
    sa_write_u32(w, revealed->kind << 24 | revealed->dealer);
    sa_write_bytes(w, revealed->key, 32);
}

sa_revealed sa_revealed_get(const sa_unmask_msg *msg, uint32_t i)
{
    const uint8_t *at = msg->list + (size_t)i * EACH;
    const uint32_t word = sa_get_be32(at);
    return (sa_revealed){ word >> 24, word & 0xffffff, at + 4 };
}

static bool list_fits(const sa_unmask_msg *msg, uint32_t n)
{
    uint32_t least = 0;

    for (uint32_t i = 0; i < msg->count; i++) {
        const sa_revealed revealed = sa_revealed_get(msg, i);
        if (revealed.kind >= KINDS || revealed.dealer < least
            || revealed.dealer >= n)
            return false;
        least = revealed.dealer + 1;
    }
    return true;
}

secagg_err sa_unmask_read(sa_reader *r, sa_unmask_msg *msg,
    const sa_params *params)
{
    msg->own = sa_read_view(r, 32);
    msg->count = sa_read_u32(r);
    msg->list = sa_read_list(r, msg->count, EACH);
    SA_TRY(sa_reader_end(r));
    return list_fits(msg, params->own.clients) ? SECAGG_OK
                                               : SECAGG_ERR_MESSAGE;
}
