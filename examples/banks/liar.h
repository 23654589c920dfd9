/* SPDX-License-Identifier: Apache-2.0 */
/* banks_liar: a coordinator that does not follow the protocol. It has all that
 * a real one has: the public interface, and the bytes on the wire. */
#ifndef BANKS_LIAR_H
#define BANKS_LIAR_H

#include "banks/task.h"
#include "common/server.h"

/* Where nobody signs: play all banks but one, with no input of their own, and
 * so have a sum of one. The session is semi-honest; nothing goes over a line,
 * since nobody but that bank is asked. */
secagg_err liar_plays_all(double stolen[WEIGHTS], const secagg_params *params,
    const float update[WEIGHTS], uint64_t weight);

/* Where banks sign: put keys of its own in the place of one bank's, and tell
 * all. What the banks make of it is in result->left. */
secagg_err liar_swaps_key(session_result *result, const secagg_params *params,
    const session_plan *plan, network *net, uint32_t victim);

/* What came of two stories about who is left. */
typedef struct split {
    bool without[MAX_CLIENTS]; /* who was told that the victim is not left */
    uint32_t told[2];   /* banks: that the victim is left; that it is not */
    uint32_t confirmed; /* signatures that it has, over either */
    uint32_t opened;    /* UNMASK messages that it has */
} split;

/* Tell one half that all are left, and the other that the victim is not: the
 * first would open what the victim's own mask derives from, the second what
 * its masks with others derive from. */
secagg_err liar_splits(session_result *result, split *out,
    const secagg_params *params, const session_plan *plan, network *net,
    uint32_t victim);

#endif
