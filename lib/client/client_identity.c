/* SPDX-License-Identifier: Apache-2.0 */
/* client_identity: the public functions for the identity of a client and for
 * those that it trusts (PROTOCOL.md 3.5). */
#include <secagg/identity.h>

#include <string.h>

#include "client/client_state.h"
#include "core/mem.h"

/* ---- the own identity --------------------------------------------------- */

static secagg_err may_identify(const secagg_client *c)
{
    if (!sa_params_active(c->params))
        return SECAGG_ERR_POLICY;
    return c->phase < SECAGG_PHASE_DONE && !c->secret.signer.ready
        ? SECAGG_OK : SECAGG_ERR_STATE;
}

/* Accept a signer. After a resume its identity must be the one in the state. */
static secagg_err accept_signer(secagg_client *c, const sa_signer *signer)
{
    if (c->has_id && !sa_ct_equal(c->id, signer->id, sizeof c->id))
        return SECAGG_ERR_AUTH;
    memcpy(c->id, signer->id, sizeof c->id);
    c->has_id = true;
    c->secret.signer = *signer;
    return SECAGG_OK;
}

secagg_err secagg_client_identify(secagg_client *c,
    const uint8_t secret_key[SECAGG_SECRETKEY_BYTES])
{
    sa_signer signer;
    secagg_err err;

    SA_TRY(may_identify(c));
    err = sa_signer_key(&signer, secret_key);
    if (err == SECAGG_OK)
        err = accept_signer(c, &signer);
    sa_wipe(&signer, sizeof signer);
    return err;
}

secagg_err secagg_client_identify_with(secagg_client *c,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES], secagg_sign_fn *sign,
    void *user)
{
    sa_signer signer;

    SA_TRY(may_identify(c));
    SA_TRY(sa_signer_callback(&signer, public_key, sign, user));
    return accept_signer(c, &signer);
}

secagg_err secagg_client_present(secagg_client *c, const uint8_t *credential,
    size_t len)
{
    if (!sa_params_active(c->params))
        return SECAGG_ERR_POLICY;
    if (c->phase != SECAGG_PHASE_KEYS || c->built || c->credential != NULL)
        return SECAGG_ERR_STATE;
    if (len > SECAGG_CREDENTIAL_MAX)
        return SECAGG_ERR_SIZE;
    c->credential = sa_alloc(1 + len, 1); /* not NULL for an empty one, too */
    if (c->credential == NULL)
        return SECAGG_ERR_MEMORY;
    if (len > 0)
        memcpy(c->credential, credential, len);
    c->credential_len = len;
    return SECAGG_OK;
}

/* ---- trust -------------------------------------------------------------- */

static secagg_err may_trust(const secagg_client *c)
{
    if (!sa_params_active(c->params))
        return SECAGG_ERR_POLICY;
    return c->phase == SECAGG_PHASE_KEYS ? SECAGG_OK : SECAGG_ERR_STATE;
}

/* Returns the key of an index that came with a saved state, or NULL. */
static const uint8_t *key_in_state(const secagg_client *c, uint32_t index)
{
    static const uint8_t none[SECAGG_PUBLIC_BYTES];

    if (!c->resumed || index >= c->params->own.clients)
        return NULL;
    if (c->ids == NULL)
        return sa_trust_key(&c->trust, index);
    return sa_ct_equal(c->ids[index], none, sizeof none) ? NULL
                                                         : c->ids[index];
}

secagg_err secagg_client_trust(secagg_client *c, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    const uint8_t *key = key_in_state(c, index);

    if (key != NULL) /* 11.1 */
        return sa_ct_equal(key, public_key, SECAGG_PUBLIC_BYTES)
            ? SECAGG_OK : SECAGG_ERR_AUTH;
    SA_TRY(may_trust(c));
    return sa_trust_add(&c->trust, index, public_key);
}

secagg_err secagg_client_trust_whole(secagg_client *c)
{
    SA_TRY(may_trust(c));
    return sa_trust_whole(&c->trust);
}

secagg_err secagg_client_trust_with(secagg_client *c,
    secagg_verify_fn *verify, void *user)
{
    SA_TRY(may_trust(c));
    return sa_trust_with(&c->trust, verify, user);
}
