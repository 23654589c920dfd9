/* SPDX-License-Identifier: Apache-2.0 */
/* typed_input: the public functions of each type build the same INPUT, byte for
 * byte, from the same values; and sums and means are read with a stride. */
#include "support/main.h"
#include "support/party.h"
#include "support/util.h"

#define CLIENTS 3
#define LENGTH 900
#define SEGMENTS 6
#define SIZE(array) (sizeof(array) / sizeof *(array))

/* Integers up to 100 are values of every type. */
static const secagg_segment segments[SEGMENTS] = {
    { .length = LENGTH, .kind = SECAGG_REAL, .value_bits = 11, .clip = 90 },
    { .length = LENGTH, .kind = SECAGG_WEIGHTED, .value_bits = 16,
        .clip = 128 },
    { .length = LENGTH, .kind = SECAGG_REAL, .value_bits = 20, .clip = 1e3,
        .rounding = SECAGG_NEAREST },
    { .length = LENGTH, .kind = SECAGG_INTEGER, .bits = 24 },
    { .length = LENGTH, .kind = SECAGG_UNSIGNED, .value_bits = 7 },
    { .length = LENGTH, .kind = SECAGG_SIGNED, .value_bits = 8 },
};

static secagg_params params_of(void)
{
    secagg_params params = SECAGG_PARAMS_INIT;

    params.clients = params.threshold = CLIENTS;
    params.min_survivors = 3;
    params.max_weight = 9;
    params.segments = segments;
    params.segment_count = SEGMENTS;
    return params;
}

static bool is_real(size_t segment)
{
    return segment < 3;
}

static uint64_t value_of(uint32_t client, size_t segment, size_t e)
{
    return (e * 37 + segment * 11 + client) % 101;
}

/* Returns the bits of a binary16, or of a bfloat16, for an integer below 256
 * (IEEE 754-2019, 3.4): the leading 1 is not stored. */
static uint16_t bits_16(uint64_t x, uint32_t bias, uint32_t fraction)
{
    uint32_t e = 0;

    if (x == 0)
        return 0;
    while (x >> e > 1)
        e++;
    return (uint16_t)((bias + e) << fraction
        | ((uint32_t)(x << fraction >> e) & ((1U << fraction) - 1)));
}

/* ---- one function for each type ----------------------------------------- */

/* Values of a segment as an array of each type. */
typedef struct arrays {
    uint16_t f16[LENGTH], bf16[LENGTH];
    float f32[LENGTH];
    double f64[LENGTH];
    int8_t i8[LENGTH];
    uint8_t u8[LENGTH];
    int16_t i16[LENGTH];
    uint16_t u16[LENGTH];
    int32_t i32[LENGTH];
    uint32_t u32[LENGTH];
    int64_t i64[LENGTH];
    uint64_t u64[LENGTH];
} arrays;

static void fill(arrays *a, uint32_t client, size_t segment)
{
    for (size_t e = 0; e < LENGTH; e++) {
        const uint64_t x = value_of(client, segment, e);
        a->f16[e] = bits_16(x, 15, 10);
        a->bf16[e] = bits_16(x, 127, 7);
        a->f32[e] = (float)x;
        a->f64[e] = (double)x;
        a->i8[e] = (int8_t)x;
        a->u8[e] = (uint8_t)x;
        a->i16[e] = (int16_t)x;
        a->u16[e] = (uint16_t)x;
        a->i32[e] = (int32_t)x;
        a->u32[e] = (uint32_t)x;
        a->i64[e] = (int64_t)x;
        a->u64[e] = x;
    }
}

static secagg_err supply_typed(secagg_client *c, size_t s, const arrays *a,
    uint32_t type)
{
    switch (type) {
    case SECAGG_F16: return secagg_client_input_f16(c, s, 0, a->f16, LENGTH);
    case SECAGG_BF16: return secagg_client_input_bf16(c, s, 0, a->bf16, LENGTH);
    case SECAGG_F32: return secagg_client_input_f32(c, s, 0, a->f32, LENGTH);
    case SECAGG_F64: return secagg_client_input_f64(c, s, 0, a->f64, LENGTH);
    case SECAGG_I8: return secagg_client_input_i8(c, s, 0, a->i8, LENGTH);
    case SECAGG_U8: return secagg_client_input_u8(c, s, 0, a->u8, LENGTH);
    case SECAGG_I16: return secagg_client_input_i16(c, s, 0, a->i16, LENGTH);
    case SECAGG_U16: return secagg_client_input_u16(c, s, 0, a->u16, LENGTH);
    case SECAGG_I32: return secagg_client_input_i32(c, s, 0, a->i32, LENGTH);
    case SECAGG_U32: return secagg_client_input_u32(c, s, 0, a->u32, LENGTH);
    case SECAGG_I64: return secagg_client_input_i64(c, s, 0, a->i64, LENGTH);
    default: return secagg_client_input_u64(c, s, 0, a->u64, LENGTH);
    }
}

/* Every second element of an array of pairs, backwards. */
static secagg_err supply_strided(secagg_client *c, size_t s, const arrays *a,
    uint32_t type)
{
    static double pairs[LENGTH][2];

    if (!is_real(s) || type != SECAGG_F64)
        return supply_typed(c, s, a, type);
    for (size_t e = 0; e < LENGTH; e++)
        pairs[LENGTH - 1 - e][1] = a->f64[e];
    return secagg_client_input_strided(c, s, 0, &pairs[LENGTH - 1][1], type,
        LENGTH, -(ptrdiff_t)sizeof pairs[0]);
}

typedef secagg_err supply_fn(secagg_client *c, size_t s, const arrays *a,
    uint32_t type);

/* Supply one type to segments of reals and one to those of integers. */
static void supply(party *p, supply_fn *f, uint32_t real, uint32_t integer)
{
    static arrays a;

    for (uint32_t i = 0; i < CLIENTS; i++) {
        OK(secagg_client_weight(p->clients[i], i + 2));
        for (size_t s = 0; s < SEGMENTS; s++) {
            fill(&a, i, s);
            OK(f(p->clients[i], s, &a, is_real(s) ? real : integer));
        }
    }
}

static transcript *run(supply_fn *f, uint32_t real, uint32_t integer)
{
    const secagg_params params = params_of();
    transcript *said;
    party p;

    party_init(&p, &params, 8);
    p.transcript = said = calloc(1, sizeof *said);
    ck_assert_ptr_nonnull(said);
    supply(&p, f, real, integer);
    OK(party_run(&p));
    for (size_t e = 0; e < LENGTH; e++) { /* against the integers themselves */
        uint64_t sum = 0, want = 0;
        OK(secagg_server_sum_u64(p.server, 4, e, &sum, 1));
        for (uint32_t i = 0; i < CLIENTS; i++)
            want += value_of(i, 4, e);
        ck_assert_uint_eq(sum, want);
    }
    party_free(&p);
    return said;
}

static void check_same(const transcript *a, transcript *b)
{
    for (int i = 0; i < CLIENTS; i++)
        ck_assert(transcript_same(a, b, UP, SECAGG_PHASE_INPUT, i));
    transcript_free(b);
}

START_TEST(all_types_build_the_same_input)
{
    transcript *said = run(supply_typed, SECAGG_F64, SECAGG_U64);

    for (uint32_t real = SECAGG_F16; real <= SECAGG_U32; real++)
        check_same(said, run(supply_typed, real, SECAGG_I64));
    for (uint32_t integer = SECAGG_I8; integer <= SECAGG_U64; integer++)
        check_same(said, run(supply_typed, SECAGG_F32, integer));
    check_same(said, run(supply_strided, SECAGG_F64, SECAGG_I8));
    transcript_free(said);
}
END_TEST

START_TEST(an_unknown_type_is_refused)
{
    const secagg_params params = params_of();
    const double x = 1;
    party p;

    party_init(&p, &params, 8);
    for (uint32_t type = 0; type < 30; type++)
        if (type < SECAGG_F16 || type > SECAGG_U64)
            for (size_t s = 0; s < SEGMENTS; s++)
                ck_assert_int_eq(secagg_client_input_strided(p.clients[0], s,
                    0, &x, type, 1, 8), SECAGG_ERR_ARG);
    party_free(&p);
}
END_TEST

/* ---- sums and means with a stride --------------------------------------- */

/* Read with the function of a type, without a stride. */
static secagg_err read_packed(const secagg_server *server, size_t s, size_t at,
    void *out, uint32_t type, bool mean, size_t count)
{
    if (mean)
        return type == SECAGG_F32
            ? secagg_server_mean_f32(server, s, at, out, count)
            : secagg_server_mean_f64(server, s, at, out, count);
    switch (type) {
    case SECAGG_F32: return secagg_server_sum_f32(server, s, at, out, count);
    case SECAGG_F64: return secagg_server_sum_f64(server, s, at, out, count);
    case SECAGG_I64: return secagg_server_sum_i64(server, s, at, out, count);
    default: return secagg_server_sum_u64(server, s, at, out, count);
    }
}

/* Read [at, at + count) with a stride; bytes between the results, and around
 * them, keep their values. */
static void check_read(const secagg_server *server, size_t s, size_t at,
    size_t count, uint32_t type, bool mean, ptrdiff_t stride)
{
    static uint64_t want[LENGTH];
    static uint8_t expected[40 * LENGTH], got[40 * LENGTH];
    const size_t size = type == SECAGG_F32 ? 4 : 8;
    const size_t first = 3 + (stride < 0 ? (size_t)-stride * (count - 1) : 0);

    memset(expected, 0x5a, sizeof expected);
    memset(got, 0x5a, sizeof got);
    OK(read_packed(server, s, at, want, type, mean, count));
    for (size_t i = 0; i < count; i++)
        memcpy(expected + ((ptrdiff_t)first + (ptrdiff_t)i * stride),
            (const uint8_t *)want + size * i, size);
    OK((mean ? secagg_server_mean_strided : secagg_server_sum_strided)(server,
        s, at, got + first, type, count, stride));
    ck_assert_mem_eq(got, expected, sizeof got);
}

START_TEST(sums_and_means_are_read_with_any_stride)
{
    static const struct { size_t at, count; } ranges[] = { { 0, LENGTH },
        { 0, 1 }, { 500, 30 }, { 511, 2 }, { 899, 1 }, { 3, 800 } };
    static const ptrdiff_t strides[] = { 8, -8, 9, -13, 24, 40 };
    const secagg_params params = params_of();
    party p;

    party_init(&p, &params, 8);
    supply(&p, supply_typed, SECAGG_F32, SECAGG_U8);
    OK(party_run(&p));
    for (size_t s = 0; s < SEGMENTS; s++)
        for (size_t r = 0; r < SIZE(ranges); r++)
            for (size_t k = 0; k < SIZE(strides); k++)
                for (uint32_t type = 0; type < 30; type++) {
                    const bool real = type == SECAGG_F32 || type == SECAGG_F64;
                    if (is_real(s) && real)
                        check_read(p.server, s, ranges[r].at, ranges[r].count,
                            type, true, strides[k]);
                    if ((is_real(s) && real) || type == SECAGG_I64
                        || type == SECAGG_U64)
                        check_read(p.server, s, ranges[r].at, ranges[r].count,
                            type, false, strides[k]);
                }
    party_free(&p);
}
END_TEST

START_TEST(results_have_no_other_types)
{
    const secagg_params params = params_of();
    uint64_t out = 77;
    party p;

    party_init(&p, &params, 8);
    supply(&p, supply_typed, SECAGG_F32, SECAGG_U8);
    ck_assert_int_eq(secagg_server_sum_strided(p.server, 0, 0, &out,
        SECAGG_F64, 1, 8), SECAGG_ERR_STATE);
    OK(party_run(&p));
    for (uint32_t type = 0; type < 30; type++) {
        const bool real = type == SECAGG_F32 || type == SECAGG_F64;
        if (!real)
            ck_assert_int_eq(secagg_server_mean_strided(p.server, 0, 0, &out,
                type, 1, 8), SECAGG_ERR_ARG);
        if (!real && type != SECAGG_I64 && type != SECAGG_U64)
            ck_assert_int_eq(secagg_server_sum_strided(p.server, 0, 0, &out,
                type, 1, 8), SECAGG_ERR_ARG);
        if (real) /* integers have no sum of reals */
            ck_assert_int_eq(secagg_server_sum_strided(p.server, 3, 0, &out,
                type, 1, 8), SECAGG_ERR_ARG);
    }
    ck_assert_uint_eq(out, 77);
    party_free(&p);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { all_types_build_the_same_input,
        an_unknown_type_is_refused, sums_and_means_are_read_with_any_stride,
        results_have_no_other_types };
    return RUN(tests);
}
