/* SPDX-License-Identifier: Apache-2.0 */
/* fixed_backend: the functions that each backend provides to encode reals as
 * integers and to decode sums (PROTOCOL.md 7.1, 7.3, 7.5). A backend is code
 * for one set of vector instructions, in a file of its own that is compiled
 * with its own flags. All backends compute the same bits as the portable one.
 * If the compiler does not support the instructions, the function pointers of
 * the backend are NULL.
 *
 * The names below are those of PROTOCOL.md: clip, q_max = 2^q - 1, scaled, rnd,
 * total, and W, the number of addends or their sum of weights. */
#ifndef SA_FIXED_BACKEND_H
#define SA_FIXED_BACKEND_H

#include <secagg/base.h>

/* Bytes of rnd, the random number that rounds one entry (7.2): 32 bits,
 * little-endian. */
#define SA_RND_BYTES 4

/* Nearest rounding is stochastic rounding with this rnd for each entry: it is
 * below floor(frac * 2^32) if and only if frac >= 0.5. */
#define SA_RND_NEAREST 0x7fffffff

/* Constants of encoding. With scale = q_max / (clip + clip), 7.1 clips the
 * value to [-clip, clip] and computes scaled = (value + clip) * scale. The
 * backends compute scaled first and clip it to [0, max_scaled], where
 * max_scaled is the scaled number of +clip, at most q_max. Each operation is
 * monotone, so that the result is the same, with one comparison less.
 *
 * scale and max_scaled are stored multiplied by 2^32, which is exact. So
 * floor(2^32 * scaled) has floor(scaled), the number that 7.1 calls whole, in
 * its upper bits, and floor(frac * 2^32), which is compared with rnd, in its
 * lower 32 bits. */
typedef struct sa_fixed_scale {
    double clip;
    double scale;      /* 2^32 times the scale of 7.1 */
    double max_scaled; /* 2^32 times the scaled number of +clip, or 2^32 *
                        * q_max if that is less */
    float max_float;   /* the largest float that is not above clip */
    bool clamp_floats; /* max_float is clip, and the scaled number of +clip is
                        * at most q_max: then a backend may clamp floats to
                        * [-clip, clip] and need not clip scaled */
    uint64_t weight;   /* factor of each integer, below 2^32; only for entries
                        * of 64 bits */
} sa_fixed_scale;

/* Constants of decoding totals below 2^52. The backends compute
 *
 *     sum = (total - W q_max / 2) * (2 clip / q_max)
 *
 * which is 7.5 with a factor of 2 moved, so that the bits are the same; the
 * difference is exact. A mean is the sum divided by W. */
typedef struct sa_fixed_unit {
    double midpoint; /* W q_max / 2, the total of a sum of 0; below 2^52 */
    double step;     /* 2 clip / q_max, the sum for a total of 1 */
    double weights;  /* W, an integer below 2^32 */
    double inverse;  /* 1 / W to nearest, for a mean */
    bool mean;       /* decode means, not sums */

    /* Decoding totals of at most 23 bits to floats with float arithmetic only:
     * result = centred * factor, where centred = 2 total - W q_max is exact as
     * a float, and factor is clip / q_max, or that over W for a mean. */
    bool fits_float;    /* the parameters allow it */
    uint32_t max_total; /* W q_max, at most 2^24 */
    float factor_high;  /* the factor, rounded to a float */
    float factor_low;   /* the rest of the factor, rounded to a float */
} sa_fixed_unit;

/* The test of such a result (Ziv 1991): r is centred * factor_high + centred
 * * factor_low, rounded to a float, and e is the error of that rounding. r + e
 * and the double that 7.5 computes differ by less than 2^-21 ulps of r. If r +
 * e * SA_ZIV_MARGIN is rounded to r, too, then e is shorter than half an ulp
 * (than a quarter, below a power of two) by 2^-20 ulps or more, so that the
 * double is also rounded to r. If not, the double must be computed. */
#define SA_ZIV_MARGIN (1 + 0x1p-18F)

/* The encoders take finite values, and rnd of each entry or NULL for nearest
 * rounding; they return how many values were clipped. Their time does not
 * depend on the values or on rnd. The decoders take totals below 2^52. */
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
} sa_fixed_backend;

extern const sa_fixed_backend sa_fixed_portable, sa_fixed_avx2, sa_fixed_avx512;

#endif
