/* SPDX-License-Identifier: Apache-2.0 */
/* policy: the least that a client accepts of a session's parameters, whoever
 * chose them (PROTOCOL.md 2.2). */
#ifndef SA_POLICY_H
#define SA_POLICY_H

#include <secagg/client.h>

#include "params.h"

/* SECAGG_ERR_ARG: no policy; SECAGG_ERR_POLICY: the parameters are below it.
 * NULL: every default. */
SECAGG_MUST_CHECK secagg_err sa_policy_hold(const sa_params *params,
    const secagg_policy *policy);

#endif
