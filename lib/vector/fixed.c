/* SPDX-License-Identifier: Apache-2.0 */
/* Constants and parameter checks of the fixed-point encoding, and exact
 * decoding for totals and weights that the backends cannot process. Must be
 * compiled without contraction of a * b + c, so that each operation is rounded
 * once. */
#include "vector/fixed.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/fp_env.h"
#include "core/mem.h"
#include "crypto/suite.h"
#include "vector/rounding.h"

#define DECODE_CHUNK 512 /* totals that are decoded in one go */

bool sa_fixed_sound(const secagg_segment *s)
{
    return s->value_bits >= 2 && s->value_bits <= 32
        && s->rounding <= SECAGG_NEAREST
        && s->clip >= ldexp(1.0, -500) && s->clip <= ldexp(1.0, 500);
}

/* A value is finite if its exponent is not all ones: then adding 1 to the
 * exponent does not carry into the sign bit of the sum. Only the verdict is
 * public. */
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
    static const sa_fixed_backend *const backends[] = {
        [SA_CPU_BASE] = &sa_fixed_portable,
        [SA_CPU_NEON] = &sa_fixed_portable,
        [SA_CPU_AVX2] = &sa_fixed_avx2,
        [SA_CPU_AVX512] = &sa_fixed_avx512,
    };
    const sa_fixed_backend *best = backends[sa_cpu_best()];

    return best->f32_to_u32 != NULL ? best : &sa_fixed_portable;
}

/* Returns the largest float that is not above x > 0. */
static float float_below(double x)
{
    float f = x < FLT_MAX ? (float)x : FLT_MAX;
    return (double)f > x ? nextafterf(f, 0) : f;
}

static uint64_t zero_of(const secagg_segment *s)
{
    return ((uint64_t)1 << (s->value_bits - 1)) - 1;
}

sa_fixed_scale sa_fixed_scale_of(const secagg_segment *s, uint64_t weight)
{
    const double zero = (double)zero_of(s), scale = zero / s->clip;
    const double top = s->clip * scale; /* scaled for a magnitude of clip */
    const float max_float = float_below(s->clip);

    return (sa_fixed_scale){ s->clip, 0x1p32 * scale,
        0x1p32 * (top > zero ? zero : top), zero, max_float,
        (double)max_float >= s->clip && top <= zero, weight };
}

/* ---- decoding (PROTOCOL.md 7.5) ----------------------------------------- */

/* Returns the 128-bit integer high:low as the nearest double, ties to even. A
 * number of more than 64 bits is shifted right first; the lowest bit collects
 * the bits that are lost (sticky bit), so that the number is rounded only once,
 * by the conversion. */
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

/* Compute centred = total - W zero exactly, as a sign and two words of 64
 * bits: W zero < 2^95. */
double sa_fixed_decode(uint64_t total, const secagg_segment *segment,
    uint64_t weights)
{
    const uint64_t zero = zero_of(segment);
    const uint64_t w_high = weights >> 32, w_low = weights & 0xffffffff;
    uint64_t minus_low = w_low * zero, minus_high = w_high * zero;
    uint64_t low, high, negative;

    minus_low += minus_high << 32;
    minus_high = (minus_high >> 32) + (minus_low < minus_high << 32);
    low = total - minus_low;
    high = 0 - minus_high - (total < minus_low);
    negative = high >> 63;
    low = (low ^ (0 - negative)) + negative;
    high = (high ^ (0 - negative)) + (negative & (low == 0));
    return (negative ? -to_double(high, low) : to_double(high, low))
        * (segment->clip / (double)zero);
}

sa_fixed_unit sa_fixed_unit_of(const secagg_segment *s, uint64_t weights,
    bool mean)
{
    const double zero = (double)zero_of(s);
    const double w = (double)weights, step = s->clip / zero;
    const double factor = mean ? step / w : step;
    sa_fixed_unit u = { w * zero, step, w, mean ? 1 / w : 0, mean, false, 0, 0,
        0 };

    u.fits_float = s->bits >= 1 && s->bits <= 24 && w * zero <= 0x1p24
        && factor >= 0x1p-60 && factor <= 0x1p60;
    if (u.fits_float) {
        u.zeros = (uint32_t)(w * zero);
        u.factor_high = (float)factor;
        u.factor_low = (float)(factor - (double)u.factor_high);
    }
    return u;
}

/* midpoint = W zero must be exact and below 2^52. W is below 2^32 and zero
 * below 2^31, so that their product does not overflow. */
bool sa_fixed_fits(const secagg_segment *s, uint64_t weights)
{
    return weights >> 32 == 0 && weights * zero_of(s) >> 52 == 0;
}

uint64_t sa_fixed_max_entry(const secagg_segment *s)
{
    const uint64_t all = ((uint64_t)1 << s->value_bits) - 1;
    return sa_fixed_is_real(s) ? all - 1 : all;
}

/* ---- public functions: REAL segments without a session ------------------ */

SA_FP_BODY static uint64_t encode_chunk(uint64_t *out, const double *in,
    size_t count, const secagg_segment *segment, const uint8_t *rnd,
    uint64_t weight)
{
    const sa_fixed_scale s = sa_fixed_scale_of(segment, weight);
    return sa_fixed_best()->f64_to_u64(out, in, count, &s, rnd);
}

secagg_err sa_fixed_encode(uint64_t *out, const double *in, size_t count,
    const secagg_segment *segment, const uint8_t *rnd, uint64_t weight,
    uint64_t *clipped)
{
    sa_fp_env host;

    SA_TRY(sa_fp_enter(&host));
    *clipped += encode_chunk(out, in, count, segment, rnd, weight);
    sa_fp_leave(&host);
    return SECAGG_OK;
}

/* Values as floats or as doubles; the other pointer is NULL. */
typedef struct source {
    const float *floats;
    const double *doubles;
} source;

/* Encode with stochastic rounding, or with nearest rounding if `rounding` is
 * NULL. Adds to *clipped. */
SA_FP_BODY static secagg_err encode(uint64_t *out, const source *in,
    size_t count,
    const secagg_segment *segment, sa_rounding *rounding, uint64_t *clipped)
{
    const sa_fixed_scale s = sa_fixed_scale_of(segment, 1);
    const sa_fixed_backend *backend = sa_fixed_best();
    const uint8_t *rnd = NULL;

    for (size_t i = 0, n; i < count; i += n) {
        n = count - i < SA_ROUNDING_CHUNK ? count - i : SA_ROUNDING_CHUNK;
        if (rounding != NULL)
            SA_TRY(sa_rounding_draw(rounding, i, &rnd));
        *clipped += in->floats != NULL
            ? backend->f32_to_u64(out + i, in->floats + i, n, &s, rnd)
            : backend->f64_to_u64(out + i, in->doubles + i, n, &s, rnd);
    }
    return SECAGG_OK;
}

static secagg_err encode_real(uint64_t *out, const source *in, size_t count,
    const secagg_segment *segment, sa_cipher cipher, uint32_t bits,
    const uint8_t *seed, uint64_t *clipped)
{
    sa_rounding *rounding = NULL;
    uint64_t clips = 0;
    secagg_err err;
    sa_fp_env host;

    if (segment->rounding == SECAGG_STOCHASTIC)
        SA_TRY(sa_rounding_new(&rounding, cipher, bits, seed));
    err = sa_fp_enter(&host);
    if (err == SECAGG_OK) {
        err = encode(out, in, count, segment, rounding, &clips);
        sa_fp_leave(&host);
    }
    sa_rounding_free(rounding);
    if (err == SECAGG_OK && clipped != NULL)
        *clipped = clips;
    return err;
}

/* Check the arguments of an encoding and set the cipher of the suite. */
static secagg_err check_arguments(sa_cipher *cipher,
    const secagg_segment *segment, size_t count, uint32_t suite,
    uint32_t bits, const uint8_t *seed)
{
    const uint64_t draws = count;
    char reason[SA_PROVIDER_REASON]; /* no caller reads it */

    if (segment->kind != SECAGG_REAL || !sa_fixed_sound(segment)
        || sa_suite_cipher(cipher, suite) != SECAGG_OK || bits == 0 || bits > 64
        || (segment->rounding == SECAGG_STOCHASTIC && seed == NULL))
        return SECAGG_ERR_ARG;
    if (segment->rounding != SECAGG_STOCHASTIC)
        return SECAGG_OK;
    return draws > (uint64_t)1 << 34 ? SECAGG_ERR_SIZE
                                     : sa_suite_check(suite, reason);
}

secagg_err secagg_fixed_encode_f32(uint64_t *out, const float *in,
    size_t count, const secagg_segment *segment, uint32_t suite,
    uint32_t bits, const uint8_t seed[SECAGG_SEED_BYTES], uint64_t *clipped)
{
    const source from = { in, NULL };
    sa_cipher cipher;

    SA_TRY(check_arguments(&cipher, segment, count, suite, bits, seed));
    if (!sa_fixed_finite_f32(in, count))
        return SECAGG_ERR_VALUE;
    return encode_real(out, &from, count, segment, cipher, bits, seed,
        clipped);
}

secagg_err secagg_fixed_encode_f64(uint64_t *out, const double *in,
    size_t count, const secagg_segment *segment, uint32_t suite,
    uint32_t bits, const uint8_t seed[SECAGG_SEED_BYTES], uint64_t *clipped)
{
    const source from = { NULL, in };
    sa_cipher cipher;

    SA_TRY(check_arguments(&cipher, segment, count, suite, bits, seed));
    if (!sa_fixed_finite_f64(in, count))
        return SECAGG_ERR_VALUE;
    return encode_real(out, &from, count, segment, cipher, bits, seed,
        clipped);
}

/* Decode a chunk with a backend if all totals are in its range, else one by
 * one. */
static void decode_chunk(double *out, const uint64_t *sum, size_t count,
    const secagg_segment *segment, uint32_t addends)
{
    const sa_fixed_unit unit = sa_fixed_unit_of(segment, addends, false);
    uint64_t all_bits = 0;

    for (size_t i = 0; i < count; i++)
        all_bits |= sum[i];
    if (all_bits >> 52 == 0 && sa_fixed_fits(segment, addends))
        sa_fixed_best()->u64_to_f64(out, sum, count, &unit);
    else
        for (size_t i = 0; i < count; i++)
            out[i] = sa_fixed_decode(sum[i], segment, addends);
}

/* Check and decode. If a total is over the maximum, all of `out` is zeros. */
SA_FP_BODY static secagg_err decode(double *out, const uint64_t *sum,
    size_t count, const secagg_segment *segment, uint32_t addends)
{
    const uint64_t max = addends * sa_fixed_max_entry(segment);

    for (size_t i = 0, n; i < count; i += n) {
        n = count - i < DECODE_CHUNK ? count - i : DECODE_CHUNK;
        if (sa_fixed_best()->over_u64(sum + i, n, max)) {
            memset(out, 0, count * sizeof *out);
            return SECAGG_ERR_VALUE;
        }
        decode_chunk(out + i, sum + i, n, segment, addends);
    }
    return SECAGG_OK;
}

secagg_err secagg_fixed_decode_f64(double *out, const uint64_t *sum,
    size_t count, const secagg_segment *segment, uint32_t addends)
{
    secagg_err err;
    sa_fp_env host;

    if (segment->kind != SECAGG_REAL || !sa_fixed_sound(segment))
        return SECAGG_ERR_ARG;
    SA_TRY(sa_fp_enter(&host));
    err = decode(out, sum, count, segment, addends);
    sa_fp_leave(&host);
    return err;
}
