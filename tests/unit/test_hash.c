/* SPDX-License-Identifier: Apache-2.0 */
/* hash: the published examples of SHA-256, HMAC and HKDF; then HKDF with labels
 * compared with a second implementation on libsodium's HMAC, and with
 * OpenSSL's HKDF. */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <sodium.h>

#include "crypto/hash.h"
#include "support/main.h"
#include "support/util.h"

static void check_hex(const uint8_t *bytes, const char *hex)
{
    uint8_t want[128];
    const size_t len = unhex(want, hex);

    ck_assert_mem_eq(bytes, want, len);
}

/* ---- SHA-256 ------------------------------------------------------------ */

static void check_sha256(const char *text, const char *hex)
{
    const sa_bytes part = { text, strlen(text) };
    uint8_t out[32];

    ck_assert_int_eq(sa_sha256(out, &part, 1), SECAGG_OK);
    check_hex(out, hex);
}

/* NIST's examples for FIPS 180-4 (SHA256.pdf, one block and two blocks), the
 * empty message, and a million times "a" of FIPS 180-2, B.3. */
START_TEST(sha256_matches_the_examples_of_fips_180)
{
    char *million = malloc(1000001);

    check_sha256("abc", "ba7816bf8f01cfea414140de5dae2223"
                        "b00361a396177a9cb410ff61f20015ad");
    check_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    check_sha256("", "e3b0c44298fc1c149afbf4c8996fb924"
                     "27ae41e4649b934ca495991b7852b855");
    ck_assert_ptr_nonnull(million);
    memset(million, 'a', 1000000);
    million[1000000] = 0;
    check_sha256(million, "cdc76e5c9914fb9281a1c7e284d73e67"
                          "f1809a48a497200e046d39ccc7112cd0");
    free(million);
}
END_TEST

START_TEST(a_digest_depends_only_on_the_joined_parts)
{
    uint8_t text[200], want[32], out[32];
    uint64_t state = 1;

    prng_bytes(&state, text, sizeof text);
    for (size_t len = 0; len <= sizeof text; len++) {
        const size_t a = (size_t)(prng_next(&state) % (len + 1));
        const size_t b = a + (size_t)(prng_next(&state) % (len - a + 1));
        const sa_bytes parts[] = { { text, a }, { NULL, 0 },
            { text + a, b - a }, { text + b, len - b } };
        crypto_hash_sha256(want, text, len);
        ck_assert_int_eq(sa_sha256(out, parts, 4), SECAGG_OK);
        ck_assert_mem_eq(out, want, 32);
    }
    crypto_hash_sha256(want, NULL, 0);
    ck_assert_int_eq(sa_sha256(out, NULL, 0), SECAGG_OK);
    ck_assert_mem_eq(out, want, 32);
}
END_TEST

/* H("LSA1 set"; ...), with the zero byte written by hand. */
START_TEST(hash_prepends_the_label_and_a_zero_byte)
{
    static const uint8_t text[] = { 'L', 'S', 'A', '1', ' ', 's', 'e', 't', 0,
        1, 2, 3, 0, 4 };
    static const uint8_t no_text[] = { 0 };
    const sa_bytes parts[] = { { text + 9, 3 }, { text + 12, 2 } };
    uint8_t want[32], out[32];

    crypto_hash_sha256(want, text, sizeof text);
    ck_assert_int_eq(sa_hash(out, "LSA1 set", parts, 2), SECAGG_OK);
    ck_assert_mem_eq(out, want, 32);
    crypto_hash_sha256(want, text, 9);
    ck_assert_int_eq(sa_hash(out, "LSA1 set", NULL, 0), SECAGG_OK);
    ck_assert_mem_eq(out, want, 32);
    crypto_hash_sha256(want, no_text, 1);
    ck_assert_int_eq(sa_hash(out, "", NULL, 0), SECAGG_OK);
    ck_assert_mem_eq(out, want, 32);
}
END_TEST

/* ---- extract ------------------------------------------------------------ */

/* Extract is HMAC with a key of 32 bytes. HMAC extends a shorter key with zeros
 * and hashes a key that is longer than a block (FIPS 198-1, section 4), so that
 * vectors with such keys apply too. */
static void check_extract(const char *key_hex, const uint8_t *text, size_t len,
    const char *hex)
{
    uint8_t key[160], salt[32] = { 0 }, prk[32];
    const size_t key_len = unhex(key, key_hex);

    if (key_len <= 32)
        memcpy(salt, key, key_len);
    else
        crypto_hash_sha256(salt, key, key_len);
    ck_assert_int_eq(sa_extract(prk, salt, text, len), SECAGG_OK);
    check_hex(prk, hex);
}

#define TWENTY_AA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LONG_KEY                                                              \
    TWENTY_AA TWENTY_AA TWENTY_AA TWENTY_AA TWENTY_AA TWENTY_AA               \
        "aaaaaaaaaaaaaaaaaaaaaa"

/* RFC 4231, 4.2 to 4.5, 4.7 and 4.8; in 4.6 the output is truncated. */
START_TEST(extract_matches_the_hmac_vectors_of_rfc_4231)
{
    static const char greeting[] = "Hi There",
        question[] = "what do ya want for nothing?",
        larger_key[] = "Test Using Larger Than Block-Size Key - Hash Key "
                       "First",
        larger_both[] = "This is a test using a larger than block-size key "
                        "and a larger than block-size data. The key needs to "
                        "be hashed before being used by the HMAC algorithm.";
    uint8_t fifty[50];

    check_extract("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
        (const uint8_t *)greeting, 8, "b0344c61d8db38535ca8afceaf0bf12b"
                                      "881dc200c9833da726e9376c2e32cff7");
    check_extract("4a656665", (const uint8_t *)question, 28,
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(fifty, 0xdd, sizeof fifty);
    check_extract(TWENTY_AA, fifty, 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    memset(fifty, 0xcd, sizeof fifty);
    check_extract("0102030405060708090a0b0c0d0e0f10111213141516171819", fifty,
        50, "82558a389a443c0ea4cc819899f2083a"
            "85f0faa3e578f8077a2e3ff46729665b");
    check_extract(LONG_KEY, (const uint8_t *)larger_key, 54,
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    check_extract(LONG_KEY, (const uint8_t *)larger_both, 152,
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}
END_TEST

/* The PRK of RFC 5869, A.1 to A.3. */
START_TEST(extract_matches_the_vectors_of_rfc_5869)
{
    uint8_t ikm[80], salt[161] = { 0 };

    memset(ikm, 0x0b, 22);
    check_extract("000102030405060708090a0b0c", ikm, 22,
        "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    for (int i = 0; i < 80; i++) {
        ikm[i] = (uint8_t)i;
        snprintf((char *)salt + 2 * i, 3, "%02x", 0x60 + i);
    }
    check_extract((const char *)salt, ikm, 80,
        "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244");
    memset(ikm, 0x0b, 22);
    check_extract("", ikm, 22,
        "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
}
END_TEST

/* Every length up to SA_EXTRACT_MAX, compared with libsodium's HMAC. */
START_TEST(extract_rejects_more_than_its_maximum_length)
{
    uint8_t salt[32], ikm[400], prk[32], want[32];
    uint64_t state = 2;

    prng_bytes(&state, salt, sizeof salt);
    prng_bytes(&state, ikm, sizeof ikm);
    for (size_t len = 0; len <= SA_EXTRACT_MAX; len++) {
        crypto_auth_hmacsha256(want, ikm, len, salt);
        ck_assert_int_eq(sa_extract(prk, salt, ikm, len), SECAGG_OK);
        ck_assert_mem_eq(prk, want, 32);
    }
    for (size_t len = SA_EXTRACT_MAX + 1; len <= sizeof ikm; len++)
        ck_assert_int_eq(sa_extract(prk, salt, ikm, len), SECAGG_ERR_ARG);
    ck_assert_mem_eq(prk, want, 32);
    ck_assert_int_eq(sa_extract(prk, salt, NULL, 0), SECAGG_OK);
    crypto_auth_hmacsha256(want, NULL, 0, salt);
    ck_assert_mem_eq(prk, want, 32);
}
END_TEST

/* ---- expand ------------------------------------------------------------- */

/* be16 length || u8 of the label || "LSA1 " name || be16 of the context ||
 * context. */
static size_t make_info(uint8_t *info, size_t len, const char *name,
    const uint8_t *context, size_t context_len)
{
    const size_t label = 5 + strlen(name);

    info[0] = (uint8_t)(len / 256);
    info[1] = (uint8_t)(len % 256);
    info[2] = (uint8_t)label;
    memcpy(info + 3, "LSA1 ", 5);
    memcpy(info + 8, name, label - 5);
    info[3 + label] = (uint8_t)(context_len / 256);
    info[4 + label] = (uint8_t)(context_len % 256);
    memcpy(info + 5 + label, context, context_len);
    return 5 + label + context_len;
}

/* RFC 5869, 2.3, on libsodium's HMAC. */
static void naive_expand(uint8_t *out, size_t len, const uint8_t prk[32],
    const uint8_t *info, size_t info_len)
{
    uint8_t block[32];

    for (size_t done = 0; done < len; done += 32) {
        const uint8_t counter = (uint8_t)(done / 32 + 1);
        crypto_auth_hmacsha256_state state;
        crypto_auth_hmacsha256_init(&state, prk, 32);
        if (done > 0)
            crypto_auth_hmacsha256_update(&state, block, 32);
        crypto_auth_hmacsha256_update(&state, info, info_len);
        crypto_auth_hmacsha256_update(&state, &counter, 1);
        crypto_auth_hmacsha256_final(&state, block);
        memcpy(out + done, block, len - done < 32 ? len - done : 32);
    }
}

static void openssl_expand(uint8_t *out, size_t len, uint8_t prk[32],
    uint8_t *info, size_t info_len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
            (char[]){ "SHA256" }, 0),
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, prk, 32),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, info_len),
        OSSL_PARAM_construct_end() };

    ck_assert_int_eq(EVP_KDF_derive(ctx, out, len, params), 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

/* The second implementation itself is checked by RFC 5869, A.1 and A.2. */
START_TEST(naive_expand_matches_the_vectors_of_rfc_5869)
{
    uint8_t prk[32], info[80], out[82];

    unhex(prk, "077709362c2e32df0ddc3f0dc47bba63"
               "90b6c73bb50f9c3122ec844ad7c2b3e5");
    unhex(info, "f0f1f2f3f4f5f6f7f8f9");
    naive_expand(out, 42, prk, info, 10);
    check_hex(out, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c"
                   "5db02d56ecc4c5bf34007208d5b887185865");
    unhex(prk, "06a6b88c5853361a06104c9ceb35b45c"
               "ef760014904671014a193f40c15fc244");
    for (int i = 0; i < 80; i++)
        info[i] = (uint8_t)(0xb0 + i);
    naive_expand(out, 82, prk, info, 80);
    check_hex(out, "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c"
                   "19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8"
                   "367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
}
END_TEST

#define LONGEST_NAME "abcdefghijklmnopqrstuvwxyz"

static void check_expand(size_t len, const char *name, size_t context_len,
    uint64_t seed)
{
    uint8_t prk[32], context[256], info[300], want[64], out[65];
    size_t info_len;

    prng_bytes(&seed, prk, sizeof prk);
    prng_bytes(&seed, context, sizeof context);
    info_len = make_info(info, len, name, context, context_len);
    memset(out, 0x5a, sizeof out);
    ck_assert_int_eq(sa_expand(out, len, prk, name,
        context_len > 0 ? context : NULL, context_len), SECAGG_OK);
    naive_expand(want, len, prk, info, info_len);
    ck_assert_mem_eq(out, want, len);
    ck_assert_uint_eq(out[len], 0x5a);
    if (len == 0)
        return;
    openssl_expand(want, len, prk, info, info_len);
    ck_assert_mem_eq(out, want, len);
}

START_TEST(expand_agrees_with_two_implementations_of_hkdf)
{
    static const char *const names[] = { "", "x", "share", "mask root",
        LONGEST_NAME };

    for (size_t len = 0; len <= SA_EXPAND_MAX; len++)
        check_expand(len, names[len % 5], 3 * len, len);
    for (size_t size = 0; size <= SA_EXPAND_CONTEXT_MAX; size++)
        check_expand(64 - size % 3, names[size % 5], size, 1000 + size);
    for (size_t i = 0; i < 5; i++)
        check_expand(33, names[i], 81, 2000 + i);
    check_expand(SA_EXPAND_MAX, LONGEST_NAME, SA_EXPAND_CONTEXT_MAX, 3000);
}
END_TEST

/* The info of PROTOCOL.md 3.2, written byte by byte, and the counter 01. */
START_TEST(expand_builds_the_info_of_the_specification)
{
    static const uint8_t info[] = { 0, 32, 10, 'L', 'S', 'A', '1', ' ', 's',
        'h', 'a', 'r', 'e', 0, 2, 0xaa, 0xbb, 1 };
    uint8_t prk[32], want[32], out[32];

    memset(prk, 7, sizeof prk);
    crypto_auth_hmacsha256(want, info, sizeof info, prk);
    ck_assert_int_eq(sa_expand(out, 32, prk, "share", info + 15, 2),
        SECAGG_OK);
    ck_assert_mem_eq(out, want, 32);
}
END_TEST

START_TEST(expand_rejects_arguments_that_are_too_long)
{
    static const uint8_t prk[32], context[257];
    uint8_t out[70], clean[70];

    memset(out, 0x5a, sizeof out);
    memset(clean, 0x5a, sizeof clean);
    ck_assert_int_eq(sa_expand(out, SA_EXPAND_MAX + 1, prk, "x", context, 1),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(sa_expand(out, SIZE_MAX, prk, "x", context, 1),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(sa_expand(out, 32, prk, "x", context,
        SA_EXPAND_CONTEXT_MAX + 1), SECAGG_ERR_ARG);
    ck_assert_int_eq(sa_expand(out, 32, prk, "x", context, SIZE_MAX),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(sa_expand(out, 32, prk, LONGEST_NAME "A", context, 1),
        SECAGG_ERR_ARG);
    ck_assert_mem_eq(out, clean, sizeof out);
}
END_TEST

/* The output depends on the length, the name and the context, and moving a byte
 * from one of them to another changes it. */
START_TEST(every_argument_changes_the_output)
{
    static const uint8_t prk[2][32] = { { 0 }, { 1 } };
    static const struct {
        size_t len;
        int prk;
        const char *name, *context;
        size_t context_len;
    } calls[] = { { 32, 0, "ab", "c", 1 }, { 33, 0, "ab", "c", 1 },
        { 32, 1, "ab", "c", 1 }, { 32, 0, "a", "bc", 2 },
        { 32, 0, "abc", "", 0 }, { 32, 0, "ab", "c\0", 2 },
        { 32, 0, "ab", "\0c", 2 }, { 32, 0, "ab", "", 0 },
        { 64, 0, "ab", "c", 1 } };
    const size_t count = sizeof calls / sizeof *calls;
    uint8_t out[sizeof calls / sizeof *calls][64];

    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(sa_expand(out[i], calls[i].len, prk[calls[i].prk],
            calls[i].name, (const uint8_t *)calls[i].context,
            calls[i].context_len), SECAGG_OK);
        for (size_t j = 0; j < i; j++)
            ck_assert_mem_ne(out[i], out[j], 32);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { sha256_matches_the_examples_of_fips_180,
        a_digest_depends_only_on_the_joined_parts,
        hash_prepends_the_label_and_a_zero_byte,
        extract_matches_the_hmac_vectors_of_rfc_4231,
        extract_matches_the_vectors_of_rfc_5869,
        extract_rejects_more_than_its_maximum_length,
        naive_expand_matches_the_vectors_of_rfc_5869,
        expand_agrees_with_two_implementations_of_hkdf,
        expand_builds_the_info_of_the_specification,
        expand_rejects_arguments_that_are_too_long,
        every_argument_changes_the_output };
    return sodium_init() < 0 || RUN(tests);
}
