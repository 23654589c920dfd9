/* SPDX-License-Identifier: Apache-2.0 */
/* ranges: which entries of a segment were given, as sorted disjoint ranges
 * that do not touch. Consecutive pieces cost nothing; the memory is that of
 * the gaps. */
#ifndef SA_INTERVALS_H
#define SA_INTERVALS_H

#include <secagg/base.h>

typedef struct sa_intervals {
    struct sa_interval {
        uint64_t start, end;
    } *at;
    size_t count, room;
} sa_intervals; /* all zero: none given */

/* Add [start, start + count). SECAGG_ERR_STATE where an entry was given
 * before, SECAGG_ERR_MEMORY; nothing changes then. */
SECAGG_MUST_CHECK secagg_err sa_intervals_add(
    sa_intervals *ranges, uint64_t start, uint64_t count);

/* Whether all of [0, length) was given. */
bool sa_intervals_full(const sa_intervals *ranges, uint64_t length);

void sa_intervals_free(sa_intervals *ranges);

#endif
