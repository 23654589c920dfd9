/* SPDX-License-Identifier: Apache-2.0 */
#include "common/attempts.h"

#include <stdio.h>

#define MAX_ATTEMPTS 3

bool run_round(attempt_fn *attempt, void *demo, uint64_t round, bool too_many)
{
    for (int i = 0; i < MAX_ATTEMPTS; i++, too_many = false) {
        outcome done = attempt(demo, round, too_many);
        if (done != AGAIN)
            return done != FAILED;
    }
    printf("   FAILED: no sum in %d attempts\n", MAX_ATTEMPTS);
    return false;
}

/* If the session failed while shares were opened, the clients that opened
 * theirs regard the round as over: the server might know the sum and only
 * claim that it does not. */
outcome too_few_clients(const session *s, int column)
{
    bool over = s->phase == SECAGG_PHASE_UNMASK;
    printf("\n%*s%s:\n%*s%s\n%*s%s:\n", column, "",
        secagg_strerror(SECAGG_ERR_THRESHOLD), column, "", s->reason, column,
        "", over ? "On to the next round" : "Again, as a new session");
    fflush(stdout);
    return over ? OVER : AGAIN;
}
