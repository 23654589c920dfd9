/* SPDX-License-Identifier: Apache-2.0 */
/* tls: connections of the minimal example. TLS 1.3, in which both sides show a
 * certificate, carries frames: a length of four bytes, big-endian, and then as
 * many bytes. Only functions with a deadline wait. */
#ifndef EXAMPLE_TLS_H
#define EXAMPLE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#define TLS_MAX_CONNS 64 /* at once */
#define TLS_SERVER_NAME "aggregator.example"
#define TLS_CLIENT_NAME "client-%u.example" /* with the client's index */

typedef enum tls_state {
    TLS_GONE = -1, /* close the connection; its `reason` is set */
    TLS_WAIT = 0,  /* call again after tls_wait() */
    TLS_READY = 1  /* done */
} tls_state;

typedef struct tls_conn {
    SSL *ssl;
    int fd;
    const char *reason; /* why the connection is gone, else NULL */
    size_t max_frame;   /* longest frame that the peer may send */
    uint8_t *in, *out;
    size_t in_len, in_capacity;
    size_t out_len, out_sent;
} tls_conn;

/* Milliseconds of a clock that is never set back. */
int64_t tls_now(void);

/* Load DIR/ca.pem, DIR/NAME.pem and DIR/NAME.key. Returns NULL, after a
 * message on stderr, if a file is missing or does not fit. */
SSL_CTX *tls_context(bool server, const char *dir, const char *name);

/* Listen on a port of 127.0.0.1 that the system chooses. Returns -1, after a
 * message on stderr, on failure. */
int tls_listen(unsigned *port);

/* Accept connections until each of `count` clients has one or the deadline
 * comes. The certificate names the client: TLS_CLIENT_NAME. A client that was
 * started again replaces its older connection. Returns how many joined;
 * clients[] must begin as NULL and stays so for the others. */
uint32_t tls_accept(tls_conn **clients, uint32_t count, SSL_CTX *context,
    int listener, size_t max_frame, int64_t deadline);

/* Connect to the server whose certificate is for TLS_SERVER_NAME. Returns
 * NULL, after a message on stderr, on failure. */
tls_conn *tls_connect(SSL_CTX *context, unsigned port, size_t max_frame,
    int64_t deadline);

void tls_close(tls_conn *c);

/* Receive the next frame; it stays valid until the next call. */
tls_state tls_receive(tls_conn *c, const uint8_t **msg, size_t *len);

/* Queue a frame and send as many bytes as the socket accepts; tls_flush()
 * sends the rest. */
tls_state tls_send(tls_conn *c, const uint8_t *msg, size_t len);
tls_state tls_flush(tls_conn *c);

/* Wait until a connection can proceed; entries of conns may be NULL. Returns
 * false at the deadline. */
bool tls_wait(tls_conn *const *conns, size_t count, int64_t deadline);

void tls_put32(uint8_t out[4], uint32_t value);
uint32_t tls_get32(const uint8_t in[4]);

#endif
