/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L

#include "minimal/tls.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#define FRAME_HEAD 4
#define READ_SIZE 16384 /* a TLS record holds no more */
#define NAME_FLAGS                                                            \
    (X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)

int64_t tls_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void tls_put32(uint8_t out[4], uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

uint32_t tls_get32(const uint8_t in[4])
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16
        | (uint32_t)in[2] << 8 | in[3];
}

/* ---- set-up ------------------------------------------------------------- */

static bool load(SSL_CTX *context, const char *dir, const char *name)
{
    char ca[256], certificate[256], key[256];
    snprintf(ca, sizeof ca, "%s/ca.pem", dir);
    snprintf(certificate, sizeof certificate, "%s/%s.pem", dir, name);
    snprintf(key, sizeof key, "%s/%s.key", dir, name);
    return SSL_CTX_load_verify_file(context, ca) == 1
        && SSL_CTX_use_certificate_chain_file(context, certificate) == 1
        && SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1
        && SSL_CTX_check_private_key(context) == 1;
}

/* No tickets and no cache: each connection verifies the certificates. */
SSL_CTX *tls_context(bool server, const char *dir, const char *name)
{
    SSL_CTX *context =
        SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    if (context == NULL || !load(context, dir, name)
        || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1
        || SSL_CTX_set_num_tickets(context, 0) != 1) {
        ERR_print_errors_fp(stderr);
        SSL_CTX_free(context);
        return NULL;
    }
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context,
        SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_mode(context,
        SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return context;
}

/* ---- input and output --------------------------------------------------- */

static tls_state give_up(tls_conn *c, const char *reason)
{
    c->reason = reason;
    return TLS_GONE;
}

/* The state after a call of OpenSSL that returned `result`. */
static tls_state state_of(tls_conn *c, int result)
{
    int error = SSL_get_error(c->ssl, result);
    long verified = SSL_get_verify_result(c->ssl);
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    if (error == SSL_ERROR_NONE)
        return TLS_READY;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return TLS_WAIT;
    if (verified != X509_V_OK)
        return give_up(c, X509_verify_cert_error_string(verified));
    return give_up(c, reason != NULL ? reason : "connection closed");
}

static bool reserve(tls_conn *c, size_t size)
{
    uint8_t *in = c->in;
    if (size <= c->in_capacity)
        return true;
    if (size < 2 * c->in_capacity)
        size = 2 * c->in_capacity;
    in = realloc(in, size);
    if (in == NULL)
        return false;
    c->in = in;
    c->in_capacity = size;
    return true;
}

/* Read until the buffer holds `size` bytes. The buffer grows with the bytes
 * that arrive, not with the length that the peer claims. */
static tls_state fill(tls_conn *c, size_t size)
{
    while (c->in_len < size) {
        size_t got, count = size - c->in_len;
        if (count > READ_SIZE)
            count = READ_SIZE;
        if (!reserve(c, c->in_len + count))
            return give_up(c, "no memory");
        ERR_clear_error();
        int result = SSL_read_ex(c->ssl, c->in + c->in_len, count, &got);
        if (result != 1)
            return state_of(c, result);
        c->in_len += got;
    }
    return TLS_READY;
}

tls_state tls_receive(tls_conn *c, const uint8_t **msg, size_t *len)
{
    tls_state state = fill(c, FRAME_HEAD);
    if (state != TLS_READY)
        return state;
    *len = tls_get32(c->in);
    if (*len > c->max_frame)
        return give_up(c, "a frame is too long");
    state = fill(c, FRAME_HEAD + *len);
    if (state != TLS_READY)
        return state;
    *msg = c->in + FRAME_HEAD;
    c->in_len = 0;
    return TLS_READY;
}

tls_state tls_flush(tls_conn *c)
{
    while (c->out_sent < c->out_len) {
        size_t sent;
        ERR_clear_error();
        int result = SSL_write_ex(c->ssl, c->out + c->out_sent,
            c->out_len - c->out_sent, &sent);
        if (result != 1)
            return state_of(c, result);
        c->out_sent += sent;
    }
    c->out_len = c->out_sent = 0;
    return TLS_READY;
}

tls_state tls_send(tls_conn *c, const uint8_t *msg, size_t len)
{
    uint8_t *out = NULL;
    if (len <= UINT32_MAX)
        out = realloc(c->out, c->out_len + FRAME_HEAD + len);
    if (out == NULL)
        return give_up(c, "no memory");
    tls_put32(out + c->out_len, (uint32_t)len);
    memcpy(out + c->out_len + FRAME_HEAD, msg, len);
    c->out = out;
    c->out_len += FRAME_HEAD + len;
    return tls_flush(c);
}

/* ---- waiting ------------------------------------------------------------ */

static struct pollfd to_poll(const tls_conn *c)
{
    if (c == NULL)
        return (struct pollfd){ .fd = -1 };
    if (c->out_len > 0 || SSL_want_write(c->ssl))
        return (struct pollfd){ .fd = c->fd, .events = POLLIN | POLLOUT };
    return (struct pollfd){ .fd = c->fd, .events = POLLIN };
}

/* Wait also for a listening socket, unless it is -1. */
static bool wait_for(tls_conn *const *conns, size_t count, int listener,
    int64_t deadline)
{
    struct pollfd fds[TLS_MAX_CONNS + 1];
    int64_t left = deadline - tls_now();
    if (left <= 0 || count > TLS_MAX_CONNS)
        return false;
    for (size_t i = 0; i < count; i++)
        fds[i] = to_poll(conns[i]);
    fds[count] = (struct pollfd){ .fd = listener, .events = POLLIN };
    (void)poll(fds, (nfds_t)count + 1, (int)left);
    return tls_now() < deadline;
}

bool tls_wait(tls_conn *const *conns, size_t count, int64_t deadline)
{
    return wait_for(conns, count, -1, deadline);
}

/* ---- connections -------------------------------------------------------- */

/* Take over a socket, or the -1 of a call that returned none. */
static tls_conn *open_conn(SSL_CTX *context, int fd, size_t max_frame)
{
    tls_conn *c = calloc(1, sizeof *c);
    SSL *ssl = SSL_new(context);
    if (fd < 0 || c == NULL || ssl == NULL
        || fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || SSL_set_fd(ssl, fd) != 1) {
        SSL_free(ssl);
        free(c);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    if (SSL_is_server(ssl))
        SSL_set_accept_state(ssl);
    else
        SSL_set_connect_state(ssl);
    *c = (tls_conn){ .ssl = ssl, .fd = fd, .max_frame = max_frame };
    return c;
}

static tls_state handshake(tls_conn *c)
{
    ERR_clear_error();
    return state_of(c, SSL_do_handshake(c->ssl));
}

/* TLS has no farewell on a connection that failed. */
void tls_close(tls_conn *c)
{
    if (c == NULL)
        return;
    if (c->reason == NULL)
        (void)SSL_shutdown(c->ssl);
    SSL_free(c->ssl);
    close(c->fd);
    free(c->in);
    free(c->out);
    free(c);
}

static struct sockaddr_in loopback(unsigned port)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int tls_listen(unsigned *port)
{
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0
        || listen(fd, SOMAXCONN) != 0
        || fcntl(fd, F_SETFL, O_NONBLOCK) != 0
        || getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        perror("listening socket");
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

/* The index that the verified certificate names, or `count`. */
static uint32_t index_of(const tls_conn *c, uint32_t count)
{
    char name[64];
    uint32_t i;
    X509 *certificate = SSL_get0_peer_certificate(c->ssl);
    for (i = 0; i < count; i++) {
        snprintf(name, sizeof name, TLS_CLIENT_NAME, (unsigned)i);
        if (X509_check_host(certificate, name, 0, NAME_FLAGS, NULL) == 1)
            break;
    }
    return i;
}

/* Move a connection to its client's place once its handshake is complete, or
 * close it. Returns whether there is one client more. */
static bool admit(tls_conn **clients, uint32_t count, tls_conn **pending)
{
    tls_conn *c = *pending;
    tls_state state = handshake(c);
    if (state == TLS_WAIT)
        return false;
    *pending = NULL;
    uint32_t i = state == TLS_READY ? index_of(c, count) : count;
    if (i == count) {
        fprintf(stderr, "rejected a connection: %s\n",
            c->reason != NULL ? c->reason : "not a client's name");
        tls_close(c);
        return false;
    }
    bool joins = clients[i] == NULL;
    tls_close(clients[i]);
    clients[i] = c;
    return joins;
}

/* Strangers that connect and stay silent keep nobody out: if there are too
 * many connections, the oldest one is closed. */
uint32_t tls_accept(tls_conn **clients, uint32_t count, SSL_CTX *context,
    int listener, size_t max_frame, int64_t deadline)
{
    tls_conn *pending[TLS_MAX_CONNS] = { NULL };
    uint32_t joined = 0, oldest = 0;
    while (joined < count
        && wait_for(pending, TLS_MAX_CONNS, listener, deadline)) {
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0) {
            tls_close(pending[oldest]);
            pending[oldest] = open_conn(context, fd, max_frame);
            oldest = (oldest + 1) % TLS_MAX_CONNS;
        }
        for (size_t i = 0; i < TLS_MAX_CONNS; i++)
            if (pending[i] != NULL)
                joined += admit(clients, count, &pending[i]);
    }
    for (size_t i = 0; i < TLS_MAX_CONNS; i++)
        tls_close(pending[i]);
    return joined;
}

/* connect() does not block: the handshake waits for it, or sees it fail. */
tls_conn *tls_connect(SSL_CTX *context, unsigned port, size_t max_frame,
    int64_t deadline)
{
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    tls_conn *c = open_conn(context, fd, max_frame);
    if (c == NULL)
        return NULL;
    SSL_set_hostflags(c->ssl, NAME_FLAGS);
    (void)connect(fd, (struct sockaddr *)&address, sizeof address);
    tls_state state = SSL_set1_host(c->ssl, TLS_SERVER_NAME) == 1
        ? handshake(c)
        : give_up(c, "no memory");
    while (state == TLS_WAIT && tls_wait(&c, 1, deadline))
        state = handshake(c);
    if (state == TLS_READY)
        return c;
    fprintf(stderr, "no connection: %s\n",
        state == TLS_WAIT ? "timeout" : c->reason);
    tls_close(c);
    return NULL;
}
