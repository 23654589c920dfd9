/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_confirm.h"

#include <secagg/keys.h>

/* signature */
size_t sa_confirm_size(void)
{
    return SA_HEADER_BYTES + SECAGG_SIGNATURE_BYTES;
}

secagg_err sa_confirm_write(uint8_t *out, size_t len, const sa_params *params,
    uint32_t index, const sa_confirm_msg *msg)
{
    sa_writer w = sa_writer_on(out, len);

    sa_header_write(&w, params, SA_MSG_CONFIRM, index, sa_confirm_size());
    sa_write_bytes(&w, msg->signature, SECAGG_SIGNATURE_BYTES);
    return sa_writer_end(&w);
}

secagg_err sa_confirm_read(sa_reader *r, sa_confirm_msg *msg)
{
    msg->signature = sa_read_view(r, SECAGG_SIGNATURE_BYTES);
    return sa_reader_end(r);
}
