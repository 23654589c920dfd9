/* SPDX-License-Identifier: Apache-2.0 */
/* lanes: the layout of a full vector (PROTOCOL.md 6.1). A lane is all segments
 * of one modulus, laid end to end. Blocks are numbered through all lanes. */
#ifndef SA_LANES_H
#define SA_LANES_H

#include <secagg/params.h>

/* The maximum number of parts of an input (8.7). */
#define SA_PARTS_MAX 65535

/* There is at most one lane for each modulus. */
#define SA_LANES_MAX 64

typedef struct sa_lane {
    uint32_t bits;    /* b, which names the lane */
    uint64_t entries; /* m_b */
    uint64_t blocks;
    uint64_t first;   /* number of its first block */
    uint64_t at;      /* byte of the full vector at which it begins */
} sa_lane;

typedef struct sa_lanes {
    size_t count;
    sa_lane lane[SA_LANES_MAX];       /* ascending by bits */
    uint8_t number[SA_LANES_MAX + 1]; /* of the lane with these bits */
    uint64_t blocks;                  /* of the full vector: nblocks */
} sa_lanes;

/* The entries of one lane that some blocks have. */
typedef struct sa_lane_range {
    uint64_t offset, count; /* count is 0 if the blocks have none */
} sa_lane_range;

/* Lay out `count` segments that obey PROTOCOL.md 2.2. places[i] becomes the
 * entry of its lane at which segment i begins. */
void sa_lanes_init(sa_lanes *lanes, uint64_t *places,
    const secagg_segment *segments, size_t count);

/* Returns the bytes before a block, at most lanes->blocks: At of 6.1. */
uint64_t sa_lanes_at(const sa_lanes *lanes, uint64_t block);

/* Returns the bytes of the planes of `count` blocks from block `first` on. */
uint64_t sa_lanes_bytes(const sa_lanes *lanes, uint64_t first, uint64_t count);

/* Returns the entries of a lane in the blocks [start, end) of the full
 * vector. */
sa_lane_range sa_lanes_range(const sa_lane *lane, uint64_t start,
    uint64_t end);

/* Returns the minimum number of blocks of a part: s_min of 8.7. */
uint64_t sa_lanes_min_part(const sa_lanes *lanes);

#endif
