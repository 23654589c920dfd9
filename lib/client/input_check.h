/* SPDX-License-Identifier: Apache-2.0 */
/* input_check: the tests of a piece of input that need its segment only, and
 * the sentences for those that fail (PROTOCOL.md 9.1). */
#ifndef SA_INPUT_CHECK_H
#define SA_INPUT_CHECK_H

#include "session/params.h"
#include "vector/values.h"

/* Where a piece belongs: `count` entries of a segment, from entry `offset`
 * on. */
typedef struct sa_piece_place {
    size_t segment;
    uint64_t offset;
    size_t count;
} sa_piece_place;

/* Check that the segment exists, that it accepts the type of the values, and
 * that the piece is within it. Returns SECAGG_ERR_ARG or
 * SECAGG_ERR_SIZE, with a sentence in `reason`, which may be NULL. */
SECAGG_MUST_CHECK secagg_err sa_input_check_place(const sa_params *params,
    const sa_piece_place *place, const sa_type *type, char *reason);

/* Returns SECAGG_ERR_STATE if the session has no weights, or SECAGG_ERR_VALUE
 * with the range, but not the weight, in the sentence. */
SECAGG_MUST_CHECK secagg_err sa_input_check_weight(const sa_params *params,
    uint64_t weight, char *reason);

/* Test the values of a piece, in time that depends on their number only; the
 * verdict is declassified. Returns SECAGG_ERR_VALUE, with a sentence that names
 * the segment, the first entry that is not allowed and the range, but not the
 * value. The time then depends on the position of that entry. */
SECAGG_MUST_CHECK secagg_err sa_input_check_values(const sa_params *params,
    const sa_piece_place *place, const sa_values *values, char *reason);

#endif
