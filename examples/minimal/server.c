/* SPDX-License-Identifier: Apache-2.0 */
/* server: the host of a libsecagg server, over TLS. Copy from here.
 *
 *     server DIR CLIENTS
 *
 * DIR holds ca.pem, server.pem and server.key. The log goes to stderr; stdout
 * gets the port, and later the survivors and the mean. The library does no I/O
 * and has no clock. The host must see to:
 *
 * - Identity: only the holder of client i's certificate sends as client i.
 *   secagg_server_recv() believes the index that it is passed.
 * - Deadlines: a phase ends when no more answers can come, or after PHASE_MS.
 *   Clients that have not answered then drop out, and are told so.
 * - Crashes: this session ends with its process. A host that is to go on saves
 *   the server at the end of each phase (secagg_server_save()).
 * - Bounds: no frame is longer than the messages of a session.
 * - Retries: a session that failed is over. The next attempt has a new session
 *   id, a new secagg_server and, at each client, a new secagg_client and an
 *   update that has not been in a sum.
 * - Secrecy: logs contain indices and errors, never bytes of messages.
 *
 * This session is semi-honest: it protects the clients from a server that
 * follows the protocol. Active mode (params.mode = SECAGG_ACTIVE) protects
 * them also from one that does not. It needs three calls more:
 * secagg_server_trust() here, with the public key of each client, and
 * secagg_client_identify() and secagg_client_trust() at the clients. See
 * examples/banks. */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <secagg.h>

#include "minimal/tls.h"

#define JOIN_MS 6000
#define PHASE_MS 3000
#define ENTRIES 1000 /* of an update */
#define TASK "libsecagg minimal example, v1"

typedef struct host {
    secagg_segment model;
    secagg_params params;
    secagg_server *session;
    SSL_CTX *context;
    int listener;
    size_t max_frame;
    tls_conn *clients[TLS_MAX_CONNS]; /* by index; NULL: absent or gone */
} host;

/* ---- before the session ------------------------------------------------- */

/* A third of the clients may collude with the server, and a fifth may drop
 * out. Each session has a new id. */
static secagg_err choose_params(host *h, uint32_t clients)
{
    char reason[160] = "";
    uint64_t up = 0, down;
    secagg_params *p = &h->params;
    h->model = (secagg_segment){ .length = ENTRIES, .kind = SECAGG_REAL,
        .value_bits = 16, .clip = 1.0 };
    *p = (secagg_params)SECAGG_PARAMS_INIT;
    p->clients = clients;
    p->segments = &h->model;
    p->segment_count = 1;
    memcpy(p->app_digest, TASK, sizeof TASK);
    secagg_err err = secagg_params_choose(p, 1.0 / 3, 0.2, 40, 20, NULL,
        reason, sizeof reason);
    if (!err)
        err = secagg_params_new_session(p);
    if (!err)
        err = secagg_params_check(p, reason, sizeof reason);
    if (!err)
        err = secagg_params_traffic(p, &up, &down);
    if (err)
        fprintf(stderr, "server: parameters: %s %s\n", secagg_strerror(err),
            reason);
    h->max_frame = (size_t)up; /* no message is longer than all together */
    return err;
}

static void hang_up(host *h, uint32_t i)
{
    tls_close(h->clients[i]);
    h->clients[i] = NULL;
}

static void disconnect(host *h, uint32_t i, const char *reason)
{
    fprintf(stderr, "server: client %u: %s\n", (unsigned)i, reason);
    hang_up(h, i);
}

static void send_to(host *h, uint32_t i, const uint8_t *msg, size_t len)
{
    if (tls_send(h->clients[i], msg, len) == TLS_GONE)
        disconnect(h, i, h->clients[i]->reason);
}

/* Each client gets its index and the parameters. */
static secagg_err invite(host *h)
{
    uint8_t frame[256];
    size_t len = secagg_params_encoded_size(&h->params);
    if (4 + len > sizeof frame)
        return SECAGG_ERR_SIZE;
    secagg_err err = secagg_params_encode(&h->params, frame + 4, len);
    for (uint32_t i = 0; !err && i < h->params.clients; i++) {
        tls_put32(frame, i);
        if (h->clients[i] != NULL)
            send_to(h, i, frame, 4 + len);
    }
    return err;
}

/* ---- the session -------------------------------------------------------- */

/* Pass on the messages of client i. A rejected message costs its sender only.
 * The library would accept a good one after it; this host closes the
 * connection, which bounds the work and the log that one client can cause. */
static secagg_err receive_from(host *h, uint32_t i)
{
    const uint8_t *msg;
    size_t len;
    tls_conn *c = h->clients[i];
    tls_state state = tls_flush(c);
    while (state != TLS_GONE
        && (state = tls_receive(c, &msg, &len)) == TLS_READY) {
        secagg_err err = secagg_server_recv(h->session, i, msg, len);
        if (err == SECAGG_ERR_MEMORY || err == SECAGG_ERR_CRYPTO)
            return err; /* of this machine, not of the client */
        if (err) {
            char why[512]; /* names the client and the check that failed */
            (void)secagg_server_refusal(h->session, NULL, why, sizeof why);
            fprintf(stderr, "server: %s\n", why);
            hang_up(h, i);
            return SECAGG_OK;
        }
    }
    if (state == TLS_GONE)
        disconnect(h, i, c->reason);
    return SECAGG_OK;
}

/* Whether an answer can still come. */
static bool more_expected(const host *h)
{
    uint8_t owing[(TLS_MAX_CONNS + 7) / 8];
    if (secagg_server_owing(h->session, owing, sizeof owing) != SECAGG_OK)
        return false;
    for (uint32_t i = 0; i < h->params.clients; i++)
        if (h->clients[i] != NULL && (owing[i / 8] >> i % 8 & 1))
            return true;
    return false;
}

static secagg_err collect(host *h)
{
    int64_t deadline = tls_now() + PHASE_MS;
    secagg_err err = SECAGG_OK;
    do {
        for (uint32_t i = 0; !err && i < h->params.clients; i++)
            if (h->clients[i] != NULL)
                err = receive_from(h, i);
    } while (!err && more_expected(h)
        && tls_wait(h->clients, h->params.clients, deadline));
    return err;
}

/* Log the clients that dropped out in a phase. */
static void log_lost(const host *h, secagg_phase phase)
{
    secagg_phase when;
    secagg_err why;
    for (uint32_t i = 0; i < h->params.clients; i++)
        if (secagg_server_lost(h->session, i, &when, &why) == SECAGG_OK
            && when == phase)
            fprintf(stderr, "server: client %u drops out: %s\n", (unsigned)i,
                why == SECAGG_OK ? "it did not answer" : secagg_strerror(why));
}

/* Send each client the message of the new phase: an ABORT if the session has
 * failed, or if the client dropped out and is still connected. Bytes that the socket does not accept now are sent by tls_flush(). */
static void deliver(host *h)
{
    const uint8_t *msg;
    size_t len;
    for (uint32_t i = 0; i < h->params.clients; i++)
        if (h->clients[i] != NULL
            && secagg_server_send(h->session, i, &msg, &len) == SECAGG_OK
            && len > 0)
            send_to(h, i, msg, len);
}

static secagg_err run_session(host *h)
{
    secagg_err err = invite(h);
    while (!err && secagg_server_phase(h->session) < SECAGG_PHASE_DONE) {
        secagg_phase phase = secagg_server_phase(h->session);
        err = collect(h);
        if (!err)
            err = secagg_server_advance(h->session);
        log_lost(h, phase);
        if (!err || secagg_server_phase(h->session) == SECAGG_PHASE_FAILED)
            deliver(h);
    }
    return err;
}

/* ---- after the session -------------------------------------------------- */

static secagg_err print_mean(const host *h)
{
    float mean[ENTRIES];
    secagg_err err = secagg_server_mean_f32(h->session, 0, 0, mean, ENTRIES);
    if (err)
        return err;
    printf("survivors");
    for (uint32_t i = 0; i < h->params.clients; i++)
        if (secagg_server_includes(h->session, i))
            printf(" %u", (unsigned)i);
    for (int j = 0; j < ENTRIES; j++)
        printf("\nmean %d %.9g", j, (double)mean[j]);
    printf("\n");
    return SECAGG_OK;
}

/* Prefer the sentence, which has numbers, to the name of the error. */
static void print_error(const host *h, secagg_err err)
{
    char reason[512] = "";
    if (h->session != NULL)
        (void)secagg_server_error(h->session, reason, sizeof reason);
    fprintf(stderr, "server: no mean: %s\n",
        reason[0] != '\0' ? reason : secagg_strerror(err));
}

/* secagg_server_new() draws its seed from the system. */
static secagg_err aggregate(host *h)
{
    secagg_err err = secagg_server_new(&h->session, &h->params);
    if (!err) {
        uint32_t joined = tls_accept(h->clients, h->params.clients,
            h->context, h->listener, h->max_frame, tls_now() + JOIN_MS);
        fprintf(stderr, "server: %u clients joined\n", (unsigned)joined);
        err = run_session(h);
    }
    if (!err)
        err = print_mean(h);
    if (err)
        print_error(h, err);
    secagg_server_free(h->session);
    for (uint32_t i = 0; i < h->params.clients; i++)
        tls_close(h->clients[i]);
    return err;
}

int main(int argc, char **argv)
{
    static host h;
    unsigned port;
    long clients = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    if (clients < 3 || clients > TLS_MAX_CONNS) {
        fprintf(stderr, "usage: server DIR CLIENTS, with 3 to %d clients\n",
            TLS_MAX_CONNS);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN); /* a lost connection is an error of a call */
    h.context = tls_context(true, argv[1], "server");
    if (h.context == NULL || choose_params(&h, (uint32_t)clients)
        || (h.listener = tls_listen(&port)) < 0) {
        SSL_CTX_free(h.context);
        return 1;
    }
    printf("port %u\n", port);
    fflush(stdout);
    secagg_err err = aggregate(&h);
    close(h.listener);
    SSL_CTX_free(h.context);
    return err ? 1 : 0;
}
