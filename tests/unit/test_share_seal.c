/* SPDX-License-Identifier: Apache-2.0 */
/* share_seal: compared with OpenSSL's ChaCha20-Poly1305, the additional data
 * being written by hand; and any change makes opening fail. */
#include <openssl/evp.h>
#include <sodium.h>

#include "crypto/share_seal.h"
#include "support/main.h"
#include "support/util.h"

/* ---- a second implementation -------------------------------------------- */

/* RFC 8439, section 2.8: the ciphertext, then the tag. */
static void openssl_seal(uint8_t sealed[48], const uint8_t key[32],
    const uint8_t nonce[12], const uint8_t *ad, size_t ad_len,
    const uint8_t *text, size_t len)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int made;

    ck_assert_ptr_nonnull(ctx);
    ck_assert_int_eq(EVP_EncryptInit_ex(ctx, EVP_chacha20_poly1305(), NULL,
        key, nonce), 1);
    ck_assert_int_eq(EVP_EncryptUpdate(ctx, NULL, &made, ad, (int)ad_len), 1);
    ck_assert_int_eq(EVP_EncryptUpdate(ctx, sealed, &made, text, (int)len), 1);
    ck_assert_int_eq(made, (int)len);
    ck_assert_int_eq(EVP_EncryptFinal_ex(ctx, sealed + len, &made), 1);
    ck_assert_int_eq(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16,
        sealed + len), 1);
    EVP_CIPHER_CTX_free(ctx);
}

/* The example of RFC 8439, section 2.8.2: first block and tag. */
START_TEST(openssl_seal_matches_rfc_8439)
{
    static const char text[] = "Ladies and Gentlemen of the class of '99: If "
        "I could offer you only one tip for the future, sunscreen would be "
        "it.";
    uint8_t key[32], nonce[12], ad[12], sealed[130], start[16], tag[16];

    for (int i = 0; i < 32; i++)
        key[i] = (uint8_t)(0x80 + i);
    unhex(nonce, "070000004041424344454647");
    unhex(ad, "50515253c0c1c2c3c4c5c6c7");
    unhex(start, "d31a8d34648e60db7b86afbc53ef7ec2");
    unhex(tag, "1ae10b594f09e26a7e902ecbd0600691");
    openssl_seal(sealed, key, nonce, ad, sizeof ad, (const uint8_t *)text,
        114);
    ck_assert_mem_eq(sealed, start, 16);
    ck_assert_mem_eq(sealed + 114, tag, 16);
}
END_TEST

/* ---- a share ------------------------------------------------------------ */

typedef struct sealed_share {
    uint8_t key[32], roster[32], share[32], sealed[48];
    sa_share_id id;
} sealed_share;

static void make_sealed(sealed_share *s, uint64_t seed)
{
    prng_bytes(&seed, s->key, 32);
    prng_bytes(&seed, s->roster, 32);
    prng_bytes(&seed, s->share, 32);
    s->share[31] &= 0x0f; /* below 2^252 */
    s->id = (sa_share_id){ s->roster, prng_next(&seed),
        prng_next(&seed) % 2 ? SA_KIND_MASK : SA_KIND_SELF,
        (uint32_t)(prng_next(&seed) & 0xffffffff),
        (uint32_t)(prng_next(&seed) & 0xffffffff) };
    ck_assert_int_eq(
        sa_share_seal(s->sealed, s->key, &s->id, s->share), SECAGG_OK);
}

/* H_ros || be64 round || u8 kind || be32 dealer || be32 holder. */
static void naive_ad(uint8_t ad[49], const sa_share_id *id)
{
    memcpy(ad, id->roster, 32);
    for (int i = 0; i < 8; i++)
        ad[32 + i] = (uint8_t)(id->round >> (56 - 8 * i) & 255);
    ad[40] = (uint8_t)id->kind;
    for (int i = 0; i < 4; i++) {
        ad[41 + i] = (uint8_t)(id->dealer >> (24 - 8 * i) & 255);
        ad[45 + i] = (uint8_t)(id->holder >> (24 - 8 * i) & 255);
    }
}

static void check_opens(const sealed_share *s)
{
    uint8_t share[32];

    ck_assert_int_eq(
        sa_share_open(share, s->key, &s->id, s->sealed), SECAGG_OK);
    ck_assert_mem_eq(share, s->share, 32);
}

/* Check that opening fails with AUTH and does not write the share. */
static void check_closed(const sealed_share *s)
{
    uint8_t share[32], clean[32];

    memset(share, 0x5a, sizeof share);
    memset(clean, 0x5a, sizeof clean);
    ck_assert_int_eq(sa_share_open(share, s->key, &s->id, s->sealed),
        SECAGG_ERR_AUTH);
    ck_assert_mem_eq(share, clean, sizeof share);
}

START_TEST(a_sealed_share_opens)
{
    for (uint64_t run = 0; run < 500; run++) {
        sealed_share s;
        make_sealed(&s, run);
        check_opens(&s);
    }
}
END_TEST

START_TEST(sealing_agrees_with_openssl)
{
    static const uint8_t nonce[12];

    for (uint64_t run = 0; run < 200; run++) {
        uint8_t ad[49], want[48];
        sealed_share s;
        make_sealed(&s, run);
        naive_ad(ad, &s.id);
        openssl_seal(want, s.key, nonce, ad, sizeof ad, s.share, 32);
        ck_assert_mem_eq(s.sealed, want, 48);
    }
}
END_TEST

START_TEST(the_additional_data_agrees_with_the_specification)
{
    static const uint8_t key[32], nonce[12], share[32] = { 9 };
    uint8_t roster[32], ad[49], want[48], sealed[48];
    const sa_share_id id = { roster, 0x0102030405060708, SA_KIND_MASK,
        0x0a0b0c0d, 0x1a1b1c1d };

    memset(roster, 0xee, sizeof roster);
    memset(ad, 0xee, 32);
    unhex(ad + 32, "0102030405060708 01 0a0b0c0d 1a1b1c1d");
    openssl_seal(want, key, nonce, ad, sizeof ad, share, 32);
    ck_assert_int_eq(sa_share_seal(sealed, key, &id, share), SECAGG_OK);
    ck_assert_mem_eq(sealed, want, 48);
}
END_TEST

/* ---- changed shares ----------------------------------------------------- */

static void check_flips(sealed_share *s, uint8_t *bytes, size_t len)
{
    for (size_t bit = 0; bit < 8 * len; bit++) {
        const uint8_t flip = (uint8_t)(1U << bit % 8);
        bytes[bit / 8] ^= flip;
        check_closed(s);
        bytes[bit / 8] ^= flip;
    }
    check_opens(s);
}

START_TEST(a_sealed_share_with_a_changed_bit_does_not_open)
{
    sealed_share s;

    make_sealed(&s, 1000);
    check_flips(&s, s.sealed, sizeof s.sealed);
}
END_TEST

START_TEST(a_wrong_key_does_not_open_a_share)
{
    sealed_share s;

    make_sealed(&s, 1001);
    check_flips(&s, s.key, sizeof s.key);
}
END_TEST

START_TEST(a_share_is_bound_to_roster_round_kind_dealer_and_holder)
{
    sealed_share s;

    make_sealed(&s, 1002);
    check_flips(&s, s.roster, sizeof s.roster);
    for (int bit = 0; bit < 64; bit++) {
        s.id.round ^= (uint64_t)1 << bit;
        check_closed(&s);
        s.id.round ^= (uint64_t)1 << bit;
    }
    for (int bit = 0; bit < 32; bit++) {
        s.id.dealer ^= UINT32_C(1) << bit;
        check_closed(&s);
        s.id.dealer ^= UINT32_C(1) << bit;
        s.id.holder ^= UINT32_C(1) << bit;
        check_closed(&s);
        s.id.holder ^= UINT32_C(1) << bit;
    }
    s.id.kind ^= 1;
    check_closed(&s);
    s.id.kind ^= 1;
    check_opens(&s);
}
END_TEST

START_TEST(a_share_with_dealer_and_holder_exchanged_does_not_open)
{
    sealed_share s;

    make_sealed(&s, 1003);
    s.id = (sa_share_id){ s.roster, 1, SA_KIND_SELF, 2, 3 };
    ck_assert_int_eq(sa_share_seal(s.sealed, s.key, &s.id, s.share), SECAGG_OK);
    check_opens(&s);
    s.id.dealer = 3;
    s.id.holder = 2;
    check_closed(&s);
}
END_TEST

/* ---- values that are not scalars ---------------------------------------- */

START_TEST(a_share_from_the_order_on_does_not_open)
{
    static const char *const below_order[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000010",
        "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010" };
    static const char *const not_below_order[] = {
        "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
        "eed3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
        "0000000000000000000000000000000000000000000000000000000000000020",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" };
    sealed_share s;

    make_sealed(&s, 1004);
    for (size_t i = 0; i < sizeof below_order / sizeof *below_order; i++) {
        unhex(s.share, below_order[i]);
        ck_assert_int_eq(
            sa_share_seal(s.sealed, s.key, &s.id, s.share), SECAGG_OK);
        check_opens(&s);
    }
    for (size_t i =
        0; i < sizeof not_below_order / sizeof *not_below_order; i++) {
        unhex(s.share, not_below_order[i]);
        ck_assert_int_eq(
            sa_share_seal(s.sealed, s.key, &s.id, s.share), SECAGG_OK);
        check_closed(&s);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { openssl_seal_matches_rfc_8439,
        a_sealed_share_opens, sealing_agrees_with_openssl,
        the_additional_data_agrees_with_the_specification,
        a_sealed_share_with_a_changed_bit_does_not_open,
        a_wrong_key_does_not_open_a_share,
        a_share_is_bound_to_roster_round_kind_dealer_and_holder,
        a_share_with_dealer_and_holder_exchanged_does_not_open,
        a_share_from_the_order_on_does_not_open };
    return sodium_init() < 0 || RUN(tests);
}
