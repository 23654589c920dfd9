/* SPDX-License-Identifier: Apache-2.0 */
/* session_driver: whole sessions of any size, graph and mode, with the input in
 * one message or in parts, by the public interface alone. Callbacks let a test
 * see each message, and replace a client between any two calls on it. */
#ifndef SESSION_DRIVER_H
#define SESSION_DRIVER_H

#include <secagg.h>

/* A client was created; it sent a message or a part; it received a message; it
 * has the input of a part that it has not sent yet. */
typedef enum driver_event { CREATED, SENT, RECEIVED, PART_READY } driver_event;

typedef struct driver {
    secagg_params params;
    secagg_server *server;
    secagg_client **clients;
    uint8_t *leaves;     /* first phase in which it sends nothing, or DONE */
    secagg_err *refused; /* its error for the last message it received */
    uint64_t *up, *down; /* bytes of each client */
    uint64_t part_size;  /* entries of a part; 0: one INPUT message */
    uint64_t blocks;     /* of the full vector, the weight included */
    void *user;          /* for the callbacks */

    /* Passes blocks [from, to) of the input to client i. */
    void (*input)(struct driver *r, uint32_t i, uint64_t from, uint64_t to);

    /* Any of these may be NULL. `part` is the number of parts sent before. */
    void (*on_event)(struct driver *r, uint32_t i, driver_event now,
        uint64_t part);
    void (*on_client_msg)(struct driver *r, uint32_t i, const uint8_t *msg,
        size_t len);
    void (*on_server_msg)(struct driver *r, uint32_t i, const uint8_t *msg,
        size_t len);
} driver;

/* Create server and clients from seeds, with a policy that accepts small
 * sessions; in active mode with identities. The input is that of party.h. */
void driver_init(driver *r, const secagg_params *params, uint64_t seed);
void driver_free(driver *r);

/* A client as driver_init() creates it; its identity and trusted keys, or the
 * trusted keys alone. */
secagg_client *driver_new_client(const driver *r, uint32_t i, uint64_t seed);
void driver_identify(const driver *r, secagg_client *c, uint32_t i);
void driver_trust(const driver *r, secagg_client *c);

/* Passes the input of party.h, one block of integers. */
void driver_input_integers(driver *r, uint32_t i, uint64_t from, uint64_t to);

/* driver_collect() passes the messages of all clients that have not dropped out
 * to the server and closes the phase; driver_deliver() passes the server's
 * messages to them. driver_run() does both until the session is over,
 * driver_run_to() until a phase has begun and its messages are delivered. */
secagg_err driver_collect(driver *r);
void driver_deliver(driver *r);
secagg_err driver_run(driver *r);
void driver_run_to(driver *r, secagg_phase phase);

/* Check the sum over the clients that the server includes. */
void driver_check_sum(const driver *r);

/* A copy of a client, by saving and resuming it. */
secagg_client *driver_copy_client(secagg_client *c);

/* A copy of the message that a client sends now, or NULL. The caller frees
 * it. */
uint8_t *driver_client_send(secagg_client *c, size_t *len);

#endif
