/* SPDX-License-Identifier: Apache-2.0 */
/* input_lane: the entries of one lane in a client's input (PROTOCOL.md 6.1).
 * Pieces of many short segments share a block. So entries are gathered, and a
 * block is laid out in planes once it is complete or once a piece of another
 * place comes. Entries of a modulus of at most 32 bits are gathered in 32 bits.
 * The random words of stochastic rounding are drawn with one key for all
 * pieces. */
#ifndef SA_INPUT_LANE_H
#define SA_INPUT_LANE_H

#include "core/intervals.h"
#include "session/lanes.h"
#include "vector/fixed_backend.h"
#include "vector/planar_backend.h"
#include "vector/rounding.h"

/* The entries of a block. */
typedef union sa_entries {
    uint32_t narrow[SA_BLOCK];
    uint64_t wide[SA_BLOCK];
} sa_entries;

typedef struct sa_input_lane {
    const sa_lane *lane;
    sa_lane_range part;  /* the entries of the lane that are in the part */
    uint8_t *planes;     /* of these entries */
    sa_intervals given;  /* those that were supplied; 0 is part.offset */
    sa_rounding *rounding; /* NULL until it is needed */
    const secagg_segment *scaled; /* the last segment of reals, or NULL */
    sa_fixed_scale scale;         /* its constants, with the weight */

    /* Entries that are not in the planes yet, [from, from + count) of the lane,
     * all of one block, each at its position in the block. */
    sa_entries *gathered; /* NULL until it is needed */
    uint64_t from;
    size_t count;
} sa_input_lane;

/* Returns whether the entries of a lane have 32 bits; else they have 64. */
static inline bool sa_input_lane_narrow(const sa_input_lane *l)
{
    return l->lane->bits <= 32;
}

/* Provide memory for pieces, and for random words if `seed` is not NULL: it is
 * the rounding seed. Returns SECAGG_ERR_MEMORY or SECAGG_ERR_CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_input_lane_prepare(sa_input_lane *l,
    sa_cipher cipher, const uint8_t seed[SECAGG_SEED_BYTES]);

/* Lay out the gathered entries in the planes. They are not wiped, because the
 * next ones replace them. */
void sa_input_lane_lay_out(sa_input_lane *l);

/* Begin `count` entries from entry `entry` of the lane on, all of one block and
 * of the part: the caller then writes them to l->gathered, from position
 * entry % SA_BLOCK on. The lane must be prepared. Returns this position.
 * Gathered entries are contiguous; after the last entry of a block no piece
 * continues them. */
static inline size_t sa_input_lane_gather(sa_input_lane *l, uint64_t entry,
    size_t count)
{
    if (entry != l->from + l->count || entry % SA_BLOCK == 0)
        sa_input_lane_lay_out(l);
    if (l->count == 0)
        l->from = entry;
    l->count += count;
    return entry % SA_BLOCK;
}

/* Lay out the gathered entries, and wipe them. */
void sa_input_lane_flush(sa_input_lane *l);

/* Wipe and free what was provided, and forget which entries were supplied. */
void sa_input_lane_reset(sa_input_lane *l);

#endif
