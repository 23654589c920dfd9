/* SPDX-License-Identifier: Apache-2.0 */
/* The host of the server. session_run() is the whole session: invite, deliver
 * messages, collect answers until a deadline, advance, until the sum is known
 * or the session has failed. Its steps are public for hosts that act in
 * between. */
#ifndef EXAMPLE_SERVER_H
#define EXAMPLE_SERVER_H

#include <secagg.h>

#include "common/next_session.h"
#include "common/registry.h"
#include "common/transport.h"

struct session;

/* Optional callbacks, by which a demo watches a session and interferes with
 * it. A real host has none. */
typedef struct session_observer {
    void *user;
    /* A phase begins; none of its messages is sent yet. */
    void (*phase_begins)(void *user, struct session *s);
    void (*sent)(void *user, uint32_t to, size_t len);
    void (*waits)(void *user, const struct session *s);
    /* The library has accepted a message, or rejected it with err. */
    void (*received)(void *user, const struct session *s, uint32_t from,
        const frame *message, secagg_err err);
    /* Clients that have not answered will drop out. */
    void (*phase_ends)(void *user, const struct session *s);
} session_observer;

typedef struct session {
    /* set by the caller; all other members are 0 */
    secagg_params params; /* session_open() draws the session id */
    network *net;
    const registry *registry; /* of active sessions; else NULL */
    const float *model;       /* the global model, for all clients */
    size_t model_length;
    double timeout; /* seconds for each phase, training included */
    bool restarts;  /* the server crashes at the end of each phase */
    session_observer observer;
    /* set by session_open() and the other functions */
    secagg_server *server;
    secagg_phase phase; /* whose messages are collected, or were last */
    secagg_err left[MAX_CLIENTS]; /* the error for which a client left */
    uint32_t next_expected; /* no client before it owes an answer */
    attendance attendance; /* for next_session_leave_out() */
    char reason[512];      /* in sentences: why there is no sum */
} session;

/* Run a session up to its sum. The caller reads the sum, or the error, from
 * s->server, and calls session_close() in any case. */
secagg_err session_run(session *s);
void session_close(session *s);

/* Read the mean of all segments, one after another. */
secagg_err session_mean(const session *s, double *mean);

/* ---- the steps of session_run() ------------------------------------------ */

/* Create the server of a new session. */
secagg_err session_open(session *s);

/* Send this phase's messages: the invitations, or the library's. */
secagg_err session_send(session *s);

/* Whether any client owes an answer and can still send it. */
bool session_expects(session *s);

/* Wait for the next message of the library until the deadline. NULL: none is
 * expected any more, or none came. */
frame *session_receive(session *s, uint32_t *from, double deadline);

/* Pass a message to the library. Only errors of this machine are returned. */
secagg_err session_accept(session *s, uint32_t from, const frame *message);

/* Accept messages until all have answered or the time is up. */
secagg_err session_collect(session *s);

/* End the phase. If the session fails here, each client gets an ABORT. */
secagg_err session_advance(session *s);

#endif
