/* SPDX-License-Identifier: Apache-2.0 */
/* sum_cache: unmasks ranges of one lane of the sum, and keeps the blocks that
 * it unmasked last. Many short segments share a block; a host that reads them
 * one after another has each block unmasked once. Threads may read at the same
 * time: a thread that finds the cache in use does without it. */
#ifndef SA_SUM_CACHE_H
#define SA_SUM_CACHE_H

#include <secagg/mask.h>
#include <stdatomic.h>

#include "session/lanes.h"

typedef struct sa_sum_cache {
    atomic_flag busy;    /* guards the other members */
    uint64_t start, end; /* entries of the lane; none if they are equal */
    uint8_t *planes;     /* of these entries, unmasked */
    size_t capacity;     /* bytes of `planes` */
} sa_sum_cache;

/* The masked sum of a lane. */
typedef struct sa_masked_lane {
    const sa_lane *lane;
    const uint8_t *planes;
    const secagg_masks *masks; /* remove the masks that are left */
} sa_masked_lane;

void sa_sum_cache_init(sa_sum_cache *cache);
void sa_sum_cache_free(sa_sum_cache *cache);

/* Write the unmasked planes of entries [start, end) to `out`. `start` is a
 * multiple of 512, and so is `end` unless the lane ends there. Returns
 * SECAGG_ERR_MEMORY, or SECAGG_ERR_CRYPTO if a cryptographic library fails. */
SECAGG_MUST_CHECK secagg_err sa_sum_cache_read(sa_sum_cache *cache,
    const sa_masked_lane *sum, uint64_t start, uint64_t end, uint8_t *out);

#endif
