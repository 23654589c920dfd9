/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of agreement, schedule, roster, sealed and signatures (PROTOCOL.md 3.3
 * to 3.11). */
#include <sodium.h>
#include <string.h>

#include "core/bits.h"
#include "core/wire.h"
#include "crypto/ed25519.h"
#include "crypto/identity.h"
#include "crypto/share_key.h"
#include "crypto/share_seal.h"
#include "crypto/state_seal.h"
#include "crypto/x25519.h"
#include "session/key_schedule.h"
#include "session/roster.h"
#include "vectors/vectors.h"

/* ---- agreement ---------------------------------------------------------- */

static void run_public_key(vec *v)
{
    uint8_t point[32];

    if (vec_check(v, sa_x25519_public(point, vec_fixed(v, "secret", 32))))
        vec_expect_bytes(v, "point", point, sizeof point);
}

static void run_agreement(vec *v)
{
    const uint8_t *secret = vec_fixed(v, "secret", 32);
    const uint8_t *point = vec_fixed(v, "point", 32);
    uint8_t shared[32];
    const secagg_err err = sa_x25519(shared, secret, point);

    if (sa_x25519_valid(point) != (err == SECAGG_OK))
        vec_fail(v, "point: the check of the point and X25519 disagree");
    if (vec_check(v, err))
        vec_expect_bytes(v, "shared", shared, sizeof shared);
}

/* ---- schedule ----------------------------------------------------------- */

/* H_ros and round, to which most derived values are bound. */
static sa_binding binding_of(vec *v)
{
    sa_binding binding = { { 0 }, vec_u64(v, "round") };

    memcpy(binding.roster, vec_fixed(v, "hRos", 32), 32);
    return binding;
}

static void expect(vec *v, const char *name, secagg_err err,
    const uint8_t got[32])
{
    if (vec_check(v, err))
        vec_expect_bytes(v, name, got, 32);
}

static void run_client_secrets(vec *v)
{
    const uint8_t *ctx = vec_fixed(v, "hCtx", 32);
    const sa_binding binding = binding_of(v);
    uint8_t prk[32], enc[32], omega[32], mask[32], out[32];

    expect(v, "prk", sa_derive_prk(prk, ctx,
        vec_fixed(v, "masterSeed", 32)), prk);
    expect(v, "encSecret", sa_derive_enc_key(enc, prk), enc);
    expect(v, "encPoint", sa_x25519_public(out, enc), out);
    expect(v, "omega", sa_derive_mask_secret(omega, prk), omega);
    expect(v, "maskSecret", sa_derive_mask_key(mask, ctx, omega,
        vec_u32(v, "index")), mask);
    expect(v, "maskPoint", sa_x25519_public(out, mask), out);
    expect(v, "beta", sa_derive_self_secret(out, prk, &binding), out);
    expect(v, "polyBeta", sa_derive_poly_seed(out, prk, 0, &binding), out);
    expect(v, "polyOmega", sa_derive_poly_seed(out, prk, 1, &binding), out);
}

static void run_rounding_seed(vec *v)
{
    uint8_t out[32];

    expect(v, "seed", sa_derive_rounding_seed(out, vec_fixed(v, "prk", 32),
        vec_u64(v, "round")), out);
}

static void run_share_key(vec *v)
{
    const uint8_t *ros = vec_fixed(v, "hRos", 32);
    const uint8_t *dealer_key = vec_fixed(v, "encSecretDealer", 32);
    const uint8_t *holder_key = vec_fixed(v, "encSecretHolder", 32);
    const uint8_t *dealer_point = vec_fixed(v, "encDealer", 32);
    const uint8_t *holder_point = vec_fixed(v, "encHolder", 32);
    uint8_t prk[32], out[32];

    expect(v, "encDealer", sa_x25519_public(out, dealer_key), out);
    expect(v, "encHolder", sa_x25519_public(out, holder_key), out);
    expect(v, "pairPrk", sa_share_prk(prk, ros, dealer_key, holder_point),
        prk);
    expect(v, "pairPrk", sa_share_prk(prk, ros, holder_key, dealer_point),
        prk);
    expect(v, "key", sa_share_key(out, prk, vec_u32(v, "kind"),
        vec_u64(v, "round"), vec_u32(v, "dealer"), vec_u32(v, "holder"),
        dealer_point, holder_point), out);
}

static void run_pair_seed(vec *v)
{
    const sa_binding binding = binding_of(v);
    const uint32_t u = vec_u32(v, "index"), w = vec_u32(v, "peer");
    const uint8_t *key = vec_fixed(v, "maskSecret", 32);
    const uint8_t *own = vec_fixed(v, "maskPoint", 32);
    const uint8_t *peer = vec_fixed(v, "peerPoint", 32);
    const uint8_t *u2 = vec_fixed(v, "hU2", 32);
    uint8_t shared[32], out[32];

    expect(v, "maskPoint", sa_x25519_public(out, key), out);
    if (!vec_ok(v, sa_x25519(shared, key, peer)))
        return;
    expect(v, "seed", sa_derive_pair_seed(out, &binding, shared, u, w, own,
        peer, u2), out);
    expect(v, "seed", sa_derive_pair_seed(out, &binding, shared, w, u, peer,
        own, u2), out);
}

static void run_self_seed(vec *v)
{
    const sa_binding binding = binding_of(v);
    uint8_t out[32];

    expect(v, "seed", sa_derive_self_seed(out, &binding,
        vec_fixed(v, "beta", 32), vec_u32(v, "index"),
        vec_fixed(v, "hU2", 32)), out);
}

static void run_commitment(vec *v)
{
    const sa_binding binding = binding_of(v);
    uint8_t out[32];

    expect(v, "com", sa_commitment(out, &binding, vec_u32(v, "index"),
        vec_fixed(v, "beta", 32)), out);
}

static void run_set_digest(vec *v)
{
    const sa_binding binding = binding_of(v);
    const uint32_t n = vec_u32(v, "clients"), set = vec_u32(v, "set");
    const uint8_t *digest = vec_fixed(v, "appDigest", 32);
    const uint8_t *map = vec_sized(v, "bitmap", sa_bitmap_bytes(n));
    uint8_t out[32];

    if (map != NULL)
        expect(v, "digest", sa_set_digest(out, &binding, digest, set, n, map),
            out);
}

/* ---- roster ------------------------------------------------------------- */

/* Returns false unless the entries are distinct clients below n. */
static bool add_entries(vec *v, sa_roster *roster)
{
    const vec_bytes in = vec_hex(v, "entries");
    sa_reader r = sa_reader_on(in.ptr, in.len);

    while (r.left > 0 && !r.failed) {
        const uint32_t index = sa_read_u32(&r);
        const uint8_t *points = sa_read_view(&r, 64);
        sa_identity identity = { NULL, NULL, { NULL, 0 } };
        if (roster->id != NULL) {
            identity.id = sa_read_view(&r, 32);
            identity.signature = sa_read_view(&r, 64);
            identity.credential.len = sa_read_u16(&r);
            identity.credential.ptr = sa_read_view(&r,
                identity.credential.len);
        }
        if (r.failed || index >= roster->n
            || sa_bitmap_has(roster->map, index))
            return false;
        sa_roster_add(roster, index, points, points + 32, &identity);
    }
    return !r.failed;
}

static void run_roster(vec *v)
{
    const uint32_t n = vec_up_to(v, "clients", SECAGG_RING_MAX);
    const bool is_signed = vec_bool(v, "signed");
    const uint8_t *ctx = vec_fixed(v, "hCtx", 32);
    const uint8_t *seed = vec_fixed(v, "graphSeed", 32);
    sa_roster roster;
    uint8_t root[32], digest[32];

    if (v->failure[0] != '\0' || !vec_ok(v, sa_roster_init(&roster, n,
        is_signed)))
        return;
    if (!add_entries(v, &roster) || roster.present == 0)
        vec_fail(v, "entries: not a list of clients");
    else {
        expect(v, "root", sa_roster_root(&roster, root), root);
        expect(v, "hRos", sa_roster_digest(digest, ctx, seed, roster.present,
            root), digest);
        vec_expect_int(v, "present", roster.present);
    }
    sa_roster_free(&roster);
}

/* ---- sealed ------------------------------------------------------------- */

static sa_share_id id_of(vec *v)
{
    return (sa_share_id){ vec_fixed(v, "hRos", 32), vec_u64(v, "round"),
        vec_u32(v, "kind"), vec_u32(v, "dealer"), vec_u32(v, "holder") };
}

static void run_seal(vec *v)
{
    const sa_share_id id = id_of(v);
    uint8_t sealed[SA_SEALED_SHARE_BYTES];

    if (vec_check(v, sa_share_seal(sealed, vec_fixed(v, "key", 32), &id,
        vec_fixed(v, "share", 32))))
        vec_expect_bytes(v, "sealed", sealed, sizeof sealed);
}

/* The library returns AUTH for every share that does not open; the file has
 * MESSAGE if the plaintext is not a canonical scalar. */
static void run_open(vec *v)
{
    const sa_share_id id = id_of(v);
    uint8_t share[32];
    const secagg_err err = sa_share_open(share, vec_fixed(v, "key", 32), &id,
        vec_fixed(v, "sealed", SA_SEALED_SHARE_BYTES));

    if (err == SECAGG_ERR_AUTH && strcmp(v->error, "MESSAGE") == 0)
        return;
    if (vec_check(v, err))
        vec_expect_bytes(v, "share", share, sizeof share);
}

/* Calls libsodium, since the library seals with a fixed nonce and its own AAD
 * only. */
static void run_aead(vec *v)
{
    const vec_bytes aad = vec_hex(v, "aad"), text = vec_hex(v, "plaintext");
    uint8_t *out = vec_alloc(v, text.len + 16, 1);

    crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, text.ptr, text.len,
        aad.ptr, aad.len, NULL, vec_fixed(v, "nonce", 12),
        vec_fixed(v, "key", 32));
    if (vec_check(v, SECAGG_OK))
        vec_expect_bytes(v, "ciphertext", out, text.len + 16);
}

/* Calls the function of libsodium that share_seal.c opens shares with. */
static void run_aead_open(vec *v)
{
    const vec_bytes aad = vec_hex(v, "aad"), in = vec_hex(v, "ciphertext");
    uint8_t *out = vec_alloc(v, in.len, 1);
    const bool opens = crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL,
        NULL, in.ptr, in.len, aad.ptr, aad.len, vec_fixed(v, "nonce", 12),
        vec_fixed(v, "key", 32)) == 0;

    if (vec_check(v, opens ? SECAGG_OK : SECAGG_ERR_AUTH))
        vec_expect_bytes(v, "plaintext", out, in.len - 16);
}

/* ---- states ------------------------------------------------------------- */

/* The derived keys are for the reader: the sealed state depends on both. */
static void run_seal_state(vec *v)
{
    const vec_bytes state = vec_hex(v, "state");
    sa_state_head head = { vec_u64(v, "generation"), vec_u32(v, "index"),
        { 0 } };
    uint8_t context[36], derived[32];
    uint8_t *sealed = vec_alloc(v, state.len + SA_STATE_SEAL_EXTRA, 1);
    const uint8_t *key = vec_fixed(v, "key", 32);

    memcpy(head.context, vec_fixed(v, "hCtx", 32), 32);
    memcpy(context, head.context, 32);
    sa_put_be32(context + 32, head.index);
    expect(v, "saveKey", sa_expand(derived, 32, key, "save key", context,
        sizeof context), derived);
    expect(v, "nonceKey", sa_expand(derived, 32, key, "save nonce", context,
        sizeof context), derived);
    if (vec_check(v, sa_state_seal(sealed, &head, state.ptr, state.len, key)))
        vec_expect_bytes(v, "sealed", sealed,
            state.len + SA_STATE_SEAL_EXTRA);
}

static void run_open_state(vec *v)
{
    const vec_bytes sealed = vec_hex(v, "sealed"), ctx = vec_hex(v, "hCtx");
    sa_state_wanted wanted = { vec_u64(v, "least"), -1,
        ctx.len == 32 ? ctx.ptr : NULL };
    uint8_t *state = vec_alloc(v, sealed.len, 1);
    size_t count;
    const uint32_t *index = vec_u32s(v, "index", &count);
    sa_state_head head;
    secagg_err err;

    if (count > 0)
        wanted.index = index[0];
    err = sa_state_read_head(&head, sealed.ptr, sealed.len, &wanted);
    if (err == SECAGG_OK)
        err = sa_state_open(state, &head, sealed.ptr, sealed.len,
            vec_fixed(v, "key", 32));
    if (!vec_check(v, err))
        return;
    vec_expect_u64(v, "generation", head.generation);
    vec_expect_bytes(v, "state", state, sealed.len - SA_STATE_SEAL_EXTRA);
}

/* ---- signatures --------------------------------------------------------- */

/* Compares the signed bytes and the signature, and verifies the signature. */
static void check_signed(vec *v, const sa_signed *what)
{
    uint8_t key[SECAGG_SECRETKEY_BYTES], signature[SECAGG_SIGNATURE_BYTES];
    sa_signer signer = { 0 };

    memcpy(key, vec_fixed(v, "secret", 32), 32);
    memcpy(key + 32, vec_fixed(v, "public", 32), 32);
    vec_expect_bytes(v, "text", what->text, what->len);
    if (vec_ok(v, sa_signer_key(&signer, key))
        && vec_check(v, sa_signer_sign(&signer, signature, what)))
        vec_expect_bytes(v, "signature", signature, sizeof signature);
    vec_ok(v, sa_ed25519_verify(signature, what->text, what->len, key + 32));
}

static void run_keys_text(vec *v)
{
    const vec_bytes credential = vec_hex(v, "credential");
    const sa_identity identity = { vec_fixed(v, "public", 32), NULL,
        { credential.ptr, credential.len } };
    uint8_t digest[SECAGG_DIGEST_BYTES];
    sa_signed what;

    if (vec_ok(v, sa_signed_keys(&what, vec_fixed(v, "hCtx", 32),
        vec_u32(v, "index"), vec_fixed(v, "enc", 32),
        vec_fixed(v, "mask", 32), &identity)))
        check_signed(v, &what);
    if (vec_ok(v, sa_hash(digest, "LSA1 credential", &identity.credential, 1)))
        vec_expect_bytes(v, "credentialDigest", digest, sizeof digest);
}

static void run_confirm_text(vec *v)
{
    sa_signed what;

    sa_signed_confirm(&what, vec_fixed(v, "hCtx", 32),
        vec_fixed(v, "hRos", 32), vec_u64(v, "round"), vec_u32(v, "index"),
        vec_fixed(v, "hU2", 32), vec_fixed(v, "hU3", 32));
    check_signed(v, &what);
}

/* A key that is not valid cannot be trusted, so its signatures are AUTH. */
static void run_verify(vec *v)
{
    const uint8_t *key = vec_fixed(v, "public", 32);
    const uint8_t *signature = vec_fixed(v, "signature", 64);
    const vec_bytes text = vec_hex(v, "text");

    vec_check(v, sa_ed25519_valid(key)
        ? sa_ed25519_verify(signature, text.ptr, text.len, key)
        : SECAGG_ERR_AUTH);
}

/* What the equations say of the encoded points is for the reader: a signature
 * is valid only if both hold. */
static void run_equation(vec *v)
{
    const bool without = vec_bool(v, "withoutCofactor");
    const bool with = vec_bool(v, "withCofactor");

    if (v->error[0] == '\0' && !(without && with))
        vec_fail(v, "a valid signature satisfies both equations");
    run_verify(v);
}

static void run_trusted_key(vec *v)
{
    sa_trust trust = { .n = 1, .own = 1 };

    vec_check(v, sa_trust_add(&trust, 0, vec_fixed(v, "public", 32)));
    sa_trust_free(&trust);
}

const vec_type vec_keys[] = {
    { "PublicKey", "", "secret point", run_public_key },
    { "Agreement", "", "secret point shared", run_agreement },
    { "ClientSecrets", "", "hCtx hRos round index masterSeed prk encSecret "
                           "encPoint omega maskSecret maskPoint beta "
                           "polyBeta polyOmega", run_client_secrets },
    { "RoundingSeed", "", "prk round seed", run_rounding_seed },
    { "ShareKey", "", "hRos encSecretDealer encSecretHolder encDealer "
                      "encHolder kind round dealer holder pairPrk key",
        run_share_key },
    { "PairSeed", "", "hRos hU2 round index peer maskSecret maskPoint "
                      "peerPoint seed", run_pair_seed },
    { "SelfSeed", "", "hRos hU2 round index beta seed", run_self_seed },
    { "Commitment", "", "hRos round index beta com", run_commitment },
    { "SetDigest", "", "hRos round appDigest set clients bitmap digest",
        run_set_digest },
    { "Roster", "", "hCtx graphSeed clients signed present entries root hRos",
        run_roster },
    { "Seal", "", "key hRos round kind dealer holder share sealed",
        run_seal },
    { "Open", "", "key hRos round kind dealer holder sealed share",
        run_open },
    { "SealState", "", "key generation index hCtx state saveKey nonceKey "
                       "sealed", run_seal_state },
    { "OpenState", "", "key least index hCtx sealed generation state",
        run_open_state },
    { "Aead", "", "key nonce aad plaintext ciphertext", run_aead },
    { "AeadOpen", "", "key nonce aad ciphertext plaintext", run_aead_open },
    { "KeysText", "", "hCtx index enc mask credential credentialDigest "
                      "secret public text signature",
        run_keys_text },
    { "ConfirmText", "", "hCtx hRos round index hU2 hU3 secret public text "
                         "signature", run_confirm_text },
    { "Verify", "", "public text signature", run_verify },
    { "Equation", "", "public text signature withoutCofactor withCofactor",
        run_equation },
    { "TrustedKey", "", "public", run_trusted_key },
    { NULL, NULL, NULL, NULL },
};
