/* SPDX-License-Identifier: Apache-2.0 */
/* params: the parameters of a session as both sides hold them: checked,
 * copied, every default filled in, and what follows from them. */
#ifndef SA_PARAMS_H
#define SA_PARAMS_H

#include <secagg/params.h>

typedef struct sa_params {
    secagg_params own;         /* resolved; its segments are our copy */
    secagg_segment *segments;  /* with the hidden weight segment, if any */
    uint64_t *places;          /* byte offset of each segment's planes */
    size_t count;              /* segments, the hidden one included */
    uint64_t vector;           /* bytes of all planes */
    uint32_t holders;          /* N_sh, the client itself counted */
    uint32_t floor;            /* fewest clients of any frozen set (9.4) */
    uint8_t context[SECAGG_DIGEST_BYTES]; /* H_ctx */
} sa_params;

/* SECAGG_ERR_ARG where secagg_params_check refuses; MEMORY, CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_params_new(sa_params **params,
    const secagg_params *given);
void sa_params_free(sa_params *params);

/* Whether there is a hidden weight segment; it is the last one. */
static inline bool sa_params_weighs(const sa_params *params)
{
    return params->own.max_weight > 0;
}

#endif
