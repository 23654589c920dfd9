/* SPDX-License-Identifier: Apache-2.0 */
/* input_buffer: pieces in any order against a vector that is written bit by
 * bit, with random words from the keystreams of oracle.h. */
#include <math.h>

#include "client/input_buffer.h"
#include "support/main.h"
#include "support/oracle.h"
#include "support/params_fixture.h"
#include "support/typed_input.h"
#include "support/util.h"
#include "vector/fixed.h"

#define HEAD 12 /* bytes before the planes */
#define LENGTH 1200
#define WEIGHT 777

/* Segments: integers, and reals with stochastic rounding and rounded to
 * nearest, of 13 bits each: the first lane; weighted reals, of 23 bits: the
 * third lane. The hidden segment, of 14 bits, is the second lane. */
enum { PLAIN, DRAWN, HALVES, WEIGHTED, SEGMENTS };

static const uint8_t seed[32] = { 7, 8, 9 };

typedef struct sample_values {
    uint64_t integers[LENGTH];
    double reals[LENGTH];
    float floats[LENGTH];
} sample_values;

static const sample_values *sample_input(void)
{
    static sample_values v;
    uint64_t state = 1;

    if (v.integers[0] != 0)
        return &v;
    for (size_t i = 0; i < LENGTH; i++) {
        v.integers[i] = prng_next(&state) % 8192;
        v.floats[i] = (float)((double)(int64_t)prng_next(&state) * 0x1.4p-63);
        v.reals[i] = (double)v.floats[i];
    }
    return &v;
}

static sa_params *params_of_suite(uint32_t suite)
{
    const secagg_segment real = { .length = LENGTH, .kind = SECAGG_REAL,
        .value_bits = 9, .clip = 1 };
    secagg_segment s[SEGMENTS] = { { .length = LENGTH, .bits = 13 }, real,
        real, real };
    fixture w = valid_params();
    sa_params *params;

    s[HALVES].rounding = SECAGG_NEAREST;
    s[WEIGHTED].kind = SECAGG_WEIGHTED;
    w.p.suite = suite;
    w.p.round = 0x0102030405060708;
    w.p.max_weight = 1000;
    w.p.segments = s;
    w.p.segment_count = SEGMENTS;
    ck_assert_int_eq(sa_params_new(&params, &w.p), SECAGG_OK);
    return params;
}

static void begin(sa_input_buffer *input, const sa_params *params)
{
    ck_assert_int_eq(sa_input_buffer_init(input, params, HEAD), SECAGG_OK);
}

static secagg_err feed(sa_input_buffer *input, size_t segment, uint64_t offset,
    size_t count, bool narrow)
{
    const sample_values *v = sample_input();

    if (segment == PLAIN)
        return input_u64(input, segment, offset, v->integers + offset,
            count);
    return narrow ? input_f32(
               input, seed, segment, offset, v->floats + offset, count)
                  : input_f64(
                      input, seed, segment, offset, v->reals + offset, count);
}

/* ---- the whole vector, computed again ----------------------------------- */

/* Entries of a real segment: entry e has word place + e of its lane (7.2). */
static void naive_reals(uint64_t *entries, const sa_params *params,
    uint32_t segment, uint64_t place)
{
    const secagg_segment *s = &params->segments[segment];
    uint64_t clipped = 0;
    uint8_t *words = naive_random(params->own.suite, seed, s->bits,
        (size_t)place + LENGTH);

    ck_assert_int_eq(sa_fixed_encode(entries, sample_input()->reals, LENGTH, s,
        segment == HALVES ? NULL : words + 4 * place,
        segment == WEIGHTED ? WEIGHT : 1, &clipped), SECAGG_OK);
    free(words);
}

static uint8_t *naive_planes(const sa_params *params)
{
    static const uint64_t places[] = { 0, LENGTH, 2 * LENGTH, 0 };
    uint8_t *planes = calloc((size_t)params->vector, 1);
    uint64_t entries[LENGTH];

    for (uint32_t k = 0; k < SEGMENTS; k++) {
        const bool last = k == WEIGHTED;
        uint8_t *lane = planes + (last ? 13 * 3 * LENGTH / 8 + 14 : 0);
        ck_assert_uint_eq(params->segments[k].bits, last ? 23 : 13);
        if (k == PLAIN)
            memcpy(entries, sample_input()->integers, sizeof entries);
        else
            naive_reals(entries, params, k, places[k]);
        for (size_t i = 0; i < LENGTH; i++)
            naive_set(lane, last ? LENGTH : 3 * LENGTH, last ? 23 : 13,
                (size_t)places[k] + i, entries[i]);
    }
    naive_set(planes + 13 * 3 * LENGTH / 8, 1, 14, 0, WEIGHT);
    ck_assert_uint_eq(params->vector, 13 * 3 * LENGTH / 8 + 14
        + 23 * LENGTH / 8);
    return planes;
}

/* Check that the buffer has exactly these planes. */
static void check_planes(sa_input_buffer *input, const uint8_t *want)
{
    static const uint8_t zero[HEAD];

    sa_input_buffer_seal(input);
    ck_assert_mem_eq(input->buffer, zero, HEAD);
    ck_assert_mem_eq(sa_input_buffer_planes(input), want,
        (size_t)input->params->vector);
}

/* ---- pieces ------------------------------------------------------------- */

START_TEST(a_whole_vector_matches_the_protocol)
{
    for (uint32_t suite = FIRST_SUITE; suite <= 2; suite++)
        for (int narrow = 0; narrow < 2; narrow++) {
            sa_params *params = params_of_suite(suite);
            uint8_t *want = naive_planes(params);
            sa_input_buffer input;
            begin(&input, params);
            ck_assert_int_eq(sa_input_buffer_weight(&input, WEIGHT), SECAGG_OK);
            for (size_t k = 0; k < SEGMENTS; k++) {
                ck_assert(!sa_input_buffer_complete(&input));
                ck_assert_int_eq(feed(&input, k, 0, LENGTH, narrow), SECAGG_OK);
            }
            ck_assert(sa_input_buffer_complete(&input));
            check_planes(&input, want);
            sa_input_buffer_free(&input);
            free(want);
            sa_params_free(params);
        }
}
END_TEST

/* Pass the pieces of all segments between the cuts in a random order. */
static void feed_shuffled(
    sa_input_buffer *input, const uint64_t *cuts, size_t count, uint64_t state)
{
    size_t order[SEGMENTS * LENGTH];
    const size_t all = SEGMENTS * count;

    for (size_t i = 0; i < all; i++)
        order[i] = i;
    for (size_t i = all; i > 0; i--) {
        const size_t j = (size_t)(prng_next(&state) % i), k = order[j];
        const uint64_t from = cuts[k % count], to = cuts[k % count + 1];
        ck_assert(!sa_input_buffer_complete(input));
        ck_assert_int_eq(feed(input, k / count, from,
            (size_t)(to - from), prng_next(&state) % 2), SECAGG_OK);
        order[j] = order[i - 1];
    }
    ck_assert(sa_input_buffer_complete(input));
}

START_TEST(pieces_in_any_order_give_the_whole_vector)
{
    sa_params *params = params_of_suite(2);
    uint8_t *want = naive_planes(params);
    uint64_t cuts[LENGTH + 1] = { 0 }, state = 2;

    for (uint64_t most = 3; most < 2 * LENGTH; most *= 3) {
        sa_input_buffer input;
        size_t count = 0;
        while (cuts[count] < LENGTH) {
            const uint64_t n = 1 + prng_next(&state) % most;
            cuts[count + 1] = cuts[count] + n < LENGTH ? cuts[count] + n
                                                       : LENGTH;
            count++;
        }
        begin(&input, params);
        ck_assert_int_eq(sa_input_buffer_weight(&input, WEIGHT), SECAGG_OK);
        feed_shuffled(&input, cuts, count, most);
        check_planes(&input, want);
        sa_input_buffer_free(&input);
    }
    free(want);
    sa_params_free(params);
}
END_TEST

/* Three pieces for each pair of cuts around multiples of 8, 16 and 512. */
START_TEST(pieces_can_begin_and_end_anywhere)
{
    static const uint64_t at[] = { 0, 1, 7, 8, 9, 15, 16, 17, 500, 511, 512,
        513, 527, 528, 1023, 1024, 1025, 1199, 1200 };
    sa_params *params = params_of_suite(FIRST_SUITE);
    uint8_t *want = naive_planes(params);

    for (size_t i = 0; i < 19; i++)
        for (size_t j = i; j < 19; j++) {
            const uint64_t cuts[] = { 0, at[i], at[j], LENGTH };
            sa_input_buffer input;
            begin(&input, params);
            ck_assert_int_eq(sa_input_buffer_weight(&input, WEIGHT), SECAGG_OK);
            for (size_t k = 0; k < SEGMENTS; k++)
                for (size_t p = 3; p-- > 0;)
                    ck_assert_int_eq(feed(&input, k, cuts[p],
                        (size_t)(cuts[p + 1] - cuts[p]), p % 2), SECAGG_OK);
            check_planes(&input, want);
            ck_assert(sa_input_buffer_complete(&input));
            sa_input_buffer_free(&input);
        }
    free(want);
    sa_params_free(params);
}
END_TEST

/* ---- a rejected piece changes nothing ----------------------------------- */

START_TEST(an_entry_is_accepted_once)
{
    static const struct { uint64_t offset; size_t count; } again[] = {
        { 100, 1 }, { 199, 1 }, { 90, 11 }, { 199, 50 }, { 100, 100 },
        { 50, 300 }, { 150, 10 }, { 0, LENGTH } };
    sa_params *params = params_of_suite(FIRST_SUITE);
    uint8_t *want = naive_planes(params);
    sa_input_buffer input;

    begin(&input, params);
    ck_assert_int_eq(sa_input_buffer_weight(&input, WEIGHT), SECAGG_OK);
    for (size_t k = 0; k < SEGMENTS; k++) {
        uint8_t *before;
        uint64_t clipped;
        ck_assert_int_eq(feed(&input, k, 100, 100, false), SECAGG_OK);
        before = exact_copy(input.buffer, input.size);
        clipped = input.clipped[k];
        for (size_t i = 0; i < 8; i++) {
            ck_assert_int_eq(feed(&input, k, again[i].offset,
                again[i].count, i % 2), SECAGG_ERR_STATE);
            ck_assert_mem_eq(input.buffer, before, input.size);
            ck_assert_uint_eq(input.clipped[k], clipped);
        }
        free(before);
        ck_assert_int_eq(feed(&input, k, 0, 100, true), SECAGG_OK);
        ck_assert_int_eq(feed(&input, k, 200, LENGTH - 200, true), SECAGG_OK);
        ck_assert_int_eq(feed(&input, k, 0, 1, true), SECAGG_ERR_STATE);
    }
    check_planes(&input, want);
    sa_input_buffer_free(&input);
    free(want);
    sa_params_free(params);
}
END_TEST

START_TEST(a_piece_must_lie_in_its_segment)
{
    static const struct { uint64_t offset; size_t count; } beyond[] = {
        { 0, LENGTH + 1 }, { LENGTH, 1 }, { LENGTH + 1, 0 }, { 1, SIZE_MAX },
        { UINT64_MAX, 1 }, { UINT64_MAX, 2 }, { LENGTH - 1, 2 } };
    const double x[2] = { 0 };
    const float y[2] = { 0 };
    const uint64_t u[2] = { 0 };
    const int64_t i64[2] = { 0 };
    sa_params *params = params_of_suite(FIRST_SUITE);
    sa_input_buffer in;

    begin(&in, params);
    for (int i = 0; i < 7; i++) {
        const uint64_t at = beyond[i].offset;
        const size_t n = beyond[i].count;
        ck_assert_int_eq(input_f64(&in, seed, DRAWN, at, x, n),
            SECAGG_ERR_SIZE);
        ck_assert_int_eq(input_f32(&in, seed, HALVES, at, y, n),
            SECAGG_ERR_SIZE);
        ck_assert_int_eq(
            input_u64(&in, PLAIN, at, u, n), SECAGG_ERR_SIZE);
        ck_assert_int_eq(input_i64(&in, PLAIN, at, i64, n),
            SECAGG_ERR_SIZE);
    }
    ck_assert_int_eq(
        input_f64(&in, seed, PLAIN, 0, x, 1), SECAGG_ERR_ARG);
    ck_assert_int_eq(
        input_f32(&in, seed, PLAIN, 0, y, 1), SECAGG_ERR_ARG);
    for (size_t k = DRAWN; k <= SEGMENTS + 1; k++) { /* also the hidden one */
        ck_assert_int_eq(input_u64(&in, k, 0, u, 1), SECAGG_ERR_ARG);
        ck_assert_int_eq(
            input_i64(&in, k, 0, i64, 1), SECAGG_ERR_ARG);
    }
    ck_assert_int_eq(input_f64(&in, seed, SEGMENTS, 0, x, 1),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(input_f32(&in, seed, SIZE_MAX, 0, y, 1),
        SECAGG_ERR_ARG);
    ck_assert_ptr_null(in.buffer);
    sa_input_buffer_free(&in);
    sa_params_free(params);
}
END_TEST

START_TEST(a_piece_with_an_invalid_value_is_rejected_as_a_whole)
{
    double x[LENGTH] = { 0 };
    float y[LENGTH] = { 0 };
    uint64_t u[LENGTH] = { 0 };
    sa_params *params = params_of_suite(FIRST_SUITE);
    sa_input_buffer in;

    begin(&in, params);
    x[LENGTH - 1] = NAN;
    y[600] = INFINITY;
    u[5] = 8192;
    ck_assert_int_eq(input_f64(&in, seed, DRAWN, 0, x, LENGTH),
        SECAGG_ERR_VALUE);
    ck_assert_int_eq(input_f32(&in, seed, DRAWN, 0, y, LENGTH),
        SECAGG_ERR_VALUE);
    ck_assert_int_eq(input_u64(&in, PLAIN, 0, u, LENGTH),
        SECAGG_ERR_VALUE);
    ck_assert_ptr_null(in.buffer);
    u[5] = 8191;
    ck_assert_int_eq(input_u64(&in, PLAIN, 0, u, LENGTH), SECAGG_OK);
    ck_assert_int_eq(feed(&in, DRAWN, 0, LENGTH, true), SECAGG_OK);
    sa_input_buffer_free(&in);
    sa_params_free(params);
}
END_TEST

/* ---- weights ------------------------------------------------------------ */

START_TEST(the_weight_is_set_once_and_before_weighted_segments)
{
    sa_params *params = params_of_suite(FIRST_SUITE);
    sa_input_buffer in;

    begin(&in, params);
    ck_assert_int_eq(feed(&in, WEIGHTED, 0, 5, true), SECAGG_ERR_STATE);
    ck_assert_int_eq(feed(&in, WEIGHTED, 0, 5, false), SECAGG_ERR_STATE);
    ck_assert_int_eq(feed(&in, DRAWN, 0, 5, true), SECAGG_OK);
    ck_assert_int_eq(sa_input_buffer_weight(&in, 1001), SECAGG_ERR_VALUE);
    ck_assert_int_eq(sa_input_buffer_weight(&in, UINT64_MAX), SECAGG_ERR_VALUE);
    ck_assert_int_eq(feed(&in, WEIGHTED, 0, 5, true), SECAGG_ERR_STATE);
    ck_assert_int_eq(sa_input_buffer_weight(&in, 1000), SECAGG_OK);
    ck_assert_int_eq(sa_input_buffer_weight(&in, 1001), SECAGG_ERR_STATE);
    ck_assert_int_eq(feed(&in, WEIGHTED, 0, 5, true), SECAGG_OK);
    ck_assert_uint_eq(naive_get(sa_input_buffer_planes(&in)
        + 13 * 3 * LENGTH / 8, 1, 14, 0), 1000);
    sa_input_buffer_free(&in);
    sa_params_free(params);
}
END_TEST

START_TEST(a_weight_of_zero_is_accepted)
{
    sa_params *params = params_of_suite(FIRST_SUITE);
    sa_input_buffer in;

    begin(&in, params);
    ck_assert_int_eq(sa_input_buffer_weight(&in, 0), SECAGG_OK);
    for (size_t k = 0; k < SEGMENTS; k++)
        ck_assert_int_eq(feed(&in, k, 0, LENGTH, false), SECAGG_OK);
    ck_assert(sa_input_buffer_complete(&in));
    sa_input_buffer_seal(&in);
    for (uint64_t i = 13 * 3 * LENGTH / 8; i < params->vector; i++)
        ck_assert_uint_eq(sa_input_buffer_planes(&in)[i], 0);
    sa_input_buffer_free(&in);
    sa_params_free(params);
}
END_TEST

START_TEST(an_input_without_its_weight_is_not_complete)
{
    secagg_segment s = { .length = 8, .bits = 64 };
    const uint64_t values[8] = { UINT64_MAX };
    fixture w = valid_params();
    sa_params *params;
    sa_input_buffer in;

    w.p.segments = &s;
    for (; w.p.max_weight < 2; w.p.max_weight++) {
        ck_assert_int_eq(sa_params_new(&params, &w.p), SECAGG_OK);
        begin(&in, params);
        if (w.p.max_weight == 0)
            ck_assert_int_eq(sa_input_buffer_weight(&in, 0), SECAGG_ERR_STATE);
        ck_assert_int_eq(input_u64(&in, 0, 0, values, 8), SECAGG_OK);
        ck_assert_int_eq(sa_input_buffer_complete(&in), w.p.max_weight == 0);
        if (w.p.max_weight == 1)
            ck_assert_int_eq(sa_input_buffer_weight(&in, 1), SECAGG_OK);
        ck_assert(sa_input_buffer_complete(&in));
        sa_input_buffer_free(&in);
        sa_params_free(params);
    }
}
END_TEST

/* ---- integers and counts ------------------------------------------------ */

START_TEST(signed_integers_are_reduced_modulo_2_to_the_bits)
{
    enum { N = 1030 };
    fixture w = valid_params();
    uint64_t state = 3;
    int64_t values[N];

    for (int i = 0; i < N; i++)
        values[i] = (int64_t)prng_next(&state);
    values[0] = INT64_MIN, values[1] = -1, values[2] = INT64_MAX;
    w.p.segments = w.s;
    for (uint32_t bits = 1; bits <= 64; bits++) {
        sa_params *params;
        sa_input_buffer in;
        w.s[0] = (secagg_segment){ .length = N, .bits = bits };
        ck_assert_int_eq(sa_params_new(&params, &w.p), SECAGG_OK);
        begin(&in, params);
        ck_assert_int_eq(input_i64(&in, 0, 3, values + 3, N - 3),
            SECAGG_OK);
        ck_assert_int_eq(input_i64(&in, 0, 0, values, 3), SECAGG_OK);
        ck_assert_int_eq(input_i64(&in, 0, 2, values, 1),
            SECAGG_ERR_STATE);
        sa_input_buffer_seal(&in);
        for (size_t i = 0; i < N; i++)
            if (naive_get(sa_input_buffer_planes(&in), N, bits, i)
                != modulo((uint64_t)values[i], bits))
                ck_abort_msg("entry %zu, %u bits", i, bits);
        ck_assert(sa_input_buffer_complete(&in));
        sa_input_buffer_free(&in);
        sa_params_free(params);
    }
}
END_TEST

START_TEST(clipped_values_are_counted_by_segment)
{
    uint64_t beyond[2] = { 0 };
    sa_params *params = params_of_suite(FIRST_SUITE);
    sa_input_buffer in;

    for (size_t i = 0; i < LENGTH; i++)
        beyond[i < 500] += fabs(sample_input()->reals[i]) > 1;
    begin(&in, params);
    ck_assert_int_eq(feed(&in, DRAWN, 0, 500, false), SECAGG_OK);
    ck_assert_uint_eq(in.clipped[DRAWN], beyond[1]);
    ck_assert_int_eq(feed(&in, DRAWN, 500, LENGTH - 500, true), SECAGG_OK);
    ck_assert_uint_eq(in.clipped[DRAWN], beyond[0] + beyond[1]);
    ck_assert_uint_eq(in.clipped[HALVES], 0);
    sa_input_buffer_free(&in);
    sa_input_buffer_free(&in); /* a second call is harmless */
    sa_params_free(params);
}
END_TEST

/* One entry in each of 65535 segments, from the last to the first. */
START_TEST(an_input_can_have_65535_segments)
{
    enum { MANY = 65535 };
    secagg_segment *s = calloc(MANY, sizeof *s);
    const double x = -1;
    fixture w = valid_params();
    sa_params *params;
    sa_input_buffer in;

    for (size_t k = 0; k < MANY; k++)
        s[k] = (secagg_segment){ 1, SECAGG_REAL, 0, 2, SECAGG_NEAREST, 1,
            { 0 } };
    w.p.segments = s;
    w.p.segment_count = MANY;
    ck_assert_int_eq(sa_params_new(&params, &w.p), SECAGG_OK);
    ck_assert_uint_eq(params->vector, 5 * 8192); /* 12 * 2 in 5 bits */
    begin(&in, params);
    for (size_t k = MANY; k-- > 0;)
        if (input_f64(&in, seed, k, 0, &x, 1) != SECAGG_OK)
            ck_abort_msg("segment %zu", k);
    ck_assert(sa_input_buffer_complete(&in));
    sa_input_buffer_free(&in);
    sa_params_free(params);
    free(s);
}
END_TEST

/* 40,000 segments of 16 entries and one of 640,000, in one lane: the planes are
 * the same, in each order of the pieces. The steps have no factor in common
 * with 40,000. */
START_TEST(many_segments_have_the_planes_of_one)
{
    enum { MANY = 40000, SHORT = 16, ALL = MANY * SHORT };
    static const size_t steps[] = { 1, 17999, MANY - 1 };
    static secagg_segment s[MANY];
    float *values = calloc(ALL, sizeof *values);
    sa_params *one, *many;
    sa_input_buffer whole, in;
    fixture w = valid_params();
    uint64_t state = 9;

    for (size_t i = 0; i < ALL; i++)
        values[i] = (float)(prng_next(&state) >> 40) / 8388608.0F - 1;
    for (size_t k = 0; k < MANY; k++) {
        s[k] = w.s[0];
        s[k].length = SHORT;
    }
    w.s[0].length = ALL;
    w.p.segments = w.s;
    ck_assert_int_eq(sa_params_new(&one, &w.p), SECAGG_OK);
    w.p.segments = s;
    w.p.segment_count = MANY;
    ck_assert_int_eq(sa_params_new(&many, &w.p), SECAGG_OK);
    begin(&whole, one);
    ck_assert_int_eq(input_f32(&whole, seed, 0, 0, values, ALL),
        SECAGG_OK);
    sa_input_buffer_seal(&whole);
    for (int order = 0; order < 3; order++) {
        begin(&in, many);
        for (size_t i = 0; i < MANY; i++) {
            const size_t k = i * steps[order] % MANY;
            if (input_f32(&in, seed, k, 0, values + SHORT * k, SHORT)
                != SECAGG_OK)
                ck_abort_msg("segment %zu", k);
        }
        ck_assert(sa_input_buffer_complete(&in));
        check_planes(&in, sa_input_buffer_planes(&whole));
        sa_input_buffer_free(&in);
    }
    sa_input_buffer_free(&whole);
    sa_params_free(one);
    sa_params_free(many);
    free(values);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_whole_vector_matches_the_protocol,
        pieces_in_any_order_give_the_whole_vector,
        pieces_can_begin_and_end_anywhere, an_entry_is_accepted_once,
        a_piece_must_lie_in_its_segment,
        a_piece_with_an_invalid_value_is_rejected_as_a_whole,
        the_weight_is_set_once_and_before_weighted_segments,
        a_weight_of_zero_is_accepted,
        an_input_without_its_weight_is_not_complete,
        signed_integers_are_reduced_modulo_2_to_the_bits,
        clipped_values_are_counted_by_segment,
        an_input_can_have_65535_segments,
        many_segments_have_the_planes_of_one };
    return sodium_init() < 0 || RUN(tests);
}
