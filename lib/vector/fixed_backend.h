/* SPDX-License-Identifier: Apache-2.0 */
/* fixed_backend: the functions that each backend provides to encode reals as
 * integers and to decode sums (PROTOCOL.md 7.1, 7.3, 7.5). A backend is code
 * for one set of vector instructions, in a file of its own that is compiled
 * with its own flags. All backends compute the same bits as the portable one.
 * If the compiler does not support the instructions, the function pointers of
 * the backend are NULL.
 *
 * The names below are those of PROTOCOL.md: clip, zero = 2^(q-1) - 1, q_max = 2
 * zero, scaled, steps, rnd, total, centred, and W, the number of addends or
 * their sum of weights. Backends are called in the default floating-point
 * environment (core/fp_env.h). */
#ifndef SA_FIXED_BACKEND_H
#define SA_FIXED_BACKEND_H

#include <secagg/base.h>

#include "core/ieee.h"

/* Bytes of rnd, the random number that rounds one entry (7.2): 32 bits,
 * little-endian. */
#define SA_RND_BYTES 4

/* Nearest rounding is stochastic rounding with this rnd for each entry. */
#define SA_RND_NEAREST 0x7fffffff

/* Constants of encoding. With scale = zero / clip, 7.1 clips the magnitude
 * |value| to clip, computes scaled = magnitude * scale, and clips that to zero.
 * The backends multiply first and then clip once, to max_scaled, which is the
 * scaled magnitude of clip, at most zero. Each operation is monotone, so that
 * the result is the same, with one comparison less.
 *
 * scale and max_scaled are stored multiplied by 2^32, which is exact. (A
 * subnormal product of 7.1 is rounded in another place. It is below 2^-32, and
 * both numbers called fixed are then 0.) fixed is floor of the product, below
 * 2^63. It has floor(scaled), here called whole, in its upper bits, and a
 * fraction in its lower 32 bits, so that
 *
 *     steps = floor((fixed + 2^32 - 1 - rnd) / 2^32)
 *           = whole + 1 if rnd < fraction, else whole. */
typedef struct sa_fixed_scale {
    double clip;
    double scale;      /* 2^32 times the scale of 7.1 */
    double max_scaled; /* 2^32 times the scaled magnitude of clip, or 2^32 *
                        * zero if that is less */
    double zero;       /* the code of 0 */
    float max_float;   /* the largest float that is not above clip */
    bool clamp_floats; /* max_float is clip, and the scaled magnitude of clip is
                        * at most zero: then a backend may clamp floats to
                        * [-clip, clip] and need not clip scaled */
    uint64_t weight;   /* factor of each integer, below 2^32; only for entries
                        * of 64 bits */
} sa_fixed_scale;

/* Constants of decoding totals below 2^52. The backends compute
 *
 *     sum = (total - W zero) * (clip / zero)
 *
 * where the difference, centred, is exact. A mean is the sum divided by W. */
typedef struct sa_fixed_unit {
    double midpoint; /* W zero, the total of a sum of 0; below 2^52 */
    double step;     /* clip / zero */
    double weights;  /* W, an integer below 2^32 */
    double inverse;  /* 1 / W to nearest, for a mean */
    bool mean;       /* decode means, not sums */

    /* Decoding totals of at most 24 bits to floats with float arithmetic only:
     * result = centred * factor, where centred = total - W zero is exact as a
     * float, and factor is the step, or the step over W for a mean. */
    bool fits_float;    /* the parameters allow it */
    uint32_t zeros;     /* W zero, at most 2^24 */
    float factor_high;  /* the factor, rounded to a float */
    float factor_low;   /* the rest of the factor, rounded to a float */
} sa_fixed_unit;

/* The test of such a result (Ziv 1991). Let p = centred * factor, with the
 * factor as a double, c = centred, h = factor_high and l = factor_low:
 *
 *     low = c l     r = c h + low     e = (c h - r) + low
 *
 * where each of low, r, the difference and e is rounded to a float once. Let
 * an ulp be one of r, so that |p| <= 2^24 ulps.
 *
 * - h + l is the factor up to 2^-48 of it: l is what h lacks, at most 2^-24 of
 *   it, rounded to 24 bits. low is c l up to 2^-24 of it, thus up to 2^-48 |p|.
 *   So c h + low, before r is rounded, is p up to 2^-47 |p| <= 2^-23 ulps.
 * - e is what r lacks of it, up to 2^-23 ulps: |c h - r| is less than 2 ulps
 *   and |e| less than 1, so that their roundings are 2^-24 and 2^-25 ulps at
 *   the most.
 * - The double of 7.5 is p up to 3 roundings (the factor of a mean, product,
 *   division), at most about 3 * 2^-53 |p| < 2^-27 ulps.
 *
 * Together r + e and the double of 7.5 differ by less than 2^-21 ulps. If r + e
 * * SA_ZIV_MARGIN is rounded to r, too, then e is shorter than half an ulp (or
 * a quarter, below a power of two) by 2^-20 ulps or more, so that the double is
 * also rounded to r. If not, the double must be computed. |c| <= 2^24 is exact
 * as a float. Factors are from 2^-60 to 2^60, so that no rounding here is that
 * of a subnormal number, and no number is infinite.
 */
#define SA_ZIV_MARGIN (1 + 0x1p-18F)

/* The encoders take finite values, and rnd of each entry or NULL for nearest
 * rounding; they return how many values were clipped. Their time does not
 * depend on the values or on rnd. The decoders take totals below 2^52. over_u32
 * and over_u64 return whether a total is above `max` (7.5). f16_to_f32 widens
 * finite values of binary16, of any alignment, exactly; its time does not
 * depend on them. */
typedef struct sa_fixed_backend {
    uint64_t (*f32_to_u32)(uint32_t *out, const float *in, size_t count,
        const sa_fixed_scale *scale, const uint8_t *rnd);
    uint64_t (*f32_to_u64)(uint64_t *out, const float *in, size_t count,
        const sa_fixed_scale *scale, const uint8_t *rnd);
    uint64_t (*f64_to_u32)(uint32_t *out, const double *in, size_t count,
        const sa_fixed_scale *scale, const uint8_t *rnd);
    uint64_t (*f64_to_u64)(uint64_t *out, const double *in, size_t count,
        const sa_fixed_scale *scale, const uint8_t *rnd);
    void (*u32_to_f32)(float *out, const uint32_t *in, size_t count,
        const sa_fixed_unit *unit);
    void (*u32_to_f64)(double *out, const uint32_t *in, size_t count,
        const sa_fixed_unit *unit);
    void (*u64_to_f32)(float *out, const uint64_t *in, size_t count,
        const sa_fixed_unit *unit);
    void (*u64_to_f64)(double *out, const uint64_t *in, size_t count,
        const sa_fixed_unit *unit);
    bool (*over_u32)(const uint32_t *totals, size_t count, uint32_t max);
    bool (*over_u64)(const uint64_t *totals, size_t count, uint64_t max);
    void (*f16_to_f32)(float *out, const void *in, size_t count);
} sa_fixed_backend;

extern const sa_fixed_backend sa_fixed_portable, sa_fixed_avx2, sa_fixed_avx512;

#endif
