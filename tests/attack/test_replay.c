/* SPDX-License-Identifier: Apache-2.0 */
/* A malicious client sends the server messages of other clients, sessions and
 * phases (attack A5 of secagg_protocol(7)), and random bytes. */
#include <stdlib.h>
#include <string.h>

#include "support/attack_fixture.h"
#include "support/main.h"
#include "support/util.h"

#define ABORT_TYPE 11
#define ABORT_BYTES (PARTY_HEADER + 10)

/* ---- replays ------------------------------------------------------------ */

/* The messages of this session (the same seed), of another run with the same
 * session id, and of another session and round. */
static transcript *same, *other_seed, *other_session, *other_round;

static void record_all(void)
{
    secagg_params params = small_params(N, T, 1);

    same = party_record(&params, 3);
    other_seed = party_record(&params, 4);
    params.round++;
    other_round = party_record(&params, 3);
    params.round--;
    params.session[15] ^= 1;
    other_session = party_record(&params, 3);
}

static void free_all(void)
{
    transcript_free(same);
    transcript_free(other_seed);
    transcript_free(other_round);
    transcript_free(other_session);
}

/* Check that the server rejects all messages that a transcript has one way;
 * with MESSAGE if they are foreign_only. */
static void check_all_rejected(party *p, uint32_t from, const transcript *said,
    int way, bool foreign_only)
{
    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++)
        for (uint32_t i = 0; i < N; i++) {
            secagg_err err = SECAGG_ERR_MESSAGE;
            if (said->msg[way][phase][i] != NULL)
                err = check_rejected(p, from, said->msg[way][phase][i],
                    said->len[way][phase][i]);
            ck_assert(!foreign_only || err == SECAGG_ERR_MESSAGE);
        }
}

/* Messages of other sessions, and the server's own messages. */
static void replay_foreign(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    (void)msg;
    (void)len;
    check_all_rejected(p, from, other_session, UP, true);
    check_all_rejected(p, from, other_round, UP, true);
    check_all_rejected(p, from, other_session, DOWN, true);
    check_all_rejected(p, from, same, DOWN, true);
}

/* Other keys of the same client replace its keys until the server closes KEYS
 * (8.2): then the messages of both runs are its own. */
static bool replaces_keys(const party *p, uint32_t from, int phase, uint32_t i)
{
    return phase == SECAGG_PHASE_KEYS && i == from
        && secagg_server_phase(p->server) == SECAGG_PHASE_KEYS;
}

/* After this client has answered: its own message again, and those of all
 * phases and of all clients of this session id. */
static void replay_same(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    ck_assert_int_eq(check_rejected(p, from, msg, len), SECAGG_ERR_REPEAT);
    ck_assert_int_eq(check_rejected(p, N, msg, len), SECAGG_ERR_ARG);
    ck_assert_int_eq(check_rejected(p, UINT32_MAX, msg, len), SECAGG_ERR_ARG);
    check_all_rejected(p, from, same, UP, false);
    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++)
        for (uint32_t i = 0; i < N; i++)
            if (other_seed->msg[UP][phase][i] != NULL
                && !replaces_keys(p, from, phase, i))
                (void)check_rejected(p, from, other_seed->msg[UP][phase][i],
                    other_seed->len[UP][phase][i]);
}

/* Before it has answered: all messages except its own of this phase. */
static void replay_others(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    const secagg_phase now = secagg_server_phase(p->server);

    (void)msg;
    (void)len;
    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++)
        for (uint32_t i = 0; i < N; i++)
            if (same->msg[UP][phase][i] != NULL
                && (i != from || phase != (int)now))
                (void)check_rejected(p, from, same->msg[UP][phase][i],
                    same->len[UP][phase][i]);
}

/* Another client's message of this phase with the sender's index. The server
 * rejects keys that another client has sent, and lists that are for another
 * client. INPUT has neither; see a_copied_input_... below. */
static void replay_renamed(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    const secagg_phase now = secagg_server_phase(p->server);

    (void)msg;
    (void)len;
    for (uint32_t i = 0; i < N; i++) {
        const size_t its = same->len[UP][now][i];
        if (i != from && now != SECAGG_PHASE_INPUT
            && (now != SECAGG_PHASE_KEYS || secagg_server_answered(p->server,
                    i)))
            check_forged_rejected(p, from, same->msg[UP][now][i], its, its);
    }
}

/* The client's message of another run with the same session id: it contains the
 * hash of another roster, or of another U2. */
static void replay_seeded(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    const secagg_phase now = secagg_server_phase(p->server);
    const secagg_err want = secagg_server_answered(p->server, from)
        ? SECAGG_ERR_STATE : SECAGG_ERR_MESSAGE;

    (void)msg;
    (void)len;
    if (now == SECAGG_PHASE_SHARES || now == SECAGG_PHASE_INPUT)
        ck_assert_int_eq(check_rejected(p, from, other_seed->msg[UP][now][from],
            other_seed->len[UP][now][from]), want);
}

/* Replace one of the two points in KEYS by a point of `whose` KEYS, perhaps by
 * its own other point. */
static void copy_points(party *p, uint32_t from, const uint8_t *msg,
    size_t len, const uint8_t *whose)
{
    uint8_t *changed = party_forge(msg, len, len, from);

    for (size_t to = 80; to <= 112; to += 32)
        for (size_t of = 80; of <= 112; of += 32) {
            memcpy(changed, msg, len);
            memcpy(changed + to, whose + of, 32);
            if (whose != msg || to != of)
                ck_assert_int_eq(check_rejected(p, from, changed, len),
                    SECAGG_ERR_MESSAGE);
        }
    free(changed);
}

static void copy_all_points(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    if (secagg_server_phase(p->server) != SECAGG_PHASE_KEYS)
        return;
    copy_points(p, from, msg, len, msg);
    for (uint32_t i = 0; i < from; i++)
        copy_points(p, from, msg, len, same->msg[UP][0][i]);
}

START_TEST(the_server_rejects_messages_of_other_sessions_phases_and_clients)
{
    record_all();
    run_under_attack(replay_foreign, replay_foreign);
    run_under_attack(replay_others, replay_same);
    run_under_attack(replay_renamed, replay_renamed);
    run_under_attack(replay_seeded, replay_seeded);
    run_under_attack(copy_all_points, NULL);
    free_all();
}
END_TEST

/* Keys that belong to another roster do not open the shares of this one: the
 * server blames their sender. */
START_TEST(the_server_blames_a_client_that_reveals_keys_of_another_run)
{
    const secagg_params params = small_params(N, T, 1);
    uint32_t index;
    secagg_err what, err;
    party p;

    record_all();
    party_init(&p, &params, 3);
    party_input(&p);
    party_run_to(&p, SECAGG_PHASE_UNMASK);
    ck_assert_int_eq(secagg_server_recv(p.server, 1,
        other_seed->msg[UP][SECAGG_PHASE_UNMASK][1],
        other_seed->len[UP][SECAGG_PHASE_UNMASK][1]), SECAGG_OK);
    p.leaves[1] = LEAVES_UNMASK;
    err = party_run(&p);
    ck_assert(err == SECAGG_OK || err == SECAGG_ERR_CHEAT);
    if (err == SECAGG_OK)
        party_check_sum(&p);
    ck_assert_int_eq(secagg_server_blamed(p.server, 0, &index, &what),
        SECAGG_OK);
    ck_assert_uint_eq(index, 1);
    ck_assert_uint_eq(count_blamed(p.server), 1);
    party_free(&p);
    free_all();
}
END_TEST

/* Entries of a planar vector in an INPUT message. */
static void entries_of(uint64_t *out, const transcript *said, uint32_t i)
{
    ck_assert_int_eq(secagg_planar_unpack_u64(out,
        said->msg[UP][SECAGG_PHASE_INPUT][i] + 84, PARTY_LENGTH, PARTY_BITS),
        SECAGG_OK);
}

/* A client can send a copy of another client's masked vector. Then its addend
 * is that vector minus its own masks, and the other addends do not change. */
START_TEST(a_copied_input_changes_only_the_addend_of_its_sender)
{
    const secagg_params params = small_params(N, T, 1);
    uint64_t sum[PARTY_LENGTH], stolen[PARTY_LENGTH], own[PARTY_LENGTH];
    uint8_t *forged;
    size_t len;
    party p;

    record_all();
    party_init(&p, &params, 3);
    party_input(&p);
    party_run_to(&p, SECAGG_PHASE_INPUT);
    free(party_client_send(p.clients[2], &len));
    forged = party_forge(same->msg[UP][SECAGG_PHASE_INPUT][0], len, len, 2);
    ck_assert_int_eq(secagg_server_recv(p.server, 2, forged, len), SECAGG_OK);
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    ck_assert_int_eq(secagg_server_sum_u64(p.server, 0, 0, sum,
        PARTY_LENGTH), SECAGG_OK);
    entries_of(stolen, same, 0);
    entries_of(own, same, 2);
    for (uint64_t e = 0; e < PARTY_LENGTH; e++) {
        uint64_t want = stolen[e] - own[e];
        for (uint32_t i = 0; i < N; i++)
            want += party_entry(i, e);
        ck_assert_uint_eq(sum[e], want & (((uint64_t)1 << PARTY_BITS) - 1));
    }
    free(forged);
    party_free(&p);
    free_all();
}
END_TEST

/* ---- random bytes, and ABORT -------------------------------------------- */

/* A valid header of each type, and a random body of many lengths. */
static void send_random(party *p, uint32_t from, const uint8_t *msg, size_t len)
{
    const size_t max = getenv("SECAGG_LONG") != NULL ? 1200 : 300;
    uint64_t seed = from;

    for (unsigned type = 0; type < 256; type += type < 16 ? 1 : 17)
        for (size_t body = 0; body < max; body += 1 + body / 16) {
            uint8_t *forged = party_forge(msg, len, PARTY_HEADER + body,
                from);
            forged[PARTY_AT_TYPE] = (uint8_t)type;
            prng_bytes(&seed, forged + PARTY_HEADER, body);
            (void)check_rejected(p, from, forged, PARTY_HEADER + body);
            free(forged);
        }
}

static void change_abort(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    uint8_t *abort_msg = party_forge(msg, len, ABORT_BYTES, from);

    abort_msg[PARTY_AT_TYPE] = ABORT_TYPE;
    memset(abort_msg + PARTY_HEADER, 0, ABORT_BYTES - PARTY_HEADER);
    check_shorter_rejected(p, from, abort_msg, ABORT_BYTES);
    check_longer_rejected(p, from, abort_msg, ABORT_BYTES);
    for (size_t bit = 0; bit < 8 * PARTY_HEADER; bit++) {
        abort_msg[bit / 8] = (uint8_t)(abort_msg[bit / 8] ^ 1u << bit % 8);
        (void)check_rejected(p, from, abort_msg, ABORT_BYTES);
        abort_msg[bit / 8] = (uint8_t)(abort_msg[bit / 8] ^ 1u << bit % 8);
    }
    free(abort_msg);
}

START_TEST(the_server_rejects_random_bodies_and_malformed_aborts)
{
    run_under_attack(send_random, NULL);
    run_under_attack(change_abort, change_abort);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_server_rejects_messages_of_other_sessions_phases_and_clients,
        the_server_blames_a_client_that_reveals_keys_of_another_run,
        a_copied_input_changes_only_the_addend_of_its_sender,
        the_server_rejects_random_bodies_and_malformed_aborts };
    return RUN(tests);
}
