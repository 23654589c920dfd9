/* SPDX-License-Identifier: Apache-2.0 */
/* params: the parameters of a session inside the library. They are checked
 * and copied, every default is filled in, and the values that follow from them
 * are computed (PROTOCOL.md 2). */
#ifndef SA_PARAMS_H
#define SA_PARAMS_H

#include <secagg/keys.h>
#include <secagg/params.h>

#include "crypto/suite.h"
#include "session/lanes.h"

typedef struct sa_params {
    /* The library's own copy of the host's parameters, with no member left at
     * a default. Its segments are the first of `segments` below. */
    secagg_params own;
    sa_cipher cipher;         /* of own.suite */
    secagg_segment *segments; /* `count`; the last may be the hidden one */
    uint64_t *places;         /* entry of its lane where each segment begins */
    size_t count;             /* segments, the hidden one included */
    sa_lanes lanes;           /* of all segments */
    uint64_t vector;          /* bytes of the full vector: V */
    uint32_t holders;         /* of one dealer's shares, with itself: N_sh */
    uint32_t min_set;         /* effective minimum of |U1|, |U2|, |U3| (2.2) */
    uint8_t context[SECAGG_DIGEST_BYTES]; /* H_ctx */
} sa_params;

/* Check parameters and copy them, with every default filled in, for
 * secagg_params_free(). Returns SECAGG_ERR_ARG, with a sentence in `reason`,
 * which may be NULL, or SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_params_copy(secagg_params **copy,
    const secagg_params *given, char *reason);

/* Check and copy `given`. Returns SECAGG_ERR_ARG if secagg_params_check()
 * rejects it, SECAGG_ERR_MEMORY or SECAGG_ERR_CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_params_new(sa_params **params,
    const secagg_params *given);
void sa_params_free(sa_params *params);

/* Returns whether clients have weights; then the last segment is hidden and
 * holds the weight (PROTOCOL.md 7.3). */
static inline bool sa_params_weighted(const sa_params *params)
{
    return params->own.max_weight > 0;
}

/* Returns the lane of a segment. */
static inline const sa_lane *sa_params_lane(const sa_params *params,
    size_t segment)
{
    const uint32_t bits = params->segments[segment].bits;
    return &params->lanes.lane[params->lanes.number[bits]];
}

static inline bool sa_params_active(const sa_params *params)
{
    return params->own.mode == SECAGG_ACTIVE;
}

/* Returns whether the graph is a ring; else it is complete. */
static inline bool sa_params_ring(const sa_params *params)
{
    return params->own.neighbours > 0;
}

/* Minimum number of dealers, the client itself included, whose shares a client
 * could open, in U2 and in U3: the threshold, and in active mode at least
 * min_survivors (9.4). */
static inline uint32_t sa_params_min_dealers(const sa_params *params)
{
    const secagg_params *own = &params->own;
    return sa_params_active(params) && own->min_survivors > own->threshold
        ? own->min_survivors : own->threshold;
}

#endif
