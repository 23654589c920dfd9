/* SPDX-License-Identifier: Apache-2.0 */
/* A server is a function of its seed, of the sequence of messages and of the
 * calls that close phases: a log of these restores it at any point (PROTOCOL.md
 * 9.3, 11.3). */
#include <sodium.h>
#include <string.h>

#include "support/main.h"
#include "support/parts_driver.h"

#define EVENTS 400
#define ADVANCE UINT32_MAX

/* An event of the server: a message, or a closed phase (from is ADVANCE); the
 * error that the call returned, and a digest of the server after it. */
typedef struct event {
    uint32_t from;
    uint8_t *msg;
    size_t len;
    secagg_err err;
    uint8_t digest[32];
} event;

static event events[EVENTS];
static uint32_t count;

/* ---- the public state of a server --------------------------------------- */

static void add(crypto_hash_sha256_state *state, const void *at, size_t len)
{
    crypto_hash_sha256_update(state, at, len);
}

/* Hash all that the public getters of the server return. */
static void digest_of_server(secagg_server *s, uint32_t n, uint8_t out[32])
{
    crypto_hash_sha256_state state;
    const uint32_t plain[4] = { (uint32_t)secagg_server_phase(s),
        secagg_server_pending(s), secagg_server_survivors(s),
        (uint32_t)secagg_server_weight(s) };
    uint64_t sum[MAX_LENGTH];
    secagg_err what;
    uint32_t who;

    crypto_hash_sha256_init(&state);
    add(&state, plain, sizeof plain);
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t flags[2] = { secagg_server_includes(s, i),
            secagg_server_answered(s, i) };
        const uint8_t *msg;
        size_t len;
        add(&state, flags, sizeof flags);
        ck_assert_int_eq(secagg_server_send(s, i, &msg, &len), SECAGG_OK);
        add(&state, &len, sizeof len);
        if (len > 0)
            add(&state, msg, len);
    }
    for (size_t i = 0; secagg_server_blamed(s, i, &who, &what) == SECAGG_OK;
         i++)
        add(&state, &who, sizeof who);
    for (size_t k = 0; k < SEGMENTS; k++)
        if (secagg_server_sum_u64(s, k, 0, sum, (size_t)segments[k].length)
            == SECAGG_OK)
            add(&state, sum, (size_t)segments[k].length * sizeof *sum);
    crypto_hash_sha256_final(&state, out);
}

/* ---- writing the log ---------------------------------------------------- */

/* Make a call on the server and append it to the log. */
static void apply(secagg_server *s, uint32_t n, uint32_t from,
    const uint8_t *msg, size_t len)
{
    event *e = &events[count++];

    ck_assert_uint_lt(count, EVENTS);
    *e = (event){ .from = from, .len = len };
    if (from == ADVANCE) {
        e->err = secagg_server_advance(s);
    } else {
        e->msg = malloc(len);
        ck_assert_ptr_nonnull(e->msg);
        memcpy(e->msg, msg, len);
        e->err = secagg_server_recv(s, from, msg, len);
    }
    digest_of_server(s, n, e->digest);
}

/* Send a changed message before the valid one, and the valid one twice. */
static void send_three_times(driver *r, uint32_t i)
{
    const secagg_phase phase = secagg_server_phase(r->server);
    /* in the session id, or in a digest, a signature or a set */
    const size_t at = phase == SECAGG_PHASE_KEYS
            || phase == SECAGG_PHASE_UNMASK ? 10 : PARTY_HEADER + 5;
    const uint8_t *msg;
    uint8_t *msg_copy;
    size_t len;

    ck_assert_int_eq(secagg_client_send(r->clients[i], &msg, &len),
        SECAGG_OK);
    msg_copy = party_forge(msg, len, len, i);
    msg_copy[at] ^= 1;
    apply(r->server, r->params.clients, i, msg_copy, len);
    msg_copy[at] ^= 1;
    apply(r->server, r->params.clients, i, msg_copy, len);
    apply(r->server, r->params.clients, i, msg_copy, len);
    free(msg_copy);
}

/* Odd clients send INPUT in parts. */
static void send_input(driver *r, uint32_t i)
{
    const uint64_t step = i % 2 ? 7 : r->blocks;

    if (i % 2)
        ck_assert_int_eq(secagg_client_set_part_size(r->clients[i], 512 * step),
            SECAGG_OK);
    for (uint64_t b = 0; b < r->blocks; b += step) {
        mixed_input(r, i, b, b + step);
        send_three_times(r, i);
    }
}

/* Run a session and log it. */
static void write_log(driver *r)
{
    while (secagg_server_phase(r->server) < SECAGG_PHASE_DONE) {
        const secagg_phase phase = secagg_server_phase(r->server);
        for (uint32_t i = 0; i < r->params.clients; i++) {
            if (r->leaves[i] <= phase)
                continue;
            if (phase == SECAGG_PHASE_INPUT)
                send_input(r, i);
            else
                send_three_times(r, i);
        }
        apply(r->server, r->params.clients, ADVANCE, NULL, 0);
        if (secagg_server_phase(r->server) < SECAGG_PHASE_DONE)
            driver_deliver(r);
    }
}

/* ---- replaying the log -------------------------------------------------- */

/* Replay the first `cut` events: each call returns the same error, and the
 * server has the same digest afterwards. */
static void replay_log(const secagg_params *params, uint64_t seed, uint32_t cut)
{
    uint8_t digest[32];
    driver r;

    driver_init(&r, params, seed); /* a new server, with trusted keys */
    for (uint32_t i = 0; i < cut; i++) {
        const event *e = &events[i];
        const secagg_err err = e->from == ADVANCE
            ? secagg_server_advance(r.server)
            : secagg_server_recv(r.server, e->from, e->msg, e->len);
        ck_assert_int_eq(err, e->err);
    }
    digest_of_server(r.server, params->clients, digest);
    ck_assert_mem_eq(digest, events[cut - 1].digest, 32);
    driver_free(&r);
}

static void try_log(const secagg_params *params)
{
    const uint32_t stride = getenv("SECAGG_LONG") != NULL ? 1 : 4;
    driver r;

    count = 0;
    mixed_init(&r, params);
    for (uint32_t phase = 1; phase < 3; phase++)
        r.leaves[phase] = (uint8_t)phase;
    if (params->mode == SECAGG_ACTIVE)
        r.leaves[1] = SECAGG_PHASE_DONE;
    write_log(&r);
    ck_assert_int_eq(secagg_server_phase(r.server), SECAGG_PHASE_DONE);
    mixed_check(&r);
    for (uint32_t cut = count; cut > 0; cut -= cut < stride ? cut : stride)
        replay_log(params, 5, cut);
    driver_free(&r);
    for (uint32_t i = 0; i < count; i++)
        free(events[i].msg);
}

START_TEST(a_server_replayed_from_its_log_has_the_same_state)
{
    secagg_params params = mixed_params(FIRST_SUITE);

    try_log(&params);
    params.clients = 8;
    params.neighbours = 6;
    params.threshold = 4;
    try_log(&params);
    params = mixed_params(2);
    params.mode = SECAGG_ACTIVE;
    params.threshold = 3;
    try_log(&params);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_server_replayed_from_its_log_has_the_same_state };
    return sodium_init() < 0 || RUN(tests);
}
