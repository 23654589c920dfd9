/* SPDX-License-Identifier: Apache-2.0 */
#include "client/input_buffer.h"

#include <string.h>

#include "core/mem.h"
#include "message/msg_part.h"
#include "session/key_schedule.h"
#include "vector/fixed.h"
#include "vector/planar.h"
#include "vector/rounding.h"

/* The entries of one block on their way, so that they fit L1. */
typedef union tile {
    uint32_t narrow[SA_BLOCK];
    uint64_t wide[SA_BLOCK];
} tile;

/* A piece of reals: one of the two pointers is set. */
typedef struct piece {
    const float *narrow;
    const double *wide;
    size_t segment;
    uint64_t offset;
    size_t count;
} piece;

/* ---- parts -------------------------------------------------------------- */

static uint64_t blocks_of(const secagg_segment *s)
{
    return s->length / SA_BLOCK + (s->length % SA_BLOCK != 0);
}

/* Where a part ends that begins at a block. */
static uint64_t end_of(const sa_input_buffer *input, uint64_t start)
{
    return input->chunk > 0 && input->chunk < input->blocks - start
        ? start + input->chunk : input->blocks;
}

/* Which entries of a segment, whose first block is number `first` of the
 * input, the blocks [start, end) of the input are. */
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

/* The entries of each segment that are in the part, and where their planes
 * stand: returns the bytes after the room. */
static size_t open_windows(sa_input_buffer *input)
{
    uint64_t first = 0;
    size_t at = 0;

    for (size_t i = 0; i < input->params->count; i++) {
        const secagg_segment *s = &input->params->segments[i];
        sa_window *w = &input->windows[i];

        *w = window_of(s, first, input->start, input->end);
        if (w->count > 0) {
            w->at = at + (input->chunk > 0 ? SA_PIECE_BYTES : 0);
            at = w->at + (size_t)sa_planar_bytes(w->count, s->bits);
        }
        first += blocks_of(s);
    }
    return at;
}

/* The entries of a segment that may be given now: once a part is made, those
 * of the next one, which stays closed until a good piece comes. */
static sa_window open_to(const sa_input_buffer *input, size_t segment)
{
    uint64_t first = 0;

    if (!input->spent)
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

/* The weight stands in the hidden segment, the last one. */
static void put_weight(sa_input_buffer *input)
{
    const size_t hidden = input->params->count - 1;

    if (input->weighed && input->buffer != NULL
        && input->windows[hidden].count > 0)
        put(input, hidden, 0, &input->weight, 1);
}

/* Room for the planes of the part, zero. */
static secagg_err ready(sa_input_buffer *input)
{
    const size_t size = input->room + open_windows(input);

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

static void go(sa_input_buffer *input, uint64_t start)
{
    input->start = start;
    input->end = end_of(input, start);
    input->spent = false;
    forget_pieces(input);
}

/* Before a piece is taken: the part that it may belong to is open. */
static secagg_err begin(sa_input_buffer *input)
{
    if (input->spent && !sa_input_buffer_at_end(input)) {
        go(input, input->end);
        return ready(input); /* over the message that was */
    }
    return input->buffer != NULL ? SECAGG_OK : ready(input);
}

secagg_err sa_input_buffer_next_part(sa_input_buffer *input)
{
    const uint64_t start = input->spent ? input->end : input->start;

    return sa_params_weighted(input->params) && start == input->blocks - 1
        ? begin(input) : SECAGG_OK;
}

secagg_err sa_input_buffer_init(
    sa_input_buffer *input, const sa_params *params, size_t room)
{
    *input = (sa_input_buffer){ .params = params, .room = room };
    if (params->vector > SIZE_MAX - room)
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
    open_windows(input);
    return SECAGG_OK;
}

void sa_input_buffer_wipe(sa_input_buffer *input)
{
    sa_free(input->buffer);
    input->buffer = NULL;
    if (input->given != NULL)
        forget_pieces(input);
    input->weight = 0;
    input->weighed = false;
}

void sa_input_buffer_free(sa_input_buffer *input)
{
    if (input->params == NULL)
        return;
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
    if (input->buffer != NULL || input->weighed)
        return SECAGG_ERR_STATE;
    input->chunk = blocks;
    go(input, 0);
    open_windows(input);
    return SECAGG_OK;
}

secagg_err sa_input_buffer_seek(sa_input_buffer *input, uint32_t part)
{
    const uint64_t start = part * input->chunk;

    if (start >= input->blocks || (part > 0 && start / part != input->chunk))
        return SECAGG_ERR_ARG;
    go(input, start);
    return ready(input);
}

/* ---- pieces ------------------------------------------------------------- */

secagg_err sa_input_buffer_weight(sa_input_buffer *input, uint64_t weight)
{
    bool over;

    if (!sa_params_weighted(input->params) || input->weighed)
        return SECAGG_ERR_STATE;
    over = weight > input->params->own.max_weight;
    sa_declassify(&over, sizeof over);
    if (over)
        return SECAGG_ERR_VALUE;
    SA_TRY(begin(input));
    input->weight = weight;
    input->weighed = true;
    put_weight(input);
    return SECAGG_OK;
}

/* Whether a piece lies in a segment that the caller may fill, and in the part
 * that is open. */
static secagg_err place(const sa_input_buffer *input, size_t segment,
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
    if (s->kind == SECAGG_WEIGHTED && !input->weighed)
        return SECAGG_ERR_STATE;
    if (offset > s->length || count > s->length - offset)
        return SECAGG_ERR_SIZE;
    w = open_to(input, segment);
    return offset >= w.offset && offset - w.offset <= w.count
            && count <= w.count - (offset - w.offset)
        ? SECAGG_OK : SECAGG_ERR_STATE;
}

/* Take note of a piece: each entry comes once. */
static secagg_err note(sa_input_buffer *input, size_t segment, uint64_t offset,
    size_t count)
{
    return sa_intervals_add(&input->given[segment],
        offset - input->windows[segment].offset, count);
}

/* Entries of the next tile: up to the end of a block. */
static size_t tile_of(uint64_t offset, size_t left)
{
    const size_t room = SA_BLOCK - (size_t)(offset % SA_BLOCK);
    return left < room ? left : room;
}

/* How a piece is encoded: entries of reals that no weight multiplies have 32
 * bits where the modulus has no more. */
typedef struct encoder {
    const sa_fixed_backend *level;
    sa_fixed_scale scale;
    bool narrow;
} encoder;

static encoder encoder_of(const sa_input_buffer *input, const secagg_segment *s)
{
    const bool weighed = s->kind == SECAGG_WEIGHTED;

    return (encoder){ sa_fixed_best(),
        sa_fixed_scale_of(s, weighed ? input->weight : 1),
        !weighed && s->bits <= 32 };
}

/* One tile of a piece, from its entry i on, of which *clipped are counted. */
static void encode_tile(const encoder *e, tile *t, const piece *p, size_t i,
    size_t count, const uint8_t *words, uint64_t *clipped)
{
    if (p->narrow != NULL)
        *clipped += e->narrow
            ? e->level->f32_to_u32(t->narrow, p->narrow + i, count, &e->scale,
                words)
            : e->level->f32_to_u64(t->wide, p->narrow + i, count, &e->scale,
                words);
    else
        *clipped += e->narrow
            ? e->level->f64_to_u32(t->narrow, p->wide + i, count, &e->scale,
                words)
            : e->level->f64_to_u64(t->wide, p->wide + i, count, &e->scale,
                words);
}

static secagg_err encode(
    sa_input_buffer *input, const piece *p, sa_rounding *words)
{
    const secagg_segment *s = &input->params->segments[p->segment];
    const encoder e = encoder_of(input, s);
    secagg_err err = SECAGG_OK;
    const uint8_t *drawn = NULL;
    tile t;

    for (size_t i = 0, n; i < p->count; i += n) {
        n = tile_of(p->offset + i, p->count - i);
        if (words != NULL)
            err = sa_rounding_draw(words, p->offset + i, &drawn);
        if (err != SECAGG_OK)
            break;
        encode_tile(&e, &t, p, i, n, drawn, &input->clipped[p->segment]);
        if (e.narrow)
            put_u32(input, p->segment, p->offset + i, t.narrow, n);
        else
            put(input, p->segment, p->offset + i, t.wide, n);
    }
    sa_wipe(&t, sizeof t);
    return err;
}

/* The rounding stream of a segment (PROTOCOL.md 7.2); none for nearest. */
static secagg_err rounding(sa_rounding **words, const sa_input_buffer *input,
    const uint8_t prk[32], size_t segment)
{
    const secagg_params *own = &input->params->own;
    uint8_t seed[SECAGG_SEED_BYTES] = { 0 };
    secagg_err err;

    *words = NULL;
    if (input->params->segments[segment].rounding == SECAGG_NEAREST)
        return SECAGG_OK;
    err = sa_derive_rounding_key(seed, prk, own->round, (uint32_t)segment);
    if (err == SECAGG_OK)
        err = sa_rounding_new(words, input->params->cipher,
            (uint32_t)segment, seed);
    sa_wipe(seed, sizeof seed);
    return err;
}

static secagg_err take(sa_input_buffer *input, const uint8_t prk[32],
    const piece *p)
{
    sa_rounding *words = NULL;
    secagg_err err;

    if (p->count == 0)
        return SECAGG_OK;
    err = rounding(&words, input, prk, p->segment);
    if (err == SECAGG_OK)
        err = begin(input);
    if (err == SECAGG_OK)
        err = note(input, p->segment, p->offset, p->count);
    if (err == SECAGG_OK)
        err = encode(input, p, words);
    sa_rounding_free(words);
    return err;
}

secagg_err sa_input_buffer_f32(sa_input_buffer *input, const uint8_t prk[32],
    size_t segment, uint64_t offset, const float *values, size_t count)
{
    const piece p = { values, NULL, segment, offset, count };

    SA_TRY(place(input, segment, false, offset, count));
    if (!sa_fixed_finite_f32(values, count))
        return SECAGG_ERR_VALUE;
    return take(input, prk, &p);
}

secagg_err sa_input_buffer_f64(sa_input_buffer *input, const uint8_t prk[32],
    size_t segment, uint64_t offset, const double *values, size_t count)
{
    const piece p = { NULL, values, segment, offset, count };

    SA_TRY(place(input, segment, false, offset, count));
    if (!sa_fixed_finite_f64(values, count))
        return SECAGG_ERR_VALUE;
    return take(input, prk, &p);
}

/* Whether all values are below 2^bits, without a branch on any of them. */
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
    SA_TRY(place(input, segment, true, offset, count));
    if (!below(values, count, input->params->segments[segment].bits))
        return SECAGG_ERR_VALUE;
    if (count == 0)
        return SECAGG_OK;
    SA_TRY(begin(input));
    SA_TRY(note(input, segment, offset, count));
    put(input, segment, offset, values, count);
    return SECAGG_OK;
}

secagg_err sa_input_buffer_i64(sa_input_buffer *input, size_t segment,
    uint64_t offset, const int64_t *values, size_t count)
{
    uint64_t entries[SA_BLOCK], mask;

    SA_TRY(place(input, segment, true, offset, count));
    if (count == 0)
        return SECAGG_OK;
    SA_TRY(begin(input));
    SA_TRY(note(input, segment, offset, count));
    mask = UINT64_MAX >> (64 - input->params->segments[segment].bits);
    for (size_t i = 0, n; i < count; i += n) {
        n = tile_of(offset + i, count - i);
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

    if (input->buffer == NULL || input->spent
        || (sa_params_weighted(input->params) && !input->weighed))
        return false;
    for (size_t i = 0; i < named; i++)
        if (input->windows[i].count > 0
            && !sa_intervals_full(&input->given[i], input->windows[i].count))
            return false;
    return true;
}
