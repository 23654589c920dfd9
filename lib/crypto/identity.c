/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/identity.h"

#include <inttypes.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "core/reason.h"
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

secagg_err sa_signed_keys(sa_signed *s, const uint8_t context[32],
    uint32_t index, const uint8_t enc[32], const uint8_t mask[32],
    const sa_identity *identity)
{
    uint8_t digest[SECAGG_DIGEST_BYTES];

    SA_TRY(sa_hash(digest, "LSA1 credential", &identity->credential, 1));
    start(s, "LSA1 keys");
    put(s, context);
    put_u32(s, index);
    put(s, enc);
    put(s, mask);
    put(s, identity->id);
    put(s, digest);
    return SECAGG_OK;
}

secagg_err sa_identity_verify(const uint8_t context[32], uint32_t index,
    const uint8_t enc[32], const uint8_t mask[32],
    const sa_identity *identity)
{
    sa_signed msg;

    SA_TRY(sa_signed_keys(&msg, context, index, enc, mask, identity));
    return sa_ed25519_verify(identity->signature, msg.text, msg.len,
        identity->id);
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
    const uint8_t *public_key = secret_key + SECAGG_SECRETKEY_BYTES
        - SECAGG_PUBLIC_BYTES;
    const bool paired = sa_ed25519_is_pair(secret_key);

    sa_declassify(&paired, sizeof paired);
    if (!paired)
        return SECAGG_ERR_ARG;
    *signer = (sa_signer){ .ready = true };
    memcpy(signer->secret_key, secret_key, SECAGG_SECRETKEY_BYTES);
    memcpy(signer->id, public_key, sizeof signer->id);
    sa_declassify(signer->id, sizeof signer->id);
    return SECAGG_OK;
}

secagg_err sa_signer_callback(sa_signer *signer,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES], secagg_sign_fn *sign,
    void *user)
{
    if (!sa_ed25519_valid(public_key))
        return SECAGG_ERR_ARG;
    *signer = (sa_signer){ .sign = sign, .user = user, .ready = true };
    memcpy(signer->id, public_key, sizeof signer->id);
    return SECAGG_OK;
}

static secagg_err sign(const sa_signer *signer,
    uint8_t signature[SECAGG_SIGNATURE_BYTES], const sa_signed *msg)
{
    if (signer->sign != NULL)
        return signer->sign(signer->user, signature, msg->text, msg->len);
    return sa_ed25519_sign(signature, msg->text, msg->len,
        signer->secret_key);
}

secagg_err sa_signer_sign(const sa_signer *signer,
    uint8_t signature[SECAGG_SIGNATURE_BYTES], const sa_signed *msg)
{
    if (!signer->ready)
        return SECAGG_ERR_STATE;
    SA_TRY(sign(signer, signature, msg));
    sa_declassify(signature, SECAGG_SIGNATURE_BYTES);
    return sa_ed25519_verify(signature, msg->text, msg->len, signer->id);
}

/* ---- trust -------------------------------------------------------------- */

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

const uint8_t *sa_trust_key(const sa_trust *trust, uint32_t index)
{
    return trust->map != NULL && sa_bitmap_has(trust->map, index)
        ? trust->keys[index] : NULL;
}

static bool is_key(const uint8_t *key,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    return key != NULL
        && memcmp(key, public_key, SECAGG_PUBLIC_BYTES) == 0; /* public */
}

/* Returns another index that has this key, or n if none has. Its owner would
 * count as two clients. */
static uint32_t other_with(const sa_trust *trust, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    uint32_t i = 0;

    while (i < trust->n
        && (i == index || !is_key(sa_trust_key(trust, i), public_key)))
        i++;
    return i;
}

/* Keys may be added, and the list declared whole, unless a function decides. */
static secagg_err may_list(const sa_trust *trust)
{
    SA_REQUIRE(trust->verify == NULL, SECAGG_ERR_STATE, trust->reason,
        "the host has set a function that decides about identities");
    return SECAGG_OK;
}

secagg_err sa_trust_add(sa_trust *trust, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    char *reason = trust->reason;
    uint32_t other;

    SA_TRY(may_list(trust));
    SA_REQUIRE(!trust->declared_whole, SECAGG_ERR_STATE, reason,
        "the list of trusted keys was declared whole");
    SA_REQUIRE(index < trust->n, SECAGG_ERR_ARG, reason,
        "there is no client %" PRIu32 ": the session has %" PRIu32 " clients",
        index, trust->n);
    SA_REQUIRE(sa_ed25519_valid(public_key), SECAGG_ERR_ARG, reason,
        "the key for client %" PRIu32 " is not a valid public key", index);
    SA_TRY(allocate(trust));
    other = other_with(trust, index, public_key);
    SA_REQUIRE(other == trust->n, SECAGG_ERR_ARG, reason, "client %" PRIu32
        " has the key for client %" PRIu32 " already", other, index);
    if (sa_trust_key(trust, index) != NULL) {
        SA_REQUIRE(is_key(trust->keys[index], public_key), SECAGG_ERR_STATE,
            reason, "the list of trusted keys has another key for client %"
            PRIu32, index);
        return SECAGG_OK;
    }
    sa_bitmap_add(trust->map, index);
    memcpy(trust->keys[index], public_key, SECAGG_PUBLIC_BYTES);
    trust->count++;
    return SECAGG_OK;
}

secagg_err sa_trust_whole(sa_trust *trust)
{
    SA_TRY(may_list(trust));
    trust->declared_whole = true;
    return SECAGG_OK;
}

secagg_err sa_trust_with(sa_trust *trust, secagg_verify_fn *verify,
    void *user)
{
    SA_TRY(may_list(trust));
    SA_REQUIRE(trust->count == 0 && !trust->declared_whole, SECAGG_ERR_STATE,
        trust->reason, "there is a list of %" PRIu32 " trusted keys already",
        trust->count);
    trust->verify = verify;
    trust->user = user;
    return SECAGG_OK;
}

/* Returns whether the list is whole: it has a key for every index, except that
 * of the party itself. */
static bool is_whole(const sa_trust *trust)
{
    const bool is_client = trust->own < trust->n;
    const uint32_t keys = trust->count
        + (is_client && sa_trust_key(trust, trust->own) == NULL);

    return trust->declared_whole || keys == trust->n;
}

bool sa_trust_is_valid(const sa_trust *trust, uint32_t index,
    const uint8_t id[SECAGG_PUBLIC_BYTES])
{
    return is_key(sa_trust_key(trust, index), id) || sa_ed25519_valid(id);
}

secagg_err sa_trust_look_up(const sa_trust *trust, uint32_t index,
    const uint8_t id[SECAGG_PUBLIC_BYTES])
{
    const uint8_t *key = sa_trust_key(trust, index);

    if (trust->verify != NULL)
        return SECAGG_OK;
    SA_REQUIRE(key != NULL || is_whole(trust), SECAGG_ERR_STATE, trust->reason,
        "the list of trusted keys has no key for client %" PRIu32 " yet and is "
        "not whole: add the key and pass the message again", index);
    SA_REQUIRE(key != NULL, SECAGG_ERR_AUTH, trust->reason, "the list of "
        "trusted keys is whole and has no key for client %" PRIu32, index);
    SA_REQUIRE(is_key(key, id), SECAGG_ERR_AUTH, trust->reason, "the list of "
        "trusted keys has another key for client %" PRIu32, index);
    return SECAGG_OK;
}

secagg_err sa_trust_ask(const sa_trust *trust, uint32_t index,
    const sa_identity *identity)
{
    secagg_err answer;

    if (trust->verify == NULL)
        return SECAGG_OK;
    answer = trust->verify(trust->user, index, identity->id,
        identity->credential.ptr, identity->credential.len);
    SA_REQUIRE(answer != SECAGG_ERR_STATE, answer, trust->reason, "the host "
        "does not know yet whether to trust the identity of client %" PRIu32
        ": pass the message again", index);
    SA_REQUIRE(answer == SECAGG_OK, SECAGG_ERR_AUTH, trust->reason, "the host "
        "does not trust the identity of client %" PRIu32 ": its function "
        "returned %d", index, (int)answer);
    return SECAGG_OK;
}
