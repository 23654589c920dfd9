/* SPDX-License-Identifier: Apache-2.0 */
/* Around one session of a demo: planned dropouts, measurements, and the line
 * that shows the phase in a terminal. It works through the observers of
 * server.h and client.h, so that the host loops know nothing of it. */
#ifndef EXAMPLE_WATCH_H
#define EXAMPLE_WATCH_H

#include "common/client.h"
#include "common/server.h"

#define NOBODY UINT32_MAX
#define STAYS SECAGG_PHASE_DONE

/* The CPU time of a client in one session, in shared memory. */
typedef struct meter {
    double busy;     /* seconds: all of it */
    double training; /* the part that the model's training took */
    double started;
} meter;

/* Let a meter observe a client. */
client_observer meter_observer(meter *m);

typedef struct watch {
    /* the plan, set by the demo */
    secagg_phase drops[MAX_CLIENTS]; /* the phase in which it dies, or STAYS */
    bool late[MAX_CLIENTS]; /* it does not die: it answers in the next phase */
    uint32_t hangs;  /* one of them keeps its connection open, or NOBODY */
    uint64_t round;
    bool live;       /* show the phase in a terminal */
    double shown;    /* when the live line was printed */
    meter *meters;   /* one per client */
    /* observed */
    secagg_phase lost[MAX_CLIENTS]; /* the phase that it did not answer */
    uint64_t up[MAX_CLIENTS], down[MAX_CLIENTS]; /* bytes of messages */
    uint32_t late_messages, late_accepted;
    double server_seconds, client_seconds[MAX_CLIENTS]; /* of CPU */
} watch;

/* Begin with a plan in which all clients stay. */
void watch_init(watch *w, uint64_t round, meter *meters, bool live);

/* session_run() under observation. Stops the clients that died, so that
 * network_start() starts them again. */
secagg_err watch_run(watch *w, session *s);

/* ---- repeated sessions --------------------------------------------------- */

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

/* ---- printing ------------------------------------------------------------ */

typedef struct watch_max {
    uint64_t up, down; /* bytes */
    double seconds;
} watch_max;

/* The maxima over all clients. */
watch_max watch_maxima(const watch *w, uint32_t clients);

/* Print who dropped out in which phase, as "KEYS 3 INPUT 5+8". In a table:
 * `width` columns that begin at column `at`; a longer text fills a line of its
 * own. */
void watch_print_lost(const watch *w, uint32_t clients, int at, int width);

/* Print why a session failed, and which clients left for which error. */
void print_failed_session(secagg_err err, const session *s,
    const char *party);

#endif
