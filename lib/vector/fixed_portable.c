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

/* Adding 2^52 to a double of [0, 2^52) rounds it to an integer, which is then
 * in the lower bits of the sum. */
#define TWO_52 0x1p52

static inline uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Returns x if keep is 1, and 0 if it is 0. It masks the bits of x, because a
 * compiler may turn ?: into a branch. */
static inline double keep_or_zero(int keep, double x)
{
    const uint64_t bits = bits_of(x) & (0 - (uint64_t)keep);
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Quantise one value (7.1). x32 is 2^32 * scaled, and fraction is 2^32 * frac.
 * rnd < floor(fraction) is computed as rnd + 1 <= fraction, which is exact in
 * doubles. */
static inline uint64_t quantise(double x, const sa_fixed_scale *s,
    uint32_t rnd)
{
    double x32 = (x + s->clip) * s->scale, scaled, whole, fraction;

    x32 = keep_or_zero(x32 >= 0, x32);
    x32 = keep_or_zero(x32 <= s->max_scaled, x32)
        + keep_or_zero(x32 > s->max_scaled, s->max_scaled);
    scaled = x32 * 0x1p-32;
    whole = (scaled + TWO_52) - TWO_52;
    whole -= keep_or_zero(whole > scaled, 1.0);
    fraction = x32 - whole * 0x1p32;
    return (bits_of(whole + TWO_52) & UINT32_MAX)
        + (uint64_t)((double)rnd + 1 <= fraction);
}

/* ENCODER(name, from, to) defines an encoder from type `from` to type `to`.
 * ENCODE(rnd_i) is its loop, where rnd_i is rnd of entry i; ENTRY(e) makes an
 * entry from the integer e. */
#define CLIPPED(x) (uint64_t)(fabs((double)(x)) > s.clip)
#define ENCODE(rnd_i)                                                         \
    for (size_t i = 0; i < count; i++) {                                      \
        clipped += CLIPPED(in[i]);                                            \
        out[i] = ENTRY(quantise((double)in[i], &s, rnd_i));                   \
    }
#define ENCODER(name, from, to)                                               \
    static uint64_t name(to *restrict out, const from *restrict in,           \
        size_t count, const sa_fixed_scale *scale,                            \
        const uint8_t *restrict rnd)                                          \
    {                                                                         \
        const sa_fixed_scale s = *scale;                                      \
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
    const uint64_t bits = n | 0x4330000000000000; /* 2^52 + n */
    double x;
    memcpy(&x, &bits, sizeof x);
    return x - TWO_52;
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

const sa_fixed_backend sa_fixed_portable = { f32_to_u32, f32_to_u64, f64_to_u32,
    f64_to_u64, u32_to_f32, u32_to_f64, u64_to_f32, u64_to_f64 };
