/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors/vectors_trust.h"

#include <string.h>

static secagg_err error_of(const char *name)
{
    for (int code = 0; code >= -64; code--)
        if (strcmp(vec_error_name((secagg_err)code), name) == 0)
            return (secagg_err)code;
    return SECAGG_ERR_CRYPTO;
}

secagg_err verifier_ask(void *user, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES], const uint8_t *credential,
    size_t len)
{
    verifier *x = user;
    const verdict *call = &x->calls[x->next];

    if (x->next == x->count || call->index != index
        || memcmp(call->public_key, public_key, SECAGG_PUBLIC_BYTES) != 0
        || call->credential.len != len
        || (len > 0 && memcmp(call->credential.ptr, credential, len) != 0)) {
        vec_fail(x->v, "verifier: a call for client %u, not announced",
            (unsigned)index);
        return SECAGG_ERR_CRYPTO;
    }
    x->next++;
    return error_of(call->answer);
}

void verifier_announce(verifier *x, const verdict *call)
{
    verdict *grown = vec_alloc(x->v, x->count + 1, sizeof *grown);

    if (x->count > 0)
        memcpy(grown, x->calls, x->count * sizeof *grown);
    grown[x->count++] = *call;
    x->calls = grown;
}

void verifier_check(verifier *x, const char *where)
{
    if (x->next != x->count)
        vec_fail(x->v, "%s: the verifier was not called", where);
}
