/* SPDX-License-Identifier: Apache-2.0 */
/* share_key: compared with libsodium's HMAC over OpenSSL's X25519, with labels
 * and contexts written by hand. */
#include <openssl/evp.h>
#include <sodium.h>

#include "crypto/share_key.h"
#include "support/invalid_points.h"
#include "support/main.h"
#include "support/util.h"

typedef struct pair {
    uint8_t roster[32], keys[2][32], points[2][32];
} pair;

/* Two clients; OpenSSL computes their public points. */
static void make_pair(pair *p, uint64_t seed)
{
    prng_bytes(&seed, p->roster, 32);
    prng_bytes(&seed, p->keys, sizeof p->keys);
    for (int i = 0; i < 2; i++) {
        size_t len = 32;
        EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL,
            p->keys[i], 32);
        ck_assert_ptr_nonnull(key);
        ck_assert_int_eq(EVP_PKEY_get_raw_public_key(key, p->points[i], &len),
            1);
        EVP_PKEY_free(key);
    }
}

/* HMAC of the X25519 of the two, keyed by H_ros (RFC 5869, section 2.2). */
static void naive_prk(uint8_t prk[32], const pair *p, int own)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL,
        p->keys[own], 32);
    EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL,
        p->points[1 - own], 32);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    uint8_t shared[32];
    size_t len = 32;

    ck_assert_int_eq(EVP_PKEY_derive_init(ctx), 1);
    ck_assert_int_eq(EVP_PKEY_derive_set_peer(ctx, peer), 1);
    ck_assert_int_eq(EVP_PKEY_derive(ctx, shared, &len), 1);
    crypto_auth_hmacsha256(prk, shared, sizeof shared, p->roster);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(key);
}

START_TEST(both_clients_derive_the_same_prk)
{
    for (uint64_t run = 0; run < 50; run++) {
        uint8_t prk[2][32], want[32];
        pair p;
        make_pair(&p, run);
        for (int own = 0; own < 2; own++) {
            ck_assert_int_eq(sa_share_prk(prk[own], p.roster, p.keys[own],
                p.points[1 - own]), SECAGG_OK);
            naive_prk(want, &p, own);
            ck_assert_mem_eq(prk[own], want, 32);
        }
        ck_assert_mem_eq(prk[0], prk[1], 32);
    }
}
END_TEST

START_TEST(every_byte_of_the_roster_hash_changes_the_prk)
{
    uint8_t prk[32], other[32];
    pair p;

    make_pair(&p, 100);
    ck_assert_int_eq(sa_share_prk(prk, p.roster, p.keys[0], p.points[1]),
        SECAGG_OK);
    for (int at = 0; at < 32; at++) {
        p.roster[at] ^= 0x20;
        ck_assert_int_eq(
            sa_share_prk(other, p.roster, p.keys[0], p.points[1]),
            SECAGG_OK);
        ck_assert_mem_ne(prk, other, 32);
        p.roster[at] ^= 0x20;
    }
}
END_TEST

/* The PRK is not written. */
START_TEST(an_invalid_point_is_rejected)
{
    uint8_t prk[32], clean[32], point[32];
    pair p;

    make_pair(&p, 101);
    memset(prk, 0x5a, sizeof prk);
    memset(clean, 0x5a, sizeof clean);
    for (size_t k = 0; k < INVALID_POINTS; k++) {
        invalid_point(point, k);
        ck_assert_int_eq(sa_share_prk(prk, p.roster, p.keys[0], point),
            SECAGG_ERR_MESSAGE);
        ck_assert_mem_eq(prk, clean, sizeof prk);
    }
}
END_TEST

/* ---- keys of shares ----------------------------------------------------- */

/* Derive(PRK, "share", u8 kind || be64 round || be32 dealer || be32 holder ||
 * enc_dealer || enc_holder, 32): HMAC of be16 32, u8 10, "LSA1 share", be16 81,
 * the context, and the counter 01 of HKDF's first block. */
START_TEST(a_share_key_agrees_with_the_specification)
{
    static const uint8_t head[15] = { 0, 32, 10, 'L', 'S', 'A', '1', ' ', 's',
        'h', 'a', 'r', 'e', 0, 81 };
    uint8_t text[15 + 81 + 1], prk[32], want[32], key[32];
    uint64_t state = 1;

    prng_bytes(&state, prk, sizeof prk);
    memcpy(text, head, sizeof head);
    unhex(text + 15, "01 0102030405060708 0a0b0c0d 1a1b1c1d");
    prng_bytes(&state, text + 32, 64);
    text[96] = 1;
    crypto_auth_hmacsha256(want, text, sizeof text, prk);
    ck_assert_int_eq(sa_share_key(key, prk, 1, 0x0102030405060708, 0x0a0b0c0d,
        0x1a1b1c1d, text + 32, text + 64), SECAGG_OK);
    ck_assert_mem_eq(key, want, 32);
    text[15] = 0;
    crypto_auth_hmacsha256(want, text, sizeof text, prk);
    ck_assert_int_eq(sa_share_key(key, prk, 0, 0x0102030405060708, 0x0a0b0c0d,
        0x1a1b1c1d, text + 32, text + 64), SECAGG_OK);
    ck_assert_mem_eq(key, want, 32);
}
END_TEST

/* 2 kinds, 3 rounds and 20 ordered pairs of clients: 120 keys. */
START_TEST(no_two_shares_have_the_same_key)
{
    static const uint64_t rounds[] = { 0, 1, UINT64_C(1) << 56 };
    uint8_t keys[120][32], points[5][32], prk[32];
    uint64_t state = 2;
    size_t count = 0;

    prng_bytes(&state, prk, sizeof prk);
    prng_bytes(&state, points, sizeof points);
    for (uint32_t kind = 0; kind < 2; kind++)
        for (int r = 0; r < 3; r++)
            for (uint32_t pairs = 0; pairs < 25; pairs++) {
                const uint32_t dealer = pairs / 5, holder = pairs % 5;
                if (dealer != holder)
                    ck_assert_int_eq(sa_share_key(keys[count++], prk, kind,
                        rounds[r], dealer, holder, points[dealer],
                        points[holder]), SECAGG_OK);
            }
    ck_assert_uint_eq(count, 120);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            ck_assert_mem_ne(keys[i], keys[j], 32);
}
END_TEST

START_TEST(every_byte_of_prk_and_points_changes_the_key)
{
    uint8_t in[3][32], key[32], other[32];
    uint64_t state = 3;

    prng_bytes(&state, in, sizeof in);
    ck_assert_int_eq(sa_share_key(key, in[0], 0, 1, 2, 3, in[1], in[2]),
        SECAGG_OK);
    for (int at = 0; at < 96; at++) {
        in[at / 32][at % 32] ^= 1;
        ck_assert_int_eq(sa_share_key(other, in[0], 0, 1, 2, 3, in[1], in[2]),
            SECAGG_OK);
        ck_assert_mem_ne(key, other, 32);
        in[at / 32][at % 32] ^= 1;
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { both_clients_derive_the_same_prk,
        every_byte_of_the_roster_hash_changes_the_prk,
        an_invalid_point_is_rejected, a_share_key_agrees_with_the_specification,
        no_two_shares_have_the_same_key,
        every_byte_of_prk_and_points_changes_the_key };
    return sodium_init() < 0 || RUN(tests);
}
