/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_confirm.h"

#define SIGNATURE 64

/* signature (PROTOCOL.md 8.9). */
size_t sa_confirm_size(void)
{
    return SA_HEADER_BYTES + SIGNATURE;
}

secagg_err sa_confirm_write(uint8_t *out, size_t len, const sa_params *params,
    uint32_t index, const sa_confirm_msg *msg)
{
    sa_writer w = sa_writer_on(out, len);

    sa_header_write(&w, params, SA_MSG_CONFIRM, index, sa_confirm_size());
    sa_write_bytes(&w, msg->signature, SIGNATURE);
    return sa_writer_end(&w);
}

secagg_err sa_confirm_read(sa_reader *r, sa_confirm_msg *msg)
{
    msg->signature = sa_read_view(r, SIGNATURE);
    return sa_reader_end(r);
}
