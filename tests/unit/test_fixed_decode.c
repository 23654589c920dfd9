/* SPDX-License-Identifier: Apache-2.0 */
/* fixed_decode: the decoder against integers of GMP and the operations of
 * PROTOCOL.md 7.5, each rounded once; and the error bound of a sum (7.6). */
#include <inttypes.h>

#include "support/exact_math.h"
#include "support/main.h"
#include "support/util.h"
#include "vector/fixed.h"

#define SIZE(array) (sizeof(array) / sizeof *(array))

static secagg_segment real(uint32_t value_bits, double clip, uint32_t rounding)
{
    return (secagg_segment){ .length = 1, .kind = SECAGG_REAL,
        .value_bits = value_bits, .clip = clip, .rounding = rounding };
}

static uint64_t zero_of(const secagg_segment *s)
{
    return ((uint64_t)1 << (s->value_bits - 1)) - 1;
}

/* (total - W zero) (clip / zero): an exact integer, then three roundings. */
static double naive_decode(uint64_t sum, const secagg_segment *s,
    uint64_t weights)
{
    mpq_t d;
    mpz_t minus, zero;
    double value;

    mpq_init(d);
    mpz_inits(minus, zero, NULL);
    set_u64(minus, weights);
    set_u64(zero, zero_of(s));
    mpz_mul(minus, minus, zero);
    set_u64(mpq_numref(d), sum);
    mpz_sub(mpq_numref(d), mpq_numref(d), minus);
    value = step('*', nearest(d), step('/', s->clip, (double)zero_of(s)));
    mpq_clear(d);
    mpz_clears(minus, zero, NULL);
    return value;
}

/* The public function rejects a sum above W q_max, which is below 2^64. */
static void check_public(uint64_t sum, const secagg_segment *s,
    uint32_t addends, double want)
{
    const bool over = sum > addends * (2 * zero_of(s));
    double got = 77;

    ck_assert_int_eq(secagg_fixed_decode_f64(&got, &sum, 1, s, addends),
        over ? SECAGG_ERR_VALUE : SECAGG_OK);
    ck_assert_double_eq(got, over ? 0 : want);
}

static void check_decode(uint64_t sum, const secagg_segment *s,
    uint64_t weights)
{
    const double want = naive_decode(sum, s, weights);
    const double got = sa_fixed_decode(sum, s, weights);

    if (got < want || got > want)
        ck_abort_msg("%" PRIu64 " of %" PRIu64 ", %u bits: %a, not %a", sum,
            weights, s->value_bits, got, want);
    if (weights >> 32 == 0)
        check_public(sum, s, (uint32_t)weights, want);
}

START_TEST(decoding_rounds_an_exact_integer)
{
    static const uint64_t edges[] = { 0, 1, 2, 0xfffffffe, 0xffffffff,
        0x100000000, 0x100000001, 0x001fffffffffffff, 0x0020000000000001,
        0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000001,
        0xfffffffffffffbff, 0xfffffffffffffc00, 0xfffffffffffffc01,
        0xfffffffffffffffe, 0xffffffffffffffff };
    static const double clips[] = { 1, 0.1, 0x1p-500, 0x1p500 };
    uint64_t state = 9;

    for (uint32_t q = 2; q <= 32; q++) {
        const secagg_segment s = real(q, clips[q % 4], SECAGG_NEAREST);
        for (size_t i = 0; i < SIZE(edges); i++)
            for (size_t j = 0; j < SIZE(edges); j++)
                check_decode(edges[i], &s, edges[j]);
        for (int i = 0; i < 300; i++)
            check_decode(prng_next(&state) >> prng_next(&state) % 64, &s,
                prng_next(&state) >> prng_next(&state) % 64);
    }
}
END_TEST

/* With zero = 1 or 3 the integer is D = S - W or S - 3 W: D halfway between two
 * doubles and next to that, of both signs, below and above 64 bits. */
START_TEST(the_conversion_to_double_rounds_ties_to_even)
{
    secagg_segment s;

    for (uint32_t q = 2; q <= 3; q++)
        for (int e = 54; e <= 64; e++)
            for (uint64_t odd = 1; odd <= 7; odd += 2)
                for (int beside = -2; beside <= 2; beside++) {
                    const uint64_t half = ((uint64_t)1 << (e - 1))
                        + (odd << (e - 54)) + (uint64_t)(int64_t)beside;
                    s = real(q, 1, SECAGG_NEAREST);
                    check_decode(half, &s, 0);
                    check_decode(half, &s, 1);
                    check_decode(0, &s, half);
                    check_decode(1, &s, half);
                }
    s = real(2, 1, SECAGG_NEAREST);
    ck_assert_double_eq(sa_fixed_decode(0x8000000000000400, &s, 0), 0x1p63);
    ck_assert_double_eq(sa_fixed_decode(0x8000000000000401, &s, 0),
        0x1.0000000000001p63);
    ck_assert_double_eq(sa_fixed_decode(0x8000000000000401, &s, 1), 0x1p63);
}
END_TEST

/* The bits of +0, not of -0. */
static void check_positive_zero(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    ck_assert_uint_eq(bits, 0);
}

START_TEST(a_sum_of_zeros_is_exactly_positive_zero)
{
    static const uint32_t addends[] = { 1, 2, 3, 1000, 0x7fffffff,
        0xffffffff };
    static const double clips[] = { 1, 0.1, 0.3, 1.0 / 3, 0x1p-500, 0x1p500,
        0x1.fffffffffffffp499 };
    const double zeros[] = { 0.0, -0.0 };
    uint64_t codes[2], sum;
    double got = 1;

    for (uint32_t q = 2; q <= 32; q++)
        for (size_t c = 0; c < SIZE(clips); c++) {
            const secagg_segment s = real(q, clips[c], SECAGG_NEAREST);
            ck_assert_int_eq(secagg_fixed_encode_f64(codes, zeros, 2, &s, 1, 1,
                NULL, NULL), SECAGG_OK);
            for (size_t i = 0; i < SIZE(addends); i++) {
                sum = addends[i] * codes[i % 2];
                ck_assert_int_eq(secagg_fixed_decode_f64(&got, &sum, 1, &s,
                    addends[i]), SECAGG_OK);
                check_positive_zero(got);
                check_positive_zero(sa_fixed_decode(sum, &s, addends[i]));
            }
        }
}
END_TEST

/* The second chunk of 512 sums has the bad one. */
START_TEST(a_sum_over_its_maximum_gives_no_entry_at_all)
{
    enum { COUNT = 1000 };
    const secagg_segment s = real(8, 1, SECAGG_NEAREST);
    static uint64_t sum[COUNT];
    static double out[COUNT];

    for (size_t at = 0; at < COUNT; at += 333)
        for (uint64_t over = 0; over <= 2; over++) {
            for (size_t i = 0; i < COUNT; i++) {
                sum[i] = 3 * 254;
                out[i] = 5;
            }
            sum[at] += over == 2 ? UINT64_MAX / 2 : over;
            ck_assert_int_eq(secagg_fixed_decode_f64(out, sum, COUNT, &s, 3),
                over ? SECAGG_ERR_VALUE : SECAGG_OK);
            for (size_t i = 0; i < COUNT; i++)
                ck_assert_double_eq(out[i], over ? 0 : 3);
        }
}
END_TEST

/* The error of n values is at most n steps, or n half steps. */
START_TEST(the_error_of_a_sum_is_within_its_bound)
{
    enum { CLIENTS = 500 };
    static double x[CLIENTS];
    static uint64_t e[CLIENTS];
    const uint8_t seed[32] = { 3 };
    uint64_t state = 10;

    for (uint32_t q = 2; q <= 32; q += 3)
        for (uint32_t rounding = 0; rounding < 2; rounding++) {
            const secagg_segment s = real(q, 0.3, rounding);
            const double unit = 0.3 / (double)zero_of(&s);
            uint64_t sum = 0;
            double exactly = 0, got;
            for (int i = 0; i < CLIENTS; i++) {
                x[i] = (double)(int64_t)prng_next(&state) * 0x1p-63 * 0.3;
                exactly += x[i];
            }
            ck_assert_int_eq(secagg_fixed_encode_f64(e, x, CLIENTS, &s,
                FIRST_SUITE, 1, seed, NULL), SECAGG_OK);
            for (int i = 0; i < CLIENTS; i++)
                sum += e[i];
            ck_assert_int_eq(secagg_fixed_decode_f64(&got, &sum, 1, &s,
                CLIENTS), SECAGG_OK);
            ck_assert_double_le(fabs(got - exactly),
                CLIENTS * unit / (rounding == SECAGG_NEAREST ? 2 : 1) + 1e-11);
        }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { decoding_rounds_an_exact_integer,
        the_conversion_to_double_rounds_ties_to_even,
        a_sum_of_zeros_is_exactly_positive_zero,
        a_sum_over_its_maximum_gives_no_entry_at_all,
        the_error_of_a_sum_is_within_its_bound };
    return RUN(tests);
}
