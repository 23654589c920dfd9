/* SPDX-License-Identifier: Apache-2.0 */
/* params_bounded: the rules for integers with a bound and for min_weight, and
 * the minimal modulus computed with integers of GMP. */
#include <gmp.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "support/fp_modes.h"
#include "support/main.h"
#include "support/params_fixture.h"

/* Check the members of integers with a bound; two clients allow 63 bits. */
static void check_bounded(secagg_kind kind, uint32_t min, const char *said)
{
    const double clips[] = { 1, -1, 0x1p-1074, NAN };
    fixture good = valid_params(), w;

    good.p.clients = good.p.min_survivors = good.p.threshold = 2;
    good.p.corrupt = 0;
    good.s[0] = (secagg_segment){ .length = 5, .kind = kind,
        .value_bits = min, .clip = -0.0 };
    w = good;
    for (; w.s[0].value_bits <= 63; w.s[0].value_bits++)
        check_valid(&w);
    check_invalid(&w, "segment 0", "64 value bits", NULL);
    w.s[0].value_bits = min - 1;
    check_invalid(&w, "segment 0", said, NULL);
    w = good;
    w.s[0].rounding = SECAGG_NEAREST;
    check_invalid(&w, "segment 0", "rounding", NULL);
    for (int i = 0; i < 4; i++) {
        w = good;
        w.s[0].clip = clips[i];
        check_invalid(&w, "segment 0", "clip", NULL);
    }
}

START_TEST(bounded_integers_must_set_only_value_bits)
{
    check_bounded(SECAGG_UNSIGNED, 1, "0 value bits");
    check_bounded(SECAGG_SIGNED, 2, "1 value bits");
}
END_TEST

START_TEST(min_weight_must_be_0_or_with_weights_1)
{
    fixture w = valid_params();

    w.p.min_weight = 1;
    check_invalid(&w, "min_weight 1", "no weights", NULL);
    w.p.max_weight = 1;
    check_valid(&w);
    w.p.max_weight = UINT32_MAX;
    check_valid(&w);
    w.p.min_weight = 2;
    check_invalid(&w, "min_weight 2", NULL);
    w.p.min_weight = UINT32_MAX;
    check_invalid(&w, "min_weight 4294967295", NULL);
}
END_TEST

/* DAZ of the host makes subnormal numbers equal to 0. */
START_TEST(clips_are_checked_the_same_in_every_floating_point_environment)
{
    const double wrong[] = { 0x1p-1074, -0x1p-1074, 0x1p-1030 };
    fixture w = valid_params();

    for (size_t mode = 0; mode < FP_MODES; mode++)
        for (int i = 0; i < 3; i++) {
            w.s[0] = (secagg_segment){ .length = 5, .bits = 64,
                .clip = wrong[i] };
            fp_set(mode);
            check_invalid(&w, "segment 0", "clip", NULL);
            w.s[0] = (secagg_segment){ .length = 5, .kind = SECAGG_REAL,
                .value_bits = 8, .clip = wrong[i] };
            check_invalid(&w, "segment 0", "clip", NULL);
            w.s[0].clip = 0x1p-500;
            check_valid(&w);
            ck_assert(fp_reset(mode));
        }
}
END_TEST

/* ---- the minimal modulus (PROTOCOL.md 7.4) ------------------------------ */

/* Returns the bit length of n (2^q - 1). */
static size_t naive_bits(uint32_t n, uint32_t q)
{
    size_t bits;
    mpz_t product;

    mpz_init_set_ui(product, 1);
    mpz_mul_2exp(product, product, q);
    mpz_sub_ui(product, product, 1);
    mpz_mul_ui(product, product, n);
    bits = mpz_sizeinbase(product, 2);
    mpz_clear(product);
    return bits;
}

/* The sum of n integers fits, or does not fit, 64 bits. */
static void check_modulus(uint32_t n, secagg_kind kind, uint32_t q)
{
    const uint32_t least = (uint32_t)naive_bits(n, q);
    fixture w = valid_params();
    uint64_t entry;
    uint32_t bits;
    char said[40];

    w.p.clients = w.p.min_survivors = w.p.threshold = n;
    w.p.corrupt = 0;
    w.s[0] = (secagg_segment){ .length = 5, .kind = kind, .value_bits = q };
    if (least > 64) {
        check_invalid(&w, "at least 65 bits, not 64", NULL);
        w.s[0].bits = 64;
        check_invalid(&w, "at least 65 bits, not 64", NULL);
        return;
    }
    check_valid(&w);
    ck_assert_int_eq(secagg_params_place(&w.p, 0, &bits, &entry), SECAGG_OK);
    ck_assert_uint_eq(bits, least);
    w.s[0].bits = least - 1;
    snprintf(said, sizeof said, " %" PRIu32 " bits, not %" PRIu32, least,
        least - 1);
    check_invalid(&w, said, NULL);
}

START_TEST(the_minimal_modulus_of_bounded_integers_is_exact)
{
    static const uint32_t clients[] = { 2, 3, 4, 5, 255, 256, 257, 4095 };

    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++)
        for (uint32_t q = 1; q <= 63; q++) {
            check_modulus(clients[i], SECAGG_UNSIGNED, q);
            if (q > 1)
                check_modulus(clients[i], SECAGG_SIGNED, q);
        }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { bounded_integers_must_set_only_value_bits,
        min_weight_must_be_0_or_with_weights_1,
        clips_are_checked_the_same_in_every_floating_point_environment,
        the_minimal_modulus_of_bounded_integers_is_exact };
    return RUN(tests);
}
