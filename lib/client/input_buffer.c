/* SPDX-License-Identifier: Apache-2.0 */
#include "client/input_buffer.h"

#include <string.h>

#include "client/input_check.h"
#include "core/mem.h"
#include "core/reason.h"
#include "vector/planar.h"

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

sa_lane_range sa_input_buffer_unopened(const sa_input_buffer *input,
    const sa_input_lane *l)
{
    const uint64_t start = due_start(input);

    return sa_lanes_range(l->lane, start, end_of(input, start));
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
        const sa_lane_range r = sa_input_buffer_due(input, &input->lanes[i]);
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

    input->missing = 0;
    for (size_t i = 0; i < input->params->lanes.count; i++) {
        sa_input_lane *l = &input->lanes[i];
        l->part = sa_lanes_range(l->lane, input->start, input->end);
        l->planes = planes;
        input->missing += l->part.count
            - has_hidden(input, l->lane, &l->part);
        planes += sa_planar_bytes(l->part.count, l->lane->bits);
    }
}

/* Provide planes of zeros for the part; they replace the part before it. */
static secagg_err clear_planes(sa_input_buffer *input)
{
    const sa_lanes *lanes = &input->params->lanes;
    const size_t size = input->head + (size_t)sa_lanes_bytes(lanes,
        input->start, input->end - input->start);

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

secagg_err sa_input_buffer_open(sa_input_buffer *input)
{
    if (input->finished && !sa_input_buffer_at_end(input))
        set_part(input, input->end);
    else if (input->buffer != NULL)
        return SECAGG_OK;
    return clear_planes(input);
}

secagg_err sa_input_buffer_record(sa_input_buffer *input, sa_input_lane *l,
    uint64_t entry, uint64_t count)
{
    SA_TRY(sa_input_buffer_open(input));
    SA_TRY(sa_intervals_add(&l->given, entry - l->part.offset, count));
    input->missing -= count;
    return SECAGG_OK;
}

secagg_err sa_input_buffer_open_weight_part(sa_input_buffer *input)
{
    return due_start(input) < input->params->lanes.blocks
            && is_weight_part(input)
        ? sa_input_buffer_open(input) : SECAGG_OK;
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
    sa_wipe(&input->weight, sizeof input->weight);
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

/* ---- input -------------------------------------------------------------- */

secagg_err sa_input_buffer_weight(sa_input_buffer *input, uint64_t weight)
{
    SA_REQUIRE(!input->has_weight, SECAGG_ERR_STATE, input->reason,
        "the client has its weight already");
    SA_TRY(sa_input_check_weight(input->params, weight, input->reason));
    SA_TRY(sa_input_buffer_open(input));
    input->weight = weight;
    input->has_weight = true;
    put_weight(input);
    return SECAGG_OK;
}
