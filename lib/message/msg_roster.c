/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_roster.h"

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/x25519.h"

/* be32 index || enc || mask || in active mode signature */
static size_t entry_bytes(const sa_params *params)
{
    return SA_INDEX_BYTES + 2 * SA_POINT_BYTES
        + sa_params_signature_bytes(params);
}

/* graph seed || roster root || be32 |U1| || be32 count || entries */
size_t sa_roster_size(const sa_params *params, uint32_t count)
{
    return SA_HEADER_BYTES + SECAGG_SEED_BYTES + SECAGG_DIGEST_BYTES
        + 2 * SA_COUNT_BYTES + count * entry_bytes(params);
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
    sa_write_bytes(w, entry->enc, SA_POINT_BYTES);
    sa_write_bytes(w, entry->mask, SA_POINT_BYTES);
    sa_write_bytes(w, entry->signature, sa_params_signature_bytes(params));
}

sa_roster_entry sa_roster_get_entry(const sa_roster_msg *msg,
    const sa_params *params, uint32_t i)
{
    const uint8_t *entry = msg->entries + i * entry_bytes(params);
    const uint8_t *enc = entry + SA_INDEX_BYTES, *mask = enc + SA_POINT_BYTES;

    return (sa_roster_entry){ sa_get_be32(entry), enc, mask,
        mask + SA_POINT_BYTES };
}

secagg_err sa_roster_read(sa_reader *r, sa_roster_msg *msg,
    const sa_params *params)
{
    const uint32_t n = params->own.clients;

    msg->graph_seed = sa_read_view(r, SECAGG_SEED_BYTES);
    msg->root = sa_read_view(r, SECAGG_DIGEST_BYTES);
    msg->present = sa_read_u32(r);
    msg->count = sa_read_u32(r);
    msg->entries = sa_read_list(r, msg->count, entry_bytes(params));
    SA_TRY(sa_reader_end(r));
    if (msg->present > n || msg->count > msg->present
        || !sa_list_ascends(msg->entries, msg->count, entry_bytes(params), n))
        return SECAGG_ERR_MESSAGE;
    return SECAGG_OK;
}
