/* SPDX-License-Identifier: Apache-2.0 */
#include "client/input_due.h"

#include <inttypes.h>

#include "core/reason.h"

/* Write the segment to which an entry of a lane belongs; the hidden segment is
 * none of the host's. Returns whether there is one. */
static bool explain_entry(const sa_params *params, const sa_lane *lane,
    uint64_t entry, char *reason)
{
    for (size_t i = 0; i < params->own.segment_count; i++) {
        const uint64_t first = params->places[i];
        const secagg_segment *s = &params->segments[i];
        if (s->bits != lane->bits || entry < first
            || entry - first >= s->length)
            continue;
        sa_reason_set(reason, "segment %zu: entry %" PRIu64 " of %" PRIu64
            " is missing", i, entry - first, s->length);
        return true;
    }
    return false;
}

void sa_input_due_explain(const sa_input_buffer *input, char *reason)
{
    const sa_params *params = input->params;

    sa_reason_set(reason, "no entry of %s was supplied",
        input->part_blocks > 0 ? "the part that is due" : "the input");
    if (sa_params_weighted(params) && !input->has_weight) {
        sa_reason_set(reason, "the weight is missing");
        return;
    }
    if (input->buffer == NULL || input->finished)
        return;
    for (size_t i = 0; i < params->lanes.count; i++) {
        const sa_input_lane *l = &input->lanes[i];
        const uint64_t gap = sa_intervals_first_gap(&l->given);
        if (gap < l->part.count && explain_entry(params, l->lane,
                l->part.offset + gap, reason))
            return;
    }
}
