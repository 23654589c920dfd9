/* SPDX-License-Identifier: Apache-2.0 */
/* client: the host of a libsecagg client, over TLS. Copy from here.
 *
 *     client DIR PORT INDEX [FAULT PHASE]
 *
 * DIR holds ca.pem, client-INDEX.pem and client-INDEX.key. These are duties of
 * this host:
 *
 * - Server. It sends an update only to the server whose certificate the CA
 *   issued for TLS_SERVER_NAME, and never over a connection without TLS.
 * - Parameters. The server chooses them; the library rejects parameters below
 *   its policy, and check_params() those that are not for this model.
 * - Deadlines. The server may be silent; this host gives up at SESSION_MS.
 * - Retries. A session is never resumed or repeated with the same handle. The
 *   next one has a new id and a new secagg_client. Once UNMASK has left, this
 *   update may be in a sum: it must not go into another one, because the
 *   difference of two sums tells about few clients. Train a new update.
 * - Secrecy. The library draws the seed from the system; a host never chooses,
 *   stores or logs one. Logs contain no updates and no bytes of messages.
 *
 * In active mode a client also calls secagg_client_identify() and, for each
 * peer, secagg_client_trust(), before its first message. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <secagg.h>

#include "minimal/tls.h"

#define SESSION_MS 19000 /* longer than all phases of the server */
#define ENTRIES 1000     /* of an update */
#define CLIP 1.0
#define TASK "libsecagg minimal example, v1"

typedef struct host {
    uint32_t index;
    int64_t deadline;
    tls_conn *server;
    secagg_params *params;
    secagg_client *session;
    const char *fault; /* NULL: none */
    secagg_phase fault_phase;
} host;

static bool complain(const host *h, const char *what, const char *reason)
{
    fprintf(stderr, "client %u: %s: %s\n", (unsigned)h->index, what, reason);
    return false;
}

/* ---- frames ------------------------------------------------------------- */

/* Return the server's next frame, or false if none comes. */
static bool receive(host *h, const uint8_t **msg, size_t *len)
{
    tls_state state;
    while ((state = tls_receive(h->server, msg, len)) == TLS_WAIT)
        if (!tls_wait(&h->server, 1, -1, h->deadline))
            return complain(h, "no message", "timeout");
    if (state == TLS_GONE)
        return complain(h, "no message", tls_reason(h->server));
    return true;
}

/* The message is sent, not only queued, when this returns true. */
static bool send_all(host *h, const uint8_t *msg, size_t len)
{
    tls_state state = tls_send(h->server, msg, len);
    while (state == TLS_WAIT && tls_wait(&h->server, 1, -1, h->deadline))
        state = tls_flush(h->server);
    if (state == TLS_READY)
        return true;
    return complain(h, "message not sent",
        state == TLS_WAIT ? "timeout" : tls_reason(h->server));
}

/* ---- joining a session -------------------------------------------------- */

static bool join(host *h, const char *dir, unsigned port)
{
    char name[32];
    snprintf(name, sizeof name, "client-%u", (unsigned)h->index);
    SSL_CTX *context = tls_context(false, dir, name);
    if (context == NULL)
        return false;
    /* An invitation: the index and parameters with one segment. */
    size_t size = 4
        + secagg_params_encoded_size(&(secagg_params){ .segment_count = 1 });
    h->server = tls_connect(context, port, size);
    SSL_CTX_free(context); /* the connection keeps what it needs */
    if (h->server == NULL)
        return complain(h, "no connection", "the system refuses it");
    if (tls_handshake(h->server, h->deadline) != TLS_READY)
        return complain(h, "handshake", tls_reason(h->server));
    return true;
}

/* Whether the session is for this task and model. */
static bool check_params(const secagg_params *p)
{
    uint8_t digest[SECAGG_DIGEST_BYTES] = TASK;
    const secagg_segment *s = p->segments;
    return memcmp(p->app_digest, digest, sizeof digest) == 0
        && p->segment_count == 1 && s->length == ENTRIES
        && s->kind == SECAGG_REAL && s->clip >= CLIP && p->max_weight == 0;
}

static bool read_invitation(host *h)
{
    const uint8_t *msg;
    size_t len;
    uint64_t up, down;
    if (!receive(h, &msg, &len))
        return false;
    if (len < 4 || tls_get32(msg) != h->index)
        return complain(h, "invitation", "not for this client");
    secagg_err err = secagg_params_decode(&h->params, msg + 4, len - 4);
    if (!err && !check_params(h->params))
        err = SECAGG_ERR_POLICY;
    if (!err)
        err = secagg_params_traffic(h->params, &up, &down);
    if (err)
        return complain(h, "parameters", secagg_strerror(err));
    h->server->max_frame = (size_t)down;
    return true;
}

/* What training would yield. */
static secagg_err give_update(host *h)
{
    float update[ENTRIES];
    for (int j = 0; j < ENTRIES; j++)
        update[j] = (float)(CLIP * sin(h->index + j / 10.0));
    return secagg_client_input_f32(h->session, 0, 0, update, ENTRIES);
}

static bool start_session(host *h)
{
    secagg_policy policy = SECAGG_POLICY_INIT;
    policy.min_clients = 3;
    secagg_err err = secagg_client_new(&h->session, h->params, h->index,
        &policy);
    if (!err)
        err = give_update(h);
    return err ? complain(h, "no session", secagg_strerror(err)) : true;
}

/* ---- the session -------------------------------------------------------- */

/* For demonstrations only: what a broken client does, once. */
static void misbehave(host *h)
{
    static const uint8_t zeros[1 << 20];
    const char *fault = h->fault;
    h->fault = NULL;
    complain(h, "fault", fault);
    if (strcmp(fault, "vanish") == 0)
        raise(SIGKILL);
    else if (strcmp(fault, "hang") == 0)
        raise(SIGSTOP);
    else if (strcmp(fault, "garbage") == 0)
        (void)send_all(h, zeros, 100); /* a frame, but no message */
    else
        (void)send_all(h, zeros, sizeof zeros); /* over the bound */
}

/* A message that the library rejects without failing, such as one of another
 * session, changes nothing. After any other error there is no session. */
static bool handle(host *h, const uint8_t *msg, size_t len)
{
    secagg_err err = secagg_client_recv(h->session, msg, len);
    if (!err)
        return true;
    if (secagg_client_phase(h->session) == SECAGG_PHASE_FAILED)
        return complain(h, "the session failed", secagg_strerror(err));
    complain(h, "rejected a message", secagg_strerror(err));
    return err == SECAGG_ERR_STATE || err == SECAGG_ERR_MESSAGE;
}

/* A client sends until the length is 0 and then waits for the server. */
static bool run_session(host *h)
{
    const uint8_t *msg;
    size_t len;
    while (secagg_client_phase(h->session) < SECAGG_PHASE_DONE) {
        if (h->fault && secagg_client_phase(h->session) == h->fault_phase)
            misbehave(h);
        secagg_err err = secagg_client_send(h->session, &msg, &len);
        if (err)
            return complain(h, "no message", secagg_strerror(err));
        if (len > 0 && !send_all(h, msg, len))
            return false;
        if (len == 0 && (!receive(h, &msg, &len) || !handle(h, msg, len)))
            return false;
    }
    return true;
}

/* A session that failed here ends for the server with an ABORT, so that it
 * does not wait for this client. */
static void say_farewell(host *h)
{
    const uint8_t *msg;
    size_t len;
    if (h->session != NULL
        && secagg_client_phase(h->session) == SECAGG_PHASE_FAILED
        && secagg_client_send(h->session, &msg, &len) == SECAGG_OK && len > 0)
        (void)send_all(h, msg, len);
}

/* ---- the program -------------------------------------------------------- */

static bool read_arguments(host *h, int argc, char **argv)
{
    static const char *const phases[] = { "KEYS", "SHARES", "INPUT", "CONFIRM",
        "UNMASK" };
    if (argc != 4 && argc != 6)
        return false;
    h->index = (uint32_t)strtoul(argv[3], NULL, 10);
    h->fault = argv[4];
    while (h->fault && h->fault_phase < SECAGG_PHASE_DONE
        && strcmp(argv[5], phases[h->fault_phase]) != 0)
        h->fault_phase++;
    return h->fault_phase < SECAGG_PHASE_DONE;
}

int main(int argc, char **argv)
{
    host h = { .deadline = tls_now() + SESSION_MS };
    if (!read_arguments(&h, argc, argv)) {
        fprintf(stderr, "usage: client DIR PORT INDEX "
                        "[vanish|hang|garbage|flood PHASE]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN); /* a lost connection is an error of a call */
    bool ok = join(&h, argv[1], (unsigned)strtoul(argv[2], NULL, 10))
        && read_invitation(&h) && start_session(&h) && run_session(&h);
    if (!ok)
        say_farewell(&h);
    secagg_client_free(h.session); /* wipes its secrets */
    secagg_params_free(h.params);
    tls_close(h.server);
    return ok ? 0 : 1;
}
