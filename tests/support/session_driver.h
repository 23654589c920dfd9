/* SPDX-License-Identifier: Apache-2.0 */
/* ringside: whole sessions of any size, graph and mode, with the input whole
 * or in parts, on the public interface alone. A test sees each message and
 * each turn of a client, and may put another client in its place. */
#ifndef SESSION_DRIVER_H
#define SESSION_DRIVER_H

#include <secagg.h>

/* Points between two calls on a client: it was made; it said something, or in
 * INPUT a part; it heard something; it was given a part that it has not said
 * yet. */
typedef enum driver_event { CREATED, SENT, RECEIVED, PART_READY } driver_event;

typedef struct driver {
    secagg_params params;
    secagg_server *server;
    secagg_client **clients;
    uint8_t *leaves;     /* phase whose message it does not send; DONE: none */
    secagg_err *refused; /* what it said to the message heard last */
    uint64_t *up, *down; /* bytes of each client */
    uint64_t part_size;      /* entries of a part; 0: whole */
    uint64_t blocks;     /* of all segments, the hidden one included */
    void *user;

    /* Give blocks [from, to) of the input. */
    void (*input)(struct driver *r, uint32_t i, uint64_t from, uint64_t to);

    /* Any of these may be NULL. Part: how many of them were said. */
    void (*on_event)(struct driver *r, uint32_t i, driver_event now,
        uint64_t part);
    void (*on_client_msg)(struct driver *r, uint32_t i, const uint8_t *msg,
        size_t len);
    void (*on_server_msg)(struct driver *r, uint32_t i, const uint8_t *msg,
        size_t len);
} driver;

/* Server and clients from seeds, with a policy that lets small sessions be;
 * in active mode with identities. The input is that of party.h. */
void driver_init(driver *r, const secagg_params *params, uint64_t seed);
void driver_free(driver *r);

/* A client of this session, as driver_init makes it; keys of active mode. */
secagg_client *driver_new_client(const driver *r, uint32_t i, uint64_t seed);
void driver_identify(const driver *r, secagg_client *c, uint32_t i);
void driver_trust(const driver *r, secagg_client *c);

/* The input of party.h: one block of integers. */
void driver_input_integers(driver *r, uint32_t i, uint64_t from, uint64_t to);

/* All clients that have not left speak, and the phase ends; all that are in
 * hear of the next one; both until the session is over, or until a phase has
 * begun and its messages are delivered. */
secagg_err driver_collect(driver *r);
void driver_deliver(driver *r);
secagg_err driver_run(driver *r);
void driver_run_to(driver *r, secagg_phase phase);

/* The sum of party.h over those whom the server names. */
void driver_check_sum(const driver *r);

/* A resumed copy of a client, under some key. */
secagg_client *driver_copy_client(secagg_client *c);

/* A copy of what is said, or NULL; what is said is due no more. */
uint8_t *driver_client_send(secagg_client *c, size_t *len);

#endif
