/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L

#include "minimal/tls.h"

#include <arpa/inet.h>
#include <errno.h>
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
#define NAME_FLAGS                                                            \
    (X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)
#define READ_SIZE 16384 /* a TLS record holds no more */

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

/* Sessions are not resumed: the certificates are checked each time. */
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

int tls_listen(unsigned *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0
        || listen(fd, SOMAXCONN) != 0
        || getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        perror("listening socket");
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

/* Take over a socket, which may be -1. */
static tls_conn *open_conn(SSL_CTX *context, int fd, size_t max_frame)
{
    tls_conn *c = calloc(1, sizeof *c);
    SSL *ssl = SSL_new(context);
    if (c == NULL || ssl == NULL || fd < 0
        || fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || SSL_set_fd(ssl, fd) != 1) {
        SSL_free(ssl);
        free(c);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    *c = (tls_conn){ .ssl = ssl, .fd = fd, .max_frame = max_frame };
    return c;
}

tls_conn *tls_accept(SSL_CTX *context, int listener, size_t max_frame)
{
    int fd = accept(listener, NULL, NULL);
    tls_conn *c = open_conn(context, fd, max_frame);
    if (c != NULL)
        SSL_set_accept_state(c->ssl);
    return c;
}

/* That connect() is still in progress is seen, like its failure, by the
 * handshake. */
tls_conn *tls_connect(SSL_CTX *context, unsigned port, size_t max_frame)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    tls_conn *c = open_conn(context, socket(AF_INET, SOCK_STREAM, 0),
        max_frame);
    if (c == NULL)
        return NULL;
    SSL_set_connect_state(c->ssl);
    SSL_set_hostflags(c->ssl, NAME_FLAGS);
    if (SSL_set1_host(c->ssl, TLS_SERVER_NAME) != 1
        || (connect(c->fd, (struct sockaddr *)&address, sizeof address) != 0
            && errno != EINPROGRESS)) {
        c->failed = true;
        tls_close(c);
        return NULL;
    }
    return c;
}

void tls_close(tls_conn *c)
{
    if (c == NULL)
        return;
    if (!c->failed)
        (void)SSL_shutdown(c->ssl);
    SSL_free(c->ssl);
    close(c->fd);
    free(c->in);
    free(c->out);
    free(c);
}

/* ---- input and output --------------------------------------------------- */

/* The state after a call of OpenSSL that returned `result`. */
static tls_state state_of(tls_conn *c, int result)
{
    int error = SSL_get_error(c->ssl, result);
    if (error == SSL_ERROR_NONE)
        return TLS_READY;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return TLS_WAIT;
    c->failed = true;
    return TLS_GONE;
}

tls_state tls_handshake(tls_conn *c, int64_t deadline)
{
    tls_state state;
    do {
        ERR_clear_error();
        state = state_of(c, SSL_do_handshake(c->ssl));
    } while (state == TLS_WAIT && tls_wait(&c, 1, -1, deadline));
    return state;
}

bool tls_peer_is(const tls_conn *c, const char *name)
{
    X509 *certificate = SSL_get0_peer_certificate(c->ssl);
    return certificate != NULL
        && X509_check_host(certificate, name, 0, NAME_FLAGS, NULL) == 1;
}

const char *tls_reason(const tls_conn *c)
{
    long verified = SSL_get_verify_result(c->ssl);
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    if (verified != X509_V_OK)
        return X509_verify_cert_error_string(verified);
    return reason != NULL ? reason : "the peer closed the connection";
}

static bool grow(tls_conn *c, size_t capacity)
{
    if (capacity < 2 * c->in_capacity)
        capacity = 2 * c->in_capacity;
    uint8_t *in = realloc(c->in, capacity);
    if (in == NULL)
        return false;
    c->in = in;
    c->in_capacity = capacity;
    return true;
}

/* Read until the buffer holds `size` bytes. The buffer grows with the bytes
 * that arrive, not with the length that the peer claims. */
static tls_state fill(tls_conn *c, size_t size)
{
    while (c->in_len < size) {
        size_t got, end = size;
        if (end > c->in_len + READ_SIZE)
            end = c->in_len + READ_SIZE;
        if (end > c->in_capacity && !grow(c, end))
            return TLS_GONE;
        ERR_clear_error();
        int result = SSL_read_ex(c->ssl, c->in + c->in_len, end - c->in_len,
            &got);
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
        return TLS_GONE;
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
    uint8_t *out = len > UINT32_MAX
        ? NULL
        : realloc(c->out, c->out_len + FRAME_HEAD + len);
    if (out == NULL)
        return TLS_GONE;
    tls_put32(out + c->out_len, (uint32_t)len);
    memcpy(out + c->out_len + FRAME_HEAD, msg, len);
    c->out = out;
    c->out_len += FRAME_HEAD + len;
    return tls_flush(c);
}

static short events(const tls_conn *c)
{
    bool writes = SSL_want_write(c->ssl) || c->out_len > 0;
    return writes ? POLLIN | POLLOUT : POLLIN;
}

bool tls_wait(tls_conn *const *conns, size_t count, int listener,
    int64_t deadline)
{
    struct pollfd fds[TLS_WAIT_MAX + 1];
    int64_t left = deadline - tls_now();
    if (left <= 0 || count > TLS_WAIT_MAX)
        return false;
    fds[count] = (struct pollfd){ listener, POLLIN, 0 };
    for (size_t i = 0; i < count; i++)
        fds[i] = conns[i] == NULL
            ? (struct pollfd){ -1, 0, 0 }
            : (struct pollfd){ conns[i]->fd, events(conns[i]), 0 };
    (void)poll(fds, (nfds_t)count + 1, (int)left);
    return tls_now() < deadline;
}
