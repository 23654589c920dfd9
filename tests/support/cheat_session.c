/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cheat_session.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "support/laxest_policy.h"
#include "support/party.h"
#include "support/util.h"

/* Types of messages (PROTOCOL.md 8.1), and places in them (8.4, 8.11, 8.12). */
enum { SHARES = 3, RELAY = 4, UNMASK = 9, ABORT = 11 };
#define COMMITMENT_AT (PARTY_HEADER + 32)
#define SHARES_AT (PARTY_HEADER + 64)
#define PAIR_BYTES 100
#define SEAL_AT 4 /* of a pair: behind the peer */
#define OWN_AT PARTY_HEADER
#define KEY_AT (PARTY_HEADER + 36 + 4)
#define ABORT_BYTES (PARTY_HEADER + 10)

static uint32_t get(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16
        | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t bit(uint32_t i)
{
    return (uint32_t)1 << i;
}

/* ---- parameters and parties --------------------------------------------- */

static secagg_segment value = { .length = 1, .bits = 64 };

secagg_params cheats_params(int mode, uint32_t n, uint32_t c,
    uint32_t neighbours, uint32_t min_survivors)
{
    secagg_params p = SECAGG_PARAMS_INIT;

    p.mode = (uint32_t)mode;
    p.clients = n;
    p.neighbours = neighbours;
    p.corrupt = c;
    p.threshold = ((neighbours > 0 ? neighbours + 1 : n) + c) / 2 + 1;
    if (p.threshold < 2)
        p.threshold = 2;
    p.min_survivors = min_survivors > 0 ? min_survivors
        : p.threshold > c + 2 ? p.threshold : c + 2;
    p.segments = &value;
    p.segment_count = 1;
    return p;
}

static secagg_client *new_client(const secagg_params *params, uint32_t i,
    uint64_t *state)
{
    const secagg_policy policy = laxest_policy();
    uint8_t seed[SECAGG_SEED_BYTES];
    secagg_client *out;

    prng_bytes(state, seed, sizeof seed);
    OK(secagg_client_new_seeded(&out, params, i, &policy, seed));
    return out;
}

static void identify(cheat_session *l)
{
    uint8_t public_key[SECAGG_PUBLIC_BYTES];
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES];

    for (uint32_t i = 0; i < l->n; i++) {
        party_identity(i, public_key, secret_key);
        OK(secagg_client_identify(l->clients[i], secret_key));
        OK(secagg_server_trust(l->server, i, public_key));
        for (uint32_t k = 0; k < l->n; k++)
            OK(secagg_client_trust(l->clients[k], i, public_key));
    }
}

void cheats_init(cheat_session *l, const secagg_params *params, uint64_t seed)
{
    uint8_t bytes[SECAGG_SEED_BYTES];

    *l = (cheat_session){ .params = *params, .n = params->clients };
    ck_assert_uint_le(l->n, CHEAT_MAX);
    for (uint32_t i = 0; i < l->n; i++)
        l->values[i] = 1000 * i + seed % 1000;
    prng_bytes(&seed, l->params.session, sizeof l->params.session);
    prng_bytes(&seed, bytes, sizeof bytes);
    OK(secagg_server_new_seeded(&l->server, &l->params, bytes));
    for (uint32_t i = 0; i < l->n; i++)
        l->clients[i] = new_client(&l->params, i, &seed);
    if (params->mode == SECAGG_ACTIVE)
        identify(l);
}

void cheats_free(cheat_session *l)
{
    for (uint32_t i = 0; i < l->n; i++)
        secagg_client_free(l->clients[i]);
    secagg_server_free(l->server);
}

/* ---- cheating ----------------------------------------------------------- */

/* Spoil the first sealed share of each peer in a set. */
static void spoil_pairs(uint8_t *pairs, uint32_t set)
{
    const uint32_t count = get(pairs);

    for (uint32_t j = 0; j < count; j++) {
        uint8_t *pair = pairs + 4 + PAIR_BYTES * (size_t)j;
        if (set & bit(get(pair)))
            pair[SEAL_AT] ^= 1;
    }
}

static void cheat_server(const cheats *cheat, uint8_t *msg)
{
    switch (msg[PARTY_AT_TYPE]) {
    case SHARES:
        spoil_pairs(msg + SHARES_AT, cheat->deals);
        msg[COMMITMENT_AT] ^= cheat->commitment;
        break;
    case UNMASK:
        msg[OWN_AT] ^= cheat->own_share;
        if (get(msg + PARTY_HEADER + 32) > 0)
            msg[KEY_AT] ^= cheat->keys;
        break;
    default:
        break;
    }
}

/* ---- one client --------------------------------------------------------- */

static void note_abort(cheat_session *l, uint32_t i, const uint8_t *msg)
{
    l->aborted |= bit(i);
    if (get(msg + ABORT_BYTES - 4) == 0)
        l->aborted_bare |= bit(i);
}

static void send_bare_abort(cheat_session *l, uint32_t i)
{
    const uint8_t empty[PARTY_HEADER] = { 0 };
    uint8_t *msg = party_forge(empty, 0, ABORT_BYTES, i);

    msg[1] = 1;
    msg[PARTY_AT_TYPE] = ABORT;
    msg[5] = l->params.suite == 2 ? 2 : 1;
    memcpy(msg + 8, l->params.session, sizeof l->params.session);
    OK(secagg_server_recv(l->server, i, msg, ABORT_BYTES));
    note_abort(l, i, msg);
    free(msg);
}

static void client_receives(cheat_session *l, uint32_t i)
{
    size_t len;
    uint8_t *msg = party_server_send(l->server, i, &len);

    if (msg == NULL)
        return;
    if (msg[PARTY_AT_TYPE] == RELAY)
        spoil_pairs(msg + PARTY_HEADER + (l->n + 7) / 8,
            l->cheats[i].complains);
    (void)!secagg_client_recv(l->clients[i], msg, len);
    free(msg);
}

static void client_sends(cheat_session *l, uint32_t i)
{
    size_t len;
    uint8_t *msg = party_client_send(l->clients[i], &len);

    if (msg == NULL)
        return;
    cheat_server(&l->cheats[i], msg);
    if (msg[PARTY_AT_TYPE] == ABORT)
        note_abort(l, i, msg);
    OK(secagg_server_recv(l->server, i, msg, len));
    free(msg);
}

static void give_input(cheat_session *l, uint32_t i)
{
    OK(secagg_client_input_u64(l->clients[i], 0, 0, &l->values[i], 1));
}

/* A silent client still receives: it does not help it. */
static void take_turn(cheat_session *l, uint32_t i, int phase)
{
    const cheats *cheat = &l->cheats[i];

    if (phase == SECAGG_PHASE_KEYS)
        give_input(l, i);
    else
        client_receives(l, i);
    if (cheat->silent_from > 0 && phase + 1 >= cheat->silent_from)
        return;
    if (cheat->aborts_in == phase + 1)
        send_bare_abort(l, i);
    else
        client_sends(l, i);
}

/* ---- the session -------------------------------------------------------- */

static bool is_gone(const cheat_session *l, uint32_t i)
{
    return ((l->silent | l->aborted) & bit(i)) != 0;
}

void cheats_run_phase(cheat_session *l)
{
    const int phase = (int)secagg_server_phase(l->server);

    for (uint32_t i = 0; i < l->n; i++)
        if (!is_gone(l, i))
            take_turn(l, i, phase);
    for (uint32_t i = 0; i < l->n; i++)
        if (!is_gone(l, i) && !secagg_server_answered(l->server, i))
            l->silent |= bit(i);
    l->error = secagg_server_advance(l->server);
}

void cheats_run(cheat_session *l)
{
    while (secagg_server_phase(l->server) < SECAGG_PHASE_DONE)
        cheats_run_phase(l);
}

uint64_t cheats_sum(const cheat_session *l)
{
    uint64_t sum;

    OK(secagg_server_sum_u64(l->server, 0, 0, &sum, 1));
    return sum;
}

uint64_t cheats_values(const cheat_session *l, uint32_t set)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < l->n; i++)
        sum += set & bit(i) ? l->values[i] : 0;
    return sum;
}

/* ---- the next session (9.6) --------------------------------------------- */

uint32_t cheats_blamed(const cheat_session *l)
{
    uint32_t out = 0, index;
    secagg_err what;

    for (size_t i = 0; secagg_server_blamed(l->server, i, &index, &what)
             == SECAGG_OK; i++)
        out |= bit(index);
    return out;
}

/* Returns the clients that each client disputes with. */
static void read_disputes(const cheat_session *l, uint32_t with[CHEAT_MAX])
{
    uint32_t u, v;

    memset(with, 0, CHEAT_MAX * sizeof *with);
    for (size_t i = 0; secagg_server_disputed(l->server, i, &u, &v)
             == SECAGG_OK; i++) {
        with[u] |= bit(v);
        with[v] |= bit(u);
    }
}

static uint32_t count(uint32_t set)
{
    uint32_t out = 0;

    for (; set != 0; set &= set - 1)
        out++;
    return out;
}

uint32_t cheats_leave_out(const cheat_session *l, uint32_t *steps)
{
    uint32_t with[CHEAT_MAX], out = cheats_blamed(l);

    *steps = count(out);
    read_disputes(l, with);
    for (uint32_t u = 0; u < l->n; u++)
        for (uint32_t v = u + 1; v < l->n; v++)
            if ((with[u] & bit(v)) && !(out & (bit(u) | bit(v)))) {
                out |= bit(u) | bit(v);
                ++*steps;
            }
    if (out != 0 || l->error == SECAGG_OK)
        return out;
    *steps = 1;
    return l->silent != 0 ? l->silent : l->aborted_bare;
}
