/* SPDX-License-Identifier: Apache-2.0 */
/* server_aggregate: the sum on the server. Masked vectors are added in planes
 * when they arrive. A read unmasks and converts the range that it is asked for;
 * any number of threads may read. */
#ifndef SA_SERVER_AGGREGATE_H
#define SA_SERVER_AGGREGATE_H

#include <secagg/mask.h>

#include "server/sum_cache.h"
#include "session/params.h"

typedef struct sa_aggregate {
    const sa_params *params; /* the server's */
    uint8_t *planes;         /* sum of the masked vectors */
    sa_sum_cache *caches;    /* one a lane */
    secagg_masks *masks;     /* remove those in planes; NULL: not known */
    uint32_t survivors;      /* clients in the sum */
    uint64_t weight;         /* sum of their weights; 0 if bad_weight */
    bool bad_weight;         /* no weights of the survivors have this sum */
} sa_aggregate;

/* What the entries of a range are converted to: sums or means. */
typedef enum sa_sum_format {
    SA_SUM_U64, SA_SUM_I64, SA_SUM_F32, SA_SUM_F64, SA_MEAN_F32, SA_MEAN_F64
} sa_sum_format;

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
 * type of the format. The errors are those of secagg_server_sum_*() and
 * secagg_server_mean_*(). `reason`, which may be NULL, gets a sentence. */
SECAGG_MUST_CHECK secagg_err sa_aggregate_read(const sa_aggregate *aggregate,
    sa_sum_format format, size_t segment, uint64_t offset, void *out,
    size_t count, char *reason);

#endif
