/* SPDX-License-Identifier: Apache-2.0 */
/* typed_input: pieces of values of one type that lie next to each other. */
#ifndef TYPED_INPUT_H
#define TYPED_INPUT_H

#include "client/input_piece.h"

static inline sa_values packed_values(const void *first, uint32_t type,
    size_t count)
{
    const sa_type *t = sa_type_of(type);
    return sa_values_of(first, t, (ptrdiff_t)t->size, count);
}

static inline secagg_err input_f32(sa_input_buffer *input,
    const uint8_t rounding[32], size_t segment, uint64_t offset,
    const float *values, size_t count)
{
    const sa_values v = packed_values(values, SECAGG_F32, count);
    return sa_input_piece_add(input, rounding, segment, offset, &v);
}

static inline secagg_err input_f64(sa_input_buffer *input,
    const uint8_t rounding[32], size_t segment, uint64_t offset,
    const double *values, size_t count)
{
    const sa_values v = packed_values(values, SECAGG_F64, count);
    return sa_input_piece_add(input, rounding, segment, offset, &v);
}

static inline secagg_err input_u64(sa_input_buffer *input, size_t segment,
    uint64_t offset, const uint64_t *values, size_t count)
{
    const sa_values v = packed_values(values, SECAGG_U64, count);
    return sa_input_piece_add(input, NULL, segment, offset, &v);
}

static inline secagg_err input_i64(sa_input_buffer *input, size_t segment,
    uint64_t offset, const int64_t *values, size_t count)
{
    const sa_values v = packed_values(values, SECAGG_I64, count);
    return sa_input_piece_add(input, NULL, segment, offset, &v);
}

#endif
