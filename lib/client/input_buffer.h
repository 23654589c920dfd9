/* SPDX-License-Identifier: Apache-2.0 */
/* input: a client's values on their way into planes. Pieces are encoded the
 * moment they come, into the place that they have in the later message, so
 * that a client holds one planar vector and little more; or, where the input
 * goes out in parts, the planes of one part (PROTOCOL.md 8.7). */
#ifndef SA_INPUT_BUFFER_H
#define SA_INPUT_BUFFER_H

#include "core/intervals.h"
#include "session/params.h"

/* Entries of a segment that stand in the buffer, and where. */
typedef struct sa_window {
    uint64_t offset, count;
    size_t at; /* of the first plane, after the room */
} sa_window;

typedef struct sa_input_buffer {
    const sa_params *params; /* the client's */
    size_t room;      /* bytes before the planes */
    uint8_t *buffer;  /* room, then the planes; comes with the first piece */
    size_t size;      /* of the buffer */
    uint64_t chunk;   /* blocks of a part; 0: all in one message */
    uint64_t start, end, blocks; /* of the part, and of the whole input */
    bool spent;       /* the part is made: the next piece begins another */
    sa_window *windows;  /* a segment */
    sa_intervals *given;    /* what was given, a segment */
    uint64_t *clipped;   /* values that were clipped, a segment */
    uint64_t weight;
    bool weighed;
} sa_input_buffer;

/* Room: bytes to leave before the planes. */
SECAGG_MUST_CHECK secagg_err sa_input_buffer_init(sa_input_buffer *input,
    const sa_params *params, size_t room);
void sa_input_buffer_free(sa_input_buffer *input);

/* Wipe the planes; no more is taken. */
void sa_input_buffer_wipe(sa_input_buffer *input);

/* Go out in parts of so many blocks; _ARG for 0, _STATE once input was
 * given. */
SECAGG_MUST_CHECK secagg_err sa_input_buffer_set_part_size(
    sa_input_buffer *input, uint64_t blocks);

/* Go on at a part: after it was made, or to make it once more. */
SECAGG_MUST_CHECK secagg_err sa_input_buffer_seek(
    sa_input_buffer *input, uint32_t part);

/* Begin the part after one that was made if no piece belongs to it, but the
 * weight alone. */
SECAGG_MUST_CHECK secagg_err sa_input_buffer_next_part(sa_input_buffer *input);

/* Take pieces; the errors are those of secagg_client_weight and
 * secagg_client_input_*. prk is the client's, for the rounding stream. Only
 * SECAGG_ERR_CRYPTO leaves the input changed. */
SECAGG_MUST_CHECK secagg_err sa_input_buffer_weight(
    sa_input_buffer *input, uint64_t weight);
SECAGG_MUST_CHECK secagg_err sa_input_buffer_f32(sa_input_buffer *input,
    const uint8_t prk[32], size_t segment, uint64_t offset,
    const float *values, size_t count);
SECAGG_MUST_CHECK secagg_err sa_input_buffer_f64(sa_input_buffer *input,
    const uint8_t prk[32], size_t segment, uint64_t offset,
    const double *values, size_t count);
SECAGG_MUST_CHECK secagg_err sa_input_buffer_u64(sa_input_buffer *input,
    size_t segment, uint64_t offset, const uint64_t *values, size_t count);
SECAGG_MUST_CHECK secagg_err sa_input_buffer_i64(sa_input_buffer *input,
    size_t segment, uint64_t offset, const int64_t *values, size_t count);

/* Whether every entry of the part, and the weight where there is one, was
 * given. */
bool sa_input_buffer_complete(const sa_input_buffer *input);

/* Whether the part is the last one. */
static inline bool sa_input_buffer_at_end(const sa_input_buffer *input)
{
    return input->end == input->blocks;
}

/* What follows the room: planes, with a head before those of each piece where
 * the input goes out in parts. */
static inline uint8_t *sa_input_buffer_planes(const sa_input_buffer *input)
{
    return input->buffer + input->room;
}

#endif
