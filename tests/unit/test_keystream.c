/* SPDX-License-Identifier: Apache-2.0 */
/* keystream: published vectors; then AES compared with single blocks of
 * OpenSSL's ECB, and ChaCha20 with libsodium, at many offsets. */
#include <sodium.h>
#if FIRST_SUITE == 1
#include <openssl/evp.h>
#endif

#include "crypto/keystream.h"
#include "support/main.h"
#include "support/util.h"

#define STREAM_END ((uint64_t)1 << 36)

static const sa_cipher ciphers[] = {
    FIRST_SUITE == 1 ? SA_AES_128_CTR : SA_CHACHA20, SA_CHACHA20 };

static sa_keystream *new_keystream(sa_cipher cipher, const uint8_t *key)
{
    sa_keystream *keystream;

    ck_assert_int_eq(sa_keystream_new(&keystream, cipher), SECAGG_OK);
    sa_keystream_rekey(keystream, key);
    return keystream;
}

/* ---- second implementations --------------------------------------------- */

#if FIRST_SUITE == 1
/* Block i is AES(nonce || be32 i). */
static void naive_aes(uint8_t *out, uint64_t offset, size_t len,
    const uint8_t *key)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int made;

    ck_assert_int_eq(EVP_EncryptInit_ex(ctx, EVP_aes_128_ecb(), NULL, key,
        NULL), 1);
    EVP_CIPHER_CTX_set_padding(ctx, 0);
    for (size_t done = 0; done < len; done += 16) {
        const uint64_t i = (offset + done) / 16;
        uint8_t block[16];
        memcpy(block, key + 16, 12);
        for (int k = 0; k < 4; k++)
            block[12 + k] = (uint8_t)(i >> (24 - 8 * k) & 255);
        ck_assert_int_eq(EVP_EncryptUpdate(ctx, block, &made, block, 16), 1);
        memcpy(out + done, block, len - done < 16 ? len - done : 16);
    }
    EVP_CIPHER_CTX_free(ctx);
}
#endif

static void naive_keystream(sa_cipher cipher, uint8_t *out, uint64_t offset,
    size_t len, const uint8_t *key)
{
    memset(out, 0, len);
#if FIRST_SUITE == 1
    if (cipher == SA_AES_128_CTR) {
        naive_aes(out, offset, len, key);
        return;
    }
#endif
    ck_assert_int_eq(cipher, SA_CHACHA20);
    crypto_stream_chacha20_ietf_xor_ic(out, out, len, key + 32,
        (uint32_t)(offset / 64), key);
}

/* Check one read; the keystream may have been read before. */
static void check_read(sa_keystream *keystream, sa_cipher cipher,
    const uint8_t *key, uint64_t offset, size_t len)
{
    uint8_t *out = malloc(len + 1), *want = malloc(len + 1);

    ck_assert(out != NULL && want != NULL);
    memset(out, 0xff, len + 1);
    naive_keystream(cipher, want, offset, len, key);
    ck_assert_int_eq(sa_keystream_read(keystream, offset, out, len), SECAGG_OK);
    ck_assert_mem_eq(out, want, len);
    ck_assert_uint_eq(out[len], 0xff);
    free(out);
    free(want);
}

/* ---- published vectors -------------------------------------------------- */

/* SP 800-38A, F.5.1. Its first counter block f0f1...ff is the nonce f0...fb and
 * block number 0xfcfdfeff, which begins 48 bytes after a multiple of 64. */
START_TEST(aes_ctr_matches_sp_800_38a)
{
    uint8_t key[28], plain[64], cipher[64], out[48 + 64];
    sa_keystream *keystream;

    unhex(key, "2b7e151628aed2a6abf7158809cf4f3c f0f1f2f3f4f5f6f7f8f9fafb");
    unhex(plain, "6bc1bee22e409f96e93d7e117393172a"
                 "ae2d8a571e03ac9c9eb76fac45af8e51"
                 "30c81c46a35ce411e5fbc1191a0a52ef"
                 "f69f2445df4f9b17ad2b417be66c3710");
    unhex(cipher, "874d6191b620e3261bef6864990db6ce"
                  "9806f66b7970fdff8617187bb9fffdff"
                  "5ae4df3edbd5d35e5b4f09020db03eab"
                  "1e031dda2fbe03d1792170a0f3009cee");
    keystream = new_keystream(SA_AES_128_CTR, key);
    ck_assert_int_eq(sa_keystream_read(keystream, UINT64_C(0xfcfdfefc) * 16,
        out, sizeof out), SECAGG_OK);
    for (int i = 0; i < 64; i++)
        ck_assert_uint_eq(out[48 + i] ^ plain[i], cipher[i]);
    sa_keystream_free(keystream);
}
END_TEST

/* RFC 8439, section 2.4.2: the counter begins at 1. */
START_TEST(chacha20_matches_the_message_of_rfc_8439)
{
    static const char plain[] = "Ladies and Gentlemen of the class of '99: If "
        "I could offer you only one tip for the future, sunscreen would be "
        "it.";
    uint8_t key[44], cipher[114], out[114];
    sa_keystream *keystream;

    for (int i = 0; i < 32; i++)
        key[i] = (uint8_t)i;
    unhex(key + 32, "000000000000004a00000000");
    ck_assert_uint_eq(unhex(cipher,
        "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b"
        "f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8"
        "07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736"
        "5af90bbf74a35be6b40b8eedf2785e42874d"), 114);
    keystream = new_keystream(SA_CHACHA20, key);
    ck_assert_int_eq(sa_keystream_read(keystream, 64, out, sizeof out),
        SECAGG_OK);
    for (int i = 0; i < 114; i++)
        ck_assert_uint_eq(out[i] ^ (uint8_t)plain[i], cipher[i]);
    sa_keystream_free(keystream);
}
END_TEST

/* RFC 8439, appendix A.1: key, nonce, counter, block. */
START_TEST(chacha20_matches_the_blocks_of_rfc_8439)
{
    static const struct {
        int at, value; /* the only byte of key || nonce that is not 0 */
        uint64_t counter;
        const char *block;
    } vectors[] = {
        { 0, 0, 0, "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc"
                   "8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11c"
                   "c387b669b2ee6586" },
        { 0, 0, 1, "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e"
                   "32ee7aed29b721769ce64e43d57133b074d839d531ed1f28510afb45"
                   "ace10a1f4b794d6f" },
        { 31, 1, 1, "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3"
                    "c949aa5a8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125"
                    "a64addeb006c13a0" },
        { 1, 0xff, 2, "72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbe"
                      "a1ae9af0ca13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545"
                      "ec1b7374f4872e99f096" },
        { 43, 2, 0, "c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b"
                    "54ee27c78a970e0e955c14f3a88e741b97c286f75f8fc299e8148362"
                    "fa198a39531bed6d" },
    };

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint8_t key[44] = { 0 }, block[64], out[64];
        sa_keystream *keystream;
        key[vectors[i].at] = (uint8_t)vectors[i].value;
        ck_assert_uint_eq(unhex(block, vectors[i].block), 64);
        keystream = new_keystream(SA_CHACHA20, key);
        ck_assert_int_eq(
            sa_keystream_read(keystream, 64 * vectors[i].counter, out, 64),
            SECAGG_OK);
        ck_assert_mem_eq(out, block, 64);
        sa_keystream_free(keystream);
    }
}
END_TEST

/* ---- seeking ------------------------------------------------------------ */

START_TEST(reads_agree_at_every_offset_and_length)
{
    uint64_t state = 1;
    uint8_t key[SA_KEYSTREAM_KEY_MAX];

    for (int s = 0; s < 2; s++) {
        sa_keystream *keystream;
        prng_bytes(&state, key, sizeof key);
        keystream = new_keystream(ciphers[s], key);
        for (uint64_t offset = 0; offset <= 6144; offset += 64)
            check_read(keystream, ciphers[s], key, offset,
                (size_t)(prng_next(&state) % 1500));
        for (size_t len = 0; len <= 700; len++)
            check_read(keystream, ciphers[s], key,
                64 * (prng_next(&state) % 100), len);
        check_read(keystream, ciphers[s], key, 0, 100000);
        sa_keystream_free(keystream);
    }
}
END_TEST

/* Where the counter passes powers of two, and at the end of the keystream. */
START_TEST(reads_agree_at_far_offsets_and_at_the_end)
{
    uint64_t state = 2;
    uint8_t key[SA_KEYSTREAM_KEY_MAX];

    for (int s = 0; s < 2; s++) {
        sa_keystream *keystream;
        prng_bytes(&state, key, sizeof key);
        memset(key + sa_keystream_key_bytes(ciphers[s]) - 4, 0xff, 4);
        keystream = new_keystream(ciphers[s], key);
        for (int power = 8; power < 36; power++)
            for (uint64_t back = 0; back <= 256; back += 64)
                if ((uint64_t)1 << power >= back)
                    check_read(keystream, ciphers[s], key,
                        (((uint64_t)1 << power) - back) / 64 * 64, 400);
        for (size_t len = 0; len <= 640; len++)
            check_read(keystream, ciphers[s], key, (STREAM_END - len) / 64 * 64,
                len % 64 == 0 ? len : len % 64);
        check_read(keystream, ciphers[s], key, STREAM_END - 4096, 4096);
        sa_keystream_free(keystream);
    }
}
END_TEST

/* A read does not depend on earlier reads, nor on earlier keys of the same
 * object. */
START_TEST(rekeying_starts_a_new_keystream)
{
    uint64_t state = 3;
    uint8_t key[SA_KEYSTREAM_KEY_MAX];

    for (int s = 0; s < 2; s++) {
        sa_keystream *keystream;
        ck_assert_int_eq(sa_keystream_new(&keystream, ciphers[s]), SECAGG_OK);
        for (int run = 0; run < 300; run++) {
            prng_bytes(&state, key, sizeof key);
            sa_keystream_rekey(keystream, key);
            for (int k = 0; k < 3; k++)
                check_read(keystream, ciphers[s], key,
                    64 * (prng_next(&state) % 9),
                    (size_t)(prng_next(&state) % 200));
        }
        sa_keystream_free(keystream);
    }
}
END_TEST

START_TEST(every_byte_of_key_and_nonce_changes_the_keystream)
{
    for (int s = 0; s < 2; s++) {
        const size_t len = sa_keystream_key_bytes(ciphers[s]);
        uint8_t key[SA_KEYSTREAM_KEY_MAX] = { 0 }, first[64], out[64];
        sa_keystream *keystream = new_keystream(ciphers[s], key);
        ck_assert_int_eq(sa_keystream_read(keystream, 0, first, 64), SECAGG_OK);
        for (size_t at = 0; at < SA_KEYSTREAM_KEY_MAX; at++) {
            key[at] = 0x10;
            sa_keystream_rekey(keystream, key);
            ck_assert_int_eq(sa_keystream_read(keystream, 0, out, 64),
                SECAGG_OK);
            ck_assert_int_eq(memcmp(out, first, 64) == 0, at >= len);
            key[at] = 0;
        }
        sa_keystream_free(keystream);
    }
}
END_TEST

START_TEST(rekey_copies_exactly_the_key)
{
    for (int s = 0; s < 2; s++) {
        const size_t len = sa_keystream_key_bytes(ciphers[s]);
        uint8_t copy[SA_KEYSTREAM_KEY_MAX] = { 1, 2, 3 };
        uint8_t *key = malloc(len);
        sa_keystream *keystream;
        ck_assert_ptr_nonnull(key);
        memcpy(key, copy, len);
        keystream = new_keystream(ciphers[s], key);
        memset(key, 0, len);
        free(key);
        check_read(keystream, ciphers[s], copy, 128, 100);
        sa_keystream_free(keystream);
    }
}
END_TEST

/* ---- rejected arguments ------------------------------------------------- */

START_TEST(read_rejects_offsets_outside_the_keystream)
{
    static const struct { uint64_t offset, len; } reads[] = {
        { 1, 1 }, { 16, 16 }, { 32, 1 }, { 63, 64 }, { 65, 0 },
        { STREAM_END - 64, 65 }, { STREAM_END - 128, 129 }, { STREAM_END, 1 },
        { STREAM_END + 64, 0 },
        { STREAM_END + 64, 1 }, { UINT64_MAX - 63, 1 }, { UINT64_MAX - 63, 64 },
        { UINT64_MAX, 1 }, { 0, STREAM_END + 1 }, { STREAM_END - 64, SIZE_MAX },
        { STREAM_END - 64, SIZE_MAX - 63 } };

    for (int s = 0; s < 2; s++) {
        const uint8_t key[SA_KEYSTREAM_KEY_MAX] = { 0 };
        sa_keystream *keystream = new_keystream(ciphers[s], key);
        uint8_t out[200], clean[200];
        memset(out, 0x5a, sizeof out);
        memset(clean, 0x5a, sizeof clean);
        for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
            if (reads[i].len <= SIZE_MAX) /* always, if size_t has 64 bits */
                ck_assert_int_eq(sa_keystream_read(keystream, reads[i].offset,
                    out, (size_t)reads[i].len), SECAGG_ERR_ARG);
        ck_assert_int_eq(sa_keystream_read(keystream, STREAM_END, out, 0),
            SECAGG_OK);
        ck_assert_int_eq(sa_keystream_read(keystream, 0, NULL, 0), SECAGG_OK);
        ck_assert_mem_eq(out, clean, sizeof out);
        sa_keystream_free(keystream);
    }
}
END_TEST

START_TEST(there_are_two_ciphers)
{
    sa_keystream *keystream = NULL;

    ck_assert_uint_eq(sa_keystream_key_bytes(SA_AES_128_CTR), 28);
    ck_assert_uint_eq(sa_keystream_key_bytes(SA_CHACHA20), 44);
    for (uint32_t i = 0; i < 70000; i++)
        if (i < 1 || i > 2) {
            ck_assert_uint_eq(sa_keystream_key_bytes((sa_cipher)i), 0);
            ck_assert_int_eq(sa_keystream_new(&keystream, (sa_cipher)i),
                SECAGG_ERR_ARG);
        }
    ck_assert_ptr_null(keystream);
    sa_keystream_free(NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { WITH_OPENSSL(aes_ctr_matches_sp_800_38a),
        chacha20_matches_the_message_of_rfc_8439,
        chacha20_matches_the_blocks_of_rfc_8439,
        reads_agree_at_every_offset_and_length,
        reads_agree_at_far_offsets_and_at_the_end,
        rekeying_starts_a_new_keystream,
        every_byte_of_key_and_nonce_changes_the_keystream,
        rekey_copies_exactly_the_key,
        read_rejects_offsets_outside_the_keystream, there_are_two_ciphers };
    return sodium_init() < 0 || RUN(tests);
}
