/* SPDX-License-Identifier: Apache-2.0 */
/* Built without contraction of a * b + c: one rounding an operation. The loops
 * are those of the levels. */
#include "vector/fixed.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "crypto/keystream.h"
#include "vector/rounding.h"

#define TILE 512

bool sa_fixed_sound(const secagg_segment *s)
{
    return s->value_bits >= 1 && s->value_bits <= 32
        && s->rounding <= SECAGG_NEAREST
        && s->clip >= ldexp(1.0, -500) && s->clip <= ldexp(1.0, 500);
}

/* Finite: the exponent is not all ones. Only the verdict is looked at. */
bool sa_fixed_finite_f32(const float *values, size_t count)
{
    uint32_t bad = 0, bits;

    for (size_t i = 0; i < count; i++) {
        memcpy(&bits, &values[i], sizeof bits);
        bad |= (bits & 0x7f800000) + 0x00800000;
    }
    bad >>= 31;
    sa_declassify(&bad, sizeof bad);
    return bad == 0;
}

bool sa_fixed_finite_f64(const double *values, size_t count)
{
    uint64_t bad = 0, bits;

    for (size_t i = 0; i < count; i++) {
        memcpy(&bits, &values[i], sizeof bits);
        bad |= (bits & 0x7ff0000000000000) + 0x0010000000000000;
    }
    bad >>= 63;
    sa_declassify(&bad, sizeof bad);
    return bad == 0;
}

/* ---- encoding (PROTOCOL.md 7.1 to 7.3) ---------------------------------- */

const sa_fixed_backend *sa_fixed_best(void)
{
    static const sa_fixed_backend *const levels[] = {
        [SA_CPU_BASE] = &sa_fixed_portable,
        [SA_CPU_NEON] = &sa_fixed_portable,
        [SA_CPU_AVX2] = &sa_fixed_avx2,
        [SA_CPU_AVX512] = &sa_fixed_avx512,
    };
    const sa_fixed_backend *best = levels[sa_cpu_best()];

    return best->f32_to_u32 != NULL ? best : &sa_fixed_portable;
}

/* The greatest float that is not above x. */
static float float_below(double x)
{
    float f = x < FLT_MAX ? (float)x : FLT_MAX;
    return (double)f > x ? nextafterf(f, 0) : f;
}

static double top_of(const secagg_segment *s)
{
    return (double)(((uint64_t)1 << s->value_bits) - 1);
}

sa_fixed_scale sa_fixed_scale_of(const secagg_segment *s, uint64_t weight)
{
    const double both = s->clip + s->clip, step = top_of(s) / both;
    const double most = both * step;
    const float edge = float_below(s->clip);

    return (sa_fixed_scale){ s->clip, 0x1p32 * step,
        0x1p32 * (most > top_of(s) ? top_of(s) : most), edge,
        (double)edge >= s->clip && most <= top_of(s), weight };
}

void sa_fixed_encode(uint64_t *out, const double *in, size_t count,
    const secagg_segment *segment, const uint8_t *words, uint64_t weight,
    uint64_t *clipped)
{
    const sa_fixed_scale s = sa_fixed_scale_of(segment, weight);
    *clipped += sa_fixed_best()->f64_to_u64(out, in, count, &s, words);
}

/* ---- decoding (PROTOCOL.md 7.5) ----------------------------------------- */

/* high:low / 2^0 to the nearest double, ties to even, without a second
 * rounding: what does not fit 64 bits goes into the last as a sticky bit. */
static double to_double(uint64_t high, uint64_t low)
{
    int shift = 0;

    while (high != 0) {
        const uint64_t lost = low & 1;
        low = low >> 1 | high << 63 | lost;
        high >>= 1;
        shift++;
    }
    return ldexp((double)low, shift);
}

/* D = 2 S - W N, W N < 2^96, in two words of 64 bits and a sign. */
double sa_fixed_decode(uint64_t sum, const secagg_segment *segment,
    uint64_t weights)
{
    const uint64_t top = ((uint64_t)1 << segment->value_bits) - 1;
    const uint64_t a = weights >> 32, b = weights & 0xffffffff;
    const uint64_t plus_low = sum << 1, plus_high = sum >> 63;
    uint64_t minus_low = b * top, minus_high = 0;
    uint64_t low, high, negative;

    minus_high = a * top;
    minus_low += minus_high << 32;
    minus_high = (minus_high >> 32) + (minus_low < minus_high << 32);
    low = plus_low - minus_low;
    high = plus_high - minus_high - (plus_low < minus_low);
    negative = high >> 63;
    low = (low ^ (0 - negative)) + negative;
    high = (high ^ (0 - negative)) + (negative & (low == 0));
    return (negative ? -to_double(high, low) : to_double(high, low))
        * (segment->clip / (double)top);
}

sa_fixed_unit sa_fixed_unit_of(const secagg_segment *s, uint64_t weights,
    bool mean)
{
    const double w = (double)weights, one = s->clip / top_of(s);
    const double unit = mean ? one / w : one;
    sa_fixed_unit u = { w * top_of(s) / 2, 2 * one, w, mean ? 1 / w : 0, mean,
        false, 0, 0, 0 };

    u.narrow = s->bits >= 1 && s->bits <= 23 && w * top_of(s) <= 0x1p24
        && unit >= 0x1p-60 && unit <= 0x1p60;
    if (u.narrow) {
        u.all = (uint32_t)(w * top_of(s));
        u.near = (float)unit;
        u.rest = (float)(unit - (double)u.near);
    }
    return u;
}

/* W and N are below 2^32, so that their product does not wrap. */
bool sa_fixed_fits(const secagg_segment *s, uint64_t weights)
{
    return weights >> 32 == 0
        && weights * (((uint64_t)1 << s->value_bits) - 1) >> 53 == 0;
}

/* ---- REAL segments on their own ----------------------------------------- */

/* Values of either width. */
typedef struct source {
    const float *narrow;
    const double *wide;
} source;

static secagg_err encode(uint64_t *out, const source *in, size_t count,
    const secagg_segment *segment, sa_rounding *words, uint64_t *clipped)
{
    const sa_fixed_scale s = sa_fixed_scale_of(segment, 1);
    const sa_fixed_backend *level = sa_fixed_best();
    const uint8_t *drawn = NULL;

    for (size_t i = 0, n; i < count; i += n) {
        n = count - i < SA_ROUNDING_CHUNK ? count - i : SA_ROUNDING_CHUNK;
        if (words != NULL)
            SA_TRY(sa_rounding_draw(words, i, &drawn));
        *clipped += in->narrow != NULL
            ? level->f32_to_u64(out + i, in->narrow + i, n, &s, drawn)
            : level->f64_to_u64(out + i, in->wide + i, n, &s, drawn);
    }
    return SECAGG_OK;
}

static secagg_err encode_real(uint64_t *out, const source *in, size_t count,
    const secagg_segment *segment, uint32_t suite, uint32_t number,
    const uint8_t *seed, uint64_t *clipped)
{
    sa_rounding *words = NULL;
    uint64_t beyond = 0;
    secagg_err err;

    if (segment->rounding == SECAGG_STOCHASTIC)
        SA_TRY(sa_rounding_new(&words, suite, number, seed));
    err = encode(out, in, count, segment, words, &beyond);
    sa_rounding_free(words);
    if (err == SECAGG_OK && clipped != NULL)
        *clipped = beyond;
    return err;
}

static secagg_err check(const secagg_segment *segment, size_t count,
    uint32_t suite, uint32_t number, const uint8_t *seed)
{
    const uint64_t draws = count;

    if (segment->kind != SECAGG_REAL || !sa_fixed_sound(segment)
        || sa_keystream_key_bytes(suite) == 0 || number > 65535
        || (segment->rounding == SECAGG_STOCHASTIC && seed == NULL))
        return SECAGG_ERR_ARG;
    return segment->rounding == SECAGG_STOCHASTIC
            && draws > (uint64_t)1 << 34
        ? SECAGG_ERR_SIZE : SECAGG_OK;
}

secagg_err secagg_fixed_encode_f32(uint64_t *out, const float *in,
    size_t count, const secagg_segment *segment, uint32_t suite,
    uint32_t number, const uint8_t seed[SECAGG_SEED_BYTES], uint64_t *clipped)
{
    const source from = { in, NULL };

    SA_TRY(check(segment, count, suite, number, seed));
    if (!sa_fixed_finite_f32(in, count))
        return SECAGG_ERR_VALUE;
    return encode_real(out, &from, count, segment, suite, number, seed,
        clipped);
}

secagg_err secagg_fixed_encode_f64(uint64_t *out, const double *in,
    size_t count, const secagg_segment *segment, uint32_t suite,
    uint32_t number, const uint8_t seed[SECAGG_SEED_BYTES], uint64_t *clipped)
{
    const source from = { NULL, in };

    SA_TRY(check(segment, count, suite, number, seed));
    if (!sa_fixed_finite_f64(in, count))
        return SECAGG_ERR_VALUE;
    return encode_real(out, &from, count, segment, suite, number, seed,
        clipped);
}

/* Sums that nobody can have summed are decoded, too. */
static void decode(double *out, const uint64_t *sum, size_t count,
    const secagg_segment *segment, uint32_t addends)
{
    const sa_fixed_unit unit = sa_fixed_unit_of(segment, addends, false);
    uint64_t all = 0;

    for (size_t i = 0; i < count; i++)
        all |= sum[i];
    if (all >> 52 == 0 && sa_fixed_fits(segment, addends))
        sa_fixed_best()->u64_to_f64(out, sum, count, &unit);
    else
        for (size_t i = 0; i < count; i++)
            out[i] = sa_fixed_decode(sum[i], segment, addends);
}

secagg_err secagg_fixed_decode_f64(double *out, const uint64_t *sum,
    size_t count, const secagg_segment *segment, uint32_t addends)
{
    if (segment->kind != SECAGG_REAL || !sa_fixed_sound(segment))
        return SECAGG_ERR_ARG;
    for (size_t i = 0, n; i < count; i += n) {
        n = count - i < TILE ? count - i : TILE;
        decode(out + i, sum + i, n, segment, addends);
    }
    return SECAGG_OK;
}
