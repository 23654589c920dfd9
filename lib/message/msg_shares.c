/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_shares.h"

#include "core/bits.h"
#include "core/mem.h"

/* H_ros || commitment || be32 count || pairs */
size_t sa_shares_size(uint32_t count)
{
    return SA_HEADER_BYTES + 2 * SECAGG_DIGEST_BYTES + SA_COUNT_BYTES
        + (size_t)count * SA_SHARE_PAIR_BYTES;
}

void sa_shares_write(sa_writer *w, const sa_params *params, uint32_t index,
    const sa_shares_msg *msg)
{
    sa_header_write(w, params, SA_MSG_SHARES, index,
        sa_shares_size(msg->count));
    sa_write_bytes(w, msg->roster, SECAGG_DIGEST_BYTES);
    sa_write_bytes(w, msg->commitment, SECAGG_DIGEST_BYTES);
    sa_write_u32(w, msg->count);
}

void sa_share_pair_put(sa_writer *w, const sa_share_pair *pair)
{
    sa_write_u32(w, pair->peer);
    sa_write_bytes(w, pair->sealed[SA_KIND_SELF], SA_SEALED_SHARE_BYTES);
    sa_write_bytes(w, pair->sealed[SA_KIND_MASK], SA_SEALED_SHARE_BYTES);
}

sa_share_pair sa_share_pair_get(const uint8_t *pairs, uint32_t i)
{
    const uint8_t *pair = pairs + (size_t)i * SA_SHARE_PAIR_BYTES;
    const uint8_t *sealed = pair + SA_INDEX_BYTES;

    return (sa_share_pair){ sa_get_be32(pair),
        { sealed, sealed + SA_SEALED_SHARE_BYTES } };
}

secagg_err sa_shares_read(sa_reader *r, sa_shares_msg *msg,
    const sa_params *params)
{
    msg->roster = sa_read_view(r, SECAGG_DIGEST_BYTES);
    msg->commitment = sa_read_view(r, SECAGG_DIGEST_BYTES);
    msg->count = sa_read_u32(r);
    msg->pairs = sa_read_list(r, msg->count, SA_SHARE_PAIR_BYTES);
    SA_TRY(sa_reader_end(r));
    return sa_list_check(msg->pairs, msg->count, SA_SHARE_PAIR_BYTES,
        params->own.clients, r->reason);
}
