/* SPDX-License-Identifier: Apache-2.0 */
#include "party.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

void party_make(party *p, const secagg_params *params, uint64_t seed)
{
    secagg_policy policy = SECAGG_POLICY_INIT;
    uint8_t bytes[SECAGG_SEED_BYTES];

    memset(p, 0, sizeof *p);
    policy.min_clients = 2;
    policy.min_survivors = 2;
    policy.min_corrupt = 0;
    p->params = *params;
    noise_bytes(&seed, bytes, sizeof bytes);
    ck_assert_int_eq(secagg_server_new_seeded(&p->server, params, bytes),
        SECAGG_OK);
    for (uint32_t i = 0; i < params->clients; i++) {
        noise_bytes(&seed, bytes, sizeof bytes);
        ck_assert_int_eq(secagg_client_new_seeded(&p->clients[i], params, i,
            &policy, bytes), SECAGG_OK);
        p->leaves[i] = STAYS;
    }
}

void party_free(party *p)
{
    for (uint32_t i = 0; i < p->params.clients; i++)
        secagg_client_free(p->clients[i]);
    secagg_server_free(p->server);
}

static uint8_t *copy(const uint8_t *msg, size_t len)
{
    uint8_t *out;

    if (len == 0)
        return NULL;
    out = malloc(len);
    ck_assert_ptr_nonnull(out);
    memcpy(out, msg, len);
    return out;
}

uint8_t *party_says(secagg_client *client, size_t *len)
{
    const uint8_t *msg;

    *len = 0;
    if (secagg_client_send(client, &msg, len) != SECAGG_OK)
        return NULL;
    return copy(msg, *len);
}

uint8_t *party_told(secagg_server *server, uint32_t to, size_t *len)
{
    const uint8_t *msg;

    ck_assert_int_eq(secagg_server_send(server, to, &msg, len), SECAGG_OK);
    return copy(msg, *len);
}

/* Which of the LEAVES_ marks a phase of the server's stands for. */
static int step_of(secagg_phase phase)
{
    switch (phase) {
    case SECAGG_PHASE_KEYS: return LEAVES_KEYS;
    case SECAGG_PHASE_SHARES: return LEAVES_SHARES;
    case SECAGG_PHASE_INPUT: return LEAVES_INPUT;
    default: return LEAVES_UNMASK;
    }
}

secagg_err party_collect(party *p)
{
    const int step = step_of(secagg_server_phase(p->server));

    for (uint32_t i = 0; i < p->params.clients; i++) {
        uint8_t *msg;
        size_t len;
        if (p->leaves[i] <= step)
            continue;
        msg = party_says(p->clients[i], &len);
        if (msg == NULL)
            continue;
        ck_assert_int_eq(secagg_server_recv(p->server, i, msg, len),
            SECAGG_OK);
        p->up[i] += len;
        free(msg);
    }
    return secagg_server_advance(p->server);
}

void party_deliver(party *p)
{
    const int step = step_of(secagg_server_phase(p->server));

    for (uint32_t i = 0; i < p->params.clients; i++) {
        uint8_t *msg;
        size_t len;
        if (p->leaves[i] < step)
            continue;
        msg = party_told(p->server, i, &len);
        if (msg == NULL)
            continue;
        p->down[i] += len;
        ck_assert_int_eq(secagg_client_recv(p->clients[i], msg, len),
            SECAGG_OK);
        free(msg);
    }
}

secagg_err party_run(party *p)
{
    while (secagg_server_phase(p->server) < SECAGG_PHASE_DONE) {
        const secagg_err err = party_collect(p);
        if (err != SECAGG_OK)
            return err;
        if (secagg_server_phase(p->server) < SECAGG_PHASE_DONE)
            party_deliver(p);
    }
    return SECAGG_OK;
}
