/* SPDX-License-Identifier: Apache-2.0 */
/* aggregate_checks: totals that no inputs can have, sums of weights that no
 * clients can have, and results that their type cannot represent, are not
 * given out (PROTOCOL.md 7.5). The totals are written into the planes. */
#include <float.h>
#include <math.h>

#include "core/reason.h"
#include "server/server_aggregate.h"
#include "support/main.h"
#include "support/oracle.h"
#include "support/params_fixture.h"

#define LENGTH 1100
#define SURVIVORS 3
#define MAX_WEIGHT 10

/* A sum of three clients without masks: one segment, and the weights. */
typedef struct sum_fixture {
    sa_params *params;
    sa_aggregate aggregate;
    uint64_t totals[LENGTH];
} sum_fixture;

static void sum_init(sum_fixture *f, secagg_segment segment,
    uint32_t min_weight)
{
    fixture w = valid_params();

    w.p.clients = w.p.threshold = 4;
    w.p.corrupt = 0;
    w.p.max_weight = MAX_WEIGHT;
    w.p.min_weight = min_weight;
    segment.length = LENGTH;
    w.s[0] = segment;
    w.p.segments = w.s;
    ck_assert_int_eq(sa_params_new(&f->params, &w.p), SECAGG_OK);
    ck_assert_int_eq(sa_aggregate_init(&f->aggregate, f->params), SECAGG_OK);
}

/* The planes of a lane that has one segment. */
static uint8_t *planes_of(sum_fixture *f, size_t segment)
{
    const sa_lane *lane = sa_params_lane(f->params, segment);

    ck_assert_uint_eq(lane->entries, f->params->segments[segment].length);
    return f->aggregate.planes + lane->at;
}

static void sum_finish(sum_fixture *f, uint64_t weight)
{
    secagg_masks *masks;

    naive_set(planes_of(f, 1), 1, f->params->segments[1].bits, 0, weight);
    ck_assert_int_eq(secagg_masks_new(&masks, FIRST_SUITE), SECAGG_OK);
    ck_assert_int_eq(sa_aggregate_finish(&f->aggregate, masks, SURVIVORS),
        SECAGG_OK);
}

static void sum_free(sum_fixture *f)
{
    sa_aggregate_free(&f->aggregate);
    sa_params_free(f->params);
}

static void set_total(sum_fixture *f, size_t entry, uint64_t total)
{
    naive_set(planes_of(f, 0), LENGTH, f->params->segments[0].bits, entry,
        total);
    f->totals[entry] = total;
}

static const struct {
    sa_sum_format format;
    size_t size;
    bool real;
} formats[] = {
    { SA_SUM_U64, 8, false }, { SA_SUM_I64, 8, false },
    { SA_SUM_F32, 4, true }, { SA_SUM_F64, 8, true },
    { SA_MEAN_F32, 4, true }, { SA_MEAN_F64, 8, true },
};
#define FORMATS (sizeof formats / sizeof *formats)

/* The same range with a stride: after an error the places of all results are
 * zeros, and the bytes between them keep their values in any case. */
static void check_strided(sum_fixture *f, size_t i, uint64_t offset,
    size_t count, secagg_err want)
{
    static const uint8_t zeros[8], gap[3] = { 0x5a, 0x5a, 0x5a };
    uint8_t out[11 * LENGTH];
    const size_t size = formats[i].size, step = size + sizeof gap;
    const size_t last = count > 0 ? step * (count - 1) : 0;
    const sa_results back = { out + last, -(ptrdiff_t)step, count };

    memset(out, 0x5a, sizeof out);
    ck_assert_int_eq(sa_aggregate_read_to(&f->aggregate, formats[i].format, 0,
        offset, &back, NULL), want);
    for (size_t k = 0; k < count; k++) {
        if (want != SECAGG_OK)
            ck_assert_mem_eq(out + step * k, zeros, size);
        ck_assert_mem_eq(out + step * k + size, gap, sizeof gap);
    }
}

static char reason[SA_REASON_BYTES]; /* of the last read */

/* Read a range in format i, which gives an error and no entry, or a result. */
static void check_read(sum_fixture *f, size_t i, uint64_t offset, size_t count,
    secagg_err want)
{
    uint8_t out[8 * LENGTH], *zeros = calloc(LENGTH, 8);
    const size_t len = count * formats[i].size;

    ck_assert_ptr_nonnull(zeros);
    memset(out, 0x5a, sizeof out);
    reason[0] = '\0';
    ck_assert_int_eq(sa_aggregate_read(&f->aggregate, formats[i].format, 0,
        offset, out, count, reason), want);
    if (want != SECAGG_OK)
        ck_assert_mem_eq(out, zeros, len);
    ck_assert_int_eq(reason[0] == '\0', want == SECAGG_OK);
    ck_assert_uint_eq(out[len], 0x5a);
    free(zeros);
    check_strided(f, i, offset, count, want);
}

/* Check the sentence of the last read. */
static void check_cheat(size_t entry)
{
    char expected[200];

    (void)snprintf(expected, sizeof expected, "segment 0: no inputs have the "
        "sum of entry %zu: a client has cheated", entry);
    ck_assert_str_eq(reason, expected);
}

/* Check the formats of a segment for ranges with and without a bad total. */
static void check_ranges(sum_fixture *f, size_t bad, bool real)
{
    for (size_t i = 0; i < FORMATS; i++) {
        if (formats[i].real > real)
            continue;
        check_read(f, i, 0, LENGTH - 1, bad < LENGTH - 1 ? SECAGG_ERR_VALUE
                                                         : SECAGG_OK);
        if (bad < LENGTH - 1)
            check_cheat(bad);
        check_read(f, i, bad, 1, SECAGG_ERR_VALUE);
        check_cheat(bad);
        check_read(f, i, 0, bad, SECAGG_OK);
        check_read(f, i, bad + 1, LENGTH - 1 - bad, SECAGG_OK);
    }
}

/* Check that totals up to `max` are given out and max + 1 is not, wherever it
 * is in its block. */
static void check_maximum(const secagg_segment *segment, uint64_t weight,
    uint64_t max)
{
    static sum_fixture f;
    const bool real = segment->clip > 0;

    for (size_t bad = 0; bad < LENGTH; bad += 109) {
        sum_init(&f, *segment, 0);
        for (size_t i = 0; i < LENGTH; i++)
            set_total(&f, i, i % 2 ? max : max / 3 * 2);
        sum_finish(&f, weight);
        for (size_t i = 0; i < FORMATS; i++)
            if (formats[i].real <= real)
                check_read(&f, i, 0, LENGTH - 1, SECAGG_OK);
        set_total(&f, bad, max + 1);
        for (size_t i = 0; i < 2; i++) /* they have the old planes */
            sa_sum_cache_free(&f.aggregate.reads[i].cache);
        check_ranges(&f, bad, real);
        sum_free(&f);
    }
}

/* 40 bits are more than 32, which are read another way; 60 bits are more than
 * doubles represent. */
START_TEST(a_total_of_reals_over_its_maximum_is_not_given_out)
{
    static const uint32_t moduli[] = { 0, 40, 60 };

    for (int i = 0; i < 3; i++) {
        const secagg_segment reals = { .kind = SECAGG_REAL,
            .bits = moduli[i], .value_bits = 12, .clip = 2.5 };
        const secagg_segment weighted = { .kind = SECAGG_WEIGHTED,
            .bits = moduli[i], .value_bits = 12, .clip = 2.5 };
        check_maximum(&reals, 17, 3 * 4094);
        check_maximum(&weighted, 17, 17 * 4094);
        check_maximum(&weighted, 30, 30 * 4094);
    }
}
END_TEST

START_TEST(a_total_of_bounded_integers_over_its_maximum_is_not_given_out)
{
    const secagg_segment counts = { .kind = SECAGG_UNSIGNED, .value_bits = 10 };
    const secagg_segment wide = { .kind = SECAGG_UNSIGNED, .bits = 64,
        .value_bits = 61 };

    check_maximum(&counts, 5, 3 * 1023);
    check_maximum(&wide, 5, 3 * (((uint64_t)1 << 61) - 1));
}
END_TEST

/* 3 * 2^9 entries are the sum 0. Negative sums are no unsigned integers. */
START_TEST(a_negative_sum_is_read_as_signed_only)
{
    const secagg_segment votes = { .kind = SECAGG_SIGNED, .value_bits = 10 };
    static sum_fixture f;
    int64_t is_signed[3];
    uint64_t sums[2];

    sum_init(&f, votes, 0);
    set_total(&f, 0, 3 * 512 - 1);
    set_total(&f, 1, 3 * 512);
    set_total(&f, 2, 3 * 1023);
    set_total(&f, 3, 3 * 1023 + 1);
    sum_finish(&f, 5);
    ck_assert_int_eq(sa_aggregate_read(&f.aggregate, SA_SUM_I64, 0, 0,
        is_signed, 3, NULL), SECAGG_OK);
    ck_assert_int_eq(is_signed[0], -1);
    ck_assert_int_eq(is_signed[1], 0);
    ck_assert_int_eq(is_signed[2], 3 * 511);
    ck_assert_int_eq(sa_aggregate_read(&f.aggregate, SA_SUM_I64, 0, 4,
        is_signed, 1, NULL), SECAGG_OK);
    ck_assert_int_eq(is_signed[0], -3 * 512);
    check_read(&f, 1, 0, 4, SECAGG_ERR_VALUE);
    check_read(&f, 0, 0, 1, SECAGG_ERR_VALUE);
    check_read(&f, 0, 0, 3, SECAGG_ERR_VALUE);
    ck_assert_int_eq(sa_aggregate_read(&f.aggregate, SA_SUM_U64, 0, 1, sums,
        2, NULL), SECAGG_OK);
    ck_assert_uint_eq(sums[0], 0);
    ck_assert_uint_eq(sums[1], 3 * 511);
    sum_free(&f);
}
END_TEST

START_TEST(an_unsigned_sum_over_2_to_the_63_is_not_read_as_signed)
{
    const secagg_segment counts = { .kind = SECAGG_UNSIGNED, .bits = 64,
        .value_bits = 62 };
    static sum_fixture f;

    sum_init(&f, counts, 0);
    set_total(&f, 0, ((uint64_t)1 << 63) - 1);
    set_total(&f, 1, (uint64_t)1 << 63);
    sum_finish(&f, 5);
    check_read(&f, 1, 0, 1, SECAGG_OK);
    check_read(&f, 1, 0, 2, SECAGG_ERR_VALUE);
    check_read(&f, 0, 0, 2, SECAGG_OK);
    sum_free(&f);
}
END_TEST

START_TEST(integers_without_a_bound_are_not_checked)
{
    const secagg_segment integers = { .kind = SECAGG_INTEGER, .bits = 64 };
    static sum_fixture f;

    sum_init(&f, integers, 0);
    set_total(&f, 0, UINT64_MAX);
    sum_finish(&f, 5);
    check_read(&f, 0, 0, LENGTH - 1, SECAGG_OK);
    check_read(&f, 1, 0, LENGTH - 1, SECAGG_OK);
    sum_free(&f);
}
END_TEST

/* ---- weights ------------------------------------------------------------ */

/* Check reads of a WEIGHTED segment of totals 0. */
static void check_weights(uint32_t min_weight, uint64_t weight, bool good)
{
    const secagg_segment weighted = { .kind = SECAGG_WEIGHTED, .bits = 40,
        .value_bits = 12, .clip = 2.5 };
    static sum_fixture f;
    double out = 7;

    sum_init(&f, weighted, min_weight);
    sum_finish(&f, weight);
    ck_assert_uint_eq(f.aggregate.weight, good ? weight : 0);
    for (size_t i = 0; i < FORMATS; i++) {
        const bool mean = formats[i].format >= SA_MEAN_F32;
        out = 7;
        ck_assert_int_eq(sa_aggregate_read(&f.aggregate, formats[i].format, 0,
            0, &out, 1, NULL), !good || (mean && weight == 0) ? SECAGG_ERR_VALUE
                                                        : SECAGG_OK);
    }
    sum_free(&f);
}

START_TEST(a_sum_of_weights_that_no_clients_have_is_not_given_out)
{
    check_weights(0, 0, true);
    check_weights(0, SURVIVORS * MAX_WEIGHT, true);
    check_weights(0, SURVIVORS * MAX_WEIGHT + 1, false);
    check_weights(0, 63, false);
    check_weights(1, SURVIVORS, true);
    check_weights(1, SURVIVORS - 1, false);
    check_weights(1, 0, false);
    check_weights(1, SURVIVORS * MAX_WEIGHT, true);
    check_weights(1, SURVIVORS * MAX_WEIGHT + 1, false);
}
END_TEST

START_TEST(other_segments_are_read_when_the_sum_of_weights_is_bad)
{
    const secagg_segment reals = { .kind = SECAGG_REAL, .bits = 40,
        .value_bits = 12, .clip = 2.5 };
    static sum_fixture f;

    sum_init(&f, reals, 1);
    sum_finish(&f, 1);
    for (size_t i = 0; i < FORMATS; i++)
        check_read(&f, i, 0, LENGTH - 1, SECAGG_OK);
    sum_free(&f);
}
END_TEST

/* ---- floats ------------------------------------------------------------- */

/* With q = 2 one client's values are -clip, 0 and clip: three clients have
 * totals 0 to 6. */
static void check_floats(double clip, uint64_t total, bool sum_fits,
    bool mean_fits)
{
    const secagg_segment reals = { .kind = SECAGG_REAL, .value_bits = 2,
        .clip = clip };
    static sum_fixture f;

    sum_init(&f, reals, 0);
    for (size_t i = 0; i < LENGTH; i++)
        set_total(&f, i, 3);
    set_total(&f, 513, total);
    sum_finish(&f, 5);
    check_read(&f, 2, 0, LENGTH - 1, sum_fits ? SECAGG_OK : SECAGG_ERR_VALUE);
    check_read(&f, 4, 0, LENGTH - 1, mean_fits ? SECAGG_OK : SECAGG_ERR_VALUE);
    check_read(&f, 2, 0, 513, SECAGG_OK);
    check_read(&f, 3, 0, LENGTH - 1, SECAGG_OK); /* doubles represent it */
    check_read(&f, 5, 0, LENGTH - 1, SECAGG_OK);
    sum_free(&f);
}

START_TEST(a_result_that_is_no_finite_float_is_not_given_out)
{
    const double half_over = (double)FLT_MAX + 0x1p103;

    check_floats((double)FLT_MAX, 4, true, true);
    check_floats((double)FLT_MAX, 2, true, true);
    check_floats((double)FLT_MAX, 5, false, true);
    check_floats((double)FLT_MAX, 6, false, true);
    check_floats((double)FLT_MAX, 0, false, true);
    check_floats(nextafter(half_over, 0), 4, true, true);
    check_floats(half_over, 4, false, true);
    check_floats(half_over, 2, false, true);
    check_floats(half_over, 6, false, false);
    check_floats(0x1p500, 3, true, true);
    check_floats(0x1p500, 2, false, false);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_total_of_reals_over_its_maximum_is_not_given_out,
        a_total_of_bounded_integers_over_its_maximum_is_not_given_out,
        a_negative_sum_is_read_as_signed_only,
        an_unsigned_sum_over_2_to_the_63_is_not_read_as_signed,
        integers_without_a_bound_are_not_checked,
        a_sum_of_weights_that_no_clients_have_is_not_given_out,
        other_segments_are_read_when_the_sum_of_weights_is_bad,
        a_result_that_is_no_finite_float_is_not_given_out };
    return RUN(tests);
}
