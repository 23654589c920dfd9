/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of hash, field, shamir, decode, and HKDF of Wycheproof (PROTOCOL.md
 * 3.1, 3.2, 4). */
#include <sodium.h>
#include <string.h>

#include "core/mem.h"
#include "crypto/hash.h"
#include "crypto/reed_solomon.h"
#include "crypto/x25519.h"
#include "session/graph.h"
#include "session/key_schedule.h"
#include "vectors/vectors.h"

/* The maximum size of an output in a test; HKDF allows 8,160 bytes. */
#define SIZE_LIMIT 65536

/* ---- hash --------------------------------------------------------------- */

static void run_sha256(vec *v)
{
    const vec_bytes data = vec_hex(v, "data");
    const sa_bytes part = { data.ptr, data.len };
    uint8_t digest[32];

    if (vec_check(v, sa_sha256(digest, &part, 1)))
        vec_expect_bytes(v, "digest", digest, sizeof digest);
}

static void run_hash(vec *v)
{
    const vec_bytes data = vec_hex(v, "data");
    const sa_bytes parts[] = { { data.ptr, data.len / 2 },
        { data.ptr + data.len / 2, data.len - data.len / 2 } };
    uint8_t digest[32];

    if (vec_check(v, sa_hash(digest, vec_text(v, "label"), parts, 2)))
        vec_expect_bytes(v, "digest", digest, sizeof digest);
}

/* HMAC-SHA-256. Calls the library if key and text are as short as those of
 * LSA1, else libsodium, for published vectors. Zeros appended to a key change
 * nothing (RFC 2104, section 2). */
static secagg_err hmac(uint8_t out[32], vec_bytes key, const uint8_t *text,
    size_t len)
{
    uint8_t padded[32] = { 0 };
    crypto_auth_hmacsha256_state state;

    if (key.len <= sizeof padded && len <= SA_EXTRACT_MAX) {
        memcpy(padded, key.ptr, key.len);
        return sa_extract(out, padded, text, len);
    }
    crypto_auth_hmacsha256_init(&state, key.ptr, key.len);
    crypto_auth_hmacsha256_update(&state, text, len);
    crypto_auth_hmacsha256_final(&state, out);
    return SECAGG_OK;
}

static void run_extract(vec *v)
{
    const vec_bytes salt = vec_hex(v, "salt"), ikm = vec_hex(v, "ikm");
    uint8_t prk[32];

    if (vec_check(v, hmac(prk, salt, ikm.ptr, ikm.len)))
        vec_expect_bytes(v, "prk", prk, sizeof prk);
}

/* HKDF-Expand (RFC 5869, section 2.3) over HMAC, since the library computes it
 * under a label of LSA1 only. For too long an output it calls the library,
 * which must refuse it. */
static secagg_err expand(vec *v, uint8_t *out, size_t size, vec_bytes prk,
    vec_bytes info)
{
    uint8_t *in = vec_alloc(v, 32 + info.len + 1, 1);
    size_t before = 0;

    if (size > 255 * 32)
        return sa_expand(out, size, vec_alloc(v, 32, 1), "", NULL, 0);
    for (size_t at = 0; at < size; at += 32) {
        memcpy(in + before, info.ptr, info.len);
        in[before + info.len] = (uint8_t)(at / 32 + 1);
        SA_TRY(hmac(out + at, prk, in, before + info.len + 1));
        memcpy(in, out + at, 32);
        before = 32;
    }
    return SECAGG_OK;
}

static void run_expand(vec *v)
{
    const vec_bytes prk = vec_hex(v, "prk"), info = vec_hex(v, "info");
    const size_t size = vec_up_to(v, "size", SIZE_LIMIT);
    uint8_t *out = vec_alloc(v, size + 32, 1);

    if (vec_check(v, expand(v, out, size, prk, info)))
        vec_expect_bytes(v, "output", out, size);
}

static void run_hkdf(vec *v)
{
    const vec_bytes salt = vec_hex(v, "salt"), ikm = vec_hex(v, "ikm");
    const size_t size = vec_up_to(v, "size", SIZE_LIMIT);
    uint8_t prk[32], *out = vec_alloc(v, size + 32, 1);

    if (vec_ok(v, hmac(prk, salt, ikm.ptr, ikm.len))
        && vec_check(v, expand(v, out, size, (vec_bytes){ prk, sizeof prk },
            vec_hex(v, "info"))))
        vec_expect_bytes(v, "output", out, size);
}

static void run_derive(vec *v)
{
    const uint8_t *prk = vec_fixed(v, "prk", 32);
    const char *name = vec_text(v, "name");
    const vec_bytes context = vec_hex(v, "context");
    const size_t size = vec_up_to(v, "size", SIZE_LIMIT);
    uint8_t *out = vec_alloc(v, size, 1), *again = vec_alloc(v, size, 1);
    sa_expander *expander;
    secagg_err err;

    if (!vec_ok(v, sa_expander_new(&expander)))
        return;
    err = sa_expander_run(expander, again, size, prk, name, context.ptr,
        context.len);
    sa_expander_free(expander);
    if (vec_check(v, sa_expand(out, size, prk, name, context.ptr, context.len))
        && vec_check(v, err)) {
        vec_expect_bytes(v, "output", out, size);
        vec_expect_bytes(v, "output", again, size);
    }
}

/* ---- field -------------------------------------------------------------- */

static void run_reduce(vec *v)
{
    uint8_t out[SA_SC_BYTES];
    sa_sc x;

    sa_sc_reduce(&x, vec_fixed(v, "input", 64));
    sa_sc_encode(out, &x);
    if (vec_check(v, SECAGG_OK))
        vec_expect_bytes(v, "scalar", out, sizeof out);
}

static void run_scalar(vec *v)
{
    const vec_bytes in = vec_hex(v, "scalar");
    uint8_t out[SA_SC_BYTES];
    sa_sc x;

    if (!vec_check(v, in.len == SA_SC_BYTES && sa_sc_decode(&x, in.ptr)
        ? SECAGG_OK : SECAGG_ERR_MESSAGE))
        return;
    sa_sc_encode(out, &x);
    vec_expect_bytes(v, "scalar", out, sizeof out);
}

/* ---- shamir ------------------------------------------------------------- */

static void run_split(vec *v)
{
    const size_t count = vec_u32(v, "count");
    const size_t size = count <= SECAGG_SHARES_MAX ? 32 * count : 0;
    uint8_t *shares = vec_alloc(v, size, 1);

    if (vec_check(v, secagg_shamir_split(shares, count,
        vec_u32(v, "threshold"), vec_fixed(v, "secret", 32),
        vec_fixed(v, "polySeed", 32))))
        vec_expect_bytes(v, "shares", shares, size);
}

static void run_join(vec *v)
{
    size_t count;
    const uint32_t *ranks = vec_u32s(v, "ranks", &count);
    const uint8_t *shares = vec_fixed(v, "shares", 32 * count);
    uint8_t secret[32];

    if (vec_check(v, secagg_shamir_join(secret, ranks, shares, count)))
        vec_expect_bytes(v, "secret", secret, sizeof secret);
}

static void run_rank(vec *v)
{
    const uint32_t n = vec_up_to(v, "clients", SECAGG_RING_MAX);
    const uint32_t dealer = vec_up_to(v, "dealer", n > 0 ? n - 1 : 0);
    const uint32_t holder = vec_up_to(v, "holder", n > 0 ? n - 1 : 0);
    const uint32_t k = vec_u32(v, "neighbours");
    const uint8_t *seed = vec_fixed(v, "graphSeed", 32);
    sa_graph g = { 0, 0, NULL, NULL };

    if (v->failure[0] == '\0' && vec_check(v, sa_graph_init(&g, n, k, seed))) {
        if (dealer != holder && !sa_graph_adjacent(&g, dealer, holder))
            vec_fail(v, "holder: not a holder of the dealer");
        vec_expect_int(v, "x", sa_graph_rank(&g, dealer, holder) + 1);
    }
    sa_graph_free(&g);
}

/* ---- decode ------------------------------------------------------------- */

/* Returns SECAGG_ERR_CHEAT unless a secret fits its dealer (4.6). */
static secagg_err fits(vec *v, const uint8_t secret[32])
{
    const uint32_t dealer = vec_u32(v, "dealer");
    const uint8_t *ctx = vec_fixed(v, "hCtx", 32);
    const uint8_t *ros = vec_fixed(v, "hRos", 32);
    const vec_bytes com = vec_hex(v, "com"), point = vec_hex(v, "maskPoint");
    const bool mask_secret = vec_int(v, "kind") == 1;
    sa_binding binding = { { 0 }, vec_u64(v, "round") };
    uint8_t key[32], got[32];

    memcpy(binding.roster, ros, 32);
    if (mask_secret) {
        SA_TRY(sa_derive_mask_key(key, ctx, secret, dealer));
        SA_TRY(sa_x25519_public(got, key));
    } else
        SA_TRY(sa_commitment(got, &binding, dealer, secret));
    return mask_secret ? (point.len == 32 && memcmp(got, point.ptr, 32) == 0
                        ? SECAGG_OK : SECAGG_ERR_CHEAT)
                 : (com.len == 32 && memcmp(got, com.ptr, 32) == 0
                        ? SECAGG_OK : SECAGG_ERR_CHEAT);
}

static void run_decode(vec *v)
{
    const size_t threshold = vec_u32(v, "threshold");
    size_t count, wrong_count = 0;
    uint32_t *xs = vec_u32s(v, "xs", &count);
    const uint8_t *shares = vec_fixed(v, "shares", 32 * count);
    uint32_t *ranks = vec_alloc(v, count, sizeof *ranks);
    uint8_t secret[32], *wrong = vec_alloc(v, count, 1);
    secagg_err err = SECAGG_ERR_THRESHOLD;

    for (size_t i = 0; i < count; i++)
        ranks[i] = xs[i] - 1;
    if (count >= threshold)
        err = sa_rs_decode(secret, wrong, ranks, shares, count, threshold);
    if (err == SECAGG_OK)
        err = fits(v, secret);
    if (!vec_check(v, err))
        return;
    for (size_t i = 0; i < count; i++)
        if (wrong[i])
            xs[wrong_count++] = xs[i];
    vec_expect_bytes(v, "root", secret, sizeof secret);
    vec_expect_u32s(v, "wrong", xs, wrong_count);
}

const vec_type vec_primitives[] = {
    { "Sha256", "", "data digest", run_sha256 },
    { "Hash", "", "label data digest", run_hash },
    { "Extract", "", "salt ikm prk", run_extract },
    { "Expand", "", "prk info size output", run_expand },
    { "Hkdf", "", "ikm salt info size output", run_hkdf },
    { "L", "", "prk name context size output", run_derive },
    { "Reduce", "", "input scalar", run_reduce },
    { "Scalar", "", "scalar", run_scalar },
    { "Split", "", "threshold count secret polySeed shares", run_split },
    { "Join", "", "ranks shares secret", run_join },
    { "Rank", "", "graphSeed clients neighbours dealer holder x", run_rank },
    { "Decode", "", "threshold kind hCtx hRos round dealer com maskPoint xs "
                    "shares root wrong", run_decode },
    { NULL, NULL, NULL, NULL },
};
