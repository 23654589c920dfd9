/* SPDX-License-Identifier: Apache-2.0 */
/* values: arrays of every type, stride and alignment against values that are
 * computed here from the definition of each type. */
#include <math.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "support/fp_modes.h"
#include "support/main.h"
#include "support/util.h"
#include "vector/fixed.h"
#include "vector/values.h"

#define PATTERNS 65536
#define SIZE(array) (sizeof(array) / sizeof *(array))

static const struct backend {
    const sa_fixed_backend *code;
    sa_cpu_vectors least;
} backends[] = {
    { &sa_fixed_avx2, SA_CPU_AVX2 },
    { &sa_fixed_avx512, SA_CPU_AVX512 },
    { &sa_fixed_portable, SA_CPU_BASE },
};

/* Returns the value of a binary floating-point number with a sign bit, an
 * exponent of `e` bits and a fraction of `f` bits (IEEE 754-2019, 3.4). */
static double number_of(uint16_t x, int e, int f)
{
    const int exponent = x >> f & ((1 << e) - 1), bias = (1 << (e - 1)) - 1;
    const int fraction = x & ((1 << f) - 1);
    double value;

    if (exponent == (1 << e) - 1)
        value = fraction == 0 ? (double)INFINITY : (double)NAN;
    else if (exponent == 0)
        value = ldexp(fraction, 1 - bias - f);
    else
        value = ldexp(fraction + (1 << f), exponent - bias - f);
    return x >> 15 ? -value : value;
}

static double half(uint16_t x)
{
    return number_of(x, 5, 10);
}

static double brain(uint16_t x)
{
    return number_of(x, 8, 7);
}

static void check_double(double got, double want, size_t i)
{
    if (memcmp(&got, &want, sizeof got) != 0)
        ck_abort_msg("value %zu: %a, not %a", i, got, want);
}

/* Returns all patterns of 16 bits of which `number` makes a finite number. */
static size_t finite_patterns(uint16_t *out, double (*number)(uint16_t))
{
    size_t count = 0;

    for (uint32_t x = 0; x < PATTERNS; x++)
        if (isfinite(number((uint16_t)x)))
            out[count++] = (uint16_t)x;
    return count;
}

/* ---- 16-bit reals ------------------------------------------------------- */

START_TEST(every_backend_widens_every_binary16_exactly)
{
    static uint16_t patterns[PATTERNS];
    static float out[PATTERNS];
    const size_t count = finite_patterns(patterns, half);

    ck_assert_uint_eq(count, PATTERNS - 2 * 1024);
    for (size_t l = 0; l < SIZE(backends); l++) {
        if (backends[l].code->f16_to_f32 == NULL
            || sa_cpu_best() < backends[l].least)
            continue;
        backends[l].code->f16_to_f32(out, patterns, count);
        for (size_t i = 0; i < count; i++)
            check_double((double)out[i], half(patterns[i]), i);
    }
}
END_TEST

/* Each count from 0 to 40, so that vectors and the rest are both met, and from
 * odd addresses. Nothing is written after the last value. */
START_TEST(every_backend_widens_any_number_of_binary16_from_any_address)
{
    static uint8_t bytes[2 * 40 + 1];
    uint64_t state = 1;

    for (size_t l = 0; l < SIZE(backends); l++)
        for (size_t count = 0; count <= 40; count++)
            for (size_t shift = 0; shift < 2; shift++) {
                float out[41];
                uint16_t x;
                if (backends[l].code->f16_to_f32 == NULL
                    || sa_cpu_best() < backends[l].least)
                    continue;
                for (size_t i = 0; i < count; i++) {
                    x = (uint16_t)(prng_next(&state) & 0xfbff);
                    memcpy(bytes + shift + 2 * i, &x, sizeof x);
                }
                out[count] = 77;
                backends[l].code->f16_to_f32(out, bytes + shift, count);
                for (size_t i = 0; i < count; i++) {
                    memcpy(&x, bytes + shift + 2 * i, sizeof x);
                    check_double((double)out[i], half(x), i);
                }
                check_double((double)out[count], 77, count);
            }
}
END_TEST

/* Returns value i of an array of reals. */
static double read_real(const sa_values *v, size_t i)
{
    sa_run run = { .count = 0 };
    const sa_reals r = sa_values_reals(v, i, 1, &run);

    return r.f32 != NULL ? (double)*r.f32 : *r.f64;
}

static void check_patterns(uint32_t type, double (*number)(uint16_t))
{
    static uint16_t patterns[PATTERNS];
    const size_t count = finite_patterns(patterns, number);
    const sa_values v = sa_values_of(patterns, sa_type_of(type), 2, count);

    for (size_t i = 0; i < count; i++)
        check_double(read_real(&v, i), number(patterns[i]), i);
    ck_assert(sa_values_finite(&v));
}

START_TEST(every_16_bit_real_is_widened_exactly)
{
    check_patterns(SECAGG_F16, half);
    check_patterns(SECAGG_BF16, brain);
}
END_TEST

/* A single value, and one among finite ones at each place of a long array. */
static void check_finite(uint32_t type, double (*number)(uint16_t))
{
    static uint16_t many[1100];

    for (uint32_t x = 0; x < PATTERNS; x++) {
        const uint16_t one = (uint16_t)x;
        const bool finite = isfinite(number(one));
        const size_t at = x % SIZE(many);
        sa_values v = sa_values_of(&one, sa_type_of(type), 2, 1);
        ck_assert_int_eq(sa_values_finite(&v), finite);
        many[at] = one;
        v = sa_values_of(many, sa_type_of(type), 2, SIZE(many));
        ck_assert_int_eq(sa_values_finite(&v), finite);
        v = sa_values_of(many + SIZE(many) - 1, sa_type_of(type), -2,
            SIZE(many));
        ck_assert_int_eq(sa_values_finite(&v), finite);
        many[at] = 0;
    }
}

START_TEST(exactly_the_infinities_and_nans_of_16_bits_are_not_finite)
{
    check_finite(SECAGG_F16, half);
    check_finite(SECAGG_BF16, brain);
}
END_TEST

/* ---- integers ----------------------------------------------------------- */

static const struct integer_type {
    uint32_t name;
    uint32_t bits;
    bool is_signed;
} integers[] = { { SECAGG_I8, 8, true }, { SECAGG_U8, 8, false },
    { SECAGG_I16, 16, true }, { SECAGG_U16, 16, false },
    { SECAGG_I32, 32, true }, { SECAGG_U32, 32, false },
    { SECAGG_I64, 64, true }, { SECAGG_U64, 64, false } };

/* Returns the value of the lowest bits of x, in two's complement of 64 bits:
 * the top bit of a signed type counts negative. */
static uint64_t integer_of(const struct integer_type *t, uint64_t x)
{
    const uint64_t top = (uint64_t)1 << (t->bits - 1);
    const uint64_t lower = t->bits == 64 ? x : x % (2 * top);

    return t->is_signed && lower >= top ? lower - top - top : lower;
}

/* Write the lowest bits of x as a value of a type. */
static void put(uint8_t *at, uint32_t bits, uint64_t x)
{
    const uint8_t u8 = (uint8_t)x;
    const uint16_t u16 = (uint16_t)x;
    const uint32_t u32 = (uint32_t)x;

    switch (bits) {
    case 8: memcpy(at, &u8, sizeof u8); break;
    case 16: memcpy(at, &u16, sizeof u16); break;
    case 32: memcpy(at, &u32, sizeof u32); break;
    default: memcpy(at, &x, sizeof x);
    }
}

static void check_integer(const struct integer_type *t, uint64_t x)
{
    const uint64_t want = integer_of(t, x);
    uint8_t bytes[8];
    const sa_values v = sa_values_of(bytes, sa_type_of(t->name), 0, 1);
    sa_run run = { .count = 0 };

    put(bytes, t->bits, x);
    ck_assert_uint_eq(*sa_values_integers(&v, 0, 1, &run), want);
    if (t->bits == 64) {
        ck_assert(!v.type->real);
        return;
    }
    ck_assert_uint_eq(*sa_values_lower(&v, 0, 1, &run), (uint32_t)want);
    check_double(read_real(&v, 0), t->is_signed && want >> 63
        ? -(double)(0 - want) : (double)want, (size_t)x);
}

START_TEST(integers_keep_their_values)
{
    uint64_t state = 2;

    for (size_t i = 0; i < SIZE(integers); i++) {
        const struct integer_type *t = &integers[i];
        const uint64_t top = (uint64_t)1 << (t->bits - 1);
        for (uint64_t x = 0; x < PATTERNS; x++) /* all of 8 and 16 bits */
            check_integer(t, x);
        for (uint64_t d = 0; d < 1000; d++) {
            check_integer(t, top - 500 + d);
            check_integer(t, 2 * top - 1 - d);
            check_integer(t, prng_next(&state));
        }
    }
}
END_TEST

/* ---- strides ------------------------------------------------------------ */

static const uint32_t all_types[] = { SECAGG_F16, SECAGG_BF16, SECAGG_F32,
    SECAGG_F64, SECAGG_I8, SECAGG_U8, SECAGG_I16, SECAGG_U16, SECAGG_I32,
    SECAGG_U32, SECAGG_I64, SECAGG_U64 };

/* Read a run of `count` values in one go and compare it with single values that
 * lie in their own aligned memory. The array ends where the last value does, so
 * that a memory checker sees reads beyond it. */
static void check_run(uint32_t name, ptrdiff_t stride, size_t shift,
    size_t count)
{
    const sa_type *t = sa_type_of(name);
    const size_t step = (size_t)(stride < 0 ? -stride : stride);
    const size_t len = shift + step * (count - 1) + t->size;
    uint8_t *bytes = malloc(len);
    uint8_t *first = bytes + shift + (stride < 0 ? step * (count - 1) : 0);
    const sa_values v = sa_values_of(first, t, stride, count);
    sa_run run = { .count = 0 };
    uint64_t state = count;

    for (size_t i = 0; i < len; i++) /* no exponent is all ones */
        bytes[i] = (uint8_t)(prng_next(&state) & 0x2f);
    ck_assert(sa_values_finite(&v));
    for (size_t i = 0; i < count; i++) {
        uint64_t own = 0;
        const sa_values one = sa_values_of(&own, t, 8, 1);
        memcpy(&own, first + (ptrdiff_t)i * stride, t->size);
        if (t->real) {
            const sa_reals r = sa_values_reals(&v, 0, count, &run);
            check_double(r.f32 != NULL ? (double)r.f32[i] : r.f64[i],
                read_real(&one, 0), i);
        }
        if (t->integer) {
            sa_run other = { .count = 0 };
            const uint64_t want = *sa_values_integers(&one, 0, 1, &other);
            ck_assert_uint_eq(sa_values_integers(&v, 0, count, &run)[i], want);
            if (t->size < sizeof want)
                ck_assert_uint_eq(sa_values_lower(&v, 0, count, &run)[i],
                    (uint32_t)want);
        }
    }
    sa_run_wipe(&run);
    free(bytes);
}

START_TEST(values_are_read_with_every_stride_from_every_address)
{
    static const size_t counts[] = { 1, 2, 17, 40 };

    for (size_t i = 0; i < SIZE(all_types); i++)
        for (ptrdiff_t stride = -25; stride <= 25; stride++)
            for (size_t shift = 0; shift < 8; shift++)
                for (size_t k = 0; k < SIZE(counts); k++)
                    check_run(all_types[i], stride, shift, counts[k]);
}
END_TEST

START_TEST(there_are_no_other_types)
{
    static const uint32_t others[] = { 0, 13, 14, 255, UINT32_MAX };

    for (size_t i = 0; i < SIZE(others); i++) {
        const sa_type *t = sa_type_of(others[i]);
        ck_assert_uint_eq(t->size, 0);
        ck_assert(!t->real && !t->integer);
    }
    for (size_t i = 0; i < SIZE(all_types); i++)
        ck_assert_uint_eq(sa_type_of(all_types[i])->name, all_types[i]);
}
END_TEST

/* Scratch memory has copies and widened values; in place, it has nothing. */
START_TEST(scratch_memory_is_wiped)
{
    for (size_t i = 0; i < SIZE(all_types); i++)
        for (ptrdiff_t stride = 8; stride <= 9; stride++) {
            static uint8_t bytes[9 * SA_BLOCK];
            static const sa_run zero;
            const sa_values v = sa_values_of(bytes, sa_type_of(all_types[i]),
                stride, SA_BLOCK);
            static sa_run run;
            run.count = 0;
            memset(bytes, 0x2f, sizeof bytes);
            if (v.type->real)
                (void)sa_values_reals(&v, 0, SA_BLOCK, &run);
            if (v.type->integer)
                (void)sa_values_integers(&v, 0, SA_BLOCK, &run);
            if (v.type->integer && v.type->size < sizeof(uint64_t))
                (void)sa_values_lower(&v, 0, SA_BLOCK, &run);
            ck_assert_int_eq(memcmp(&run.raw, &zero.raw, sizeof run.raw) != 0
                || memcmp(&run.wide, &zero.wide, sizeof run.wide) != 0,
                stride != 8 || v.type->size < 8);
            sa_run_wipe(&run);
            ck_assert_mem_eq(&run.raw, &zero.raw, sizeof run.raw);
            ck_assert_mem_eq(&run.wide, &zero.wide, sizeof run.wide);
        }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_backend_widens_every_binary16_exactly,
        every_backend_widens_any_number_of_binary16_from_any_address,
        every_16_bit_real_is_widened_exactly,
        exactly_the_infinities_and_nans_of_16_bits_are_not_finite,
        integers_keep_their_values,
        values_are_read_with_every_stride_from_every_address,
        there_are_no_other_types, scratch_memory_is_wiped };
    return RUN(tests);
}
