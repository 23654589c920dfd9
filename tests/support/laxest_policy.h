/* SPDX-License-Identifier: Apache-2.0 */
/* laxest_policy: a policy that accepts all sound parameters. */
#ifndef LAXEST_POLICY_H
#define LAXEST_POLICY_H

#include <secagg/params.h>

static inline secagg_policy laxest_policy(void)
{
    secagg_policy policy = SECAGG_POLICY_INIT;

    policy.min_clients = 2;
    policy.min_ring = 1;
    policy.min_survivors = 2;
    policy.min_corrupt = SECAGG_NOBODY_CORRUPT;
    policy.any_digest = 1;
    return policy;
}

#endif
