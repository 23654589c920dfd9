/* SPDX-License-Identifier: Apache-2.0 */
#include "client/input_check.h"

#include <inttypes.h>

#include "core/mem.h"
#include "core/reason.h"
#include "vector/fixed.h"
#include "vector/integers.h"

secagg_err sa_input_check_place(const sa_params *params,
    const sa_piece_place *place, bool integer, char *reason)
{
    const secagg_segment *s;

    SA_REQUIRE(place->segment < params->own.segment_count, SECAGG_ERR_ARG,
        reason, "there is no segment %zu: the session has %zu segments",
        place->segment, params->own.segment_count);
    s = &params->segments[place->segment];
    SA_REQUIRE(sa_fixed_is_real(s) != integer, SECAGG_ERR_ARG, reason,
        "segment %zu has %s, not %s", place->segment,
        integer ? "reals" : "integers", integer ? "integers" : "reals");
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

bool sa_allowed_f32(const void *values, size_t first, size_t count,
    const secagg_segment *segment)
{
    (void)segment;
    return sa_fixed_finite_f32((const float *)values + first, count);
}

bool sa_allowed_f64(const void *values, size_t first, size_t count,
    const secagg_segment *segment)
{
    (void)segment;
    return sa_fixed_finite_f64((const double *)values + first, count);
}

bool sa_allowed_u64(const void *values, size_t first, size_t count,
    const secagg_segment *segment)
{
    return sa_integers_fit_unsigned(segment,
        (const uint64_t *)values + first, count);
}

/* Two's complement. */
bool sa_allowed_i64(const void *values, size_t first, size_t count,
    const secagg_segment *segment)
{
    return sa_integers_fit_signed(segment, (const uint64_t *)values + first,
        count);
}

/* Returns the position of the first value that is not allowed; there is one.
 * Each half is tested as a whole, so that nothing else becomes public. */
static size_t first_refused(sa_allowed_fn *allowed, const void *values,
    size_t count, const secagg_segment *s)
{
    size_t first = 0;

    while (count > 1) {
        const size_t half = count / 2;
        if (allowed(values, first, half, s)) {
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
    const sa_piece_place *place, sa_allowed_fn *allowed, const void *values,
    char *reason)
{
    const secagg_segment *s = &params->segments[place->segment];

    if (allowed(values, 0, place->count, s))
        return SECAGG_OK;
    explain(reason, place->segment, place->offset
        + first_refused(allowed, values, place->count, s), s);
    return SECAGG_ERR_VALUE;
}
