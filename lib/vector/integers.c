/* SPDX-License-Identifier: Apache-2.0 */
#include "vector/integers.h"

#include "core/mem.h"

/* Returns what is added to the values of a segment. */
static uint64_t shift_of(const secagg_segment *s)
{
    return s->kind == SECAGG_SIGNED ? (uint64_t)1 << (s->value_bits - 1) : 0;
}

/* Returns whether value + shift, modulo 2^64, is below 2^bits for all values,
 * without a branch on a value. */
static bool below(const uint64_t *values, size_t count, uint64_t shift,
    uint32_t bits)
{
    uint64_t all = 0;

    for (size_t i = 0; i < count; i++)
        all |= values[i] + shift;
    all = bits == 64 ? 0 : all >> bits;
    sa_declassify(&all, sizeof all);
    return all == 0;
}

bool sa_integers_fit_unsigned(const secagg_segment *s, const uint64_t *values,
    size_t count)
{
    const uint32_t bits = s->kind == SECAGG_INTEGER ? s->bits
        : s->value_bits - (s->kind == SECAGG_SIGNED);

    return below(values, count, 0, bits);
}

bool sa_integers_fit_signed(const secagg_segment *s, const uint64_t *values,
    size_t count)
{
    return s->kind == SECAGG_INTEGER
        || below(values, count, shift_of(s), s->value_bits);
}

void sa_integers_encode_u64(uint64_t *restrict out,
    const uint64_t *restrict values, size_t count, const secagg_segment *s)
{
    const uint64_t shift = shift_of(s), mask = UINT64_MAX >> (64 - s->bits);

    for (size_t i = 0; i < count; i++)
        out[i] = (values[i] + shift) & mask;
}

void sa_integers_encode_lower(uint32_t *restrict out,
    const uint64_t *restrict values, size_t count, const secagg_segment *s)
{
    const uint32_t shift = (uint32_t)shift_of(s);
    const uint32_t mask = UINT32_MAX >> (32 - s->bits);

    for (size_t i = 0; i < count; i++)
        out[i] = ((uint32_t)values[i] + shift) & mask;
}

void sa_integers_encode_u32(uint32_t *restrict out,
    const uint32_t *restrict values, size_t count, const secagg_segment *s)
{
    const uint32_t shift = (uint32_t)shift_of(s);
    const uint32_t mask = UINT32_MAX >> (32 - s->bits);

    for (size_t i = 0; i < count; i++)
        out[i] = (values[i] + shift) & mask;
}
