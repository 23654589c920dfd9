/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/state_seal.h"

#include <sodium.h>
#include <string.h>

#include "core/mem.h"
#include "core/wire.h"
#include "crypto/hash.h"

#define VERSION 1
#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

static const char magic[4] = { 'L', 'S', 'A', 'S' };

/* ---- the head ----------------------------------------------------------- */

static void write_head(uint8_t out[SA_STATE_HEAD_BYTES],
    const sa_state_head *head)
{
    sa_writer w = sa_writer_on(out, SA_STATE_HEAD_BYTES);

    sa_write_bytes(&w, magic, sizeof magic);
    sa_write_u16(&w, VERSION);
    sa_write_u16(&w, 0);
    sa_write_u64(&w, head->generation);
    sa_write_u32(&w, head->index);
    sa_write_bytes(&w, head->context, sizeof head->context);
}

secagg_err sa_state_read_head(sa_state_head *head, const uint8_t *sealed,
    size_t len, const sa_state_wanted *wanted)
{
    sa_reader r = sa_reader_on(sealed, len);
    uint16_t version, zero;
    char name[sizeof magic];

    if (len < SA_STATE_SEAL_EXTRA)
        return SECAGG_ERR_MESSAGE;
    sa_read_bytes(&r, name, sizeof name);
    version = sa_read_u16(&r);
    zero = sa_read_u16(&r);
    head->generation = sa_read_u64(&r);
    head->index = sa_read_u32(&r);
    sa_read_bytes(&r, head->context, sizeof head->context);
    if (!sa_ct_equal(name, magic, sizeof magic) || version != VERSION
        || zero != 0)
        return SECAGG_ERR_MESSAGE;
    if ((wanted->index >= 0 && wanted->index != (int64_t)head->index)
        || (wanted->context != NULL && !sa_ct_equal(wanted->context,
            head->context, sizeof head->context)))
        return SECAGG_ERR_AUTH;
    return head->generation >= wanted->least_generation ? SECAGG_OK
                                                        : SECAGG_ERR_STALE;
}

/* ---- keys and nonce ----------------------------------------------------- */

/* key = Derive(the host's key, name, H_ctx || be32 index). */
static secagg_err derive(uint8_t key[SECAGG_SEED_BYTES], const char *name,
    const sa_state_head *head, const uint8_t host_key[SECAGG_SEED_BYTES])
{
    uint8_t context[SECAGG_DIGEST_BYTES + 4];
    sa_writer w = sa_writer_on(context, sizeof context);

    sa_write_bytes(&w, head->context, sizeof head->context);
    sa_write_u32(&w, head->index);
    return sa_expand(key, SECAGG_SEED_BYTES, host_key, name, context,
        sizeof context);
}

/* The nonce is HMAC-SHA-256 of head and state (FIPS 198-1), truncated to 24
 * bytes. */
static secagg_err make_nonce(uint8_t nonce[NONCE], const sa_state_head *head,
    const uint8_t clear[SA_STATE_HEAD_BYTES], const uint8_t *state, size_t len,
    const uint8_t host_key[SECAGG_SEED_BYTES])
{
    const sa_bytes text[] = { { clear, SA_STATE_HEAD_BYTES }, { state, len } };
    uint8_t key[SECAGG_SEED_BYTES], tag[SECAGG_DIGEST_BYTES];
    secagg_err err;

    SA_TRY(derive(key, "save nonce", head, host_key));
    err = sa_hmac(tag, key, text);
    if (err == SECAGG_OK)
        memcpy(nonce, tag, NONCE);
    sa_wipe(key, sizeof key);
    return err;
}

/* ---- sealing ------------------------------------------------------------ */

secagg_err sa_state_seal(uint8_t *sealed, const sa_state_head *head,
    const uint8_t *state, size_t len, const uint8_t key[SECAGG_SEED_BYTES])
{
    uint8_t *nonce = sealed + SA_STATE_HEAD_BYTES;
    uint8_t derived[SECAGG_SEED_BYTES];
    secagg_err err;

    write_head(sealed, head);
    err = make_nonce(nonce, head, sealed, state, len, key);
    if (err == SECAGG_OK)
        err = derive(derived, "save key", head, key);
    if (err == SECAGG_OK
        && crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE, NULL,
            state, len, sealed, SA_STATE_HEAD_BYTES, NULL, nonce, derived)
            != 0)
        err = SECAGG_ERR_CRYPTO;
    sa_wipe(derived, sizeof derived);
    return err;
}

secagg_err sa_state_open(uint8_t *state, const sa_state_head *head,
    const uint8_t *sealed, size_t len, const uint8_t key[SECAGG_SEED_BYTES])
{
    const uint8_t *nonce = sealed + SA_STATE_HEAD_BYTES;
    uint8_t derived[SECAGG_SEED_BYTES];
    int failed;

    SA_TRY(derive(derived, "save key", head, key));
    failed = crypto_aead_xchacha20poly1305_ietf_decrypt(state, NULL, NULL,
        nonce + NONCE, len - SA_STATE_HEAD_BYTES - NONCE, sealed,
        SA_STATE_HEAD_BYTES, nonce, derived);
    sa_declassify(&failed, sizeof failed);
    sa_wipe(derived, sizeof derived);
    return failed == 0 ? SECAGG_OK : SECAGG_ERR_AUTH;
}

secagg_err sa_state_unseal(uint8_t **state, sa_state_head *head,
    const uint8_t *sealed, size_t len, const uint8_t key[SECAGG_SEED_BYTES],
    const sa_state_wanted *wanted)
{
    uint8_t *opened;
    secagg_err err;

    SA_TRY(sa_state_read_head(head, sealed, len, wanted));
    opened = sa_alloc(len - SA_STATE_SEAL_EXTRA, 1);
    if (opened == NULL)
        return SECAGG_ERR_MEMORY;
    err = sa_state_open(opened, head, sealed, len, key);
    if (err == SECAGG_OK)
        *state = opened;
    else
        sa_free(opened);
    return err;
}
