/* SPDX-License-Identifier: Apache-2.0 */
/* fixed_lanes: the loops of the vector backends. They process STEP values at a
 * time, and leave the last few values to the portable backend. The functions
 * are static, so that each backend compiles them with its own flags. A backend
 * defines STEP and the types and functions that are named below before it
 * expands the macros. In all names x is the type that is read, and y the type
 * that is written: f32, f64, u32 or u64. */
#ifndef SA_FIXED_LANES_H
#define SA_FIXED_LANES_H

#include "vector/fixed_backend.h"

#define INLINE static inline __attribute__((always_inline))

/* ENCODER(x, like, from, y, to) defines the function x_to_y, which reads type
 * `from` and writes type `to`. `like` is x, or the type of the same width if x
 * is a variant of f32 that only this backend has; the portable backend
 * processes the last values as that type. The backend defines, for STEP
 * values:
 *
 *     clip_count                       counter of clipped values
 *     no_clips()                       returns a counter of 0
 *     count_clips_x(c, in, s)          returns c plus the values that are
 *                                      clipped
 *     total_clips(c)                   returns the counter as a number
 *     rnd_nearest(), load_rnd(bytes)   return STEP numbers rnd
 *     quantise_x(in, rnd, s)           returns the codes of the values (7.1)
 *     store_y(out, integers, s)        stores the integers; u64 multiplies them
 *                                      by the weight
 */
#define ENCODE(x, y, rnds)                                                    \
    for (; count - i >= STEP; i += STEP) {                                    \
        c = count_clips_##x(c, in + i, &s);                                   \
        store_##y(out + i, quantise_##x(in + i, rnds, &s), &s);               \
    }
#define ENCODER(x, like, from, y, to)                                         \
    static uint64_t x##_to_##y(to *out, const from *in, size_t count,         \
        const sa_fixed_scale *scale, const uint8_t *rnd)                      \
    {                                                                         \
        const sa_fixed_scale s = *scale;                                      \
        clip_count c = no_clips();                                            \
        size_t i = 0;                                                         \
                                                                              \
        if (rnd == NULL)                                                      \
            ENCODE(x, y, rnd_nearest())                                       \
        else                                                                  \
            ENCODE(x, y, load_rnd(rnd + SA_RND_BYTES * i))                    \
        if (i == count)                                                       \
            return total_clips(c);                                            \
        return total_clips(c) + sa_fixed_portable.like##_to_##y(out + i,      \
            in + i, count - i, scale,                                         \
            rnd != NULL ? rnd + SA_RND_BYTES * i : NULL);                     \
    }

/* DECODER(x, from, y, to) defines the function x_to_y. The backend defines, for
 * STEP values, which are a pair `reals` of vectors of doubles, low and high:
 *
 *     load_x(in)           returns totals as doubles
 *     sum_of(total, u)     returns the sums of one vector of totals
 *     mean_of(total, u)    returns the means
 *     store_y(out, reals)  stores the results
 *
 * mean_of() divides x = sum by W with multiplications by the inverse of W, and
 * the result is rounded as that of a division (Markstein 1990): q = x *
 * inverse is off by less than two ulps; its remainder x - q * W is exact; and
 * the correction remainder * inverse, which is added to q, is off by 2^-52
 * ulps, while x / W, W < 2^32, is at least 2^-33 ulps from the middle of two
 * doubles. */
#define DECODE(x, y, f)                                                       \
    for (; count - i >= STEP; i += STEP) {                                    \
        const reals v = load_##x(in + i);                                     \
        store_##y(out + i, (reals){ f(v.low, &u), f(v.high, &u) });           \
    }
#define DECODER(x, from, y, to)                                               \
    static void x##_to_##y(to *out, const from *in, size_t count,             \
        const sa_fixed_unit *unit)                                            \
    {                                                                         \
        const sa_fixed_unit u = *unit;                                        \
        size_t i = 0;                                                         \
                                                                              \
        if (u.mean)                                                           \
            DECODE(x, y, mean_of)                                             \
        else                                                                  \
            DECODE(x, y, sum_of)                                              \
        if (i < count)                                                        \
            sa_fixed_portable.x##_to_##y(out + i, in + i, count - i, unit);   \
    }

/* FLOAT_DECODER defines u32_to_float, which decodes with float arithmetic where
 * that is possible, else with u32_to_f32. The backend defines
 *
 *     decode_floats(out, in, u)
 *
 * which decodes STEP totals and returns false if a result may be rounded wrong
 * (SA_ZIV_MARGIN). Totals are not secret from the server that decodes them: the
 * time may depend on them. */
#define FLOAT_DECODER                                                         \
    static void u32_to_float(float *out, const uint32_t *in, size_t count,    \
        const sa_fixed_unit *unit)                                            \
    {                                                                         \
        const sa_fixed_unit u = *unit;                                        \
        size_t i = 0;                                                         \
                                                                              \
        for (; u.fits_float && count - i >= STEP; i += STEP)                  \
            if (!decode_floats(out + i, in + i, &u))                          \
                u32_to_f32(out + i, in + i, STEP, unit);                      \
        if (i < count)                                                        \
            u32_to_f32(out + i, in + i, count - i, unit);                     \
    }

#define ENCODERS                                                              \
    ENCODER(f32, f32, float, u32, uint32_t)                                   \
    ENCODER(f64, f64, double, u32, uint32_t)                                  \
    ENCODER(f32, f32, float, u64, uint64_t)                                   \
    ENCODER(f64, f64, double, u64, uint64_t)
#define DECODERS                                                              \
    DECODER(u32, uint32_t, f32, float)                                        \
    DECODER(u32, uint32_t, f64, double)                                       \
    DECODER(u64, uint64_t, f32, float)                                        \
    DECODER(u64, uint64_t, f64, double)                                       \
    FLOAT_DECODER

#endif
