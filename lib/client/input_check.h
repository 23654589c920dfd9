/* SPDX-License-Identifier: Apache-2.0 */
/* input_check: the tests of a piece of input that need its segment only, and
 * the sentences for those that fail (PROTOCOL.md 9.1). */
#ifndef SA_INPUT_CHECK_H
#define SA_INPUT_CHECK_H

#include "session/params.h"

/* Where a piece belongs: `count` entries of a segment, from entry `offset`
 * on. */
typedef struct sa_piece_place {
    size_t segment;
    uint64_t offset;
    size_t count;
} sa_piece_place;

/* Check that the segment exists, that it has integers or reals as `integer`
 * says, and that the piece is within it. Returns SECAGG_ERR_ARG or
 * SECAGG_ERR_SIZE, with a sentence in `reason`, which may be NULL. */
SECAGG_MUST_CHECK secagg_err sa_input_check_place(const sa_params *params,
    const sa_piece_place *place, bool integer, char *reason);

/* Returns SECAGG_ERR_STATE if the session has no weights, or SECAGG_ERR_VALUE
 * with the range, but not the weight, in the sentence. */
SECAGG_MUST_CHECK secagg_err sa_input_check_weight(const sa_params *params,
    uint64_t weight, char *reason);

/* A test of values of one type: returns whether a segment allows `count` of
 * them, from value `first` on. Its time depends on `count` only, and it
 * declassifies nothing but its verdict. */
typedef bool sa_allowed_fn(const void *values, size_t first, size_t count,
    const secagg_segment *segment);

/* The tests of the types that a host may supply. */
sa_allowed_fn sa_allowed_f32, sa_allowed_f64, sa_allowed_u64, sa_allowed_i64;

/* Test the values of a piece. Returns SECAGG_ERR_VALUE, with a sentence that
 * names the segment, the first entry that is not allowed and the range, but not
 * the value. The time then depends on the position of that entry. */
SECAGG_MUST_CHECK secagg_err sa_input_check_values(const sa_params *params,
    const sa_piece_place *place, sa_allowed_fn *allowed, const void *values,
    char *reason);

#endif
