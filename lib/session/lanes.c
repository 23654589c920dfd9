/* SPDX-License-Identifier: Apache-2.0 */
#include "session/lanes.h"

#include "vector/planar.h"

static uint64_t blocks_of(uint64_t entries)
{
    return entries / SA_BLOCK + (entries % SA_BLOCK != 0);
}

void sa_lanes_init(sa_lanes *lanes, uint64_t *places,
    const secagg_segment *segments, size_t count)
{
    uint64_t entries[SA_LANES_MAX + 1] = { 0 }, at = 0;

    *lanes = (sa_lanes){ 0 };
    for (size_t i = 0; i < count; i++) {
        places[i] = entries[segments[i].bits];
        entries[segments[i].bits] += segments[i].length;
    }
    for (uint32_t bits = 1; bits <= SA_LANES_MAX; bits++) {
        sa_lane *lane = &lanes->lane[lanes->count];
        if (entries[bits] == 0)
            continue;
        *lane = (sa_lane){ bits, entries[bits], blocks_of(entries[bits]),
            lanes->blocks, at };
        lanes->number[bits] = (uint8_t)lanes->count++;
        lanes->blocks += lane->blocks;
        at += sa_planar_bytes(lane->entries, bits);
    }
}

uint64_t sa_lanes_at(const sa_lanes *lanes, uint64_t block)
{
    const sa_lane *lane = lanes->lane;
    size_t i = 0;

    while (i + 1 < lanes->count && block >= lanes->lane[i + 1].first)
        lane = &lanes->lane[++i];
    block -= lane->first;
    return lane->at
        + (block < lane->blocks ? sa_planar_at(block * SA_BLOCK, lane->bits)
                                : sa_planar_bytes(lane->entries, lane->bits));
}

uint64_t sa_lanes_bytes(const sa_lanes *lanes, uint64_t first, uint64_t count)
{
    return sa_lanes_at(lanes, first + count) - sa_lanes_at(lanes, first);
}

sa_lane_range sa_lanes_range(const sa_lane *lane, uint64_t start,
    uint64_t end)
{
    const uint64_t low = start > lane->first ? start - lane->first : 0;
    const uint64_t next = lane->first + lane->blocks;
    sa_lane_range r = { low * SA_BLOCK, 0 };

    if (end <= lane->first || start >= next)
        return (sa_lane_range){ 0, 0 };
    r.count = (end < next ? (end - lane->first) * SA_BLOCK : lane->entries)
        - r.offset;
    return r;
}

uint64_t sa_lanes_min_part(const sa_lanes *lanes)
{
    return lanes->blocks / SA_PARTS_MAX + (lanes->blocks % SA_PARTS_MAX != 0);
}
