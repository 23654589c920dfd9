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

/* Returns whether unsigned values that fit, or signed ones if `is_signed`, are
 * their own entries. */
static inline bool sa_integers_are_entries(const secagg_segment *segment,
    bool is_signed)
{
    return segment->kind == SECAGG_UNSIGNED
        || (segment->kind == SECAGG_INTEGER && !is_signed);
}

/* Encode values that fit. */
void sa_integers_encode(uint64_t *out, const uint64_t *values, size_t count,
    const secagg_segment *segment);

#endif
