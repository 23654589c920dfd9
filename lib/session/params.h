/* SPDX-License-Identifier: Apache-2.0 */
/* params: the parameters of a session as both sides hold them: checked,
 * copied, every default filled in, and what follows from them. */
#ifndef SA_PARAMS_H
#define SA_PARAMS_H

#include <secagg/keys.h>
#include <secagg/params.h>

typedef struct sa_params {
    secagg_params own;         /* resolved; its segments are our copy */
    secagg_segment *segments;  /* with the hidden weight segment, if any */
    uint64_t *places;          /* byte offset of each segment's planes */
    size_t count;              /* segments, the hidden one included */
    uint64_t vector;           /* bytes of all planes */
    uint32_t holders;          /* N_sh, the client itself counted */
    uint32_t min_set;          /* fewest clients in U1, U2 or U3 (9.4) */
    uint8_t context[SECAGG_DIGEST_BYTES]; /* H_ctx */
} sa_params;

/* SECAGG_ERR_ARG where secagg_params_check refuses; MEMORY, CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_params_new(sa_params **params,
    const secagg_params *given);
void sa_params_free(sa_params *params);

/* Whether there is a hidden weight segment; it is the last one. */
static inline bool sa_params_weighted(const sa_params *params)
{
    return params->own.max_weight > 0;
}

static inline bool sa_params_active(const sa_params *params)
{
    return params->own.mode == SECAGG_ACTIVE;
}

static inline bool sa_params_ring(const sa_params *params)
{
    return params->own.neighbours > 0;
}

/* Bytes of a signature in KEYS and ROSTER: none in semi-honest mode. */
static inline size_t sa_params_signature_bytes(const sa_params *params)
{
    return sa_params_active(params) ? SECAGG_SIGNATURE_BYTES : 0;
}

/* Most clients of the complete graph; in active mode. */
#define SA_COMPLETE_MAX 4095
#define SA_ACTIVE_MAX 2048
/* Greatest degree of a ring: k + 1 shares have points, 4096 at the most. */
#define SA_DEGREE_MAX 4094

/* Room for any sentence of a check. */
#define SA_REASON_BYTES 160

/* Fill in every default and check all rules (2.1, 2.2): own gets the resolved
 * copy, whose segments are to have room for segment_count. why is never
 * NULL. */
SECAGG_MUST_CHECK secagg_err sa_params_resolve(secagg_params *own,
    secagg_segment *segments, const secagg_params *given,
    char why[SA_REASON_BYTES]);

/* The scalar rules alone, before there is room for the segments. */
SECAGG_MUST_CHECK secagg_err sa_params_check_members(secagg_params *own,
    const secagg_params *given, char why[SA_REASON_BYTES]);

/* Bit length of a * b * c; 65 where that does not fit 64 bits. */
uint32_t sa_bit_length(uint64_t a, uint64_t b, uint64_t c);

#endif
