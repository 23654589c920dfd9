/* SPDX-License-Identifier: Apache-2.0 */
#include "common/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Weight first, then one piece a segment. */
static secagg_err give_input(participant *p, const secagg_params *params,
    const float *update, uint64_t weight)
{
    secagg_err err = secagg_client_weight(p->client, weight);
    for (size_t i = 0; err == SECAGG_OK && i < params->segment_count; i++) {
        size_t length = (size_t)params->segments[i].length;
        err = secagg_client_input_f32(p->client, i, 0, update, length);
        update += length;
    }
    return err;
}

/* An active session wants to know who signs and whose signatures count. */
static secagg_err start_session(participant *p, const secagg_params *params,
    const float *update, uint64_t weight)
{
    double start = seconds_now();
    secagg_err err = secagg_client_new(&p->client, params, p->index,
        &p->policy);
    if (err == SECAGG_OK && params->mode == SECAGG_ACTIVE)
        err = p->keys == NULL
            ? SECAGG_ERR_POLICY
            : registry_introduce(p->keys, p->client, p->index, p->own);
    if (err == SECAGG_OK)
        err = give_input(p, params, update, weight);
    p->round = params->round;
    p->seconds = seconds_now() - start;
    return err;
}

/* Whether a round comes again, only the host can tell. */
static secagg_err train_and_start(participant *p, const secagg_params *params,
    const uint8_t *model, size_t len)
{
    uint64_t entries = 0, weight = 0;
    for (size_t i = 0; i < params->segment_count; i++) {
        uint64_t length = params->segments[i].length;
        if (length > SIZE_MAX / sizeof(float) - entries)
            return SECAGG_ERR_POLICY;
        entries += length;
    }
    if (params->round < p->next_round || entries * sizeof(float) != len)
        return SECAGG_ERR_POLICY;
    float *update = calloc((size_t)entries, sizeof *update);
    if (update == NULL)
        return SECAGG_ERR_MEMORY;
    secagg_err err = p->train(p->owner, params, model, len, update, &weight);
    if (err == SECAGG_OK)
        err = start_session(p, params, update, weight);
    secagg_wipe(update, (size_t)entries * sizeof *update);
    free(update);
    return err;
}

/* A new session: whatever was left of the last one goes. */
static secagg_err join(participant *p, const frame *invite)
{
    const uint8_t *bytes = invite->bytes;
    secagg_params *params;
    secagg_client_free(p->client);
    p->client = NULL;
    if (invite->len < INVITE_HEAD)
        return SECAGG_ERR_MESSAGE;
    size_t len = read_be32(bytes + 4), rest = invite->len - INVITE_HEAD;
    if (read_be32(bytes) != p->index || len > rest)
        return SECAGG_ERR_MESSAGE;
    secagg_err err = secagg_params_decode(&params, bytes + INVITE_HEAD, len);
    if (err != SECAGG_OK)
        return err;
    memcpy(p->session, params->session, SECAGG_SESSION_BYTES);
    err = train_and_start(p, params, bytes + INVITE_HEAD + len, rest - len);
    secagg_params_free(params);
    return err;
}

/* Why it leaves, the coordinator may know: an ABORT says as much. This comes
 * before it, since nobody listens to a client that is out. */
static void say_farewell(const participant *p, line *end, secagg_err err)
{
    uint8_t bytes[LEFT_BYTES];
    write_be32(bytes, (uint32_t)-err);
    memcpy(bytes + 4, p->session, SECAGG_SESSION_BYTES);
    (void)end->send(end, FRAME_LEFT, bytes, sizeof bytes);
}

/* An error here is either a message that does not fit, and nothing changed, or
 * the end of the session: the phase tells which, and why. */
static void hear(participant *p, line *end, const frame *message)
{
    if (p->client == NULL)
        return; /* left over from a session that is gone */
    double start = seconds_now();
    secagg_err err = secagg_client_recv(p->client, message->bytes,
        message->len);
    p->seconds += seconds_now() - start;
    if (secagg_client_phase(p->client) == SECAGG_PHASE_FAILED)
        say_farewell(p, end, secagg_client_error(p->client));
    else if (err != SECAGG_OK)
        fprintf(stderr, "%s %u: passed over a message: %s\n", p->name,
            p->index, secagg_strerror(err));
}

static void send_time(const participant *p, line *end)
{
    uint8_t bytes[4];
    write_be32(bytes, (uint32_t)(p->seconds * 1e6));
    (void)end->send(end, FRAME_TIME, bytes, sizeof bytes);
}

/* A copy, since the message is the library's; a modified client changes it. */
static bool send_tampered(participant *p, line *end, const uint8_t *msg,
    size_t len)
{
    uint8_t *copy = malloc(len);
    if (copy == NULL)
        return false;
    memcpy(copy, msg, len);
    p->tamper(p->owner, p->round, copy, len);
    bool good = end->send(end, FRAME_MESSAGE, copy, len);
    free(copy);
    return good;
}

/* Say all that there is to say. The message is the library's, and is gone
 * with the next call: a transport that keeps it must copy it. */
static secagg_err talk(participant *p, line *end)
{
    const uint8_t *msg;
    size_t len = 1;
    while (p->client != NULL && len > 0) {
        double start = seconds_now();
        secagg_err err = secagg_client_send(p->client, &msg, &len);
        p->seconds += seconds_now() - start;
        if (err != SECAGG_OK)
            return err;
        if (len == 0)
            break;
        send_time(p, end);
        bool good = p->tamper != NULL
            ? send_tampered(p, end, msg, len)
            : end->send(end, FRAME_MESSAGE, msg, len);
        if (!good)
            break; /* the line is down; receive will say so, too */
    }
    return SECAGG_OK;
}

/* Once a client has opened its shares, the sum may be known. Were the same
 * update to go into a second sum, of other clients, the difference of both
 * would tell of few; hence the round is over for it, and a real host keeps
 * next_round where it outlives the process.
 *
 * A message that is refused and changes nothing (a late or a foreign one) is
 * passed over. A session that has failed has said so to the server, by an
 * ABORT, and is left: the secrets go with the handle. */
static void settle(participant *p, line *end, secagg_err err)
{
    secagg_phase phase = p->client != NULL ? secagg_client_phase(p->client)
                                           : SECAGG_PHASE_KEYS;
    if (phase == SECAGG_PHASE_DONE)
        p->next_round = p->round + 1;
    if (phase < SECAGG_PHASE_DONE && err == SECAGG_OK)
        return;
    if (phase != SECAGG_PHASE_FAILED && err != SECAGG_OK)
        say_farewell(p, end, err);
    secagg_client_free(p->client);
    p->client = NULL;
}

/* The client's host loop, whole. */
void participant_serve(void *self, line *end)
{
    participant *p = self;
    frame *got;
    while ((got = end->receive(end)) != NULL) {
        secagg_err err = SECAGG_OK;
        if (got->kind == FRAME_INVITE)
            err = join(p, got);
        else if (got->kind == FRAME_MESSAGE)
            hear(p, end, got);
        if (err == SECAGG_OK)
            err = talk(p, end);
        settle(p, end, err);
        frame_free(got);
    }
}
