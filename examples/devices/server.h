/* SPDX-License-Identifier: Apache-2.0 */
/* The server of a fleet. Phones call it, from any thread, with two requests:
 * fetch a message, and post the answer. */
#ifndef DEVICES_SERVER_H
#define DEVICES_SERVER_H

#include <pthread.h>

#include "devices/phone.h"

typedef struct desk {
    pthread_mutex_t lock; /* of the handle */
    secagg_server *server;
    uint8_t *invitation; /* the same for all phones */
    size_t invitation_len;
} desk;

/* Open a session. Call desk_close() in any case. */
secagg_err desk_open(desk *d, const secagg_params *params,
    const model *global);
void desk_close(desk *d);

/* GET: copy the message for client `index`; the caller frees it. There is none
 * if the length is 0. */
secagg_err desk_fetch(desk *d, uint32_t index, uint8_t **msg, size_t *len);

/* POST: a message of client `index`. An error concerns only its sender. */
secagg_err desk_post(desk *d, uint32_t index, const uint8_t *msg, size_t len);

/* Count the clients that have not answered in this phase. */
uint32_t desk_pending(desk *d);

/* Wait while phones call, until all have answered or the time is up. In
 * SECAGG_PHASE_FAILED phones fetch an ABORT, in SECAGG_PHASE_DONE they learn
 * that they are late. */
typedef secagg_err desk_wait(void *user, secagg_phase phase);

/* The host loop: run all phases up to the sum. */
secagg_err desk_run(desk *d, desk_wait *wait, void *user);

#endif
