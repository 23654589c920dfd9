/* SPDX-License-Identifier: Apache-2.0 */
#include "server/sum_format.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/ieee.h"
#include "vector/fixed.h"

/* The functions below convert `count` totals of a block, from `from` on. They
 * return false if the type of `out` cannot represent one of the results. */

static bool to_u64(void *out, const sa_sum_block *in, size_t from, size_t count,
    const sa_sum_decoder *d)
{
    uint64_t *to = out, negative = 0;

    for (size_t i = 0; i < count; i++) {
        negative |= in->wide[from + i] < d->shift;
        to[i] = in->wide[from + i] - d->shift;
    }
    return !negative;
}

/* INTEGER sums are centred: the top bit of an entry counts negative. So are
 * totals of reals, which stand for no signed integers. */
static uint64_t sign_bit(const sa_sum_decoder *d)
{
    const uint32_t kind = d->segment->kind;

    return kind == SECAGG_UNSIGNED || kind == SECAGG_SIGNED
        ? 0 : (uint64_t)1 << (d->segment->bits - 1);
}

/* A SIGNED sum fits 64 bits, because the shift W 2^(q-1) is at most 2^63:
 * otherwise W 2^q would be 2^64 + 2^q at least, while it exceeds the greatest
 * total, which is below 2^64 (7.4), by W <= 2^20 only; but then 2^q < 2^20. */
static bool to_i64(void *out, const sa_sum_block *in, size_t from, size_t count,
    const sa_sum_decoder *d)
{
    const uint64_t top = sign_bit(d);
    const bool is_unsigned = d->segment->kind == SECAGG_UNSIGNED;
    uint64_t all = 0;
    int64_t *to = out;

    for (size_t i = 0; i < count; i++) {
        const uint64_t centred = ((in->wide[from + i] ^ top) - top) - d->shift;
        all |= centred;
        memcpy(&to[i], &centred, sizeof centred);
    }
    return !is_unsigned || all >> 63 == 0;
}

static double decode(uint64_t sum, const sa_sum_decoder *d)
{
    return sa_fixed_decode(sum, d->segment, d->weights) / d->divisor;
}

static bool to_f64(void *out, const sa_sum_block *in, size_t from, size_t count,
    const sa_sum_decoder *d)
{
    double *to = out;

    if (d->narrow)
        d->backend->u32_to_f64(to, in->narrow + from, count, &d->unit);
    else if (d->backend != NULL)
        d->backend->u64_to_f64(to, in->wide + from, count, &d->unit);
    else
        for (size_t i = 0; i < count; i++)
            to[i] = decode(in->wide[from + i], d);
    return true;
}

static bool to_f32(void *out, const sa_sum_block *in, size_t from, size_t count,
    const sa_sum_decoder *d)
{
    float *to = out;

    if (d->narrow)
        d->backend->u32_to_f32(to, in->narrow + from, count, &d->unit);
    else if (d->backend != NULL)
        d->backend->u64_to_f32(to, in->wide + from, count, &d->unit);
    else
        for (size_t i = 0; i < count; i++)
            to[i] = (float)decode(in->wide[from + i], d);
    return d->finite || sa_fixed_finite_f32(to, count);
}

static const struct {
    bool (*convert)(void *, const sa_sum_block *, size_t, size_t,
        const sa_sum_decoder *);
    size_t size; /* of an element of `out` */
    bool real, mean;
} formats[] = {
    [SA_SUM_U64] = { to_u64, sizeof(uint64_t), false, false },
    [SA_SUM_I64] = { to_i64, sizeof(int64_t), false, false },
    [SA_SUM_F32] = { to_f32, sizeof(float), true, false },
    [SA_SUM_F64] = { to_f64, sizeof(double), true, false },
    [SA_MEAN_F32] = { to_f32, sizeof(float), true, true },
    [SA_MEAN_F64] = { to_f64, sizeof(double), true, true },
};

/* Returns whether every total is valid. */
static bool is_unbounded(const secagg_segment *s)
{
    return s->kind == SECAGG_INTEGER;
}

size_t sa_sum_size(sa_sum_format format)
{
    return formats[format].size;
}

bool sa_sum_is_real(sa_sum_format format)
{
    return formats[format].real;
}

bool sa_sum_is_mean(sa_sum_format format)
{
    return formats[format].mean;
}

/* The results grow with the distance of a total from that of zeros, which is
 * the same for 0 and the greatest total. */
sa_sum_decoder sa_sum_decoder_of(const secagg_segment *s, uint64_t weights,
    sa_sum_format format)
{
    sa_sum_decoder d = { .segment = s, .format = format, .weights = weights,
        .divisor = 1 };

    d.max_total = is_unbounded(s) ? UINT64_MAX
                                  : weights * sa_fixed_max_entry(s);
    if (s->kind == SECAGG_SIGNED)
        d.shift = weights << (s->value_bits - 1);
    if (!formats[format].real)
        return d;
    if (formats[format].mean)
        d.divisor = (double)weights;
    d.finite = fabs(decode(d.max_total, &d)) <= (double)FLT_MAX;
    if (s->bits <= 52 && sa_fixed_fits(s, weights)) {
        d.backend = sa_fixed_best();
        d.unit = sa_fixed_unit_of(s, weights, formats[format].mean);
        /* The greatest total has no more bits than the modulus (7.4). */
        d.narrow = s->bits <= 32 && d.max_total <= UINT32_MAX;
    }
    return d;
}

bool sa_sum_decoder_fits(const sa_sum_decoder *d, const secagg_segment *s,
    uint64_t weights, sa_sum_format format)
{
    return d->segment != NULL && d->format == format && d->weights == weights
        && sa_fixed_same_encoding(d->segment, s);
}

bool sa_sum_is_possible(const sa_sum_decoder *d, const sa_sum_block *block,
    size_t first, size_t count)
{
    if (d->narrow)
        return !d->backend->over_u32(block->narrow + first, count,
            (uint32_t)d->max_total);
    return is_unbounded(d->segment)
        || !sa_fixed_best()->over_u64(block->wide + first, count,
            d->max_total);
}

bool sa_sum_convert(const sa_sum_decoder *d, void *out,
    const sa_sum_block *block, size_t first, size_t count)
{
    return formats[d->format].convert(out, block, first, count, d);
}
