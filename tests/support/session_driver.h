/* SPDX-License-Identifier: Apache-2.0 */
/* ringside: whole sessions of any size, graph and mode, with the input whole
 * or in parts, on the public interface alone. A test sees each message and
 * each turn of a client, and may put another client in its place. */
#ifndef RINGSIDE_H
#define RINGSIDE_H

#include <secagg.h>

/* Points between two calls on a client: it was made; it said something, or in
 * INPUT a part; it heard something; it was given a part that it has not said
 * yet. */
typedef enum turn { MADE, SAID, HEARD, GIVEN } turn;

typedef struct rink {
    secagg_params params;
    secagg_server *server;
    secagg_client **clients;
    uint8_t *leaves;     /* phase whose message it does not send; DONE: none */
    secagg_err *refused; /* what it said to the message heard last */
    uint64_t *up, *down; /* bytes of each client */
    uint64_t chunk;      /* entries of a part; 0: whole */
    uint64_t blocks;     /* of all segments, the hidden one included */
    void *user;

    /* Give blocks [from, to) of the input. */
    void (*give)(struct rink *r, uint32_t i, uint64_t from, uint64_t to);

    /* Any of these may be NULL. Part: how many of them were said. */
    void (*at)(struct rink *r, uint32_t i, turn now, uint64_t part);
    void (*said)(struct rink *r, uint32_t i, const uint8_t *msg, size_t len);
    void (*told)(struct rink *r, uint32_t i, const uint8_t *msg, size_t len);
} rink;

/* Server and clients from seeds, with a policy that lets small sessions be;
 * in active mode with identities. The input is that of party.h. */
void rink_make(rink *r, const secagg_params *params, uint64_t seed);
void rink_free(rink *r);

/* A client of this session, as rink_make makes it; keys of active mode. */
secagg_client *rink_client(const rink *r, uint32_t i, uint64_t seed);
void rink_identify(const rink *r, secagg_client *c, uint32_t i);
void rink_trust(const rink *r, secagg_client *c);

/* The input of party.h: one block of integers. */
void rink_give_integers(rink *r, uint32_t i, uint64_t from, uint64_t to);

/* All clients that have not left speak, and the phase ends; all that are in
 * hear of the next one; both until the session is over, or until a phase has
 * begun and its messages are delivered. */
secagg_err rink_collect(rink *r);
void rink_deliver(rink *r);
secagg_err rink_run(rink *r);
void rink_reach(rink *r, secagg_phase phase);

/* The sum of party.h over those whom the server names. */
void rink_check_sum(const rink *r);

/* A resumed copy of a client, under some key. */
secagg_client *rink_twin(secagg_client *c);

/* A copy of what is said, or NULL; what is said is due no more. */
uint8_t *rink_says(secagg_client *c, size_t *len);

#endif
