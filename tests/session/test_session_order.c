/* SPDX-License-Identifier: Apache-2.0 */
/* The order of messages in a session: equal seeds give equal messages, a
 * repeated message gets the same answer, the server rejects messages that
 * arrive late or after an ABORT, and its getters are right at each step. */
#include <stdlib.h>
#include <string.h>

#include "support/main.h"
#include "support/party.h"

#define N 4
#define T 3
#define ABORT_CLIENT 11
#define ABORT_SERVER 12
#define ABORT_BYTES (PARTY_HEADER + 10)
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

START_TEST(the_same_seeds_produce_the_same_messages)
{
    const secagg_params params = small_params(N, T, 1);
    transcript *one = party_record(&params, 1), *two = party_record(&params, 1);
    transcript *other = party_record(&params, 2);
    int sent = 0;

    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++)
        for (int i = 0; i < N; i++)
            for (int way = UP; way <= DOWN; way++) {
                ck_assert(transcript_same(one, two, way, phase, i));
                if (one->len[way][phase][i] == 0)
                    continue;
                sent++;
                ck_assert_int_eq(transcript_same(one, other, way, phase, i),
                    way == DOWN && phase == SECAGG_PHASE_UNMASK);
            }
    ck_assert_int_eq(sent, 7 * N);
    transcript_free(one);
    transcript_free(two);
    transcript_free(other);
}
END_TEST

START_TEST(the_server_sends_the_same_messages_until_the_phase_is_closed)
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

START_TEST(a_new_client_with_the_same_seed_sends_the_same_keys)
{
    const secagg_params params = small_params(N, T, 1);
    transcript *record = party_record(&params, 1);
    party p;

    begin(&p, 1);
    for (uint32_t i = 0; i < N; i++) {
        size_t len;
        uint8_t *keys = party_client_send(p.clients[i], &len);
        ck_assert_uint_eq(len, record->len[UP][SECAGG_PHASE_KEYS][i]);
        ck_assert_mem_eq(keys, record->msg[UP][SECAGG_PHASE_KEYS][i], len);
        free(keys);
    }
    party_free(&p);
    transcript_free(record);
}
END_TEST

/* ---- repeats ------------------------------------------------------------ */

/* The client receives its last message again: it sends the same answer, which
 * the server accepts once. */
static void repeat(party *p, uint32_t i, const uint8_t *msg, size_t len)
{
    const secagg_phase phase = secagg_client_phase(p->clients[i]);
    size_t answer_len, again_len;
    uint8_t *answer, *again;

    ck_assert_int_eq(secagg_client_recv(p->clients[i], msg, len),
        SECAGG_OK);
    ck_assert_int_eq(secagg_client_phase(p->clients[i]), phase);
    answer = party_client_send(p->clients[i], &answer_len);
    ck_assert_ptr_nonnull(answer);
    ck_assert_ptr_null(party_client_send(p->clients[i], &again_len));
    for (int k = 0; k < 2; k++) {
        ck_assert_int_eq(secagg_client_recv(p->clients[i], msg, len),
            SECAGG_OK);
        again = party_client_send(p->clients[i], &again_len);
        ck_assert_uint_eq(answer_len, again_len);
        ck_assert_mem_eq(answer, again, answer_len);
        free(again);
    }
    ck_assert_int_eq(secagg_server_recv(p->server, i, answer, answer_len),
        SECAGG_OK);
    ck_assert_int_eq(secagg_server_recv(p->server, i, answer, answer_len),
        SECAGG_ERR_REPEAT);
    ck_assert_int_eq(secagg_client_recv(p->clients[i], msg, len),
        SECAGG_OK);
    free(answer);
}

START_TEST(a_client_answers_a_repeated_message_with_the_same_bytes)
{
    party p;

    begin(&p, 3);
    ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    while (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
        party_deliver(&p);
        for (uint32_t i = 0; i < N; i++) {
            size_t len;
            uint8_t *msg = party_server_send(p.server, i, &len);
            repeat(&p, i, msg, len);
            free(msg);
        }
        ck_assert_uint_eq(secagg_server_pending(p.server), 0);
        ck_assert_int_eq(secagg_server_advance(p.server), SECAGG_OK);
    }
    party_check_sum(&p);
    ck_assert_int_eq(secagg_client_phase(p.clients[0]), SECAGG_PHASE_DONE);
    party_free(&p);
}
END_TEST

/* A ROSTER, RELAY or SURVIVORS that differs from the accepted one is not a
 * repeat. */
START_TEST(a_client_rejects_another_message_of_a_past_phase)
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

/* The server tells a client that was late that it is out. */
static void check_told_out(party *p, uint32_t i)
{
    size_t len;
    uint8_t *msg = party_server_send(p->server, i, &len);

    ck_assert_ptr_nonnull(msg);
    ck_assert_uint_eq(msg[PARTY_AT_TYPE], ABORT_SERVER);
    ck_assert_uint_eq(msg[PARTY_HEADER + 1], 11); /* STATE */
    free(msg);
}

/* The message of client 3 arrives after its phase was closed: the client has
 * dropped out, whatever it sends later. */
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
        check_told_out(&p, 3);
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

START_TEST(the_server_rejects_a_message_of_a_closed_phase)
{
    for (int k = 0; k < PHASES; k++)
        try_late(phases[k], party_dropouts[k]);
}
END_TEST

/* ---- ABORT from a client ------------------------------------------------ */

/* Send the server an ABORT of this client. */
static void send_abort(party *p, uint32_t i, secagg_err want)
{
    uint8_t head[ABORT_BYTES] = { 0 }, *msg;
    const secagg_params params = small_params(N, T, 1);
    transcript *record = party_record(&params, 6);

    memcpy(head, record->msg[UP][SECAGG_PHASE_KEYS][i], PARTY_HEADER);
    head[PARTY_AT_TYPE] = ABORT_CLIENT;
    msg = party_forge(head, sizeof head, sizeof head, i);
    ck_assert_int_eq(secagg_server_recv(p->server, i, msg, sizeof head),
        want);
    free(msg);
    transcript_free(record);
}

static void abort_before(secagg_phase phase, int leaves)
{
    uint8_t *msg;
    size_t len;
    party p;

    begin(&p, 6);
    party_run_to(&p, phase);
    send_abort(&p, 1, SECAGG_OK);
    ck_assert_uint_eq(secagg_server_pending(p.server), N - 1);
    ck_assert(!secagg_server_answered(p.server, 1));
    if (phase != SECAGG_PHASE_UNMASK)
        ck_assert(!secagg_server_includes(p.server, 1));
    send_abort(&p, 1, SECAGG_ERR_STATE);
    msg = party_client_send(p.clients[1], &len);
    ck_assert_int_eq(secagg_server_recv(p.server, 1, msg, len),
        SECAGG_ERR_STATE);
    free(msg);
    p.leaves[1] = leaves;
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    party_check_sum(&p);
    party_free(&p);
}

/* The accepted message remains valid; from the next phase on the client has
 * dropped out. */
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
    send_abort(&p, 1, SECAGG_OK);
    send_abort(&p, 1, SECAGG_ERR_STATE);
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

START_TEST(a_client_that_aborts_before_its_message_drops_out_at_once)
{
    for (int k = 0; k < PHASES; k++)
        abort_before(phases[k], party_dropouts[k]);
}
END_TEST

START_TEST(a_client_that_aborts_after_its_message_drops_out_next_phase)
{
    for (int k = 0; k < PHASES; k++)
        abort_after(phases[k], party_dropouts[k + 1]);
}
END_TEST

/* ---- ABORT from the server ---------------------------------------------- */

/* The server's ABORT names the error, and the client fails with it. */
static void check_server_abort(party *p, uint32_t i)
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

/* Client 0 drops out in the first phase, 1 and 2 in this one. Each client that
 * is still in the session receives the ABORT, but not client 0, nor one that
 * has opened its shares and is done. */
static void try_failure(secagg_phase phase, int leaves)
{
    const secagg_params params = small_params(5, 3, 0);
    char reason[100];
    party p;

    party_init(&p, &params, 7);
    party_input(&p);
    p.leaves[0] = LEAVES_KEYS;
    party_run_to(&p, phase);
    p.leaves[1] = p.leaves[2] = leaves;
    ck_assert_int_eq(party_collect(&p), SECAGG_ERR_THRESHOLD);
    ck_assert_int_eq(secagg_server_phase(p.server), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_server_error(p.server, reason, sizeof reason),
        SECAGG_ERR_THRESHOLD);
    ck_assert_ptr_nonnull(strchr(reason, '2')); /* clients left */
    ck_assert_ptr_nonnull(strchr(reason, '3')); /* clients needed */
    ck_assert_uint_eq(secagg_server_pending(p.server), 0);
    ck_assert_int_eq(secagg_server_advance(p.server), SECAGG_ERR_STATE);
    for (uint32_t i = 1; i < 5; i++)
        if (phase != SECAGG_PHASE_UNMASK || i < 3)
            check_server_abort(&p, i);
    if (phase != SECAGG_PHASE_KEYS)
        check_told_out(&p, 0);
    party_free(&p);
}

START_TEST(the_server_sends_abort_to_all_clients_of_a_failed_session)
{
    for (int k = 0; k < PHASES; k++)
        try_failure(phases[k], party_dropouts[k]);
}
END_TEST

/* ---- getters of the server ---------------------------------------------- */

/* Check all getters in a phase in which the clients before `sent` have sent
 * their messages. */
static void check_state(const party *p, secagg_phase phase, uint32_t sent)
{
    const int step = phase == SECAGG_PHASE_UNMASK ? 3 : (int)phase;
    uint32_t pending = 0;
    char reason[10] = "full";

    ck_assert_int_eq(secagg_server_phase(p->server), phase);
    ck_assert_int_eq(secagg_server_error(p->server, reason, sizeof reason),
        SECAGG_OK);
    ck_assert_str_eq(reason, "");
    for (uint32_t i = 0; i < p->params.clients; i++) {
        const bool in = p->leaves[i] >= step;
        const bool answered = p->leaves[i] > step && i < sent;
        ck_assert_int_eq(secagg_server_includes(p->server, i), in);
        ck_assert_int_eq(secagg_server_answered(p->server, i), answered);
        pending += in && !answered;
    }
    ck_assert_uint_eq(secagg_server_pending(p->server), pending);
    ck_assert(!secagg_server_includes(p->server, p->params.clients));
    ck_assert(!secagg_server_answered(p->server, UINT32_MAX));
    ck_assert_uint_eq(secagg_server_survivors(p->server), 0);
}

/* One client drops out in each of the first three phases; the getters are
 * checked after each message. */
START_TEST(the_server_reports_its_state_after_each_message)
{
    const secagg_params params = small_params(7, 4, 0);
    party p;

    party_init(&p, &params, 8);
    party_input(&p);
    for (int i = 0; i < 3; i++)
        p.leaves[2 * i] = LEAVES_KEYS + i;
    for (int k = 0; k < PHASES; k++) {
        check_state(&p, phases[k], 0);
        for (uint32_t i = 0; i < 7; i++) {
            size_t len;
            uint8_t *msg = p.leaves[i] > LEAVES_KEYS + k
                ? party_client_send(p.clients[i], &len) : NULL;
            if (msg != NULL)
                ck_assert_int_eq(secagg_server_recv(p.server, i, msg, len),
                    SECAGG_OK);
            free(msg);
            check_state(&p, phases[k], i + 1);
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

/* ---- freeing handles at any point --------------------------------------- */

/* Use one step; returns false if none is left. */
static bool use_step(int *steps)
{
    return (*steps)-- > 0;
}

/* Make at most `steps` calls; returns whether the session ended before. */
static bool run_steps(party *p, int steps)
{
    while (secagg_server_phase(p->server) < SECAGG_PHASE_DONE) {
        for (uint32_t i = 0; i < N; i++) {
            size_t len;
            uint8_t *msg = use_step(&steps) ? party_client_send(p->clients[i],
                &len)
                                       : NULL;
            const bool on = msg != NULL && use_step(&steps);
            if (on)
                ck_assert_int_eq(secagg_server_recv(p->server, i, msg, len),
                    SECAGG_OK);
            free(msg);
            if (!on)
                return false;
        }
        if (!use_step(&steps))
            return false;
        ck_assert_int_eq(secagg_server_advance(p->server), SECAGG_OK);
        if (secagg_server_phase(p->server) < SECAGG_PHASE_DONE)
            party_deliver(p);
    }
    return true;
}

/* The sanitizers and valgrind report memory that leaks or is freed twice. */
START_TEST(handles_can_be_freed_at_any_point)
{
    bool over = false;
    int steps = 0;

    for (; !over; steps++) {
        party p;
        begin(&p, 9);
        over = run_steps(&p, steps);
        party_free(&p);
    }
    ck_assert_int_gt(steps, 4 * (2 * N + 1));
    secagg_client_free(NULL);
    secagg_server_free(NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { the_same_seeds_produce_the_same_messages,
        the_server_sends_the_same_messages_until_the_phase_is_closed,
        a_new_client_with_the_same_seed_sends_the_same_keys,
        a_client_answers_a_repeated_message_with_the_same_bytes,
        a_client_rejects_another_message_of_a_past_phase,
        the_server_rejects_a_message_of_a_closed_phase,
        a_client_that_aborts_before_its_message_drops_out_at_once,
        a_client_that_aborts_after_its_message_drops_out_next_phase,
        the_server_sends_abort_to_all_clients_of_a_failed_session,
        the_server_reports_its_state_after_each_message,
        handles_can_be_freed_at_any_point };
    return RUN(tests);
}
