/* SPDX-License-Identifier: Apache-2.0 */
/* Built without contraction of a * b + c: one rounding an operation. */
#include "fixed.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "bits.h"
#include "hash.h"
#include "mem.h"
#include "prg.h"

#if FLT_EVAL_METHOD < 0 || FLT_EVAL_METHOD > 1
#error "doubles are to be rounded to double after each operation"
#endif

#define WORD 4
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
    sa_public(&bad, sizeof bad);
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
    sa_public(&bad, sizeof bad);
    return bad == 0;
}

/* ---- encoding (PROTOCOL.md 7.1 to 7.3) ---------------------------------- */

typedef struct scale {
    double clip, step, top; /* C, N / (C + C), N */
    uint64_t weight;
} scale;

/* a where take, else b, without a branch: a compiler makes one of ?: where it
 * sees fit. */
static double pick(bool take, double a, double b)
{
    const uint64_t mask = 0 - sa_barrier((uint64_t)take);
    uint64_t x, y;

    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    x = (x & mask) | (y & ~mask);
    memcpy(&a, &x, sizeof a);
    return a;
}

/* One value: z of [0, N], its floor, and 1 more where the fraction says so. */
static uint64_t quantise(double x, const scale *s, uint64_t word, bool nearest,
    uint64_t *clipped)
{
    double kept = pick(x < -s->clip, -s->clip, x), z, part;
    uint64_t whole, up;

    kept = pick(kept > s->clip, s->clip, kept);
    *clipped += sa_barrier((uint64_t)(x < -s->clip))
        + sa_barrier((uint64_t)(x > s->clip));
    z = (kept + s->clip) * s->step;
    z = pick(z > s->top, s->top, z);
    whole = (uint64_t)(int64_t)z; /* z >= 0: floor */
    part = z - (double)(int64_t)whole;
    up = nearest ? (uint64_t)(part >= 0.5)
                 : (uint64_t)((int64_t)word < (int64_t)(part * 4294967296.0));
    return (whole + up) * s->weight;
}

void sa_fixed_encode(uint64_t *out, const double *in, size_t count,
    const secagg_segment *segment, const uint8_t *words, uint64_t weight,
    uint64_t *clipped)
{
    const double top = (double)(((uint64_t)1 << segment->value_bits) - 1);
    const scale s = { segment->clip, top / (segment->clip + segment->clip),
        top, weight };

    if (words == NULL)
        for (size_t i = 0; i < count; i++)
            out[i] = quantise(in[i], &s, 0, true, clipped);
    else
        for (size_t i = 0; i < count; i++)
            out[i] = quantise(in[i], &s, sa_get_le32(words + WORD * i), false,
                clipped);
}

secagg_err sa_fixed_key(uint8_t *key, uint32_t suite, uint32_t number,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    uint8_t context[5];

    sa_put_be32(context, number);
    context[4] = 32;
    return sa_expand(key, sa_prg_key_bytes(suite), seed, "round", context,
        sizeof context);
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

/* ---- REAL segments on their own ----------------------------------------- */

/* Values of either width. */
typedef struct source {
    const float *narrow;
    const double *wide;
} source;

static secagg_err encode(uint64_t *out, const source *in, size_t count,
    const secagg_segment *segment, sa_prg *prg, uint64_t *clipped)
{
    double values[TILE];
    uint8_t words[WORD * TILE];
    secagg_err err = SECAGG_OK;

    for (size_t i = 0, n; i < count && err == SECAGG_OK; i += n) {
        n = count - i < TILE ? count - i : TILE;
        for (size_t j = 0; j < n; j++)
            values[j] = in->narrow != NULL ? (double)in->narrow[i + j]
                                           : in->wide[i + j];
        if (prg != NULL)
            err = sa_prg_read(prg, WORD * (uint64_t)i, words, WORD * n);
        if (err == SECAGG_OK)
            sa_fixed_encode(out + i, values, n, segment,
                prg != NULL ? words : NULL, 1, clipped);
    }
    sa_wipe(values, sizeof values);
    sa_wipe(words, sizeof words);
    return err;
}

static secagg_err start(sa_prg **prg, uint32_t suite, uint32_t number,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    uint8_t key[SA_PRG_KEY_MAX];
    secagg_err err;

    SA_TRY(sa_prg_new(prg, suite));
    err = sa_fixed_key(key, suite, number, seed);
    if (err == SECAGG_OK)
        err = sa_prg_key(*prg, key);
    sa_wipe(key, sizeof key);
    return err;
}

static secagg_err encode_real(uint64_t *out, const source *in, size_t count,
    const secagg_segment *segment, uint32_t suite, uint32_t number,
    const uint8_t *seed, uint64_t *clipped)
{
    const bool draws = segment->rounding == SECAGG_STOCHASTIC;
    sa_prg *prg = NULL;
    uint64_t beyond = 0;
    secagg_err err = SECAGG_OK;

    if (draws)
        err = start(&prg, suite, number, seed);
    if (err == SECAGG_OK)
        err = encode(out, in, count, segment, prg, &beyond);
    sa_prg_free(prg);
    if (err == SECAGG_OK && clipped != NULL)
        *clipped = beyond;
    return err;
}

static secagg_err check(const secagg_segment *segment, size_t count,
    uint32_t suite, uint32_t number, const uint8_t *seed)
{
    if (segment->kind != SECAGG_REAL || !sa_fixed_sound(segment)
        || sa_prg_key_bytes(suite) == 0 || number > 65535
        || (segment->rounding == SECAGG_STOCHASTIC && seed == NULL))
        return SECAGG_ERR_ARG;
    return segment->rounding == SECAGG_STOCHASTIC
            && (uint64_t)count > (uint64_t)1 << 34
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

secagg_err secagg_fixed_decode_f64(double *out, const uint64_t *sum,
    size_t count, const secagg_segment *segment, uint32_t addends)
{
    if (segment->kind != SECAGG_REAL || !sa_fixed_sound(segment))
        return SECAGG_ERR_ARG;
    for (size_t i = 0; i < count; i++)
        out[i] = sa_fixed_decode(sum[i], segment, addends);
    return SECAGG_OK;
}
