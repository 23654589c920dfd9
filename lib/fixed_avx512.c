/* SPDX-License-Identifier: Apache-2.0 */
/* fixed_avx512: reals at 512 bits, sixteen at a time; the last few are the
 * portable level's. */
#include "fixed_level.h"

#if defined(__AVX512DQ__) && defined(__AVX512VL__)
#include <immintrin.h>

#define INLINE static inline __attribute__((always_inline))
#define STEP 16

/* Sixteen values, as doubles. */
typedef struct pair {
    __m512d low, high;
} pair;

INLINE pair from_f32(const float *in)
{
    return (pair){ _mm512_cvtps_pd(_mm256_loadu_ps(in)),
        _mm512_cvtps_pd(_mm256_loadu_ps(in + 8)) };
}

INLINE pair from_f64(const double *in)
{
    return (pair){ _mm512_loadu_pd(in), _mm512_loadu_pd(in + 8) };
}

/* ---- encoding ----------------------------------------------------------- */

INLINE unsigned clipped_f32(const float *in, const sa_fixed_scale *s)
{
    return (unsigned)_mm_popcnt_u32(_mm512_cmp_ps_mask(
        _mm512_abs_ps(_mm512_loadu_ps(in)), _mm512_set1_ps(s->edge),
        _CMP_GT_OQ));
}

INLINE unsigned clipped_f64(const double *in, const sa_fixed_scale *s)
{
    const __m512d clip = _mm512_set1_pd(s->clip);
    const unsigned low = _mm512_cmp_pd_mask(
        _mm512_abs_pd(_mm512_loadu_pd(in)), clip, _CMP_GT_OQ);
    const unsigned high = _mm512_cmp_pd_mask(
        _mm512_abs_pd(_mm512_loadu_pd(in + 8)), clip, _CMP_GT_OQ);

    return (unsigned)_mm_popcnt_u32(low | high << 8);
}

/* floor(z 2^32): the integer in the upper half, its fraction in the lower. */
INLINE __m512i scaled(__m512d x, const sa_fixed_scale *s)
{
    const __m512d z = _mm512_mul_pd(
        _mm512_add_pd(x, _mm512_set1_pd(s->clip)), _mm512_set1_pd(s->step));

    return _mm512_cvttpd_epu64(_mm512_min_pd(
        _mm512_max_pd(z, _mm512_setzero_pd()), _mm512_set1_pd(s->most)));
}

/* Sixteen integers, rounded by sixteen words. */
INLINE __m512i quantise(pair x, const sa_fixed_scale *s, __m512i words)
{
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18,
        20, 22, 24, 26, 28, 30);
    const __m512i odd = _mm512_or_si512(even, _mm512_set1_epi32(1));
    const __m512i low = scaled(x.low, s), high = scaled(x.high, s);
    const __m512i whole = _mm512_permutex2var_epi32(low, odd, high);
    const __m512i part = _mm512_permutex2var_epi32(low, even, high);

    return _mm512_mask_add_epi32(whole, _mm512_cmplt_epu32_mask(words, part),
        whole, _mm512_set1_epi32(1));
}

INLINE void store_u32(uint32_t *out, __m512i e, const sa_fixed_scale *s)
{
    (void)s;
    _mm512_storeu_si512(out, e);
}

INLINE void store_u64(uint64_t *out, __m512i e, const sa_fixed_scale *s)
{
    const __m512i weight = _mm512_set1_epi64((long long)s->weight);

    _mm512_storeu_si512(out, _mm512_mul_epu32(weight,
        _mm512_cvtepu32_epi64(_mm512_castsi512_si256(e))));
    _mm512_storeu_si512(out + 8, _mm512_mul_epu32(weight,
        _mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(e, 1))));
}

#define ENCODE(x, y, word)                                                    \
    for (; count - i >= STEP; i += STEP) {                                    \
        clipped += clipped_##x(in + i, &s);                                   \
        store_##y(out + i, quantise(from_##x(in + i), &s, word), &s);         \
    }
#define ENCODER(x, from, y, to)                                               \
    static uint64_t x##_to_##y(to *out, const from *in, size_t count,         \
        const sa_fixed_scale *scale, const uint8_t *words)                    \
    {                                                                         \
        const sa_fixed_scale s = *scale;                                      \
        const __m512i nearest = _mm512_set1_epi32(SA_WORD_NEAREST);           \
        uint64_t clipped = 0;                                                 \
        size_t i = 0;                                                         \
                                                                              \
        if (words == NULL)                                                    \
            ENCODE(x, y, nearest)                                             \
        else                                                                  \
            ENCODE(x, y, _mm512_loadu_si512(words + SA_WORD * i))             \
        return clipped + sa_fixed_portable.x##_to_##y(out + i, in + i,        \
            count - i, scale, words != NULL ? words + SA_WORD * i : NULL);    \
    }

ENCODER(f32, float, u32, uint32_t)
ENCODER(f64, double, u32, uint32_t)
ENCODER(f32, float, u64, uint64_t)
ENCODER(f64, double, u64, uint64_t)

/* ---- decoding ----------------------------------------------------------- */

INLINE pair from_u32(const uint32_t *in)
{
    return (pair){ _mm512_cvtepu32_pd(_mm256_loadu_si256((const void *)in)),
        _mm512_cvtepu32_pd(_mm256_loadu_si256((const void *)(in + 8))) };
}

INLINE pair from_u64(const uint64_t *in)
{
    return (pair){ _mm512_cvtepu64_pd(_mm512_loadu_si512(in)),
        _mm512_cvtepu64_pd(_mm512_loadu_si512(in + 8)) };
}

INLINE __m512d sum_of(__m512d s, const sa_fixed_unit *u)
{
    return _mm512_mul_pd(_mm512_sub_pd(s, _mm512_set1_pd(u->half)),
        _mm512_set1_pd(u->unit));
}

/* x / W by its inverse, which is rounded as a division is (Markstein 1990):
 * the first q is off by less than two ulps, its remainder is exact, and what
 * is added to q is off by 2^-52 ulps, while x / W, W < 2^32, is at least
 * 2^-33 ulps from the middle of two doubles. */
INLINE __m512d mean_of(__m512d s, const sa_fixed_unit *u)
{
    const __m512d inverse = _mm512_set1_pd(u->inverse);
    const __m512d x = sum_of(s, u);
    const __m512d q = _mm512_mul_pd(x, inverse);
    const __m512d rest = _mm512_fnmadd_pd(q, _mm512_set1_pd(u->weights), x);

    return _mm512_fmadd_pd(rest, inverse, q);
}

INLINE void store_f32(float *out, __m512d low, __m512d high)
{
    _mm256_storeu_ps(out, _mm512_cvtpd_ps(low));
    _mm256_storeu_ps(out + 8, _mm512_cvtpd_ps(high));
}

INLINE void store_f64(double *out, __m512d low, __m512d high)
{
    _mm512_storeu_pd(out, low);
    _mm512_storeu_pd(out + 8, high);
}

#define DECODE(x, y, f)                                                       \
    for (; count - i >= STEP; i += STEP) {                                    \
        const pair s = from_##x(in + i);                                      \
        store_##y(out + i, f(s.low, &u), f(s.high, &u));                      \
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

DECODER(u32, uint32_t, f32, float)
DECODER(u32, uint32_t, f64, double)
DECODER(u64, uint64_t, f32, float)
DECODER(u64, uint64_t, f64, double)

const sa_fixed_level sa_fixed_avx512 = { f32_to_u32, f32_to_u64, f64_to_u32,
    f64_to_u64, u32_to_f32, u32_to_f64, u64_to_f32, u64_to_f64 };

#else
const sa_fixed_level sa_fixed_avx512 = { NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL };
#endif
