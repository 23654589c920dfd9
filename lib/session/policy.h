/* SPDX-License-Identifier: Apache-2.0 */
/* policy: the minimum that a client accepts of parameters that another party
 * chose (PROTOCOL.md 2.2). */
#ifndef SA_POLICY_H
#define SA_POLICY_H

#include <secagg/params.h>

/* A client wants the bounds of a sparse graph with 2^-40 (2.2). */
#define SA_POLICY_BITS 40

/* The numbers that a policy asks of a session with n clients. */
typedef struct sa_policy {
    uint32_t min_clients, min_ring;
    uint32_t min_survivors; /* at least corrupt + 2 */
    uint32_t corrupt;       /* A of the client */
} sa_policy;

/* Compute these numbers. `given` may be NULL, which is the default policy.
 * Returns SECAGG_ERR_ARG, with a sentence in `reason` (SA_REASON_BYTES), if a
 * member of the policy is out of its range. */
SECAGG_MUST_CHECK secagg_err sa_policy_resolve(sa_policy *policy,
    const secagg_policy *given, uint32_t n, char *reason);

/* Check parameters that passed sa_params_resolve() against a policy. Returns
 * SECAGG_ERR_ARG as above, or SECAGG_ERR_POLICY with a sentence in `reason` if
 * they are below the policy. `given` may be NULL, `reason` not. */
SECAGG_MUST_CHECK secagg_err sa_policy_check(const secagg_params *params,
    const secagg_policy *given, char *reason);

#endif
