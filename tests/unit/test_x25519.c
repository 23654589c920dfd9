/* SPDX-License-Identifier: Apache-2.0 */
/* x25519: the vectors of RFC 7748, a comparison with OpenSSL's X25519, and all
 * kinds of points that must be rejected. */
#include <openssl/evp.h>
#include <sodium.h>

#include "crypto/x25519.h"
#include "support/main.h"
#include "support/util.h"

/* ---- a second implementation -------------------------------------------- */

/* Returns false if OpenSSL fails, which it does if the result is zero. */
static bool openssl_x25519(uint8_t out[32], const uint8_t key[32],
    const uint8_t point[32])
{
    EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, key,
        32);
    EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, point,
        32);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
    size_t len = 32;
    bool done;

    ck_assert(own != NULL && peer != NULL && ctx != NULL);
    ck_assert_int_eq(EVP_PKEY_derive_init(ctx), 1);
    done = EVP_PKEY_derive_set_peer(ctx, peer) == 1
        && EVP_PKEY_derive(ctx, out, &len) == 1;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(own);
    return done;
}

static void check_accepted(const uint8_t key[32], const uint8_t point[32])
{
    uint8_t want[32], shared[32];

    ck_assert(openssl_x25519(want, key, point));
    ck_assert(sa_x25519_valid(point));
    ck_assert_int_eq(sa_x25519(shared, key, point), SECAGG_OK);
    ck_assert_mem_eq(shared, want, 32);
}

/* ---- RFC 7748 ----------------------------------------------------------- */

static void check_vector(const char *key_hex, const char *point_hex,
    const char *shared_hex)
{
    uint8_t key[32], point[32], want[32], shared[32];

    unhex(key, key_hex);
    unhex(point, point_hex);
    unhex(want, shared_hex);
    ck_assert_int_eq(sa_x25519(shared, key, point), SECAGG_OK);
    ck_assert_mem_eq(shared, want, 32);
}

/* Section 5.2. The RFC prints the second point with its top bit set, which
 * X25519 ignores and the library rejects (see below); here it is cleared. */
START_TEST(x25519_matches_the_vectors_of_rfc_7748)
{
    check_vector(
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
    check_vector(
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a413",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
}
END_TEST

START_TEST(a_thousand_iterations_match_rfc_7748)
{
    uint8_t key[32] = { 9 }, point[32] = { 9 }, next[32], want[32];

    for (int run = 0; run < 1000; run++) {
        ck_assert_int_eq(sa_x25519(next, key, point), SECAGG_OK);
        memcpy(point, key, 32);
        memcpy(key, next, 32);
        if (run > 0)
            continue;
        unhex(want, "422c8e7a6227d7bca1350b3e2bb7279f"
                    "7897b87bb6854b783c60e80311ae3079");
        ck_assert_mem_eq(key, want, 32);
    }
    unhex(want,
        "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
    ck_assert_mem_eq(key, want, 32);
}
END_TEST

/* Section 6.1. */
START_TEST(key_agreement_matches_rfc_7748)
{
    static const struct { const char *key, *point; } parties[] = {
        { "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
          "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a" },
        { "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
          "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f" },
    };

    for (int i = 0; i < 2; i++) {
        uint8_t key[32], point[32], want[32];
        unhex(key, parties[i].key);
        unhex(want, parties[i].point);
        ck_assert_int_eq(sa_x25519_public(point, key), SECAGG_OK);
        ck_assert_mem_eq(point, want, 32);
        check_vector(parties[i].key, parties[1 - i].point,
            "4a5d9d5ba4ce2de1728e3bf480350f25"
            "e07e21c947d19e3376f09b3c1e161742");
    }
}
END_TEST

/* ---- properties --------------------------------------------------------- */

START_TEST(both_sides_and_openssl_agree)
{
    uint64_t state = 1;

    for (int run = 0; run < 100; run++) {
        uint8_t keys[2][32], points[2][32], shared[2][32];
        prng_bytes(&state, keys, sizeof keys);
        for (int i = 0; i < 2; i++)
            ck_assert_int_eq(sa_x25519_public(points[i], keys[i]), SECAGG_OK);
        for (int i = 0; i < 2; i++) {
            check_accepted(keys[i], points[1 - i]);
            ck_assert_int_eq(sa_x25519(shared[i], keys[i], points[1 - i]),
                SECAGG_OK);
        }
        ck_assert_mem_eq(shared[0], shared[1], 32);
    }
}
END_TEST

/* Random u: about half of them are on the twist, which is accepted as well. */
START_TEST(every_other_canonical_integer_is_accepted)
{
    uint64_t state = 2;
    uint8_t key[32], point[32];

    for (int run = 0; run < 200; run++) {
        prng_bytes(&state, key, sizeof key);
        prng_bytes(&state, point, sizeof point);
        point[31] &= 0x7f;
        check_accepted(key, point);
    }
    for (int small = 2; small < 256; small++) {
        memset(point, 0, sizeof point);
        point[0] = (uint8_t)small;
        check_accepted(key, point);
    }
}
END_TEST

/* ---- rejected points ---------------------------------------------------- */

/* Check that a point is rejected with random keys, all zeros and all ones. */
static void check_rejected(const uint8_t point[32])
{
    uint8_t keys[3][32], shared[32];
    uint64_t state = 3;

    ck_assert(!sa_x25519_valid(point));
    memset(keys[0], 0, 32);
    memset(keys[1], 0xff, 32);
    prng_bytes(&state, keys[2], 32);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(sa_x25519(shared, keys[i], point),
            SECAGG_ERR_MESSAGE);
}

/* u = 0, 1, two points of order 8, and p - 1. OpenSSL rejects them too. */
static const char *const low_order[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

START_TEST(points_of_low_order_are_rejected)
{
    for (size_t i = 0; i < sizeof low_order / sizeof *low_order; i++) {
        uint8_t point[32], key[32] = { 1, 2, 3 }, out[32];
        unhex(point, low_order[i]);
        ck_assert(!openssl_x25519(out, key, point));
        check_rejected(point);
    }
}
END_TEST

START_TEST(points_one_bit_from_low_order_are_accepted)
{
    static const uint8_t key[32] = { 7 };

    for (size_t i = 2; i < 4; i++)
        for (int bit = 0; bit < 255; bit++) {
            uint8_t point[32];
            unhex(point, low_order[i]);
            point[bit / 8] = (uint8_t)(point[bit / 8] ^ 1U << bit % 8);
            check_accepted(key, point);
        }
}
END_TEST

START_TEST(a_set_top_bit_is_rejected)
{
    uint64_t state = 4;
    uint8_t point[32];

    for (size_t i = 0; i < sizeof low_order / sizeof *low_order; i++) {
        unhex(point, low_order[i]);
        point[31] |= 0x80;
        check_rejected(point);
    }
    unhex(point, /* RFC 7748, section 5.2, as printed there */
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493");
    check_rejected(point);
    for (int run = 0; run < 50; run++) {
        prng_bytes(&state, point, sizeof point);
        point[31] |= 0x80;
        check_rejected(point);
    }
}
END_TEST

/* From p - 19 to 2^255 - 1 = p + 18, with and without the top bit. */
START_TEST(integers_from_p_on_are_rejected)
{
    static const uint8_t key[32] = { 5 };

    for (int low = 0xda; low <= 0xff; low++) {
        uint8_t point[32];
        memset(point, 0xff, sizeof point);
        point[0] = (uint8_t)low;
        check_rejected(point);
        point[31] = 0x7f;
        if (low >= 0xec)
            check_rejected(point);
        else
            check_accepted(key, point);
    }
}
END_TEST

/* 2^255 - 1 with any byte but the lowest less by one is below p. */
START_TEST(an_integer_below_p_in_any_byte_is_accepted)
{
    static const uint8_t key[32] = { 6 };

    for (int at = 1; at < 32; at++) {
        uint8_t point[32];
        memset(point, 0xff, sizeof point);
        point[31] = 0x7f;
        point[at]--;
        check_accepted(key, point);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { x25519_matches_the_vectors_of_rfc_7748,
        a_thousand_iterations_match_rfc_7748, key_agreement_matches_rfc_7748,
        both_sides_and_openssl_agree, every_other_canonical_integer_is_accepted,
        points_of_low_order_are_rejected,
        points_one_bit_from_low_order_are_accepted, a_set_top_bit_is_rejected,
        integers_from_p_on_are_rejected,
        an_integer_below_p_in_any_byte_is_accepted };
    return sodium_init() < 0 || RUN(tests);
}
