/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_aggregate.h"

#include <string.h>

#include "core/mem.h"
#include "vector/fixed.h"
#include "vector/planar.h"

/* Bytes of planes that are unmasked at a time, about. Each such piece derives
 * the keys of all masks again, which costs as much as the masks of 12 KiB. */
#define PIECE ((uint64_t)1 << 20)

secagg_err sa_aggregate_init(sa_aggregate *result, const sa_params *params)
{
    *result = (sa_aggregate){ .params = params };
    result->planes = sa_alloc((size_t)params->vector, 1);
    return result->planes != NULL ? SECAGG_OK : SECAGG_ERR_MEMORY;
}

void sa_aggregate_free(sa_aggregate *result)
{
    if (result->params != NULL)
        sa_free(result->planes);
    secagg_masks_free(result->masks);
    *result = (sa_aggregate){ 0 };
}

secagg_err sa_aggregate_add(sa_aggregate *result, const uint8_t *planes)
{
    const sa_params *params = result->params;

    for (size_t i = 0; i < params->count; i++)
        SA_TRY(secagg_planar_add(result->planes + params->places[i],
            planes + params->places[i], (size_t)params->segments[i].length,
            params->segments[i].bits));
    return SECAGG_OK;
}

/* ---- forms -------------------------------------------------------------- */

/* How entries become what was asked for: reals by a level of vectors where it
 * takes such sums. */
typedef struct format {
    const secagg_segment *segment;
    uint64_t weights; /* survivors, or the sum of weights */
    double divisor;   /* 1 for a sum */
    const sa_fixed_backend *level; /* or NULL */
    sa_fixed_unit unit;
} format;

/* The entries of one block: in 32 bits where that is enough for reals. */
typedef union tile {
    uint32_t narrow[SA_BLOCK];
    uint64_t wide[SA_BLOCK];
} tile;

static void to_u64(void *out, const tile *in, size_t from, size_t count,
    const format *f)
{
    (void)f;
    memcpy(out, in->wide + from, count * sizeof *in->wide);
}

/* Centred: the top bit of an entry counts negative (PROTOCOL.md 7.5). */
static void to_i64(void *out, const tile *in, size_t from, size_t count,
    const format *f)
{
    const uint64_t top = (uint64_t)1 << (f->segment->bits - 1);
    int64_t *to = out;

    for (size_t i = 0; i < count; i++) {
        const uint64_t centred = (in->wide[from + i] ^ top) - top;
        memcpy(&to[i], &centred, sizeof centred);
    }
}

static bool is_narrow(const format *f)
{
    return f->level != NULL && f->segment->bits <= 32;
}

static double real(uint64_t sum, const format *f)
{
    return sa_fixed_decode(sum, f->segment, f->weights) / f->divisor;
}

static void to_f64(void *out, const tile *in, size_t from, size_t count,
    const format *f)
{
    double *to = out;

    if (is_narrow(f))
        f->level->u32_to_f64(to, in->narrow + from, count, &f->unit);
    else if (f->level != NULL)
        f->level->u64_to_f64(to, in->wide + from, count, &f->unit);
    else
        for (size_t i = 0; i < count; i++)
            to[i] = real(in->wide[from + i], f);
}

static void to_f32(void *out, const tile *in, size_t from, size_t count,
    const format *f)
{
    float *to = out;

    if (is_narrow(f))
        f->level->u32_to_f32(to, in->narrow + from, count, &f->unit);
    else if (f->level != NULL)
        f->level->u64_to_f32(to, in->wide + from, count, &f->unit);
    else
        for (size_t i = 0; i < count; i++)
            to[i] = (float)real(in->wide[from + i], f);
}

static const struct {
    void (*convert)(void *, const tile *, size_t, size_t, const format *);
    size_t size;
    bool real, mean;
} forms[] = {
    [SA_SUM_U64] = { to_u64, sizeof(uint64_t), false, false },
    [SA_SUM_I64] = { to_i64, sizeof(int64_t), false, false },
    [SA_SUM_F32] = { to_f32, sizeof(float), true, false },
    [SA_SUM_F64] = { to_f64, sizeof(double), true, false },
    [SA_MEAN_F32] = { to_f32, sizeof(float), true, true },
    [SA_MEAN_F64] = { to_f64, sizeof(double), true, true },
};

static format format_of(const sa_aggregate *result, const secagg_segment *s,
    sa_sum_format form)
{
    format f = { .segment = s, .divisor = 1 };

    f.weights = s->kind == SECAGG_WEIGHTED ? result->weight
                                           : result->survivors;
    if (forms[form].mean)
        f.divisor = (double)f.weights;
    if (forms[form].real && s->bits <= 52 && sa_fixed_fits(s, f.weights)) {
        f.level = sa_fixed_best();
        f.unit = sa_fixed_unit_of(s, f.weights, forms[form].mean);
    }
    return f;
}

/* ---- reading ------------------------------------------------------------ */

/* A range of one segment, and room to unmask a piece of it. */
typedef struct range {
    const sa_aggregate *result;
    const secagg_segment *segment;
    uint32_t number;
    sa_sum_format form;
    const format *format;
    uint8_t *planes;
} range;

/* Entries of a piece: whole blocks, or the whole segment. */
static size_t piece_of(const secagg_segment *s)
{
    const uint64_t most = PIECE / ((uint64_t)SA_PLANE * s->bits) * SA_BLOCK;
    return (size_t)(s->length < most ? s->length : most);
}

/* Unmask entries [start, start + count); start is a multiple of 512, and the
 * piece ends with a block or with the segment. */
static secagg_err unmask(const range *r, const secagg_masks *masks,
    uint64_t start, size_t count)
{
    const uint32_t bits = r->segment->bits;
    const uint8_t *from = r->result->planes
        + r->result->params->places[r->number] + sa_planar_at(start, bits);

    memcpy(r->planes, from, secagg_planar_size(count, bits));
    return secagg_masks_apply(masks, r->number, bits, start, r->planes,
        count);
}

/* Convert entries [from, to) of the piece of `whole` entries that is
 * unmasked, block by block. */
static secagg_err convert(const range *r, size_t whole, size_t from, size_t to,
    uint8_t *out, tile *t)
{
    const uint32_t bits = r->segment->bits;

    for (size_t n; from < to; from += n) {
        const size_t skip = from % SA_BLOCK, block = from - skip;
        const size_t have = whole - block < SA_BLOCK ? whole - block
                                                     : SA_BLOCK;
        const uint8_t *planes = r->planes + sa_planar_at(block, bits);

        n = to - from < have - skip ? to - from : have - skip;
        if (is_narrow(r->format))
            SA_TRY(secagg_planar_unpack_u32(t->narrow, planes, have, bits));
        else
            SA_TRY(secagg_planar_unpack_u64(t->wide, planes, have, bits));
        forms[r->form].convert(out, t, skip, n, r->format);
        out += n * forms[r->form].size;
    }
    return SECAGG_OK;
}

/* Unmask [offset, offset + count) piece by piece and convert. The tile is
 * wiped: other entries of a block may not have been asked for. */
static secagg_err walk(const range *r, const secagg_masks *masks,
    uint64_t offset, uint8_t *out, size_t count)
{
    const size_t piece = piece_of(r->segment);
    secagg_err err = SECAGG_OK;
    tile t;

    while (count > 0) {
        const size_t skip = (size_t)(offset % SA_BLOCK);
        const uint64_t start = offset - skip;
        const uint64_t left = r->segment->length - start;
        const size_t have = left < piece ? (size_t)left : piece;
        const size_t want = count < have - skip ? count : have - skip;
        const size_t blocks = (skip + want + SA_BLOCK - 1) / SA_BLOCK;
        const size_t whole = blocks * SA_BLOCK < have ? blocks * SA_BLOCK
                                                      : have;

        err = unmask(r, masks, start, whole);
        if (err == SECAGG_OK)
            err = convert(r, whole, skip, skip + want, out, &t);
        if (err != SECAGG_OK)
            break;
        out += want * forms[r->form].size;
        offset += want;
        count -= want;
    }
    sa_wipe(&t, sizeof t);
    return err;
}

/* With room for the pieces, which is wiped. */
static secagg_err read_range(const sa_aggregate *result,
    const secagg_masks *masks, sa_sum_format form, size_t segment,
    uint64_t offset, void *out, size_t count)
{
    const secagg_segment *s = &result->params->segments[segment];
    const format f = format_of(result, s, form);
    range r = { result, s, (uint32_t)segment, form, &f, NULL };
    const size_t most = piece_of(s);
    const size_t span = (size_t)(offset % SA_BLOCK) + count;
    const size_t blocks = (span < most ? span : most) / SA_BLOCK + 1;
    const size_t room = blocks * SA_PLANE * s->bits;
    secagg_err err;

    r.planes = sa_alloc(room, 1);
    if (r.planes == NULL)
        return SECAGG_ERR_MEMORY;
    err = walk(&r, masks, offset, out, count);
    sa_free(r.planes);
    return err;
}

secagg_err sa_aggregate_read(const sa_aggregate *result, sa_sum_format form,
    size_t segment, uint64_t offset, void *out, size_t count)
{
    const secagg_segment *s;

    if (result->masks == NULL)
        return SECAGG_ERR_STATE;
    if (segment >= result->params->own.segment_count)
        return SECAGG_ERR_ARG;
    s = &result->params->segments[segment];
    if (forms[form].real && s->kind == SECAGG_INTEGER)
        return SECAGG_ERR_ARG;
    if (offset > s->length || count > s->length - offset)
        return SECAGG_ERR_SIZE;
    if (forms[form].mean && s->kind == SECAGG_WEIGHTED && result->weight == 0)
        return SECAGG_ERR_VALUE;
    if (count == 0)
        return SECAGG_OK;
    return read_range(result, result->masks, form, segment, offset, out,
        count);
}

secagg_err sa_aggregate_finish(sa_aggregate *result, secagg_masks *masks,
    uint32_t survivors)
{
    const size_t last = result->params->count - 1;
    uint64_t weight = 0;

    if (sa_params_weighted(result->params))
        SA_TRY(read_range(result, masks, SA_SUM_U64, last, 0, &weight, 1));
    result->weight = weight;
    result->survivors = survivors;
    result->masks = masks;
    return SECAGG_OK;
}
