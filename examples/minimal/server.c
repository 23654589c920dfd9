/* SPDX-License-Identifier: Apache-2.0 */
/* server: the host of a libsecagg server, over TLS. Copy from here.
 *
 *     server DIR CLIENTS
 *
 * DIR holds ca.pem, server.pem and server.key. The log goes to stderr; stdout
 * gets the port, then the survivors and the mean. The library does no I/O and
 * knows no clock, so that the following are duties of this host:
 *
 * - Identity. Only the holder of the certificate of client i sends as client
 *   i: secagg_server_recv() believes the index that it is passed.
 * - Deadlines. Each phase ends when no more answers can come, or after
 *   PHASE_MS; a client that has not answered then drops out.
 * - Bounds. A frame is no longer than a message of the session can be.
 * - Retries. A session that failed is over. The next attempt takes a new
 *   session id, a new secagg_server, and from each client a new handle with
 *   an update that was not yet in a sum.
 * - Secrecy. Logs contain indices and errors, never bytes of messages.
 *
 * This session is semi-honest: the server follows the protocol. In active mode
 * (params.mode = SECAGG_ACTIVE) a server may lie without learning more. Then
 * the server calls secagg_server_trust() with each client's public key, and a
 * client calls secagg_client_identify() with its own key and
 * secagg_client_trust() with each peer's; see examples/banks. */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <secagg.h>

#include "minimal/tls.h"

#define MAX_CLIENTS 64
#define JOIN_MS 6000
#define HANDSHAKE_MS 1000
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
    tls_conn *clients[MAX_CLIENTS]; /* by index; NULL: absent or gone */
} host;

/* ---- the session's parameters ------------------------------------------- */

/* A third of the clients may collude with the server, and a fifth may drop
 * out. secagg_params_new_session() draws the id that no session had before. */
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
    secagg_err err = secagg_params_choose(p, 1.0 / 3, 0.2, 40, 20);
    if (!err)
        err = secagg_params_new_session(p);
    if (!err)
        err = secagg_params_check(p, reason, sizeof reason);
    if (!err)
        err = secagg_params_traffic(p, &up, &down);
    h->max_frame = (size_t)up; /* no message is longer than all together */
    if (err)
        fprintf(stderr, "server: parameters: %s %s\n", secagg_strerror(err),
            reason);
    return err;
}

/* ---- clients join ------------------------------------------------------- */

static void drop(host *h, uint32_t i, const char *reason)
{
    fprintf(stderr, "server: client %u: %s\n", (unsigned)i, reason);
    tls_close(h->clients[i]);
    h->clients[i] = NULL;
}

/* The index of a client is the one in its certificate. */
static uint32_t index_of(const host *h, const tls_conn *c)
{
    char name[64];
    uint32_t i;
    for (i = 0; i < h->params.clients; i++) {
        snprintf(name, sizeof name, TLS_CLIENT_NAME, (unsigned)i);
        if (tls_peer_is(c, name))
            break;
    }
    return i;
}

/* A client that was started again replaces its older connection. Handshakes
 * are made one by one, each with a deadline; a host that anybody can reach
 * makes them side by side. */
static void join(host *h)
{
    int64_t now, deadline = tls_now() + JOIN_MS;
    uint32_t joined = 0;
    while (joined < h->params.clients
        && tls_wait(NULL, 0, h->listener, deadline)) {
        tls_conn *c = tls_accept(h->context, h->listener, h->max_frame);
        if (c == NULL)
            continue;
        now = tls_now();
        tls_state state = tls_handshake(c,
            now + HANDSHAKE_MS < deadline ? now + HANDSHAKE_MS : deadline);
        uint32_t i = index_of(h, c);
        if (state != TLS_READY || i == h->params.clients) {
            fprintf(stderr, "server: stranger: %s\n", tls_reason(c));
            tls_close(c);
            continue;
        }
        joined += h->clients[i] == NULL;
        tls_close(h->clients[i]);
        h->clients[i] = c;
    }
}

/* Each client gets its index and the parameters. */
static secagg_err invite(host *h)
{
    uint8_t frame[4 + 256];
    size_t len = secagg_params_encoded_size(&h->params);
    if (len > sizeof frame - 4)
        return SECAGG_ERR_SIZE;
    secagg_err err = secagg_params_encode(&h->params, frame + 4, len);
    for (uint32_t i = 0; !err && i < h->params.clients; i++) {
        tls_put32(frame, i);
        if (h->clients[i] != NULL
            && tls_send(h->clients[i], frame, 4 + len) == TLS_GONE)
            drop(h, i, tls_reason(h->clients[i]));
    }
    return err;
}

/* ---- the session -------------------------------------------------------- */

/* Hand over what client i sent. A rejected message costs its sender only.
 * The library would accept a good one later; this host closes the connection,
 * which bounds the work and the log that one client can cause. */
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
            return err;
        if (err) {
            drop(h, i, secagg_strerror(err));
            return SECAGG_OK;
        }
    }
    if (state == TLS_GONE)
        drop(h, i, tls_reason(c));
    return SECAGG_OK;
}

/* Clients that owe an answer and are still connected. */
static uint32_t expected(const host *h)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < h->params.clients; i++)
        count += h->clients[i] != NULL && secagg_server_includes(h->session, i)
            && !secagg_server_answered(h->session, i);
    return count;
}

static secagg_err collect(host *h)
{
    int64_t deadline = tls_now() + PHASE_MS;
    secagg_err err = SECAGG_OK;
    do {
        for (uint32_t i = 0; !err && i < h->params.clients; i++)
            if (h->clients[i] != NULL)
                err = receive_from(h, i);
    } while (!err && expected(h) > 0
        && tls_wait(h->clients, h->params.clients, -1, deadline));
    return err;
}

/* Send each client its message of this phase: an ABORT if the session has
 * failed. What the socket does not accept now leaves with tls_flush(). */
static void deliver(host *h)
{
    const uint8_t *msg;
    size_t len;
    for (uint32_t i = 0; i < h->params.clients; i++)
        if (h->clients[i] != NULL
            && secagg_server_send(h->session, i, &msg, &len) == SECAGG_OK
            && len > 0 && tls_send(h->clients[i], msg, len) == TLS_GONE)
            drop(h, i, tls_reason(h->clients[i]));
}

static secagg_err run_session(host *h)
{
    secagg_err err = invite(h);
    while (!err && secagg_server_phase(h->session) < SECAGG_PHASE_DONE) {
        err = collect(h);
        if (!err)
            err = secagg_server_advance(h->session);
        if (!err || secagg_server_phase(h->session) == SECAGG_PHASE_FAILED)
            deliver(h);
    }
    return err;
}

static secagg_err print_result(const host *h)
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

/* ---- the program -------------------------------------------------------- */

/* The library draws the server's seed from the system. */
static secagg_err run(host *h)
{
    char reason[160];
    secagg_err err = secagg_server_new(&h->session, &h->params);
    if (!err) {
        join(h);
        err = run_session(h);
    }
    if (!err)
        err = print_result(h);
    if (err && h->session != NULL
        && secagg_server_error(h->session, reason, sizeof reason))
        fprintf(stderr, "server: the session failed: %s\n", reason);
    else if (err)
        fprintf(stderr, "server: %s\n", secagg_strerror(err));
    return err;
}

static void tear_down(host *h)
{
    secagg_server_free(h->session);
    for (size_t i = 0; i < MAX_CLIENTS; i++)
        tls_close(h->clients[i]);
    SSL_CTX_free(h->context);
    if (h->listener >= 0)
        close(h->listener);
}

int main(int argc, char **argv)
{
    static host h = { .listener = -1 };
    unsigned port = 0;
    int clients = argc == 3 ? atoi(argv[2]) : 0;
    if (clients < 3 || clients > MAX_CLIENTS) {
        fprintf(stderr, "usage: server DIR CLIENTS (3 to %d)\n", MAX_CLIENTS);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN); /* a lost connection is an error of a call */
    h.context = tls_context(true, argv[1], "server");
    h.listener = tls_listen(&port);
    bool ok = h.context != NULL && h.listener >= 0
        && !choose_params(&h, (uint32_t)clients);
    if (ok) {
        printf("port %u\n", port);
        fflush(stdout);
        ok = !run(&h);
    }
    tear_down(&h);
    return ok ? 0 : 1;
}
