/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/identity.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/ed25519.h"

/* ---- signed bytes (PROTOCOL.md 3.5) ------------------------------------- */

static void start(sa_signed *s, const char *label)
{
    s->len = strlen(label) + 1; /* includes the 00 */
    memcpy(s->text, label, s->len);
}

static void put(sa_signed *s, const uint8_t bytes[32])
{
    memcpy(s->text + s->len, bytes, 32);
    s->len += 32;
}

static void put_u32(sa_signed *s, uint32_t x)
{
    sa_put_be32(s->text + s->len, x);
    s->len += 4;
}

void sa_signed_keys(sa_signed *s, const uint8_t context[32], uint32_t index,
    const uint8_t enc[32], const uint8_t mask[32])
{
    start(s, "LSA1 keys");
    put(s, context);
    put_u32(s, index);
    put(s, enc);
    put(s, mask);
}

void sa_signed_confirm(sa_signed *s, const uint8_t context[32],
    const uint8_t roster[32], uint64_t round, uint32_t index,
    const uint8_t u2[32], const uint8_t u3[32])
{
    start(s, "LSA1 confirm");
    put(s, context);
    put(s, roster);
    put_u32(s, (uint32_t)(round >> 32));
    put_u32(s, (uint32_t)(round & 0xffffffff));
    put_u32(s, index);
    put(s, u2);
    put(s, u3);
}

/* ---- signing ------------------------------------------------------------ */

secagg_err sa_signer_key(sa_signer *signer,
    const uint8_t secret_key[SECAGG_SECRETKEY_BYTES])
{
    const bool paired = sa_ed25519_is_pair(secret_key);

    sa_declassify(&paired, sizeof paired);
    if (!paired)
        return SECAGG_ERR_ARG;
    *signer = (sa_signer){ .ready = true };
    memcpy(signer->secret_key, secret_key, SECAGG_SECRETKEY_BYTES);
    return SECAGG_OK;
}

secagg_err sa_signer_sign(const sa_signer *signer,
    uint8_t signature[SECAGG_SIGNATURE_BYTES], const sa_signed *msg)
{
    if (!signer->ready)
        return SECAGG_ERR_STATE;
    if (signer->sign != NULL)
        return signer->sign(signer->user, signature, msg->text, msg->len);
    return sa_ed25519_sign(signature, msg->text, msg->len,
        signer->secret_key);
}

/* ---- trusted keys ------------------------------------------------------- */

void sa_trust_free(sa_trust *trust)
{
    sa_free(trust->map);
    sa_free(trust->keys);
    *trust = (sa_trust){ 0 };
}

static secagg_err allocate(sa_trust *trust)
{
    if (trust->map == NULL)
        trust->map = sa_alloc(sa_bitmap_bytes(trust->n), 1);
    if (trust->keys == NULL)
        trust->keys = sa_alloc(trust->n, sizeof *trust->keys);
    return trust->map != NULL && trust->keys != NULL ? SECAGG_OK
                                                     : SECAGG_ERR_MEMORY;
}

/* Returns whether another index has this key. Its owner would count as two
 * clients. */
static bool used_by_other(const sa_trust *trust, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    for (uint32_t i = 0; i < trust->n; i++)
        if (i != index && sa_bitmap_has(trust->map, i)
            && sa_ct_equal(trust->keys[i], public_key, SECAGG_PUBLIC_BYTES))
            return true;
    return false;
}

secagg_err sa_trust_add(sa_trust *trust, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    if (trust->verify != NULL)
        return SECAGG_ERR_STATE;
    if (index >= trust->n || !sa_ed25519_valid(public_key))
        return SECAGG_ERR_ARG;
    SA_TRY(allocate(trust));
    if (used_by_other(trust, index, public_key))
        return SECAGG_ERR_ARG;
    if (sa_bitmap_has(trust->map, index))
        return sa_ct_equal(trust->keys[index], public_key, SECAGG_PUBLIC_BYTES)
            ? SECAGG_OK : SECAGG_ERR_STATE;
    sa_bitmap_add(trust->map, index);
    memcpy(trust->keys[index], public_key, SECAGG_PUBLIC_BYTES);
    trust->count++;
    return SECAGG_OK;
}

secagg_err sa_trust_with(sa_trust *trust, secagg_verify_fn *verify,
    void *user)
{
    if (sa_trust_ready(trust))
        return SECAGG_ERR_STATE;
    trust->verify = verify;
    trust->user = user;
    return SECAGG_OK;
}

secagg_err sa_trust_verify(const sa_trust *trust, uint32_t index,
    const uint8_t signature[SECAGG_SIGNATURE_BYTES], const sa_signed *msg)
{
    if (trust->verify != NULL)
        return trust->verify(trust->user, index, signature, msg->text,
                   msg->len) == SECAGG_OK
            ? SECAGG_OK : SECAGG_ERR_AUTH;
    if (trust->map == NULL || !sa_bitmap_has(trust->map, index))
        return SECAGG_ERR_AUTH;
    return sa_ed25519_verify(signature, msg->text, msg->len,
        trust->keys[index]);
}
