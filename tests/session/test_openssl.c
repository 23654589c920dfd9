/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL that cannot be used: after its clean-up at exit, after a first use
 * that found no memory, and with a configuration that lacks algorithms. Calls
 * return an error, name what is missing, and never crash. Each case runs in a
 * child, whose use of OpenSSL is its first. */
#define _DEFAULT_SOURCE /* mkstemp */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "support/main.h"
#include "support/small_session.h"

static char why[160];

static bool has(const char *text)
{
    return strstr(why, text) != NULL;
}

static bool is_lack(secagg_err err)
{
    return err == SECAGG_ERR_MEMORY || err == SECAGG_ERR_CRYPTO;
}

/* ---- after the clean-up ------------------------------------------------- */

static small_session done, half;

/* This handler was registered before OpenSSL's, so it runs after it. */
static void use_after_clean_up(void)
{
    const secagg_policy policy = laxest_policy();
    secagg_client *client = NULL;
    secagg_masks *masks = NULL;
    float sum[SMALL_LENGTH] = { 0 };

    EXPECT(secagg_available(1, why, sizeof why) == SECAGG_ERR_CRYPTO);
    EXPECT(has("OpenSSL cannot be used"));
    EXPECT(secagg_server_sum_f32(done.server, 0, 0, sum, SMALL_LENGTH)
        == SECAGG_ERR_CRYPTO);
    EXPECT(secagg_client_new_seeded(&client, &half.params, 0, &policy,
        half.params.app_digest) == SECAGG_ERR_CRYPTO);
    EXPECT(client == NULL);
    EXPECT(secagg_masks_new(&masks, 2) == SECAGG_ERR_CRYPTO);
    EXPECT(secagg_params_new_session(&half.params) == SECAGG_ERR_RANDOM);
    EXPECT(is_lack(small_input(&half, 1)));
    EXPECT(secagg_client_input_f32(half.clients[0], 0, 1, sum, SMALL_LENGTH - 1)
        == SECAGG_ERR_CRYPTO);
    small_free(&done);
    small_free(&half);
    _exit(0);
}

/* Leave with a finished session, and with one whose client 0 has the keystream
 * of its rounding, in two pieces of input. */
static void exit_with_handles(void)
{
    const float value = 0.5;

    EXPECT(atexit(use_after_clean_up) == 0);
    EXPECT(small_start(&done, SECAGG_SUITE_CHACHA) == SECAGG_OK);
    EXPECT(small_run(&done) == SECAGG_OK);
    EXPECT(small_start(&half, SECAGG_SUITE_CHACHA) == SECAGG_OK);
    EXPECT(secagg_client_input_f32(half.clients[0], 0, 0, &value, 1)
        == SECAGG_OK);
    exit(255); /* the handler has the last word */
}

START_TEST(calls_after_openssl_is_cleaned_up_are_errors)
{
    CHILD_PASSES(exit_with_handles);
}
END_TEST

/* ---- a first use without memory ----------------------------------------- */

static uint64_t allocations, fail_at;
static bool armed, persists;

static bool must_fail(void)
{
    if (!armed)
        return false;
    allocations++;
    return persists ? allocations > fail_at : allocations == fail_at + 1;
}

static void *ssl_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return must_fail() ? NULL : malloc(size);
}

static void *ssl_realloc(void *at, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return must_fail() ? NULL : realloc(at, size);
}

static void ssl_free(void *at, const char *file, int line)
{
    (void)file;
    (void)line;
    free(at);
}

/* Allocation `fail_at` fails, or it and all that follow. Afterwards there is
 * memory again: then a session succeeds, or OpenSSL cannot be used any more and
 * says so. */
static void first_use(void)
{
    small_session s;
    secagg_err err;

    armed = true;
    err = small_start(&s, SECAGG_SUITE_CHACHA);
    EXPECT(err == SECAGG_OK || is_lack(err));
    small_free(&s);
    err = secagg_params_new_session(&s.params);
    EXPECT(err == SECAGG_OK || err == SECAGG_ERR_MEMORY
        || err == SECAGG_ERR_RANDOM);
    armed = false;
    if (allocations <= fail_at)
        _exit(255);
    if (secagg_available(SECAGG_SUITE_CHACHA, why, sizeof why) != SECAGG_OK) {
        EXPECT(has("OpenSSL cannot be used") || has("OpenSSL offers no"));
        EXPECT(small_start(&s, SECAGG_SUITE_CHACHA) == SECAGG_ERR_CRYPTO);
        small_free(&s);
        return;
    }
    EXPECT(small_start(&s, SECAGG_SUITE_CHACHA) == SECAGG_OK);
    EXPECT(small_run(&s) == SECAGG_OK && small_sum_is_right(&s));
    small_free(&s);
}

static uint64_t stride(void)
{
    if (getenv("SECAGG_LONG") != NULL)
        return 1;
    return getenv("SECAGG_SMALL") != NULL ? 101 : 23;
}

START_TEST(a_first_use_without_memory_is_an_error)
{
    for (int round = 0; round < 2; round++) {
        int status = 0;
        persists = round > 0;
        for (fail_at = 0; status == 0; fail_at += stride()) {
            status = status_of(first_use);
            ck_assert_msg(!WIFSIGNALED(status), "%d, %llu: signal %d", round,
                (unsigned long long)fail_at, WTERMSIG(status));
        }
        ck_assert_msg(WEXITSTATUS(status) == 255, "%d, %llu: line %d", round,
            (unsigned long long)fail_at, WEXITSTATUS(status) - 1);
        ck_assert_uint_gt(fail_at, 1000);
    }
}
END_TEST

/* ---- algorithms that are missing ---------------------------------------- */

static const char *absent; /* an algorithm that is not found */

EVP_MD *__real_EVP_MD_fetch(OSSL_LIB_CTX *ctx, const char *name,
    const char *properties);
EVP_MD *__wrap_EVP_MD_fetch(OSSL_LIB_CTX *ctx, const char *name,
    const char *properties);
EVP_CIPHER *__real_EVP_CIPHER_fetch(OSSL_LIB_CTX *ctx, const char *name,
    const char *properties);
EVP_CIPHER *__wrap_EVP_CIPHER_fetch(OSSL_LIB_CTX *ctx, const char *name,
    const char *properties);

EVP_MD *__wrap_EVP_MD_fetch(OSSL_LIB_CTX *ctx, const char *name,
    const char *properties)
{
    return __real_EVP_MD_fetch(ctx,
        absent != NULL && strcmp(name, absent) == 0 ? "none" : name,
        properties);
}

EVP_CIPHER *__wrap_EVP_CIPHER_fetch(OSSL_LIB_CTX *ctx, const char *name,
    const char *properties)
{
    return __real_EVP_CIPHER_fetch(ctx,
        absent != NULL && strcmp(name, absent) == 0 ? "none" : name,
        properties);
}

/* Both the check of parameters and new handles refuse `suite`; the sentence
 * names the algorithm. */
static void expect_refusal(uint32_t suite, const char *algorithm)
{
    secagg_masks *masks = NULL;
    small_session s;

    EXPECT(secagg_available(suite, why, sizeof why) == SECAGG_ERR_CRYPTO);
    EXPECT(has(algorithm) && has("OpenSSL"));
    memset(why, 0, sizeof why);
    small_params(&s, suite);
    EXPECT(secagg_params_check(&s.params, why, sizeof why)
        == SECAGG_ERR_CRYPTO);
    EXPECT(has(algorithm));
    EXPECT(small_start(&s, suite) == SECAGG_ERR_CRYPTO);
    EXPECT(s.server == NULL);
    EXPECT(secagg_masks_new(&masks, suite != 0 ? suite : 1)
        == SECAGG_ERR_CRYPTO);
    EXPECT(masks == NULL);
}

static void expect_session(uint32_t suite)
{
    small_session s;

    EXPECT(secagg_available(suite, why, sizeof why) == SECAGG_OK);
    EXPECT(why[0] == '\0');
    EXPECT(small_start(&s, suite) == SECAGG_OK);
    EXPECT(small_run(&s) == SECAGG_OK && small_sum_is_right(&s));
    small_free(&s);
}

static void without_sha256(void)
{
    absent = "SHA256";
    expect_refusal(1, "SHA-256");
    expect_refusal(2, "SHA-256");
}

static void without_chacha20(void)
{
    absent = "ChaCha20";
    expect_refusal(1, "ChaCha20");
    expect_refusal(2, "ChaCha20");
}

static void without_aes(void)
{
    absent = "AES-128-CTR";
    expect_refusal(0, "AES-128-CTR");
    expect_refusal(1, "AES-128-CTR");
    expect_session(2);
}

static void with_everything(void)
{
    expect_session(1);
    expect_session(2);
    EXPECT(secagg_available(0, why, 1) == SECAGG_OK && why[0] == '\0');
    EXPECT(secagg_available(3, why, sizeof why) == SECAGG_ERR_ARG);
    EXPECT(has("there is no suite 3"));
    EXPECT(secagg_available(3, NULL, 0) == SECAGG_ERR_ARG);
}

START_TEST(a_missing_algorithm_is_named)
{
    CHILD_PASSES(without_sha256);
    CHILD_PASSES(without_chacha20);
    CHILD_PASSES(without_aes);
}
END_TEST

START_TEST(available_agrees_with_sessions)
{
    CHILD_PASSES(with_everything);
}
END_TEST

/* Let a child read this configuration. */
static void configure(const char *text)
{
    char name[] = "openssl-XXXXXX"; /* in the current folder */
    const int file = mkstemp(name);

    EXPECT(file >= 0);
    EXPECT(write(file, text, strlen(text)) == (ssize_t)strlen(text));
    EXPECT(setenv("OPENSSL_CONF", name, 1) == 0);
    EXPECT(close(file) == 0);
    (void)OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL); /* read it */
    EXPECT(unlink(name) == 0);
}

/* A provider that is activated by name replaces the default one. */
static void no_default_provider(void)
{
    configure("openssl_conf = all\n[all]\nproviders = providers\n"
        "[providers]\nbase = base\n[base]\nactivate = 1\n");
    expect_refusal(1, "SHA-256");
    expect_refusal(2, "SHA-256");
}

static void fips_alone(void)
{
    configure("openssl_conf = all\n[all]\nalg_section = algorithms\n"
        "[algorithms]\ndefault_properties = fips=yes\n");
    expect_refusal(1, "SHA-256");
    expect_refusal(2, "SHA-256");
}

START_TEST(a_configuration_without_algorithms_is_named)
{
    CHILD_PASSES(no_default_provider);
    CHILD_PASSES(fips_alone);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        calls_after_openssl_is_cleaned_up_are_errors,
        a_first_use_without_memory_is_an_error, a_missing_algorithm_is_named,
        available_agrees_with_sessions,
        a_configuration_without_algorithms_is_named };

    return CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free) != 1
        || RUN(tests);
}
