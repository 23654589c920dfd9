/* SPDX-License-Identifier: Apache-2.0 */
#include "common/server.h"

#include <stdlib.h>
#include <string.h>

#include "common/client.h"
#include "common/clock.h"

#define NOTIFY(s, event, ...) \
    do { \
        if ((s)->observer.event != NULL) \
            (s)->observer.event((s)->observer.user, __VA_ARGS__); \
    } while (0)

/* A session id is used once: an attempt that failed is followed by one with a
 * new id, a new server and new clients. An invitation to a round that was
 * tried before tells the clients that nothing was opened in it, see client.h:
 * the host must not repeat a round that reached UNMASK. */
secagg_err session_open(session *s)
{
    secagg_err err = secagg_params_new_session(&s->params);
    if (!err)
        err = secagg_params_check(&s->params, s->reason, sizeof s->reason);
    if (!err)
        err = secagg_server_new(&s->server, &s->params);
    if (!err && s->params.mode == SECAGG_ACTIVE)
        err = registry_set_up_server(s->registry, s->server);
    return err;
}

void session_close(session *s)
{
    secagg_server_free(s->server);
    s->server = NULL;
}

/* ---- sending ------------------------------------------------------------- */

/* A revoked client is not invited. */
static bool invited(const session *s, uint32_t i)
{
    return s->registry == NULL || !s->registry->revoked[i];
}

/* Floats are sent in this machine's format: all clients run on it. */
static secagg_err invite(session *s)
{
    size_t len = secagg_params_encoded_size(&s->params);
    size_t model_size = s->model_length * sizeof *s->model;
    size_t size = INVITE_HEAD + len + model_size;
    uint8_t *bytes = malloc(size);
    if (bytes == NULL)
        return SECAGG_ERR_MEMORY;
    secagg_err err = secagg_params_encode(&s->params, bytes + INVITE_HEAD,
        len);
    memcpy(bytes + INVITE_HEAD + len, s->model, model_size);
    for (uint32_t i = 0; !err && i < s->params.clients; i++) {
        write_be32(write_be32(bytes, i), len);
        if (invited(s, i))
            (void)network_send(s->net, i, FRAME_INVITE, bytes, size);
    }
    free(bytes);
    return err;
}

/* A client that cannot be reached does not answer, and so drops out. */
static secagg_err deliver(session *s)
{
    const uint8_t *msg;
    size_t len;
    for (uint32_t i = 0; i < s->params.clients; i++) {
        secagg_err err = secagg_server_send(s->server, i, &msg, &len);
        if (err)
            return err;
        if (len > 0 && network_send(s->net, i, FRAME_MESSAGE, msg, len))
            NOTIFY(s, sent, i, len);
    }
    return SECAGG_OK;
}

secagg_err session_send(session *s)
{
    s->phase = secagg_server_phase(s->server);
    NOTIFY(s, phase_begins, s);
    return s->phase == SECAGG_PHASE_KEYS ? invite(s) : deliver(s);
}

/* ---- receiving ----------------------------------------------------------- */

static bool dropped_out(const session *s, uint32_t i)
{
    secagg_phase when;
    secagg_err why;
    return secagg_server_lost(s->server, i, &when, &why) == SECAGG_OK;
}

static bool expected(const session *s, uint32_t i)
{
    return s->net->links[i].running && invited(s, i) && s->left[i] == SECAGG_OK
        && !dropped_out(s, i) && !secagg_server_answered(s->server, i);
}

/* Within a phase a client that owes no answer never owes one again, so that
 * the search goes on where the last one ended. */
bool session_expects(session *s)
{
    while (s->next_expected < s->params.clients
        && !expected(s, s->next_expected))
        s->next_expected++;
    return s->next_expected < s->params.clients;
}

/* A FRAME_LEFT of an earlier session is ignored. */
static void note_leaving(session *s, uint32_t from, const frame *f)
{
    if (f->len == LEFT_BYTES
        && memcmp(f->bytes + 4, s->params.session, SECAGG_SESSION_BYTES) == 0)
        s->left[from] = (secagg_err)-(int)(read_be32(f->bytes) & 0xff);
}

frame *session_receive(session *s, uint32_t *from, double deadline)
{
    while (session_expects(s) && seconds_now() < deadline) {
        NOTIFY(s, waits, s);
        frame *f = network_receive(s->net, from, deadline - seconds_now());
        if (f == NULL || f->kind == FRAME_MESSAGE)
            return f;
        if (f->kind == FRAME_LEFT)
            note_leaving(s, *from, f);
        frame_free(f);
    }
    return NULL;
}

/* A rejected message changes nothing: its sender may send a good one until
 * the phase ends. */
secagg_err session_accept(session *s, uint32_t from, const frame *message)
{
    secagg_err err = secagg_server_recv(s->server, from, message->bytes,
        message->len);
    if (!err)
        attendance_message(&s->attendance, from, message->bytes,
            message->len);
    NOTIFY(s, received, s, from, message, err);
    return err == SECAGG_ERR_MEMORY || err == SECAGG_ERR_CRYPTO ? err
                                                                : SECAGG_OK;
}

secagg_err session_collect(session *s)
{
    double deadline = seconds_now() + s->timeout;
    secagg_err err = SECAGG_OK;
    uint32_t from = 0;
    frame *f;
    while (!err && (f = session_receive(s, &from, deadline)) != NULL) {
        err = session_accept(s, from, f);
        frame_free(f);
    }
    return err;
}

/* ---- a crash ------------------------------------------------------------- */

/* Replace the server by one that is resumed from its saved state. A host that
 * crashes has stored the state where its next process finds it, and the
 * generation where nothing sets it back; it has the key from a key store. Here
 * the key is drawn and forgotten. */
static secagg_err restart(session *s)
{
    uint8_t key[SECAGG_SEED_BYTES], public_key[SECAGG_PUBLIC_BYTES];
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES];
    size_t len = secagg_server_save_size(s->server);
    uint8_t *state = malloc(len);
    secagg_err err = state != NULL ? secagg_keypair(public_key, secret_key)
                                   : SECAGG_ERR_MEMORY;
    if (!err) {
        memcpy(key, secret_key, sizeof key); /* the first half is random */
        err = secagg_server_save(s->server, state, len, key);
    }
    if (!err) {
        uint64_t least = secagg_server_generation(s->server);
        secagg_server_free(s->server);
        s->server = NULL;
        err = secagg_server_resume(&s->server, state, len, key, least,
            &s->params);
    }
    secagg_wipe(secret_key, sizeof secret_key);
    secagg_wipe(key, sizeof key);
    free(state);
    return err;
}

/* ---- the session --------------------------------------------------------- */

secagg_err session_advance(session *s)
{
    NOTIFY(s, phase_ends, s);
    attendance_phase_ends(&s->attendance, s->server, s->params.clients);
    secagg_err err = secagg_server_advance(s->server);
    s->next_expected = 0;
    if (s->restarts) {
        secagg_err crash = restart(s);
        if (crash)
            return crash;
    }
    if (secagg_server_phase(s->server) == SECAGG_PHASE_FAILED) {
        (void)secagg_server_error(s->server, s->reason, sizeof s->reason);
        (void)deliver(s); /* an ABORT for each client */
    }
    return err;
}

secagg_err session_run(session *s)
{
    secagg_err err = session_open(s);
    while (!err && secagg_server_phase(s->server) < SECAGG_PHASE_DONE) {
        err = session_send(s);
        if (!err)
            err = session_collect(s);
        if (!err)
            err = session_advance(s);
    }
    return err;
}

secagg_err session_mean(const session *s, double *mean)
{
    secagg_err err = SECAGG_OK;
    for (size_t i = 0; !err && i < s->params.segment_count; i++) {
        size_t length = (size_t)s->params.segments[i].length;
        err = secagg_server_mean_f64(s->server, i, 0, mean, length);
        mean += length;
    }
    return err;
}
