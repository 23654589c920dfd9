/* SPDX-License-Identifier: Apache-2.0 */
/* params_check: the rules for parameters (PROTOCOL.md 2.1 and 2.2). Each
 * function returns SECAGG_ERR_ARG if one of its rules is broken, and a sentence
 * in `reason` that names the numbers; `reason` may be NULL. */
#ifndef SA_PARAMS_CHECK_H
#define SA_PARAMS_CHECK_H

#include <secagg/params.h>

#include "core/reason.h"

/* Maximum of clients on the complete graph; the same in active mode. */
#define SA_COMPLETE_MAX 4095
#define SA_ACTIVE_MAX 2048
/* Maximum degree of a ring: a dealer has degree + 1 shares, at most
 * SECAGG_SHARES_MAX. */
#define SA_DEGREE_MAX 4094

/* Fill in every default and check every rule of PROTOCOL.md 2.1 and 2.2.
 * *resolved gets the result, with its segments in `segments`, which must have
 * capacity for given->segment_count. */
SECAGG_MUST_CHECK secagg_err sa_params_resolve(secagg_params *resolved,
    secagg_segment *segments, const secagg_params *given,
    char *reason);

/* The same without the segments: callers learn with it how many segments they
 * may allocate. resolved->segments is given->segments. */
SECAGG_MUST_CHECK secagg_err sa_params_check_members(secagg_params *resolved,
    const secagg_params *given, char *reason);

/* Returns the bit length of a * b * c, or 65 if that exceeds 64 bits. */
uint32_t sa_bit_length(uint64_t a, uint64_t b, uint64_t c);

#endif
