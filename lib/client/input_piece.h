/* SPDX-License-Identifier: Apache-2.0 */
/* input_piece: the pieces of a client's input. Each is checked, encoded and
 * laid out in the planes of the input buffer when the host supplies it. */
#ifndef SA_INPUT_PIECE_H
#define SA_INPUT_PIECE_H

#include "client/input_buffer.h"
#include "vector/values.h"

/* Returns whether a call that supplied a piece of so many values must end with
 * sa_leave() (residue.h). */
static inline bool sa_input_piece_leaves(const sa_input_buffer *input,
    size_t count)
{
    return count >= SA_BLOCK || sa_input_buffer_complete(input);
}

/* Supply `values` from entry `offset` of a segment on. `rounding` is the
 * client's rounding seed. The errors are those of
 * secagg_client_input_strided(). The input changes if the result is SECAGG_OK
 * or SECAGG_ERR_CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_input_piece_add(sa_input_buffer *input,
    const uint8_t rounding[32], size_t segment, uint64_t offset,
    const sa_values *values);

#endif
