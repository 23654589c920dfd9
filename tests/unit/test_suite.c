/* SPDX-License-Identifier: Apache-2.0 */
/* suite: the cipher of every suite, compared with the table in PROTOCOL.md
 * 3.4. */
#include <secagg.h>
#include <string.h>

#include "crypto/keystream.h"
#include "crypto/suite.h"
#include "support/main.h"

START_TEST(each_suite_has_the_cipher_of_the_specification)
{
    sa_cipher cipher;

    ck_assert_int_eq(sa_suite_cipher(&cipher, SECAGG_SUITE_AES), SECAGG_OK);
    ck_assert_int_eq(cipher, SA_AES_128_CTR);
    ck_assert_int_eq(sa_suite_cipher(&cipher, SECAGG_SUITE_CHACHA), SECAGG_OK);
    ck_assert_int_eq(cipher, SA_CHACHA20);
}
END_TEST

/* A suite without a cipher is an error in every function that takes one. */
START_TEST(every_other_suite_is_rejected)
{
    secagg_segment segment = { .length = 1, .bits = 8 };
    secagg_params params = SECAGG_PARAMS_INIT;
    sa_cipher cipher = SA_CHACHA20;
    secagg_masks *masks = NULL;

    params.clients = params.threshold = 3;
    params.segments = &segment;
    params.segment_count = 1;
    ck_assert_int_eq(secagg_params_check(&params, NULL, 0), SECAGG_OK);
    for (uint32_t suite = 3; suite < 70000; suite++) {
        params.suite = suite;
        ck_assert_int_eq(sa_suite_cipher(&cipher, suite), SECAGG_ERR_ARG);
        ck_assert_int_eq(secagg_masks_new(&masks, suite), SECAGG_ERR_ARG);
        ck_assert_int_eq(secagg_params_check(&params, NULL, 0),
            SECAGG_ERR_ARG);
    }
    ck_assert_int_eq(sa_suite_cipher(&cipher, 0), SECAGG_ERR_ARG);
    ck_assert_int_eq(sa_suite_cipher(&cipher, UINT32_MAX), SECAGG_ERR_ARG);
    ck_assert_int_eq(cipher, SA_CHACHA20);
    ck_assert_ptr_null(masks);
}
END_TEST

/* The build serves both suites, or refuses suite 1 with the same sentence in
 * both places. */
START_TEST(a_suite_is_served_or_refused_by_name)
{
    const secagg_err served = FIRST_SUITE == 1 ? SECAGG_OK
                                               : SECAGG_ERR_CRYPTO;
    secagg_segment segment = { .length = 1, .bits = 8 };
    secagg_params params = SECAGG_PARAMS_INIT;
    secagg_server *server = NULL;
    char why[160], again[160];

    params.clients = params.threshold = 3;
    params.segments = &segment;
    params.segment_count = 1;
    params.suite = SECAGG_SUITE_AES;
    ck_assert_int_eq(secagg_available(2, why, sizeof why), SECAGG_OK);
    ck_assert_str_eq(why, "");
    ck_assert_int_eq(secagg_available(1, why, sizeof why), served);
    ck_assert_int_eq(secagg_available(0, NULL, 0), served);
    ck_assert_int_eq(secagg_params_check(&params, again, sizeof again),
        served);
    ck_assert_str_eq(why, again);
    ck_assert(served == SECAGG_OK || strstr(why, "AES-128-CTR") != NULL);
    ck_assert_int_eq(secagg_server_new_seeded(&server, &params,
        params.app_digest), served);
    secagg_server_free(server);
    ck_assert_int_eq(secagg_available(3, why, sizeof why), SECAGG_ERR_ARG);
    ck_assert_str_eq(why, "there is no suite 3");
}
END_TEST

/* Callers have buffers of the maximum size for the keys of any cipher. */
START_TEST(each_key_fits_a_buffer_of_the_maximum_size)
{
    sa_cipher cipher;

    for (uint32_t suite = 1; sa_suite_cipher(&cipher, suite) == SECAGG_OK;
        suite++) {
        ck_assert_uint_gt(sa_keystream_key_bytes(cipher), 0);
        ck_assert_uint_le(sa_keystream_key_bytes(cipher),
            SA_KEYSTREAM_KEY_MAX);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        each_suite_has_the_cipher_of_the_specification,
        every_other_suite_is_rejected, a_suite_is_served_or_refused_by_name,
        each_key_fits_a_buffer_of_the_maximum_size };

    return RUN(tests);
}
