/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_unmask.h"

#include <inttypes.h>
#include <secagg/shamir.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/share_seal.h"

/* be32 (kind << 24 | dealer) || key */
#define ITEM_BYTES (SA_INDEX_BYTES + SECAGG_SEED_BYTES)
#define KIND_SHIFT 24

/* own share || be32 count || items */
size_t sa_unmask_size(uint32_t count)
{
    return SA_HEADER_BYTES + SECAGG_SHARE_BYTES + SA_COUNT_BYTES
        + (size_t)count * ITEM_BYTES;
}

void sa_unmask_write(sa_writer *w, const sa_params *params, uint32_t index,
    const sa_unmask_msg *msg)
{
    sa_header_write(w, params, SA_MSG_UNMASK, index,
        sa_unmask_size(msg->count));
    sa_write_bytes(w, msg->own, SECAGG_SHARE_BYTES);
    sa_write_u32(w, msg->count);
}

void sa_revealed_put(sa_writer *w, const sa_revealed *revealed)
{
    sa_write_u32(w, revealed->kind << KIND_SHIFT | revealed->dealer);
    sa_write_bytes(w, revealed->key, SECAGG_SEED_BYTES);
}

sa_revealed sa_revealed_get(const sa_unmask_msg *msg, uint32_t i)
{
    const uint8_t *item = msg->list + (size_t)i * ITEM_BYTES;
    const uint32_t word = sa_get_be32(item);

    return (sa_revealed){ word >> KIND_SHIFT,
        word & (((uint32_t)1 << KIND_SHIFT) - 1), item + SA_INDEX_BYTES };
}

/* sa_list_check() for the dealers alone, without their kinds. */
static secagg_err check_list(const sa_unmask_msg *msg, uint32_t n,
    char *reason)
{
    uint32_t min = 0; /* minimum of the next dealer */

    for (uint32_t i = 0; i < msg->count; i++) {
        const sa_revealed revealed = sa_revealed_get(msg, i);
        SA_REQUIRE(revealed.kind <= SA_KIND_MASK, SECAGG_ERR_MESSAGE, reason,
            "item %" PRIu32 " of its list has the kind %" PRIu32
            ", not 0 or 1", i, revealed.kind);
        SA_TRY(sa_list_check_item(i, revealed.dealer, min, n, reason));
        min = revealed.dealer + 1;
    }
    return SECAGG_OK;
}

secagg_err sa_unmask_read(sa_reader *r, sa_unmask_msg *msg,
    const sa_params *params)
{
    msg->own = sa_read_view(r, SECAGG_SHARE_BYTES);
    msg->count = sa_read_u32(r);
    msg->list = sa_read_list(r, msg->count, ITEM_BYTES);
    SA_TRY(sa_reader_end(r));
    return check_list(msg, params->own.clients, r->reason);
}
