/* SPDX-License-Identifier: Apache-2.0 */
/* fixed_portable: the level that every machine has, in loops that compilers
 * make vectors of. Built without contraction of a * b + c: one rounding an
 * operation. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/bits.h"
#include "vector/fixed_backend.h"

#if FLT_EVAL_METHOD < 0 || FLT_EVAL_METHOD > 1
#error "doubles are to be rounded to double after each operation"
#endif

/* Adding it to a double below it rounds that to an integer, which is then in
 * the lower bits. */
#define INTEGER 0x1p52

static inline uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* x where keep, else 0: by its bits, for of ?: a compiler makes a branch where
 * it sees fit. */
static inline double only(int keep, double x)
{
    const uint64_t bits = bits_of(x) & (0 - (uint64_t)keep);
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* One value: floor of z of [0, N], and 1 more where the fraction says so. */
static inline uint64_t quantise(double x, const sa_fixed_scale *s,
    uint32_t word)
{
    double z = (x + s->clip) * s->step, at, whole, fraction;

    z = only(z >= 0, z);
    z = only(z <= s->most, z) + only(z > s->most, s->most);
    at = z * 0x1p-32;
    whole = (at + INTEGER) - INTEGER;
    whole -= only(whole > at, 1.0);
    fraction = z - whole * 0x1p32;
    return (bits_of(whole + INTEGER) & UINT32_MAX)
        + (uint64_t)((double)word + 1 <= fraction);
}

#define CLIPPED(x) (uint64_t)(fabs((double)(x)) > s.clip)
#define ENCODE(word)                                                          \
    for (size_t i = 0; i < count; i++) {                                      \
        clipped += CLIPPED(in[i]);                                            \
        out[i] = ENTRY(quantise((double)in[i], &s, word));                    \
    }
#define ENCODER(name, from, to)                                               \
    static uint64_t name(to *restrict out, const from *restrict in,           \
        size_t count, const sa_fixed_scale *scale,                            \
        const uint8_t *restrict words)                                        \
    {                                                                         \
        const sa_fixed_scale s = *scale;                                      \
        uint64_t clipped = 0;                                                 \
                                                                              \
        if (words == NULL)                                                    \
            ENCODE(SA_WORD_NEAREST)                                           \
        else                                                                  \
            ENCODE(sa_get_le32(words + SA_WORD * i))                          \
        return clipped;                                                       \
    }

#define ENTRY(e) (uint32_t)(e)
ENCODER(f32_to_u32, float, uint32_t)
ENCODER(f64_to_u32, double, uint32_t)
#undef ENTRY
#define ENTRY(e) (e) * s.weight
ENCODER(f32_to_u64, float, uint64_t)
ENCODER(f64_to_u64, double, uint64_t)

/* A sum below 2^52 as a double. */
static inline double exactly(uint64_t sum)
{
    const uint64_t bits = sum | 0x4330000000000000; /* 2^52 + sum */
    double x;
    memcpy(&x, &bits, sizeof x);
    return x - INTEGER;
}

#define DECODER(name, from, to)                                               \
    static void name(to *restrict out, const from *restrict in, size_t count, \
        const sa_fixed_unit *unit)                                            \
    {                                                                         \
        const sa_fixed_unit u = *unit;                                        \
                                                                              \
        if (u.mean)                                                           \
            for (size_t i = 0; i < count; i++)                                \
                out[i] = (to)((exactly(in[i]) - u.half) * u.unit / u.weights);\
        else                                                                  \
            for (size_t i = 0; i < count; i++)                                \
                out[i] = (to)((exactly(in[i]) - u.half) * u.unit);            \
    }

DECODER(u32_to_f32, uint32_t, float)
DECODER(u32_to_f64, uint32_t, double)
DECODER(u64_to_f32, uint64_t, float)
DECODER(u64_to_f64, uint64_t, double)

const sa_fixed_backend sa_fixed_portable = { f32_to_u32, f32_to_u64, f64_to_u32,
    f64_to_u64, u32_to_f32, u32_to_f64, u64_to_f32, u64_to_f64 };
