/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_aggregate.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/fp_env.h"
#include "core/mem.h"
#include "core/reason.h"
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

/* How the totals of a segment are checked and converted. A backend converts
 * them to reals if it supports totals of this size. */
typedef struct decoder {
    const secagg_segment *segment;
    uint64_t weights;   /* W: survivors, or the sum of weights */
    uint64_t max_total; /* the greatest that inputs can have */
    uint64_t shift;     /* W times what an entry adds to a SIGNED value */
    double divisor;     /* 1 for a sum */
    bool finite;        /* every result is a finite float */
    const sa_fixed_backend *backend; /* or NULL */
    sa_fixed_unit unit;
} decoder;

/* The entries of one block; narrow if the backend decodes 32 bits. */
typedef union block {
    uint32_t narrow[SA_BLOCK];
    uint64_t wide[SA_BLOCK];
} block;

/* The functions below convert `count` totals of a block, from `from` on. They
 * return false if the type of `out` cannot represent one of the results. */

static bool to_u64(void *out, const block *in, size_t from, size_t count,
    const decoder *d)
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
static uint64_t sign_bit(const decoder *d)
{
    const uint32_t kind = d->segment->kind;

    return kind == SECAGG_UNSIGNED || kind == SECAGG_SIGNED
        ? 0 : (uint64_t)1 << (d->segment->bits - 1);
}

/* A SIGNED sum fits 64 bits, because the shift W 2^(q-1) is at most 2^63:
 * otherwise W 2^q would be 2^64 + 2^q at least, while it exceeds the greatest
 * total, which is below 2^64 (7.4), by W <= 2^20 only; but then 2^q < 2^20. */
static bool to_i64(void *out, const block *in, size_t from, size_t count,
    const decoder *d)
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

/* The greatest total has no more bits than the modulus (7.4). */
static bool is_narrow(const decoder *d)
{
    return d->backend != NULL && d->segment->bits <= 32
        && d->max_total <= UINT32_MAX;
}

static double decode(uint64_t sum, const decoder *d)
{
    return sa_fixed_decode(sum, d->segment, d->weights) / d->divisor;
}

static bool to_f64(void *out, const block *in, size_t from, size_t count,
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
    return true;
}

static bool to_f32(void *out, const block *in, size_t from, size_t count,
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
    return d->finite || sa_fixed_finite_f32(to, count);
}

static const struct {
    bool (*convert)(void *, const block *, size_t, size_t, const decoder *);
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

/* The results grow with the distance of a total from that of zeros, which is
 * the same for 0 and the greatest total. */
static decoder decoder_of(const sa_aggregate *aggregate,
    const secagg_segment *s, sa_sum_format format)
{
    decoder d = { .segment = s, .divisor = 1 };

    d.weights = s->kind == SECAGG_WEIGHTED ? aggregate->weight
                                           : aggregate->survivors;
    d.max_total = is_unbounded(s) ? UINT64_MAX
                                  : d.weights * sa_fixed_max_entry(s);
    if (s->kind == SECAGG_SIGNED)
        d.shift = d.weights << (s->value_bits - 1);
    if (!formats[format].real)
        return d;
    if (formats[format].mean)
        d.divisor = (double)d.weights;
    d.finite = fabs(decode(d.max_total, &d)) <= (double)FLT_MAX;
    if (s->bits <= 52 && sa_fixed_fits(s, d.weights)) {
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
    size_t segment;
    uint64_t place;   /* the entry at which the segment begins */
    char *reason;
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

static secagg_err unpack_block(reader *r, const uint8_t *planes,
    size_t length)
{
    const uint32_t bits = r->decoder.segment->bits;

    return is_narrow(&r->decoder)
        ? secagg_planar_unpack_u32(r->block.narrow, planes, length, bits)
        : secagg_planar_unpack_u64(r->block.wide, planes, length, bits);
}

/* Returns whether inputs can have `count` totals of a block, from `first` on
 * (PROTOCOL.md 7.5). */
static bool is_possible(const reader *r, size_t first, size_t count)
{
    const decoder *d = &r->decoder;

    if (is_narrow(d))
        return !d->backend->over_u32(r->block.narrow + first, count,
            (uint32_t)d->max_total);
    return is_unbounded(d->segment)
        || !sa_fixed_best()->over_u64(r->block.wide + first, count,
            d->max_total);
}

/* Check and convert totals of a block that begins at entry `at` of the lane.
 * A refused total is named by its entry in the segment. */
static secagg_err convert_block(reader *r, uint64_t at, size_t first,
    size_t count, uint8_t *out)
{
    const uint64_t entry = at + first - r->place;
    size_t k = 0;

    if (!is_possible(r, first, count)) {
        while (is_possible(r, first + k, 1))
            k++;
        sa_reason_set(r->reason, "segment %zu: no inputs have the sum of entry "
            "%" PRIu64 ": a client has cheated", r->segment, entry + k);
        return SECAGG_ERR_VALUE;
    }
    if (formats[r->format].convert(out, &r->block, first, count, &r->decoder))
        return SECAGG_OK;
    while (formats[r->format].convert(out, &r->block, first + k, 1,
        &r->decoder))
        k++;
    sa_reason_set(r->reason, "segment %zu: the type of the output cannot "
        "represent the sum of entry %" PRIu64, r->segment, entry + k);
    return SECAGG_ERR_VALUE;
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

        SA_TRY(unpack_block(r, r->planes + sa_planar_at(at - start, bits),
            length));
        SA_TRY(convert_block(r, at, first, count, out));
        out += count * formats[r->format].size;
    }
    return SECAGG_OK;
}

/* Unmask, check and convert [offset, offset + count), one chunk after another.
 * The buffers are wiped: they have entries that the caller did not ask for. If
 * the result is SECAGG_ERR_VALUE, no entry is given out: `out` is zeros. */
SA_FP_BODY static secagg_err read_range(const sa_aggregate *aggregate,
    const secagg_masks *masks, sa_sum_format format, size_t segment,
    uint64_t offset, void *out, size_t count, char *reason)
{
    const sa_params *params = aggregate->params;
    const secagg_segment *s = &params->segments[segment];
    const sa_lane *lane = sa_params_lane(params, segment);
    reader r = { .sum = { lane, aggregate->planes + lane->at, masks },
        .cache = &aggregate->caches[params->lanes.number[s->bits]],
        .format = format, .decoder = decoder_of(aggregate, s, format),
        .segment = segment, .place = params->places[segment],
        .reason = reason };
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
    if (err == SECAGG_ERR_VALUE)
        memset(out, 0, count * formats[format].size);
    return err;
}

static secagg_err check_range(const sa_params *params, sa_sum_format format,
    size_t segment, uint64_t offset, size_t count, char *reason)
{
    const size_t segments = params->own.segment_count;
    const secagg_segment *s;

    SA_REQUIRE(segment < segments, SECAGG_ERR_ARG, reason,
        "there is no segment %zu: the session has %zu segments", segment,
        segments);
    s = &params->segments[segment];
    SA_REQUIRE(!formats[format].real || sa_fixed_is_real(s), SECAGG_ERR_ARG,
        reason, "segment %zu has integers, not reals", segment);
    SA_REQUIRE(offset <= s->length && count <= s->length - offset,
        SECAGG_ERR_SIZE, reason, "segment %zu has %" PRIu64 " entries: %zu "
        "from entry %" PRIu64 " on extend beyond it", segment, s->length,
        count, offset);
    return SECAGG_OK;
}

static secagg_err check_weights(const sa_aggregate *aggregate,
    sa_sum_format format, size_t segment, char *reason)
{
    if (aggregate->params->segments[segment].kind != SECAGG_WEIGHTED)
        return SECAGG_OK;
    SA_REQUIRE(!aggregate->bad_weight, SECAGG_ERR_VALUE, reason, "segment %zu: "
        "no weights of %" PRIu32 " survivors have this sum: a client has "
        "cheated", segment, aggregate->survivors);
    SA_REQUIRE(!formats[format].mean || aggregate->weight != 0,
        SECAGG_ERR_VALUE, reason, "segment %zu has no mean: the sum of the "
        "weights is 0", segment);
    return SECAGG_OK;
}

secagg_err sa_aggregate_read(const sa_aggregate *aggregate,
    sa_sum_format format, size_t segment, uint64_t offset, void *out,
    size_t count, char *reason)
{
    secagg_err err;
    sa_fp_env host;

    SA_REQUIRE(aggregate->masks != NULL, SECAGG_ERR_STATE, reason,
        "the session has no sum");
    SA_TRY(check_range(aggregate->params, format, segment, offset, count,
        reason));
    SA_TRY(check_weights(aggregate, format, segment, reason));
    if (count == 0)
        return SECAGG_OK;
    err = sa_fp_enter(&host);
    SA_REQUIRE(err == SECAGG_OK, err, reason,
        "the floating-point environment cannot be set");
    err = read_range(aggregate, aggregate->masks, format, segment, offset, out,
        count, reason);
    sa_fp_leave(&host);
    return err;
}

/* Returns whether no weights of the survivors have this sum (7.5). */
static bool is_bad_weight(const secagg_params *own, uint64_t weight,
    uint64_t survivors)
{
    return weight < survivors * own->min_weight
        || weight > survivors * own->max_weight;
}

secagg_err sa_aggregate_finish(sa_aggregate *aggregate, secagg_masks *masks,
    uint32_t survivors)
{
    const size_t hidden = aggregate->params->count - 1;
    uint64_t weight = 0;

    if (sa_params_weighted(aggregate->params))
        SA_TRY(read_range(aggregate, masks, SA_SUM_U64, hidden, 0,
            &weight, 1, NULL));
    aggregate->bad_weight = is_bad_weight(&aggregate->params->own, weight,
        survivors);
    aggregate->weight = aggregate->bad_weight ? 0 : weight;
    aggregate->survivors = survivors;
    aggregate->masks = masks;
    return SECAGG_OK;
}
