/* SPDX-License-Identifier: Apache-2.0 */
#include "banks/liar.h"

#include <stdlib.h>
#include <string.h>

#define PATIENCE 10.0 /* seconds */

/* vectors/PROTOCOL.md, 8.1, 8.8 to 8.11 */
#define TYPE_AT 2
#define BODY_LENGTH_AT 40
#define HEADER_BYTES 48
#define TYPE_CONFIRM 7
#define TYPE_SIGNATURES 8
#define TYPE_UNMASK 9
#define SIGNED_BYTES (4 + SECAGG_SIGNATURE_BYTES)
#define SIGNATURES_MOST (HEADER_BYTES + 4 + MAX_CLIENTS * SIGNED_BYTES)

/* ---- all banks but one --------------------------------------------------- */

/* One phase of a session whose parties sit side by side. */
static secagg_err turn(secagg_server *server, secagg_client **clients,
    uint32_t count)
{
    const uint8_t *msg;
    size_t len;
    secagg_err err = SECAGG_OK;
    for (uint32_t i = 0; err == SECAGG_OK && i < count; i++) {
        err = secagg_client_send(clients[i], &msg, &len);
        if (err == SECAGG_OK && len > 0)
            err = secagg_server_recv(server, i, msg, len);
    }
    if (err == SECAGG_OK)
        err = secagg_server_advance(server);
    for (uint32_t i = 0; err == SECAGG_OK && i < count; i++) {
        err = secagg_server_send(server, i, &msg, &len);
        if (err == SECAGG_OK && len > 0)
            err = secagg_client_recv(clients[i], msg, len);
    }
    return err;
}

/* The victim is client 0; the others weigh nothing. */
static secagg_err seat(secagg_client **clients, const secagg_params *params,
    const float *update, uint64_t weight)
{
    static const float nothing[WEIGHTS];
    secagg_err err = SECAGG_OK;
    for (uint32_t i = 0; err == SECAGG_OK && i < params->clients; i++) {
        err = secagg_client_new(&clients[i], params, i, NULL);
        if (err == SECAGG_OK)
            err = secagg_client_weight(clients[i], i == 0 ? weight : 0);
        if (err == SECAGG_OK)
            err = secagg_client_input_f32(clients[i], 0, 0,
                i == 0 ? update : nothing, WEIGHTS);
    }
    return err;
}

secagg_err liar_plays_all(double stolen[WEIGHTS], const secagg_params *params,
    const float update[WEIGHTS], uint64_t weight)
{
    secagg_params own = *params;
    secagg_client *clients[MAX_CLIENTS] = { NULL };
    secagg_server *server = NULL;
    own.mode = SECAGG_SEMI_HONEST;
    secagg_err err = secagg_params_new_session(&own);
    if (err == SECAGG_OK)
        err = secagg_server_new(&server, &own);
    if (err == SECAGG_OK)
        err = seat(clients, &own, update, weight);
    while (err == SECAGG_OK
        && secagg_server_phase(server) < SECAGG_PHASE_DONE)
        err = turn(server, clients, own.clients);
    if (err == SECAGG_OK)
        err = secagg_server_mean_f64(server, 0, 0, stolen, WEIGHTS);
    for (uint32_t i = 0; i < own.clients; i++)
        secagg_client_free(clients[i]);
    secagg_server_free(server);
    return err;
}

/* ---- another key --------------------------------------------------------- */

/* The KEYS of a client that sits at the victim's place and signs with a key of
 * the coordinator's: a good message, but for whose it is. */
static secagg_err forge_keys(secagg_client **impostor,
    const secagg_params *params, const registry *keys, uint32_t victim,
    const identity *forged, frame *out)
{
    const uint8_t *msg;
    size_t len;
    secagg_err err = secagg_client_new(impostor, params, victim, NULL);
    if (err == SECAGG_OK)
        err = registry_introduce(keys, *impostor, victim, forged);
    if (err == SECAGG_OK)
        err = secagg_client_send(*impostor, &msg, &len);
    if (err != SECAGG_OK)
        return err;
    out->bytes = malloc(len);
    out->len = len;
    if (out->bytes == NULL)
        return SECAGG_ERR_MEMORY;
    memcpy(out->bytes, msg, len);
    return SECAGG_OK;
}

/* Take all KEYS as they come, but the victim's. */
static secagg_err collect_forged(session *s, uint32_t victim,
    const frame *forged)
{
    double until = seconds_now() + PATIENCE;
    uint32_t from;
    frame *got;
    while (session_expects(s) > 0
        && (got = session_receive(s, &from, until)) != NULL) {
        secagg_err err = session_take(s, from, from == victim ? forged : got);
        frame_free(got);
        if (err != SECAGG_OK)
            return err;
    }
    return SECAGG_OK;
}

/* Its own server handle is told to believe the forged key, or it would refuse
 * it. It ends here: nobody is left to go on with. */
static secagg_err swap_and_tell(session *s, uint32_t victim,
    const identity *forged_key)
{
    frame forged = { .kind = FRAME_MESSAGE };
    secagg_client *impostor = NULL;
    bool more;
    secagg_err err = forge_keys(&impostor, &s->params, s->plan->keys, victim,
        forged_key, &forged);
    if (err == SECAGG_OK)
        err = session_send(s); /* invitations */
    if (err == SECAGG_OK)
        err = collect_forged(s, victim, &forged);
    if (err == SECAGG_OK)
        err = session_advance(s, &more);
    if (err == SECAGG_OK)
        err = session_send(s); /* a ROSTER for each */
    if (err == SECAGG_OK)
        err = session_collect(s);
    secagg_client_free(impostor);
    free(forged.bytes);
    return err;
}

secagg_err liar_swaps_key(session_result *result, const secagg_params *params,
    const session_plan *plan, network *net, uint32_t victim)
{
    session s = { NULL, *params, plan, net, result };
    session_plan lie = *plan;
    registry believed = *plan->keys;
    identity forged;
    secagg_err err = secagg_keypair(believed.keys[victim], forged.secret_key);
    if (err != SECAGG_OK)
        return err;
    lie.keys = &believed;
    err = session_open(&s, result, params, &lie, net);
    if (err == SECAGG_OK)
        err = swap_and_tell(&s, victim, &forged);
    session_close(&s);
    secagg_wipe(&forged, sizeof forged);
    return err;
}

/* ---- two stories --------------------------------------------------------- */

/* SURVIVORS is a bitmap behind the header: the library's own for one half, and
 * for the other the same without the victim, which itself hears the truth. */
static secagg_err tell_two_stories(session *s, uint32_t victim, split *out)
{
    uint8_t lie[HEADER_BYTES + (MAX_CLIENTS + 7) / 8];
    for (uint32_t i = 0; i < s->params.clients; i++) {
        line *end = &s->net->here[i];
        const uint8_t *msg;
        size_t len;
        secagg_err err = secagg_server_send(s->server, i, &msg, &len);
        if (err != SECAGG_OK)
            return err;
        if (len == 0 || len > sizeof lie)
            continue;
        memcpy(lie, msg, len);
        out->without[i] = i != victim && out->told[1] < out->told[0];
        if (out->without[i])
            lie[HEADER_BYTES + victim / 8] &=
                (uint8_t)~(1u << (victim % 8));
        (void)end->send(end, FRAME_MESSAGE, lie, len);
        out->told[out->without[i]]++;
    }
    return SECAGG_OK;
}

typedef struct confirmations {
    uint8_t of[MAX_CLIENTS][SECAGG_SIGNATURE_BYTES];
    bool has[MAX_CLIENTS];
} confirmations;

/* Every signature that comes. The server handle would refuse half of them, and
 * is not asked. */
static void gather(session *s, confirmations *c, split *out)
{
    double until = seconds_now() + PATIENCE;
    uint32_t from, told = out->told[0] + out->told[1];
    frame *got;
    memset(c, 0, sizeof *c);
    while (out->confirmed < told
        && (got = session_receive(s, &from, until)) != NULL) {
        if (got->len == HEADER_BYTES + SECAGG_SIGNATURE_BYTES
            && got->bytes[TYPE_AT] == TYPE_CONFIRM && !c->has[from]) {
            memcpy(c->of[from], got->bytes + HEADER_BYTES,
                SECAGG_SIGNATURE_BYTES);
            c->has[from] = true;
            out->confirmed++;
        }
        frame_free(got);
    }
}

/* A SIGNATURES that the coordinator makes itself, of all that it has but one's
 * (who is not left cannot sign that): the header is that of the library's
 * message, with another type and length. */
static size_t make_signatures(uint8_t *lie, const uint8_t *header,
    const confirmations *c, uint32_t clients, uint32_t left_out)
{
    uint8_t *body = lie + HEADER_BYTES, *at = body + 4;
    uint32_t count = 0;
    for (uint32_t i = 0; i < clients; i++) {
        if (!c->has[i] || i == left_out)
            continue;
        memcpy(write_be32(at, i), c->of[i], SECAGG_SIGNATURE_BYTES);
        at += SIGNED_BYTES;
        count++;
    }
    write_be32(body, count);
    memcpy(lie, header, HEADER_BYTES);
    lie[TYPE_AT] = TYPE_SIGNATURES;
    write_be32(lie + BODY_LENGTH_AT + 4, (size_t)(at - body));
    return (size_t)(at - lie);
}

static secagg_err show_signatures(session *s, const confirmations *c,
    uint32_t victim, const split *out)
{
    uint8_t lie[SIGNATURES_MOST];
    for (uint32_t i = 0; i < s->params.clients; i++) {
        line *end = &s->net->here[i];
        const uint8_t *msg;
        size_t len;
        secagg_err err = secagg_server_send(s->server, i, &msg, &len);
        if (err != SECAGG_OK)
            return err;
        if (len < HEADER_BYTES)
            continue;
        len = make_signatures(lie, msg, c, s->params.clients,
            out->without[i] ? victim : NOBODY);
        (void)end->send(end, FRAME_MESSAGE, lie, len);
    }
    return SECAGG_OK;
}

/* What it was all for: shares of both secrets of the victim. */
static void wait_for_shares(session *s, split *out)
{
    double until = seconds_now() + PATIENCE;
    uint32_t from;
    frame *got;
    while (session_expects(s) > 0
        && (got = session_receive(s, &from, until)) != NULL) {
        out->opened +=
            got->len > TYPE_AT && got->bytes[TYPE_AT] == TYPE_UNMASK;
        frame_free(got);
    }
}

secagg_err liar_splits(session_result *result, split *out,
    const secagg_params *params, const session_plan *plan, network *net,
    uint32_t victim)
{
    confirmations c;
    session s;
    bool more = true;
    *out = (split){ .opened = 0 };
    secagg_err err = session_open(&s, result, params, plan, net);
    while (err == SECAGG_OK && more
        && secagg_server_phase(s.server) < SECAGG_PHASE_CONFIRM) {
        err = session_send(&s);
        if (err == SECAGG_OK)
            err = session_collect(&s);
        if (err == SECAGG_OK)
            err = session_advance(&s, &more);
    }
    if (err == SECAGG_OK && more)
        err = tell_two_stories(&s, victim, out);
    if (err == SECAGG_OK && more) {
        gather(&s, &c, out);
        err = show_signatures(&s, &c, victim, out);
    }
    if (err == SECAGG_OK && more)
        wait_for_shares(&s, out);
    session_close(&s);
    return err;
}
