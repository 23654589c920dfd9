/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile client can do to a server with messages of others, of other
 * sessions and of other phases, and with noise. */
#include <stdlib.h>
#include <string.h>

#include "support/attack_fixture.h"
#include "support/main.h"
#include "support/util.h"

#define ABORT_TYPE 11
#define ABORT_BYTES (PARTY_HEADER + 6)

/* ---- replays ------------------------------------------------------------ */

/* What was said in this session (the same seed), and in others. */
static transcript *same, *seeded, *foreign, *later;

static void record(void)
{
    secagg_params params = small_params(N, T, 1);

    same = party_record(&params, 3);
    seeded = party_record(&params, 4);
    params.round++;
    later = party_record(&params, 3);
    params.round--;
    params.session[15] ^= 1;
    foreign = party_record(&params, 3);
}

static void forget(void)
{
    transcript_free(same);
    transcript_free(seeded);
    transcript_free(later);
    transcript_free(foreign);
}

/* All that was said one way is refused, as foreign if `strange`. */
static void refuse_all(party *p, uint32_t from, const transcript *said, int way,
    bool strange)
{
    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++)
        for (uint32_t i = 0; i < N; i++) {
            secagg_err err = SECAGG_ERR_MESSAGE;
            if (said->msg[way][phase][i] != NULL)
                err = check_rejected(p, from, said->msg[way][phase][i],
                    said->len[way][phase][i]);
            ck_assert(!strange || err == SECAGG_ERR_MESSAGE);
        }
}

/* From other sessions, and the server's own words, under any name. */
static void replay_foreign(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    (void)msg;
    (void)len;
    refuse_all(p, from, foreign, UP, true);
    refuse_all(p, from, later, UP, true);
    refuse_all(p, from, foreign, DOWN, true);
    refuse_all(p, from, same, DOWN, true);
}

/* All that the session ever says, under every name, once this client has
 * answered: its own again, of phases before and to come, of others. */
static void replay_same(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    ck_assert_int_eq(check_rejected(p, from, msg, len), SECAGG_ERR_STATE);
    ck_assert_int_eq(check_rejected(p, N, msg, len), SECAGG_ERR_ARG);
    ck_assert_int_eq(check_rejected(p, UINT32_MAX, msg, len), SECAGG_ERR_ARG);
    refuse_all(p, from, same, UP, false);
    refuse_all(p, from, seeded, UP, false);
}

/* Before it has answered: all but its own message of this phase. */
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

/* Another's message with the name changed, where it is not taken for own
 * data: keys that somebody has already, lists that are another's. */
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

/* Of the same session id under another seed: bound to another roster. */
static void replay_seeded(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    const secagg_phase now = secagg_server_phase(p->server);
    const secagg_err want = secagg_server_answered(p->server, from)
        ? SECAGG_ERR_STATE : SECAGG_ERR_MESSAGE;

    (void)msg;
    (void)len;
    if (now == SECAGG_PHASE_SHARES || now == SECAGG_PHASE_INPUT)
        ck_assert_int_eq(check_rejected(p, from, seeded->msg[UP][now][from],
            seeded->len[UP][now][from]), want);
}

/* A point of somebody's (perhaps its own) in place of one of its two. */
static void borrow_points(party *p, uint32_t from, const uint8_t *msg,
    size_t len, const uint8_t *whose)
{
    uint8_t *mixed = party_forge(msg, len, len, from);

    for (size_t to = 80; to <= 112; to += 32)
        for (size_t of = 80; of <= 112; of += 32) {
            memcpy(mixed, msg, len);
            memcpy(mixed + to, whose + of, 32);
            if (whose != msg || to != of)
                ck_assert_int_eq(check_rejected(p, from, mixed, len),
                    SECAGG_ERR_MESSAGE);
        }
    free(mixed);
}

static void borrow(party *p, uint32_t from, const uint8_t *msg, size_t len)
{
    if (secagg_server_phase(p->server) != SECAGG_PHASE_KEYS)
        return;
    borrow_points(p, from, msg, len, msg);
    for (uint32_t i = 0; i < from; i++)
        borrow_points(p, from, msg, len, same->msg[UP][0][i]);
}

START_TEST(what_was_said_elsewhere_or_before_is_refused)
{
    record();
    run_under_attack(replay_foreign, replay_foreign);
    run_under_attack(replay_others, replay_same);
    run_under_attack(replay_renamed, replay_renamed);
    run_under_attack(replay_seeded, replay_seeded);
    run_under_attack(borrow, NULL);
    forget();
}
END_TEST

/* Opened keys of another roster open nothing: who sends them is named. */
START_TEST(keys_of_another_session_open_nothing)
{
    const secagg_params params = small_params(N, T, 1);
    uint32_t index;
    secagg_err what, err;
    party p;

    record();
    party_init(&p, &params, 3);
    party_input(&p);
    party_run_to(&p, SECAGG_PHASE_UNMASK);
    ck_assert_int_eq(secagg_server_recv(p.server, 1,
        seeded->msg[UP][SECAGG_PHASE_UNMASK][1],
        seeded->len[UP][SECAGG_PHASE_UNMASK][1]), SECAGG_OK);
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
    forget();
}
END_TEST

/* Entries of a planar vector in an INPUT message. */
static void entries_of(uint64_t *out, const transcript *said, uint32_t i)
{
    ck_assert_int_eq(secagg_planar_unpack_u64(out,
        said->msg[UP][SECAGG_PHASE_INPUT][i] + 84, PARTY_LENGTH, PARTY_BITS),
        SECAGG_OK);
}

/* A client may repeat another's masked vector as its own; then its addend is
 * that vector less its own masks, and nobody else's differs. */
START_TEST(a_stolen_input_is_its_thiefs_addend)
{
    const secagg_params params = small_params(N, T, 1);
    uint64_t sum[PARTY_LENGTH], stolen[PARTY_LENGTH], own[PARTY_LENGTH];
    uint8_t *forged;
    size_t len;
    party p;

    record();
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
    forget();
}
END_TEST

/* ---- noise, and ABORT --------------------------------------------------- */

/* A good header of every type before noise of many lengths. */
static void babble(party *p, uint32_t from, const uint8_t *msg, size_t len)
{
    const size_t most = getenv("SECAGG_LONG") != NULL ? 1200 : 300;
    uint64_t seed = from;

    for (unsigned type = 0; type < 256; type += type < 16 ? 1 : 17)
        for (size_t body = type == ABORT_TYPE ? 7 : 0; body < most;
             body += 1 + body / 16) {
            uint8_t *forged = party_forge(msg, len, PARTY_HEADER + body,
                from);
            forged[PARTY_AT_TYPE] = (uint8_t)type;
            prng_bytes(&seed, forged + PARTY_HEADER, body);
            (void)check_rejected(p, from, forged, PARTY_HEADER + body);
            free(forged);
        }
}

static void bend_abort(party *p, uint32_t from, const uint8_t *msg, size_t len)
{
    uint8_t *abort_msg = party_forge(msg, len, ABORT_BYTES, from);

    abort_msg[PARTY_AT_TYPE] = ABORT_TYPE;
    check_shorter_rejected(p, from, abort_msg, ABORT_BYTES);
    check_longer_rejected(p, from, abort_msg, ABORT_BYTES);
    for (size_t bit = 0; bit < 8 * PARTY_HEADER; bit++) {
        abort_msg[bit / 8] = (uint8_t)(abort_msg[bit / 8] ^ 1u << bit % 8);
        (void)check_rejected(p, from, abort_msg, ABORT_BYTES);
        abort_msg[bit / 8] = (uint8_t)(abort_msg[bit / 8] ^ 1u << bit % 8);
    }
    free(abort_msg);
}

START_TEST(noise_and_bent_aborts_are_refused)
{
    run_under_attack(babble, NULL);
    run_under_attack(bend_abort, bend_abort);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_was_said_elsewhere_or_before_is_refused,
        keys_of_another_session_open_nothing,
        a_stolen_input_is_its_thiefs_addend,
        noise_and_bent_aborts_are_refused };
    return RUN(tests);
}
