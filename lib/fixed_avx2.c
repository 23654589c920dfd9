/* SPDX-License-Identifier: Apache-2.0 */
/* fixed_avx2: reals at 256 bits, eight at a time; the last few are the
 * portable level's. */
#include "fixed_level.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

#define INLINE static inline __attribute__((always_inline))
#define STEP 8
#define INTEGER 0x1p52 /* whose bits below it are integers */

/* Eight values, as doubles. */
typedef struct pair {
    __m256d low, high;
} pair;

INLINE pair from_f32(const float *in)
{
    return (pair){ _mm256_cvtps_pd(_mm_loadu_ps(in)),
        _mm256_cvtps_pd(_mm_loadu_ps(in + 4)) };
}

INLINE pair from_f64(const double *in)
{
    return (pair){ _mm256_loadu_pd(in), _mm256_loadu_pd(in + 4) };
}

/* Integers below 2^52 as doubles. */
INLINE __m256d exactly(__m256i x)
{
    const __m256d one = _mm256_set1_pd(INTEGER);
    return _mm256_sub_pd(_mm256_castsi256_pd(
        _mm256_or_si256(x, _mm256_castpd_si256(one))), one);
}

INLINE pair from_u32(const void *in)
{
    const __m256i x = _mm256_loadu_si256(in);
    return (pair){ exactly(_mm256_cvtepu32_epi64(_mm256_castsi256_si128(x))),
        exactly(_mm256_cvtepu32_epi64(_mm256_extracti128_si256(x, 1))) };
}

INLINE pair from_u64(const uint64_t *in)
{
    return (pair){ exactly(_mm256_loadu_si256((const void *)in)),
        exactly(_mm256_loadu_si256((const void *)(in + 4))) };
}

/* ---- encoding ----------------------------------------------------------- */

/* -1 in each of the four that is clipped. */
INLINE __m256i beyond(__m256d x, const sa_fixed_scale *s)
{
    const __m256d positive = _mm256_andnot_pd(_mm256_set1_pd(-0.0), x);
    return _mm256_castpd_si256(_mm256_cmp_pd(positive,
        _mm256_set1_pd(s->clip), _CMP_GT_OQ));
}

/* Four integers, each in the lower half of 64 bits whose upper half is of no
 * use, rounded by four words. */
INLINE __m256i quantise(__m256d x, const sa_fixed_scale *s, __m256d word)
{
    const __m256d z = _mm256_min_pd(_mm256_max_pd(_mm256_mul_pd(
        _mm256_add_pd(x, _mm256_set1_pd(s->clip)), _mm256_set1_pd(s->step)),
        _mm256_setzero_pd()), _mm256_set1_pd(s->most));
    const __m256d whole = _mm256_floor_pd(
        _mm256_mul_pd(z, _mm256_set1_pd(0x1p-32)));
    const __m256d fraction = _mm256_sub_pd(z,
        _mm256_mul_pd(whole, _mm256_set1_pd(0x1p32)));
    const __m256d up = _mm256_cmp_pd(
        _mm256_add_pd(word, _mm256_set1_pd(1)), fraction, _CMP_LE_OQ);

    return _mm256_sub_epi64(_mm256_castpd_si256(
        _mm256_add_pd(whole, _mm256_set1_pd(INTEGER))),
        _mm256_castpd_si256(up));
}

INLINE void store_u32(uint32_t *out, __m256i low, __m256i high,
    const sa_fixed_scale *s)
{
    const __m256 both = _mm256_shuffle_ps(_mm256_castsi256_ps(low),
        _mm256_castsi256_ps(high), 0x88);

    (void)s;
    _mm256_storeu_si256((void *)out,
        _mm256_permute4x64_epi64(_mm256_castps_si256(both), 0xd8));
}

INLINE void store_u64(uint64_t *out, __m256i low, __m256i high,
    const sa_fixed_scale *s)
{
    const __m256i weight = _mm256_set1_epi64x((long long)s->weight);

    _mm256_storeu_si256((void *)out, _mm256_mul_epu32(low, weight));
    _mm256_storeu_si256((void *)(out + 4), _mm256_mul_epu32(high, weight));
}

/* Counts are negative. */
INLINE uint64_t counted(__m256i c)
{
    uint64_t lanes[4];

    _mm256_storeu_si256((void *)lanes, c);
    return 0 - (lanes[0] + lanes[1] + lanes[2] + lanes[3]);
}

#define ENCODE(x, y, draw)                                                    \
    for (; count - i >= STEP; i += STEP) {                                    \
        const pair v = from_##x(in + i), word = draw;                         \
        c = _mm256_add_epi64(c, _mm256_add_epi64(beyond(v.low, &s),           \
            beyond(v.high, &s)));                                             \
        store_##y(out + i, quantise(v.low, &s, word.low),                     \
            quantise(v.high, &s, word.high), &s);                             \
    }
#define ENCODER(x, from, y, to)                                               \
    static uint64_t x##_to_##y(to *out, const from *in, size_t count,         \
        const sa_fixed_scale *scale, const uint8_t *words)                    \
    {                                                                         \
        const sa_fixed_scale s = *scale;                                      \
        const __m256d half = _mm256_set1_pd(SA_WORD_NEAREST);                 \
        const pair nearest = { half, half };                                  \
        __m256i c = _mm256_setzero_si256();                                   \
        size_t i = 0;                                                         \
                                                                              \
        if (words == NULL)                                                    \
            ENCODE(x, y, nearest)                                             \
        else                                                                  \
            ENCODE(x, y, from_u32(words + SA_WORD * i))                       \
        return counted(c) + sa_fixed_portable.x##_to_##y(out + i, in + i,     \
            count - i, scale, words != NULL ? words + SA_WORD * i : NULL);    \
    }

ENCODER(f32, float, u32, uint32_t)
ENCODER(f64, double, u32, uint32_t)
ENCODER(f32, float, u64, uint64_t)
ENCODER(f64, double, u64, uint64_t)

/* ---- decoding ----------------------------------------------------------- */

INLINE __m256d sum_of(__m256d s, const sa_fixed_unit *u)
{
    return _mm256_mul_pd(_mm256_sub_pd(s, _mm256_set1_pd(u->half)),
        _mm256_set1_pd(u->unit));
}

/* x / W by its inverse, which is rounded as a division is (Markstein 1990):
 * the first q is off by less than two ulps, its remainder is exact, and what
 * is added to q is off by 2^-52 ulps, while x / W, W < 2^32, is at least
 * 2^-33 ulps from the middle of two doubles. */
INLINE __m256d mean_of(__m256d s, const sa_fixed_unit *u)
{
    const __m256d inverse = _mm256_set1_pd(u->inverse);
    const __m256d x = sum_of(s, u);
    const __m256d q = _mm256_mul_pd(x, inverse);
    const __m256d rest = _mm256_fnmadd_pd(q, _mm256_set1_pd(u->weights), x);

    return _mm256_fmadd_pd(rest, inverse, q);
}

INLINE void store_f32(float *out, __m256d low, __m256d high)
{
    _mm_storeu_ps(out, _mm256_cvtpd_ps(low));
    _mm_storeu_ps(out + 4, _mm256_cvtpd_ps(high));
}

INLINE void store_f64(double *out, __m256d low, __m256d high)
{
    _mm256_storeu_pd(out, low);
    _mm256_storeu_pd(out + 4, high);
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

const sa_fixed_level sa_fixed_avx2 = { f32_to_u32, f32_to_u64, f64_to_u32,
    f64_to_u64, u32_to_f32, u32_to_f64, u64_to_f32, u64_to_f64 };

#else
const sa_fixed_level sa_fixed_avx2 = { NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL };
#endif
