/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_repeat.h"

#include "core/mem.h"
#include "crypto/hash.h"

secagg_err sa_accepted_set(sa_accepted *accepted, const uint8_t *msg,
    size_t len, size_t planes)
{
    const sa_bytes compared = { msg, len - planes };

    accepted->len = len;
    accepted->compared = compared.len;
    return sa_sha256(accepted->digest, &compared, 1);
}

secagg_err sa_accepted_compare(const sa_accepted *accepted,
    const uint8_t *msg, size_t len, bool *repeats)
{
    const sa_bytes compared = { msg, accepted->compared };
    uint8_t digest[SECAGG_DIGEST_BYTES];

    *repeats = false;
    if (len != accepted->len)
        return SECAGG_OK;
    SA_TRY(sa_sha256(digest, &compared, 1));
    *repeats = sa_ct_equal(digest, accepted->digest, sizeof digest);
    return SECAGG_OK;
}
