/* SPDX-License-Identifier: Apache-2.0 */
/* input_check: which entry a refused piece names, for each type of values, at
 * every position of pieces of every small length. The sentences are compared as
 * a whole, so that none has the value. */
#include "client/input_check.h"
#include "core/reason.h"
#include "support/main.h"
#include "support/params_fixture.h"

#include <math.h>

#define MAX 70
#define OFFSET 1000000007

/* Values of one type, of which two are bad at the same time. */
typedef struct sample {
    sa_allowed_fn *allowed;
    secagg_segment segment;
    void (*put)(void *values, size_t at, bool bad);
    const char *range; /* what the sentence says */
} sample;

static void put_f32(void *values, size_t at, bool bad)
{
    ((float *)values)[at] = bad ? (at % 2 ? INFINITY : -NAN) : 0.5f;
}

static void put_f64(void *values, size_t at, bool bad)
{
    ((double *)values)[at] = bad ? (at % 2 ? -INFINITY : NAN) : 1e300;
}

static void put_u64(void *values, size_t at, bool bad)
{
    ((uint64_t *)values)[at] = bad ? 777 : 511;
}

static void put_i64(void *values, size_t at, bool bad)
{
    ((int64_t *)values)[at] = bad ? -777 : -512;
}

static const sample samples[] = {
    { sa_allowed_f32, { .kind = SECAGG_REAL, .value_bits = 8, .clip = 1 },
        put_f32, "is NaN or infinite" },
    { sa_allowed_f64, { .kind = SECAGG_WEIGHTED, .value_bits = 8, .clip = 1 },
        put_f64, "is NaN or infinite" },
    { sa_allowed_u64, { .kind = SECAGG_INTEGER, .bits = 9 }, put_u64,
        "is not from 0 to 2^9 - 1" },
    { sa_allowed_u64, { .kind = SECAGG_UNSIGNED, .value_bits = 9 }, put_u64,
        "is not from 0 to 2^9 - 1" },
    { sa_allowed_u64, { .kind = SECAGG_SIGNED, .value_bits = 10 }, put_u64,
        "is not from -2^9 to 2^9 - 1" },
    { sa_allowed_i64, { .kind = SECAGG_SIGNED, .value_bits = 10 }, put_i64,
        "is not from -2^9 to 2^9 - 1" },
};

/* Parameters with this segment only, as far as input_check reads them. */
static sa_params params_with(secagg_segment *segments)
{
    return (sa_params){ .own = { .segment_count = 3 }, .segments = segments };
}

static void check_bad(const sample *s, size_t count, size_t first, size_t other)
{
    secagg_segment segments[3] = { { 0 }, { 0 }, s->segment };
    const sa_params params = params_with(segments);
    const sa_piece_place place = { 2, OFFSET, count };
    char reason[SA_REASON_BYTES] = "", expected[200];
    uint64_t values[MAX]; /* the largest type */

    for (size_t i = 0; i < count; i++)
        s->put(values, i, i == first || i == other);
    ck_assert_int_eq(sa_input_check_values(&params, &place, s->allowed, values,
        reason), SECAGG_ERR_VALUE);
    (void)snprintf(expected, sizeof expected, "segment 2: the value of entry "
        "%zu %s", OFFSET + first, s->range);
    ck_assert_str_eq(reason, expected);
    ck_assert_int_eq(sa_input_check_values(&params, &place, s->allowed, values,
        NULL), SECAGG_ERR_VALUE);
}

START_TEST(a_refused_piece_names_its_first_bad_entry_and_the_range)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        for (size_t count = 1; count <= MAX; count++)
            for (size_t first = 0; first < count; first++) {
                check_bad(&samples[i], count, first, first);
                check_bad(&samples[i], count, first, count - 1);
                check_bad(&samples[i], count, first, first + 1);
            }
}
END_TEST

START_TEST(a_piece_of_allowed_values_has_no_sentence)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        for (size_t count = 0; count <= MAX; count++) {
            secagg_segment segments[3] = { { 0 }, { 0 }, samples[i].segment };
            const sa_params params = params_with(segments);
            const sa_piece_place place = { 2, OFFSET, count };
            char reason[SA_REASON_BYTES] = "";
            uint64_t values[MAX];

            for (size_t j = 0; j < count; j++)
                samples[i].put(values, j, false);
            ck_assert_int_eq(sa_input_check_values(&params, &place,
                samples[i].allowed, values, reason), SECAGG_OK);
            ck_assert_str_eq(reason, "");
        }
}
END_TEST

/* Each place is refused with the code and words. */
START_TEST(a_piece_that_does_not_fit_names_the_numbers)
{
    static const struct {
        sa_piece_place place;
        bool integer;
        secagg_err error;
        const char *reason;
    } cases[] = {
        { { 3, 0, 1 }, true, SECAGG_ERR_ARG,
            "there is no segment 3: the session has 3 segments" },
        { { 900, 0, 0 }, true, SECAGG_ERR_ARG, "segment 900" },
        { { 0, 0, 1 }, false, SECAGG_ERR_ARG,
            "segment 0 has integers, not reals" },
        { { 1, 0, 1 }, true, SECAGG_ERR_ARG,
            "segment 1 has reals, not integers" },
        { { 0, 8, 3 }, true, SECAGG_ERR_SIZE,
            "segment 0 has 10 entries: 3 from entry 8 on extend beyond it" },
        { { 0, 11, 0 }, true, SECAGG_ERR_SIZE, "0 from entry 11 on" },
        { { 0, UINT64_MAX, 2 }, true, SECAGG_ERR_SIZE,
            "2 from entry 18446744073709551615 on" },
    };
    secagg_segment segments[3] = { { .length = 10, .bits = 4 },
        { .length = 10, .kind = SECAGG_REAL }, { .length = 1, .bits = 1 } };
    const sa_params params = params_with(segments);
    const sa_piece_place whole = { 0, 0, 10 }, none = { 0, 10, 0 };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char reason[SA_REASON_BYTES] = "";
        ck_assert_int_eq(sa_input_check_place(&params, &cases[i].place,
            cases[i].integer, reason), cases[i].error);
        ck_assert_msg(strstr(reason, cases[i].reason) != NULL, "%s", reason);
    }
    ck_assert_int_eq(sa_input_check_place(&params, &whole, true, NULL),
        SECAGG_OK);
    ck_assert_int_eq(sa_input_check_place(&params, &none, true, NULL),
        SECAGG_OK);
}
END_TEST

/* The range is public, the weight is not. */
START_TEST(a_refused_weight_names_the_range_and_not_the_weight)
{
    sa_params params = { .own = { .min_weight = 1, .max_weight = 40 } };
    char reason[SA_REASON_BYTES] = "";

    for (uint64_t weight = 1; weight <= 40; weight++)
        ck_assert_int_eq(sa_input_check_weight(&params, weight, reason),
            SECAGG_OK);
    ck_assert_str_eq(reason, "");
    ck_assert_int_eq(sa_input_check_weight(&params, 777, reason),
        SECAGG_ERR_VALUE);
    ck_assert_str_eq(reason, "the weight is not from 1 to 40");
    ck_assert_int_eq(sa_input_check_weight(&params, 0, reason),
        SECAGG_ERR_VALUE);
    params.own.max_weight = 0;
    ck_assert_int_eq(sa_input_check_weight(&params, 0, reason),
        SECAGG_ERR_STATE);
    ck_assert_ptr_nonnull(strstr(reason, "max_weight is 0"));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_refused_piece_names_its_first_bad_entry_and_the_range,
        a_piece_of_allowed_values_has_no_sentence,
        a_piece_that_does_not_fit_names_the_numbers,
        a_refused_weight_names_the_range_and_not_the_weight };
    return RUN(tests);
}
