/* SPDX-License-Identifier: Apache-2.0 */
#include "core/intervals.h"

#include <string.h>

#include "core/mem.h"

/* Returns the index of the first interval that ends at `start` or later. */
static size_t find(const sa_intervals *set, uint64_t start)
{
    size_t low = 0, high = set->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (set->items[middle].end < start)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Make space for one more interval. */
static secagg_err grow(sa_intervals *set)
{
    const size_t capacity = set->capacity == 0 ? 4 : 2 * set->capacity;
    struct sa_interval *items;

    if (set->count < set->capacity)
        return SECAGG_OK;
    items = sa_realloc_wipe(set->items, capacity, sizeof *items);
    if (items == NULL)
        return SECAGG_ERR_MEMORY;
    set->items = items;
    set->capacity = capacity;
    return SECAGG_OK;
}

static secagg_err insert(sa_intervals *set, size_t i, uint64_t start,
    uint64_t end)
{
    SA_TRY(grow(set));
    memmove(set->items + i + 1, set->items + i,
        (set->count - i) * sizeof *set->items);
    set->items[i] = (struct sa_interval){ start, end };
    set->count++;
    return SECAGG_OK;
}

/* Merge intervals i and i + 1 if there is no gap between them. */
static void merge(sa_intervals *set, size_t i)
{
    if (i + 1 >= set->count || set->items[i].end != set->items[i + 1].start)
        return;
    set->items[i].end = set->items[i + 1].end;
    set->count--;
    memmove(set->items + i + 1, set->items + i + 2,
        (set->count - i - 1) * sizeof *set->items);
}

secagg_err sa_intervals_add_anywhere(
    sa_intervals *set, uint64_t start, uint64_t count)
{
    const uint64_t end = start + count;
    const size_t i = find(set, start);
    const bool touches = i < set->count && set->items[i].end == start;
    const size_t next = i + touches;

    if (count == 0)
        return SECAGG_OK;
    if (end < start
        || (next < set->count && set->items[next].start < end))
        return SECAGG_ERR_STATE;
    if (touches)
        set->items[i].end = end;
    else if (next < set->count && set->items[next].start == end)
        set->items[next].start = start;
    else
        SA_TRY(insert(set, i, start, end));
    merge(set, i);
    return SECAGG_OK;
}

uint64_t sa_intervals_first_gap(const sa_intervals *set)
{
    return set->count > 0 && set->items[0].start == 0 ? set->items[0].end : 0;
}

void sa_intervals_free(sa_intervals *set)
{
    sa_free(set->items);
    *set = (sa_intervals){ 0 };
}
