/* SPDX-License-Identifier: Apache-2.0 */
#include "common/client.h"

#include <stdio.h>
#include <string.h>

/* ---- joining a session --------------------------------------------------- */

/* The input of an earlier round may be in a sum: only the host can know
 * that. */
static secagg_err start_session(participant *p, const secagg_params *params,
    const uint8_t *model, size_t len)
{
    memcpy(p->session, params->session, SECAGG_SESSION_BYTES);
    p->round = params->round;
    p->active = params->mode == SECAGG_ACTIVE;
    if (p->round < p->next_round)
        return SECAGG_ERR_POLICY;
    secagg_err err = secagg_client_new(&p->client, params, p->index,
        &p->policy);
    if (!err && params->mode == SECAGG_ACTIVE)
        err = p->registry == NULL
            ? SECAGG_ERR_POLICY
            : registry_set_up_client(p->registry, p->client, p->index,
                p->identity);
    return err ? err : p->input(p->owner, p->client, params, model, len);
}

/* Whether the server, with the messages of this session, may know a sum that
 * the input is in. If the input went into a second sum, over other clients, the
 * difference of the two would reveal the sum over few. See
 * participant_run(). */
static bool is_spent(const participant *p)
{
    secagg_spent spent = secagg_client_spent(p->client);
    return spent == SECAGG_SPENT_UNMASK
        || (spent == SECAGG_SPENT_INPUT && p->active);
}

/* A real host stores next_round where it outlives the process. */
static void end_session(participant *p)
{
    if (p->client != NULL && is_spent(p))
        p->next_round = p->round + 1;
    secagg_client_free(p->client);
    p->client = NULL;
}

/* An invitation to a new session ends the last one. */
static secagg_err join(participant *p, const frame *invite)
{
    const uint8_t *bytes = invite->bytes;
    secagg_params *params;
    end_session(p);
    if (invite->len < INVITE_HEAD)
        return SECAGG_ERR_MESSAGE;
    size_t len = read_be32(bytes + 4), rest = invite->len - INVITE_HEAD;
    if (read_be32(bytes) != p->index || len > rest)
        return SECAGG_ERR_MESSAGE;
    bytes += INVITE_HEAD;
    secagg_err err = secagg_params_decode(&params, bytes, len);
    if (err)
        return err;
    err = start_session(p, params, bytes + len, rest - len);
    if (err)
        end_session(p);
    secagg_params_free(params);
    return err;
}

/* ---- in a session -------------------------------------------------------- */

/* A rejected message (late, or from elsewhere) changes nothing and is ignored.
 * An error that ends the session is returned. */
static secagg_err receive(participant *p, const frame *message)
{
    if (p->client == NULL)
        return SECAGG_OK; /* of a session that this client has left */
    secagg_err err = secagg_client_recv(p->client, message->bytes,
        message->len);
    if (secagg_client_phase(p->client) == SECAGG_PHASE_FAILED)
        return secagg_client_error(p->client);
    if (err)
        fprintf(stderr, "client %u: a message was rejected: %s\n", p->index,
            secagg_strerror(err));
    return SECAGG_OK;
}

/* Send every message that is due: an ABORT if the session has failed. A
 * message is valid until the next call on the handle. If the connection is
 * broken, connection_receive() will tell. */
static secagg_err send_all(participant *p, connection *server)
{
    const client_observer *o = &p->observer;
    const uint8_t *msg;
    size_t len = 1;
    while (p->client != NULL && len > 0) {
        secagg_err err = secagg_client_send(p->client, &msg, &len);
        if (err)
            return err;
        if (len > 0 && o->before_send != NULL)
            msg = o->before_send(o->user, msg, len);
        if (len > 0 && !connection_send(server, FRAME_MESSAGE, msg, len))
            break;
    }
    return SECAGG_OK;
}

/* Tell the server why this client leaves: an ABORT does not contain it. */
static void send_leaving(const participant *p, connection *server,
    secagg_err err)
{
    uint8_t bytes[LEFT_BYTES];
    write_be32(bytes, (uint32_t)-err);
    memcpy(bytes + 4, p->session, SECAGG_SESSION_BYTES);
    (void)connection_send(server, FRAME_LEFT, bytes, sizeof bytes);
}

/* After a failure the server hears the reason first: it ignores a client once
 * it has its ABORT. */
static void answer(participant *p, connection *server, secagg_err err)
{
    if (err)
        send_leaving(p, server, err);
    secagg_err failure = send_all(p, server);
    if (failure && !err)
        send_leaving(p, server, failure);
    if (failure || err)
        end_session(p);
}

static void finish_if_done(participant *p)
{
    if (p->client == NULL
        || secagg_client_phase(p->client) != SECAGG_PHASE_DONE)
        return;
    end_session(p);
}

void participant_run(void *self, connection *server)
{
    participant *p = self;
    const client_observer *o = &p->observer;
    frame *f;
    while ((f = connection_receive(server)) != NULL) {
        if (o->wakes != NULL)
            o->wakes(o->user);
        secagg_err err = SECAGG_OK;
        if (f->kind == FRAME_INVITE)
            err = join(p, f);
        else if (f->kind == FRAME_MESSAGE)
            err = receive(p, f);
        answer(p, server, err);
        finish_if_done(p);
        frame_free(f);
        if (o->sleeps != NULL)
            o->sleeps(o->user);
    }
}
