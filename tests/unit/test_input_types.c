/* SPDX-License-Identifier: Apache-2.0 */
/* input_types: a client's input of every type, in segments of every kind and
 * modulus, in pieces of any length, stride and alignment, gives the planes of
 * the same values as doubles or as 64-bit integers in one piece; and the types
 * and values that a kind does not accept. */
#include "support/fp_modes.h"
#include "support/main.h"
#include "support/oracle.h"
#include "support/type_samples.h"
#include "support/typed_input.h"
#include "vector/fixed.h"

static const uint8_t seed[32] = { 3, 1, 4 };

/* ---- planes ------------------------------------------------------------- */

static void begin(sa_input_buffer *in, const sa_params *params)
{
    ck_assert_int_eq(sa_input_buffer_init(in, params, 0), SECAGG_OK);
    ck_assert_int_eq(sa_input_buffer_weight(in, SAMPLE_WEIGHT), SECAGG_OK);
}

/* The values as doubles, or as 64-bit integers, in one piece. */
static void supply_wide(sa_input_buffer *in, const sample *s,
    const secagg_segment *segment, const struct type *t)
{
    const uint32_t type = is_real(segment) ? SECAGG_F64
        : t->is_signed ? SECAGG_I64 : SECAGG_U64;
    const sa_values v = packed_values(is_real(segment)
        ? (const void *)s->reals : s->integers, type, SAMPLES);

    ck_assert_int_eq(sa_input_piece_add(in, seed, 0, 0, &v), SECAGG_OK);
}

/* Pass the values [from, to) with a stride, from memory that ends with the last
 * one. */
static secagg_err supply_copy(sa_input_buffer *in, const sample *s,
    const struct type *t, size_t from, size_t to, ptrdiff_t stride,
    size_t shift)
{
    const size_t step = (size_t)(stride < 0 ? -stride : stride);
    const size_t span = step * (to - from - 1);
    uint8_t *copy = malloc(shift + span + t->size);
    uint8_t *first = copy + shift + (stride < 0 ? span : 0);
    const sa_values v = sa_values_of(first, sa_type_of(t->name), stride,
        to - from);
    secagg_err err;

    for (size_t i = from; i < to; i++)
        memcpy(first + (ptrdiff_t)(i - from) * stride, s->bytes + t->size * i,
            t->size);
    err = sa_input_piece_add(in, seed, 0, from, &v);
    free(copy);
    return err;
}

/* Random pieces in ascending order, or the same in descending order. */
static void supply_pieces(sa_input_buffer *in, const sample *s,
    const struct type *t, uint64_t state)
{
    const bool back = prng_next(&state) % 2;
    const uint64_t most = (uint64_t)1 << (1 + prng_next(&state) % 11);
    size_t done = 0;

    while (done < SAMPLES) {
        const size_t left = SAMPLES - done;
        const size_t want = 1 + (size_t)(prng_next(&state) % most);
        const size_t n = want < left ? want : left;
        const size_t from = back ? left - n : done;
        const ptrdiff_t gap = (ptrdiff_t)(prng_next(&state) % 4);
        ptrdiff_t stride = (ptrdiff_t)t->size + gap * gap;
        if (prng_next(&state) % 2)
            stride = -stride;
        ck_assert_int_eq(supply_copy(in, s, t, from, from + n, stride,
            (size_t)(prng_next(&state) % 8)), SECAGG_OK);
        done += n;
    }
}

static void check_same(sa_input_buffer *got, sa_input_buffer *want,
    const secagg_segment *segment, const struct type *t)
{
    ck_assert(sa_input_buffer_complete(got));
    sa_input_buffer_seal(got);
    sa_input_buffer_seal(want);
    ck_assert_uint_eq(got->clipped[0], want->clipped[0]);
    ck_assert_msg(memcmp(sa_input_buffer_planes(got),
        sa_input_buffer_planes(want), (size_t)got->params->vector) == 0,
        "kind %u, %u bits, type %u", segment->kind, segment->bits, t->name);
}

/* Call f for each segment and each type that it accepts. */
static void each(void (*f)(const sa_params *params, const sample *s,
    const secagg_segment *segment, const struct type *t))
{
    static sample s;

    for (size_t k = 0; k < SIZE(kinds); k++) {
        sa_params *params = params_of(&kinds[k]);
        for (size_t i = 0; i < SIZE(types); i++)
            if (accepts(&kinds[k], &types[i])) {
                fill(&s, &params->segments[0], &types[i]);
                f(params, &s, &params->segments[0], &types[i]);
            }
        sa_params_free(params);
    }
}

static void check_packed(const sa_params *params, const sample *s,
    const secagg_segment *segment, const struct type *t)
{
    const sa_values v = packed_values(s->bytes, t->name, SAMPLES);
    sa_input_buffer got, want;

    begin(&got, params);
    begin(&want, params);
    supply_wide(&want, s, segment, t);
    ck_assert_int_eq(sa_input_piece_add(&got, seed, 0, 0, &v), SECAGG_OK);
    check_same(&got, &want, segment, t);
    sa_input_buffer_free(&got);
    sa_input_buffer_free(&want);
}

START_TEST(every_type_gives_the_planes_of_the_widened_values)
{
    each(check_packed);
}
END_TEST

static void check_pieces(const sa_params *params, const sample *s,
    const secagg_segment *segment, const struct type *t)
{
    sa_input_buffer want;

    begin(&want, params);
    supply_wide(&want, s, segment, t);
    for (uint64_t state = 0; state < 8; state++) {
        sa_input_buffer got;
        begin(&got, params);
        supply_pieces(&got, s, t, state);
        check_same(&got, &want, segment, t);
        sa_input_buffer_free(&got);
    }
    sa_input_buffer_free(&want);
}

START_TEST(pieces_with_any_stride_and_alignment_give_the_same_planes)
{
    each(check_pieces);
}
END_TEST

/* NumPy broadcasts one value with a stride of 0. */
static void check_broadcast(const sa_params *params, const sample *s,
    const secagg_segment *segment, const struct type *t)
{
    static sample copies;
    const sa_values one = sa_values_of(s->bytes + t->size * 7,
        sa_type_of(t->name), 0, SAMPLES);
    sa_input_buffer got, want;

    for (size_t i = 0; i < SAMPLES; i++) {
        copies.reals[i] = s->reals[7];
        copies.integers[i] = s->integers[7];
    }
    begin(&got, params);
    begin(&want, params);
    supply_wide(&want, &copies, segment, t);
    ck_assert_int_eq(sa_input_piece_add(&got, seed, 0, 0, &one), SECAGG_OK);
    check_same(&got, &want, segment, t);
    sa_input_buffer_free(&got);
    sa_input_buffer_free(&want);
}

START_TEST(a_stride_of_0_repeats_one_value)
{
    each(check_broadcast);
}
END_TEST

/* Subnormal numbers of 16 bits and directed rounding modes, too. */
static void check_modes(const sa_params *params, const sample *s,
    const secagg_segment *segment, const struct type *t)
{
    const sa_values v = packed_values(s->bytes, t->name, SAMPLES);
    sa_input_buffer want;

    begin(&want, params);
    supply_wide(&want, s, segment, t);
    for (size_t mode = 1; mode < FP_MODES; mode++) {
        sa_input_buffer got;
        secagg_err err;
        begin(&got, params);
        fp_set(mode);
        err = sa_input_piece_add(&got, seed, 0, 0, &v);
        ck_assert(fp_reset(mode));
        ck_assert_int_eq(err, SECAGG_OK);
        check_same(&got, &want, segment, t);
        sa_input_buffer_free(&got);
    }
    sa_input_buffer_free(&want);
}

START_TEST(the_floating_point_environment_of_the_host_does_not_matter)
{
    each(check_modes);
}
END_TEST

/* ---- constants ---------------------------------------------------------- */

/* Segments of one lane that differ in clip, value_bits or kind alone, one entry
 * of each in turn, rounded to nearest: each entry has the constants of its own
 * segment. */
START_TEST(entries_of_neighbouring_segments_have_their_own_constants)
{
    enum { MANY = 6, COUNT = 60, BITS = 40 };
    secagg_segment s[MANY];
    fixture w = valid_params();
    sa_params *params;
    sa_input_buffer in;

    for (size_t k = 0; k < MANY; k++)
        s[k] = (secagg_segment){ COUNT, SECAGG_REAL, BITS, 9, SECAGG_NEAREST,
            1, { 0 } };
    s[1].value_bits = 10;
    s[3].clip = 0.75;
    s[5].kind = SECAGG_WEIGHTED;
    w.p.segments = s;
    w.p.segment_count = MANY;
    w.p.max_weight = 10;
    ck_assert_int_eq(sa_params_new(&params, &w.p), SECAGG_OK);
    begin(&in, params);
    for (size_t e = 0; e < COUNT; e++)
        for (size_t k = 0; k < MANY; k++) {
            const double x = (double)e / 30 - 1;
            ck_assert_int_eq(input_f64(&in, seed, k, e, &x, 1), SECAGG_OK);
        }
    sa_input_buffer_seal(&in);
    for (size_t k = 0; k < MANY; k++)
        for (size_t e = 0; e < COUNT; e++) {
            const double x = (double)e / 30 - 1;
            uint64_t want, clipped = 0;
            ck_assert_int_eq(sa_fixed_encode(&want, &x, 1, &s[k], NULL,
                k == 5 ? SAMPLE_WEIGHT : 1, &clipped), SECAGG_OK);
            ck_assert_uint_eq(naive_get(in.lanes[params->lanes.number[BITS]]
                .planes, MANY * COUNT, BITS, COUNT * k + e), want);
        }
    sa_input_buffer_free(&in);
    sa_params_free(params);
}
END_TEST

/* ---- refusals ----------------------------------------------------------- */

START_TEST(a_segment_refuses_types_that_it_cannot_represent)
{
    static const uint64_t values[4];

    for (size_t k = 0; k < SIZE(kinds); k++) {
        sa_params *params = params_of(&kinds[k]);
        for (uint32_t name = 0; name < 20; name++) {
            const sa_values v = sa_values_of(values, sa_type_of(name), 8, 3);
            const bool known = name > 0 && name <= SIZE(types);
            sa_input_buffer in;
            begin(&in, params);
            ck_assert_int_eq(sa_input_piece_add(&in, seed, 0, 5, &v),
                known && accepts(&kinds[k], &types[name - 1])
                ? SECAGG_OK : SECAGG_ERR_ARG);
            sa_input_buffer_free(&in);
        }
        sa_params_free(params);
    }
}
END_TEST

/* Check that a piece with one value at one place, among values that are
 * allowed, is refused and changes nothing. */
static void check_refused(const sa_params *params, const sample *s,
    const struct type *t, uint64_t bad)
{
    static sample copy;
    sa_input_buffer in;

    for (size_t at = 0; at < SAMPLES; at += 433)
        for (ptrdiff_t stride = -9; stride <= 9; stride += 3) {
            if (stride > -(ptrdiff_t)t->size && stride < (ptrdiff_t)t->size)
                continue;
            copy = *s;
            put_integer(&copy, t, at, bad);
            ck_assert_int_eq(sa_input_buffer_init(&in, params, 0), SECAGG_OK);
            ck_assert_int_eq(sa_input_buffer_weight(&in, SAMPLE_WEIGHT),
                SECAGG_OK);
            ck_assert_int_eq(supply_copy(&in, &copy, t, 0, SAMPLES, stride, 1),
                SECAGG_ERR_VALUE);
            ck_assert_uint_eq(in.lanes[0].given.count, 0);
            ck_assert_uint_eq(in.lanes[params->lanes.count - 1].given.count,
                0);
            ck_assert_uint_eq(in.clipped[0], 0);
            ck_assert_int_eq(supply_copy(&in, s, t, 0, SAMPLES, stride, 1),
                SECAGG_OK);
            sa_input_buffer_free(&in);
        }
}

static void check_bad_values(const sa_params *params, const sample *s,
    const secagg_segment *segment, const struct type *t)
{
    static const struct { uint32_t type; uint64_t inf, nan; } reals[] = {
        { SECAGG_F16, 0x7c00, 0x7c01 }, { SECAGG_BF16, 0x7f80, 0x7fff },
        { SECAGG_F32, 0x7f800000, 0x7f800001 },
        { SECAGG_F64, 0x7ff0000000000000, 0x7fffffffffffffff } };
    const uint64_t sign = (uint64_t)1 << (8 * t->size - 1);
    uint64_t low, more;

    for (size_t i = 0; i < SIZE(reals); i++)
        if (t->name == reals[i].type) {
            check_refused(params, s, t, reals[i].inf);
            check_refused(params, s, t, reals[i].inf | sign);
            check_refused(params, s, t, reals[i].nan);
            check_refused(params, s, t, reals[i].nan | sign);
        }
    if (!t->integer)
        return;
    low = allowed(segment, t, &more);
    if (more == UINT64_MAX >> (64 - 8 * t->size))
        return; /* every value of the type is allowed */
    check_refused(params, s, t, low + more + 1);
    if (low != (t->is_signed ? 0 - sign : 0))
        check_refused(params, s, t, low - 1);
    if (t->is_signed && low == 0)
        check_refused(params, s, t, UINT64_MAX); /* -1 */
}

START_TEST(a_piece_with_one_value_out_of_range_is_refused_as_a_whole)
{
    each(check_bad_values);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_type_gives_the_planes_of_the_widened_values,
        pieces_with_any_stride_and_alignment_give_the_same_planes,
        a_stride_of_0_repeats_one_value,
        the_floating_point_environment_of_the_host_does_not_matter,
        entries_of_neighbouring_segments_have_their_own_constants,
        a_segment_refuses_types_that_it_cannot_represent,
        a_piece_with_one_value_out_of_range_is_refused_as_a_whole };
    return RUN(tests);
}
