/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_aggregate.h"

#include <inttypes.h>
#include <string.h>

#include "core/fp_env.h"
#include "core/mem.h"
#include "core/reason.h"
#include "vector/fixed.h"
#include "vector/planar.h"

/* Bytes of planes to unmask at a time. Each such chunk derives the keys of all
 * masks again, which costs as much as 12 KiB of masks. */
#define CHUNK_BYTES ((uint32_t)1 << 20)

secagg_err sa_aggregate_init(sa_aggregate *aggregate, const sa_params *params)
{
    *aggregate = (sa_aggregate){ .params = params };
    aggregate->planes = sa_alloc((size_t)params->vector, 1);
    aggregate->reads = sa_alloc(params->lanes.count,
        sizeof *aggregate->reads);
    if (aggregate->planes == NULL || aggregate->reads == NULL) {
        sa_free(aggregate->planes);
        sa_free(aggregate->reads);
        *aggregate = (sa_aggregate){ 0 };
        return SECAGG_ERR_MEMORY;
    }
    for (size_t i = 0; i < params->lanes.count; i++)
        sa_sum_cache_init(&aggregate->reads[i].cache);
    return SECAGG_OK;
}

void sa_aggregate_free(sa_aggregate *aggregate)
{
    const size_t lanes = aggregate->reads != NULL
        ? aggregate->params->lanes.count : 0;

    for (size_t i = 0; i < lanes; i++)
        sa_sum_cache_free(&aggregate->reads[i].cache);
    sa_free(aggregate->reads);
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

/* ---- reading ------------------------------------------------------------ */

/* A result of any type. */
typedef union result {
    int64_t i64;
    uint64_t u64;
    float f32;
    double f64;
} result;

/* A read of one segment. Entries are those of its lane. */
typedef struct reader {
    sa_masked_lane sum;
    sa_sum_format format;
    uint64_t weights; /* of the segment: W */
    const sa_sum_decoder *decoder; /* for these */
    uint8_t *out;     /* where the next result goes */
    ptrdiff_t stride; /* bytes from one result to the next */
    bool packed;      /* results lie next to each other, and are aligned */
    const secagg_segment *segment;
    size_t number;    /* of the segment */
    uint64_t place;   /* the entry at which the segment begins */
    char *reason;
} reader;

/* Convert entries that were checked, and write the results to their places. */
static bool convert_apart(reader *r, const sa_sum_block *block, size_t first,
    size_t count)
{
    const size_t size = sa_sum_size(r->format);
    result results[SA_BLOCK];
    const bool done = sa_sum_convert(r->decoder, results, block, first, count);

    for (size_t i = 0; done && i < count; i++, r->out += r->stride)
        memcpy(r->out, (const uint8_t *)results + size * i, size);
    sa_wipe(results, size * count);
    return done;
}

static bool convert_packed(reader *r, const sa_sum_block *block, size_t first,
    size_t count)
{
    const bool done = sa_sum_convert(r->decoder, r->out, block, first, count);

    r->out += count * sa_sum_size(r->format);
    return done;
}

/* Name the first total that no inputs have, or else the first one that the type
 * of the results cannot represent. There is one of `count` from entry `from` of
 * the lane on. */
static void explain(const reader *r, const sa_sum_block *block, uint64_t from,
    size_t count)
{
    const size_t first = (size_t)(from % SA_BLOCK);
    const bool possible = sa_sum_is_possible(r->decoder, block, first, count);
    size_t k = 0;
    result one;

    while (possible ? sa_sum_convert(r->decoder, &one, block, first + k, 1)
                    : sa_sum_is_possible(r->decoder, block, first + k, 1))
        k++;
    sa_reason_set(r->reason, possible
        ? "segment %zu: the type of the output cannot represent the sum of "
          "entry %" PRIu64
        : "segment %zu: no inputs have the sum of entry %" PRIu64 ": a client "
          "has cheated", r->number, from - r->place + k);
}

/* Check and convert `count` entries of a block, from entry `from` of the lane
 * on. A refused total is named by its entry in the segment. */
static secagg_err convert(reader *r, const sa_sum_block *block, uint64_t from,
    size_t count)
{
    const size_t first = (size_t)(from % SA_BLOCK);

    if (sa_sum_is_possible(r->decoder, block, first, count)
        && (r->packed ? convert_packed : convert_apart)(r, block, first,
            count))
        return SECAGG_OK;
    explain(r, block, from, count);
    return SECAGG_ERR_VALUE;
}

/* Returns the end of the chunk of a lane that begins at `start` and has the
 * entries up to `end` if it can: whole blocks, or up to the lane's end. */
static uint64_t chunk_end(const sa_lane *lane, uint64_t start, uint64_t end)
{
    const uint64_t max = CHUNK_BYTES / (SA_PLANE * lane->bits) * SA_BLOCK;

    if (end - start > max)
        return start + max;
    end += (SA_BLOCK - end % SA_BLOCK) % SA_BLOCK;
    return end < lane->entries ? end : lane->entries;
}

/* Returns how many entries of [from, to) the block of `from` has. */
static size_t in_block(uint64_t from, uint64_t to)
{
    const size_t rest = SA_BLOCK - (size_t)(from % SA_BLOCK);

    return to - from < rest ? (size_t)(to - from) : rest;
}

/* Read [from, to) by way of the cache, which has these entries. */
static secagg_err read_cached(reader *r, sa_sum_cache *cache, uint64_t from,
    uint64_t to)
{
    for (size_t n; from < to; from += n) {
        const size_t first = (size_t)(from % SA_BLOCK);
        const sa_sum_block *block;
        n = in_block(from, to);
        SA_TRY(sa_sum_cache_block(cache, &r->sum, from - first,
            r->decoder->narrow, &block));
        SA_TRY(convert(r, block, from, n));
    }
    return SECAGG_OK;
}

/* Read [from, to) of the unmasked planes of a chunk, which begins with the
 * block of `from`. */
static secagg_err read_chunk(reader *r, const uint8_t *planes, uint64_t from,
    uint64_t to)
{
    const uint64_t start = from - from % SA_BLOCK;
    secagg_err err = SECAGG_OK;
    sa_sum_block block;

    for (size_t n; from < to && err == SECAGG_OK; from += n) {
        const size_t first = (size_t)(from % SA_BLOCK);
        n = in_block(from, to);
        err = sa_sum_unpack(&r->sum, from - first, planes
            + sa_planar_at(from - first - start, r->sum.lane->bits),
            r->decoder->narrow, &block);
        if (err == SECAGG_OK)
            err = convert(r, &block, from, n);
    }
    sa_wipe(&block, sizeof block);
    return err;
}

/* Read [from, to), one chunk after another. The buffer is wiped: it has entries
 * that the caller did not ask for. */
static secagg_err read_chunks(reader *r, uint64_t from, uint64_t to)
{
    const sa_sum_decoder decoder = sa_sum_decoder_of(r->segment, r->weights,
        r->format);
    const sa_lane *lane = r->sum.lane;
    uint64_t start = from - from % SA_BLOCK;
    uint64_t end = chunk_end(lane, start, to); /* no later chunk is longer */
    uint8_t *planes = sa_alloc(
        (size_t)sa_planar_bytes(end - start, lane->bits), 1);
    secagg_err err = SECAGG_OK;

    if (planes == NULL)
        return SECAGG_ERR_MEMORY;
    r->decoder = &decoder;
    while (from < to && err == SECAGG_OK) {
        const uint64_t until = to < end ? to : end;
        err = sa_sum_unmask(&r->sum, start, end, planes);
        if (err == SECAGG_OK)
            err = read_chunk(r, planes, from, until);
        from = start = until;
        end = chunk_end(lane, start, to);
    }
    sa_free(planes);
    return err;
}

/* Use the decoder of the last read, if it is the same one. The tensors of a
 * model often have the same. */
static void set_decoder(reader *r, sa_sum_decoder *last)
{
    if (!sa_sum_decoder_fits(last, r->segment, r->weights, r->format))
        *last = sa_sum_decoder_of(r->segment, r->weights, r->format);
    r->decoder = last;
}

/* Read [from, to) with the cache, if the range is short and no other thread has
 * the cache. */
static secagg_err read_entries(reader *r, sa_lane_reads *reads, uint64_t from,
    uint64_t to)
{
    const uint64_t start = from - from % SA_BLOCK;
    const uint64_t end = chunk_end(r->sum.lane, start, to);
    sa_sum_cache *cache = &reads->cache;
    secagg_err err;

    if (to > end || !sa_sum_cache_take(cache, &r->sum, start, end))
        return read_chunks(r, from, to);
    set_decoder(r, &reads->decoder);
    err = sa_sum_cache_load(cache, &r->sum, start, end);
    if (err == SECAGG_OK)
        err = read_cached(r, cache, from, to);
    sa_sum_cache_give(cache);
    return err == SECAGG_ERR_MEMORY ? read_chunks(r, from, to) : err;
}

/* Unmask, check and convert entries of a segment from `offset` on. If the
 * result is SECAGG_ERR_VALUE, no entry is given out: all results are zeros. */
SA_FP_BODY static secagg_err read_range(const sa_aggregate *aggregate,
    const secagg_masks *masks, sa_sum_format format, size_t segment,
    uint64_t offset, const sa_results *out, char *reason)
{
    static const uint8_t zero[sizeof(uint64_t)];
    const sa_params *params = aggregate->params;
    const secagg_segment *s = &params->segments[segment];
    const sa_lane *lane = sa_params_lane(params, segment);
    const uint64_t place = params->places[segment], from = place + offset;
    const uint64_t weights = s->kind == SECAGG_WEIGHTED
        ? aggregate->weight : aggregate->survivors;
    const size_t size = sa_sum_size(format);
    const bool aligned = (uintptr_t)out->first % size == 0;
    reader r = { { lane, aggregate->planes + lane->at, masks }, format,
        weights, NULL, out->first, out->stride,
        aligned && out->stride == (ptrdiff_t)size, s, segment, place, reason };
    const secagg_err err = read_entries(&r,
        &aggregate->reads[params->lanes.number[s->bits]], from,
        from + out->count);

    if (err != SECAGG_ERR_VALUE)
        return err;
    for (size_t i = 0; i < out->count; i++)
        memcpy(out->first + (ptrdiff_t)i * out->stride, zero, size);
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
    SA_REQUIRE(!sa_sum_is_real(format) || sa_fixed_is_real(s), SECAGG_ERR_ARG,
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
    SA_REQUIRE(!sa_sum_is_mean(format) || aggregate->weight != 0,
        SECAGG_ERR_VALUE, reason, "segment %zu has no mean: the sum of the "
        "weights is 0", segment);
    return SECAGG_OK;
}

secagg_err sa_aggregate_read_to(const sa_aggregate *aggregate,
    sa_sum_format format, size_t segment, uint64_t offset,
    const sa_results *out, char *reason)
{
    secagg_err err;
    sa_fp_env host;

    SA_REQUIRE(aggregate->masks != NULL, SECAGG_ERR_STATE, reason,
        "the session has no sum");
    SA_TRY(check_range(aggregate->params, format, segment, offset, out->count,
        reason));
    SA_TRY(check_weights(aggregate, format, segment, reason));
    if (out->count == 0)
        return SECAGG_OK;
    if (!sa_sum_is_real(format)) /* no floating-point arithmetic */
        return read_range(aggregate, aggregate->masks, format, segment, offset,
            out, reason);
    err = sa_fp_enter(&host);
    SA_REQUIRE(err == SECAGG_OK, err, reason,
        "the floating-point environment cannot be set");
    err = read_range(aggregate, aggregate->masks, format, segment, offset, out,
        reason);
    sa_fp_leave(&host);
    return err;
}

secagg_err sa_aggregate_read(const sa_aggregate *aggregate,
    sa_sum_format format, size_t segment, uint64_t offset, void *out,
    size_t count, char *reason)
{
    const sa_results to = { out, (ptrdiff_t)sa_sum_size(format), count };

    return sa_aggregate_read_to(aggregate, format, segment, offset, &to,
        reason);
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
    const sa_results out = { (uint8_t *)&weight, sizeof weight, 1 };

    if (sa_params_weighted(aggregate->params))
        SA_TRY(read_range(aggregate, masks, SA_SUM_U64, hidden, 0, &out,
            NULL));
    aggregate->bad_weight = is_bad_weight(&aggregate->params->own, weight,
        survivors);
    aggregate->weight = aggregate->bad_weight ? 0 : weight;
    aggregate->survivors = survivors;
    aggregate->masks = masks;
    return SECAGG_OK;
}
