/* SPDX-License-Identifier: Apache-2.0 */
/* input_buffer: the input of a client, in bit planes. Values are encoded when
 * the host supplies them, at their place in the later message, so that a client
 * needs the memory of one planar vector; or of one part, if the input is sent
 * in parts (PROTOCOL.md 8.7). */
#ifndef SA_INPUT_BUFFER_H
#define SA_INPUT_BUFFER_H

#include "core/intervals.h"
#include "session/params.h"

/* The entries of a segment that are in the part. */
typedef struct sa_window {
    uint64_t offset, count;
    size_t at; /* where their planes begin, after the head */
} sa_window;

typedef struct sa_input_buffer {
    const sa_params *params; /* the client's */
    size_t head;     /* bytes before the planes, for the head of the message */
    uint8_t *buffer; /* head and planes; NULL until the first piece */
    size_t size;     /* of the buffer */
    uint64_t part_blocks; /* blocks of a part; 0: one message has all */
    uint64_t start, end;  /* blocks of the part */
    uint64_t blocks;      /* of the input */
    bool finished;   /* the part is a message: the next piece opens another */
    sa_window *windows;   /* a segment */
    sa_intervals *given;  /* supplied entries of the part, a segment */
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

/* Use parts of `blocks` blocks. Returns SECAGG_ERR_ARG for 0, SECAGG_ERR_STATE
 * if a part of the input was supplied already. */
SECAGG_MUST_CHECK secagg_err sa_input_buffer_set_part_size(
    sa_input_buffer *input, uint64_t blocks);

/* Open the part of a number, empty. Returns SECAGG_ERR_ARG if there is no such
 * part, or MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_input_buffer_seek(
    sa_input_buffer *input, uint32_t part);

/* Open the next part if it has the weight only: no piece of the host would. */
SECAGG_MUST_CHECK secagg_err sa_input_buffer_open_weight_part(
    sa_input_buffer *input);

/* Supply the weight, or a piece: `count` values from entry `offset` of a
 * segment on. The errors are those of secagg_client_weight() and
 * secagg_client_input_*(). `prk` is the client's PRK_u, for the rounding
 * stream. The input changes if the result is SECAGG_OK or
 * SECAGG_ERR_CRYPTO. */
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

/* Returns whether every entry of the part, and the weight if the session has
 * weights, was supplied. */
bool sa_input_buffer_complete(const sa_input_buffer *input);

/* Returns whether the part is the last one. */
static inline bool sa_input_buffer_at_end(const sa_input_buffer *input)
{
    return input->end == input->blocks;
}

/* Returns the planes. If the input is sent in parts, SA_PIECE_BYTES for the
 * head of a piece precede the planes of each segment. */
static inline uint8_t *sa_input_buffer_planes(const sa_input_buffer *input)
{
    return input->buffer + input->head;
}

#endif
