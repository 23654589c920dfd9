/* SPDX-License-Identifier: Apache-2.0 */
/* The attacks of the threat table that a session withstands, by number; those
 * on survivors and partners (A1, A2, A22) are in test_equivocation.c, on shares
 * (A11, A12, A21) in test_cheating_client.c and test_complaints.c. Each says
 * what a victim could learn or lose, and holds that it does not. */
#include <stdlib.h>
#include <string.h>

#include "support/cheating_client.h"
#include "support/invalid_points.h"
#include "support/main.h"

#define N 5
#define T 4
#define VICTIM 2

static void begin(party *p, int mode, secagg_phase phase)
{
    const secagg_params params = params_of_mode(mode, N, T, 1);

    party_init(p, &params, 81);
    party_input(p);
    party_open_phase(p, phase);
}

/* Entry i of a ROSTER to a client of this mode. */
static size_t entry(int mode, uint32_t i)
{
    return 120 + (mode == SECAGG_ACTIVE ? 166 : 68) * (size_t)i;
}

/* The victim refused, and the others finish without it. */
static void finish_without(party *p, secagg_err why)
{
    ck_assert_int_eq(secagg_client_error(p->clients[VICTIM]), why);
    ck_assert_int_eq(secagg_client_phase(p->clients[VICTIM]),
        SECAGG_PHASE_FAILED);
    p->leaves[VICTIM] = LEAVES_KEYS;
    party_deliver(p);
    OK(party_run(p));
    party_check_sum(p);
    party_free(p);
}

/* ---- A3: keys of the server's ------------------------------------------- */

/* The server puts itself between the victim and client 0, with points of its
 * own and a root that fits. It would open what client 0 deals to the victim.
 * In active mode the signature gives it away; in semi-honest mode the roster
 * hash is another, so that nothing that the others deal opens. */
static void try_middle(int mode)
{
    const secagg_params params = params_of_mode(mode, N, T, 1);
    transcript *other = party_record(&params, 82);
    uint8_t *msg, *shares;
    size_t len;
    party p;

    begin(&p, mode, SECAGG_PHASE_SHARES);
    msg = party_server_send(p.server, VICTIM, &len);
    memcpy(msg + entry(mode, 0) + 4,
        other->msg[UP][SECAGG_PHASE_KEYS][0] + 80, 64);
    update_roster_root(&p, msg, len);
    ck_assert_int_eq(party_client_recv(&p, VICTIM, msg, len),
        mode == SECAGG_ACTIVE ? SECAGG_ERR_AUTH : SECAGG_OK);
    free(msg);
    if (mode == SECAGG_ACTIVE) {
        finish_without(&p, SECAGG_ERR_AUTH);
        transcript_free(other);
        return;
    }
    shares = party_client_send(p.clients[VICTIM], &len);
    ck_assert_int_eq(secagg_server_recv(p.server, VICTIM, shares, len),
        SECAGG_ERR_MESSAGE);
    free(shares);
    p.leaves[VICTIM] = LEAVES_KEYS; /* it has heard */
    party_deliver(&p);
    OK(party_run(&p));
    p.leaves[VICTIM] = LEAVES_SHARES;
    party_check_sum(&p);
    party_free(&p);
    transcript_free(other);
}

START_TEST(a3_keys_of_a_server_between_two_clients_open_nothing)
{
    BOTH_MODES(try_middle);
}
END_TEST

/* The same, and the server goes on against the victim: what the others dealt
 * is relayed to it. It holds shares of nobody and leaves before its input. */
START_TEST(a3_a_client_with_another_roster_leaves_before_its_input)
{
    const secagg_params params = small_params(N, T, 1);
    transcript *other = party_record(&params, 82),
        *same = party_record(&params, 81);
    uint8_t *msg;
    size_t len;
    party p;

    begin(&p, SECAGG_SEMI_HONEST, SECAGG_PHASE_SHARES);
    msg = party_server_send(p.server, VICTIM, &len);
    memcpy(msg + entry(SECAGG_SEMI_HONEST, 0) + 4,
        other->msg[UP][SECAGG_PHASE_KEYS][0] + 80, 64);
    update_roster_root(&p, msg, len);
    OK(party_client_recv(&p, VICTIM, msg, len));
    free(msg);
    free(party_client_send(p.clients[VICTIM], &len));
    ck_assert_int_eq(party_client_recv(&p, VICTIM,
        same->msg[DOWN][SECAGG_PHASE_INPUT][VICTIM],
        same->len[DOWN][SECAGG_PHASE_INPUT][VICTIM]), SECAGG_ERR_THRESHOLD);
    transcript_free(other);
    transcript_free(same);
    party_free(&p);
}
END_TEST

/* ---- A4: clients that are none ------------------------------------------ */

/* A server that invents clients has no signatures that the victim trusts: see
 * a_stranger_in_the_roster_ends_it_for_its_reader. What is left to a policy:
 * active mode, and a number of colluders. */
START_TEST(a4_a_client_may_insist_on_active_mode)
{
    secagg_params params = small_params(N, T, 1);
    secagg_policy policy = SECAGG_POLICY_INIT;
    secagg_client *client = NULL;

    policy.min_corrupt = 0.2;
    policy.require_active = 1;
    ck_assert_int_eq(secagg_client_new(&client, &params, 0, &policy),
        SECAGG_ERR_POLICY);
    params.mode = SECAGG_ACTIVE;
    OK(secagg_client_new(&client, &params, 0, &policy));
    secagg_client_free(client);
    client = NULL;
    params.corrupt = 0;
    ck_assert_int_eq(secagg_client_new(&client, &params, 0, &policy),
        SECAGG_ERR_POLICY);
    ck_assert_ptr_null(client);
}
END_TEST

/* ---- A5: what was said elsewhere ---------------------------------------- */

/* All words of the same clients from another round, another session and
 * another run of this one are offered before the good message. A signature of
 * then would confirm another set now. */
static void offer(party *p, uint32_t i, const transcript *said, bool strange)
{
    const secagg_phase now = secagg_server_phase(p->server);

    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++) {
        const uint8_t *msg = said->msg[UP][phase][i];
        secagg_err err;
        if (msg == NULL || (!strange && (phase != (int)now
                    || now == SECAGG_PHASE_KEYS)))
            continue;
        err = secagg_server_recv(p->server, i, msg,
            said->len[UP][phase][i]);
        ck_assert_int_eq(err, strange ? SECAGG_ERR_MESSAGE
            : now == SECAGG_PHASE_CONFIRM ? SECAGG_ERR_AUTH
                                          : SECAGG_ERR_MESSAGE);
    }
}

static void try_replays(int mode)
{
    secagg_params params = params_of_mode(mode, N, T, 1);
    transcript *run = party_record(&params, 83), *round, *session;
    party p;

    params.round++;
    round = party_record(&params, 81);
    params.round--;
    params.session[3] ^= 1;
    session = party_record(&params, 81);
    begin(&p, mode, SECAGG_PHASE_KEYS);
    while (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
        for (uint32_t i = 0; i < N; i++) {
            offer(&p, i, round, true);
            offer(&p, i, session, true);
            if (secagg_server_phase(p.server) != SECAGG_PHASE_UNMASK)
                offer(&p, i, run, false);
        }
        OK(party_collect(&p));
        if (secagg_server_phase(p.server) < SECAGG_PHASE_DONE)
            party_deliver(&p);
    }
    party_check_sum(&p);
    check_none_blamed(&p);
    party_free(&p);
    transcript_free(run);
    transcript_free(round);
    transcript_free(session);
}

START_TEST(a5_what_was_said_in_another_round_or_session_is_refused)
{
    BOTH_MODES(try_replays);
}
END_TEST

/* And the server's words of another run of the same session id, to a client:
 * each ends it for that client, with nothing said that it had not said. */
static void try_server_replays(int mode)
{
    const secagg_params params = params_of_mode(mode, N, T, 1);
    transcript *run = party_record(&params, 83);

    for (int phase = SECAGG_PHASE_SHARES; phase < SECAGG_PHASE_DONE;
         phase++) {
        const uint8_t *msg = run->msg[DOWN][phase][VICTIM];
        secagg_err err;
        party p;
        if (msg == NULL)
            continue;
        begin(&p, mode, (secagg_phase)phase);
        err = party_client_recv(&p, VICTIM, msg, run->len[DOWN][phase][VICTIM]);
        if (msg[PARTY_AT_TYPE] == 6)
            OK(err); /* SURVIVORS is a bitmap alone: the same one here */
        else
            ck_assert_int_eq(err, phase == SECAGG_PHASE_SHARES
                ? SECAGG_ERR_MESSAGE : SECAGG_ERR_THRESHOLD);
        party_free(&p);
    }
    transcript_free(run);
}

START_TEST(a5_words_of_another_run_end_it_for_the_client)
{
    BOTH_MODES(try_server_replays);
}
END_TEST

/* ---- A6: weak parameters ------------------------------------------------ */

/* What a server could send for parameters to sum few, or to have both secrets
 * of a client: refused as unsound, or by the policy that is the default. */
START_TEST(a6_parameters_below_the_floor_are_refused)
{
    static const struct {
        uint32_t n, t, corrupt, survivors;
        secagg_err want;
    } bad[] = { { 2, 2, 0, 2, SECAGG_ERR_POLICY }, /* one sees the other */
        { 10, 6, 0, 10, SECAGG_ERR_POLICY },       /* no colluder allowed */
        { 10, 7, 3, 2, SECAGG_ERR_ARG },           /* one honest input */
        { 10, 1, 0, 10, SECAGG_ERR_ARG },          /* anybody opens */
        { 10, 6, 3, 5, SECAGG_ERR_ARG },           /* two answers a secret */
        { 10, 7, 3, 5, SECAGG_OK } };

    for (int mode = SECAGG_SEMI_HONEST; mode <= SECAGG_ACTIVE; mode++)
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            secagg_params params = small_params(bad[i].n, bad[i].t,
                bad[i].corrupt);
            secagg_client *client = NULL;
            params.min_survivors = bad[i].survivors;
            params.mode = (uint32_t)mode;
            ck_assert_int_eq(secagg_client_new(&client, &params, 0, NULL),
                bad[i].want);
            ck_assert_int_eq(client != NULL, bad[i].want == SECAGG_OK);
            secagg_client_free(client);
        }
}
END_TEST

/* ---- A7: other models --------------------------------------------------- */

/* One of ten has a stale model: its gradient would be told apart in the sum,
 * or spoil it. Its KEYS are refused, nine finish. */
static void try_stale(int mode)
{
    secagg_params params = params_of_mode(mode, 10, 6, 1);
    uint8_t *msg;
    size_t len;
    party p;

    party_init(&p, &params, 84);
    params.app_digest[0] ^= 1;
    party_replace(&p, 7, &params, p.seeds[7]);
    party_input(&p);
    msg = party_client_send(p.clients[7], &len);
    ck_assert_int_eq(secagg_server_recv(p.server, 7, msg, len),
        SECAGG_ERR_MESSAGE);
    free(msg);
    p.leaves[7] = LEAVES_KEYS;
    OK(party_run(&p));
    party_check_sum(&p);
    party_free(&p);
}

START_TEST(a7_one_stale_model_of_ten_costs_that_client_alone)
{
    BOTH_MODES(try_stale);
}
END_TEST

/* ---- A8: overflow ------------------------------------------------------- */

START_TEST(a8_a_sum_that_could_wrap_is_refused)
{
    secagg_segment segment = { .length = 1, .kind = SECAGG_REAL, .bits = 10,
        .value_bits = 8, .clip = 1 };
    secagg_params params = small_params(4, 3, 1);

    params.segments = &segment;
    OK(secagg_params_check(&params, NULL, 0)); /* 4 * 255 < 2^10 */
    params.clients = 5;
    params.threshold = 4;
    ck_assert_int_eq(secagg_params_check(&params, NULL, 0), SECAGG_ERR_ARG);
    segment.bits = 11;
    OK(secagg_params_check(&params, NULL, 0));
}
END_TEST

/* ---- A14, A15: points in the roster ------------------------------------- */

/* A point that is repeated, of low order, not canonical or the victim's own
 * in another place; with a root that fits. The victim's masks with its owner
 * would be known, or cancel each other. */
static void try_point(int mode, uint32_t where, size_t at,
    const uint8_t point[32])
{
    size_t len;
    uint8_t *msg;
    party p;

    begin(&p, mode, SECAGG_PHASE_SHARES);
    msg = party_server_send(p.server, VICTIM, &len);
    if (point != NULL)
        memcpy(msg + entry(mode, where) + at, point, 32);
    else
        memcpy(msg + entry(mode, where) + at,
            msg + entry(mode, (where + 1) % N) + 40 - at, 32);
    update_roster_root(&p, msg, len);
    ck_assert_int_eq(party_client_recv(&p, VICTIM, msg, len),
        SECAGG_ERR_MESSAGE);
    free(msg);
    finish_without(&p, SECAGG_ERR_MESSAGE);
}

static void try_points(int mode)
{
    for (size_t at = 4; at <= 36; at += 32)
        for (uint32_t where = 0; where < N; where++) {
            for (size_t k = 0; k < INVALID_POINTS; k++) {
                uint8_t point[32];
                invalid_point(point, k);
                try_point(mode, where, at, point);
            }
            try_point(mode, where, at, NULL);
        }
}

START_TEST(a14_a15_points_that_are_bad_or_repeated_end_it)
{
    BOTH_MODES(try_points);
}
END_TEST

/* ---- A23: late inputs --------------------------------------------------- */

/* An input that comes when its client was declared dropped would be open, for
 * its mask root is: it is refused in every later phase. */
static void try_late(int mode)
{
    uint8_t *late;
    size_t len;
    party p;

    begin(&p, mode, SECAGG_PHASE_INPUT);
    party_deliver(&p);
    late = party_client_send(p.clients[VICTIM], &len);
    p.leaves[VICTIM] = LEAVES_INPUT;
    OK(party_collect(&p));
    while (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
        ck_assert_int_eq(secagg_server_recv(p.server, VICTIM, late, len),
            SECAGG_ERR_STATE);
        party_deliver(&p);
        OK(party_collect(&p));
    }
    ck_assert_int_eq(secagg_server_recv(p.server, VICTIM, late, len),
        SECAGG_ERR_STATE);
    party_check_sum(&p);
    free(late);
    party_free(&p);
}

START_TEST(a23_an_input_of_a_client_that_was_given_up_is_refused)
{
    BOTH_MODES(try_late);
}
END_TEST

/* ---- A26: weights ------------------------------------------------------- */

START_TEST(a26_a_weight_over_the_bound_is_refused_at_its_client)
{
    secagg_params params = active_params(N, T, 1);
    party p;

    params.max_weight = 100;
    party_init(&p, &params, 85);
    ck_assert_int_eq(secagg_client_weight(p.clients[0], 101),
        SECAGG_ERR_VALUE);
    for (uint32_t i = 0; i < N; i++)
        OK(secagg_client_weight(p.clients[i], 100 - i));
    party_input(&p);
    OK(party_run(&p));
    party_check_sum(&p);
    ck_assert_uint_eq(secagg_server_weight(p.server), 490);
    party_free(&p);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a3_keys_of_a_server_between_two_clients_open_nothing,
        a3_a_client_with_another_roster_leaves_before_its_input,
        a4_a_client_may_insist_on_active_mode,
        a5_what_was_said_in_another_round_or_session_is_refused,
        a5_words_of_another_run_end_it_for_the_client,
        a6_parameters_below_the_floor_are_refused,
        a7_one_stale_model_of_ten_costs_that_client_alone,
        a8_a_sum_that_could_wrap_is_refused,
        a14_a15_points_that_are_bad_or_repeated_end_it,
        a23_an_input_of_a_client_that_was_given_up_is_refused,
        a26_a_weight_over_the_bound_is_refused_at_its_client };
    return RUN(tests);
}
