/* SPDX-License-Identifier: Apache-2.0 */
/* key_schedule: each derivation compared with a second implementation on
 * libsodium's HMAC, SHA-256 and scalars, with labels and contexts written in
 * full; and each depends on exactly its inputs. */
#include <sodium.h>
#include <stddef.h>

#include "session/key_schedule.h"
#include "support/main.h"
#include "support/util.h"

/* ---- HKDF on libsodium (RFC 5869) --------------------------------------- */

static void hmac(uint8_t out[32], const uint8_t *key, size_t key_len,
    const uint8_t *text, size_t len)
{
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, key, key_len);
    crypto_auth_hmacsha256_update(&state, text, len);
    crypto_auth_hmacsha256_final(&state, out);
}

static void naive_expand(uint8_t *out, size_t len, const uint8_t prk[32],
    const uint8_t *info, size_t info_len)
{
    uint8_t text[32 + 320 + 1], t[32];
    size_t have = 0;

    for (size_t done = 0; done < len; done += 32) {
        memcpy(text + have, info, info_len);
        text[have + info_len] = (uint8_t)(done / 32 + 1);
        hmac(t, prk, 32, text, have + info_len + 1);
        memcpy(out + done, t, len - done < 32 ? len - done : 32);
        memcpy(text, t, 32);
        have = 32;
    }
}

START_TEST(naive_expand_matches_rfc_5869)
{
    uint8_t ikm[22], salt[13], info[10], prk[32], okm[42], want[42];

    unhex(salt, "000102030405060708090a0b0c");
    unhex(info, "f0f1f2f3f4f5f6f7f8f9");
    unhex(want, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4"
        "c5bf34007208d5b887185865");
    memset(ikm, 0x0b, sizeof ikm);
    hmac(prk, salt, sizeof salt, ikm, sizeof ikm);
    naive_expand(okm, sizeof okm, prk, info, sizeof info);
    ck_assert_mem_eq(okm, want, sizeof want);
}
END_TEST

/* ---- contexts ----------------------------------------------------------- */

typedef struct byte_string {
    uint8_t at[320];
    size_t len;
} byte_string;

static void append(byte_string *t, const void *bytes, size_t len)
{
    memcpy(t->at + t->len, bytes, len);
    t->len += len;
}

/* Append x in `bytes` bytes, big-endian. */
static void append_int(byte_string *t, uint64_t x, size_t bytes)
{
    while (bytes-- > 0)
        t->at[t->len++] = (uint8_t)(x >> 8 * bytes & 255);
}

/* Derive(prk, label, context, len); the label includes its prefix. */
static void naive_derive(uint8_t *out, size_t len, const uint8_t prk[32],
    const char *label, const byte_string *context)
{
    byte_string info = { .len = 0 };

    append_int(&info, len, 2);
    append_int(&info, strlen(label), 1);
    append(&info, label, strlen(label));
    append_int(&info, context->len, 2);
    append(&info, context->at, context->len);
    naive_expand(out, len, prk, info.at, info.len);
}

static void naive_derive_scalar(uint8_t out[32], const uint8_t prk[32],
    const char *label, const byte_string *context)
{
    uint8_t wide[64];

    naive_derive(wide, sizeof wide, prk, label, context);
    crypto_core_ristretto255_scalar_reduce(out, wide);
}

static void naive_extract_derive(uint8_t out[32], const uint8_t salt[32],
    const uint8_t ikm[32], const char *label, const byte_string *context)
{
    uint8_t prk[32];

    hmac(prk, salt, 32, ikm, 32);
    naive_derive(out, 32, prk, label, context);
}

/* ---- each derivation twice ---------------------------------------------- */

/* The inputs of all derivations. */
typedef struct inputs {
    uint8_t prk[32], context[32], secret[32], point_a[32], point_b[32];
    uint8_t u2[32], app_digest[32], map[3];
    uint8_t kind, which, n;
    uint32_t a, b;
    sa_binding binding;
} inputs;

enum { PRK = 1, CONTEXT = 2, SECRET = 4, POINT_A = 8, POINT_B = 16, U2 = 32,
    APP_DIGEST = 64, MAP = 128, KIND = 256, WHICH = 512, N = 1024, A = 2048,
    B = 4096, ROSTER = 8192, ROUND = 16384 };

#define FIELD(bit, member)                                                    \
    { bit, offsetof(inputs, member), sizeof((inputs *)0)->member }

static const struct { int bit; size_t at, len; } fields[] = {
    FIELD(PRK, prk), FIELD(CONTEXT, context), FIELD(SECRET, secret),
    FIELD(POINT_A, point_a), FIELD(POINT_B, point_b), FIELD(U2, u2),
    FIELD(APP_DIGEST, app_digest), FIELD(MAP, map), FIELD(KIND, kind),
    FIELD(WHICH, which), FIELD(N, n), FIELD(A, a), FIELD(B, b),
    FIELD(ROSTER, binding.roster), FIELD(ROUND, binding.round) };

static void append_binding(byte_string *t, const inputs *in)
{
    append(t, in->binding.roster, 32);
    append_int(t, in->binding.round, 8);
}

static secagg_err derive_prk(uint8_t *out, const inputs *in)
{
    return sa_derive_prk(out, in->context, in->secret);
}

static void naive_prk(uint8_t *out, const inputs *in)
{
    hmac(out, in->context, 32, in->secret, 32);
}

static secagg_err derive_enc_key(uint8_t *out, const inputs *in)
{
    return sa_derive_enc_key(out, in->prk);
}

static void naive_enc_key(uint8_t *out, const inputs *in)
{
    const byte_string none = { .len = 0 };

    naive_derive(out, 32, in->prk, "LSA1 enc key", &none);
}

static secagg_err derive_mask_secret(uint8_t *out, const inputs *in)
{
    return sa_derive_mask_secret(out, in->prk);
}

static void naive_mask_secret(uint8_t *out, const inputs *in)
{
    const byte_string none = { .len = 0 };

    naive_derive_scalar(out, in->prk, "LSA1 mask root", &none);
}

static secagg_err derive_mask_key(uint8_t *out, const inputs *in)
{
    return sa_derive_mask_key(out, in->context, in->secret, in->a);
}

static void naive_mask_key(uint8_t *out, const inputs *in)
{
    byte_string t = { .len = 0 };

    append_int(&t, in->a, 4);
    naive_extract_derive(out, in->context, in->secret, "LSA1 mask key", &t);
}

static secagg_err derive_self_secret(uint8_t *out, const inputs *in)
{
    return sa_derive_self_secret(out, in->prk, &in->binding);
}

static void naive_self_secret(uint8_t *out, const inputs *in)
{
    byte_string t = { .len = 0 };

    append_binding(&t, in);
    naive_derive_scalar(out, in->prk, "LSA1 self root", &t);
}

static secagg_err derive_poly_seed(uint8_t *out, const inputs *in)
{
    return sa_derive_poly_seed(out, in->prk, in->kind, &in->binding);
}

static void naive_poly_seed(uint8_t *out, const inputs *in)
{
    byte_string t = { .len = 0 };

    append_int(&t, in->kind, 1);
    append_binding(&t, in);
    naive_derive(out, 32, in->prk, "LSA1 poly", &t);
}

static secagg_err derive_rounding_seed(uint8_t *out, const inputs *in)
{
    return sa_derive_rounding_seed(out, in->prk, in->binding.round);
}

static void naive_rounding_seed(uint8_t *out, const inputs *in)
{
    byte_string t = { .len = 0 };

    append_int(&t, in->binding.round, 8);
    naive_derive(out, 32, in->prk, "LSA1 rounding", &t);
}

static secagg_err derive_pair_seed(uint8_t *out, const inputs *in)
{
    return sa_derive_pair_seed(out, &in->binding, in->secret, in->a, in->b,
        in->point_a, in->point_b, in->u2);
}

static void naive_pair_seed(uint8_t *out, const inputs *in)
{
    byte_string t = { .len = 0 };

    append_int(&t, in->binding.round, 8);
    append_int(&t, in->a < in->b ? in->a : in->b, 4);
    append_int(&t, in->a < in->b ? in->b : in->a, 4);
    append(&t, in->a < in->b ? in->point_a : in->point_b, 32);
    append(&t, in->a < in->b ? in->point_b : in->point_a, 32);
    append(&t, in->u2, 32);
    naive_extract_derive(out, in->binding.roster, in->secret, "LSA1 pair mask",
        &t);
}

static secagg_err derive_self_seed(uint8_t *out, const inputs *in)
{
    return sa_derive_self_seed(out, &in->binding, in->secret, in->a,
        in->u2);
}

static void naive_self_seed(uint8_t *out, const inputs *in)
{
    byte_string t = { .len = 0 };

    append_int(&t, in->binding.round, 8);
    append_int(&t, in->a, 4);
    append(&t, in->u2, 32);
    naive_extract_derive(out, in->binding.roster, in->secret, "LSA1 self mask",
        &t);
}

static secagg_err derive_commitment(uint8_t *out, const inputs *in)
{
    return sa_commitment(out, &in->binding, in->a, in->secret);
}

static void naive_commitment(uint8_t *out, const inputs *in)
{
    byte_string t = { .len = 0 };

    append(&t, "LSA1 com", 9); /* with its zero byte */
    append_binding(&t, in);
    append_int(&t, in->a, 4);
    append(&t, in->secret, 32);
    crypto_hash_sha256(out, t.at, t.len);
}

static secagg_err derive_set_digest(uint8_t *out, const inputs *in)
{
    return sa_set_digest(out, &in->binding, in->app_digest, in->which,
        in->n, in->map);
}

static void naive_set_digest(uint8_t *out, const inputs *in)
{
    byte_string t = { .len = 0 };

    append(&t, "LSA1 set", 9); /* with its zero byte */
    append_binding(&t, in);
    append(&t, in->app_digest, 32);
    append_int(&t, in->which, 1);
    append_int(&t, in->n, 4);
    append(&t, in->map, ((size_t)in->n + 7) / 8);
    crypto_hash_sha256(out, t.at, t.len);
}

static const struct {
    secagg_err (*derive)(uint8_t *out, const inputs *in);
    void (*naive)(uint8_t *out, const inputs *in);
    int uses;
} derivations[] = {
    { derive_prk, naive_prk, CONTEXT | SECRET },
    { derive_enc_key, naive_enc_key, PRK },
    { derive_mask_secret, naive_mask_secret, PRK },
    { derive_mask_key, naive_mask_key, CONTEXT | SECRET | A },
    { derive_self_secret, naive_self_secret, PRK | ROSTER | ROUND },
    { derive_poly_seed, naive_poly_seed, PRK | KIND | ROSTER | ROUND },
    { derive_rounding_seed, naive_rounding_seed, PRK | ROUND },
    { derive_pair_seed, naive_pair_seed,
        ROSTER | ROUND | SECRET | A | B | POINT_A | POINT_B | U2 },
    { derive_self_seed, naive_self_seed, ROSTER | ROUND | SECRET | A | U2 },
    { derive_commitment, naive_commitment, ROSTER | ROUND | A | SECRET },
    { derive_set_digest, naive_set_digest,
    ROSTER | ROUND | APP_DIGEST | WHICH | N | MAP },
};

#define DERIVATIONS (sizeof derivations / sizeof *derivations)

static void random_inputs(inputs *in, uint64_t *state)
{
    memset(in, 0, sizeof *in);
    prng_bytes(state, in, sizeof *in);
    in->n = (uint8_t)(20 + prng_next(state) % 4); /* three bytes of map */
}

/* ---- tests -------------------------------------------------------------- */

START_TEST(every_derivation_agrees_with_the_specification)
{
    uint64_t state = 1;
    uint8_t out[32], want[32];
    inputs in;

    for (int tries = 0; tries < 100; tries++) {
        random_inputs(&in, &state);
        for (size_t k = 0; k < DERIVATIONS; k++) {
            ck_assert_int_eq(derivations[k].derive(out, &in), SECAGG_OK);
            derivations[k].naive(want, &in);
            ck_assert_mem_eq(out, want, 32);
        }
    }
}
END_TEST

START_TEST(every_derivation_depends_on_exactly_its_inputs)
{
    uint64_t state = 2;
    uint8_t before[32], after[32];
    inputs in;

    random_inputs(&in, &state);
    in.n = 20;
    for (size_t k = 0; k < DERIVATIONS; k++) {
        ck_assert_int_eq(derivations[k].derive(before, &in), SECAGG_OK);
        for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
            for (size_t i = 0; i < fields[f].len; i++) {
                uint8_t *byte = (uint8_t *)&in + fields[f].at + i;
                *byte ^= 1;
                ck_assert_int_eq(derivations[k].derive(after, &in), SECAGG_OK);
                ck_assert_int_eq(memcmp(before, after, 32) != 0,
                    (derivations[k].uses & fields[f].bit) != 0);
                *byte ^= 1;
            }
    }
}
END_TEST

/* With the same inputs each derivation gives a different value. */
START_TEST(no_two_derivations_give_the_same_value)
{
    uint64_t state = 3;
    uint8_t out[DERIVATIONS][32];
    inputs in;

    random_inputs(&in, &state);
    memcpy(in.context, in.binding.roster, 32);
    memcpy(in.prk, in.secret, 32);
    for (size_t k = 0; k < DERIVATIONS; k++) {
        ck_assert_int_eq(derivations[k].derive(out[k], &in), SECAGG_OK);
        for (size_t j = 0; j < k; j++)
            ck_assert_mem_ne(out[k], out[j], 32);
    }
}
END_TEST

START_TEST(both_clients_of_a_pair_derive_the_same_seed)
{
    static const uint32_t pairs[][2] = { { 0, 1 }, { 7, 3 }, { 255, 256 },
        { 0, 1048575 }, { 65536, 65535 } };
    uint64_t state = 4;
    uint8_t mine[32], yours[32];
    inputs in;

    random_inputs(&in, &state);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const uint32_t a = pairs[i][0], b = pairs[i][1];
        ck_assert_int_eq(sa_derive_pair_seed(mine, &in.binding, in.secret,
            a, b, in.point_a, in.point_b, in.u2), SECAGG_OK);
        ck_assert_int_eq(sa_derive_pair_seed(yours, &in.binding, in.secret,
            b, a, in.point_b, in.point_a, in.u2), SECAGG_OK);
        ck_assert_mem_eq(mine, yours, 32);
        ck_assert_int_eq(sa_derive_pair_seed(yours, &in.binding, in.secret,
            a, b, in.point_b, in.point_a, in.u2), SECAGG_OK);
        ck_assert_mem_ne(mine, yours, 32);
    }
}
END_TEST

/* Both secrets that are split must be below ell: reducing them modulo ell
 * changes nothing. */
START_TEST(shared_secrets_are_canonical_scalars)
{
    uint64_t state = 5;
    uint8_t secret[32], wide[64], reduced[32];
    inputs in;

    for (int tries = 0; tries < 200; tries++) {
        random_inputs(&in, &state);
        for (int self = 0; self < 2; self++) {
            ck_assert_int_eq((self ? derive_self_secret
                : derive_mask_secret)(secret, &in), SECAGG_OK);
            memset(wide, 0, sizeof wide);
            memcpy(wide, secret, sizeof secret);
            crypto_core_ristretto255_scalar_reduce(reduced, wide);
            ck_assert_mem_eq(reduced, secret, sizeof secret);
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { naive_expand_matches_rfc_5869,
        every_derivation_agrees_with_the_specification,
        every_derivation_depends_on_exactly_its_inputs,
        no_two_derivations_give_the_same_value,
        both_clients_of_a_pair_derive_the_same_seed,
        shared_secrets_are_canonical_scalars };
    return sodium_init() < 0 || RUN(tests);
}
