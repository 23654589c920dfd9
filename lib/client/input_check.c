/* SPDX-License-Identifier: Apache-2.0 */
#include "client/input_check.h"

#include <inttypes.h>

#include "core/mem.h"
#include "core/reason.h"
#include "vector/fixed.h"
#include "vector/integers.h"

/* Reals accept every type whose values are doubles, and integers every type of
 * integers. */
static secagg_err check_type(const secagg_segment *s, size_t segment,
    const sa_type *type, char *reason)
{
    SA_REQUIRE(type->size > 0, SECAGG_ERR_ARG, reason,
        "there is no such type of values");
    SA_REQUIRE(!sa_fixed_is_real(s) || type->real, SECAGG_ERR_ARG, reason,
        "segment %zu has reals, not integers of 64 bits", segment);
    SA_REQUIRE(sa_fixed_is_real(s) || type->integer, SECAGG_ERR_ARG, reason,
        "segment %zu has integers, not reals", segment);
    return SECAGG_OK;
}

secagg_err sa_input_check_place(const sa_params *params,
    const sa_piece_place *place, const sa_type *type, char *reason)
{
    const secagg_segment *s;

    SA_REQUIRE(place->segment < params->own.segment_count, SECAGG_ERR_ARG,
        reason, "there is no segment %zu: the session has %zu segments",
        place->segment, params->own.segment_count);
    s = &params->segments[place->segment];
    SA_TRY(check_type(s, place->segment, type, reason));
    SA_REQUIRE(place->offset <= s->length
            && place->count <= s->length - place->offset,
        SECAGG_ERR_SIZE, reason, "segment %zu has %" PRIu64 " entries: %zu "
        "from entry %" PRIu64 " on extend beyond it", place->segment,
        s->length, place->count, place->offset);
    return SECAGG_OK;
}

secagg_err sa_input_check_weight(const sa_params *params, uint64_t weight,
    char *reason)
{
    const secagg_params *own = &params->own;
    bool bad = (weight < own->min_weight) | (weight > own->max_weight);

    SA_REQUIRE(sa_params_weighted(params), SECAGG_ERR_STATE, reason,
        "the session has no weights: max_weight is 0");
    sa_declassify(&bad, sizeof bad);
    SA_REQUIRE(!bad, SECAGG_ERR_VALUE, reason, "the weight is not from %"
        PRIu32 " to %" PRIu64, own->min_weight, own->max_weight);
    return SECAGG_OK;
}

/* ---- values ------------------------------------------------------------- */

static bool run_fits(const secagg_segment *s, const void *in, size_t count,
    bool is_signed)
{
    return is_signed ? sa_integers_fit_signed(s, in, count)
                     : sa_integers_fit_unsigned(s, in, count);
}

/* Test values that are not packed, or of less than 64 bits. */
static bool runs_fit(const secagg_segment *s, const sa_values *v)
{
    bool fit = true;
    sa_run run;

    run.count = 0;
    for (size_t i = 0, n; fit && i < v->count; i += n) {
        n = sa_run_length(v, i);
        fit = run_fits(s, sa_values_integers(v, i, n, &run), n,
            v->type->is_signed);
    }
    sa_run_wipe(&run);
    return fit;
}

static bool integers_fit(const secagg_segment *s, const sa_values *v)
{
    return v->packed && v->type->size == sizeof(uint64_t)
        ? run_fits(s, v->first, v->count, v->type->is_signed)
        : runs_fit(s, v);
}

/* Returns whether a segment allows all values. Nothing else becomes public. */
static bool all_allowed(const sa_values *values, const secagg_segment *s)
{
    return sa_fixed_is_real(s) ? sa_values_finite(values)
                               : integers_fit(s, values);
}

/* The same for `count` values, from value `first` on. */
static bool some_allowed(const sa_values *values, size_t first, size_t count,
    const secagg_segment *s)
{
    const sa_values v = { values->first + (ptrdiff_t)first * values->stride,
        values->type, values->stride, count, values->packed };

    return all_allowed(&v, s);
}

/* Returns the position of the first value that is not allowed; there is one.
 * Each half is tested as a whole, so that nothing else becomes public. */
static size_t first_refused(const sa_values *values, const secagg_segment *s)
{
    size_t first = 0, count = values->count;

    while (count > 1) {
        const size_t half = count / 2;
        if (some_allowed(values, first, half, s)) {
            first += half;
            count -= half;
        } else {
            count = half;
        }
    }
    return first;
}

/* Write why the segment refuses a value of an entry. The range is that of 7.1,
 * whatever the type of the host. */
static void explain(char *reason, size_t segment, uint64_t entry,
    const secagg_segment *s)
{
    const uint32_t bits = s->kind == SECAGG_INTEGER ? s->bits : s->value_bits;

    sa_reason_set(reason, "segment %zu: the value of entry %" PRIu64 " is ",
        segment, entry);
    if (sa_fixed_is_real(s))
        sa_reason_add(reason, "NaN or infinite");
    else if (s->kind == SECAGG_SIGNED)
        sa_reason_add(reason, "not from -2^%" PRIu32 " to 2^%" PRIu32 " - 1",
            bits - 1, bits - 1);
    else
        sa_reason_add(reason, "not from 0 to 2^%" PRIu32 " - 1", bits);
}

secagg_err sa_input_check_values(const sa_params *params,
    const sa_piece_place *place, const sa_values *values, char *reason)
{
    const secagg_segment *s = &params->segments[place->segment];

    if (all_allowed(values, s))
        return SECAGG_OK;
    explain(reason, place->segment, place->offset + first_refused(values, s),
        s);
    return SECAGG_ERR_VALUE;
}
