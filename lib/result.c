/* SPDX-License-Identifier: Apache-2.0 */
#include "result.h"

#include <string.h>

#include "fixed.h"
#include "mem.h"
#include "planar.h"

/* Entries that are unmasked at a time: enough that deriving the keys of the
 * masks again for each such piece costs little beside the masks. */
#define PIECE ((size_t)128 * SA_BLOCK)

secagg_err sa_result_init(sa_result *result, const sa_params *params)
{
    *result = (sa_result){ .params = params };
    result->planes = sa_alloc((size_t)params->vector, 1);
    return result->planes != NULL ? SECAGG_OK : SECAGG_ERR_MEMORY;
}

void sa_result_free(sa_result *result)
{
    if (result->params != NULL)
        sa_free(result->planes, (size_t)result->params->vector);
    secagg_masks_free(result->masks);
    *result = (sa_result){ 0 };
}

secagg_err sa_result_add(sa_result *result, const uint8_t *planes)
{
    const sa_params *params = result->params;

    for (size_t i = 0; i < params->count; i++)
        SA_TRY(secagg_planar_add(result->planes + params->places[i],
            planes + params->places[i], (size_t)params->segments[i].length,
            params->segments[i].bits));
    return SECAGG_OK;
}

/* ---- forms -------------------------------------------------------------- */

/* How entries become what was asked for. */
typedef struct format {
    const secagg_segment *segment;
    uint64_t weights; /* survivors, or the sum of weights */
    double divisor;   /* 1 for a sum */
} format;

static void to_u64(void *out, const uint64_t *in, size_t count,
    const format *f)
{
    (void)f;
    memcpy(out, in, count * sizeof *in);
}

/* Centred: the top bit of an entry counts negative (PROTOCOL.md 7.5). */
static void to_i64(void *out, const uint64_t *in, size_t count,
    const format *f)
{
    const uint64_t top = (uint64_t)1 << (f->segment->bits - 1);
    int64_t *to = out;

    for (size_t i = 0; i < count; i++) {
        const uint64_t centred = (in[i] ^ top) - top;
        memcpy(&to[i], &centred, sizeof centred);
    }
}

static void to_f64(void *out, const uint64_t *in, size_t count,
    const format *f)
{
    double *to = out;
    for (size_t i = 0; i < count; i++)
        to[i] = sa_fixed_decode(in[i], f->segment, f->weights) / f->divisor;
}

static void to_f32(void *out, const uint64_t *in, size_t count,
    const format *f)
{
    float *to = out;
    for (size_t i = 0; i < count; i++)
        to[i] = (float)(sa_fixed_decode(in[i], f->segment, f->weights)
            / f->divisor);
}

static const struct {
    void (*convert)(void *, const uint64_t *, size_t, const format *);
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

/* ---- reading ------------------------------------------------------------ */

/* A range of one segment, and room to unmask a piece of it. */
typedef struct range {
    const sa_result *result;
    const secagg_segment *segment;
    uint32_t number;
    uint8_t *planes;
    uint64_t *entries;
} range;

/* Unmask entries [start, start + count) into entries; start is a multiple of
 * 512, and the piece ends with a block or with the segment. */
static secagg_err unmask(const range *r, const secagg_masks *masks,
    uint64_t start, size_t count)
{
    const uint32_t bits = r->segment->bits;
    const uint8_t *from = r->result->planes
        + r->result->params->places[r->number] + sa_planar_at(start, bits);

    memcpy(r->planes, from, secagg_planar_size(count, bits));
    SA_TRY(secagg_masks_apply(masks, r->number, bits, start, r->planes,
        count));
    return secagg_planar_unpack_u64(r->entries, r->planes, count, bits);
}

/* Unmask [offset, offset + count) piece by piece and convert. */
static secagg_err walk(const range *r, const secagg_masks *masks, sa_form form,
    const format *f, uint64_t offset, uint8_t *out, size_t count)
{
    while (count > 0) {
        const size_t skip = (size_t)(offset % SA_BLOCK);
        const uint64_t start = offset - skip;
        const uint64_t left = r->segment->length - start;
        const size_t have = left < PIECE ? (size_t)left : PIECE;
        const size_t want = count < have - skip ? count : have - skip;
        const size_t blocks = (skip + want + SA_BLOCK - 1) / SA_BLOCK;
        const size_t whole = blocks * SA_BLOCK < have ? blocks * SA_BLOCK
                                                      : have;

        SA_TRY(unmask(r, masks, start, whole));
        forms[form].convert(out, r->entries + skip, want, f);
        out += want * forms[form].size;
        offset += want;
        count -= want;
    }
    return SECAGG_OK;
}

/* With room for the pieces, which is wiped: other entries of a block may not
 * have been asked for. */
static secagg_err read_range(const sa_result *result,
    const secagg_masks *masks, sa_form form, const format *f, size_t segment,
    uint64_t offset, void *out, size_t count)
{
    range r = { result, &result->params->segments[segment],
        (uint32_t)segment, NULL, NULL };
    const size_t piece = r.segment->length < PIECE
        ? (size_t)r.segment->length : PIECE;
    const size_t planes = secagg_planar_size(piece, r.segment->bits);
    secagg_err err = SECAGG_ERR_MEMORY;

    r.planes = sa_alloc(planes, 1);
    r.entries = sa_alloc(piece, sizeof *r.entries);
    if (r.planes != NULL && r.entries != NULL)
        err = walk(&r, masks, form, f, offset, out, count);
    sa_free(r.planes, planes);
    sa_free(r.entries, piece * sizeof *r.entries);
    return err;
}

secagg_err sa_result_read(const sa_result *result, sa_form form,
    size_t segment, uint64_t offset, void *out, size_t count)
{
    const secagg_segment *s;
    format f;

    if (result->masks == NULL)
        return SECAGG_ERR_STATE;
    if (segment >= result->params->own.segment_count)
        return SECAGG_ERR_ARG;
    s = &result->params->segments[segment];
    if (forms[form].real && s->kind == SECAGG_INTEGER)
        return SECAGG_ERR_ARG;
    if (offset > s->length || count > s->length - offset)
        return SECAGG_ERR_SIZE;
    f = (format){ s, s->kind == SECAGG_WEIGHTED ? result->weight
                                                : result->survivors, 1.0 };
    if (forms[form].mean && f.weights == 0)
        return SECAGG_ERR_VALUE;
    if (forms[form].mean)
        f.divisor = (double)f.weights;
    if (count == 0)
        return SECAGG_OK;
    return read_range(result, result->masks, form, &f, segment, offset, out,
        count);
}

secagg_err sa_result_settle(sa_result *result, secagg_masks *masks,
    uint32_t survivors)
{
    const size_t last = result->params->count - 1;
    const format f = { &result->params->segments[last], 0, 1.0 };
    uint64_t weight = 0;

    if (sa_params_weighs(result->params))
        SA_TRY(read_range(result, masks, SA_SUM_U64, &f, last, 0, &weight,
            1));
    result->weight = weight;
    result->survivors = survivors;
    result->masks = masks;
    return SECAGG_OK;
}
