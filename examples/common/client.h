/* SPDX-License-Identifier: Apache-2.0 */
/* The host of a client. The server invites it into a session; then its owner
 * computes an input, such as a model update, and passes it to libsecagg.
 * Nothing else that is derived from the owner's data leaves the client. */
#ifndef EXAMPLE_CLIENT_H
#define EXAMPLE_CLIENT_H

#include <secagg.h>

#include "common/registry.h"
#include "common/transport.h"

/* A FRAME_INVITE: be32 index, be32 length of the parameters, the parameters,
 * the global model. */
#define INVITE_HEAD 8

/* A FRAME_LEFT: be32 error without its sign, the session id. */
#define LEFT_BYTES (4 + SECAGG_SESSION_BYTES)

/* Compute the input of a session from the global model, of len bytes, and pass
 * it to the library. The server chose the parameters, and the library has
 * rejected unsound ones and those below the policy. Whether they are the
 * agreed ones, only the owner can tell; if not, it returns
 * SECAGG_ERR_POLICY. */
typedef secagg_err input_fn(void *owner, secagg_client *client,
    const secagg_params *params, const uint8_t *model, size_t len);

/* Optional callbacks, by which a demo measures a client, or has one cheat. A
 * real host has none. */
typedef struct client_observer {
    void *user;
    void (*wakes)(void *user); /* a frame arrived */
    void (*sleeps)(void *user); /* the frame is answered */
    /* Returns the bytes to be sent in place of the message: an honest client
     * returns msg. */
    const uint8_t *(*before_send)(void *user, const uint8_t *msg, size_t len);
} client_observer;

typedef struct participant {
    /* set by the owner */
    uint32_t index;
    void *owner;
    input_fn *input;
    secagg_policy policy;     /* the minimum that this client accepts */
    const registry *registry; /* of active sessions */
    const identity *identity; /* of active sessions */
    client_observer observer;
    /* set by participant_run() */
    secagg_client *client;    /* NULL between sessions */
    bool active;              /* mode of the last session */
    uint64_t round;           /* of the last session, and its id: */
    uint8_t session[SECAGG_SESSION_BYTES];
    uint64_t next_round; /* earlier rounds are over: their input is spent */
} participant;

/* The host loop, a client_loop; `self` is a participant.
 *
 * An input goes into one session only (vectors/PROTOCOL.md 11.4): once the
 * message with it was built, its round is over for this client, and it takes
 * part again with the update of another round. There is one exception. In a
 * semi-honest session, if UNMASK was not built, another invitation to the same
 * round is the word of the server's host that the session failed before
 * anything was opened, and the client believes it as that mode does. */
void participant_run(void *self, connection *server);

#endif
