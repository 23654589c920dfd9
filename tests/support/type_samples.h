/* SPDX-License-Identifier: Apache-2.0 */
/* type_samples: segments of every kind and modulus, and values of every type
 * that a segment allows, as the host has them and as doubles and 64-bit
 * integers. */
#ifndef TYPE_SAMPLES_H
#define TYPE_SAMPLES_H

#include <math.h>

#include "session/params.h"
#include "support/params_fixture.h"
#include "support/util.h"

#define SAMPLES 1300
#define SAMPLE_WEIGHT 5
#define SIZE(array) (sizeof(array) / sizeof *(array))

/* Segments of each kind, with lanes of at most 32 bits and of more. */
static const secagg_segment kinds[] = {
    { .kind = SECAGG_REAL, .value_bits = 9, .clip = 100 },
    { .kind = SECAGG_REAL, .value_bits = 20, .clip = 0.5,
        .rounding = SECAGG_NEAREST },
    { .kind = SECAGG_REAL, .value_bits = 16, .clip = 1, .bits = 40 },
    { .kind = SECAGG_WEIGHTED, .value_bits = 12, .clip = 2 },
    { .kind = SECAGG_WEIGHTED, .value_bits = 32, .clip = 1e4 },
    { .kind = SECAGG_INTEGER, .bits = 7 },
    { .kind = SECAGG_INTEGER, .bits = 32 },
    { .kind = SECAGG_INTEGER, .bits = 64 },
    { .kind = SECAGG_UNSIGNED, .value_bits = 6 },
    { .kind = SECAGG_UNSIGNED, .value_bits = 40 },
    { .kind = SECAGG_SIGNED, .value_bits = 7 },
    { .kind = SECAGG_SIGNED, .value_bits = 12, .bits = 33 },
    { .kind = SECAGG_SIGNED, .value_bits = 60 },
};

static const struct type {
    uint32_t name;
    size_t size;
    bool real, integer; /* kinds that accept it */
    bool is_signed;
} types[] = { { SECAGG_F16, 2, true, false, true },
    { SECAGG_BF16, 2, true, false, true },
    { SECAGG_F32, 4, true, false, true }, { SECAGG_F64, 8, true, false, true },
    { SECAGG_I8, 1, true, true, true }, { SECAGG_U8, 1, true, true, false },
    { SECAGG_I16, 2, true, true, true }, { SECAGG_U16, 2, true, true, false },
    { SECAGG_I32, 4, true, true, true }, { SECAGG_U32, 4, true, true, false },
    { SECAGG_I64, 8, false, true, true },
    { SECAGG_U64, 8, false, true, false } };

static inline bool is_real(const secagg_segment *s)
{
    return s->kind == SECAGG_REAL || s->kind == SECAGG_WEIGHTED;
}

static inline bool accepts(const secagg_segment *s, const struct type *t)
{
    return is_real(s) ? t->real : t->integer;
}

static inline sa_params *params_of(const secagg_segment *s)
{
    fixture w = valid_params();
    sa_params *params;

    w.s[0] = *s;
    w.s[0].length = SAMPLES;
    w.p.segments = w.s;
    w.p.max_weight = 10;
    ck_assert_int_eq(sa_params_new(&params, &w.p), SECAGG_OK);
    return params;
}

/* ---- values ------------------------------------------------------------- */

/* Values of a type, next to each other, and the same as doubles and as
 * integers. */
typedef struct sample {
    uint8_t bytes[8 * SAMPLES];
    double reals[SAMPLES];
    uint64_t integers[SAMPLES]; /* in two's complement */
} sample;

/* Returns the value of a binary16 or bfloat16 (IEEE 754-2019, 3.4). */
static inline double number_of(uint16_t x, int e, int f)
{
    const int exponent = x >> f & ((1 << e) - 1), bias = (1 << (e - 1)) - 1;
    const int fraction = x & ((1 << f) - 1);
    const double value = exponent == 0 ? ldexp(fraction, 1 - bias - f)
        : ldexp(fraction + (1 << f), exponent - bias - f);

    return x >> 15 ? -value : value;
}

/* Write finite reals: signs and exponents of all sizes, and zeros. */
static inline void put_real(sample *s, const struct type *t, size_t i,
    uint64_t x)
{
    const uint16_t x16 = t->name == SECAGG_F16 ? (uint16_t)x & 0xfbff
                                               : (uint16_t)x & 0xff7f;
    const float f32 = ldexpf((float)((int64_t)x >> 40), (int)(x % 60) - 50);
    const double f64 = ldexp((double)((int64_t)x >> 11), (int)(x % 90) - 85);

    switch (t->name) {
    case SECAGG_F16:
    case SECAGG_BF16:
        s->reals[i] = t->name == SECAGG_F16 ? number_of(x16, 5, 10)
                                            : number_of(x16, 8, 7);
        memcpy(s->bytes + 2 * i, &x16, 2);
        break;
    case SECAGG_F32:
        s->reals[i] = (double)f32;
        memcpy(s->bytes + 4 * i, &f32, 4);
        break;
    default:
        s->reals[i] = f64;
        memcpy(s->bytes + 8 * i, &f64, 8);
    }
}

/* Returns the numbers of a type of integers that a segment allows, as the least
 * one and how many follow it. */
static inline uint64_t allowed(const secagg_segment *s, const struct type *t,
    uint64_t *more)
{
    const uint32_t bits = 8 * (uint32_t)t->size;
    const uint64_t all = UINT64_MAX >> (64 - bits);
    const uint64_t half = (uint64_t)1 << (s->value_bits + 63) % 64;
    const uint64_t low = t->is_signed ? 0 - all / 2 - 1 : 0;

    *more = all;
    if (is_real(s) || (s->kind == SECAGG_INTEGER && t->is_signed))
        return low;
    if (s->kind == SECAGG_SIGNED && t->is_signed) {
        *more = 2 * half - 1 < all ? 2 * half - 1 : all;
        return 2 * half - 1 < all ? 0 - half : low;
    }
    if (t->is_signed)
        *more = all / 2;
    if (s->kind == SECAGG_INTEGER && UINT64_MAX >> (64 - s->bits) < *more)
        *more = UINT64_MAX >> (64 - s->bits);
    if (s->kind == SECAGG_UNSIGNED && 2 * half - 1 < *more)
        *more = 2 * half - 1;
    if (s->kind == SECAGG_SIGNED && half - 1 < *more)
        *more = half - 1;
    return 0;
}

static inline void put_integer(sample *s, const struct type *t, size_t i,
    uint64_t x)
{
    const uint8_t x8 = (uint8_t)x;
    const uint16_t x16 = (uint16_t)x;
    const uint32_t x32 = (uint32_t)x;

    switch (t->size) {
    case 1: memcpy(s->bytes + i, &x8, 1); break;
    case 2: memcpy(s->bytes + 2 * i, &x16, 2); break;
    case 4: memcpy(s->bytes + 4 * i, &x32, 4); break;
    default: memcpy(s->bytes + 8 * i, &x, 8);
    }
    s->integers[i] = x;
    s->reals[i] = t->is_signed && x >> 63 ? -(double)(0 - x) : (double)x;
}

static inline void fill(sample *s, const secagg_segment *segment,
    const struct type *t)
{
    uint64_t state = t->name, more = 0;

    for (size_t i = 0; i < SAMPLES; i++) {
        const uint64_t x = prng_next(&state);
        const uint64_t low = t->integer ? allowed(segment, t, &more) : 0;
        if (!t->integer)
            put_real(s, t, i, i % 40 == 0 ? x & 0x8000800000000000 : x);
        else
            put_integer(s, t, i, i % 3 == 0 ? low
                : i % 3 == 1 || more == UINT64_MAX ? low + more
                : low + x % (more + 1));
    }
}

#endif
