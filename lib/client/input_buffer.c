/* SPDX-License-Identifier: Apache-2.0 */
#include "client/input_buffer.h"

#include <inttypes.h>
#include <string.h>

#include "client/input_check.h"
#include "core/fp_env.h"
#include "core/mem.h"
#include "core/reason.h"
#include "vector/fixed.h"
#include "vector/integers.h"
#include "vector/planar.h"

/* The encoded entries of one block, which fit the L1 cache. */
typedef union block {
    uint32_t narrow[SA_BLOCK];
    uint64_t wide[SA_BLOCK];
} block;

/* A piece of reals; one of the two pointers is NULL. */
typedef struct piece {
    const float *f32;
    const double *f64;
    size_t segment;
    uint64_t offset;
    size_t count;
} piece;

/* ---- parts -------------------------------------------------------------- */

/* Returns the end of the part that begins at block `start`. */
static uint64_t end_of(const sa_input_buffer *input, uint64_t start)
{
    const uint64_t blocks = input->params->lanes.blocks;

    return input->part_blocks > 0 && input->part_blocks < blocks - start
        ? start + input->part_blocks : blocks;
}

/* Returns the first block of the part that is due: the next one, if the current
 * one is finished. */
static uint64_t due_start(const sa_input_buffer *input)
{
    return input->finished ? input->end : input->start;
}

/* Returns the entries of a lane that are in the part that is due. */
static sa_lane_range due_range(const sa_input_buffer *input,
    const sa_lane *lane)
{
    const uint64_t start = due_start(input);

    return sa_lanes_range(lane, start, end_of(input, start));
}

/* Returns whether a range of a lane has the hidden entry, the last of it. */
static bool has_hidden(const sa_input_buffer *input, const sa_lane *lane,
    const sa_lane_range *range)
{
    return sa_params_weighted(input->params) && range->count > 0
        && lane == sa_params_lane(input->params, input->params->count - 1)
        && range->offset + range->count == lane->entries;
}

/* Returns whether the part that is due has the weight only. */
static bool is_weight_part(const sa_input_buffer *input)
{
    const sa_lanes *lanes = &input->params->lanes;
    bool hidden = false;
    uint64_t count = 0;

    for (size_t i = 0; i < lanes->count; i++) {
        const sa_lane_range r = due_range(input, &lanes->lane[i]);
        hidden |= has_hidden(input, &lanes->lane[i], &r);
        count += r.count;
    }
    return hidden && count == 1;
}

static void reset_lanes(sa_input_buffer *input)
{
    for (size_t i = 0; i < input->params->lanes.count; i++)
        sa_input_lane_reset(&input->lanes[i]);
}

/* The weight is the one entry of the hidden segment, the last of its lane. */
static void put_weight(sa_input_buffer *input)
{
    const size_t hidden = input->params->count - 1;
    sa_input_lane *l;

    if (!input->has_weight || input->buffer == NULL)
        return;
    l = sa_input_buffer_lane(input, hidden);
    if (has_hidden(input, l->lane, &l->part))
        sa_planar_write_u64(l->planes, l->part.count, l->lane->bits,
            l->part.count - 1, &input->weight, 1);
}

/* Make the part from block `start` on the current one, with no entries. */
static void set_part(sa_input_buffer *input, uint64_t start)
{
    input->start = start;
    input->end = end_of(input, start);
    input->finished = false;
    for (size_t i = 0; i < input->params->lanes.count; i++)
        sa_intervals_free(&input->lanes[i].given);
}

/* Tell each lane which of its entries are in the part, and where. */
static void set_ranges(sa_input_buffer *input)
{
    uint8_t *planes = sa_input_buffer_planes(input);

    for (size_t i = 0; i < input->params->lanes.count; i++) {
        sa_input_lane *l = &input->lanes[i];
        l->part = sa_lanes_range(l->lane, input->start, input->end);
        l->planes = planes;
        planes += sa_planar_bytes(l->part.count, l->lane->bits);
    }
}

/* Provide planes of zeros for the part; they replace the part before it. */
static secagg_err clear_planes(sa_input_buffer *input)
{
    const sa_lanes *lanes = &input->params->lanes;
    const size_t size = input->head + (size_t)(sa_lanes_at(lanes, input->end)
        - sa_lanes_at(lanes, input->start));

    if (input->buffer != NULL && size == input->size) {
        memset(input->buffer, 0, size);
    } else {
        sa_free(input->buffer);
        input->size = size;
        input->buffer = sa_alloc(size, 1);
    }
    if (input->buffer == NULL)
        return SECAGG_ERR_MEMORY;
    set_ranges(input);
    put_weight(input);
    return SECAGG_OK;
}

/* Open the part that the next piece belongs to, unless it is open. */
static secagg_err open_part(sa_input_buffer *input)
{
    if (input->finished && !sa_input_buffer_at_end(input))
        set_part(input, input->end);
    else if (input->buffer != NULL)
        return SECAGG_OK;
    return clear_planes(input);
}

secagg_err sa_input_buffer_open_weight_part(sa_input_buffer *input)
{
    return due_start(input) < input->params->lanes.blocks
            && is_weight_part(input)
        ? open_part(input) : SECAGG_OK;
}

void sa_input_buffer_seal(sa_input_buffer *input)
{
    for (size_t i = 0; i < input->params->lanes.count; i++)
        sa_input_lane_flush(&input->lanes[i]);
}

void sa_input_buffer_finish(sa_input_buffer *input)
{
    input->finished = true;
    if (!sa_input_buffer_at_end(input))
        return;
    reset_lanes(input);
    sa_wipe(&input->weight, sizeof input->weight);
}

secagg_err sa_input_buffer_init(
    sa_input_buffer *input, const sa_params *params, size_t head)
{
    *input = (sa_input_buffer){ .params = params, .head = head };
    if (params->vector > SIZE_MAX - head)
        return SECAGG_ERR_MEMORY;
    input->end = params->lanes.blocks;
    input->lanes = sa_alloc(params->lanes.count, sizeof *input->lanes);
    input->clipped = sa_alloc(params->count, sizeof *input->clipped);
    if (input->lanes == NULL || input->clipped == NULL) {
        sa_input_buffer_free(input);
        return SECAGG_ERR_MEMORY;
    }
    for (size_t i = 0; i < params->lanes.count; i++)
        input->lanes[i].lane = &params->lanes.lane[i];
    return SECAGG_OK;
}

void sa_input_buffer_wipe(sa_input_buffer *input)
{
    sa_free(input->buffer);
    input->buffer = NULL;
    if (input->lanes != NULL)
        reset_lanes(input);
    input->weight = 0;
    input->has_weight = false;
}

void sa_input_buffer_free(sa_input_buffer *input)
{
    sa_input_buffer_wipe(input);
    sa_free(input->lanes);
    sa_free(input->clipped);
    *input = (sa_input_buffer){ 0 };
}

secagg_err sa_input_buffer_set_part_size(
    sa_input_buffer *input, uint64_t blocks)
{
    if (sa_input_buffer_has_input(input))
        return SECAGG_ERR_STATE;
    if (blocks < sa_lanes_min_part(&input->params->lanes)
        || blocks > UINT32_MAX)
        return SECAGG_ERR_ARG;
    input->part_blocks = blocks;
    set_part(input, 0);
    return SECAGG_OK;
}

secagg_err sa_input_buffer_seek(sa_input_buffer *input, uint32_t part)
{
    const uint64_t start = part * input->part_blocks;

    if (start >= input->params->lanes.blocks
        || (part > 0 && start / part != input->part_blocks))
        return SECAGG_ERR_ARG;
    set_part(input, start);
    return clear_planes(input);
}

/* ---- pieces ------------------------------------------------------------- */

secagg_err sa_input_buffer_weight(sa_input_buffer *input, uint64_t weight)
{
    SA_REQUIRE(!input->has_weight, SECAGG_ERR_STATE, input->reason,
        "the client has its weight already");
    SA_TRY(sa_input_check_weight(input->params, weight, input->reason));
    SA_TRY(open_part(input));
    input->weight = weight;
    input->has_weight = true;
    put_weight(input);
    return SECAGG_OK;
}

/* Check a piece in the order of PROTOCOL.md 9.1, up to the test of its
 * values. */
static secagg_err check_piece(const sa_input_buffer *input, bool integer,
    const sa_piece_place *place)
{
    const sa_params *params = input->params;
    const size_t segment = place->segment, count = place->count;
    sa_lane_range due;
    uint64_t entry;

    SA_TRY(sa_input_check_place(params, place, integer, input->reason));
    if (count == 0)
        return SECAGG_OK;
    entry = params->places[segment] + place->offset;
    due = due_range(input, sa_params_lane(params, segment));
    SA_REQUIRE(entry >= due.offset && entry - due.offset <= due.count
            && count <= due.count - (entry - due.offset),
        SECAGG_ERR_STATE, input->reason, "segment %zu: not all entries from %"
        PRIu64 " to %" PRIu64 " are in the part that is due", segment,
        place->offset, place->offset + count - 1);
    SA_REQUIRE(params->segments[segment].kind != SECAGG_WEIGHTED
            || input->has_weight,
        SECAGG_ERR_STATE, input->reason, "segment %zu is weighted: supply the "
        "weight first", segment);
    return SECAGG_OK;
}

/* Check a piece and its values, which are integers or reals. */
static secagg_err check_values(const sa_input_buffer *input, bool integer,
    const sa_piece_place *place, sa_allowed_fn *allowed, const void *values)
{
    SA_TRY(check_piece(input, integer, place));
    return sa_input_check_values(input->params, place, allowed, values,
        input->reason);
}

/* Open the part of a piece that was checked, and record its entries; `seed` is
 * that of stochastic rounding, or NULL. Returns SECAGG_ERR_STATE if one of the
 * entries was supplied before. */
static secagg_err begin_piece(sa_input_buffer *input, size_t segment,
    uint64_t offset, size_t count, const uint8_t *seed)
{
    sa_input_lane *l = sa_input_buffer_lane(input, segment);
    const uint64_t entry = input->params->places[segment] + offset;
    secagg_err err;

    SA_TRY(sa_input_lane_prepare(l, input->params->cipher, seed));
    SA_TRY(open_part(input));
    err = sa_intervals_add(&l->given, entry - l->part.offset, count);
    SA_REQUIRE(err != SECAGG_ERR_STATE, err, input->reason, "segment %zu: one "
        "of the entries %" PRIu64 " to %" PRIu64 " was supplied before",
        segment, offset, offset + count - 1);
    return err;
}

/* Returns the entries from `offset` to the end of its block, `left` at most. */
static size_t block_entries(uint64_t offset, size_t left)
{
    const size_t entries = SA_BLOCK - (size_t)(offset % SA_BLOCK);
    return left < entries ? left : entries;
}

/* How a piece of reals is encoded: to 32 bits if the modulus has no more and
 * no weight multiplies the entries. */
typedef struct encoder {
    const sa_fixed_backend *backend;
    sa_fixed_scale scale;
    bool narrow;
} encoder;

static encoder encoder_of(const sa_input_buffer *input, const secagg_segment *s)
{
    const bool weighted = s->kind == SECAGG_WEIGHTED;

    return (encoder){ sa_fixed_best(),
        sa_fixed_scale_of(s, weighted ? input->weight : 1),
        !weighted && s->bits <= 32 };
}

/* Encode `count` values of a piece, from its value i on, to 64 bits. `words`
 * are random words for stochastic rounding, or NULL for nearest. Adds to
 * *clipped the number of values that were clipped. */
static void encode_u64(const encoder *e, uint64_t *out, const piece *p,
    size_t i, size_t count, const uint8_t *words, uint64_t *clipped)
{
    *clipped += p->f32 != NULL
        ? e->backend->f32_to_u64(out, p->f32 + i, count, &e->scale, words)
        : e->backend->f64_to_u64(out, p->f64 + i, count, &e->scale, words);
}

/* Encode a whole block of a piece that begins at `entry`, from its value i on,
 * and put it into the planes. */
static void encode_block(const encoder *e, sa_input_lane *l, block *b,
    uint64_t entry, const piece *p, size_t i, const uint8_t *words,
    uint64_t *clipped)
{
    if (!e->narrow) {
        encode_u64(e, b->wide, p, i, SA_BLOCK, words, clipped);
        sa_input_lane_put_u64(l, entry + i, b->wide, SA_BLOCK);
        return;
    }
    *clipped += p->f32 != NULL
        ? e->backend->f32_to_u32(b->narrow, p->f32 + i, SA_BLOCK, &e->scale,
            words)
        : e->backend->f64_to_u32(b->narrow, p->f64 + i, SA_BLOCK, &e->scale,
            words);
    sa_input_lane_put_u32(l, entry + i, b->narrow, SA_BLOCK);
}

/* Encode a piece block by block. Whole blocks go to the planes at once. */
SA_FP_BODY static secagg_err encode(
    sa_input_buffer *input, const piece *p, bool stochastic)
{
    const encoder e = encoder_of(input, &input->params->segments[p->segment]);
    const uint64_t entry = input->params->places[p->segment] + p->offset;
    sa_input_lane *l = sa_input_buffer_lane(input, p->segment);
    uint64_t *clipped = &input->clipped[p->segment];
    const uint8_t *words = NULL;
    secagg_err err = SECAGG_OK;
    block b;

    for (size_t i = 0, n; i < p->count; i += n) {
        n = block_entries(entry + i, p->count - i);
        if (stochastic)
            err = sa_rounding_draw(l->rounding, entry + i, &words);
        if (err != SECAGG_OK)
            break;
        if (n < SA_BLOCK)
            encode_u64(&e, sa_input_lane_gather(l, entry + i, n), p, i, n,
                words, clipped);
        else
            encode_block(&e, l, &b, entry, p, i, words, clipped);
    }
    if (p->count >= SA_BLOCK)
        sa_wipe(&b, sizeof b);
    return err;
}

/* Add a piece of reals that was checked. */
static secagg_err add_reals(sa_input_buffer *input,
    const uint8_t rounding[32], const piece *p)
{
    const bool stochastic = input->params->segments[p->segment].rounding
        == SECAGG_STOCHASTIC;
    sa_fp_env host;
    secagg_err err;

    if (p->count == 0)
        return SECAGG_OK;
    SA_REQUIRE(sa_fp_enter(&host) == SECAGG_OK, SECAGG_ERR_STATE,
        input->reason, "the floating-point environment cannot be set");
    err = begin_piece(input, p->segment, p->offset, p->count,
        stochastic ? rounding : NULL);
    if (err == SECAGG_OK)
        err = encode(input, p, stochastic);
    sa_fp_leave(&host);
    return err;
}

secagg_err sa_input_buffer_f32(sa_input_buffer *input,
    const uint8_t rounding[32], size_t segment, uint64_t offset,
    const float *values, size_t count)
{
    const sa_piece_place place = { segment, offset, count };
    const piece p = { values, NULL, segment, offset, count };

    SA_TRY(check_values(input, false, &place, sa_allowed_f32, values));
    return add_reals(input, rounding, &p);
}

secagg_err sa_input_buffer_f64(sa_input_buffer *input,
    const uint8_t rounding[32], size_t segment, uint64_t offset,
    const double *values, size_t count)
{
    const sa_piece_place place = { segment, offset, count };
    const piece p = { NULL, values, segment, offset, count };

    SA_TRY(check_values(input, false, &place, sa_allowed_f64, values));
    return add_reals(input, rounding, &p);
}

/* ---- integers ----------------------------------------------------------- */

/* Encode a piece block by block, from entry `entry` of the lane on. */
static void encode_integers(sa_input_lane *l, uint64_t entry,
    const uint64_t *values, size_t count, const secagg_segment *s)
{
    uint64_t entries[SA_BLOCK];

    for (size_t i = 0, n; i < count; i += n) {
        n = block_entries(entry + i, count - i);
        sa_integers_encode(entries, values + i, n, s);
        sa_input_lane_put_u64(l, entry + i, entries, n);
    }
    sa_wipe(entries, sizeof entries);
}

/* Add a piece of integers that was checked. */
static secagg_err add_integers(sa_input_buffer *input, size_t segment,
    uint64_t offset, const uint64_t *values, size_t count, bool is_signed)
{
    const secagg_segment *s = &input->params->segments[segment];
    const uint64_t entry = input->params->places[segment] + offset;
    sa_input_lane *l = sa_input_buffer_lane(input, segment);

    if (count == 0)
        return SECAGG_OK;
    SA_TRY(begin_piece(input, segment, offset, count, NULL));
    if (sa_integers_are_entries(s, is_signed))
        sa_input_lane_put_u64(l, entry, values, count);
    else
        encode_integers(l, entry, values, count, s);
    return SECAGG_OK;
}

secagg_err sa_input_buffer_u64(sa_input_buffer *input, size_t segment,
    uint64_t offset, const uint64_t *values, size_t count)
{
    const sa_piece_place place = { segment, offset, count };

    SA_TRY(check_values(input, true, &place, sa_allowed_u64, values));
    return add_integers(input, segment, offset, values, count, false);
}

secagg_err sa_input_buffer_i64(sa_input_buffer *input, size_t segment,
    uint64_t offset, const int64_t *values, size_t count)
{
    const uint64_t *bits = (const uint64_t *)values; /* two's complement */
    const sa_piece_place place = { segment, offset, count };

    SA_TRY(check_values(input, true, &place, sa_allowed_i64, values));
    return add_integers(input, segment, offset, bits, count, true);
}

bool sa_input_buffer_complete(const sa_input_buffer *input)
{
    if (input->buffer == NULL || input->finished
        || (sa_params_weighted(input->params) && !input->has_weight))
        return false;
    for (size_t i = 0; i < input->params->lanes.count; i++) {
        const sa_input_lane *l = &input->lanes[i];
        const uint64_t wanted = l->part.count
            - has_hidden(input, l->lane, &l->part);
        if (wanted > 0 && !sa_intervals_full(&l->given, wanted))
            return false;
    }
    return true;
}
