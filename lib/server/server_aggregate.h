/* SPDX-License-Identifier: Apache-2.0 */
/* server_aggregate: the sum on the server. Masked vectors are added in planes
 * when they arrive. A read unmasks and converts the range that it is asked for;
 * any number of threads may read. */
#ifndef SA_SERVER_AGGREGATE_H
#define SA_SERVER_AGGREGATE_H

#include <secagg/mask.h>

#include "server/sum_cache.h"
#include "server/sum_format.h"
#include "session/params.h"

/* What the last read of a lane has left for the next one. The cache guards the
 * decoder, too. */
typedef struct sa_lane_reads {
    sa_sum_cache cache;
    sa_sum_decoder decoder; /* zeros before the first read */
} sa_lane_reads;

typedef struct sa_aggregate {
    const sa_params *params; /* the server's */
    uint8_t *planes;         /* sum of the masked vectors */
    sa_lane_reads *reads;    /* one a lane */
    secagg_masks *masks;     /* remove those in planes; NULL: not known */
    uint32_t survivors;      /* clients in the sum */
    uint64_t weight;         /* sum of their weights; 0 if bad_weight */
    bool bad_weight;         /* no weights of the survivors have this sum */
} sa_aggregate;

/* Where `count` results go: result k to the address first + k stride, of any
 * alignment. */
typedef struct sa_results {
    uint8_t *first;
    ptrdiff_t stride; /* bytes */
    size_t count;
} sa_results;

/* Begin with a sum of zero. Returns SECAGG_ERR_MEMORY if there is no memory. */
SECAGG_MUST_CHECK secagg_err sa_aggregate_init(sa_aggregate *aggregate,
    const sa_params *params);

/* An aggregate of zeros may be freed. */
void sa_aggregate_free(sa_aggregate *aggregate);

/* Add `blocks` blocks of a masked vector, from block `first` on. It does not
 * fail for blocks of the vector. */
SECAGG_MUST_CHECK secagg_err sa_aggregate_add(sa_aggregate *aggregate,
    uint64_t first, uint64_t blocks, const uint8_t *planes);

/* Make the sum readable: `masks` removes the masks that are left in it. The
 * aggregate owns `masks` then; after an error the caller still does, and
 * nothing has changed. */
SECAGG_MUST_CHECK secagg_err sa_aggregate_finish(sa_aggregate *aggregate,
    secagg_masks *masks, uint32_t survivors);

/* Read `count` entries of a segment from `offset` on; `out` is an array of the
 * type of the format, or names the places of the results. The errors are those
 * of secagg_server_sum_*() and secagg_server_mean_*(). `reason`, which may be
 * NULL, gets a sentence. */
SECAGG_MUST_CHECK secagg_err sa_aggregate_read(const sa_aggregate *aggregate,
    sa_sum_format format, size_t segment, uint64_t offset, void *out,
    size_t count, char *reason);
SECAGG_MUST_CHECK secagg_err sa_aggregate_read_to(
    const sa_aggregate *aggregate, sa_sum_format format, size_t segment,
    uint64_t offset, const sa_results *out, char *reason);

#endif
