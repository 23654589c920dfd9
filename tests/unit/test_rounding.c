/* SPDX-License-Identifier: Apache-2.0 */
/* rounding: the random words of stochastic rounding against the keystreams of
 * oracle.h. */
#include "crypto/suite.h"
#include "support/main.h"
#include "support/oracle.h"
#include "support/util.h"
#include "vector/rounding.h"

/* In any order and across chunks; the oracle computes them in sequence. */
START_TEST(random_words_match_the_keystream_in_any_order)
{
    enum { N = 3 * SA_ROUNDING_CHUNK };
    uint8_t seed[32] = { 11 }, *want;
    uint64_t state = 12;
    const uint8_t *word;
    sa_rounding *words;
    sa_cipher cipher;

    for (uint32_t suite = FIRST_SUITE; suite <= 2; suite++) {
        ck_assert_int_eq(sa_suite_cipher(&cipher, suite), SECAGG_OK);
        want = naive_random(suite, seed, 47, N);
        ck_assert_int_eq(sa_rounding_new(&words, cipher, 47, seed), SECAGG_OK);
        for (int i = 0; i < 200; i++) {
            const size_t at = (size_t)(prng_next(&state) % N);
            const size_t left = SA_ROUNDING_CHUNK - at % SA_ROUNDING_CHUNK;
            ck_assert_int_eq(sa_rounding_draw(words, at, &word), SECAGG_OK);
            ck_assert_mem_eq(word, want + 4 * at, 4 * left);
        }
        sa_rounding_free(words);
        free(want);
    }
}
END_TEST

START_TEST(the_last_random_words_of_a_keystream_can_be_drawn)
{
    const uint64_t last = ((uint64_t)1 << 34) - SA_ROUNDING_CHUNK;
    uint8_t key[SA_KEYSTREAM_KEY_MAX], seed[32] = { 13 };
    static uint8_t want[4 * SA_ROUNDING_CHUNK];
    const uint8_t *word;
    sa_rounding *words;
    sa_cipher cipher;
    sa_keystream *prg;

    for (uint32_t suite = FIRST_SUITE; suite <= 2; suite++) {
        ck_assert_int_eq(sa_suite_cipher(&cipher, suite), SECAGG_OK);
        ck_assert_int_eq(sa_rounding_derive_key(key, cipher, 3, seed),
            SECAGG_OK);
        ck_assert_int_eq(sa_keystream_new(&prg, cipher), SECAGG_OK);
        sa_keystream_rekey(prg, key);
        ck_assert_int_eq(sa_keystream_read(prg, 4 * last, want, sizeof want),
            SECAGG_OK);
        ck_assert_int_eq(sa_rounding_new(&words, cipher, 3, seed), SECAGG_OK);
        ck_assert_int_eq(sa_rounding_draw(words, last, &word), SECAGG_OK);
        ck_assert_mem_eq(word, want, sizeof want);
        sa_rounding_free(words);
        sa_keystream_free(prg);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        random_words_match_the_keystream_in_any_order,
        the_last_random_words_of_a_keystream_can_be_drawn };
    return RUN(tests);
}
