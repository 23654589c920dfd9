/* SPDX-License-Identifier: Apache-2.0 */
/* Clients that fall out and what they and the host hear of it (PROTOCOL.md
 * 8.12, 9.2), and keys that are sent anew (8.2). */
#include <string.h>

#include "support/main.h"
#include "support/party.h"
#include "support/util.h"

#define N 7
#define T 4

/* ABORT from the server: STATE for nobody's sake (8.12). */
static const uint8_t out_body[10] = { 0, 11, 0xff, 0xff, 0xff, 0xff };
#define ABORT_LEN (PARTY_HEADER + sizeof out_body)
enum { ABORT_FROM_CLIENT = 11, ABORT_FROM_SERVER = 12 };

static void begin(party *p, int mode)
{
    const secagg_params params = params_of_mode(mode, N, T, 0);

    party_init(p, &params, 8);
    party_input(p);
}

/* The server's message for a client says that it is out. */
static void check_told(party *p, uint32_t i)
{
    size_t len;
    uint8_t *msg = party_server_send(p->server, i, &len);

    ck_assert_uint_eq(len, ABORT_LEN);
    ck_assert_uint_eq(msg[PARTY_AT_TYPE], ABORT_FROM_SERVER);
    ck_assert_uint_eq(msg[PARTY_AT_INDEX + 3], i);
    ck_assert_mem_eq(msg + PARTY_HEADER, out_body, sizeof out_body);
    free(msg);
}

static void check_not_told(party *p, uint32_t i)
{
    size_t len;
    uint8_t *msg = party_server_send(p->server, i, &len);

    ck_assert(msg == NULL || msg[PARTY_AT_TYPE] != ABORT_FROM_SERVER);
    free(msg);
}

/* ---- who is out hears of it --------------------------------------------- */

/* Client 1 is silent from a phase on. It is told after that phase was closed,
 * in each later one and when the session is over; the others never are. */
static void try_told(int mode)
{
    for (int leaves = LEAVES_KEYS; leaves < STAYS; leaves++) {
        party p;
        bool gone = false;
        if (mode == SECAGG_SEMI_HONEST && leaves == LEAVES_CONFIRM)
            continue;
        begin(&p, mode);
        p.leaves[1] = leaves;
        while (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
            gone = (int)secagg_server_phase(p.server) >= leaves;
            OK(party_collect(&p));
            for (uint32_t i = 0; i < N; i++)
                if (i == 1 && gone)
                    check_told(&p, i);
                else
                    check_not_told(&p, i);
            if (secagg_server_phase(p.server) < SECAGG_PHASE_DONE)
                party_deliver(&p);
        }
        ck_assert(gone);
        party_check_sum(&p);
        party_free(&p);
    }
}

START_TEST(a_client_that_was_late_is_told_that_it_is_out)
{
    BOTH_MODES(try_told);
}
END_TEST

/* The client fails for good and sends its own ABORT, which changes nothing. Its
 * vector is as spent as it was. */
static void try_hear(int mode)
{
    for (int phase = SECAGG_PHASE_SHARES; phase <= SECAGG_PHASE_UNMASK;
         phase++) {
        const uint8_t *answer;
        secagg_spent before;
        uint8_t *msg;
        size_t len;
        party p;
        if (mode == SECAGG_SEMI_HONEST && phase == SECAGG_PHASE_CONFIRM)
            continue;
        begin(&p, mode);
        party_run_to(&p, (secagg_phase)phase);
        if (phase == SECAGG_PHASE_INPUT)
            OK(secagg_client_send(p.clients[1], &answer, &len));
        before = secagg_client_spent(p.clients[1]);
        ck_assert_int_eq(before, phase < SECAGG_PHASE_INPUT
            ? SECAGG_SPENT_NOTHING : SECAGG_SPENT_INPUT);
        p.leaves[1] = LEAVES_KEYS; /* what it has made is lost */
        OK(party_collect(&p));
        msg = party_server_send(p.server, 1, &len);
        for (int times = 0; times < 2; times++) {
            ck_assert_int_eq(secagg_client_recv(p.clients[1], msg, len),
                SECAGG_ERR_STATE);
            ck_assert_int_eq(secagg_client_phase(p.clients[1]),
                SECAGG_PHASE_FAILED);
            ck_assert_int_eq(secagg_client_error(p.clients[1]),
                SECAGG_ERR_STATE);
            ck_assert_int_eq(secagg_client_spent(p.clients[1]), before);
        }
        free(msg);
        OK(secagg_client_send(p.clients[1], &answer, &len));
        ck_assert_uint_eq(answer[PARTY_AT_TYPE], ABORT_FROM_CLIENT);
        ck_assert_uint_eq(answer[PARTY_HEADER + 1], 11);
        ck_assert_int_eq(secagg_server_recv(p.server, 1, answer, len),
            SECAGG_ERR_STATE);
        if (secagg_server_phase(p.server) < SECAGG_PHASE_DONE)
            party_deliver(&p);
        OK(party_run(&p));
        party_free(&p);
    }
}

START_TEST(a_client_that_is_told_fails_and_keeps_what_is_spent)
{
    BOTH_MODES(try_hear);
}
END_TEST

START_TEST(a_client_that_is_done_ignores_that_it_is_out)
{
    const uint8_t *answer;
    uint8_t *msg;
    size_t len;
    party p;

    begin(&p, SECAGG_SEMI_HONEST);
    party_run_to(&p, SECAGG_PHASE_UNMASK);
    OK(secagg_client_send(p.clients[1], &answer, &len));
    p.leaves[1] = LEAVES_UNMASK;
    OK(party_collect(&p));
    msg = party_server_send(p.server, 1, &len);
    ck_assert_ptr_nonnull(msg);
    ck_assert_int_eq(secagg_client_recv(p.clients[1], msg, len),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_phase(p.clients[1]), SECAGG_PHASE_DONE);
    free(msg);
    party_free(&p);
}
END_TEST

/* ---- what the host hears ------------------------------------------------ */

static void check_owing(const party *p, uint32_t want)
{
    uint8_t map[3] = { 0xaa, 0xaa, 0xaa };

    ck_assert_int_eq(secagg_server_owing(p->server, map, 0), SECAGG_ERR_SIZE);
    ck_assert_uint_eq(map[0], 0xaa);
    OK(secagg_server_owing(p->server, map, 1));
    ck_assert_uint_eq(map[0], want);
    ck_assert_uint_eq(map[1], 0xaa);
    OK(secagg_server_owing(p->server, map, sizeof map));
    ck_assert_uint_eq(map[0], want);
    ck_assert_uint_eq(map[1] | map[2], 0);
}

static void check_lost(const party *p, uint32_t i, secagg_phase phase,
    secagg_err why)
{
    secagg_phase lost = SECAGG_PHASE_DONE;
    secagg_err error = SECAGG_ERR_CRYPTO;

    OK(secagg_server_lost(p->server, i, &lost, &error));
    ck_assert_int_eq(lost, phase);
    ck_assert_int_eq(error, why);
}

static void check_not_lost(const party *p, uint32_t i)
{
    secagg_phase lost = SECAGG_PHASE_DONE;
    secagg_err error = SECAGG_ERR_CRYPTO;

    ck_assert_int_eq(secagg_server_lost(p->server, i, &lost, &error),
        i < N ? SECAGG_ERR_STATE : SECAGG_ERR_ARG);
    ck_assert_int_eq(lost, SECAGG_PHASE_DONE);
    ck_assert_int_eq(error, SECAGG_ERR_CRYPTO);
}

/* Pass an ABORT with a code to the server. */
static void send_abort(party *p, uint32_t i, uint32_t code)
{
    const uint8_t empty[PARTY_HEADER] = { 0 };
    uint8_t *msg = party_forge(empty, sizeof empty, ABORT_LEN, i);

    msg[1] = 1;
    msg[PARTY_AT_TYPE] = ABORT_FROM_CLIENT;
    msg[5] = p->params.suite == SECAGG_SUITE_CHACHA ? 2 : 1;
    memcpy(msg + 8, p->params.session, sizeof p->params.session);
    msg[31] = (uint8_t)(p->params.round & 255);
    msg[PARTY_HEADER] = (uint8_t)(code >> 8);
    msg[PARTY_HEADER + 1] = (uint8_t)(code & 255);
    OK(secagg_server_recv(p->server, i, msg, ABORT_LEN));
    free(msg);
}

START_TEST(the_host_can_list_who_owes_a_message)
{
    uint8_t *msg;
    size_t len;
    party p;

    begin(&p, SECAGG_SEMI_HONEST);
    check_owing(&p, 0x7f);
    for (uint32_t i = 0; i < 3; i++) {
        msg = party_client_send(p.clients[i], &len);
        OK(secagg_server_recv(p.server, i, msg, len));
        free(msg);
    }
    check_owing(&p, 0x78);
    send_abort(&p, 6, 23);
    check_owing(&p, 0x38);
    ck_assert_uint_eq(secagg_server_pending(p.server), 3);
    for (uint32_t i = 3; i < 6; i++) {
        msg = party_client_send(p.clients[i], &len);
        OK(secagg_server_recv(p.server, i, msg, len));
        free(msg);
    }
    check_owing(&p, 0);
    OK(secagg_server_advance(p.server));
    check_owing(&p, 0x3f);
    ck_assert_int_eq(secagg_server_advance(p.server), SECAGG_ERR_THRESHOLD);
    check_owing(&p, 0);
    party_free(&p);
}
END_TEST

/* One client falls out in each phase, and all others answer. */
static void try_lost(int mode)
{
    static const secagg_phase when[N] = { SECAGG_PHASE_KEYS,
        SECAGG_PHASE_INPUT, SECAGG_PHASE_UNMASK };
    party p;

    begin(&p, mode);
    p.leaves[0] = LEAVES_KEYS;
    p.leaves[1] = LEAVES_INPUT;
    p.leaves[2] = LEAVES_UNMASK;
    while (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
        const secagg_phase phase = secagg_server_phase(p.server);
        for (uint32_t i = 0; i <= N; i++)
            if (i < 3 && when[i] < phase)
                check_lost(&p, i, when[i], SECAGG_OK);
            else
                check_not_lost(&p, i);
        OK(party_collect(&p));
        if (secagg_server_phase(p.server) < SECAGG_PHASE_DONE)
            party_deliver(&p);
    }
    for (uint32_t i = 0; i < 3; i++)
        check_lost(&p, i, when[i], SECAGG_OK);
    ck_assert(secagg_server_includes(p.server, 2)); /* its vector is */
    check_not_lost(&p, 3);
    party_free(&p);
}

START_TEST(the_host_can_ask_when_a_client_fell_out)
{
    BOTH_MODES(try_lost);
}
END_TEST

/* Codes of ABORT: errors of the library, and numbers that name none. */
START_TEST(the_host_can_ask_why_a_client_fell_out)
{
    static const struct {
        uint32_t code;
        secagg_err why;
    } codes[] = { { 23, SECAGG_ERR_THRESHOLD }, { 10, SECAGG_ERR_ARG },
        { 16, SECAGG_ERR_REPEAT }, { 20, SECAGG_ERR_MESSAGE },
        { 24, SECAGG_ERR_CHEAT }, { 30, SECAGG_ERR_MEMORY },
        { 32, SECAGG_ERR_CRYPTO }, { 0, SECAGG_ERR_MESSAGE },
        { 9, SECAGG_ERR_MESSAGE }, { 17, SECAGG_ERR_MESSAGE },
        { 19, SECAGG_ERR_MESSAGE }, { 25, SECAGG_ERR_MESSAGE },
        { 29, SECAGG_ERR_MESSAGE }, { 33, SECAGG_ERR_MESSAGE },
        { 0xffff, SECAGG_ERR_MESSAGE } };

    for (size_t k = 0; k < sizeof codes / sizeof *codes; k++) {
        size_t len;
        uint8_t *msg;
        party p;
        begin(&p, SECAGG_SEMI_HONEST);
        msg = party_client_send(p.clients[1], &len);
        OK(secagg_server_recv(p.server, 1, msg, len));
        free(msg);
        send_abort(&p, 1, codes[k].code); /* after its answer */
        send_abort(&p, 2, codes[k].code);
        p.leaves[1] = p.leaves[2] = LEAVES_KEYS;
        for (uint32_t i = 1; i <= 2; i++)
            check_lost(&p, i, SECAGG_PHASE_KEYS, codes[k].why);
        OK(party_collect(&p));
        for (uint32_t i = 1; i <= 2; i++) {
            check_lost(&p, i, SECAGG_PHASE_KEYS, codes[k].why);
            msg = party_server_send(p.server, i, &len);
            ck_assert_ptr_null(msg); /* it knows */
        }
        party_free(&p);
    }
}
END_TEST

/* The clients that were silent in the last phase get the session's error. */
START_TEST(a_failed_session_tells_who_was_silent)
{
    party p;

    begin(&p, SECAGG_SEMI_HONEST);
    p.leaves[0] = LEAVES_KEYS;
    for (uint32_t i = 1; i <= 3; i++)
        p.leaves[i] = LEAVES_INPUT;
    ck_assert_int_eq(party_run(&p), SECAGG_ERR_THRESHOLD);
    check_lost(&p, 0, SECAGG_PHASE_KEYS, SECAGG_OK);
    check_told(&p, 0);
    for (uint32_t i = 1; i < N; i++) {
        size_t len;
        uint8_t *msg = party_server_send(p.server, i, &len);
        ck_assert_uint_eq(len, ABORT_LEN);
        ck_assert_uint_eq(msg[PARTY_HEADER + 1], 23);
        free(msg);
        if (i <= 3)
            check_lost(&p, i, SECAGG_PHASE_INPUT, SECAGG_OK);
        else
            check_not_lost(&p, i);
    }
    party_free(&p);
}
END_TEST

/* ---- keys that are sent anew -------------------------------------------- */

static secagg_err pass_keys(party *p, uint32_t i)
{
    size_t len;
    uint8_t *msg = party_client_send(p->clients[i], &len);
    const secagg_err err = secagg_server_recv(p->server, i, msg, len);

    free(msg);
    return err;
}

/* In active mode the new client knows the keys of all clients again. */
static void restart(party *p, uint32_t i, uint8_t seed)
{
    uint8_t public_key[SECAGG_PUBLIC_BYTES];
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES];
    const uint8_t bytes[SECAGG_SEED_BYTES] = { seed };

    party_replace(p, i, &p->params, bytes);
    for (uint32_t k = 0; k < N && p->params.mode == SECAGG_ACTIVE; k++) {
        party_identity(k, public_key, secret_key);
        OK(secagg_client_trust(p->clients[i], k, public_key));
    }
}

static void input_of(party *p, uint32_t i)
{
    uint64_t values[PARTY_LENGTH];

    for (uint64_t e = 0; e < PARTY_LENGTH; e++)
        values[e] = party_entry(i, e);
    OK(secagg_client_input_u64(p->clients[i], 0, 0, values, PARTY_LENGTH));
}

/* Clients restart without a saved state, one of them many times, and all of
 * them are in the sum. */
static void try_restart(int mode)
{
    party p;

    begin(&p, mode);
    for (uint32_t i = 0; i < N; i++)
        OK(pass_keys(&p, i));
    for (uint8_t times = 0; times < 5; times++) {
        restart(&p, 2, (uint8_t)(1 + times));
        restart(&p, 4, (uint8_t)(101 + times));
        OK(pass_keys(&p, 2));
        OK(pass_keys(&p, 4));
        ck_assert_uint_eq(secagg_server_pending(p.server), 0);
    }
    input_of(&p, 2);
    input_of(&p, 4);
    OK(secagg_server_advance(p.server));
    party_deliver(&p);
    OK(party_run(&p));
    party_check_sum(&p);
    for (uint32_t i = 0; i < N; i++)
        check_not_lost(&p, i);
    party_free(&p);
}

START_TEST(a_client_that_restarts_in_keys_takes_part_with_its_new_keys)
{
    BOTH_MODES(try_restart);
}
END_TEST

/* The same keys are a repeat; other ones that are not valid change nothing, and
 * the points of another client are not free. After KEYS it is too late. */
static void try_replace(int mode)
{
    uint8_t *first, *second, *others;
    size_t len, other_len;
    party p;

    begin(&p, mode);
    first = party_client_send(p.clients[2], &len);
    OK(secagg_server_recv(p.server, 2, first, len));
    ck_assert_int_eq(secagg_server_recv(p.server, 2, first, len),
        SECAGG_ERR_REPEAT);
    others = party_client_send(p.clients[3], &other_len);
    OK(secagg_server_recv(p.server, 3, others, other_len));
    restart(&p, 2, 9);
    second = party_client_send(p.clients[2], &len);
    second[PARTY_HEADER + 31] ^= 1; /* H_ctx */
    ck_assert_int_eq(secagg_server_recv(p.server, 2, second, len),
        SECAGG_ERR_MESSAGE);
    second[PARTY_HEADER + 31] ^= 1;
    others[PARTY_AT_INDEX + 3] = 2;
    ck_assert_int_eq(secagg_server_recv(p.server, 2, others, other_len),
        SECAGG_ERR_MESSAGE);
    ck_assert_int_eq(secagg_server_recv(p.server, 2, first, len),
        SECAGG_ERR_REPEAT); /* still the one that counts */
    OK(secagg_server_recv(p.server, 2, second, len));
    ck_assert_int_eq(secagg_server_recv(p.server, 2, second, len),
        SECAGG_ERR_REPEAT);
    first[PARTY_AT_INDEX + 3] = 5; /* points that client 2 has given up */
    ck_assert_int_eq(secagg_server_recv(p.server, 5, first, len),
        mode == SECAGG_ACTIVE ? SECAGG_ERR_AUTH : SECAGG_OK);
    for (uint32_t i = 0; i < N; i++)
        if (i != 2 && i != 3 && !secagg_server_answered(p.server, i))
            OK(pass_keys(&p, i));
    OK(secagg_server_advance(p.server));
    first[PARTY_AT_INDEX + 3] = 2;
    ck_assert_int_eq(secagg_server_recv(p.server, 2, first, len),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_server_recv(p.server, 2, second, len),
        SECAGG_ERR_STATE);
    free(first);
    free(second);
    free(others);
    party_free(&p);
}

START_TEST(only_valid_keys_replace_keys_and_only_until_they_are_closed)
{
    BOTH_MODES(try_replace);
}
END_TEST

START_TEST(a_client_that_sent_abort_sends_no_keys_anew)
{
    party p;

    begin(&p, SECAGG_SEMI_HONEST);
    OK(pass_keys(&p, 2));
    send_abort(&p, 2, 23);
    restart(&p, 2, 9);
    ck_assert_int_eq(pass_keys(&p, 2), SECAGG_ERR_STATE);
    party_free(&p);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_client_that_was_late_is_told_that_it_is_out,
        a_client_that_is_told_fails_and_keeps_what_is_spent,
        a_client_that_is_done_ignores_that_it_is_out,
        the_host_can_list_who_owes_a_message,
        the_host_can_ask_when_a_client_fell_out,
        the_host_can_ask_why_a_client_fell_out,
        a_failed_session_tells_who_was_silent,
        a_client_that_restarts_in_keys_takes_part_with_its_new_keys,
        only_valid_keys_replace_keys_and_only_until_they_are_closed,
        a_client_that_sent_abort_sends_no_keys_anew };
    return RUN(tests);
}
