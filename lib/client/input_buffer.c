/* SPDX-License-Identifier: Apache-2.0 */
#include "client/input_buffer.h"

#include <string.h>

#include "core/mem.h"
#include "message/msg_part.h"
#include "session/key_schedule.h"
#include "vector/fixed.h"
#include "vector/planar.h"
#include "vector/rounding.h"

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

static uint64_t blocks_of(const secagg_segment *s)
{
    return s->length / SA_BLOCK + (s->length % SA_BLOCK != 0);
}

/* Returns the end of the part that begins at block `start`. */
static uint64_t end_of(const sa_input_buffer *input, uint64_t start)
{
    return input->part_blocks > 0 && input->part_blocks < input->blocks - start
        ? start + input->part_blocks : input->blocks;
}

/* Returns the entries of a segment that are in the blocks [start, end) of the
 * input, where the segment begins at block `first` of the input. */
static sa_window window_of(const secagg_segment *s, uint64_t first,
    uint64_t start, uint64_t end)
{
    const uint64_t next = first + blocks_of(s);
    const uint64_t low = start > first ? start : first;
    const uint64_t high = end < next ? end : next;
    sa_window w = { 0 };

    if (low < high) {
        w.offset = (low - first) * SA_BLOCK;
        w.count = (high - low) * SA_BLOCK;
        if (w.count > s->length - w.offset)
            w.count = s->length - w.offset;
    }
    return w;
}

/* Set the windows of the part. Returns the bytes of planes, with the heads of
 * pieces. */
static size_t set_windows(sa_input_buffer *input)
{
    uint64_t first = 0;
    size_t at = 0;

    for (size_t i = 0; i < input->params->count; i++) {
        const secagg_segment *s = &input->params->segments[i];
        sa_window *w = &input->windows[i];

        *w = window_of(s, first, input->start, input->end);
        if (w->count > 0) {
            w->at = at + (input->part_blocks > 0 ? SA_PIECE_BYTES : 0);
            at = w->at + (size_t)sa_planar_bytes(w->count, s->bits);
        }
        first += blocks_of(s);
    }
    return at;
}

/* Returns the entries of a segment that the host may supply now: those of the
 * part or, if that is finished, of the next one. */
static sa_window current_window(const sa_input_buffer *input, size_t segment)
{
    uint64_t first = 0;

    if (!input->finished)
        return input->windows[segment];
    for (size_t i = 0; i < segment; i++)
        first += blocks_of(&input->params->segments[i]);
    return window_of(&input->params->segments[segment], first, input->end,
        end_of(input, input->end));
}

static void forget_pieces(sa_input_buffer *input)
{
    for (size_t i = 0; i < input->params->count; i++)
        sa_intervals_free(&input->given[i]);
}

static void put(sa_input_buffer *input, size_t segment, uint64_t offset,
    const uint64_t *entries, size_t count)
{
    const sa_window *w = &input->windows[segment];

    sa_planar_write_u64(sa_input_buffer_planes(input) + w->at, w->count,
        input->params->segments[segment].bits, offset - w->offset, entries,
        count);
}

static void put_u32(sa_input_buffer *input, size_t segment, uint64_t offset,
    const uint32_t *entries, size_t count)
{
    const sa_window *w = &input->windows[segment];

    sa_planar_write_u32(sa_input_buffer_planes(input) + w->at, w->count,
        input->params->segments[segment].bits, offset - w->offset, entries,
        count);
}

/* The weight is the one entry of the hidden segment, which is the last. */
static void put_weight(sa_input_buffer *input)
{
    const size_t hidden = input->params->count - 1;

    if (input->has_weight && input->buffer != NULL
        && input->windows[hidden].count > 0)
        put(input, hidden, 0, &input->weight, 1);
}

/* Make the part from block `start` on the current one, with no entries. */
static void set_part(sa_input_buffer *input, uint64_t start)
{
    input->start = start;
    input->end = end_of(input, start);
    input->finished = false;
    forget_pieces(input);
}

/* Provide planes of zeros for the part; they replace the part before it. */
static secagg_err clear_planes(sa_input_buffer *input)
{
    const size_t size = input->head + set_windows(input);

    if (input->buffer != NULL && size == input->size) {
        memset(input->buffer, 0, size);
    } else {
        sa_free(input->buffer);
        input->size = size;
        input->buffer = sa_alloc(size, 1);
    }
    if (input->buffer == NULL)
        return SECAGG_ERR_MEMORY;
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
    const uint64_t start = input->finished ? input->end : input->start;

    return sa_params_weighted(input->params) && start == input->blocks - 1
        ? open_part(input) : SECAGG_OK;
}

secagg_err sa_input_buffer_init(
    sa_input_buffer *input, const sa_params *params, size_t head)
{
    *input = (sa_input_buffer){ .params = params, .head = head };
    if (params->vector > SIZE_MAX - head)
        return SECAGG_ERR_MEMORY;
    for (size_t i = 0; i < params->count; i++)
        input->blocks += blocks_of(&params->segments[i]);
    input->end = input->blocks;
    input->windows = sa_alloc(params->count, sizeof *input->windows);
    input->given = sa_alloc(params->count, sizeof *input->given);
    input->clipped = sa_alloc(params->count, sizeof *input->clipped);
    if (input->windows == NULL || input->given == NULL
        || input->clipped == NULL) {
        sa_input_buffer_free(input);
        return SECAGG_ERR_MEMORY;
    }
    set_windows(input);
    return SECAGG_OK;
}

void sa_input_buffer_wipe(sa_input_buffer *input)
{
    sa_free(input->buffer);
    input->buffer = NULL;
    if (input->given != NULL)
        forget_pieces(input);
    input->weight = 0;
    input->has_weight = false;
}

void sa_input_buffer_free(sa_input_buffer *input)
{
    sa_input_buffer_wipe(input);
    sa_free(input->windows);
    sa_free(input->given);
    sa_free(input->clipped);
    *input = (sa_input_buffer){ 0 };
}

secagg_err sa_input_buffer_set_part_size(
    sa_input_buffer *input, uint64_t blocks)
{
    if (blocks == 0)
        return SECAGG_ERR_ARG;
    if (input->buffer != NULL || input->has_weight)
        return SECAGG_ERR_STATE;
    input->part_blocks = blocks;
    set_part(input, 0);
    set_windows(input);
    return SECAGG_OK;
}

secagg_err sa_input_buffer_seek(sa_input_buffer *input, uint32_t part)
{
    const uint64_t start = part * input->part_blocks;

    if (start >= input->blocks
        || (part > 0 && start / part != input->part_blocks))
        return SECAGG_ERR_ARG;
    set_part(input, start);
    return clear_planes(input);
}

/* ---- pieces ------------------------------------------------------------- */

secagg_err sa_input_buffer_weight(sa_input_buffer *input, uint64_t weight)
{
    bool over;

    if (!sa_params_weighted(input->params) || input->has_weight)
        return SECAGG_ERR_STATE;
    over = weight > input->params->own.max_weight;
    sa_declassify(&over, sizeof over);
    if (over)
        return SECAGG_ERR_VALUE;
    SA_TRY(open_part(input));
    input->weight = weight;
    input->has_weight = true;
    put_weight(input);
    return SECAGG_OK;
}

/* Check that a piece is in a segment of its type, and in the part that is due
 * (the next one, if the part is finished). */
static secagg_err check_piece(const sa_input_buffer *input, size_t segment,
    bool integer, uint64_t offset, size_t count)
{
    const secagg_segment *s;
    sa_window w;

    if (segment >= input->params->own.segment_count)
        return SECAGG_ERR_ARG;
    s = &input->params->segments[segment];
    if ((s->kind == SECAGG_INTEGER) != integer)
        return SECAGG_ERR_ARG;
    if (count == 0)
        return offset > s->length ? SECAGG_ERR_SIZE : SECAGG_OK;
    if (s->kind == SECAGG_WEIGHTED && !input->has_weight)
        return SECAGG_ERR_STATE;
    if (offset > s->length || count > s->length - offset)
        return SECAGG_ERR_SIZE;
    w = current_window(input, segment);
    return offset >= w.offset && offset - w.offset <= w.count
            && count <= w.count - (offset - w.offset)
        ? SECAGG_OK : SECAGG_ERR_STATE;
}

/* Record that the entries of a piece were supplied. Returns SECAGG_ERR_STATE
 * if one of them was supplied before. */
static secagg_err record(sa_input_buffer *input, size_t segment,
    uint64_t offset, size_t count)
{
    return sa_intervals_add(&input->given[segment],
        offset - input->windows[segment].offset, count);
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

/* Encode `count` values of a piece, from its value i on. `words` are random
 * words for stochastic rounding, or NULL for nearest. Adds to *clipped the
 * number of values that were clipped. */
static void encode_block(const encoder *e, block *b, const piece *p, size_t i,
    size_t count, const uint8_t *words, uint64_t *clipped)
{
    if (p->f32 != NULL)
        *clipped += e->narrow
            ? e->backend->f32_to_u32(b->narrow, p->f32 + i, count, &e->scale,
                words)
            : e->backend->f32_to_u64(b->wide, p->f32 + i, count, &e->scale,
                words);
    else
        *clipped += e->narrow
            ? e->backend->f64_to_u32(b->narrow, p->f64 + i, count, &e->scale,
                words)
            : e->backend->f64_to_u64(b->wide, p->f64 + i, count, &e->scale,
                words);
}

/* Encode a piece block by block; `rounding` is NULL for nearest rounding. */
static secagg_err encode(
    sa_input_buffer *input, const piece *p, sa_rounding *rounding)
{
    const secagg_segment *s = &input->params->segments[p->segment];
    const encoder e = encoder_of(input, s);
    secagg_err err = SECAGG_OK;
    const uint8_t *words = NULL;
    block b;

    for (size_t i = 0, n; i < p->count; i += n) {
        n = block_entries(p->offset + i, p->count - i);
        if (rounding != NULL)
            err = sa_rounding_draw(rounding, p->offset + i, &words);
        if (err != SECAGG_OK)
            break;
        encode_block(&e, &b, p, i, n, words, &input->clipped[p->segment]);
        if (e.narrow)
            put_u32(input, p->segment, p->offset + i, b.narrow, n);
        else
            put(input, p->segment, p->offset + i, b.wide, n);
    }
    sa_wipe(&b, sizeof b);
    return err;
}

/* Open the rounding stream of a segment (PROTOCOL.md 7.2); NULL for nearest
 * rounding. */
static secagg_err open_rounding(sa_rounding **rounding,
    const sa_input_buffer *input, const uint8_t prk[32], size_t segment)
{
    const secagg_params *own = &input->params->own;
    uint8_t seed[SECAGG_SEED_BYTES] = { 0 };
    secagg_err err;

    *rounding = NULL;
    if (input->params->segments[segment].rounding == SECAGG_NEAREST)
        return SECAGG_OK;
    err = sa_derive_rounding_key(seed, prk, own->round, (uint32_t)segment);
    if (err == SECAGG_OK)
        err = sa_rounding_new(rounding, input->params->cipher,
            (uint32_t)segment, seed);
    sa_wipe(seed, sizeof seed);
    return err;
}

/* Add a piece of reals that was checked. */
static secagg_err add_reals(sa_input_buffer *input, const uint8_t prk[32],
    const piece *p)
{
    sa_rounding *rounding = NULL;
    secagg_err err;

    if (p->count == 0)
        return SECAGG_OK;
    err = open_rounding(&rounding, input, prk, p->segment);
    if (err == SECAGG_OK)
        err = open_part(input);
    if (err == SECAGG_OK)
        err = record(input, p->segment, p->offset, p->count);
    if (err == SECAGG_OK)
        err = encode(input, p, rounding);
    sa_rounding_free(rounding);
    return err;
}

secagg_err sa_input_buffer_f32(sa_input_buffer *input, const uint8_t prk[32],
    size_t segment, uint64_t offset, const float *values, size_t count)
{
    const piece p = { values, NULL, segment, offset, count };

    SA_TRY(check_piece(input, segment, false, offset, count));
    if (!sa_fixed_finite_f32(values, count))
        return SECAGG_ERR_VALUE;
    return add_reals(input, prk, &p);
}

secagg_err sa_input_buffer_f64(sa_input_buffer *input, const uint8_t prk[32],
    size_t segment, uint64_t offset, const double *values, size_t count)
{
    const piece p = { NULL, values, segment, offset, count };

    SA_TRY(check_piece(input, segment, false, offset, count));
    if (!sa_fixed_finite_f64(values, count))
        return SECAGG_ERR_VALUE;
    return add_reals(input, prk, &p);
}

/* Returns whether all values are below 2^bits, without a branch on a value. */
static bool below(const uint64_t *values, size_t count, uint32_t bits)
{
    uint64_t all = 0;
    for (size_t i = 0; i < count; i++)
        all |= values[i];
    all = bits == 64 ? 0 : all >> bits;
    sa_declassify(&all, sizeof all);
    return all == 0;
}

secagg_err sa_input_buffer_u64(sa_input_buffer *input, size_t segment,
    uint64_t offset, const uint64_t *values, size_t count)
{
    SA_TRY(check_piece(input, segment, true, offset, count));
    if (!below(values, count, input->params->segments[segment].bits))
        return SECAGG_ERR_VALUE;
    if (count == 0)
        return SECAGG_OK;
    SA_TRY(open_part(input));
    SA_TRY(record(input, segment, offset, count));
    put(input, segment, offset, values, count);
    return SECAGG_OK;
}

secagg_err sa_input_buffer_i64(sa_input_buffer *input, size_t segment,
    uint64_t offset, const int64_t *values, size_t count)
{
    uint64_t entries[SA_BLOCK], mask;

    SA_TRY(check_piece(input, segment, true, offset, count));
    if (count == 0)
        return SECAGG_OK;
    SA_TRY(open_part(input));
    SA_TRY(record(input, segment, offset, count));
    mask = UINT64_MAX >> (64 - input->params->segments[segment].bits);
    for (size_t i = 0, n; i < count; i += n) {
        n = block_entries(offset + i, count - i);
        for (size_t j = 0; j < n; j++)
            entries[j] = (uint64_t)values[i + j] & mask;
        put(input, segment, offset + i, entries, n);
    }
    sa_wipe(entries, sizeof entries);
    return SECAGG_OK;
}

bool sa_input_buffer_complete(const sa_input_buffer *input)
{
    const size_t named = input->params->own.segment_count;

    if (input->buffer == NULL || input->finished
        || (sa_params_weighted(input->params) && !input->has_weight))
        return false;
    for (size_t i = 0; i < named; i++)
        if (input->windows[i].count > 0
            && !sa_intervals_full(&input->given[i], input->windows[i].count))
            return false;
    return true;
}
