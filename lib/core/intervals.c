/* SPDX-License-Identifier: Apache-2.0 */
#include "core/intervals.h"

#include <string.h>

#include "core/mem.h"

/* The first range that ends at start or after it. */
static size_t find(const sa_intervals *ranges, uint64_t start)
{
    size_t low = 0, high = ranges->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (ranges->at[middle].end < start)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static secagg_err grow(sa_intervals *ranges)
{
    const size_t room = ranges->room == 0 ? 4 : 2 * ranges->room;
    struct sa_interval *at;

    if (ranges->count < ranges->room)
        return SECAGG_OK;
    at = sa_realloc_wipe(ranges->at, room, sizeof *at);
    if (at == NULL)
        return SECAGG_ERR_MEMORY;
    ranges->at = at;
    ranges->room = room;
    return SECAGG_OK;
}

static secagg_err insert(sa_intervals *ranges, size_t i, uint64_t start,
    uint64_t end)
{
    SA_TRY(grow(ranges));
    memmove(ranges->at + i + 1, ranges->at + i,
        (ranges->count - i) * sizeof *ranges->at);
    ranges->at[i] = (struct sa_interval){ start, end };
    ranges->count++;
    return SECAGG_OK;
}

/* Range i now ends where range i + 1 may begin: make them one. */
static void close_gap(sa_intervals *ranges, size_t i)
{
    if (i + 1 >= ranges->count || ranges->at[i].end != ranges->at[i + 1].start)
        return;
    ranges->at[i].end = ranges->at[i + 1].end;
    ranges->count--;
    memmove(ranges->at + i + 1, ranges->at + i + 2,
        (ranges->count - i - 1) * sizeof *ranges->at);
}

secagg_err sa_intervals_add(
    sa_intervals *ranges, uint64_t start, uint64_t count)
{
    const uint64_t end = start + count;
    const size_t i = find(ranges, start);
    const bool touches = i < ranges->count && ranges->at[i].end == start;
    const size_t next = i + touches;

    if (count == 0)
        return SECAGG_OK;
    if (end < start
        || (next < ranges->count && ranges->at[next].start < end))
        return SECAGG_ERR_STATE;
    if (touches)
        ranges->at[i].end = end;
    else if (next < ranges->count && ranges->at[next].start == end)
        ranges->at[next].start = start;
    else
        SA_TRY(insert(ranges, i, start, end));
    close_gap(ranges, i);
    return SECAGG_OK;
}

bool sa_intervals_full(const sa_intervals *ranges, uint64_t length)
{
    return ranges->count == 1 && ranges->at[0].start == 0
        && ranges->at[0].end == length;
}

void sa_intervals_free(sa_intervals *ranges)
{
    sa_free(ranges->at);
    *ranges = (sa_intervals){ 0 };
}
