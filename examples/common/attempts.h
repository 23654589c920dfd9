/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions that fail for lack of clients, and are repeated. */
#ifndef EXAMPLE_ATTEMPTS_H
#define EXAMPLE_ATTEMPTS_H

#include "common/server.h"

typedef enum outcome {
    LEARNED, /* the round has given a sum */
    AGAIN,   /* repeat the round, as a new session */
    OVER,    /* no sum, and none may follow */
    FAILED   /* the demo ends */
} outcome;

/* Run one session of a round; `too_many` clients drop out if so. */
typedef outcome attempt_fn(void *demo, uint64_t round, bool too_many);

/* Run sessions until the round has a sum. Each has a new id and new clients;
 * only in the first one too many clients may drop out, on purpose. A real
 * server waits before it repeats a session, and longer after each failure. */
bool run_round(attempt_fn *attempt, void *demo, uint64_t round,
    bool too_many);

/* The outcome of a session in which too many clients were lost. Prints the
 * reason, in lines that begin at a column. */
outcome too_few_clients(const session *s, int column);

#endif
