/* SPDX-License-Identifier: Apache-2.0 */
/* input: a client's values on their way into planes. Pieces are encoded the
 * moment they come, into the place that they have in the later INPUT message,
 * so that a client holds one planar vector and little more. */
#ifndef SA_INPUT_H
#define SA_INPUT_H

#include "params.h"
#include "ranges.h"

typedef struct sa_input {
    const sa_params *params; /* the client's */
    uint8_t *buffer;         /* room before the planes, then the planes */
    size_t room, size;       /* bytes before the planes, bytes in all */
    sa_ranges *given;        /* what was given, a segment */
    uint64_t *clipped;       /* values that were clipped, a segment */
    uint64_t weight;
    bool weighed;
} sa_input;

/* Room: bytes to leave before the planes. The buffer comes with the first
 * piece. */
SECAGG_MUST_CHECK secagg_err sa_input_init(sa_input *input,
    const sa_params *params, size_t room);
void sa_input_free(sa_input *input);

/* Take pieces; the errors are those of secagg_client_weight and
 * secagg_client_input_*. prk is the client's, for the rounding stream. Only
 * SECAGG_ERR_CRYPTO leaves the input changed. */
SECAGG_MUST_CHECK secagg_err sa_input_weigh(sa_input *input, uint64_t weight);
SECAGG_MUST_CHECK secagg_err sa_input_f32(sa_input *input,
    const uint8_t prk[32], size_t segment, uint64_t offset,
    const float *values, size_t count);
SECAGG_MUST_CHECK secagg_err sa_input_f64(sa_input *input,
    const uint8_t prk[32], size_t segment, uint64_t offset,
    const double *values, size_t count);
SECAGG_MUST_CHECK secagg_err sa_input_u64(sa_input *input, size_t segment,
    uint64_t offset, const uint64_t *values, size_t count);
SECAGG_MUST_CHECK secagg_err sa_input_i64(sa_input *input, size_t segment,
    uint64_t offset, const int64_t *values, size_t count);

/* Whether every entry, and the weight where there is one, was given. */
bool sa_input_complete(const sa_input *input);

/* The planes of all segments, params->vector bytes. */
static inline uint8_t *sa_input_planes(const sa_input *input)
{
    return input->buffer + input->room;
}

#endif
