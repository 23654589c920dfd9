/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_roster.h"

#include "core/bits.h"
#include "core/mem.h"

/* be32 index || enc || mask || in active mode signature */
static size_t entry_size(const sa_params *params)
{
    return 68 + sa_params_signature_bytes(params);
}

/* graph seed || root || be32 |U1| || be32 count || entries
 * (PROTOCOL.md 8.3). */
size_t sa_roster_size(const sa_params *params, uint32_t count)
{
    return SA_HEADER_BYTES + 72 + count * entry_size(params);
}

void sa_roster_write(sa_writer *w, const sa_params *params, uint32_t index,
    const sa_roster_msg *msg)
{
    sa_header_write(w, params, SA_MSG_ROSTER, index,
        sa_roster_size(params, msg->count));
    sa_write_bytes(w, msg->graph_seed, SECAGG_SEED_BYTES);
    sa_write_bytes(w, msg->root, SECAGG_DIGEST_BYTES);
    sa_write_u32(w, msg->present);
    sa_write_u32(w, msg->count);
}

void sa_roster_put_entry(sa_writer *w, const sa_params *params,
    const sa_roster_entry *entry)
{
    sa_write_u32(w, entry->index);
    sa_write_bytes(w, entry->enc, 32);
    sa_write_bytes(w, entry->mask, 32);
    sa_write_bytes(w, entry->signature, sa_params_signature_bytes(params));
}

sa_roster_entry sa_roster_get_entry(const sa_roster_msg *msg,
    const sa_params *params, uint32_t i)
{
    const uint8_t *at = msg->entries + i * entry_size(params);
    return (sa_roster_entry){ sa_get_be32(at), at + 4, at + 36, at + 68 };
}

secagg_err sa_roster_read(sa_reader *r, sa_roster_msg *msg,
    const sa_params *params)
{
    msg->graph_seed = sa_read_view(r, SECAGG_SEED_BYTES);
    msg->root = sa_read_view(r, SECAGG_DIGEST_BYTES);
    msg->present = sa_read_u32(r);
    msg->count = sa_read_u32(r);
    msg->entries = sa_read_list(r, msg->count, entry_size(params));
    SA_TRY(sa_reader_end(r));
    if (msg->present > params->own.clients || msg->count > msg->present
        || !sa_list_ascends(msg->entries, msg->count, entry_size(params),
            params->own.clients))
        return SECAGG_ERR_MESSAGE;
    return SECAGG_OK;
}
