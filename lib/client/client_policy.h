/* SPDX-License-Identifier: Apache-2.0 */
/* client_policy: the parameters that a client accepts, whoever chose them
 * (PROTOCOL.md 2.2). */
#ifndef SA_CLIENT_POLICY_H
#define SA_CLIENT_POLICY_H

#include <secagg/client.h>

#include "session/params.h"

/* Returns SECAGG_ERR_POLICY if the parameters are below the policy, and
 * SECAGG_ERR_ARG if the policy is not valid. NULL is the default policy. */
SECAGG_MUST_CHECK secagg_err sa_client_check_policy(const sa_params *params,
    const secagg_policy *policy);

#endif
