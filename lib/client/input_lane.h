/* SPDX-License-Identifier: Apache-2.0 */
/* input_lane: the entries of one lane in a client's input (PROTOCOL.md 6.1).
 * Pieces of many short segments share a block. So pieces that are not whole
 * blocks are gathered, and a block is laid out in planes once it is complete or
 * once a piece of another place comes. The random words of stochastic rounding
 * are drawn with one key for all pieces. */
#ifndef SA_INPUT_LANE_H
#define SA_INPUT_LANE_H

#include "core/intervals.h"
#include "session/lanes.h"
#include "vector/rounding.h"

typedef struct sa_input_lane {
    const sa_lane *lane;
    sa_lane_range part;  /* the entries of the lane that are in the part */
    uint8_t *planes;     /* of these entries */
    sa_intervals given;  /* those that were supplied; 0 is part.offset */
    sa_rounding *rounding; /* NULL until it is needed */

    /* Entries that are not in the planes yet, [from, from + count) of the lane,
     * all of one block, each at its position in the block. */
    uint64_t *gathered;  /* SA_BLOCK; NULL until it is needed */
    uint64_t from;
    size_t count;
} sa_input_lane;

/* Provide memory for pieces, and for random words if `seed` is not NULL: it is
 * the rounding seed. Returns SECAGG_ERR_MEMORY or SECAGG_ERR_CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_input_lane_prepare(sa_input_lane *l,
    sa_cipher cipher, const uint8_t seed[SECAGG_SEED_BYTES]);

/* Returns a place for `count` entries from entry `entry` of the lane on, all of
 * one block and of the part. The lane must be prepared. */
uint64_t *sa_input_lane_gather(sa_input_lane *l, uint64_t entry,
    size_t count);

/* Take entries of the part. The lane must be prepared. */
void sa_input_lane_put_u64(sa_input_lane *l, uint64_t entry,
    const uint64_t *entries, size_t count);

/* Take whole blocks; bits is 32 at most. */
void sa_input_lane_put_u32(sa_input_lane *l, uint64_t entry,
    const uint32_t *entries, size_t count);

/* Lay out the gathered entries in the planes. */
void sa_input_lane_flush(sa_input_lane *l);

/* Wipe and free what was provided, and forget which entries were supplied. */
void sa_input_lane_reset(sa_input_lane *l);

#endif
