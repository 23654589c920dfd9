/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks that a session withstands. The numbers are those of the section
 * ATTACKS of secagg_protocol(7) (man/secagg_protocol.7), here and in the other
 * test files. Attacks with different sets of clients (A1, A2, A22) are in
 * test_equivocation.c, those with shares (A11, A12, A21) in
 * test_cheating_client.c and test_complaints.c. The comments state what the
 * victim would lose without the defence. */
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

/* Offset of entry i in a ROSTER of this mode. */
static size_t entry_at(int mode, uint32_t i)
{
    return 120 + (mode == SECAGG_ACTIVE ? 166 : 68) * (size_t)i;
}

/* Check that the victim aborted with this error, and that the others finish
 * without it. */
static void finish_without(party *p, secagg_err err)
{
    ck_assert_int_eq(secagg_client_error(p->clients[VICTIM]), err);
    ck_assert_int_eq(secagg_client_phase(p->clients[VICTIM]),
        SECAGG_PHASE_FAILED);
    p->leaves[VICTIM] = LEAVES_KEYS;
    party_deliver(p);
    OK(party_run(p));
    party_check_sum(p);
    party_free(p);
}

/* ---- A3: false keys from the server ------------------------------------- */

/* The server replaces the points of client 0 in the victim's ROSTER by points
 * of its own and computes the roster root again. It could then open the shares
 * that the victim deals to client 0, and compute their pair mask. In active
 * mode the signature of client 0 does not verify. In semi-honest mode the hash
 * of the victim's roster differs, so that its SHARES are rejected. */
static void try_false_keys(int mode)
{
    const secagg_params params = params_of_mode(mode, N, T, 1);
    transcript *other = party_record(&params, 82);
    uint8_t *msg, *shares;
    size_t len;
    party p;

    begin(&p, mode, SECAGG_PHASE_SHARES);
    msg = party_server_send(p.server, VICTIM, &len);
    memcpy(msg + entry_at(mode, 0) + 4,
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
    p.leaves[VICTIM] = LEAVES_KEYS; /* it has its message already */
    party_deliver(&p);
    OK(party_run(&p));
    p.leaves[VICTIM] = LEAVES_SHARES;
    party_check_sum(&p);
    party_free(&p);
    transcript_free(other);
}

START_TEST(a3_keys_replaced_by_the_server_open_no_share)
{
    BOTH_MODES(try_false_keys);
}
END_TEST

/* The same attack; the server then relays to the victim the shares that the
 * others dealt under the true roster. None of them opens, and the victim aborts
 * before it sends its input. */
START_TEST(a3_a_client_with_a_false_roster_aborts_before_its_input)
{
    const secagg_params params = small_params(N, T, 1);
    transcript *other = party_record(&params, 82),
        *same = party_record(&params, 81);
    uint8_t *msg;
    size_t len;
    party p;

    begin(&p, SECAGG_SEMI_HONEST, SECAGG_PHASE_SHARES);
    msg = party_server_send(p.server, VICTIM, &len);
    memcpy(msg + entry_at(SECAGG_SEMI_HONEST, 0) + 4,
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

/* ---- A4: Sybils --------------------------------------------------------- */

/* A server that invents clients has no signatures that the victim trusts; see
 * a_client_rejects_a_roster_with_an_untrusted_key. A policy can require active
 * mode, and a minimum of corrupt clients that the parameters allow for. */
START_TEST(a4_a_policy_can_require_active_mode_and_min_corrupt)
{
    secagg_params params = small_params(N, T, 1);
    secagg_policy policy = SECAGG_POLICY_INIT;
    secagg_client *client = NULL;

    policy.min_corrupt = 0.2;
    policy.require_active = 1;
    policy.any_digest = 1;
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

/* ---- A5: replay --------------------------------------------------------- */

/* Send the server the messages that client i sent in an old session: all of
 * them if its round or session id is another one (`foreign`), else the message
 * of the current phase. If the server accepted an old signature, it would
 * confirm a set of survivors that its client has not seen. */
static void replay(party *p, uint32_t i, const transcript *old, bool foreign)
{
    const secagg_phase now = secagg_server_phase(p->server);

    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++) {
        const uint8_t *msg = old->msg[UP][phase][i];
        secagg_err err;
        if (msg == NULL || (!foreign && (phase != (int)now
                    || now == SECAGG_PHASE_KEYS)))
            continue;
        err = secagg_server_recv(p->server, i, msg,
            old->len[UP][phase][i]);
        ck_assert_int_eq(err, foreign ? SECAGG_ERR_MESSAGE
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
            replay(&p, i, round, true);
            replay(&p, i, session, true);
            if (secagg_server_phase(p.server) != SECAGG_PHASE_UNMASK)
                replay(&p, i, run, false);
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

START_TEST(a5_the_server_rejects_messages_of_other_rounds_and_sessions)
{
    BOTH_MODES(try_replays);
}
END_TEST

/* The server sends the victim its message of another run with the same session
 * id: the victim aborts. SURVIVORS is accepted, because it is the same bitmap
 * in both runs. */
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
            OK(err); /* SURVIVORS */
        else
            ck_assert_int_eq(err, phase == SECAGG_PHASE_SHARES
                ? SECAGG_ERR_MESSAGE : SECAGG_ERR_THRESHOLD);
        party_free(&p);
    }
    transcript_free(run);
}

START_TEST(a5_a_client_aborts_on_messages_of_another_run)
{
    BOTH_MODES(try_server_replays);
}
END_TEST

/* ---- A6: weak parameters ------------------------------------------------ */

/* With such parameters the server would learn a sum of too few honest inputs,
 * or both secrets of a client. They break a rule of PROTOCOL.md (ARG), or the
 * default policy refuses them. */
START_TEST(a6_weak_parameters_are_refused)
{
    static const struct {
        uint32_t n, t, corrupt, survivors;
        secagg_err want;
    } cases[] = { { 2, 2, 0, 2, SECAGG_ERR_POLICY }, /* learns the other */
        { 10, 6, 0, 10, SECAGG_ERR_POLICY }, /* allows for no corrupt client */
        { 10, 7, 3, 2, SECAGG_ERR_ARG },     /* a sum of one honest input */
        { 10, 1, 0, 10, SECAGG_ERR_ARG },    /* one holder is enough */
        { 10, 6, 3, 5, SECAGG_ERR_ARG },     /* 2 t <= n + c */
        { 10, 7, 3, 5, SECAGG_OK } };

    for (int mode = SECAGG_SEMI_HONEST; mode <= SECAGG_ACTIVE; mode++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            secagg_params params = small_params(cases[i].n, cases[i].t,
                cases[i].corrupt);
            secagg_client *client = NULL;
            params.min_survivors = cases[i].survivors;
            params.mode = (uint32_t)mode;
            params.app_digest[0] = 1;
            ck_assert_int_eq(secagg_client_new(&client, &params, 0, NULL),
                cases[i].want);
            ck_assert_int_eq(client != NULL, cases[i].want == SECAGG_OK);
            secagg_client_free(client);
        }
}
END_TEST

/* ---- A7: other models --------------------------------------------------- */

/* One of ten clients has another model, perhaps one that the server made up for
 * it: its gradient could be recognised in the sum, or spoil it. The server
 * rejects its KEYS, and nine clients finish. */
static void try_stale_model(int mode)
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

START_TEST(a7_the_server_rejects_a_client_with_another_app_digest)
{
    BOTH_MODES(try_stale_model);
}
END_TEST

/* ---- A8: overflow ------------------------------------------------------- */

START_TEST(a8_parameters_with_which_a_sum_could_wrap_are_refused)
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

/* The victim receives a ROSTER with one point replaced and a matching root. The
 * new point is `point`, or, if that is NULL, the other point of the next client
 * (perhaps of the victim itself). Others could compute the masks that the
 * victim would derive from such a point, or two masks would cancel each
 * other. */
static void try_point(int mode, uint32_t where, size_t at,
    const uint8_t point[32])
{
    size_t len;
    uint8_t *msg;
    party p;

    begin(&p, mode, SECAGG_PHASE_SHARES);
    msg = party_server_send(p.server, VICTIM, &len);
    if (point != NULL)
        memcpy(msg + entry_at(mode, where) + at, point, 32);
    else
        memcpy(msg + entry_at(mode, where) + at,
            msg + entry_at(mode, (where + 1) % N) + 40 - at, 32);
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

START_TEST(a14_a15_a_client_rejects_invalid_and_repeated_points)
{
    BOTH_MODES(try_points);
}
END_TEST

/* ---- A23: late inputs --------------------------------------------------- */

/* The holders reveal the mask secret of a client that dropped out, and with it
 * the pair masks of its INPUT. If that INPUT arrives later, the server rejects
 * it in every phase. */
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

START_TEST(a23_the_server_rejects_a_late_input)
{
    BOTH_MODES(try_late);
}
END_TEST

/* ---- A26: weights ------------------------------------------------------- */

START_TEST(a26_a_client_rejects_a_weight_above_the_maximum)
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
    const TTest *const tests[] = { a3_keys_replaced_by_the_server_open_no_share,
        a3_a_client_with_a_false_roster_aborts_before_its_input,
        a4_a_policy_can_require_active_mode_and_min_corrupt,
        a5_the_server_rejects_messages_of_other_rounds_and_sessions,
        a5_a_client_aborts_on_messages_of_another_run,
        a6_weak_parameters_are_refused,
        a7_the_server_rejects_a_client_with_another_app_digest,
        a8_parameters_with_which_a_sum_could_wrap_are_refused,
        a14_a15_a_client_rejects_invalid_and_repeated_points,
        a23_the_server_rejects_a_late_input,
        a26_a_client_rejects_a_weight_above_the_maximum };
    return RUN(tests);
}
