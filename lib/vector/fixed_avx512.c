/* SPDX-License-Identifier: Apache-2.0 */
/* fixed_avx512: reals at 512 bits, sixteen at a time. */
#include "vector/fixed_backend.h"

#if defined(__AVX512DQ__) && defined(__AVX512VL__)
#include <immintrin.h>

#include "vector/fixed_lanes.h"

#define STEP 16

typedef struct reals {
    __m512d low, high;
} reals;

/* ---- encoding ----------------------------------------------------------- */

typedef uint64_t tally;

INLINE tally none(void)
{
    return 0;
}

INLINE tally clipped_f32(tally c, const float *in, const sa_fixed_scale *s)
{
    return c + (unsigned)_mm_popcnt_u32(_mm512_cmp_ps_mask(
        _mm512_abs_ps(_mm512_loadu_ps(in)), _mm512_set1_ps(s->edge),
        _CMP_GT_OQ));
}

/* To the clip, which is a float then: the lesser of two, x's sign. */
INLINE __m256 hold(__m256 x, const sa_fixed_scale *s)
{
    return _mm256_range_ps(x, _mm256_set1_ps(s->edge), 0x2);
}

INLINE tally clipped_held(tally c, const float *in, const sa_fixed_scale *s)
{
    const __m256 low = _mm256_loadu_ps(in), high = _mm256_loadu_ps(in + 8);
    const unsigned a = _mm256_cmp_ps_mask(low, hold(low, s), _CMP_NEQ_OQ);
    const unsigned b = _mm256_cmp_ps_mask(high, hold(high, s), _CMP_NEQ_OQ);

    return c + (unsigned)_mm_popcnt_u32(a | b << 8);
}

INLINE tally clipped_f64(tally c, const double *in, const sa_fixed_scale *s)
{
    const __m512d clip = _mm512_set1_pd(s->clip);
    const unsigned low = _mm512_cmp_pd_mask(
        _mm512_abs_pd(_mm512_loadu_pd(in)), clip, _CMP_GT_OQ);
    const unsigned high = _mm512_cmp_pd_mask(
        _mm512_abs_pd(_mm512_loadu_pd(in + 8)), clip, _CMP_GT_OQ);

    return c + (unsigned)_mm_popcnt_u32(low | high << 8);
}

INLINE uint64_t tallied(tally c)
{
    return c;
}

INLINE __m512d z(__m512d x, const sa_fixed_scale *s)
{
    return _mm512_mul_pd(_mm512_add_pd(x, _mm512_set1_pd(s->clip)),
        _mm512_set1_pd(s->step));
}

INLINE __m512d z_clipped(__m512d x, const sa_fixed_scale *s)
{
    return _mm512_min_pd(_mm512_max_pd(z(x, s), _mm512_setzero_pd()),
        _mm512_set1_pd(s->most));
}

INLINE reals z_f32(const float *in, const sa_fixed_scale *s)
{
    return (reals){ z_clipped(_mm512_cvtps_pd(_mm256_loadu_ps(in)), s),
        z_clipped(_mm512_cvtps_pd(_mm256_loadu_ps(in + 8)), s) };
}

INLINE reals z_held(const float *in, const sa_fixed_scale *s)
{
    return (reals){ z(_mm512_cvtps_pd(hold(_mm256_loadu_ps(in), s)), s),
        z(_mm512_cvtps_pd(hold(_mm256_loadu_ps(in + 8), s)), s) };
}

INLINE reals z_f64(const double *in, const sa_fixed_scale *s)
{
    return (reals){ z_clipped(_mm512_loadu_pd(in), s),
        z_clipped(_mm512_loadu_pd(in + 8), s) };
}

typedef __m512i drawn, integers;

INLINE drawn nearest(void)
{
    return _mm512_set1_epi32(SA_WORD_NEAREST);
}

INLINE drawn from_words(const uint8_t *words)
{
    return _mm512_loadu_si512(words);
}

/* floor(z 2^32) has the integer in the upper half, its fraction in the
 * lower. */
INLINE integers quantise(reals at, drawn words)
{
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18,
        20, 22, 24, 26, 28, 30);
    const __m512i odd = _mm512_or_si512(even, _mm512_set1_epi32(1));
    const __m512i low = _mm512_cvttpd_epu64(at.low);
    const __m512i high = _mm512_cvttpd_epu64(at.high);
    const __m512i whole = _mm512_permutex2var_epi32(low, odd, high);
    const __m512i part = _mm512_permutex2var_epi32(low, even, high);

    return _mm512_mask_add_epi32(whole, _mm512_cmplt_epu32_mask(words, part),
        whole, _mm512_set1_epi32(1));
}

INLINE void store_u32(uint32_t *out, integers e, const sa_fixed_scale *s)
{
    (void)s;
    _mm512_storeu_si512(out, e);
}

INLINE void store_u64(uint64_t *out, integers e, const sa_fixed_scale *s)
{
    const __m512i weight = _mm512_set1_epi64((long long)s->weight);

    _mm512_storeu_si512(out, _mm512_mul_epu32(weight,
        _mm512_cvtepu32_epi64(_mm512_castsi512_si256(e))));
    _mm512_storeu_si512(out + 8, _mm512_mul_epu32(weight,
        _mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(e, 1))));
}

ENCODERS
ENCODER(held, f32, float, u32, uint32_t)
ENCODER(held, f32, float, u64, uint64_t)

static uint64_t float_to_u32(uint32_t *out, const float *in, size_t count,
    const sa_fixed_scale *scale, const uint8_t *words)
{
    return (scale->held ? held_to_u32 : f32_to_u32)(out, in, count, scale,
        words);
}

static uint64_t float_to_u64(uint64_t *out, const float *in, size_t count,
    const sa_fixed_scale *scale, const uint8_t *words)
{
    return (scale->held ? held_to_u64 : f32_to_u64)(out, in, count, scale,
        words);
}

/* ---- decoding ----------------------------------------------------------- */

INLINE reals from_u32(const uint32_t *in)
{
    return (reals){ _mm512_cvtepu32_pd(_mm256_loadu_si256((const void *)in)),
        _mm512_cvtepu32_pd(_mm256_loadu_si256((const void *)(in + 8))) };
}

INLINE reals from_u64(const uint64_t *in)
{
    return (reals){ _mm512_cvtepu64_pd(_mm512_loadu_si512(in)),
        _mm512_cvtepu64_pd(_mm512_loadu_si512(in + 8)) };
}

INLINE __m512d sum_of(__m512d s, const sa_fixed_unit *u)
{
    return _mm512_mul_pd(_mm512_sub_pd(s, _mm512_set1_pd(u->half)),
        _mm512_set1_pd(u->unit));
}

INLINE __m512d mean_of(__m512d s, const sa_fixed_unit *u)
{
    const __m512d inverse = _mm512_set1_pd(u->inverse);
    const __m512d x = sum_of(s, u);
    const __m512d q = _mm512_mul_pd(x, inverse);
    const __m512d rest = _mm512_fnmadd_pd(q, _mm512_set1_pd(u->weights), x);

    return _mm512_fmadd_pd(rest, inverse, q);
}

INLINE void store_f32(float *out, reals x)
{
    _mm256_storeu_ps(out, _mm512_cvtpd_ps(x.low));
    _mm256_storeu_ps(out + 8, _mm512_cvtpd_ps(x.high));
}

INLINE void store_f64(double *out, reals x)
{
    _mm512_storeu_pd(out, x.low);
    _mm512_storeu_pd(out + 8, x.high);
}

INLINE bool floats_of(float *out, const uint32_t *in, const sa_fixed_unit *u)
{
    const __m512i s = _mm512_loadu_si512(in);
    const __m512 near = _mm512_set1_ps(u->near);
    const __m512 d = _mm512_cvtepi32_ps(_mm512_sub_epi32(
        _mm512_add_epi32(s, s), _mm512_set1_epi32((int)u->all)));
    const __m512 low = _mm512_mul_ps(d, _mm512_set1_ps(u->rest));
    const __m512 r = _mm512_fmadd_ps(d, near, low);
    const __m512 e = _mm512_add_ps(_mm512_fmsub_ps(d, near, r), low);

    _mm512_storeu_ps(out, r);
    return _mm512_cmp_ps_mask(r, _mm512_fmadd_ps(e, _mm512_set1_ps(SA_SURE),
        r), _CMP_NEQ_UQ) == 0;
}

DECODERS

const sa_fixed_backend sa_fixed_avx512 = { float_to_u32, float_to_u64,
    f64_to_u32, f64_to_u64, u32_to_float, u32_to_f64, u64_to_f32,
    u64_to_f64 };

#else
const sa_fixed_backend sa_fixed_avx512 = { NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL };
#endif
