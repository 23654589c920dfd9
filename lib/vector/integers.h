/* SPDX-License-Identifier: Apache-2.0 */
/* integers: encoding of integers as entries (PROTOCOL.md 7.1). Signed integers
 * are passed in two's complement. The time does not depend on the values. */
#ifndef SA_INTEGERS_H
#define SA_INTEGERS_H

#include <secagg/params.h>

/* Return whether a segment of integers allows all values, which are unsigned,
 * or signed. Only the result is public. */
bool sa_integers_fit_unsigned(const secagg_segment *segment,
    const uint64_t *values, size_t count);
bool sa_integers_fit_signed(const secagg_segment *segment,
    const uint64_t *values, size_t count);

/* Encode values that fit; for a modulus of at most 32 bits in 32 bits, from the
 * values or from their lower 32 bits. */
void sa_integers_encode_u64(uint64_t *out, const uint64_t *values,
    size_t count, const secagg_segment *segment);
void sa_integers_encode_lower(uint32_t *out, const uint64_t *values,
    size_t count, const secagg_segment *segment);
void sa_integers_encode_u32(uint32_t *out, const uint32_t *values,
    size_t count, const secagg_segment *segment);

#endif
