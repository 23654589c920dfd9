/* SPDX-License-Identifier: Apache-2.0 */
/* Spent vectors (PROTOCOL.md 11.4): what a client says of its vector after
 * each step; and two attacks by which a server has the sum of a session that
 * failed. They work on a host that supplies the vectors again, and not on one
 * that asks secagg_client_spent() first. */
#include <secagg/mask.h>
#include <secagg/planar.h>
#include <string.h>

#include "core/mem.h"
#include "crypto/shamir.h"
#include "server/server_state.h"
#include "support/cheat_session.h"
#include "support/main.h"
#include "support/party.h"
#include "support/session_driver.h"

#define CLIENTS 12
#define ALL ((1u << CLIENTS) - 1)

static const uint8_t key[SECAGG_SEED_BYTES] = { 0x71 };

/* ---- after each step ---------------------------------------------------- */

/* The client says so, and so does one that is resumed from its state. */
static void check_spent(secagg_client *c, secagg_spent want)
{
    const size_t len = secagg_client_save_size(c);
    uint8_t *state = calloc(1, len);
    secagg_client *twin;

    ck_assert_int_eq(secagg_client_spent(c), want);
    OK(secagg_client_save(c, state, len, key));
    OK(secagg_client_resume(&twin, state, len, key,
        secagg_client_generation(c), NULL, -1));
    ck_assert_int_eq(secagg_client_spent(twin), want);
    secagg_client_free(twin);
    free(state);
}

static void send_to_server(party *p, uint32_t i)
{
    size_t len;
    uint8_t *msg = party_client_send(p->clients[i], &len);

    OK(secagg_server_recv(p->server, i, msg, len));
    free(msg);
}

static void try_steps(int mode)
{
    const secagg_params params = params_of_mode(mode, 4, 3, 0);
    party p;

    party_init(&p, &params, 31);
    party_input(&p);
    while (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
        const secagg_phase phase = secagg_server_phase(p.server);
        check_spent(p.clients[0], phase > SECAGG_PHASE_INPUT
            ? SECAGG_SPENT_INPUT : SECAGG_SPENT_NOTHING);
        send_to_server(&p, 0);
        check_spent(p.clients[0], phase == SECAGG_PHASE_UNMASK
            ? SECAGG_SPENT_UNMASK : phase >= SECAGG_PHASE_INPUT
            ? SECAGG_SPENT_INPUT : SECAGG_SPENT_NOTHING);
        OK(party_collect(&p));
        if (secagg_server_phase(p.server) < SECAGG_PHASE_DONE)
            party_deliver(&p);
    }
    party_free(&p);
}

START_TEST(a_vector_is_spent_from_the_moment_its_message_is_built)
{
    BOTH_MODES(try_steps);
}
END_TEST

/* The server's ABORT in each phase, before and after the client's message. */
static void try_failure(secagg_phase phase, bool built, secagg_spent want)
{
    const secagg_params params = small_params(4, 3, 0);
    uint8_t abort[PARTY_HEADER + 10], *msg;
    size_t len;
    party p;

    party_init(&p, &params, 32);
    party_input(&p);
    if (phase == SECAGG_PHASE_KEYS)
        ck_assert_int_eq(secagg_client_phase(p.clients[0]), phase);
    else
        party_run_to(&p, phase);
    msg = party_forge((const uint8_t[PARTY_HEADER]){ 0 }, 0, sizeof abort, 0);
    memcpy(abort, msg, sizeof abort);
    free(msg);
    abort[1] = 1;
    abort[PARTY_AT_TYPE] = 12;
    abort[5] = FIRST_SUITE;
    memcpy(abort + 8, params.session, sizeof params.session);
    abort[31] = (uint8_t)params.round;
    if (built)
        free(party_client_send(p.clients[0], &len));
    ck_assert_int_eq(secagg_client_recv(p.clients[0], abort, sizeof abort),
        SECAGG_ERR_MESSAGE);
    ck_assert_int_eq(secagg_client_phase(p.clients[0]), SECAGG_PHASE_FAILED);
    check_spent(p.clients[0], want);
    party_free(&p);
}

START_TEST(a_failure_leaves_a_vector_as_spent_as_it_was)
{
    try_failure(SECAGG_PHASE_KEYS, false, SECAGG_SPENT_NOTHING);
    try_failure(SECAGG_PHASE_SHARES, true, SECAGG_SPENT_NOTHING);
    try_failure(SECAGG_PHASE_INPUT, false, SECAGG_SPENT_NOTHING);
    try_failure(SECAGG_PHASE_INPUT, true, SECAGG_SPENT_INPUT);
    try_failure(SECAGG_PHASE_UNMASK, false, SECAGG_SPENT_INPUT);
}
END_TEST

static void check_parts(driver *r, uint32_t i, driver_event now,
    uint64_t part)
{
    const bool input = secagg_server_phase(r->server) == SECAGG_PHASE_INPUT;

    if (input && now == PART_READY)
        check_spent(r->clients[i], part == 0 ? SECAGG_SPENT_NOTHING
                                             : SECAGG_SPENT_INPUT);
    if (input && now == SENT)
        check_spent(r->clients[i], SECAGG_SPENT_INPUT);
}

START_TEST(the_first_part_spends_the_vector)
{
    const secagg_params params = small_params(4, 3, 0);
    driver r;

    driver_init(&r, &params, 33);
    r.part_size = 512;
    r.on_event = check_parts;
    OK(driver_run(&r));
    driver_free(&r);
}
END_TEST

/* ---- a server that keeps what it gets ----------------------------------- */

/* Join t shares of a client's self secret that holders have opened to the
 * server, which is free to do so whatever becomes of the session. */
static void join_shares(const secagg_server *s, uint32_t u,
    uint8_t secret[SECAGG_SECRET_BYTES])
{
    const uint32_t t = s->params->own.threshold;
    uint8_t shares[CLIENTS][SECAGG_SHARE_BYTES];
    uint32_t ranks[CLIENTS], count = 0;

    for (uint32_t v = 0; v < CLIENTS && count < t; v++) {
        const uint32_t at = v != u ? sa_server_peer_position(s, u, v) : 0;
        if (v == u || !sa_bitmap_has(s->clients[u].opened, at))
            continue;
        ranks[count] = v;
        memcpy(shares[count++], sa_server_share(s, u, at, SA_KIND_SELF), 32);
    }
    ck_assert_uint_eq(count, t);
    OK(secagg_shamir_join(secret, ranks, shares[0], count));
}

/* Take the self masks of all clients off a sum of masked inputs. All clients
 * are in the sum, so no pair mask is left in it. */
static uint64_t unmask(const secagg_server *s, uint8_t planes[64])
{
    uint8_t secret[SECAGG_SECRET_BYTES], seed[SECAGG_SEED_BYTES];
    secagg_masks *masks;
    uint64_t sum;

    OK(secagg_masks_new(&masks, s->params->own.suite));
    for (uint32_t u = 0; u < CLIENTS; u++) {
        join_shares(s, u, secret);
        OK(sa_derive_self_seed(seed, &s->binding, secret, u, s->h_u2));
        OK(secagg_masks_add(masks, seed, -1));
    }
    OK(secagg_masks_apply(masks, 64, 0, planes, 1));
    OK(secagg_planar_unpack_u64(&sum, planes, 1, 64));
    secagg_masks_free(masks);
    return sum;
}

/* Run a session up to UNMASK, and keep the sum of the masked inputs. */
static void run_to_unmask(cheat_session *l, uint8_t planes[64])
{
    while (secagg_server_phase(l->server) < SECAGG_PHASE_UNMASK)
        cheats_run_phase(l);
    memcpy(planes, l->server->aggregate.planes, 64);
}

/* UNMASK of all clients reaches the server, but not in time for the sum. */
static void receive_all_unmask(cheat_session *l)
{
    for (uint32_t i = 0; i < CLIENTS; i++) {
        size_t len;
        uint8_t *msg = party_server_send(l->server, i, &len);
        OK(secagg_client_recv(l->clients[i], msg, len));
        free(msg);
        msg = party_client_send(l->clients[i], &len);
        OK(secagg_server_recv(l->server, i, msg, len));
        free(msg);
    }
}

/* A host that asks is told of every client, also of those whose UNMASK came
 * too late. */
static void check_all_spent(const cheat_session *l)
{
    for (uint32_t i = 0; i < CLIENTS; i++)
        ck_assert_int_eq(secagg_client_spent(l->clients[i]),
            SECAGG_SPENT_UNMASK);
}

/* The retry: a session without one client, with the same vectors, or with
 * those that the host has after it asked whether they are spent. */
static uint64_t retry(const cheat_session *first, uint32_t without, bool obeys)
{
    const secagg_params params = cheats_params(SECAGG_SEMI_HONEST, CLIENTS, 4,
        0, 0);
    uint64_t sum;
    cheat_session l;

    cheats_init(&l, &params, 501);
    for (uint32_t i = 0; i < CLIENTS; i++)
        if (!obeys || secagg_client_spent(first->clients[i])
                == SECAGG_SPENT_NOTHING)
            l.values[i] = first->values[i];
    l.cheats[without].silent_from = 1 + SECAGG_PHASE_KEYS;
    cheats_run(&l);
    OK(l.error);
    sum = cheats_sum(&l);
    cheats_free(&l);
    return sum;
}

/* The difference of both sums is the vector of the client that did not come
 * back, unless the host obeys. */
static void check_difference(const cheat_session *first, uint64_t sum,
    uint32_t victim)
{
    ck_assert_uint_eq(sum, cheats_values(first, ALL));
    ck_assert_uint_eq(sum - retry(first, victim, false),
        first->values[victim]);
    ck_assert_uint_ne(sum - retry(first, victim, true),
        first->values[victim]);
}

/* ---- UNMASK comes too late ---------------------------------------------- */

/* Eight of twelve UNMASKs are in time, and the session fails. The server
 * plays it again from its own log and adds the four late ones. */
START_TEST(a_session_that_failed_for_late_unmasks_has_given_its_sum)
{
    const secagg_params params = cheats_params(SECAGG_SEMI_HONEST, CLIENTS, 4,
        0, 0);
    uint8_t planes[64];
    cheat_session l, again;

    cheats_init(&l, &params, 500);
    run_to_unmask(&l, planes);
    for (uint32_t i = 8; i < CLIENTS; i++)
        l.cheats[i].silent_from = 1 + SECAGG_PHASE_UNMASK;
    cheats_run_phase(&l);
    ck_assert_int_eq(l.error, SECAGG_ERR_THRESHOLD);
    for (uint32_t i = 8; i < CLIENTS; i++)
        free(party_client_send(l.clients[i], &(size_t){ 0 })); /* late */
    check_all_spent(&l);
    cheats_init(&again, &params, 500); /* the same seeds: the log of it */
    run_to_unmask(&again, planes);
    receive_all_unmask(&again);
    check_difference(&l, unmask(again.server, planes), 5);
    cheats_free(&again);
    cheats_free(&l);
}
END_TEST

/* ---- a colluder with a false commitment --------------------------------- */

/* Client 3 commits to another secret, so that the session ends with CHEAT;
 * the shares that it dealt are right, and so the server has the sum. */
START_TEST(a_colluder_makes_a_session_fail_whose_sum_the_server_has)
{
    const secagg_params params = cheats_params(SECAGG_SEMI_HONEST, CLIENTS, 4,
        0, 0);
    uint8_t planes[64];
    uint64_t sum;
    cheat_session l;

    cheats_init(&l, &params, 502);
    l.cheats[3].commitment = true;
    run_to_unmask(&l, planes);
    receive_all_unmask(&l);
    sum = unmask(l.server, planes);
    ck_assert_int_eq(secagg_server_advance(l.server), SECAGG_ERR_CHEAT);
    ck_assert_uint_eq(cheats_blamed(&l), 1u << 3);
    check_all_spent(&l);
    check_difference(&l, sum, 5);
    cheats_free(&l);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_vector_is_spent_from_the_moment_its_message_is_built,
        a_failure_leaves_a_vector_as_spent_as_it_was,
        the_first_part_spends_the_vector,
        a_session_that_failed_for_late_unmasks_has_given_its_sum,
        a_colluder_makes_a_session_fail_whose_sum_the_server_has };
    return RUN(tests);
}
