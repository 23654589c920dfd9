/* SPDX-License-Identifier: Apache-2.0 */
/* fixed_lanes: the loops of the levels with lanes, STEP values at a time; the
 * last few are the portable level's. What one step does is the level's, which
 * says it before it asks for these functions; they are static in each, as they
 * are compiled with its flags. In all names x is the type that is read, y the
 * one that is written. */
#ifndef SA_FIXED_LANES_H
#define SA_FIXED_LANES_H

#include "vector/fixed_backend.h"

#define INLINE static inline __attribute__((always_inline))

/* Of the level, for encoding: `reals` z of z_x, `drawn` of nearest() and
 * from_words(), `integers` of quantise() for store_y, and `tally` of those
 * that are clipped, which begins as none(), grows in clipped_x and ends in
 * tallied(). A level may have an x of its own for floats that are held. */
#define ENCODE(x, y, draw)                                                    \
    for (; count - i >= STEP; i += STEP) {                                    \
        c = clipped_##x(c, in + i, &s);                                       \
        store_##y(out + i, quantise(z_##x(in + i, &s), draw), &s);            \
    }
#define ENCODER(x, like, from, y, to)                                         \
    static uint64_t x##_to_##y(to *out, const from *in, size_t count,         \
        const sa_fixed_scale *scale, const uint8_t *words)                    \
    {                                                                         \
        const sa_fixed_scale s = *scale;                                      \
        tally c = none();                                                     \
        size_t i = 0;                                                         \
                                                                              \
        if (words == NULL)                                                    \
            ENCODE(x, y, nearest())                                           \
        else                                                                  \
            ENCODE(x, y, from_words(words + SA_WORD * i))                     \
        return tallied(c) + sa_fixed_portable.like##_to_##y(out + i, in + i,  \
            count - i, scale, words != NULL ? words + SA_WORD * i : NULL);    \
    }

/* Of the level, for decoding: `reals` of from_x for store_y, in halves that
 * sum_of and mean_of turn into sums and means.
 *
 * mean_of has x / W by the inverse of W, rounded as a division is (Markstein
 * 1990): q, x times the inverse, is off by less than two ulps, its remainder
 * is exact, and what is added to q is off by 2^-52 ulps, while x / W, W <
 * 2^32, is at least 2^-33 ulps from the middle of two doubles. */
#define DECODE(x, y, f)                                                       \
    for (; count - i >= STEP; i += STEP) {                                    \
        const reals v = from_##x(in + i);                                     \
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
        sa_fixed_portable.x##_to_##y(out + i, in + i, count - i, unit);       \
    }

/* Of the level: floats_of() writes STEP sums as floats; false: it is not sure
 * of all of them. Sums are the receiver's to know: time may show which. */
#define NARROW_DECODER                                                        \
    static void u32_to_float(float *out, const uint32_t *in, size_t count,    \
        const sa_fixed_unit *unit)                                            \
    {                                                                         \
        const sa_fixed_unit u = *unit;                                        \
        size_t i = 0;                                                         \
                                                                              \
        for (; u.narrow && count - i >= STEP; i += STEP)                      \
            if (!floats_of(out + i, in + i, &u))                              \
                u32_to_f32(out + i, in + i, STEP, unit);                      \
        u32_to_f32(out + i, in + i, count - i, unit);                         \
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
    NARROW_DECODER

#endif
