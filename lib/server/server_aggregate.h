/* SPDX-License-Identifier: Apache-2.0 */
/* result: the sum on the server. Vectors are added in planes as they come;
 * the masks that are left in the sum are taken away from just the range that
 * is asked for, when it is asked for. Reading is const: any range, any
 * thread. */
#ifndef SA_SERVER_AGGREGATE_H
#define SA_SERVER_AGGREGATE_H

#include <secagg/mask.h>

#include "session/params.h"

typedef struct sa_aggregate {
    const sa_params *params; /* the server's */
    uint8_t *planes;         /* sum of the masked vectors */
    secagg_masks *masks;     /* what takes the masks away; NULL: unknown */
    uint32_t survivors;
    uint64_t weight; /* sum of weights */
} sa_aggregate;

/* What a range is read as. */
typedef enum sa_sum_format {
    SA_SUM_U64, SA_SUM_I64, SA_SUM_F32, SA_SUM_F64, SA_MEAN_F32, SA_MEAN_F64
} sa_sum_format;

SECAGG_MUST_CHECK secagg_err sa_aggregate_init(sa_aggregate *result,
    const sa_params *params);
void sa_aggregate_free(sa_aggregate *result);

/* Add a masked vector, params->vector bytes. */
SECAGG_MUST_CHECK secagg_err sa_aggregate_add(sa_aggregate *result,
    const uint8_t *planes);

/* The sum is known: masks takes away what is left in it, and becomes the
 * result's. On failure it stays the caller's, and nothing changes. */
SECAGG_MUST_CHECK secagg_err sa_aggregate_finish(sa_aggregate *result,
    secagg_masks *masks, uint32_t survivors);

/* Read a range as secagg_server_sum_* and _mean_* say; out is an array of the
 * form's type. */
SECAGG_MUST_CHECK secagg_err sa_aggregate_read(const sa_aggregate *result,
    sa_sum_format form, size_t segment, uint64_t offset, void *out,
    size_t count);

#endif
