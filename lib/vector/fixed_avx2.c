/* SPDX-License-Identifier: Apache-2.0 */
/* fixed_avx2: reals at 256 bits, eight at a time. */
#include "vector/fixed_backend.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

#include "vector/fixed_lanes.h"

#define STEP 8
#define INTEGER 0x1p52 /* whose bits below it are integers */

typedef struct reals {
    __m256d low, high;
} reals;

INLINE reals from_f32(const float *in)
{
    return (reals){ _mm256_cvtps_pd(_mm_loadu_ps(in)),
        _mm256_cvtps_pd(_mm_loadu_ps(in + 4)) };
}

INLINE reals from_f64(const double *in)
{
    return (reals){ _mm256_loadu_pd(in), _mm256_loadu_pd(in + 4) };
}

/* Integers below 2^52 as doubles. */
INLINE __m256d exactly(__m256i x)
{
    const __m256d one = _mm256_set1_pd(INTEGER);
    return _mm256_sub_pd(_mm256_castsi256_pd(
        _mm256_or_si256(x, _mm256_castpd_si256(one))), one);
}

INLINE reals from_u32(const void *in)
{
    const __m256i x = _mm256_loadu_si256(in);
    return (reals){ exactly(_mm256_cvtepu32_epi64(_mm256_castsi256_si128(x))),
        exactly(_mm256_cvtepu32_epi64(_mm256_extracti128_si256(x, 1))) };
}

INLINE reals from_u64(const uint64_t *in)
{
    return (reals){ exactly(_mm256_loadu_si256((const void *)in)),
        exactly(_mm256_loadu_si256((const void *)(in + 4))) };
}

/* ---- encoding ----------------------------------------------------------- */

/* Counts are negative. */
typedef __m256i tally;

INLINE tally none(void)
{
    return _mm256_setzero_si256();
}

/* -1 in each of the four that is clipped. */
INLINE __m256i beyond(__m256d x, const sa_fixed_scale *s)
{
    const __m256d positive = _mm256_andnot_pd(_mm256_set1_pd(-0.0), x);
    return _mm256_castpd_si256(_mm256_cmp_pd(positive,
        _mm256_set1_pd(s->clip), _CMP_GT_OQ));
}

INLINE tally clipped(tally c, reals x, const sa_fixed_scale *s)
{
    return _mm256_add_epi64(c,
        _mm256_add_epi64(beyond(x.low, s), beyond(x.high, s)));
}

INLINE tally clipped_f32(tally c, const float *in, const sa_fixed_scale *s)
{
    return clipped(c, from_f32(in), s);
}

INLINE tally clipped_f64(tally c, const double *in, const sa_fixed_scale *s)
{
    return clipped(c, from_f64(in), s);
}

INLINE uint64_t tallied(tally c)
{
    uint64_t lanes[4];

    _mm256_storeu_si256((void *)lanes, c);
    return 0 - (lanes[0] + lanes[1] + lanes[2] + lanes[3]);
}

INLINE __m256d z(__m256d x, const sa_fixed_scale *s)
{
    return _mm256_min_pd(_mm256_max_pd(_mm256_mul_pd(
        _mm256_add_pd(x, _mm256_set1_pd(s->clip)), _mm256_set1_pd(s->step)),
        _mm256_setzero_pd()), _mm256_set1_pd(s->most));
}

INLINE reals z_f32(const float *in, const sa_fixed_scale *s)
{
    const reals x = from_f32(in);
    return (reals){ z(x.low, s), z(x.high, s) };
}

INLINE reals z_f64(const double *in, const sa_fixed_scale *s)
{
    const reals x = from_f64(in);
    return (reals){ z(x.low, s), z(x.high, s) };
}

typedef reals drawn;

INLINE drawn nearest(void)
{
    const __m256d half = _mm256_set1_pd(SA_WORD_NEAREST);
    return (drawn){ half, half };
}

INLINE drawn from_words(const uint8_t *words)
{
    return from_u32(words);
}

/* Each in the lower half of 64 bits whose upper half is of no use. */
typedef struct integers {
    __m256i low, high;
} integers;

INLINE __m256i quantise_4(__m256d at, __m256d word)
{
    const __m256d whole = _mm256_floor_pd(
        _mm256_mul_pd(at, _mm256_set1_pd(0x1p-32)));
    const __m256d fraction = _mm256_sub_pd(at,
        _mm256_mul_pd(whole, _mm256_set1_pd(0x1p32)));
    const __m256d up = _mm256_cmp_pd(
        _mm256_add_pd(word, _mm256_set1_pd(1)), fraction, _CMP_LE_OQ);

    return _mm256_sub_epi64(_mm256_castpd_si256(
        _mm256_add_pd(whole, _mm256_set1_pd(INTEGER))),
        _mm256_castpd_si256(up));
}

INLINE integers quantise(reals at, drawn word)
{
    return (integers){ quantise_4(at.low, word.low),
        quantise_4(at.high, word.high) };
}

INLINE void store_u32(uint32_t *out, integers e, const sa_fixed_scale *s)
{
    const __m256 both = _mm256_shuffle_ps(_mm256_castsi256_ps(e.low),
        _mm256_castsi256_ps(e.high), 0x88);

    (void)s;
    _mm256_storeu_si256((void *)out,
        _mm256_permute4x64_epi64(_mm256_castps_si256(both), 0xd8));
}

INLINE void store_u64(uint64_t *out, integers e, const sa_fixed_scale *s)
{
    const __m256i weight = _mm256_set1_epi64x((long long)s->weight);

    _mm256_storeu_si256((void *)out, _mm256_mul_epu32(e.low, weight));
    _mm256_storeu_si256((void *)(out + 4), _mm256_mul_epu32(e.high, weight));
}

ENCODERS

/* ---- decoding ----------------------------------------------------------- */

INLINE __m256d sum_of(__m256d s, const sa_fixed_unit *u)
{
    return _mm256_mul_pd(_mm256_sub_pd(s, _mm256_set1_pd(u->half)),
        _mm256_set1_pd(u->unit));
}

INLINE __m256d mean_of(__m256d s, const sa_fixed_unit *u)
{
    const __m256d inverse = _mm256_set1_pd(u->inverse);
    const __m256d x = sum_of(s, u);
    const __m256d q = _mm256_mul_pd(x, inverse);
    const __m256d rest = _mm256_fnmadd_pd(q, _mm256_set1_pd(u->weights), x);

    return _mm256_fmadd_pd(rest, inverse, q);
}

INLINE void store_f32(float *out, reals x)
{
    _mm_storeu_ps(out, _mm256_cvtpd_ps(x.low));
    _mm_storeu_ps(out + 4, _mm256_cvtpd_ps(x.high));
}

INLINE void store_f64(double *out, reals x)
{
    _mm256_storeu_pd(out, x.low);
    _mm256_storeu_pd(out + 4, x.high);
}

INLINE bool floats_of(float *out, const uint32_t *in, const sa_fixed_unit *u)
{
    const __m256i s = _mm256_loadu_si256((const void *)in);
    const __m256 near = _mm256_set1_ps(u->near);
    const __m256 d = _mm256_cvtepi32_ps(_mm256_sub_epi32(
        _mm256_add_epi32(s, s), _mm256_set1_epi32((int)u->all)));
    const __m256 low = _mm256_mul_ps(d, _mm256_set1_ps(u->rest));
    const __m256 r = _mm256_fmadd_ps(d, near, low);
    const __m256 e = _mm256_add_ps(_mm256_fmsub_ps(d, near, r), low);

    _mm256_storeu_ps(out, r);
    return _mm256_movemask_ps(_mm256_cmp_ps(r, _mm256_fmadd_ps(e,
        _mm256_set1_ps(SA_SURE), r), _CMP_NEQ_UQ)) == 0;
}

DECODERS

const sa_fixed_backend sa_fixed_avx2 = { f32_to_u32, f32_to_u64, f64_to_u32,
    f64_to_u64, u32_to_float, u32_to_f64, u64_to_f32, u64_to_f64 };

#else
const sa_fixed_backend sa_fixed_avx2 = { NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL };
#endif
