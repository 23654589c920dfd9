/* SPDX-License-Identifier: Apache-2.0 */
/* ed25519: against the vectors of RFC 8032 and against OpenSSL; and the
 * signatures and keys that a strict verifier rejects. */
#include <openssl/evp.h>
#include <sodium.h>

#include "crypto/ed25519.h"
#include "support/main.h"
#include "support/torsion.h"
#include "support/util.h"

/* ---- RFC 8032, section 7.1 ---------------------------------------------- */

static const struct vector {
    const char *seed, *public, *message, *signature;
} vectors[] = {
    /* TEST 1, 2 and 3 */
    { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
      "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
    { "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
    { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
      "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
    /* TEST SHA(abc) */
    { "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
      "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
      "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
      "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704" },
};

#define VECTORS (sizeof vectors / sizeof *vectors)

/* Decode a vector; a secret key is its seed followed by its public key. */
static size_t load(const struct vector *v, uint8_t secret[64], uint8_t msg[64])
{
    unhex(secret, v->seed);
    unhex(secret + 32, v->public);
    return unhex(msg, v->message);
}

START_TEST(signatures_match_rfc_8032)
{
    for (size_t i = 0; i < VECTORS; i++) {
        uint8_t secret[64], msg[64], want[64], signature[64];
        const size_t len = load(&vectors[i], secret, msg);
        unhex(want, vectors[i].signature);
        ck_assert_int_eq(sa_ed25519_sign(signature, msg, len, secret),
            SECAGG_OK);
        ck_assert_mem_eq(signature, want, 64);
        ck_assert_int_eq(sa_ed25519_verify(want, msg, len, secret + 32),
            SECAGG_OK);
        ck_assert(sa_ed25519_valid(secret + 32));
    }
}
END_TEST

START_TEST(verification_rejects_every_flipped_bit)
{
    for (size_t i = 0; i < VECTORS; i++) {
        uint8_t secret[64], msg[64], signature[64];
        uint8_t *const parts[] = { signature, msg, secret + 32 };
        const size_t len = load(&vectors[i], secret, msg);
        const size_t lengths[] = { 64, len, 32 };
        unhex(signature, vectors[i].signature);
        for (int part = 0; part < 3; part++)
            for (size_t bit = 0; bit < 8 * lengths[part]; bit++) {
                const uint8_t flip = (uint8_t)(1U << bit % 8);
                parts[part][bit / 8] ^= flip;
                ck_assert_int_eq(sa_ed25519_verify(signature, msg, len,
                    secret + 32), SECAGG_ERR_AUTH);
                parts[part][bit / 8] ^= flip;
            }
        ck_assert_int_eq(sa_ed25519_verify(signature, msg, len, secret + 32),
            SECAGG_OK);
    }
}
END_TEST

START_TEST(verification_rejects_a_shortened_message)
{
    uint8_t secret[64], msg[64], signature[64];

    load(&vectors[3], secret, msg);
    unhex(signature, vectors[3].signature);
    for (size_t len = 0; len < 64; len++)
        ck_assert_int_eq(sa_ed25519_verify(signature, msg, len, secret + 32),
            SECAGG_ERR_AUTH);
}
END_TEST

/* ---- a second implementation -------------------------------------------- */

static bool openssl_verify(const uint8_t signature[64], const uint8_t *msg,
    size_t len, const uint8_t public[32])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public,
        32);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good;

    ck_assert(key != NULL && ctx != NULL);
    ck_assert_int_eq(EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key), 1);
    good = EVP_DigestVerify(ctx, signature, 64, msg, len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good;
}

START_TEST(openssl_accepts_the_signatures)
{
    uint64_t state = 1;

    for (int run = 0; run < 50; run++) {
        uint8_t public[32], secret[64], msg[300], signature[64];
        const size_t len = (size_t)(prng_next(&state) % sizeof msg);
        prng_bytes(&state, msg, sizeof msg);
        ck_assert_int_eq(secagg_keypair(public, secret), SECAGG_OK);
        ck_assert_int_eq(sa_ed25519_sign(signature, msg, len, secret),
            SECAGG_OK);
        ck_assert(openssl_verify(signature, msg, len, public));
        ck_assert_int_eq(sa_ed25519_verify(signature, msg, len, public),
            SECAGG_OK);
    }
}
END_TEST

START_TEST(key_pairs_are_distinct_and_valid)
{
    uint8_t public[40][32], secret[40][64], signature[64], want[32];

    for (int i = 0; i < 40; i++) {
        size_t len = 32;
        EVP_PKEY *key;
        ck_assert_int_eq(secagg_keypair(public[i], secret[i]), SECAGG_OK);
        ck_assert(sa_ed25519_valid(public[i]));
        ck_assert_mem_eq(secret[i] + 32, public[i], 32);
        key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret[i],
            32);
        ck_assert_int_eq(EVP_PKEY_get_raw_public_key(key, want, &len), 1);
        ck_assert_mem_eq(public[i], want, 32);
        EVP_PKEY_free(key);
        ck_assert_int_eq(sa_ed25519_sign(signature, want, 32, secret[i]),
            SECAGG_OK);
        for (int j = 0; j < i; j++) {
            ck_assert_mem_ne(public[i], public[j], 32);
            ck_assert_mem_ne(secret[i], secret[j], 32);
            ck_assert_int_eq(sa_ed25519_verify(signature, want, 32, public[j]),
                SECAGG_ERR_AUTH);
        }
    }
}
END_TEST

/* ---- rejected signatures ------------------------------------------------ */

/* S + k ell, below 2^256 for k < 15, satisfies the equation, too: accepting it
 * would give one message several signatures. */
START_TEST(verification_rejects_a_scalar_that_is_not_reduced)
{
    uint8_t order[32];

    unhex(order,
        "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    for (size_t i = 0; i < VECTORS; i++) {
        uint8_t secret[64], msg[64], signature[64];
        const size_t len = load(&vectors[i], secret, msg);
        unhex(signature, vectors[i].signature);
        for (int k = 1; k < 15; k++) {
            sodium_add(signature + 32, order, 32);
            ck_assert_int_eq(
                sa_ed25519_verify(signature, msg, len, secret + 32),
                SECAGG_ERR_AUTH);
        }
    }
}
END_TEST

/* ---- rejected keys ------------------------------------------------------ */

/* Orders 1, 2, 4, 4, 8, 8, 8, 8; then encodings that are not canonical: y of p
 * and p + 1, and a sign where x is zero. */
static const char *const small_order[] = {
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

#define SMALL (sizeof small_order / sizeof *small_order)

/* With a key of small order h A is the identity for at least one message in
 * eight; then R = S B is a valid signature, made without a secret key. */
START_TEST(keys_of_small_order_are_rejected)
{
    uint64_t state = 2;
    int forged = 0;

    for (size_t i = 0; i < SMALL; i++) {
        uint8_t public[32], signature[64], s[32];
        unhex(public, small_order[i]);
        ck_assert(!sa_ed25519_valid(public));
        for (uint8_t msg = 0; msg < 40; msg++) {
            prng_bytes(&state, s, sizeof s);
            s[31] &= 0x0f;
            ck_assert_int_eq(crypto_scalarmult_ed25519_base_noclamp(signature,
                s), 0);
            memcpy(signature + 32, s, 32);
            forged += openssl_verify(signature, &msg, 1, public);
            ck_assert_int_eq(sa_ed25519_verify(signature, &msg, 1, public),
                SECAGG_ERR_AUTH);
        }
    }
    ck_assert_int_gt(forged, 100);
}
END_TEST

/* y >= p, with either sign: p to p + 18 have two encodings. */
START_TEST(keys_that_are_not_canonical_are_rejected)
{
    static const uint8_t signature[64];

    for (int low = 0xed; low <= 0xff; low++)
        for (int sign = 0; sign < 2; sign++) {
            uint8_t public[32];
            memset(public, 0xff, sizeof public);
            public[0] = (uint8_t)low;
            public[31] = sign ? 0xff : 0x7f;
            ck_assert(!sa_ed25519_valid(public));
            ck_assert_int_eq(sa_ed25519_verify(signature, public, 1, public),
                SECAGG_ERR_AUTH);
        }
}
END_TEST

/* A valid key plus a point of order 2, 4 or 8 is on the curve, and canonical,
 * but does not have order ell. A libsodium with CVE-2025-69277 accepts order 2
 * itself. */
START_TEST(keys_outside_the_prime_order_group_are_rejected)
{
    for (size_t i = 0; i < VECTORS; i++)
        for (size_t k = 1; k < 8; k++) {
            uint8_t public[32], torsion[32], mixed[32];
            unhex(public, vectors[i].public);
            unhex(torsion, small_order[k]);
            ck_assert_int_eq(crypto_core_ed25519_add(mixed, public, torsion),
                0);
            ck_assert(!sa_ed25519_valid(mixed));
        }
}
END_TEST

/* ---- one equation (PROTOCOL.md 3.5) -------------------------------------- */

/* Multiply by ell with additions alone, so that no test of libsodium's own
 * takes part. */
static bool has_order_ell(const uint8_t point[32])
{
    uint8_t ell[32], sum[32] = { 1 };
    const uint8_t identity[32] = { 1 };

    unhex(ell,
        "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    for (int bit = 252; bit >= 0; bit--) {
        if (crypto_core_ed25519_add(sum, sum, sum) != 0)
            return false;
        if ((ell[bit / 8] >> bit % 8 & 1) != 0
            && crypto_core_ed25519_add(sum, sum, point) != 0)
            return false;
    }
    return memcmp(sum, identity, 32) == 0 && memcmp(point, identity, 32) != 0;
}

/* R - ([S] B - [h] A), for a valid key; false if R is no point. */
static bool difference(uint8_t out[32], const uint8_t signature[64],
    const uint8_t *msg, size_t len, const uint8_t public[32])
{
    uint8_t h[32], sb[32], ha[32];

    torsion_hash(h, signature, public, msg, len);
    ck_assert_int_eq(crypto_scalarmult_ed25519_base_noclamp(sb,
        signature + 32), 0);
    ck_assert_int_eq(crypto_scalarmult_ed25519_noclamp(ha, h, public), 0);
    ck_assert_int_eq(crypto_core_ed25519_sub(sb, sb, ha), 0);
    return crypto_core_ed25519_sub(out, signature, sb) == 0;
}

/* What a libsodium up to 1.0.18 computes, and what a later one does; the second
 * with the test of R that 3.5 asks of it. */
static bool without_cofactor(const uint8_t signature[64], const uint8_t *msg,
    size_t len, const uint8_t public[32])
{
    const uint8_t identity[32] = { 1 };
    uint8_t d[32];

    return difference(d, signature, msg, len, public)
        && memcmp(d, identity, 32) == 0
        && memcmp(signature, identity, 32) != 0;
}

static bool with_cofactor(const uint8_t signature[64], const uint8_t *msg,
    size_t len, const uint8_t public[32], bool test_r)
{
    const uint8_t identity[32] = { 1 };
    uint8_t d[32];

    if (!difference(d, signature, msg, len, public))
        return false;
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(crypto_core_ed25519_add(d, d, d), 0);
    return memcmp(d, identity, 32) == 0
        && (!test_r || has_order_ell(signature));
}

/* A signature with j T in R is one that the two equations disagree on. */
START_TEST(verifiers_with_and_without_the_cofactor_agree)
{
    int accepted = 0;

    for (size_t i = 0; i < VECTORS; i++)
        for (int j = 0; j < 8; j++)
            for (int wrong = 0; wrong < 2; wrong++) {
                uint8_t secret[64], msg[64], signature[64];
                const size_t len = load(&vectors[i], secret, msg);
                bool want;
                torsion_sign(signature, msg, len, secret, 0, j);
                signature[32] ^= (uint8_t)wrong;
                want = without_cofactor(signature, msg, len, secret + 32);
                ck_assert_int_eq(want, j == 0 && wrong == 0);
                ck_assert_int_eq(with_cofactor(signature, msg, len,
                    secret + 32, true), want);
                ck_assert_int_eq(with_cofactor(signature, msg, len,
                    secret + 32, false), wrong == 0);
                ck_assert_int_eq(sa_ed25519_verify(signature, msg, len,
                    secret + 32), want ? SECAGG_OK : SECAGG_ERR_AUTH);
                accepted += want;
            }
    ck_assert_int_eq(accepted, VECTORS);
}
END_TEST

/* R = identity: S = h a satisfies both equations, and OpenSSL accepts it. */
START_TEST(an_r_of_small_order_is_rejected)
{
    uint8_t secret[64], msg[64], signature[64], wide[64] = { 0 }, a[32];
    const size_t len = load(&vectors[2], secret, msg);

    crypto_sign_ed25519_sk_to_curve25519(wide, secret);
    crypto_core_ed25519_scalar_reduce(a, wide);
    for (int j = 0; j < 8; j++) {
        uint8_t h[32];
        torsion_point(signature, j);
        torsion_hash(h, signature, secret + 32, msg, len);
        crypto_core_ed25519_scalar_mul(signature + 32, h, a);
        ck_assert_int_eq(openssl_verify(signature, msg, len, secret + 32),
            j == 0);
        ck_assert(with_cofactor(signature, msg, len, secret + 32, false));
        ck_assert_int_eq(sa_ed25519_verify(signature, msg, len, secret + 32),
            SECAGG_ERR_AUTH);
    }
}
END_TEST

/* The test of keys against a multiplication by ell that uses additions alone:
 * for A + j T of random A, and for all points of small order. */
START_TEST(valid_keys_have_order_ell)
{
    uint64_t state = 4;

    for (int run = 0; run < 16; run++)
        for (int j = 0; j < 8; j++) {
            uint8_t wide[64], a[32], point[32];
            prng_bytes(&state, wide, sizeof wide);
            crypto_core_ed25519_scalar_reduce(a, wide);
            if (run == 0)
                torsion_point(point, 0);
            else
                crypto_scalarmult_ed25519_base_noclamp(point, a);
            torsion_add(point, j);
            ck_assert_int_eq(has_order_ell(point), run > 0 && j == 0);
            ck_assert_int_eq(sa_ed25519_valid(point), run > 0 && j == 0);
        }
}
END_TEST

/* Half of all y belong to no point; libsodium's addition rejects them. Eight
 * times a point is in the group of prime order. */
START_TEST(keys_off_the_curve_are_rejected)
{
    uint64_t state = 3;
    int on = 0, off = 0;

    for (int run = 0; run < 400; run++) {
        uint8_t public[32], sum[32], signature[64] = { 0 };
        prng_bytes(&state, public, sizeof public);
        ck_assert_int_eq(sa_ed25519_verify(signature, public, 32, public),
            SECAGG_ERR_AUTH);
        if (crypto_core_ed25519_add(sum, public, public) != 0) {
            ck_assert(!sa_ed25519_valid(public));
            off++;
            continue;
        }
        ck_assert_int_eq(crypto_core_ed25519_add(sum, sum, sum), 0);
        ck_assert_int_eq(crypto_core_ed25519_add(sum, sum, sum), 0);
        ck_assert(sa_ed25519_valid(sum));
        on++;
    }
    ck_assert_int_gt(on, 100);
    ck_assert_int_gt(off, 100);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { signatures_match_rfc_8032,
        verification_rejects_every_flipped_bit,
        verification_rejects_a_shortened_message,
        openssl_accepts_the_signatures, key_pairs_are_distinct_and_valid,
        verification_rejects_a_scalar_that_is_not_reduced,
        keys_of_small_order_are_rejected,
        keys_that_are_not_canonical_are_rejected,
        keys_outside_the_prime_order_group_are_rejected,
        verifiers_with_and_without_the_cofactor_agree,
        an_r_of_small_order_is_rejected, valid_keys_have_order_ell,
        keys_off_the_curve_are_rejected };
    return sodium_init() < 0 || RUN(tests);
}
