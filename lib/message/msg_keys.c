/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_keys.h"

/* H_ctx || enc || mask || in active mode signature (PROTOCOL.md 8.2). */
size_t sa_keys_size(const sa_params *params)
{
    return SA_HEADER_BYTES + 3 * 32 + sa_params_signature_bytes(params);
}

secagg_err sa_keys_write(uint8_t *out, size_t len, const sa_params *params,
    uint32_t index, const sa_keys_msg *msg)
{
    sa_writer w = sa_writer_on(out, len);

    sa_header_write(&w, params, SA_MSG_KEYS, index, sa_keys_size(params));
    sa_write_bytes(&w, msg->context, 32);
    sa_write_bytes(&w, msg->enc, 32);
    sa_write_bytes(&w, msg->mask, 32);
    sa_write_bytes(&w, msg->signature, sa_params_signature_bytes(params));
    return sa_writer_end(&w);
}

secagg_err sa_keys_read(sa_reader *r, sa_keys_msg *msg,
    const sa_params *params)
{
    msg->context = sa_read_view(r, 32);
    msg->enc = sa_read_view(r, 32);
    msg->mask = sa_read_view(r, 32);
    msg->signature = sa_read_view(r, sa_params_signature_bytes(params));
    return sa_reader_end(r);
}
