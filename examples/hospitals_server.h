/* SPDX-License-Identifier: Apache-2.0 */
/* hospitals_server: the coordinator. One call is one session: invitations
 * out, messages in, phase after phase until the sum is known or it cannot be
 * known. */
#ifndef HOSPITALS_SERVER_H
#define HOSPITALS_SERVER_H

#include <secagg.h>

#include "hospitals_client.h"

#define NOBODY UINT32_MAX
#define STAYS SECAGG_PHASE_DONE

/* What is asked of a session. */
typedef struct session_plan {
    uint64_t round;
    secagg_phase drops[MAX_HOSPITALS]; /* silent from then on, or STAYS */
    uint32_t hangs;       /* one of them that keeps its line, or NOBODY */
    uint32_t tapped;      /* whose INPUT is kept for a look, or NOBODY */
    bool live;            /* show each phase in a terminal */
} session_plan;

/* What came of it. */
typedef struct session_result {
    secagg_err err;
    secagg_phase failed_in;
    char why[200];
    secagg_phase lost[MAX_HOSPITALS]; /* where it fell silent, or STAYS */
    bool in_sum[MAX_HOSPITALS];
    uint64_t weight;                 /* patients behind the sum */
    double mean[WEIGHTS];            /* of the updates, weighted by them */
    uint64_t up[MAX_HOSPITALS], down[MAX_HOSPITALS]; /* bytes of messages */
    double client_seconds[MAX_HOSPITALS], server_seconds;
    uint32_t refused;                /* messages */
    uint8_t *tap;                    /* released by the caller */
    size_t tap_len;
} session_result;

/* The parameters of each round but for session id and round number; segments
 * has room for TENSORS. */
void session_params(secagg_params *params, secagg_segment *segments,
    uint32_t hospitals);

/* Run one session under a session id of its own. An error is what the machine
 * could not do (memory, randomness); a sum that cannot be had is a result. */
secagg_err session_run(session_result *result, const secagg_params *params,
    const session_plan *plan, network *net, const neural_net *global);

#endif
