/* SPDX-License-Identifier: Apache-2.0 */
/* fixed_portable: the fixed-point backend for every machine: scalar C, one
 * value per step, in loops that compilers can vectorise. It must be compiled
 * without contraction of a * b + c, so that each operation is rounded once. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/bits.h"
#include "vector/fixed_backend.h"

#if FLT_EVAL_METHOD < 0 || FLT_EVAL_METHOD > 1
#error "each double operation must be rounded to double"
#endif

static inline uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Returns the smaller of two numbers that are not negative. Their bits have the
 * order of the numbers. It uses a mask, because a compiler may turn ?: into a
 * branch. */
static inline double min_of(double a, double b)
{
    const uint64_t difference = bits_of(a) - bits_of(b);
    const uint64_t below = 0 - (difference >> 63); /* all ones if a < b */

    return double_of(bits_of(b) + (difference & below));
}

/* Quantise one value (7.1). The conversion truncates to whole, below 2^31.
 * rnd < floor(fraction) is computed as rnd + 1 <= fraction, which is exact in
 * doubles. */
static inline uint32_t quantise(double x, const sa_fixed_scale *s,
    uint32_t zero, uint32_t rnd)
{
    const uint32_t negative = 0 - (uint32_t)(bits_of(x) >> 63);
    const double scaled = min_of(fabs(x) * s->scale, s->max_scaled);
    const int32_t whole = (int32_t)(scaled * 0x1p-32);
    const double fraction = scaled - (double)whole * 0x1p32;
    const uint32_t steps = (uint32_t)whole + ((double)rnd + 1 <= fraction);

    return zero + ((steps ^ negative) - negative);
}

/* ENCODER(name, from, to) defines an encoder from type `from` to type `to`.
 * ENCODE(rnd_i) is its loop, where rnd_i is rnd of entry i; ENTRY(e) makes an
 * entry from the integer e. */
#define CLIPPED(x) (uint64_t)(fabs((double)(x)) > s.clip)
#define ENCODE(rnd_i)                                                         \
    for (size_t i = 0; i < count; i++) {                                      \
        clipped += CLIPPED(in[i]);                                            \
        out[i] = ENTRY(quantise((double)in[i], &s, zero, rnd_i));             \
    }
#define ENCODER(name, from, to)                                               \
    static uint64_t name(to *restrict out, const from *restrict in,           \
        size_t count, const sa_fixed_scale *scale,                            \
        const uint8_t *restrict rnd)                                          \
    {                                                                         \
        const sa_fixed_scale s = *scale;                                      \
        const uint32_t zero = (uint32_t)s.zero;                               \
        uint64_t clipped = 0;                                                 \
                                                                              \
        if (rnd == NULL)                                                      \
            ENCODE(SA_RND_NEAREST)                                            \
        else                                                                  \
            ENCODE(sa_get_le32(rnd + SA_RND_BYTES * i))                       \
        return clipped;                                                       \
    }

#define ENTRY(e) (uint32_t)(e)
ENCODER(f32_to_u32, float, uint32_t)
ENCODER(f64_to_u32, double, uint32_t)
#undef ENTRY
#define ENTRY(e) (e) * s.weight
ENCODER(f32_to_u64, float, uint64_t)
ENCODER(f64_to_u64, double, uint64_t)

/* Convert an integer below 2^52 to a double. */
static inline double u52_to_double(uint64_t n)
{
    return double_of(n | 0x4330000000000000) - 0x1p52; /* 2^52 + n */
}

/* DECODER(name, from, to) defines a decoder from type `from` to type `to`. */
#define SUM(total) ((u52_to_double(total) - u.midpoint) * u.step)
#define DECODER(name, from, to)                                               \
    static void name(to *restrict out, const from *restrict in, size_t count, \
        const sa_fixed_unit *unit)                                            \
    {                                                                         \
        const sa_fixed_unit u = *unit;                                        \
                                                                              \
        if (u.mean)                                                           \
            for (size_t i = 0; i < count; i++)                                \
                out[i] = (to)(SUM(in[i]) / u.weights);                        \
        else                                                                  \
            for (size_t i = 0; i < count; i++)                                \
                out[i] = (to)SUM(in[i]);                                      \
    }

DECODER(u32_to_f32, uint32_t, float)
DECODER(u32_to_f64, uint32_t, double)
DECODER(u64_to_f32, uint64_t, float)
DECODER(u64_to_f64, uint64_t, double)

static bool over_u32(const uint32_t *totals, size_t count, uint32_t max)
{
    uint32_t over = 0;

    for (size_t i = 0; i < count; i++)
        over |= totals[i] > max;
    return over != 0;
}

/* Not all vector instructions compare integers of 64 bits. If neither a total
 * nor the maximum has bit 63, their difference has it if the total is above. */
static bool over_u64(const uint64_t *totals, size_t count, uint64_t max)
{
    uint64_t all = 0, differences = 0, over = 0;

    for (size_t i = 0; i < count; i++) {
        all |= totals[i];
        differences |= max - totals[i];
    }
    if (max >> 63 == 0)
        return (all | differences) >> 63 != 0;
    for (size_t i = 0; i < count; i++)
        over |= totals[i] > max;
    return over != 0;
}

/* ---- binary16 ----------------------------------------------------------- */

static inline float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* A float has 13 more bits of fraction, and 112 more in its exponent. An
 * exponent of 0 stands for a subnormal number, fraction * 2^-24: it is computed
 * as 2^-14 (1 + fraction / 2^10) - 2^-14, which is exact, and in which no
 * operand is a subnormal float. */
static inline float widen_f16(uint16_t x)
{
    const uint32_t magnitude = (uint32_t)(x & 0x7fff) << 13;
    const uint32_t subnormal = 0 - (((uint32_t)(x & 0x7c00) - 1) >> 31);
    const uint32_t exponent = (112U << 23) + (subnormal & (1U << 23));
    const float f = float_of(magnitude + exponent)
        - float_of(subnormal & (113U << 23));
    uint32_t bits;

    memcpy(&bits, &f, sizeof bits);
    return float_of(bits | (uint32_t)(x & 0x8000) << 16);
}

static void f16_to_f32(float *restrict out, const void *restrict in,
    size_t count)
{
    const uint8_t *bytes = in;

    for (size_t i = 0; i < count; i++) {
        uint16_t x;
        memcpy(&x, bytes + i * sizeof x, sizeof x);
        out[i] = widen_f16(x);
    }
}

const sa_fixed_backend sa_fixed_portable = { f32_to_u32, f32_to_u64, f64_to_u32,
    f64_to_u64, u32_to_f32, u32_to_f64, u64_to_f32, u64_to_f64, over_u32,
    over_u64, f16_to_f32 };
