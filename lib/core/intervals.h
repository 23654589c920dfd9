/* SPDX-License-Identifier: Apache-2.0 */
/* intervals: a set of integers as sorted half-open intervals with gaps between
 * them. It records which entries of a segment have arrived. Memory grows with
 * the number of gaps, not of entries: adjacent intervals merge. */
#ifndef SA_INTERVALS_H
#define SA_INTERVALS_H

#include <secagg/base.h>

/* All zero is the empty set. */
typedef struct sa_intervals {
    struct sa_interval {
        uint64_t start, end; /* [start, end) */
    } *items;
    size_t count, capacity; /* of items */
} sa_intervals;

/* Add [start, start + count). Returns SECAGG_ERR_STATE if one of its integers
 * is in the set already, or if start + count overflows; SECAGG_ERR_MEMORY.
 * After an error the set is unchanged. */
SECAGG_MUST_CHECK secagg_err sa_intervals_add_anywhere(
    sa_intervals *set, uint64_t start, uint64_t count);

/* The same, faster if the last interval grows: they mostly come in order. */
SECAGG_MUST_CHECK static inline secagg_err sa_intervals_add(
    sa_intervals *set, uint64_t start, uint64_t count)
{
    if (set->count == 0 || set->items[set->count - 1].end != start
        || start + count < start)
        return sa_intervals_add_anywhere(set, start, count);
    set->items[set->count - 1].end += count;
    return SECAGG_OK;
}

/* Returns the lowest integer that is not in the set. */
uint64_t sa_intervals_first_gap(const sa_intervals *set);

/* Free the memory and make the set empty. */
void sa_intervals_free(sa_intervals *set);

#endif
