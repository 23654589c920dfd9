/* SPDX-License-Identifier: Apache-2.0 */
/* fixed_avx512: fixed-point encoding and decoding for AVX-512 (F, DQ, VL), with
 * 512-bit registers and sixteen values per step: two registers of eight
 * doubles, or one of sixteen floats. */
#include "vector/fixed_backend.h"

#if defined(__AVX512DQ__) && defined(__AVX512VL__)
#include <immintrin.h>

#include "vector/fixed_lanes.h"

#define STEP 16

/* Sixteen doubles: the first eight in `low`. */
typedef struct reals {
    __m512d low, high;
} reals;

/* ---- encoding ----------------------------------------------------------- */

typedef uint64_t clip_count;

INLINE clip_count no_clips(void)
{
    return 0;
}

INLINE clip_count count_clips_f32(clip_count c, const float *in,
    const sa_fixed_scale *s)
{
    return c + (unsigned)_mm_popcnt_u32(_mm512_cmp_ps_mask(
        _mm512_abs_ps(_mm512_loadu_ps(in)), _mm512_set1_ps(s->max_float),
        _CMP_GT_OQ));
}

INLINE clip_count count_clips_clamped(clip_count c, const float *in,
    const sa_fixed_scale *s)
{
    return count_clips_f32(c, in, s);
}

INLINE clip_count count_clips_f64(clip_count c, const double *in,
    const sa_fixed_scale *s)
{
    const __m512d clip = _mm512_set1_pd(s->clip);
    const unsigned low = _mm512_cmp_pd_mask(
        _mm512_abs_pd(_mm512_loadu_pd(in)), clip, _CMP_GT_OQ);
    const unsigned high = _mm512_cmp_pd_mask(
        _mm512_abs_pd(_mm512_loadu_pd(in + 8)), clip, _CMP_GT_OQ);

    return c + (unsigned)_mm_popcnt_u32(low | high << 8);
}

INLINE uint64_t total_clips(clip_count c)
{
    return c;
}

/* Returns 2^32 * scaled, not clipped. */
INLINE __m512d to_scaled(__m512d magnitude, const sa_fixed_scale *s)
{
    return _mm512_mul_pd(magnitude, _mm512_set1_pd(s->scale));
}

/* Returns 2^32 * scaled, clipped to max_scaled. */
INLINE __m512d to_scaled_clipped(__m512d x, const sa_fixed_scale *s)
{
    return _mm512_min_pd(to_scaled(_mm512_abs_pd(x), s),
        _mm512_set1_pd(s->max_scaled));
}

/* Sixteen integers of 32 bits. */
typedef __m512i rnds, integers;

INLINE rnds rnd_nearest(void)
{
    return _mm512_set1_epi32(SA_RND_NEAREST);
}

INLINE rnds load_rnd(const uint8_t *bytes)
{
    return _mm512_loadu_si512(bytes);
}

/* Returns the codes of values with these scaled magnitudes. fixed has whole in
 * its upper 32 bits, and the fraction in its lower 32 bits. `negative` has a
 * bit for each value. */
INLINE integers quantise(reals scaled, __mmask16 negative, rnds rnd,
    const sa_fixed_scale *s)
{
    const __m512i zero = _mm512_set1_epi32((int)s->zero);
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18,
        20, 22, 24, 26, 28, 30);
    const __m512i odd = _mm512_or_si512(even, _mm512_set1_epi32(1));
    const __m512i low = _mm512_cvttpd_epu64(scaled.low);
    const __m512i high = _mm512_cvttpd_epu64(scaled.high);
    const __m512i whole = _mm512_permutex2var_epi32(low, odd, high);
    const __m512i fraction = _mm512_permutex2var_epi32(low, even, high);
    const __m512i steps = _mm512_mask_add_epi32(whole,
        _mm512_cmplt_epu32_mask(rnd, fraction), whole, _mm512_set1_epi32(1));

    return _mm512_mask_sub_epi32(_mm512_add_epi32(zero, steps), negative, zero,
        steps);
}

INLINE __mmask16 negative_floats(const float *in)
{
    return _mm512_movepi32_mask(_mm512_loadu_si512(in));
}

INLINE integers quantise_f32(const float *in, rnds rnd,
    const sa_fixed_scale *s)
{
    const reals scaled = {
        to_scaled_clipped(_mm512_cvtps_pd(_mm256_loadu_ps(in)), s),
        to_scaled_clipped(_mm512_cvtps_pd(_mm256_loadu_ps(in + 8)), s) };

    return quantise(scaled, negative_floats(in), rnd, s);
}

/* Clip the magnitudes of floats, if clip is a float (clamp_floats). The
 * operation 0xa of range selects the smaller magnitude, without a sign. */
INLINE __m256 clamp(const float *in, const sa_fixed_scale *s)
{
    return _mm256_range_ps(_mm256_loadu_ps(in), _mm256_set1_ps(s->max_float),
        0xa);
}

/* A variant for scales with clamp_floats: one operation clips eight floats,
 * where two clip doubles. */
INLINE integers quantise_clamped(const float *in, rnds rnd,
    const sa_fixed_scale *s)
{
    const reals scaled = { to_scaled(_mm512_cvtps_pd(clamp(in, s)), s),
        to_scaled(_mm512_cvtps_pd(clamp(in + 8, s)), s) };

    return quantise(scaled, negative_floats(in), rnd, s);
}

INLINE integers quantise_f64(const double *in, rnds rnd,
    const sa_fixed_scale *s)
{
    const __m512d low = _mm512_loadu_pd(in), high = _mm512_loadu_pd(in + 8);
    const reals scaled = { to_scaled_clipped(low, s),
        to_scaled_clipped(high, s) };
    const unsigned negative = _mm512_movepi64_mask(_mm512_castpd_si512(low))
        | (unsigned)_mm512_movepi64_mask(_mm512_castpd_si512(high)) << 8;

    return quantise(scaled, (__mmask16)negative, rnd, s);
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
ENCODER(clamped, f32, float, u32, uint32_t)
ENCODER(clamped, f32, float, u64, uint64_t)

/* Use the variant `clamped` if the scale allows it. */
static uint64_t float_to_u32(uint32_t *out, const float *in, size_t count,
    const sa_fixed_scale *scale, const uint8_t *rnd)
{
    return (scale->clamp_floats ? clamped_to_u32 : f32_to_u32)(out, in, count,
        scale, rnd);
}

static uint64_t float_to_u64(uint64_t *out, const float *in, size_t count,
    const sa_fixed_scale *scale, const uint8_t *rnd)
{
    return (scale->clamp_floats ? clamped_to_u64 : f32_to_u64)(out, in, count,
        scale, rnd);
}

/* ---- decoding ----------------------------------------------------------- */

INLINE reals load_u32(const uint32_t *in)
{
    return (reals){ _mm512_cvtepu32_pd(_mm256_loadu_si256((const void *)in)),
        _mm512_cvtepu32_pd(_mm256_loadu_si256((const void *)(in + 8))) };
}

INLINE reals load_u64(const uint64_t *in)
{
    return (reals){ _mm512_cvtepu64_pd(_mm512_loadu_si512(in)),
        _mm512_cvtepu64_pd(_mm512_loadu_si512(in + 8)) };
}

INLINE __m512d sum_of(__m512d total, const sa_fixed_unit *u)
{
    return _mm512_mul_pd(_mm512_sub_pd(total, _mm512_set1_pd(u->midpoint)),
        _mm512_set1_pd(u->step));
}

INLINE __m512d mean_of(__m512d total, const sa_fixed_unit *u)
{
    const __m512d inverse = _mm512_set1_pd(u->inverse);
    const __m512d x = sum_of(total, u);
    const __m512d q = _mm512_mul_pd(x, inverse);
    const __m512d remainder = _mm512_fnmadd_pd(q,
        _mm512_set1_pd(u->weights), x);

    return _mm512_fmadd_pd(remainder, inverse, q);
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

/* See SA_ZIV_MARGIN. The results are stored even if the test fails. */
INLINE bool decode_floats(float *out, const uint32_t *in,
    const sa_fixed_unit *u)
{
    const __m512i total = _mm512_loadu_si512(in);
    const __m512 factor = _mm512_set1_ps(u->factor_high);
    const __m512 centred = _mm512_cvtepi32_ps(_mm512_sub_epi32(total,
        _mm512_set1_epi32((int)u->zeros)));
    const __m512 low = _mm512_mul_ps(centred, _mm512_set1_ps(u->factor_low));
    const __m512 r = _mm512_fmadd_ps(centred, factor, low);
    const __m512 e = _mm512_add_ps(_mm512_fmsub_ps(centred, factor, r), low);

    _mm512_storeu_ps(out, r);
    return _mm512_cmp_ps_mask(r, _mm512_fmadd_ps(e,
        _mm512_set1_ps(SA_ZIV_MARGIN), r), _CMP_NEQ_UQ) == 0;
}

DECODERS

/* ---- the check of totals ------------------------------------------------ */

static bool over_u32(const uint32_t *totals, size_t count, uint32_t max)
{
    const __m512i top = _mm512_set1_epi32((int)max);
    __m512i a = top, b = top;
    size_t i = 0;

    for (; count - i >= 2 * STEP; i += 2 * STEP) {
        a = _mm512_max_epu32(a, _mm512_loadu_si512(totals + i));
        b = _mm512_max_epu32(b, _mm512_loadu_si512(totals + i + STEP));
    }
    return _mm512_cmpneq_epu32_mask(_mm512_max_epu32(a, b), top) != 0
        || sa_fixed_portable.over_u32(totals + i, count - i, max);
}

static bool over_u64(const uint64_t *totals, size_t count, uint64_t max)
{
    const __m512i top = _mm512_set1_epi64((long long)max);
    __m512i a = top, b = top;
    size_t i = 0;

    for (; count - i >= STEP; i += STEP) {
        a = _mm512_max_epu64(a, _mm512_loadu_si512(totals + i));
        b = _mm512_max_epu64(b, _mm512_loadu_si512(totals + i + STEP / 2));
    }
    return _mm512_cmpneq_epu64_mask(_mm512_max_epu64(a, b), top) != 0
        || sa_fixed_portable.over_u64(totals + i, count - i, max);
}

/* ---- binary16 ----------------------------------------------------------- */

static void f16_to_f32(float *out, const void *in, size_t count)
{
    const uint8_t *bytes = in;
    size_t i = 0;

    for (; count - i >= STEP; i += STEP)
        _mm512_storeu_ps(out + i, _mm512_cvtph_ps(
            _mm256_loadu_si256((const void *)(bytes + 2 * i))));
    sa_fixed_portable.f16_to_f32(out + i, bytes + 2 * i, count - i);
}

const sa_fixed_backend sa_fixed_avx512 = { float_to_u32, float_to_u64,
    f64_to_u32, f64_to_u64, u32_to_float, u32_to_f64, u64_to_f32,
    u64_to_f64, over_u32, over_u64, f16_to_f32 };

#else
const sa_fixed_backend sa_fixed_avx512 = { NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL };
#endif
