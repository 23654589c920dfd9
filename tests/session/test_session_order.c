/* SPDX-License-Identifier: Apache-2.0 */
/* How a session goes step by step: the same seeds say the same words, a
 * repeat gets the same answer, what comes late or after an ABORT is not taken,
 * and a server tells at each step where it stands. */
#include <stdlib.h>
#include <string.h>

#include "support/main.h"
#include "support/party.h"

#define N 4
#define T 3
#define ABORT_CLIENT 11
#define ABORT_SERVER 12
#define ABORT_BYTES (PARTY_HEADER + 6)
#define PHASES 4

static const secagg_phase phases[PHASES] = { SECAGG_PHASE_KEYS,
    SECAGG_PHASE_SHARES, SECAGG_PHASE_INPUT, SECAGG_PHASE_UNMASK };

static void begin(party *p, uint64_t seed)
{
    const secagg_params params = small_params(N, T, 1);

    party_init(p, &params, seed);
    party_input(p);
}

/* ---- the same again ----------------------------------------------------- */

START_TEST(the_same_seeds_say_the_same_words)
{
    const secagg_params params = small_params(N, T, 1);
    transcript *one = party_record(&params, 1), *two = party_record(&params, 1);
    transcript *other = party_record(&params, 2);
    int spoken = 0;

    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++)
        for (int i = 0; i < N; i++)
            for (int way = UP; way <= DOWN; way++) {
                ck_assert(transcript_same(one, two, way, phase, i));
                if (one->len[way][phase][i] == 0)
                    continue;
                spoken++;
                ck_assert_int_eq(transcript_same(one, other, way, phase, i),
                    way == DOWN && phase == SECAGG_PHASE_UNMASK);
            }
    ck_assert_int_eq(spoken, 7 * N);
    transcript_free(one);
    transcript_free(two);
    transcript_free(other);
}
END_TEST

START_TEST(a_server_says_the_same_until_the_phase_ends)
{
    party p;

    begin(&p, 1);
    while (party_collect(&p) == SECAGG_OK
        && secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
        for (uint32_t i = 0; i < N; i++) {
            size_t len, again_len, other_len;
            uint8_t *msg = party_server_send(p.server, i, &len), *again;
            free(party_server_send(p.server, (i + 1) % N, &other_len));
            again = party_server_send(p.server, i, &again_len);
            ck_assert_uint_eq(len, again_len);
            ck_assert_mem_eq(msg, again, len);
            free(msg);
            free(again);
        }
        party_deliver(&p);
    }
    party_check_sum(&p);
    party_free(&p);
}
END_TEST

START_TEST(a_new_handle_with_the_same_seed_says_the_same_keys)
{
    const secagg_params params = small_params(N, T, 1);
    transcript *said = party_record(&params, 1);
    party p;

    begin(&p, 1);
    for (uint32_t i = 0; i < N; i++) {
        size_t len;
        uint8_t *keys = party_client_send(p.clients[i], &len);
        ck_assert_uint_eq(len, said->len[UP][SECAGG_PHASE_KEYS][i]);
        ck_assert_mem_eq(keys, said->msg[UP][SECAGG_PHASE_KEYS][i], len);
        free(keys);
    }
    party_free(&p);
    transcript_free(said);
}
END_TEST

/* ---- repeats ------------------------------------------------------------ */

/* The message that a client accepted last, once more: the same answer. */
static void repeat(party *p, uint32_t i, const uint8_t *heard, size_t len)
{
    const secagg_phase phase = secagg_client_phase(p->clients[i]);
    size_t said_len, again_len;
    uint8_t *said, *again;

    ck_assert_int_eq(secagg_client_recv(p->clients[i], heard, len),
        SECAGG_OK);
    ck_assert_int_eq(secagg_client_phase(p->clients[i]), phase);
    said = party_client_send(p->clients[i], &said_len);
    ck_assert_ptr_nonnull(said);
    ck_assert_ptr_null(party_client_send(p->clients[i], &again_len));
    for (int k = 0; k < 2; k++) {
        ck_assert_int_eq(secagg_client_recv(p->clients[i], heard, len),
            SECAGG_OK);
        again = party_client_send(p->clients[i], &again_len);
        ck_assert_uint_eq(said_len, again_len);
        ck_assert_mem_eq(said, again, said_len);
        free(again);
    }
    ck_assert_int_eq(secagg_server_recv(p->server, i, said, said_len),
        SECAGG_OK);
    ck_assert_int_eq(secagg_server_recv(p->server, i, said, said_len),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_recv(p->clients[i], heard, len),
        SECAGG_OK);
    free(said);
}

START_TEST(a_repeat_gets_the_same_answer)
{
    party p;

    begin(&p, 3);
    ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    while (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
        party_deliver(&p);
        for (uint32_t i = 0; i < N; i++) {
            size_t len;
            uint8_t *heard = party_server_send(p.server, i, &len);
            repeat(&p, i, heard, len);
            free(heard);
        }
        ck_assert_uint_eq(secagg_server_pending(p.server), 0);
        ck_assert_int_eq(secagg_server_advance(p.server), SECAGG_OK);
    }
    party_check_sum(&p);
    ck_assert_int_eq(secagg_client_phase(p.clients[0]), SECAGG_PHASE_DONE);
    party_free(&p);
}
END_TEST

/* A second roster, relay or set of survivors is not a repeat. */
START_TEST(another_message_of_a_past_phase_changes_nothing)
{
    const secagg_params params = small_params(N, T, 1);
    transcript *other = party_record(&params, 4);
    party p;

    begin(&p, 3);
    ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    while (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
        const secagg_phase now = secagg_server_phase(p.server);
        party_deliver(&p);
        for (int phase = SECAGG_PHASE_SHARES; phase <= (int)now; phase++) {
            uint8_t *msg = other->msg[DOWN][phase][1];
            if (msg == NULL)
                continue;
            msg[other->len[DOWN][phase][1] - 1] ^= 1;
            ck_assert_int_eq(secagg_client_recv(p.clients[1], msg,
                other->len[DOWN][phase][1]), SECAGG_ERR_STATE);
            ck_assert_int_eq(secagg_client_phase(p.clients[1]), now);
        }
        ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    }
    party_check_sum(&p);
    party_free(&p);
    transcript_free(other);
}
END_TEST

/* ---- late --------------------------------------------------------------- */

/* A client whose message of a phase comes after its end is out, whatever it
 * does later; the rest is as if it had dropped out. */
static void try_late(secagg_phase phase, int leaves)
{
    uint8_t *late;
    size_t len;
    party p;

    begin(&p, 5);
    party_run_to(&p, phase);
    late = party_client_send(p.clients[3], &len);
    ck_assert_ptr_nonnull(late);
    ck_assert_uint_eq(secagg_server_pending(p.server), N);
    p.leaves[3] = leaves;
    ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    while (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
        ck_assert_int_eq(secagg_server_recv(p.server, 3, late, len),
            SECAGG_ERR_STATE);
        ck_assert_int_eq(secagg_server_includes(p.server, 3), false);
        ck_assert_ptr_null(party_server_send(p.server, 3, &(size_t){ 0 }));
        p.leaves[3] = LEAVES_KEYS;
        party_deliver(&p);
        ck_assert_uint_eq(secagg_server_pending(p.server), N - 1);
        ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    }
    ck_assert_int_eq(secagg_server_recv(p.server, 3, late, len),
        SECAGG_ERR_STATE);
    p.leaves[3] = leaves;
    party_check_sum(&p);
    party_free(&p);
    free(late);
}

START_TEST(what_comes_late_is_not_taken)
{
    for (int k = 0; k < PHASES; k++)
        try_late(phases[k], party_dropouts[k]);
}
END_TEST

/* ---- ABORT from a client ------------------------------------------------ */

/* An ABORT in the name of a client, from any message of it. */
static void abort_from(party *p, uint32_t i, secagg_err want)
{
    uint8_t head[ABORT_BYTES] = { 0 }, *msg;
    const secagg_params params = small_params(N, T, 1);
    transcript *said = party_record(&params, 6);

    memcpy(head, said->msg[UP][SECAGG_PHASE_KEYS][i], PARTY_HEADER);
    head[PARTY_AT_TYPE] = ABORT_CLIENT;
    msg = party_forge(head, sizeof head, sizeof head, i);
    ck_assert_int_eq(secagg_server_recv(p->server, i, msg, sizeof head),
        want);
    free(msg);
    transcript_free(said);
}

static void abort_before(secagg_phase phase, int leaves)
{
    uint8_t *msg;
    size_t len;
    party p;

    begin(&p, 6);
    party_run_to(&p, phase);
    abort_from(&p, 1, SECAGG_OK);
    ck_assert_uint_eq(secagg_server_pending(p.server), N - 1);
    ck_assert(!secagg_server_answered(p.server, 1));
    if (phase != SECAGG_PHASE_UNMASK)
        ck_assert(!secagg_server_includes(p.server, 1));
    abort_from(&p, 1, SECAGG_ERR_STATE);
    msg = party_client_send(p.clients[1], &len);
    ck_assert_int_eq(secagg_server_recv(p.server, 1, msg, len),
        SECAGG_ERR_STATE);
    free(msg);
    p.leaves[1] = leaves;
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    party_check_sum(&p);
    party_free(&p);
}

/* What was accepted stands; from the next phase on the client is out. */
static void abort_after(secagg_phase phase, int leaves)
{
    uint8_t *msg;
    size_t len;
    party p;

    begin(&p, 6);
    party_run_to(&p, phase);
    msg = party_client_send(p.clients[1], &len);
    ck_assert_int_eq(secagg_server_recv(p.server, 1, msg, len), SECAGG_OK);
    free(msg);
    abort_from(&p, 1, SECAGG_OK);
    abort_from(&p, 1, SECAGG_ERR_STATE);
    ck_assert_uint_eq(secagg_server_pending(p.server), N - 1);
    ck_assert(secagg_server_answered(p.server, 1));
    p.leaves[1] = leaves;
    ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    if (phase != SECAGG_PHASE_UNMASK) {
        ck_assert_ptr_null(party_server_send(p.server, 1, &len));
        ck_assert_uint_eq(secagg_server_pending(p.server), N - 1);
        p.leaves[1] = LEAVES_KEYS;
        party_deliver(&p);
        p.leaves[1] = leaves;
        ck_assert_int_eq(party_run(&p), SECAGG_OK);
    }
    party_check_sum(&p);
    party_free(&p);
}

START_TEST(an_abort_before_its_message_is_a_dropout_at_once)
{
    for (int k = 0; k < PHASES; k++)
        abort_before(phases[k], party_dropouts[k]);
}
END_TEST

START_TEST(an_abort_after_its_message_counts_from_the_next_phase)
{
    for (int k = 0; k < PHASES; k++)
        abort_after(phases[k], party_dropouts[k + 1]);
}
END_TEST

/* ---- ABORT from the server ---------------------------------------------- */

/* It carries the error, and the client has failed with it. */
static void hear_abort(party *p, uint32_t i)
{
    uint8_t *msg;
    size_t len;

    msg = party_server_send(p->server, i, &len);
    ck_assert_ptr_nonnull(msg);
    ck_assert_uint_eq(len, ABORT_BYTES);
    ck_assert_uint_eq(msg[PARTY_AT_TYPE], ABORT_SERVER);
    ck_assert_int_eq(secagg_client_recv(p->clients[i], msg, len),
        SECAGG_ERR_THRESHOLD);
    ck_assert_int_eq(secagg_client_phase(p->clients[i]), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_client_error(p->clients[i]), SECAGG_ERR_THRESHOLD);
    free(msg);
}

/* Client 0 is lost in the first phase, 1 and 2 fall silent in this one. Once
 * it has opened its shares a client is done, and hears nothing. */
static void try_failure(secagg_phase phase, int leaves)
{
    const secagg_params params = small_params(5, 3, 0);
    char why[100];
    party p;

    party_init(&p, &params, 7);
    party_input(&p);
    p.leaves[0] = LEAVES_KEYS;
    party_run_to(&p, phase);
    p.leaves[1] = p.leaves[2] = leaves;
    ck_assert_int_eq(party_collect(&p), SECAGG_ERR_THRESHOLD);
    ck_assert_int_eq(secagg_server_phase(p.server), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_server_error(p.server, why, sizeof why),
        SECAGG_ERR_THRESHOLD);
    ck_assert_ptr_nonnull(strchr(why, '2')); /* who are left */
    ck_assert_ptr_nonnull(strchr(why, '3')); /* who are needed */
    ck_assert_uint_eq(secagg_server_pending(p.server), 0);
    ck_assert_int_eq(secagg_server_advance(p.server), SECAGG_ERR_STATE);
    for (uint32_t i = 1; i < 5; i++)
        if (phase != SECAGG_PHASE_UNMASK || i < 3)
            hear_abort(&p, i);
    if (phase != SECAGG_PHASE_KEYS)
        ck_assert_ptr_null(party_server_send(p.server, 0, &(size_t){ 0 }));
    party_free(&p);
}

START_TEST(a_session_that_fails_tells_all_that_were_in)
{
    for (int k = 0; k < PHASES; k++)
        try_failure(phases[k], party_dropouts[k]);
}
END_TEST

/* ---- where the server stands -------------------------------------------- */

static void check_stand(const party *p, secagg_phase phase, uint32_t spoke)
{
    const int step = phase == SECAGG_PHASE_UNMASK ? 3 : (int)phase;
    uint32_t pending = 0;
    char why[10] = "full";

    ck_assert_int_eq(secagg_server_phase(p->server), phase);
    ck_assert_int_eq(secagg_server_error(p->server, why, sizeof why),
        SECAGG_OK);
    ck_assert_str_eq(why, "");
    for (uint32_t i = 0; i < p->params.clients; i++) {
        const bool in = p->leaves[i] >= step;
        const bool answered = p->leaves[i] > step && i < spoke;
        ck_assert_int_eq(secagg_server_includes(p->server, i), in);
        ck_assert_int_eq(secagg_server_answered(p->server, i), answered);
        pending += in && !answered;
    }
    ck_assert_uint_eq(secagg_server_pending(p->server), pending);
    ck_assert(!secagg_server_includes(p->server, p->params.clients));
    ck_assert(!secagg_server_answered(p->server, UINT32_MAX));
    ck_assert_uint_eq(secagg_server_survivors(p->server), 0);
}

/* One client drops out before each message; the server is asked after each
 * that comes. */
START_TEST(a_server_tells_where_it_stands)
{
    const secagg_params params = small_params(7, 4, 0);
    party p;

    party_init(&p, &params, 8);
    party_input(&p);
    for (int i = 0; i < 3; i++)
        p.leaves[2 * i] = LEAVES_KEYS + i;
    for (int k = 0; k < PHASES; k++) {
        check_stand(&p, phases[k], 0);
        for (uint32_t i = 0; i < 7; i++) {
            size_t len;
            uint8_t *msg = p.leaves[i] > LEAVES_KEYS + k
                ? party_client_send(p.clients[i], &len) : NULL;
            if (msg != NULL)
                ck_assert_int_eq(secagg_server_recv(p.server, i, msg, len),
                    SECAGG_OK);
            free(msg);
            check_stand(&p, phases[k], i + 1);
        }
        ck_assert_int_eq(secagg_server_advance(p.server), SECAGG_OK);
        if (k + 1 < PHASES)
            party_deliver(&p);
    }
    ck_assert_uint_eq(secagg_server_pending(p.server), 0);
    party_check_sum(&p);
    party_free(&p);
}
END_TEST

/* ---- the end at any point ----------------------------------------------- */

/* Spend one step; false where none is left. */
static bool may(int *steps)
{
    return (*steps)-- > 0;
}

/* Let `steps` calls happen; true where the session ended before. */
static bool go(party *p, int steps)
{
    while (secagg_server_phase(p->server) < SECAGG_PHASE_DONE) {
        for (uint32_t i = 0; i < N; i++) {
            size_t len;
            uint8_t *msg = may(&steps) ? party_client_send(p->clients[i], &len)
                                       : NULL;
            const bool on = msg != NULL && may(&steps);
            if (on)
                ck_assert_int_eq(secagg_server_recv(p->server, i, msg, len),
                    SECAGG_OK);
            free(msg);
            if (!on)
                return false;
        }
        if (!may(&steps))
            return false;
        ck_assert_int_eq(secagg_server_advance(p->server), SECAGG_OK);
        if (secagg_server_phase(p->server) < SECAGG_PHASE_DONE)
            party_deliver(p);
    }
    return true;
}

/* What was not released, or twice, is for the sanitizer and valgrind. */
START_TEST(handles_may_be_released_at_any_point)
{
    bool over = false;
    int steps = 0;

    for (; !over; steps++) {
        party p;
        begin(&p, 9);
        over = go(&p, steps);
        party_free(&p);
    }
    ck_assert_int_gt(steps, 4 * (2 * N + 1));
    secagg_client_free(NULL);
    secagg_server_free(NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { the_same_seeds_say_the_same_words,
        a_server_says_the_same_until_the_phase_ends,
        a_new_handle_with_the_same_seed_says_the_same_keys,
        a_repeat_gets_the_same_answer,
        another_message_of_a_past_phase_changes_nothing,
        what_comes_late_is_not_taken,
        an_abort_before_its_message_is_a_dropout_at_once,
        an_abort_after_its_message_counts_from_the_next_phase,
        a_session_that_fails_tells_all_that_were_in,
        a_server_tells_where_it_stands,
        handles_may_be_released_at_any_point };
    return RUN(tests);
}
