/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L

#include "devices/server.h"

#include <stdlib.h>
#include <string.h>

#include "common/transport.h"

/* All phones get the same invitation, so that a content network can deliver
 * it. Floats are sent in this machine's format: all phones run on it. */
static secagg_err make_invitation(desk *d, const secagg_params *params,
    const model *global)
{
    size_t len = secagg_params_encoded_size(params);
    d->invitation_len = INVITE_HEAD + len + sizeof global->weights;
    d->invitation = malloc(d->invitation_len);
    if (d->invitation == NULL)
        return SECAGG_ERR_MEMORY;
    uint8_t *at = write_be32(d->invitation, len);
    memcpy(at + len, global->weights, sizeof global->weights);
    return secagg_params_encode(params, at, len);
}

secagg_err desk_open(desk *d, const secagg_params *params,
    const model *global)
{
    memset(d, 0, sizeof *d);
    pthread_mutex_init(&d->lock, NULL);
    secagg_err err = secagg_server_new(&d->server, params);
    return err ? err : make_invitation(d, params, global);
}

void desk_close(desk *d)
{
    secagg_server_free(d->server);
    free(d->invitation);
    pthread_mutex_destroy(&d->lock);
}

/* Only one thread at a time may use the handle, and the message is valid until
 * the next call: it is copied before the lock is released. */
secagg_err desk_fetch(desk *d, uint32_t index, uint8_t **msg, size_t *len)
{
    const uint8_t *borrowed;
    *msg = NULL;
    pthread_mutex_lock(&d->lock);
    secagg_err err = secagg_server_send(d->server, index, &borrowed, len);
    if (!err && *len > 0) {
        *msg = malloc(*len);
        if (*msg != NULL)
            memcpy(*msg, borrowed, *len);
        else
            err = SECAGG_ERR_MEMORY;
    }
    pthread_mutex_unlock(&d->lock);
    return err;
}

/* A rejected message changes nothing: its sender may post a good one until the
 * phase ends. */
secagg_err desk_post(desk *d, uint32_t index, const uint8_t *msg, size_t len)
{
    pthread_mutex_lock(&d->lock);
    secagg_err err = secagg_server_recv(d->server, index, msg, len);
    pthread_mutex_unlock(&d->lock);
    return err;
}

uint32_t desk_pending(desk *d)
{
    pthread_mutex_lock(&d->lock);
    uint32_t pending = secagg_server_pending(d->server);
    pthread_mutex_unlock(&d->lock);
    return pending;
}

/* A phase ends when all phones have answered or its time is up. Choose the
 * time that 95 of 100 phones need: each late phone uses up a share of the
 * dropouts that the session tolerates, but in a longer phase more phones go
 * offline. With a network, `wait` is
 *
 *     while (desk_pending(d) > 0 && now() < deadline)
 *         sleep();
 */
secagg_err desk_run(desk *d, desk_wait *wait, void *user)
{
    secagg_err err = SECAGG_OK;
    while (!err && secagg_server_phase(d->server) < SECAGG_PHASE_DONE) {
        err = wait(user, secagg_server_phase(d->server));
        if (!err)
            err = secagg_server_advance(d->server);
    }
    if (secagg_server_phase(d->server) < SECAGG_PHASE_DONE)
        return err;
    secagg_err last = wait(user, secagg_server_phase(d->server));
    return err ? err : last;
}
