/* SPDX-License-Identifier: Apache-2.0 */
/* client: the host of a libsecagg client, over TLS. Copy from here.
 *
 *     client DIR PORT INDEX [FAULT PHASE]
 *
 * DIR holds ca.pem, client-INDEX.pem and client-INDEX.key. The host must see
 * to:
 *
 * - Server: it talks only to the server to which the CA issued a certificate
 *   for TLS_SERVER_NAME.
 * - Parameters: the server chooses them. The library refuses those below its
 *   policy, and check_params() those that are not for this task.
 * - Deadlines: the server may be silent; this host gives up after SESSION_MS.
 * - Retries: a session that failed is over. The next one has a new id and a
 *   new secagg_client. Once UNMASK is sent, the update may be in a sum. It
 *   must not go into a second one: the difference of the two sums could show
 *   the updates of a few clients. Train a new update.
 * - Secrecy: the library draws its seed from the system, and no host should
 *   choose, store or log one. Logs contain neither updates nor messages.
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
#define INVITATION_MAX 256
#define ENTRIES 1000 /* of an update */
#define CLIP 1.0
#define TASK "libsecagg minimal example, v1"

typedef struct host {
    uint32_t index;
    int64_t deadline;
    tls_conn *server;
    secagg_client *session;
    const char *fault; /* NULL: none */
    secagg_phase fault_phase;
} host;

/* Returns false, so that a caller can fail and say why in one statement. */
static bool failure(const host *h, const char *event, const char *reason)
{
    fprintf(stderr, "client %u: %s: %s\n", (unsigned)h->index, event, reason);
    return false;
}

/* Of a call on the session that failed: the sentence has numbers. */
static bool refused(const host *h, const char *event)
{
    char why[512];
    (void)secagg_client_refusal(h->session, why, sizeof why);
    return failure(h, event, why);
}

/* ---- frames ------------------------------------------------------------- */

static bool receive(host *h, const uint8_t **msg, size_t *len)
{
    tls_state state = tls_receive(h->server, msg, len);
    while (state == TLS_WAIT && tls_wait(&h->server, 1, h->deadline))
        state = tls_receive(h->server, msg, len);
    if (state == TLS_READY)
        return true;
    return failure(h, "no message from the server",
        state == TLS_WAIT ? "timeout" : h->server->reason);
}

static bool send_all(host *h, const uint8_t *msg, size_t len)
{
    tls_state state = tls_send(h->server, msg, len);
    while (state == TLS_WAIT && tls_wait(&h->server, 1, h->deadline))
        state = tls_flush(h->server);
    if (state == TLS_READY)
        return true;
    return failure(h, "message not sent",
        state == TLS_WAIT ? "timeout" : h->server->reason);
}

/* ---- joining a session -------------------------------------------------- */

static bool join(host *h, const char *dir, unsigned port)
{
    char name[32];
    snprintf(name, sizeof name, "client-%u", (unsigned)h->index);
    SSL_CTX *context = tls_context(false, dir, name);
    if (context == NULL)
        return false;
    h->server = tls_connect(context, port, INVITATION_MAX, h->deadline);
    SSL_CTX_free(context); /* the connection holds a reference */
    return h->server != NULL;
}

/* Whether the session is for this task and its model. */
static secagg_err check_params(const secagg_params *p)
{
    const uint8_t digest[SECAGG_DIGEST_BYTES] = TASK;
    const secagg_segment *s = p->segments;
    bool ours = memcmp(p->app_digest, digest, sizeof digest) == 0
        && p->segment_count == 1 && s->length == ENTRIES
        && s->kind == SECAGG_REAL && s->clip >= CLIP && s->clip <= CLIP
        && p->max_weight == 0;
    return ours ? SECAGG_OK : SECAGG_ERR_POLICY;
}

/* A trained update would be here. */
static secagg_err give_update(host *h)
{
    float update[ENTRIES];
    for (int j = 0; j < ENTRIES; j++)
        update[j] = (float)(CLIP * sin(h->index + j / 10.0));
    secagg_err err = secagg_client_input_f32(h->session, 0, 0, update,
        ENTRIES);
    secagg_wipe(update, sizeof update);
    return err;
}

/* Members of the policy that are not set here have the library's defaults. */
static secagg_err start_session(host *h, const uint8_t *bytes, size_t len)
{
    uint64_t up, down = 0;
    secagg_params *params = NULL;
    secagg_policy policy = SECAGG_POLICY_INIT;
    char why[512] = "";
    policy.min_clients = 3;
    secagg_err err = secagg_params_decode(&params, bytes, len);
    if (!err)
        err = check_params(params);
    if (!err)
        err = secagg_policy_check(params, &policy, why, sizeof why);
    if (err && why[0] != '\0')
        (void)failure(h, "parameters", why);
    if (!err)
        err = secagg_client_new(&h->session, params, h->index, &policy);
    if (!err)
        err = secagg_params_traffic(params, &up, &down);
    if (!err)
        err = give_update(h);
    h->server->max_frame = (size_t)down; /* all messages together */
    secagg_params_free(params);
    return err;
}

/* An invitation is this client's index and the parameters. */
static bool accept_invitation(host *h)
{
    const uint8_t *msg;
    size_t len;
    if (!receive(h, &msg, &len))
        return false;
    if (len < 4 || tls_get32(msg) != h->index)
        return failure(h, "invitation", "not for this client");
    secagg_err err = start_session(h, msg + 4, len - 4);
    return err ? failure(h, "invitation", secagg_strerror(err)) : true;
}

/* ---- the session -------------------------------------------------------- */

/* For demonstrations and tests: a faulty client. */
static void misbehave(host *h)
{
    static const uint8_t zeros[1 << 20];
    const uint8_t *msg;
    size_t len;
    (void)failure(h, "fault", h->fault);
    if (strcmp(h->fault, "vanish") == 0)
        raise(SIGKILL);
    else if (strcmp(h->fault, "garbage") == 0)
        (void)send_all(h, zeros, 100); /* a frame that is no message */
    else if (strcmp(h->fault, "flood") == 0)
        (void)send_all(h, zeros, sizeof zeros); /* longer than any message */
    while (receive(h, &msg, &len)) /* hang: listen, but never answer */
        ;
}

/* The library rejects a message out of phase or of another session without
 * any change: this host goes on. Any other error ends the session. */
static bool handle(host *h, const uint8_t *msg, size_t len)
{
    secagg_err err = secagg_client_recv(h->session, msg, len);
    if (!err)
        return true;
    if (secagg_client_phase(h->session) == SECAGG_PHASE_FAILED)
        return refused(h, "the session failed");
    (void)refused(h, "rejects a message");
    return err == SECAGG_ERR_STATE || err == SECAGG_ERR_MESSAGE;
}

/* Send until the length is 0; then it is the server's turn. */
static bool run_session(host *h)
{
    const uint8_t *msg;
    size_t len;
    while (secagg_client_phase(h->session) < SECAGG_PHASE_DONE) {
        if (h->fault && secagg_client_phase(h->session) == h->fault_phase) {
            misbehave(h);
            return false;
        }
        secagg_err err = secagg_client_send(h->session, &msg, &len);
        if (err)
            return refused(h, "no message");
        if (len > 0 && !send_all(h, msg, len))
            return false;
        if (len == 0 && (!receive(h, &msg, &len) || !handle(h, msg, len)))
            return false;
    }
    return true;
}

/* A client whose session failed tells the server by an ABORT, so that the
 * server does not wait for it. */
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
        && accept_invitation(&h) && run_session(&h);
    if (!ok)
        say_farewell(&h);
    secagg_client_free(h.session); /* wipes its secrets */
    tls_close(h.server);
    return ok ? 0 : 1;
}
