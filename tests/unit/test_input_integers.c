/* SPDX-License-Identifier: Apache-2.0 */
/* input_integers: integers with a bound in a client's input: what is accepted
 * at each limit, and the entries in the planes (PROTOCOL.md 7.1); and the
 * limits of a weight (7.3). */
#include "client/input_buffer.h"
#include "support/main.h"
#include "support/oracle.h"
#include "support/params_fixture.h"
#include "support/typed_input.h"

#define N 1030

/* A session of two clients with one segment of N entries. */
static sa_params *params_of(secagg_kind kind, uint32_t q, uint32_t bits)
{
    fixture w = valid_params();
    sa_params *params;

    w.p.clients = w.p.min_survivors = w.p.threshold = 2;
    w.p.corrupt = 0;
    w.s[0] = (secagg_segment){ .length = N, .kind = kind, .value_bits = q,
        .bits = bits };
    w.p.segments = w.s;
    ck_assert_int_eq(sa_params_new(&params, &w.p), SECAGG_OK);
    return params;
}

/* Supply `value` as a signed or an unsigned integer at the place `at`. */
static secagg_err supply(sa_input_buffer *in, bool is_signed, uint64_t value,
    size_t at)
{
    int64_t same;

    memcpy(&same, &value, sizeof same);
    return is_signed ? input_i64(in, 0, at, &same, 1)
                     : input_u64(in, 0, at, &value, 1);
}

/* Check that the value is accepted as `entry`. */
static void check_entry(const sa_params *params, bool is_signed,
    uint64_t value, uint64_t entry)
{
    sa_input_buffer in;

    ck_assert_int_eq(sa_input_buffer_init(&in, params, 0), SECAGG_OK);
    ck_assert_int_eq(supply(&in, is_signed, value, 700), SECAGG_OK);
    sa_input_buffer_seal(&in);
    ck_assert_uint_eq(naive_get(sa_input_buffer_planes(&in), N,
        params->segments[0].bits, 700), entry);
    sa_input_buffer_free(&in);
}

/* Check that a piece with the value is rejected and none of it is taken. */
static void check_rejected(const sa_params *params, bool is_signed,
    uint64_t value)
{
    uint64_t piece[600] = { 0 };
    int64_t same[600] = { 0 };
    sa_input_buffer in;

    for (size_t at = 0; at < 600; at += 299) {
        piece[at] = value;
        memcpy(&same[at], &value, sizeof value);
        ck_assert_int_eq(sa_input_buffer_init(&in, params, 0), SECAGG_OK);
        ck_assert_int_eq(is_signed ? input_i64(&in, 0, 3, same, 600)
            : input_u64(&in, 0, 3, piece, 600), SECAGG_ERR_VALUE);
        ck_assert(!sa_input_buffer_has_input(&in));
        ck_assert_int_eq(supply(&in, is_signed, 0, 3), SECAGG_OK);
        sa_input_buffer_free(&in);
        piece[at] = 0;
        same[at] = 0;
    }
}

START_TEST(unsigned_values_must_be_below_2_to_the_value_bits)
{
    for (uint32_t q = 1; q <= 63; q++) {
        sa_params *params = params_of(SECAGG_UNSIGNED, q, 0);
        const uint64_t top = (uint64_t)1 << q;
        for (int is_signed = 0; is_signed < 2; is_signed++) {
            check_entry(params, is_signed, 0, 0);
            check_entry(params, is_signed, top - 1, top - 1);
            check_rejected(params, is_signed, top);
            check_rejected(params, is_signed, (uint64_t)1 << 63);
            check_rejected(params, is_signed, UINT64_MAX);
        }
        sa_params_free(params);
    }
}
END_TEST

START_TEST(signed_values_must_fit_the_value_bits)
{
    for (uint32_t q = 2; q <= 63; q++) {
        sa_params *params = params_of(SECAGG_SIGNED, q, 0);
        const uint64_t half = (uint64_t)1 << (q - 1);
        for (int is_signed = 0; is_signed < 2; is_signed++) {
            check_entry(params, is_signed, 0, half);
            check_entry(params, is_signed, half - 1, 2 * half - 1);
            check_rejected(params, is_signed, half);
            check_rejected(params, is_signed, (uint64_t)1 << 63);
        }
        check_entry(params, true, 0 - half, 0);
        check_entry(params, true, UINT64_MAX, half - 1);
        check_rejected(params, true, 0 - half - 1);
        check_rejected(params, false, UINT64_MAX); /* not read as -1 */
        check_rejected(params, false, 0 - half);
        sa_params_free(params);
    }
}
END_TEST

/* The modulus may have more bits than the values. */
START_TEST(a_larger_modulus_does_not_allow_larger_values)
{
    sa_params *params = params_of(SECAGG_UNSIGNED, 8, 64);

    check_entry(params, false, 255, 255);
    check_rejected(params, false, 256);
    sa_params_free(params);
    params = params_of(SECAGG_SIGNED, 8, 64);
    check_entry(params, true, UINT64_MAX - 127, 0);
    check_rejected(params, true, 128);
    sa_params_free(params);
}
END_TEST

static void check_weight(const sa_params *params, uint64_t weight,
    secagg_err want)
{
    sa_input_buffer in;

    ck_assert_int_eq(sa_input_buffer_init(&in, params, 0), SECAGG_OK);
    ck_assert_int_eq(sa_input_buffer_weight(&in, weight), want);
    ck_assert_int_eq(sa_input_buffer_has_input(&in), want == SECAGG_OK);
    sa_input_buffer_free(&in);
}

START_TEST(a_weight_must_be_from_min_weight_to_max_weight)
{
    fixture w = valid_params();
    sa_params *params;

    w.p.segments = w.s;
    w.p.max_weight = 7;
    for (w.p.min_weight = 0; w.p.min_weight <= 1; w.p.min_weight++) {
        ck_assert_int_eq(sa_params_new(&params, &w.p), SECAGG_OK);
        check_weight(params, 0, w.p.min_weight ? SECAGG_ERR_VALUE : SECAGG_OK);
        check_weight(params, 1, SECAGG_OK);
        check_weight(params, 7, SECAGG_OK);
        check_weight(params, 8, SECAGG_ERR_VALUE);
        check_weight(params, UINT64_MAX, SECAGG_ERR_VALUE);
        sa_params_free(params);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        unsigned_values_must_be_below_2_to_the_value_bits,
        signed_values_must_fit_the_value_bits,
        a_larger_modulus_does_not_allow_larger_values,
        a_weight_must_be_from_min_weight_to_max_weight };
    return RUN(tests);
}
