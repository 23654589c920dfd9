/* SPDX-License-Identifier: Apache-2.0 */
/* fixed_avx2: fixed-point encoding and decoding for AVX2 and FMA, with 256-bit
 * registers and eight values per step: two registers of four doubles, or one of
 * eight floats. AVX2 has no conversions between doubles and 64-bit integers:
 * integers below 2^52 are converted by way of the lower bits of doubles of
 * [2^52, 2^53). */
#include "vector/fixed_backend.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

#include "vector/fixed_lanes.h"

#define STEP 8
#define TWO_52 0x1p52 /* 2^52 + n has the integer n < 2^52 in its lower bits */

/* Eight doubles: the first four in `low`. */
typedef struct reals {
    __m256d low, high;
} reals;

INLINE reals load_f32(const float *in)
{
    return (reals){ _mm256_cvtps_pd(_mm_loadu_ps(in)),
        _mm256_cvtps_pd(_mm_loadu_ps(in + 4)) };
}

INLINE reals load_f64(const double *in)
{
    return (reals){ _mm256_loadu_pd(in), _mm256_loadu_pd(in + 4) };
}

/* Convert integers below 2^52 to doubles. */
INLINE __m256d u52_to_double(__m256i x)
{
    const __m256d two_52 = _mm256_set1_pd(TWO_52);
    return _mm256_sub_pd(_mm256_castsi256_pd(
        _mm256_or_si256(x, _mm256_castpd_si256(two_52))), two_52);
}

INLINE reals load_u32(const void *in)
{
    const __m256i x = _mm256_loadu_si256(in);
    const __m128i low = _mm256_castsi256_si128(x);
    const __m128i high = _mm256_extracti128_si256(x, 1);

    return (reals){ u52_to_double(_mm256_cvtepu32_epi64(low)),
        u52_to_double(_mm256_cvtepu32_epi64(high)) };
}

INLINE reals load_u64(const uint64_t *in)
{
    return (reals){ u52_to_double(_mm256_loadu_si256((const void *)in)),
        u52_to_double(_mm256_loadu_si256((const void *)(in + 4))) };
}

/* ---- encoding ----------------------------------------------------------- */

/* Four counters, negated: comparisons yield -1. */
typedef __m256i clip_count;

INLINE clip_count no_clips(void)
{
    return _mm256_setzero_si256();
}

/* Returns -1 for each of four values that is clipped, else 0. */
INLINE __m256i clipped_mask(__m256d x, const sa_fixed_scale *s)
{
    const __m256d absolute = _mm256_andnot_pd(_mm256_set1_pd(-0.0), x);
    return _mm256_castpd_si256(_mm256_cmp_pd(absolute,
        _mm256_set1_pd(s->clip), _CMP_GT_OQ));
}

INLINE clip_count count_clips(clip_count c, reals x, const sa_fixed_scale *s)
{
    return _mm256_add_epi64(c,
        _mm256_add_epi64(clipped_mask(x.low, s), clipped_mask(x.high, s)));
}

INLINE clip_count count_clips_f32(clip_count c, const float *in,
    const sa_fixed_scale *s)
{
    return count_clips(c, load_f32(in), s);
}

INLINE clip_count count_clips_f64(clip_count c, const double *in,
    const sa_fixed_scale *s)
{
    return count_clips(c, load_f64(in), s);
}

INLINE uint64_t total_clips(clip_count c)
{
    uint64_t lanes[4];

    _mm256_storeu_si256((void *)lanes, c);
    return 0 - (lanes[0] + lanes[1] + lanes[2] + lanes[3]);
}

/* Numbers rnd + 1, as doubles. */
typedef reals rnds;

INLINE rnds rnd_nearest(void)
{
    const __m256d half = _mm256_set1_pd(SA_RND_NEAREST + 1.0);
    return (rnds){ half, half };
}

INLINE rnds load_rnd(const uint8_t *bytes)
{
    const __m256d one = _mm256_set1_pd(1);
    const reals rnd = load_u32(bytes);

    return (rnds){ _mm256_add_pd(rnd.low, one), _mm256_add_pd(rnd.high, one) };
}

/* Eight integers, each in the lower 32 bits of a 64-bit element. The upper 32
 * bits are those of 2^52, and are ignored. */
typedef struct integers {
    __m256i low, high;
} integers;

/* Quantise four values. rnd < floor(fraction) is computed as rnd + 1 <=
 * fraction, which is exact in doubles. */
INLINE __m256i quantise_4(__m256d x, __m256d rnd, const sa_fixed_scale *s)
{
    const __m256d sign = _mm256_and_pd(_mm256_set1_pd(-0.0), x);
    const __m256d scaled = _mm256_min_pd(_mm256_mul_pd(
        _mm256_andnot_pd(_mm256_set1_pd(-0.0), x), _mm256_set1_pd(s->scale)),
        _mm256_set1_pd(s->max_scaled));
    const __m256d whole = _mm256_floor_pd(
        _mm256_mul_pd(scaled, _mm256_set1_pd(0x1p-32)));
    const __m256d fraction = _mm256_fnmadd_pd(whole,
        _mm256_set1_pd(0x1p32), scaled); /* exact */
    const __m256d up = _mm256_and_pd(_mm256_set1_pd(1),
        _mm256_cmp_pd(rnd, fraction, _CMP_LE_OQ));
    const __m256d steps = _mm256_or_pd(_mm256_add_pd(whole, up), sign);

    return _mm256_castpd_si256(_mm256_add_pd(steps,
        _mm256_set1_pd(TWO_52 + s->zero)));
}

INLINE integers quantise_8(reals x, rnds rnd, const sa_fixed_scale *s)
{
    return (integers){ quantise_4(x.low, rnd.low, s),
        quantise_4(x.high, rnd.high, s) };
}

INLINE integers quantise_f32(const float *in, rnds rnd, const sa_fixed_scale *s)
{
    return quantise_8(load_f32(in), rnd, s);
}

INLINE integers quantise_f64(const double *in, rnds rnd,
    const sa_fixed_scale *s)
{
    return quantise_8(load_f64(in), rnd, s);
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

INLINE __m256d sum_of(__m256d total, const sa_fixed_unit *u)
{
    return _mm256_mul_pd(_mm256_sub_pd(total, _mm256_set1_pd(u->midpoint)),
        _mm256_set1_pd(u->step));
}

INLINE __m256d mean_of(__m256d total, const sa_fixed_unit *u)
{
    const __m256d inverse = _mm256_set1_pd(u->inverse);
    const __m256d x = sum_of(total, u);
    const __m256d q = _mm256_mul_pd(x, inverse);
    const __m256d remainder = _mm256_fnmadd_pd(q,
        _mm256_set1_pd(u->weights), x);

    return _mm256_fmadd_pd(remainder, inverse, q);
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

/* See SA_ZIV_MARGIN. The results are stored even if the test fails. */
INLINE bool decode_floats(float *out, const uint32_t *in,
    const sa_fixed_unit *u)
{
    const __m256i total = _mm256_loadu_si256((const void *)in);
    const __m256 factor = _mm256_set1_ps(u->factor_high);
    const __m256 centred = _mm256_cvtepi32_ps(_mm256_sub_epi32(total,
        _mm256_set1_epi32((int)u->zeros)));
    const __m256 low = _mm256_mul_ps(centred, _mm256_set1_ps(u->factor_low));
    const __m256 r = _mm256_fmadd_ps(centred, factor, low);
    const __m256 e = _mm256_add_ps(_mm256_fmsub_ps(centred, factor, r), low);

    _mm256_storeu_ps(out, r);
    return _mm256_movemask_ps(_mm256_cmp_ps(r, _mm256_fmadd_ps(e,
        _mm256_set1_ps(SA_ZIV_MARGIN), r), _CMP_NEQ_UQ)) == 0;
}

DECODERS

/* ---- the check of totals ------------------------------------------------ */

static bool over_u32(const uint32_t *totals, size_t count, uint32_t max)
{
    const __m256i top = _mm256_set1_epi32((int)max);
    __m256i a = top, b = top;
    size_t i = 0;

    for (; count - i >= 2 * STEP; i += 2 * STEP) {
        a = _mm256_max_epu32(a,
            _mm256_loadu_si256((const void *)(totals + i)));
        b = _mm256_max_epu32(b,
            _mm256_loadu_si256((const void *)(totals + i + STEP)));
    }
    a = _mm256_cmpeq_epi32(_mm256_max_epu32(a, b), top);
    return _mm256_movemask_epi8(a) != -1
        || sa_fixed_portable.over_u32(totals + i, count - i, max);
}

/* AVX2 compares signed integers: invert the top bits. */
static bool over_u64(const uint64_t *totals, size_t count, uint64_t max)
{
    const __m256i sign = _mm256_set1_epi64x(INT64_MIN);
    const __m256i top = _mm256_xor_si256(sign,
        _mm256_set1_epi64x((long long)max));
    __m256i over = _mm256_setzero_si256();
    size_t i = 0;

    for (; count - i >= STEP; i += STEP)
        for (size_t j = 0; j < STEP; j += 4)
            over = _mm256_or_si256(over, _mm256_cmpgt_epi64(
                _mm256_xor_si256(sign,
                    _mm256_loadu_si256((const void *)(totals + i + j))), top));
    return _mm256_movemask_epi8(over) != 0
        || sa_fixed_portable.over_u64(totals + i, count - i, max);
}

/* ---- binary16 ----------------------------------------------------------- */

/* As in fixed_portable. Machines with AVX2 may lack F16C, which would do it in
 * one instruction. */
INLINE __m256 widen_f16(__m256i x)
{
    const __m256i magnitude = _mm256_slli_epi32(
        _mm256_and_si256(x, _mm256_set1_epi32(0x7fff)), 13);
    const __m256i subnormal = _mm256_cmpgt_epi32(
        _mm256_set1_epi32(1 << 23), magnitude);
    const __m256i sign = _mm256_slli_epi32(
        _mm256_andnot_si256(_mm256_set1_epi32(0x7fff), x), 16);
    const __m256i exponent = _mm256_add_epi32(_mm256_set1_epi32(112 << 23),
        _mm256_and_si256(subnormal, _mm256_set1_epi32(1 << 23)));
    const __m256 minus = _mm256_castsi256_ps(_mm256_and_si256(subnormal,
        _mm256_set1_epi32(113 << 23)));

    return _mm256_or_ps(_mm256_castsi256_ps(sign), _mm256_sub_ps(
        _mm256_castsi256_ps(_mm256_add_epi32(magnitude, exponent)), minus));
}

static void f16_to_f32(float *out, const void *in, size_t count)
{
    const uint8_t *bytes = in;
    size_t i = 0;

    for (; count - i >= STEP; i += STEP)
        _mm256_storeu_ps(out + i, widen_f16(_mm256_cvtepu16_epi32(
            _mm_loadu_si128((const void *)(bytes + 2 * i)))));
    sa_fixed_portable.f16_to_f32(out + i, bytes + 2 * i, count - i);
}

const sa_fixed_backend sa_fixed_avx2 = { f32_to_u32, f32_to_u64, f64_to_u32,
    f64_to_u64, u32_to_float, u32_to_f64, u64_to_f32, u64_to_f64, over_u32,
    over_u64, f16_to_f32 };

#else
const sa_fixed_backend sa_fixed_avx2 = { NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL };
#endif
