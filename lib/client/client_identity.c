/* SPDX-License-Identifier: Apache-2.0 */
/* client_identity: the public functions for the identity of a client and for
 * those that it trusts (PROTOCOL.md 3.5). */
#include <secagg/identity.h>

#include <inttypes.h>
#include <string.h>

#include "client/client_state.h"
#include "core/mem.h"
#include "core/reason.h"

/* ---- the own identity --------------------------------------------------- */

static secagg_err require_active(secagg_client *c)
{
    SA_CLIENT_REQUIRE(sa_params_active(c->params), SECAGG_ERR_POLICY, c,
        "the session is semi-honest: it has no identities");
    return SECAGG_OK;
}

static secagg_err may_identify(secagg_client *c)
{
    SA_TRY(require_active(c));
    SA_CLIENT_REQUIRE(c->phase < SECAGG_PHASE_DONE, SECAGG_ERR_STATE, c,
        "the session is over: the phase is %s", sa_phase_name(c->phase));
    SA_CLIENT_REQUIRE(!c->secret.signer.ready, SECAGG_ERR_STATE, c,
        "the client has a signing key or function already");
    return SECAGG_OK;
}

/* Accept a signer. After a resume its identity must be the one in the state. */
static secagg_err accept_signer(secagg_client *c, const sa_signer *signer)
{
    SA_CLIENT_REQUIRE(!c->has_id
            || sa_ct_equal(c->id, signer->id, sizeof c->id),
        SECAGG_ERR_AUTH, c, "the identity of client %" PRIu32 " in the saved "
        "state is another key", c->index);
    memcpy(c->id, signer->id, sizeof c->id);
    c->has_id = true;
    c->secret.signer = *signer;
    return SECAGG_OK;
}

static secagg_err identify(secagg_client *c, const uint8_t *secret_key)
{
    sa_signer signer;
    secagg_err err;

    SA_TRY(may_identify(c));
    err = sa_signer_key(&signer, secret_key);
    SA_CLIENT_REQUIRE(err == SECAGG_OK, err, c, "the second half of the %d "
        "bytes is not the public key of the first", SECAGG_SECRETKEY_BYTES);
    err = accept_signer(c, &signer);
    sa_wipe(&signer, sizeof signer);
    return err;
}

secagg_err secagg_client_identify(secagg_client *c,
    const uint8_t secret_key[SECAGG_SECRETKEY_BYTES])
{
    return sa_client_end(c, identify(c, secret_key));
}

static secagg_err identify_with(secagg_client *c, const uint8_t *public_key,
    secagg_sign_fn *sign, void *user)
{
    sa_signer signer;
    secagg_err err;

    SA_TRY(may_identify(c));
    err = sa_signer_callback(&signer, public_key, sign, user);
    SA_CLIENT_REQUIRE(err == SECAGG_OK, err, c,
        "the identity is not a valid public key");
    return accept_signer(c, &signer);
}

secagg_err secagg_client_identify_with(secagg_client *c,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES], secagg_sign_fn *sign,
    void *user)
{
    return sa_client_end(c, identify_with(c, public_key, sign, user));
}

static secagg_err present(secagg_client *c, const uint8_t *credential,
    size_t len)
{
    SA_TRY(require_active(c));
    SA_CLIENT_REQUIRE(c->phase == SECAGG_PHASE_KEYS && !c->built,
        SECAGG_ERR_STATE, c, "KEYS is built: the phase is %s",
        sa_phase_name(c->phase));
    SA_CLIENT_REQUIRE(c->credential == NULL, SECAGG_ERR_STATE, c,
        "the client has a credential of %zu bytes already", c->credential_len);
    SA_CLIENT_REQUIRE(len <= SECAGG_CREDENTIAL_MAX, SECAGG_ERR_SIZE, c,
        "the credential has %zu bytes, over %d", len, SECAGG_CREDENTIAL_MAX);
    c->credential = sa_alloc(1 + len, 1); /* not NULL for an empty one, too */
    if (c->credential == NULL)
        return SECAGG_ERR_MEMORY;
    if (len > 0)
        memcpy(c->credential, credential, len);
    c->credential_len = len;
    return SECAGG_OK;
}

secagg_err secagg_client_present(secagg_client *c, const uint8_t *credential,
    size_t len)
{
    return sa_client_end(c, present(c, credential, len));
}

/* ---- trust -------------------------------------------------------------- */

static secagg_err may_trust(secagg_client *c)
{
    SA_TRY(require_active(c));
    SA_CLIENT_REQUIRE(c->phase == SECAGG_PHASE_KEYS, SECAGG_ERR_STATE, c,
        "the roster is accepted, or the session over: the phase is %s",
        sa_phase_name(c->phase));
    return SECAGG_OK;
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

static secagg_err trust(secagg_client *c, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    const uint8_t *key = key_in_state(c, index);

    SA_CLIENT_REQUIRE(key == NULL
            || sa_ct_equal(key, public_key, SECAGG_PUBLIC_BYTES),
        SECAGG_ERR_AUTH, c, "the saved state has another key for client %"
        PRIu32, index); /* 11.1 */
    if (key != NULL)
        return SECAGG_OK;
    SA_TRY(may_trust(c));
    return sa_trust_add(&c->trust, index, public_key);
}

secagg_err secagg_client_trust(secagg_client *c, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    return sa_client_end(c, trust(c, index, public_key));
}

secagg_err secagg_client_trust_whole(secagg_client *c)
{
    secagg_err err = may_trust(c);

    if (err == SECAGG_OK)
        err = sa_trust_whole(&c->trust);
    return sa_client_end(c, err);
}

secagg_err secagg_client_trust_with(secagg_client *c,
    secagg_verify_fn *verify, void *user)
{
    secagg_err err = may_trust(c);

    if (err == SECAGG_OK)
        err = sa_trust_with(&c->trust, verify, user);
    return sa_client_end(c, err);
}
