/* SPDX-License-Identifier: Apache-2.0 */
/* fixed_level: what each level of vector instructions does with reals
 * (PROTOCOL.md 7.1, 7.3, 7.5). A level stands in a file of its own, compiled
 * with its own flags, and gives the same bits as the portable one; where the
 * compiler had no such flags its functions are NULL. */
#ifndef SA_FIXED_BACKEND_H
#define SA_FIXED_BACKEND_H

#include <secagg/base.h>

/* Bytes of a rounding word, little-endian. */
#define SA_WORD 4

/* The word that nearest rounding draws every time: it is below floor(f 2^32)
 * where f >= 0.5, and nowhere else. */
#define SA_WORD_NEAREST 0x7fffffff

/* With s = N / (C + C), z = (x + C) s is held to [0, z(C)], z(C) <= N, in
 * place of x to [-C, C]: each step is monotone, so that the same z comes out
 * of one comparison less. s and z(C) stand here times 2^32, which is exact:
 * the integer part of such a z has the integer of z above the fraction that
 * is set against a word. */
typedef struct sa_fixed_scale {
    double clip, step, most;
    float edge;      /* the greatest float that is not clipped */
    bool held;       /* C is that float, and z(C) as it comes out: floats may
                      * be held to [-C, C] themselves */
    uint64_t weight; /* below 2^32; for entries of 64 bits alone */
} sa_fixed_scale;

/* Sums below 2^52, S - W N / 2 exact, times 2 C / N; and for a mean over W, an
 * integer below 2^32. */
typedef struct sa_fixed_unit {
    double half; /* W N / 2; below 2^52 */
    double unit; /* 2 C / N */
    double weights, inverse; /* W, and 1 / W to nearest */
    bool mean;
    /* Of sums of at most 23 bits D = 2 S - W N is a float, too, and what it is
     * multiplied with, C / N or over W, nearly the sum of two. */
    bool narrow;
    uint32_t all; /* W N */
    float near, rest;
} sa_fixed_unit;

/* Floats of narrow sums: r is D near + D rest, rounded, and e what r lacks.
 * r + e and the double of 7.5 are less than 2^-21 ulps of r apart. If r + e
 * SA_SURE is rounded to r, e is shorter than half an ulp (than a quarter, below
 * a power of two) by 2^-20 ulps or more, so that the double is rounded to r as
 * well (Ziv 1991). */
#define SA_SURE (1 + 0x1p-18F)

/* Encoders take finite values, words of the rounding stream or NULL for
 * nearest, and return how many values were clipped. Time depends on lengths
 * alone. */
typedef struct sa_fixed_backend {
    uint64_t (*f32_to_u32)(uint32_t *out, const float *in, size_t count,
        const sa_fixed_scale *scale, const uint8_t *words);
    uint64_t (*f32_to_u64)(uint64_t *out, const float *in, size_t count,
        const sa_fixed_scale *scale, const uint8_t *words);
    uint64_t (*f64_to_u32)(uint32_t *out, const double *in, size_t count,
        const sa_fixed_scale *scale, const uint8_t *words);
    uint64_t (*f64_to_u64)(uint64_t *out, const double *in, size_t count,
        const sa_fixed_scale *scale, const uint8_t *words);
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
