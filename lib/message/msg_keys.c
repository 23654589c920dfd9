/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_keys.h"

#include "crypto/x25519.h"

/* H_ctx || enc || mask || in active mode identity */
size_t sa_keys_size(const sa_params *params, size_t credential_len)
{
    return SA_HEADER_BYTES + SECAGG_DIGEST_BYTES + 2 * SA_POINT_BYTES
        + sa_identity_size(params, credential_len);
}

secagg_err sa_keys_write(uint8_t *out, size_t len, const sa_params *params,
    uint32_t index, const sa_keys_msg *msg)
{
    sa_writer w = sa_writer_on(out, len);

    sa_header_write(&w, params, SA_MSG_KEYS, index,
        sa_keys_size(params, msg->identity.credential.len));
    sa_write_bytes(&w, msg->context, SECAGG_DIGEST_BYTES);
    sa_write_bytes(&w, msg->enc, SA_POINT_BYTES);
    sa_write_bytes(&w, msg->mask, SA_POINT_BYTES);
    sa_identity_write(&w, params, &msg->identity);
    return sa_writer_end(&w);
}

secagg_err sa_keys_read(sa_reader *r, sa_keys_msg *msg,
    const sa_params *params)
{
    msg->context = sa_read_view(r, SECAGG_DIGEST_BYTES);
    msg->enc = sa_read_view(r, SA_POINT_BYTES);
    msg->mask = sa_read_view(r, SA_POINT_BYTES);
    sa_identity_read(r, params, &msg->identity);
    return sa_reader_end(r);
}
