/* SPDX-License-Identifier: Apache-2.0 */
#include "msg_roster.h"

#include "bits.h"
#include "mem.h"

#define ENTRY 68 /* be32 index || enc || mask */

/* graph seed || root || be32 |U1| || be32 count || entries
 * (PROTOCOL.md 8.3). */
size_t sa_roster_size(uint32_t count)
{
    return SA_HEADER_BYTES + 72 + (size_t)count * ENTRY;
}

void sa_roster_write(sa_writer *w, const sa_params *params, uint32_t index,
    const sa_roster_msg *msg)
{
    sa_header_write(w, params, SA_ROSTER, index, sa_roster_size(msg->count));
    sa_write_bytes(w, msg->graph_seed, SECAGG_SEED_BYTES);
    sa_write_bytes(w, msg->root, SECAGG_DIGEST_BYTES);
    sa_write_u32(w, msg->present);
    sa_write_u32(w, msg->count);
}

void sa_roster_put_entry(sa_writer *w, const sa_roster_entry *entry)
{
    sa_write_u32(w, entry->index);
    sa_write_bytes(w, entry->enc, 32);
    sa_write_bytes(w, entry->mask, 32);
}

sa_roster_entry sa_roster_get_entry(const sa_roster_msg *msg, uint32_t i)
{
    const uint8_t *at = msg->entries + (size_t)i * ENTRY;
    return (sa_roster_entry){ sa_get_be32(at), at + 4, at + 36 };
}

static bool entries_ascend(const sa_roster_msg *msg, uint32_t n)
{
    uint32_t least = 0;

    for (uint32_t i = 0; i < msg->count; i++) {
        const uint32_t index = sa_roster_get_entry(msg, i).index;
        if (index < least || index >= n)
            return false;
        least = index + 1;
    }
    return true;
}

secagg_err sa_roster_read(sa_reader *r, sa_roster_msg *msg,
    const sa_params *params)
{
    msg->graph_seed = sa_read_view(r, SECAGG_SEED_BYTES);
    msg->root = sa_read_view(r, SECAGG_DIGEST_BYTES);
    msg->present = sa_read_u32(r);
    msg->count = sa_read_u32(r);
    msg->entries = sa_read_list(r, msg->count, ENTRY);
    SA_TRY(sa_reader_end(r));
    if (msg->present > params->own.clients || msg->count > msg->present
        || !entries_ascend(msg, params->own.clients))
        return SECAGG_ERR_MESSAGE;
    return SECAGG_OK;
}
