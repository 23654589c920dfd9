/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_identity.h"

#include "core/mem.h"

#define CREDENTIAL_LEN_BYTES 2

/* id || signature || be16 credential length || credential */
size_t sa_identity_size(const sa_params *params, size_t credential_len)
{
    if (!sa_params_active(params))
        return 0;
    return SECAGG_PUBLIC_BYTES + SECAGG_SIGNATURE_BYTES + CREDENTIAL_LEN_BYTES
        + credential_len;
}

void sa_identity_write(sa_writer *w, const sa_params *params,
    const sa_identity *identity)
{
    if (!sa_params_active(params))
        return;
    sa_write_bytes(w, identity->id, SECAGG_PUBLIC_BYTES);
    sa_write_bytes(w, identity->signature, SECAGG_SIGNATURE_BYTES);
    sa_write_u16(w, (uint16_t)identity->credential.len);
    sa_write_bytes(w, identity->credential.ptr, identity->credential.len);
}

void sa_identity_read(sa_reader *r, const sa_params *params,
    sa_identity *identity)
{
    *identity = (sa_identity){ 0 };
    if (!sa_params_active(params))
        return;
    identity->id = sa_read_view(r, SECAGG_PUBLIC_BYTES);
    identity->signature = sa_read_view(r, SECAGG_SIGNATURE_BYTES);
    identity->credential.len = sa_read_u16(r);
    if (identity->credential.len > SECAGG_CREDENTIAL_MAX)
        sa_reader_fail(r, "it has a credential of %zu bytes, over %d",
            identity->credential.len, SECAGG_CREDENTIAL_MAX);
    identity->credential.ptr = sa_read_view(r, identity->credential.len);
}
