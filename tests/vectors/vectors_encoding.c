/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of encoding and decoding (PROTOCOL.md 7). Each is performed in every
 * floating-point environment that a host may have set. */
#include <secagg/mask.h>
#include <string.h>

#include "client/input_buffer.h"
#include "core/bits.h"
#include "core/mem.h"
#include "crypto/suite.h"
#include "server/server_aggregate.h"
#include "support/fp_modes.h"
#include "vector/fixed.h"
#include "vector/planar.h"
#include "vector/rounding.h"
#include "vectors/vectors_keystream.h"

/* ---- reals -------------------------------------------------------------- */

/* Reads the words of stochastic rounding, four bytes each. */
static secagg_err read_words(vec *v, uint64_t offset, uint8_t *out,
    size_t count)
{
    uint8_t key[SA_KEYSTREAM_KEY_MAX];
    sa_cipher cipher;

    SA_TRY(sa_suite_cipher(&cipher, vec_u32(v, "suite")));
    SA_TRY(sa_rounding_derive_key(key, cipher, vec_u32(v, "bits"),
        vec_fixed(v, "roundingSeed", 32)));
    return vec_keystream(v, cipher, key, 4 * offset, out, 4 * count);
}

static void expect_words(vec *v, const uint8_t *bytes, size_t count)
{
    uint32_t *words = vec_alloc(v, count, sizeof *words);

    for (size_t i = 0; i < count; i++)
        words[i] = sa_get_le32(bytes + 4 * i);
    vec_expect_u32s(v, "words", words, count);
}

static void run_words(vec *v)
{
    const size_t count = vec_hex(v, "words").len / 4;
    uint8_t *words = vec_alloc(v, count, 4);

    if (vec_check(v, read_words(v, vec_int(v, "offset"), words, count)))
        expect_words(v, words, count);
}

/* Returns the segment that a group describes. */
static secagg_segment segment_of(vec *v, uint32_t kind, uint32_t rounding)
{
    secagg_segment s = { .length = 1, .kind = kind, .bits = 64,
        .rounding = rounding };

    s.value_bits = vec_u32(v, "valueBits");
    s.clip = vec_double(v, "clip");
    if (!sa_fixed_sound(&s))
        vec_fail(v, "clip, valueBits, rounding: not sound");
    return s;
}

/* Compares the public function, which encodes REAL entries from offset 0. */
static void check_public_function(vec *v, const secagg_segment *s,
    const double *values, size_t count)
{
    uint64_t *out = vec_alloc(v, count, sizeof *out), clipped;

    if (s->kind != SECAGG_REAL || vec_int(v, "offset") != 0
        || !vec_check(v, secagg_fixed_encode_f64(out, values, count, s,
            vec_u32(v, "suite"), vec_u32(v, "bits"),
            vec_fixed(v, "roundingSeed", 32), &clipped)))
        return;
    vec_expect_u64s(v, "entries", out, count);
    vec_expect_int(v, "clipped", clipped);
}

static void run_quantise(vec *v)
{
    const secagg_segment s = segment_of(v, vec_u32(v, "kind"),
        vec_u32(v, "rounding"));
    const bool nearest = s.rounding == SECAGG_NEAREST;
    const uint64_t weight = vec_u64(v, "weight");
    size_t count;
    uint64_t *bits = vec_u64s(v, "values", &count), clipped = 0;
    uint64_t *out = vec_alloc(v, count, sizeof *out);
    double *values = vec_alloc(v, count, sizeof *values);
    uint8_t *words = vec_alloc(v, count, 4);

    memcpy(values, bits, count * sizeof *values);
    check_public_function(v, &s, values, count);
    if (v->failure[0] != '\0' || !vec_check(v,
        sa_fixed_finite_f64(values, count) ? SECAGG_OK : SECAGG_ERR_VALUE)
        || !vec_ok(v, read_words(v, vec_int(v, "offset"), words, count)))
        return;
    expect_words(v, words, nearest ? 0 : count);
    if (!vec_ok(v, sa_fixed_encode(out, values, count, &s,
        nearest ? NULL : words, s.kind == SECAGG_WEIGHTED ? weight : 1,
        &clipped)))
        return;
    vec_expect_u64s(v, "entries", out, count);
    vec_expect_int(v, "clipped", clipped);
}

static void run_rounded(vec *v)
{
    const secagg_segment s = segment_of(v, SECAGG_REAL, SECAGG_STOCHASTIC);
    const uint32_t word = vec_u32(v, "word");
    size_t count;
    uint64_t *bits = vec_u64s(v, "values", &count), clipped = 0;
    uint64_t *out = vec_alloc(v, count, sizeof *out);
    double *values = vec_alloc(v, count, sizeof *values);
    uint8_t *words = vec_alloc(v, count, 4);

    memcpy(values, bits, count * sizeof *values);
    for (size_t i = 0; i < count; i++)
        sa_put_le32(words + 4 * i, word);
    if (v->failure[0] == '\0' && vec_check(v, sa_fixed_encode(out, values,
        count, &s, words, 1, &clipped)))
        vec_expect_u64s(v, "entries", out, count);
}

/* ---- integers and sums -------------------------------------------------- */

/* Parameters with one segment, for functions that take a whole input or
 * aggregate. */
typedef struct one_segment {
    secagg_segment segment;
    uint64_t place;
    sa_params params;
} one_segment;

static void one_segment_init(one_segment *l)
{
    l->params = (sa_params){ .segments = &l->segment, .places = &l->place,
        .count = 1 };
    l->params.own.segments = &l->segment;
    l->params.own.segment_count = 1;
    sa_lanes_init(&l->params.lanes, &l->place, &l->segment, 1);
    l->params.vector = sa_lanes_at(&l->params.lanes,
        l->params.lanes.blocks);
}

/* Returns the segment of integers that a group describes. */
static secagg_segment integers_of(vec *v, size_t length)
{
    const secagg_segment s = { .length = length, .kind = vec_u32(v, "kind"),
        .bits = vec_u32(v, "bits"), .value_bits = vec_u32(v, "valueBits") };

    if (length == 0 || s.bits < 1 || s.bits > 64 || s.value_bits > 63
        || s.kind > SECAGG_SIGNED || (s.kind == SECAGG_INTEGER)
            != (s.value_bits == 0))
        vec_fail(v, "kind, bits, valueBits, values: out of range");
    return s;
}

static secagg_err supply(vec *v, sa_input_buffer *input,
    const uint64_t *values, size_t count)
{
    int64_t *is_signed = vec_alloc(v, count, sizeof *is_signed);

    memcpy(is_signed, values, count * sizeof *values);
    return vec_bool(v, "signed")
        ? sa_input_buffer_i64(input, 0, 0, is_signed, count)
        : sa_input_buffer_u64(input, 0, 0, values, count);
}

static void run_integers(vec *v)
{
    size_t count;
    const uint64_t *values = vec_u64s(v, "values", &count);
    one_segment l = { .segment = integers_of(v, count) };
    sa_input_buffer input;

    if (v->failure[0] != '\0')
        return;
    one_segment_init(&l);
    if (!vec_ok(v, sa_input_buffer_init(&input, &l.params, 0)))
        return;
    if (vec_check(v, supply(v, &input, values, count))) {
        sa_input_buffer_seal(&input);
        vec_expect_bytes(v, "planes", sa_input_buffer_planes(&input),
            (size_t)l.params.vector);
    }
    sa_input_buffer_free(&input);
}

/* Reads an aggregate that contains one unmasked total. */
static secagg_err read_total(one_segment *l, uint64_t addends,
    uint64_t total, sa_sum_format form, void *out)
{
    sa_aggregate result;
    secagg_err err;

    one_segment_init(l);
    SA_TRY(sa_aggregate_init(&result, &l->params));
    result.weight = addends;
    result.survivors = (uint32_t)addends;
    err = secagg_planar_pack_u64(result.planes, &total, 1, l->segment.bits);
    if (err == SECAGG_OK)
        err = secagg_masks_new(&result.masks, 1);
    if (err == SECAGG_OK)
        err = sa_aggregate_read(&result, form, 0, 0, out, 1, NULL);
    sa_aggregate_free(&result);
    return err;
}

/* Decodes with the public function, too, if the addends fit it. */
static void check_public_sum(vec *v, const secagg_segment *given,
    uint64_t addends, uint64_t total)
{
    secagg_segment s = *given;
    double sum = 0;

    s.kind = SECAGG_REAL;
    if (addends <= UINT32_MAX && vec_check(v, secagg_fixed_decode_f64(&sum,
        &total, 1, &s, (uint32_t)addends)))
        vec_expect_double(v, "value", sum);
}

/* `single` is empty if the conversion to f32 is SECAGG_ERR_VALUE. */
static void run_decoding(vec *v)
{
    one_segment l = { .segment = segment_of(v, SECAGG_WEIGHTED,
        SECAGG_NEAREST) };
    const bool mean = vec_bool(v, "mean");
    const uint64_t addends = vec_u64(v, "addends");
    const uint64_t total = vec_u64(v, "total");
    double value = 0;
    float single = 0;
    uint32_t bits;
    bool over;

    if (v->failure[0] != '\0')
        return;
    over = read_total(&l, addends, total, mean ? SA_MEAN_F32 : SA_SUM_F32,
        &single) == SECAGG_ERR_VALUE;
    memcpy(&bits, &single, sizeof bits);
    vec_expect_u32s(v, "single", &bits, !over);
    if (!mean)
        check_public_sum(v, &l.segment, addends, total);
    if (vec_check(v, read_total(&l, addends, total,
        mean ? SA_MEAN_F64 : SA_SUM_F64, &value)))
        vec_expect_double(v, "value", value);
}

/* The test is invalid if both reads are SECAGG_ERR_VALUE because of the
 * total. */
static void run_total(vec *v)
{
    one_segment l = { .segment = integers_of(v, 1) };
    const uint32_t survivors = vec_u32(v, "survivors");
    const uint64_t total = vec_u64(v, "total");
    const bool invalid = v->error[0] != '\0';
    secagg_err err[2];
    uint64_t out[2] = { 0, 0 };
    int64_t is_signed = 0;

    if (v->failure[0] != '\0')
        return;
    err[0] = read_total(&l, survivors, total, SA_SUM_U64, &out[0]);
    err[1] = read_total(&l, survivors, total, SA_SUM_I64, &is_signed);
    memcpy(&out[1], &is_signed, sizeof out[1]);
    for (int i = 0; i < 2; i++)
        if (err[i] != SECAGG_OK && err[i] != SECAGG_ERR_VALUE)
            vec_ok(v, err[i]);
    if (invalid)
        vec_check(v, err[0] == err[1] ? err[0] : SECAGG_OK);
    vec_expect_u64s(v, "unsigned", &out[0], err[0] == SECAGG_OK);
    vec_expect_u64s(v, "signed", &out[1], err[1] == SECAGG_OK);
}

/* The weighted segment has a total of 0, which any sum of weights allows. */
static void run_weight_sum(vec *v)
{
    const uint64_t total = vec_u64(v, "total");
    secagg_segment s[2] = { { .length = 1, .kind = SECAGG_WEIGHTED,
        .bits = 64, .value_bits = 2, .clip = 1 }, { .length = 1,
        .bits = vec_u32(v, "bits") } };
    uint64_t places[2], out = 1;
    sa_params params = { .segments = s, .places = places, .count = 2 };
    secagg_masks *masks = NULL;
    sa_aggregate result;

    params.own.segments = s;
    params.own.segment_count = 1;
    params.own.min_weight = vec_u32(v, "minWeight");
    params.own.max_weight = vec_int(v, "maxWeight");
    if (s[1].bits < 1 || s[1].bits > 63)
        vec_fail(v, "bits: out of range");
    if (v->failure[0] != '\0')
        return;
    sa_lanes_init(&params.lanes, places, s, 2);
    params.vector = sa_lanes_at(&params.lanes, params.lanes.blocks);
    if (!vec_ok(v, sa_aggregate_init(&result, &params)))
        return;
    if (vec_ok(v, secagg_planar_pack_u64(result.planes, &total, 1, s[1].bits))
        && vec_ok(v, secagg_masks_new(&masks, 1))
        && vec_ok(v, sa_aggregate_finish(&result, masks,
            vec_u32(v, "survivors")))
        && vec_check(v, sa_aggregate_read(&result, SA_SUM_U64, 0, 0, &out, 1,
            NULL)))
        vec_expect_u64(v, "total", result.weight);
    sa_aggregate_free(&result);
}

/* ---- every environment -------------------------------------------------- */

/* Performs a test in each floating-point environment, which must be the same
 * afterwards. */
static void in_all_modes(vec *v, void (*run)(vec *))
{
    for (size_t i = 0; i < FP_MODES && v->failure[0] == '\0'; i++) {
        fp_set(i);
        run(v);
        if (!fp_reset(i))
            vec_fail(v, "the floating-point environment was changed");
        if (v->failure[0] != '\0' && i > 0)
            vec_fail(v, "in floating-point environment %zu", i);
    }
}

#define IN_ALL_MODES(run)                                                     \
    static void run##_in_all_modes(vec *v)                                    \
    {                                                                         \
        in_all_modes(v, run);                                                 \
    }

IN_ALL_MODES(run_quantise)
IN_ALL_MODES(run_rounded)
IN_ALL_MODES(run_integers)
IN_ALL_MODES(run_decoding)
IN_ALL_MODES(run_total)
IN_ALL_MODES(run_weight_sum)

/* encoding.json and decode.json both have a type Decode; the members of the
 * group distinguish them. */
const vec_type vec_encoding[] = {
    { "Words", "", "suite roundingSeed bits offset words", run_words },
    { "Quantise", "kind valueBits rounding clip",
        "suite roundingSeed bits offset weight words values entries "
        "clipped", run_quantise_in_all_modes },
    { "Rounded", "", "valueBits clip word values entries",
        run_rounded_in_all_modes },
    { "Integers", "kind bits valueBits", "signed values planes",
        run_integers_in_all_modes },
    { "Decode", "valueBits clip", "mean addends total value single",
        run_decoding_in_all_modes },
    { "Total", "kind bits valueBits", "survivors total unsigned signed",
        run_total_in_all_modes },
    { "WeightSum", "minWeight maxWeight bits", "survivors total",
        run_weight_sum_in_all_modes },
    { NULL, NULL, NULL, NULL },
};
