/* SPDX-License-Identifier: Apache-2.0 */
/* ranges: which entries of a segment were given, as sorted disjoint ranges
 * that do not touch. Consecutive pieces cost nothing; the memory is that of
 * the gaps. */
#ifndef SA_RANGES_H
#define SA_RANGES_H

#include <secagg/base.h>

typedef struct sa_ranges {
    struct sa_range {
        uint64_t start, end;
    } *at;
    size_t count, room;
} sa_ranges; /* all zero: none given */

/* Add [start, start + count). SECAGG_ERR_STATE where an entry was given
 * before, SECAGG_ERR_MEMORY; nothing changes then. */
SECAGG_MUST_CHECK secagg_err sa_ranges_add(sa_ranges *ranges, uint64_t start,
    uint64_t count);

/* Whether all of [0, length) was given. */
bool sa_ranges_full(const sa_ranges *ranges, uint64_t length);

void sa_ranges_free(sa_ranges *ranges);

#endif
