/* SPDX-License-Identifier: Apache-2.0 */
/* sum_cache: unmasks ranges of one lane of the sum, and keeps the planes that
 * it unmasked last and the entries of one block of them. Many short segments
 * share a block; a host that reads them one after another has each block
 * unmasked and unpacked once. Threads may read at the same time: a thread that
 * finds the cache in use does without it. */
#ifndef SA_SUM_CACHE_H
#define SA_SUM_CACHE_H

#include <secagg/mask.h>
#include <stdatomic.h>

#include "session/lanes.h"
#include "vector/planar_backend.h"

/* The entries of a block, in 32 bits (narrow) or in 64. */
typedef union sa_sum_block {
    uint32_t narrow[SA_BLOCK];
    uint64_t wide[SA_BLOCK];
} sa_sum_block;

typedef struct sa_sum_cache {
    atomic_flag busy;    /* guards the other members */
    uint64_t start, end; /* entries of the lane; none if they are equal */
    uint8_t *planes;     /* of these entries, unmasked */
    size_t capacity;     /* bytes of `planes` */
    sa_sum_block *block; /* unpacked; NULL until it is needed */
    uint64_t unpacked;   /* 1 + the first entry of that block; 0: none */
    bool narrow;         /* its entries have 32 bits */
} sa_sum_cache;

/* The masked sum of a lane. */
typedef struct sa_masked_lane {
    const sa_lane *lane;
    const uint8_t *planes;
    const secagg_masks *masks; /* remove the masks that are left */
} sa_masked_lane;

void sa_sum_cache_init(sa_sum_cache *cache);
void sa_sum_cache_free(sa_sum_cache *cache);

/* Write the unmasked planes of entries [start, end) to `out`. Here and below
 * `start` is a multiple of SA_BLOCK, and so is `end` unless the lane ends
 * there. Returns SECAGG_ERR_MEMORY, or SECAGG_ERR_CRYPTO if a cryptographic
 * library fails. */
SECAGG_MUST_CHECK secagg_err sa_sum_unmask(const sa_masked_lane *sum,
    uint64_t start, uint64_t end, uint8_t *out);

/* Unpack the block that begins with entry `at` of the lane from its planes. */
SECAGG_MUST_CHECK secagg_err sa_sum_unpack(const sa_masked_lane *sum,
    uint64_t at, const uint8_t *planes, bool narrow, sa_sum_block *block);

/* Take the cache. Returns false if another thread has it, or if the range is
 * too long for it. The thread that has it gives it back. */
bool sa_sum_cache_take(sa_sum_cache *cache, const sa_masked_lane *sum,
    uint64_t start, uint64_t end);
void sa_sum_cache_give(sa_sum_cache *cache);

/* Make sure that the cache that was taken has the planes of [start, end). The
 * errors are those of sa_sum_unmask(); after them it is empty. */
SECAGG_MUST_CHECK secagg_err sa_sum_cache_load(sa_sum_cache *cache,
    const sa_masked_lane *sum, uint64_t start, uint64_t end);

/* Set *block to the entries of the block that begins with entry `at`, which was
 * loaded. They are valid until the next call. */
SECAGG_MUST_CHECK secagg_err sa_sum_cache_block(sa_sum_cache *cache,
    const sa_masked_lane *sum, uint64_t at, bool narrow,
    const sa_sum_block **block);

#endif
