/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_aggregate.h"

#include <string.h>

#include "core/mem.h"
#include "vector/fixed.h"
#include "vector/planar.h"

/* Bytes of planes to unmask at a time. Each such chunk derives the keys of all
 * masks again, which costs as much as 12 KiB of masks. */
#define CHUNK_BYTES ((uint64_t)1 << 20)

secagg_err sa_aggregate_init(sa_aggregate *aggregate, const sa_params *params)
{
    *aggregate = (sa_aggregate){ .params = params };
    aggregate->planes = sa_alloc((size_t)params->vector, 1);
    aggregate->caches = sa_alloc(params->lanes.count,
        sizeof *aggregate->caches);
    if (aggregate->planes == NULL || aggregate->caches == NULL) {
        sa_free(aggregate->planes);
        sa_free(aggregate->caches);
        *aggregate = (sa_aggregate){ 0 };
        return SECAGG_ERR_MEMORY;
    }
    for (size_t i = 0; i < params->lanes.count; i++)
        sa_sum_cache_init(&aggregate->caches[i]);
    return SECAGG_OK;
}

void sa_aggregate_free(sa_aggregate *aggregate)
{
    const size_t lanes = aggregate->caches != NULL
        ? aggregate->params->lanes.count : 0;

    for (size_t i = 0; i < lanes; i++)
        sa_sum_cache_free(&aggregate->caches[i]);
    sa_free(aggregate->caches);
    sa_free(aggregate->planes);
    secagg_masks_free(aggregate->masks);
    *aggregate = (sa_aggregate){ 0 };
}

secagg_err sa_aggregate_add(sa_aggregate *aggregate, uint64_t first,
    uint64_t blocks, const uint8_t *planes)
{
    const sa_lanes *lanes = &aggregate->params->lanes;

    for (size_t i = 0; i < lanes->count; i++) {
        const sa_lane *l = &lanes->lane[i];
        const sa_lane_range r = sa_lanes_range(l, first, first + blocks);
        uint8_t *sum = aggregate->planes + l->at
            + sa_planar_at(r.offset, l->bits);
        SA_TRY(secagg_planar_add(sum, planes, (size_t)r.count, l->bits));
        planes += sa_planar_bytes(r.count, l->bits);
    }
    return SECAGG_OK;
}

/* ---- formats ------------------------------------------------------------ */

/* How the sums of a segment are converted. A backend converts them to reals if
 * it supports sums of this size. */
typedef struct decoder {
    const secagg_segment *segment;
    uint64_t weights; /* addends of a sum: survivors, or the sum of weights */
    double divisor;   /* 1 for a sum */
    const sa_fixed_backend *backend; /* or NULL */
    sa_fixed_unit unit;
} decoder;

/* The entries of one block; narrow if the backend decodes 32 bits. */
typedef union block {
    uint32_t narrow[SA_BLOCK];
    uint64_t wide[SA_BLOCK];
} block;

static void to_u64(void *out, const block *in, size_t from, size_t count,
    const decoder *d)
{
    (void)d;
    memcpy(out, in->wide + from, count * sizeof *in->wide);
}

/* Centred: the top bit of an entry counts negative (PROTOCOL.md 7.5). */
static void to_i64(void *out, const block *in, size_t from, size_t count,
    const decoder *d)
{
    const uint64_t top = (uint64_t)1 << (d->segment->bits - 1);
    int64_t *to = out;

    for (size_t i = 0; i < count; i++) {
        const uint64_t centred = (in->wide[from + i] ^ top) - top;
        memcpy(&to[i], &centred, sizeof centred);
    }
}

static bool is_narrow(const decoder *d)
{
    return d->backend != NULL && d->segment->bits <= 32;
}

static double decode(uint64_t sum, const decoder *d)
{
    return sa_fixed_decode(sum, d->segment, d->weights) / d->divisor;
}

static void to_f64(void *out, const block *in, size_t from, size_t count,
    const decoder *d)
{
    double *to = out;

    if (is_narrow(d))
        d->backend->u32_to_f64(to, in->narrow + from, count, &d->unit);
    else if (d->backend != NULL)
        d->backend->u64_to_f64(to, in->wide + from, count, &d->unit);
    else
        for (size_t i = 0; i < count; i++)
            to[i] = decode(in->wide[from + i], d);
}

static void to_f32(void *out, const block *in, size_t from, size_t count,
    const decoder *d)
{
    float *to = out;

    if (is_narrow(d))
        d->backend->u32_to_f32(to, in->narrow + from, count, &d->unit);
    else if (d->backend != NULL)
        d->backend->u64_to_f32(to, in->wide + from, count, &d->unit);
    else
        for (size_t i = 0; i < count; i++)
            to[i] = (float)decode(in->wide[from + i], d);
}

static const struct {
    void (*convert)(void *, const block *, size_t, size_t, const decoder *);
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

static decoder decoder_of(const sa_aggregate *aggregate,
    const secagg_segment *s, sa_sum_format format)
{
    decoder d = { .segment = s, .divisor = 1 };

    d.weights = s->kind == SECAGG_WEIGHTED ? aggregate->weight
                                           : aggregate->survivors;
    if (formats[format].mean)
        d.divisor = (double)d.weights;
    if (formats[format].real && s->bits <= 52
        && sa_fixed_fits(s, d.weights)) {
        d.backend = sa_fixed_best();
        d.unit = sa_fixed_unit_of(s, d.weights, formats[format].mean);
    }
    return d;
}

/* ---- reading ------------------------------------------------------------ */

/* A read of one segment, with buffers for one chunk and one block of it.
 * Entries are those of its lane. */
typedef struct reader {
    sa_masked_lane sum;
    sa_sum_cache *cache;
    sa_sum_format format;
    decoder decoder;
    uint8_t *planes;  /* of the chunk, unmasked */
    block block;
} reader;

/* Returns the end of the chunk of a lane that begins at `start` and has the
 * entries up to `end` if it can: whole blocks, or up to the lane's end. */
static uint64_t chunk_end(const sa_lane *lane, uint64_t start, uint64_t end)
{
    const uint64_t max = CHUNK_BYTES / ((uint64_t)SA_PLANE * lane->bits)
        * SA_BLOCK;

    if (end - start > max)
        return start + max;
    end += (SA_BLOCK - end % SA_BLOCK) % SA_BLOCK;
    return end < lane->entries ? end : lane->entries;
}

/* Convert entries [from, to) of the unmasked chunk [start, end), one block
 * after another. */
static secagg_err convert_chunk(reader *r, uint64_t start, uint64_t end,
    uint64_t from, uint64_t to, uint8_t *out)
{
    const uint32_t bits = r->decoder.segment->bits;

    for (uint64_t at = from - from % SA_BLOCK; at < to; at += SA_BLOCK) {
        const size_t length = end - at < SA_BLOCK ? (size_t)(end - at)
                                                  : SA_BLOCK;
        const size_t first = at < from ? (size_t)(from - at) : 0;
        const size_t count = (to - at < length ? (size_t)(to - at) : length)
            - first;
        const uint8_t *planes = r->planes + sa_planar_at(at - start, bits);

        if (is_narrow(&r->decoder))
            SA_TRY(secagg_planar_unpack_u32(r->block.narrow, planes, length,
                bits));
        else
            SA_TRY(secagg_planar_unpack_u64(r->block.wide, planes, length,
                bits));
        formats[r->format].convert(out, &r->block, first, count, &r->decoder);
        out += count * formats[r->format].size;
    }
    return SECAGG_OK;
}

/* Unmask and convert [offset, offset + count), one chunk after another. The
 * buffers are wiped: they have entries that the caller did not ask for. */
static secagg_err read_range(const sa_aggregate *aggregate,
    const secagg_masks *masks, sa_sum_format format, size_t segment,
    uint64_t offset, void *out, size_t count)
{
    const sa_params *params = aggregate->params;
    const secagg_segment *s = &params->segments[segment];
    const sa_lane *lane = sa_params_lane(params, segment);
    reader r = { .sum = { lane, aggregate->planes + lane->at, masks },
        .cache = &aggregate->caches[params->lanes.number[s->bits]],
        .format = format, .decoder = decoder_of(aggregate, s, format) };
    uint64_t from = params->places[segment] + offset;
    const uint64_t to = from + count;
    uint64_t start = from - from % SA_BLOCK;
    uint64_t end = chunk_end(lane, start, to); /* no later chunk is longer */
    uint8_t *at = out;
    secagg_err err = SECAGG_OK;

    r.planes = sa_alloc((size_t)sa_planar_bytes(end - start, s->bits), 1);
    if (r.planes == NULL)
        return SECAGG_ERR_MEMORY;
    while (from < to && err == SECAGG_OK) {
        const uint64_t until = to < end ? to : end;

        err = sa_sum_cache_read(r.cache, &r.sum, start, end, r.planes);
        if (err == SECAGG_OK)
            err = convert_chunk(&r, start, end, from, until, at);
        at += (until - from) * formats[format].size;
        from = start = until;
        end = chunk_end(lane, start, to);
    }
    sa_free(r.planes);
    sa_wipe(&r.block, sizeof r.block);
    return err;
}

secagg_err sa_aggregate_read(const sa_aggregate *aggregate,
    sa_sum_format format, size_t segment, uint64_t offset, void *out,
    size_t count)
{
    const secagg_segment *s;

    if (aggregate->masks == NULL)
        return SECAGG_ERR_STATE;
    if (segment >= aggregate->params->own.segment_count)
        return SECAGG_ERR_ARG;
    s = &aggregate->params->segments[segment];
    if (formats[format].real && s->kind == SECAGG_INTEGER)
        return SECAGG_ERR_ARG;
    if (offset > s->length || count > s->length - offset)
        return SECAGG_ERR_SIZE;
    if (formats[format].mean && s->kind == SECAGG_WEIGHTED
        && aggregate->weight == 0)
        return SECAGG_ERR_VALUE;
    if (count == 0)
        return SECAGG_OK;
    return read_range(aggregate, aggregate->masks, format, segment, offset,
        out, count);
}

secagg_err sa_aggregate_finish(sa_aggregate *aggregate, secagg_masks *masks,
    uint32_t survivors)
{
    const size_t hidden = aggregate->params->count - 1;
    uint64_t weight = 0;

    if (sa_params_weighted(aggregate->params))
        SA_TRY(read_range(aggregate, masks, SA_SUM_U64, hidden, 0,
            &weight, 1));
    aggregate->weight = weight;
    aggregate->survivors = survivors;
    aggregate->masks = masks;
    return SECAGG_OK;
}
