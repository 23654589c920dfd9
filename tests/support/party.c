/* SPDX-License-Identifier: Apache-2.0 */
#include "support/party.h"

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "support/laxest_policy.h"
#include "support/refusals.h"
#include "support/util.h"

const int party_dropouts[PARTY_DROPOUTS] = { LEAVES_KEYS, LEAVES_SHARES,
    LEAVES_INPUT, LEAVES_UNMASK, STAYS };

static secagg_client *new_client(const secagg_params *params, uint32_t index,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    const secagg_policy policy = laxest_policy();
    secagg_client *client;

    ck_assert_int_eq(secagg_client_new_seeded(&client, params, index, &policy,
        seed), SECAGG_OK);
    return client;
}

void party_init_anonymous(party *p, const secagg_params *params, uint64_t seed)
{
    uint8_t bytes[SECAGG_SEED_BYTES];

    memset(p, 0, sizeof *p);
    p->params = *params;
    prng_bytes(&seed, bytes, sizeof bytes);
    ck_assert_int_eq(secagg_server_new_seeded(&p->server, params, bytes),
        SECAGG_OK);
    for (uint32_t i = 0; i < params->clients; i++) {
        prng_bytes(&seed, p->seeds[i], sizeof p->seeds[i]);
        p->clients[i] = new_client(params, i, p->seeds[i]);
        p->leaves[i] = STAYS;
    }
}

void party_init(party *p, const secagg_params *params, uint64_t seed)
{
    party_init_anonymous(p, params, seed);
    if (params->mode == SECAGG_ACTIVE)
        party_identify(p);
}

void party_free(party *p)
{
    for (uint32_t i = 0; i < p->params.clients; i++)
        secagg_client_free(p->clients[i]);
    secagg_server_free(p->server);
}

/* ---- identities --------------------------------------------------------- */

void party_identity(uint32_t client, uint8_t public_key[SECAGG_PUBLIC_BYTES],
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES])
{
    uint8_t bytes[crypto_sign_SEEDBYTES];
    uint64_t state = client + ((uint64_t)0x1d << 32);

    prng_bytes(&state, bytes, sizeof bytes);
    ck_assert_int_eq(crypto_sign_seed_keypair(public_key, secret_key, bytes),
        0);
}

void party_identify(party *p)
{
    uint8_t public_key[SECAGG_PUBLIC_BYTES];
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES];

    for (uint32_t i = 0; i < p->params.clients; i++) {
        party_identity(i, public_key, secret_key);
        ck_assert_int_eq(secagg_client_identify(p->clients[i], secret_key),
            SECAGG_OK);
        ck_assert_int_eq(secagg_server_trust(p->server, i, public_key),
            SECAGG_OK);
        for (uint32_t k = 0; k < p->params.clients; k++)
            ck_assert_int_eq(secagg_client_trust(p->clients[k], i,
                public_key), SECAGG_OK);
    }
}

void party_replace(party *p, uint32_t client, const secagg_params *params,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    uint8_t public_key[SECAGG_PUBLIC_BYTES];
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES];

    secagg_client_free(p->clients[client]);
    p->clients[client] = new_client(params, client, seed);
    if (params->mode != SECAGG_ACTIVE)
        return;
    party_identity(client, public_key, secret_key);
    ck_assert_int_eq(secagg_client_identify(p->clients[client], secret_key),
        SECAGG_OK);
}

/* ---- a small session of integers ---------------------------------------- */

static secagg_segment integers = { .length = PARTY_LENGTH,
    .bits = PARTY_BITS };

secagg_params small_params(uint32_t n, uint32_t t, uint32_t corrupt)
{
    secagg_params p = SECAGG_PARAMS_INIT;

    memset(p.session, 0x5e, sizeof p.session);
    p.round = 7;
    p.clients = n;
    p.threshold = t;
    p.corrupt = corrupt;
    p.min_survivors = corrupt + 2;
    p.segments = &integers;
    p.segment_count = 1;
    return p;
}

secagg_params active_params(uint32_t n, uint32_t t, uint32_t corrupt)
{
    secagg_params p = small_params(n, t, corrupt);

    p.mode = SECAGG_ACTIVE;
    return p;
}

secagg_params params_of_mode(int mode, uint32_t n, uint32_t t, uint32_t corrupt)
{
    return mode == SECAGG_ACTIVE ? active_params(n, t, corrupt)
                                 : small_params(n, t, corrupt);
}

uint64_t party_entry(uint32_t client, uint64_t e)
{
    uint64_t state = client * (uint64_t)1000003 + e;
    return prng_next(&state) & ((1 << PARTY_BITS) - 1);
}

void party_input(party *p)
{
    uint64_t values[PARTY_LENGTH];

    for (uint32_t i = 0; i < p->params.clients; i++) {
        for (uint64_t e = 0; e < PARTY_LENGTH; e++)
            values[e] = party_entry(i, e);
        ck_assert_int_eq(secagg_client_input_u64(p->clients[i], 0, 0, values,
            PARTY_LENGTH), SECAGG_OK);
    }
}

void party_check_sum(const party *p)
{
    uint64_t sum[PARTY_LENGTH];
    uint32_t count = 0;

    for (uint32_t i = 0; i < p->params.clients; i++)
        count += p->leaves[i] > LEAVES_INPUT;
    ck_assert_int_eq(secagg_server_phase(p->server), SECAGG_PHASE_DONE);
    ck_assert_uint_eq(secagg_server_survivors(p->server), count);
    ck_assert_int_eq(secagg_server_sum_u64(p->server, 0, 0, sum,
        PARTY_LENGTH), SECAGG_OK);
    for (uint64_t e = 0; e < PARTY_LENGTH; e++) {
        uint64_t want = 0;
        for (uint32_t i = 0; i < p->params.clients; i++)
            if (p->leaves[i] > LEAVES_INPUT)
                want += party_entry(i, e);
        ck_assert_uint_eq(sum[e], want & ((1 << PARTY_BITS) - 1));
    }
    for (uint32_t i = 0; i < p->params.clients; i++)
        ck_assert_int_eq(secagg_server_includes(p->server, i),
            p->leaves[i] > LEAVES_INPUT);
}

/* ---- messages ----------------------------------------------------------- */

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

secagg_err party_send_saving(secagg_client *client, const uint8_t **msg,
    size_t *len)
{
    static const uint8_t key[SECAGG_SEED_BYTES] = { 0x3b };
    secagg_err err = secagg_client_send(client, msg, len);
    uint8_t *state;
    size_t size;

    if (err != SECAGG_ERR_STATE || secagg_client_generation(client) == 0
        || secagg_client_phase(client) == SECAGG_PHASE_FAILED)
        return err;
    size = secagg_client_save_size(client);
    state = malloc(size);
    ck_assert_ptr_nonnull(state);
    OK(secagg_client_save(client, state, size, key));
    free(state);
    return secagg_client_send(client, msg, len);
}

uint8_t *party_client_send(secagg_client *client, size_t *len)
{
    const uint8_t *msg;

    *len = 0;
    if (party_send_saving(client, &msg, len) != SECAGG_OK)
        return NULL;
    return copy(msg, *len);
}

uint8_t *party_server_send(secagg_server *server, uint32_t to, size_t *len)
{
    const uint8_t *msg;

    ck_assert_int_eq(secagg_server_send(server, to, &msg, len), SECAGG_OK);
    return copy(msg, *len);
}

secagg_err party_client_recv(party *p, uint32_t to, const uint8_t *msg,
    size_t len)
{
    uint8_t *exact = copy(msg, len);
    const secagg_err err = secagg_client_recv(p->clients[to], exact, len);

    CHECK_REFUSAL(refusal_fault_of_client(p->clients[to], err));
    free(exact);
    return err;
}

uint8_t *party_forge(const uint8_t *msg, size_t have, size_t len,
    uint32_t index)
{
    uint8_t *out = calloc(1, len);

    ck_assert_ptr_nonnull(out);
    memcpy(out, msg, have < len ? have : len);
    for (int i = 0; i < 4 && len >= PARTY_HEADER; i++)
        out[PARTY_AT_INDEX + i] = (uint8_t)(index >> (24 - 8 * i));
    for (int i = 0; i < 8 && len >= PARTY_HEADER; i++)
        out[PARTY_AT_LENGTH + i] =
            (uint8_t)((uint64_t)(len - PARTY_HEADER) >> (56 - 8 * i));
    return out;
}

/* Move a message to the transcript, or free it if there is none. */
static void record(party *p, int way, uint32_t i, uint8_t *msg, size_t len,
    secagg_phase phase)
{
    uint8_t **slot;

    if (p->transcript == NULL) {
        free(msg);
        return;
    }
    slot = &p->transcript->msg[way][phase][i];
    free(*slot);
    *slot = msg;
    p->transcript->len[way][phase][i] = len;
}

transcript *party_record(const secagg_params *params, uint64_t seed)
{
    transcript *said = calloc(1, sizeof *said);
    party p;

    ck_assert_ptr_nonnull(said);
    party_init(&p, params, seed);
    p.transcript = said;
    party_input(&p);
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    party_free(&p);
    return said;
}

void transcript_free(transcript *said)
{
    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++)
        for (int i = 0; i < PARTY_MAX; i++) {
            free(said->msg[UP][phase][i]);
            free(said->msg[DOWN][phase][i]);
        }
    free(said);
}

bool transcript_same(const transcript *a, const transcript *b, int way,
    int phase, int i)
{
    const size_t len = a->len[way][phase][i];

    return len == b->len[way][phase][i]
        && (len == 0 || memcmp(a->msg[way][phase][i], b->msg[way][phase][i],
                len) == 0);
}

/* ---- phase after phase -------------------------------------------------- */

/* The mark of a client whose first unsent message belongs to this phase. */
static int mark_of(secagg_phase phase)
{
    switch (phase) {
    case SECAGG_PHASE_KEYS: return LEAVES_KEYS;
    case SECAGG_PHASE_SHARES: return LEAVES_SHARES;
    case SECAGG_PHASE_INPUT: return LEAVES_INPUT;
    case SECAGG_PHASE_CONFIRM: return LEAVES_CONFIRM;
    case SECAGG_PHASE_UNMASK:
    case SECAGG_PHASE_DONE:
    case SECAGG_PHASE_FAILED: break;
    }
    return LEAVES_UNMASK;
}

secagg_err party_collect(party *p)
{
    const secagg_phase phase = secagg_server_phase(p->server);
    const int mark = mark_of(phase);
    secagg_err err;

    for (uint32_t i = 0; i < p->params.clients; i++) {
        uint8_t *msg;
        size_t len;
        if (p->leaves[i] <= mark)
            continue;
        msg = party_client_send(p->clients[i], &len);
        if (msg == NULL)
            continue;
        ck_assert_int_eq(secagg_server_recv(p->server, i, msg, len),
            SECAGG_OK);
        p->up[i] += len;
        record(p, UP, i, msg, len, phase);
    }
    err = secagg_server_advance(p->server);
    CHECK_REFUSAL(refusal_fault_of_server(p->server, UINT32_MAX, err));
    return err;
}

void party_deliver(party *p)
{
    const secagg_phase phase = secagg_server_phase(p->server);
    const int mark = mark_of(phase);

    for (uint32_t i = 0; i < p->params.clients; i++) {
        uint8_t *msg;
        size_t len;
        if (p->leaves[i] < mark)
            continue;
        msg = party_server_send(p->server, i, &len);
        if (msg == NULL)
            continue;
        p->down[i] += len;
        ck_assert_int_eq(secagg_client_recv(p->clients[i], msg, len),
            SECAGG_OK);
        record(p, DOWN, i, msg, len, phase);
    }
}

void party_run_to(party *p, secagg_phase phase)
{
    while (secagg_server_phase(p->server) < phase) {
        ck_assert_int_eq(party_collect(p), SECAGG_OK);
        party_deliver(p);
    }
}

void party_open_phase(party *p, secagg_phase phase)
{
    while (secagg_server_phase(p->server) < phase) {
        if (secagg_server_phase(p->server) > SECAGG_PHASE_KEYS)
            party_deliver(p);
        ck_assert_int_eq(party_collect(p), SECAGG_OK);
    }
}

secagg_err party_run_until(party *p, secagg_phase *last)
{
    secagg_err err = SECAGG_OK;

    while (err == SECAGG_OK
        && secagg_server_phase(p->server) < SECAGG_PHASE_DONE) {
        *last = secagg_server_phase(p->server);
        err = party_collect(p);
        if (err == SECAGG_OK && *last != SECAGG_PHASE_UNMASK)
            party_deliver(p);
    }
    return err;
}

secagg_err party_run(party *p)
{
    secagg_phase last;

    return party_run_until(p, &last);
}
