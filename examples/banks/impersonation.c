/* SPDX-License-Identifier: Apache-2.0 */
/* Part 1: why banks know each other's keys. Two attacks of the server: it
 * plays all banks but one, in a session without signatures; and it puts a key
 * of its own in the place of one bank's, in a session with signatures. */
#include "banks/demo.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"

/* ---- all banks but one --------------------------------------------------- */

/* Run one phase of a session whose parties are all in this function. */
static secagg_err run_phase(secagg_server *server, secagg_client **clients,
    uint32_t count)
{
    const uint8_t *msg;
    size_t len;
    secagg_err err = SECAGG_OK;
    for (uint32_t i = 0; !err && i < count; i++) {
        err = secagg_client_send(clients[i], &msg, &len);
        if (!err && len > 0)
            err = secagg_server_recv(server, i, msg, len);
    }
    if (!err)
        err = secagg_server_advance(server);
    for (uint32_t i = 0; !err && i < count; i++) {
        err = secagg_server_send(server, i, &msg, &len);
        if (!err && len > 0)
            err = secagg_client_recv(clients[i], msg, len);
    }
    return err;
}

/* The victim is client 0; the inputs of all others are zeros of weight 0. */
static secagg_err create_clients(secagg_client **clients,
    const secagg_params *params, const float *update, uint64_t weight)
{
    static const float zeros[WEIGHTS];
    secagg_err err = SECAGG_OK;
    for (uint32_t i = 0; !err && i < params->clients; i++) {
        err = secagg_client_new(&clients[i], params, i, NULL);
        if (!err)
            err = secagg_client_weight(clients[i], i == 0 ? weight : 0);
        if (!err)
            err = secagg_client_input_f32(clients[i], 0, 0,
                i == 0 ? update : zeros, WEIGHTS);
    }
    return err;
}

/* Read the "sum" of a semi-honest session with one honest client. */
static secagg_err play_all_others(double stolen[WEIGHTS],
    const secagg_params *params, const float *update, uint64_t weight)
{
    secagg_params own = *params;
    secagg_client *clients[MAX_PARTIES] = { NULL };
    secagg_server *server = NULL;
    own.mode = SECAGG_SEMI_HONEST;
    secagg_err err = secagg_params_new_session(&own);
    if (!err)
        err = secagg_server_new(&server, &own);
    if (!err)
        err = create_clients(clients, &own, update, weight);
    while (!err && secagg_server_phase(server) < SECAGG_PHASE_DONE)
        err = run_phase(server, clients, own.clients);
    if (!err)
        err = secagg_server_mean_f64(server, 0, 0, stolen, WEIGHTS);
    for (uint32_t i = 0; i < own.clients; i++)
        secagg_client_free(clients[i]);
    secagg_server_free(server);
    return err;
}

static bool show_sum_of_one(const federation *f)
{
    static const size_t rows[] = { 11, 4, 6, 22 };
    size_t count = sizeof rows / sizeof *rows;
    float update[WEIGHTS];
    double stolen[WEIGHTS], max = 0;
    uint64_t weight = federation_update(update, f, 0, 0, f->secure);
    secagg_err err = play_all_others(stolen, &f->params, update, weight);
    if (err) {
        printf("\n   FAILED: %s\n", secagg_strerror(err));
        return false;
    }
    printf("   If banks do not know each other's keys, a malicious server can "
           "play all banks\n   but one, with inputs of zero. The \"sum\" is "
           "the update of that bank:\n\n   %-28s %10s  %14s\n", "change of a "
           "weight", "at bank 0", "in the \"sum\"");
    for (size_t i = 0; i < count; i++)
        printf("   %-28s %+10.5f  %+14.5f\n", feature_names[rows[i]],
            (double)update[rows[i]], stolen[rows[i]]);
    for (size_t k = 0; k < WEIGHTS; k++)
        max = fmax(max, fabs(stolen[k] - (double)update[k]));
    printf("   ... and %zu more, all within %.1e\n", WEIGHTS - count, max);
    return true;
}

/* ---- another key --------------------------------------------------------- */

/* Copy the KEYS message of a client that takes the place of `index` and signs
 * with a key of the server's. NULL: no memory. */
static frame *forge_keys(secagg_client *impostor, const registry *r,
    uint32_t index, const identity *forged)
{
    const uint8_t *msg;
    size_t len;
    frame *copy;
    if (registry_set_up_client(r, impostor, index, forged)
        || secagg_client_send(impostor, &msg, &len)
        || (copy = frame_new(FRAME_MESSAGE, len)) == NULL)
        return NULL;
    memcpy(copy->bytes, msg, len);
    return copy;
}

/* Accept all KEYS messages, and the forged one in place of the victim's. */
static secagg_err collect_keys(session *s, const frame *forged)
{
    double deadline = seconds_now() + s->timeout;
    secagg_err err = SECAGG_OK;
    uint32_t from;
    frame *got;
    while (!err && (got = session_receive(s, &from, deadline)) != NULL) {
        err = session_accept(s, from, from == IMPERSONATED ? forged : got);
        frame_free(got);
    }
    return err;
}

/* Run the session up to the ROSTER messages; all banks leave then. */
static secagg_err run_with_forged(session *s, const frame *forged)
{
    secagg_err err = session_send(s); /* the invitations */
    if (!err)
        err = collect_keys(s, forged);
    if (!err)
        err = session_advance(s);
    if (!err)
        err = session_send(s); /* the roster, with the forged key */
    if (!err)
        err = session_collect(s);
    return err;
}

/* secagg_server would reject the forged signature, so that the malicious
 * server passes it a registry with the forged key. */
static secagg_err swap_key(session *s, const registry *r)
{
    registry lie = *r;
    identity forged;
    secagg_client *impostor = NULL;
    frame *keys = NULL;
    secagg_err err = secagg_keypair(lie.keys[IMPERSONATED],
        forged.secret_key);
    s->registry = &lie;
    if (!err)
        err = session_open(s);
    if (!err)
        err = secagg_client_new(&impostor, &s->params, IMPERSONATED, NULL);
    if (!err)
        keys = forge_keys(impostor, r, IMPERSONATED, &forged);
    if (!err && keys == NULL)
        err = SECAGG_ERR_MEMORY;
    if (!err)
        err = run_with_forged(s, keys);
    secagg_client_free(impostor);
    frame_free(keys);
    secagg_wipe(&forged, sizeof forged);
    return err;
}

/* All banks find that the key is not the one in their registry. The
 * impersonated bank finds a key that it did not send. */
static bool check_all_left(const federation *f, const session *s)
{
    uint32_t detected = 0, others = f->parties - 1;
    for (uint32_t i = 0; i < f->parties; i++)
        detected += i != IMPERSONATED && s->left[i] == SECAGG_ERR_AUTH;
    bool victim = s->left[IMPERSONATED] == SECAGG_ERR_MESSAGE;
    printf("   %2u banks leave: \"%s\"\n    bank %u leaves: \"%s\"\n"
           "                    (the roster lists it with a key that it did "
           "not send)\n", detected, secagg_strerror(SECAGG_ERR_AUTH),
        IMPERSONATED, secagg_strerror(s->left[IMPERSONATED]));
    if (detected != others || !victim)
        printf("   FAILED: a bank went on with a key that is not bank "
               "%u's\n", IMPERSONATED);
    return detected == others && victim;
}

static bool show_forged_key(federation *f)
{
    session s = federation_session(f, 1);
    printf("\n   Round 1. The server puts a key of its own in the place of "
           "bank %u's:\n", IMPERSONATED);
    secagg_err err = swap_key(&s, f->registry);
    if (err)
        print_failed_session(err, &s, "bank");
    bool good = !err && check_all_left(f, &s);
    session_close(&s);
    return good;
}

bool show_registry(federation *f)
{
    printf("1. The registry\n\n");
    if (!show_sum_of_one(f))
        return false;
    printf("\n   Hence the registry: one Ed25519 key per bank, on which they "
           "agreed once and\n   without the server. Each bank signs its first "
           "message, and verifies those of\n   all others. The key of bank %u "
           "begins", IMPERSONATED);
    for (size_t i = 0; i < 8; i++)
        printf(" %02x", f->registry->keys[IMPERSONATED][i]);
    printf(" ...\n");
    if (!show_forged_key(f))
        return false;
    printf("   No share was dealt, no input sent. Round 1 is repeated as a new "
           "session.\n");
    return true;
}
