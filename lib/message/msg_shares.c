/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_shares.h"

#include "core/bits.h"
#include "core/mem.h"

#define SEALED 48

/* H_ros || com || be32 count || pairs (PROTOCOL.md 8.4). */
size_t sa_shares_size(uint32_t count)
{
    return SA_HEADER_BYTES + 68 + (size_t)count * SA_SHARE_PAIR_BYTES;
}

void sa_shares_write(sa_writer *w, const sa_params *params, uint32_t index,
    const sa_shares_msg *msg)
{
    sa_header_write(
        w, params, SA_MSG_SHARES, index, sa_shares_size(msg->count));
    sa_write_bytes(w, msg->roster, SECAGG_DIGEST_BYTES);
    sa_write_bytes(w, msg->commitment, SECAGG_DIGEST_BYTES);
    sa_write_u32(w, msg->count);
}

void sa_share_pair_put(sa_writer *w, const sa_share_pair *pair)
{
    sa_write_u32(w, pair->peer);
    sa_write_bytes(w, pair->sealed[0], SEALED);
    sa_write_bytes(w, pair->sealed[1], SEALED);
}

sa_share_pair sa_share_pair_get(const uint8_t *pairs, uint32_t i)
{
    const uint8_t *at = pairs + (size_t)i * SA_SHARE_PAIR_BYTES;
    return (sa_share_pair){ sa_get_be32(at), { at + 4, at + 4 + SEALED } };
}

secagg_err sa_shares_read(sa_reader *r, sa_shares_msg *msg,
    const sa_params *params)
{
    msg->roster = sa_read_view(r, SECAGG_DIGEST_BYTES);
    msg->commitment = sa_read_view(r, SECAGG_DIGEST_BYTES);
    msg->count = sa_read_u32(r);
    msg->pairs = sa_read_list(r, msg->count, SA_SHARE_PAIR_BYTES);
    SA_TRY(sa_reader_end(r));
    return sa_list_ascends(msg->pairs, msg->count, SA_SHARE_PAIR_BYTES,
        params->own.clients)
        ? SECAGG_OK : SECAGG_ERR_MESSAGE;
}
