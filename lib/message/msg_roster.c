/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_roster.h"

#include <inttypes.h>

#include "core/mem.h"
#include "crypto/x25519.h"

/* be32 index || enc || mask || in active mode identity */
static size_t entry_bytes(const sa_params *params)
{
    return SA_INDEX_BYTES + 2 * SA_POINT_BYTES + sa_identity_size(params, 0);
}

/* graph seed || roster root || be32 |U1| || be32 count || entries. No overflow
 * with 32 bits: semi-honest, entries of 68 bytes are at most 4,095; active,
 * entries of at most 2,214 bytes are at most 2,048. */
size_t sa_roster_size(const sa_params *params, uint32_t count,
    size_t credential_bytes)
{
    return SA_HEADER_BYTES + SECAGG_SEED_BYTES + SECAGG_DIGEST_BYTES
        + 2 * SA_COUNT_BYTES + count * entry_bytes(params) + credential_bytes;
}

void sa_roster_write(sa_writer *w, const sa_params *params, uint32_t index,
    const sa_roster_msg *msg, size_t size)
{
    sa_header_write(w, params, SA_MSG_ROSTER, index, size);
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
    sa_identity_write(w, params, &entry->identity);
}

sa_reader sa_roster_entries(const sa_roster_msg *msg)
{
    return sa_reader_on(msg->entries.ptr, msg->entries.len);
}

sa_roster_entry sa_roster_next_entry(sa_reader *entries,
    const sa_params *params)
{
    sa_roster_entry entry;

    entry.index = sa_read_u32(entries);
    entry.enc = sa_read_view(entries, SA_POINT_BYTES);
    entry.mask = sa_read_view(entries, SA_POINT_BYTES);
    sa_identity_read(entries, params, &entry.identity);
    return entry;
}

/* Read all entries once, so that none fails to be read later. */
static secagg_err check_entries(const sa_roster_msg *msg,
    const sa_params *params, char *reason)
{
    sa_reader entries = sa_roster_entries(msg);
    uint64_t next = 0; /* the lowest index that the entry may have */

    entries.reason = reason;
    for (uint32_t i = 0; i < msg->count; i++) {
        const uint32_t index = sa_roster_next_entry(&entries, params).index;
        if (entries.failed)
            return SECAGG_ERR_MESSAGE;
        SA_TRY(sa_list_check_item(i, index, next, params->own.clients,
            reason));
        next = (uint64_t)index + 1;
    }
    return sa_reader_end(&entries);
}

secagg_err sa_roster_read(sa_reader *r, sa_roster_msg *msg,
    const sa_params *params)
{
    msg->graph_seed = sa_read_view(r, SECAGG_SEED_BYTES);
    msg->root = sa_read_view(r, SECAGG_DIGEST_BYTES);
    msg->present = sa_read_u32(r);
    msg->count = sa_read_u32(r);
    msg->entries.len = r->left;
    msg->entries.ptr = sa_read_view(r, r->left);
    SA_TRY(sa_reader_end(r));
    SA_REQUIRE(msg->present <= params->own.clients
            && msg->count <= msg->present,
        SECAGG_ERR_MESSAGE, r->reason, "it has %" PRIu32 " entries of %" PRIu32
        " clients with keys, of %" PRIu32 " clients", msg->count, msg->present,
        params->own.clients);
    return check_entries(msg, params, r->reason);
}
