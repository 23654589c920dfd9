/* SPDX-License-Identifier: Apache-2.0 */
/* input_buffer: the input of a client, in bit planes. Values are encoded when
 * the host supplies them, at their place in the later message, so that a client
 * needs the memory of one planar vector; or of one part, if the input is sent
 * in parts (PROTOCOL.md 8.7). */
#ifndef SA_INPUT_BUFFER_H
#define SA_INPUT_BUFFER_H

#include "client/input_lane.h"
#include "session/params.h"

typedef struct sa_input_buffer {
    const sa_params *params; /* the client's */
    char *reason;    /* gets the sentence of a refusal; may be NULL */
    size_t head;     /* bytes before the planes, for the head of the message */
    uint8_t *buffer; /* head and planes; NULL until the first piece */
    size_t size;     /* of the buffer */
    uint64_t part_blocks; /* blocks of a part; 0: one message has all */
    uint64_t start, end;  /* blocks of the part */
    bool finished;   /* the part is a message: the next piece opens another */
    uint64_t missing;     /* entries of the open part, without the hidden one,
                             that were not supplied yet */
    sa_input_lane *lanes; /* as many as params->lanes */
    uint64_t *clipped;    /* values that were clipped, a segment */
    uint64_t weight;
    bool has_weight;
} sa_input_buffer;

/* Initialise with `head` bytes before the planes. Returns SECAGG_ERR_MEMORY if
 * there is no memory. */
SECAGG_MUST_CHECK secagg_err sa_input_buffer_init(sa_input_buffer *input,
    const sa_params *params, size_t head);

/* A buffer of zeros may be freed. */
void sa_input_buffer_free(sa_input_buffer *input);

/* Wipe the input. Only sa_input_buffer_free may be called afterwards. */
void sa_input_buffer_wipe(sa_input_buffer *input);

/* Use parts of `blocks` blocks. Returns SECAGG_ERR_STATE if an entry or the
 * weight was supplied already, SECAGG_ERR_ARG if that is not in the range of
 * PROTOCOL.md 8.7. */
SECAGG_MUST_CHECK secagg_err sa_input_buffer_set_part_size(
    sa_input_buffer *input, uint64_t blocks);

/* Open the part of a number, empty. Returns SECAGG_ERR_ARG if there is no such
 * part, or MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_input_buffer_seek(
    sa_input_buffer *input, uint32_t part);

/* Open the next part if it has the weight only: no piece of the host would. */
SECAGG_MUST_CHECK secagg_err sa_input_buffer_open_weight_part(
    sa_input_buffer *input);

/* Supply the weight. The errors are those of secagg_client_weight(). */
SECAGG_MUST_CHECK secagg_err sa_input_buffer_weight(
    sa_input_buffer *input, uint64_t weight);

/* Returns whether the part that is due is open. */
static inline bool sa_input_buffer_is_open(const sa_input_buffer *input)
{
    return input->buffer != NULL && !input->finished;
}

/* Returns the entries of a lane that are in the part that is due: the next
 * part, if the current one is finished. The part must not be open. */
sa_lane_range sa_input_buffer_unopened(const sa_input_buffer *input,
    const sa_input_lane *lane);

/* The same, whether it is open or not. */
static inline sa_lane_range sa_input_buffer_due(const sa_input_buffer *input,
    const sa_input_lane *lane)
{
    return sa_input_buffer_is_open(input)
        ? lane->part : sa_input_buffer_unopened(input, lane);
}

/* Open the part that is due, unless it is open. Returns SECAGG_ERR_MEMORY if
 * there is no memory. */
SECAGG_MUST_CHECK secagg_err sa_input_buffer_open(sa_input_buffer *input);

/* Open the part that is due, and record that `count` of its entries are
 * supplied, from entry `entry` of a lane on. Returns SECAGG_ERR_STATE if one of
 * them was supplied before, or MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_input_buffer_record(sa_input_buffer *input,
    sa_input_lane *lane, uint64_t entry, uint64_t count);

/* Returns whether every entry of the part, and the weight if the session has
 * weights, was supplied. */
static inline bool sa_input_buffer_complete(const sa_input_buffer *input)
{
    return sa_input_buffer_is_open(input) && input->missing == 0
        && (input->has_weight || !sa_params_weighted(input->params));
}

/* Returns whether a part size can no longer be set. */
static inline bool sa_input_buffer_has_input(const sa_input_buffer *input)
{
    return input->buffer != NULL || input->has_weight;
}

/* Lay out the entries that are still gathered: the planes are complete. */
void sa_input_buffer_seal(sa_input_buffer *input);

/* Record that the part is a message now. */
void sa_input_buffer_finish(sa_input_buffer *input);

/* Returns whether the part is the last one. */
static inline bool sa_input_buffer_at_end(const sa_input_buffer *input)
{
    return input->end == input->params->lanes.blocks;
}

/* Returns the lane of a segment. */
static inline sa_input_lane *sa_input_buffer_lane(
    const sa_input_buffer *input, size_t segment)
{
    const uint32_t bits = input->params->segments[segment].bits;
    return &input->lanes[input->params->lanes.number[bits]];
}

/* Returns the planes of the part. */
static inline uint8_t *sa_input_buffer_planes(const sa_input_buffer *input)
{
    return input->buffer + input->head;
}

#endif
