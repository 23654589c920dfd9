/* SPDX-License-Identifier: Apache-2.0 */
#include "client/input_piece.h"

#include <inttypes.h>

#include "client/input_check.h"
#include "core/fp_env.h"
#include "core/mem.h"
#include "core/reason.h"
#include "core/residue.h"
#include "vector/fixed.h"
#include "vector/integers.h"

/* Values, and the entries that they are for. */
typedef struct piece {
    sa_piece_place place;
    const sa_values *values;
    /* Set by locate(): */
    const secagg_segment *segment;
    sa_input_lane *lane;
    uint64_t entry; /* of the lane, at which the piece begins */
} piece;

/* ---- checks ------------------------------------------------------------- */

/* Find the entries of a piece whose place was checked. */
static void locate(const sa_input_buffer *input, piece *p)
{
    const size_t segment = p->place.segment;

    p->segment = &input->params->segments[segment];
    p->lane = sa_input_buffer_lane(input, segment);
    p->entry = input->params->places[segment] + p->place.offset;
}

/* Check a piece in the order of PROTOCOL.md 9.1, up to the test of its values,
 * and locate its entries. */
static secagg_err check_piece(const sa_input_buffer *input, piece *p)
{
    const sa_piece_place *place = &p->place;
    const size_t count = place->count;
    sa_lane_range due;

    SA_TRY(sa_input_check_place(input->params, place, p->values->type,
        input->reason));
    locate(input, p);
    if (count == 0)
        return SECAGG_OK;
    due = sa_input_buffer_due(input, p->lane);
    SA_REQUIRE(p->entry >= due.offset && p->entry - due.offset <= due.count
            && count <= due.count - (p->entry - due.offset),
        SECAGG_ERR_STATE, input->reason, "segment %zu: not all entries from %"
        PRIu64 " to %" PRIu64 " are in the part that is due", place->segment,
        place->offset, place->offset + count - 1);
    SA_REQUIRE(p->segment->kind != SECAGG_WEIGHTED || input->has_weight,
        SECAGG_ERR_STATE, input->reason, "segment %zu is weighted: supply the "
        "weight first", place->segment);
    return SECAGG_OK;
}

/* ---- entries ------------------------------------------------------------ */

/* Open the part of a piece that was checked, and record its entries; `seed` is
 * that of stochastic rounding, or NULL. Returns SECAGG_ERR_STATE if one of the
 * entries was supplied before. */
static secagg_err begin_piece(sa_input_buffer *input, const piece *p,
    const uint8_t *seed)
{
    const sa_piece_place *place = &p->place;
    secagg_err err;

    SA_TRY(sa_input_lane_prepare(p->lane, input->params->cipher, seed));
    err = sa_input_buffer_record(input, p->lane, p->entry, place->count);
    SA_REQUIRE(err != SECAGG_ERR_STATE, err, input->reason, "segment %zu: one "
        "of the entries %" PRIu64 " to %" PRIu64 " was supplied before",
        place->segment, place->offset, place->offset + place->count - 1);
    return err;
}

/* Returns the entries from `offset` to the end of its block, `left` at most. */
static size_t block_entries(uint64_t offset, size_t left)
{
    const size_t entries = SA_BLOCK - (size_t)(offset % SA_BLOCK);
    return left < entries ? left : entries;
}

/* ---- reals -------------------------------------------------------------- */

/* Set the constants of the lane for a segment. The tensors of a model often
 * have the same ones, so those of the last piece are kept. */
static void set_scale(const sa_input_buffer *input,
    sa_input_lane *l, const secagg_segment *s)
{
    if (l->scaled == s)
        return;
    if (l->scaled == NULL || !sa_fixed_same_encoding(l->scaled, s))
        l->scale = sa_fixed_scale_of(s,
            s->kind == SECAGG_WEIGHTED ? input->weight : 1);
    l->scaled = s;
}

/* Encode reals to 32 bits. `words` are random words for stochastic rounding, or
 * NULL for nearest. Returns the number of values that were clipped. */
static uint64_t encode_u32(uint32_t *out, sa_reals in, size_t count,
    const sa_fixed_scale *scale, const uint8_t *words)
{
    const sa_fixed_backend *backend = sa_fixed_best();

    return in.f32 != NULL
        ? backend->f32_to_u32(out, in.f32, count, scale, words)
        : backend->f64_to_u32(out, in.f64, count, scale, words);
}

/* The same to 64 bits, which a weight needs. */
static uint64_t encode_u64(uint64_t *out, sa_reals in, size_t count,
    const sa_fixed_scale *scale, const uint8_t *words)
{
    const sa_fixed_backend *backend = sa_fixed_best();

    return in.f32 != NULL
        ? backend->f32_to_u64(out, in.f32, count, scale, words)
        : backend->f64_to_u64(out, in.f64, count, scale, words);
}

/* Encode weighted reals whose modulus has at most 32 bits. */
static uint64_t encode_lower(uint32_t *out, sa_reals in, size_t count,
    const sa_fixed_scale *scale, const uint8_t *words)
{
    uint64_t entries[SA_BLOCK];
    const uint64_t clipped = encode_u64(entries, in, count, scale, words);

    for (size_t i = 0; i < count; i++)
        out[i] = (uint32_t)entries[i];
    sa_wipe(entries, count * sizeof *entries);
    return clipped;
}

/* Encode reals as entries of a lane, all of one block, from `entry` on. */
static uint64_t encode_run(sa_input_lane *l, uint64_t entry, sa_reals in,
    size_t count, const uint8_t *words)
{
    const size_t at = sa_input_lane_gather(l, entry, count);

    if (!sa_input_lane_narrow(l))
        return encode_u64(l->gathered->wide + at, in, count, &l->scale, words);
    return (l->scaled->kind == SECAGG_WEIGHTED ? encode_lower : encode_u32)(
        l->gathered->narrow + at, in, count, &l->scale, words);
}

/* Encode a piece block by block. */
SA_FP_BODY static secagg_err encode(
    sa_input_buffer *input, const piece *p, bool stochastic)
{
    const size_t count = p->place.count;
    sa_input_lane *l = p->lane;
    uint64_t *clipped = &input->clipped[p->place.segment];
    uint64_t entry = p->entry;
    const uint8_t *words = NULL;
    secagg_err err = SECAGG_OK;
    sa_run run;

    run.count = 0;
    set_scale(input, l, p->segment);
    for (size_t i = 0, n; i < count; i += n, entry += n) {
        n = block_entries(entry, count - i);
        if (stochastic)
            err = sa_rounding_draw(l->rounding, entry, &words);
        if (err != SECAGG_OK)
            break;
        *clipped += encode_run(l, entry,
            sa_values_reals(p->values, i, n, &run), n, words);
    }
    sa_run_wipe(&run);
    if (sa_input_piece_leaves(input, count))
        err = sa_leave(err); /* the functions of a backend have large frames */
    return err;
}

/* Add a piece of reals that was checked. */
static secagg_err add_reals(sa_input_buffer *input,
    const uint8_t rounding[32], const piece *p)
{
    const bool stochastic = p->segment->rounding == SECAGG_STOCHASTIC;
    sa_fp_env host;
    secagg_err err;

    SA_REQUIRE(sa_fp_enter(&host) == SECAGG_OK, SECAGG_ERR_STATE,
        input->reason, "the floating-point environment cannot be set");
    err = begin_piece(input, p, stochastic ? rounding : NULL);
    if (err == SECAGG_OK)
        err = encode(input, p, stochastic);
    sa_fp_leave(&host);
    return err;
}

/* ---- integers ----------------------------------------------------------- */

/* Encode `count` values from value i on, all of one block, from `entry` on. */
static void encode_integers(const piece *p, size_t i, uint64_t entry,
    size_t count, sa_run *run)
{
    const size_t at = sa_input_lane_gather(p->lane, entry, count);
    const sa_values *v = p->values;
    sa_entries *out = p->lane->gathered;

    if (!sa_input_lane_narrow(p->lane))
        sa_integers_encode_u64(out->wide + at,
            sa_values_integers(v, i, count, run), count, p->segment);
    else if (v->type->size == sizeof(uint64_t))
        sa_integers_encode_lower(out->narrow + at,
            sa_values_integers(v, i, count, run), count, p->segment);
    else
        sa_integers_encode_u32(out->narrow + at,
            sa_values_lower(v, i, count, run), count, p->segment);
}

/* Add a piece of integers that was checked, block by block. */
static secagg_err add_integers(sa_input_buffer *input, const piece *p)
{
    const size_t count = p->place.count;
    sa_run run;

    SA_TRY(begin_piece(input, p, NULL));
    run.count = 0;
    for (size_t i = 0, n; i < count; i += n) {
        n = block_entries(p->entry + i, count - i);
        encode_integers(p, i, p->entry + i, n, &run);
    }
    sa_run_wipe(&run);
    return SECAGG_OK;
}

secagg_err sa_input_piece_add(sa_input_buffer *input,
    const uint8_t rounding[32], size_t segment, uint64_t offset,
    const sa_values *values)
{
    piece p = { .place = { segment, offset, values->count },
        .values = values };

    SA_TRY(check_piece(input, &p));
    SA_TRY(sa_input_check_values(input->params, &p.place, values,
        input->reason));
    if (values->count == 0)
        return SECAGG_OK;
    return sa_fixed_is_real(p.segment) ? add_reals(input, rounding, &p)
                                       : add_integers(input, &p);
}
