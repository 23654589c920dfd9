/* SPDX-License-Identifier: Apache-2.0 */
/* A server is a function of its seed, of the messages in their order and of
 * the ends of phases: from a log of these it stands again where it stood, at
 * any point (PROTOCOL.md 9.3, 11.3). */
#include <sodium.h>
#include <string.h>

#include "support/main.h"
#include "support/parts_driver.h"

#define EVENTS 400
#define ADVANCE UINT32_MAX

/* What happened to the server: a message, or the end of a phase; what came of
 * it, and how the server looks from outside then. */
typedef struct event {
    uint32_t from;
    uint8_t *msg;
    size_t len;
    secagg_err err;
    uint8_t look[32];
} event;

static event events[EVENTS];
static uint32_t count;

/* ---- all that a server says --------------------------------------------- */

static void add(crypto_hash_sha256_state *state, const void *at, size_t len)
{
    crypto_hash_sha256_update(state, at, len);
}

static void look_at(secagg_server *s, uint32_t n, uint8_t out[32])
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

static void note(secagg_server *s, uint32_t n, uint32_t from,
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
    look_at(s, n, e->look);
}

/* A bent message before each good one, and the good one twice. */
static void speak(driver *r, uint32_t i)
{
    const secagg_phase phase = secagg_server_phase(r->server);
    /* a digest or a signature; else the session */
    const size_t at = phase == SECAGG_PHASE_KEYS
            || phase == SECAGG_PHASE_UNMASK ? 10 : PARTY_HEADER + 5;
    const uint8_t *msg;
    uint8_t *copy;
    size_t len;

    ck_assert_int_eq(secagg_client_send(r->clients[i], &msg, &len),
        SECAGG_OK);
    copy = party_forge(msg, len, len, i);
    copy[at] ^= 1;
    note(r->server, r->params.clients, i, copy, len);
    copy[at] ^= 1;
    note(r->server, r->params.clients, i, copy, len);
    note(r->server, r->params.clients, i, copy, len);
    free(copy);
}

/* Odd clients send INPUT in parts. */
static void speak_input(driver *r, uint32_t i)
{
    const uint64_t step = i % 2 ? 7 : r->blocks;

    if (i % 2)
        ck_assert_int_eq(secagg_client_set_part_size(r->clients[i], 512 * step),
            SECAGG_OK);
    for (uint64_t b = 0; b < r->blocks; b += step) {
        mixed_input(r, i, b, b + step);
        speak(r, i);
    }
}

/* A session in which each phase loses the client of its number plus one. */
static void write_log(driver *r)
{
    while (secagg_server_phase(r->server) < SECAGG_PHASE_DONE) {
        const secagg_phase phase = secagg_server_phase(r->server);
        for (uint32_t i = 0; i < r->params.clients; i++) {
            if (r->leaves[i] <= phase)
                continue;
            if (phase == SECAGG_PHASE_INPUT)
                speak_input(r, i);
            else
                speak(r, i);
        }
        note(r->server, r->params.clients, ADVANCE, NULL, 0);
        if (secagg_server_phase(r->server) < SECAGG_PHASE_DONE)
            driver_deliver(r);
    }
}

/* ---- reading it --------------------------------------------------------- */

/* The first `cut` events again; the last look is as it was. */
static void read_log(const secagg_params *params, uint64_t seed, uint32_t cut)
{
    uint8_t look[32];
    driver r;

    driver_init(&r, params, seed); /* its server, and keys that are trusted */
    for (uint32_t i = 0; i < cut; i++) {
        const event *e = &events[i];
        const secagg_err err = e->from == ADVANCE
            ? secagg_server_advance(r.server)
            : secagg_server_recv(r.server, e->from, e->msg, e->len);
        ck_assert_int_eq(err, e->err);
    }
    look_at(r.server, params->clients, look);
    ck_assert_mem_eq(look, events[cut - 1].look, 32);
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
        read_log(params, 5, cut);
    driver_free(&r);
    for (uint32_t i = 0; i < count; i++)
        free(events[i].msg);
}

START_TEST(a_server_stands_again_from_its_log)
{
    secagg_params params = mixed_params(1);

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
    const TTest *const tests[] = { a_server_stands_again_from_its_log };
    return sodium_init() < 0 || RUN(tests);
}
