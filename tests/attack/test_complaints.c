/* SPDX-License-Identifier: Apache-2.0 */
/* True and false complaints about shares that do not open (PROTOCOL.md 8.5, 8.6
 * and 9.5; attack A21 of secagg_protocol(7)). A complaint has no proof: a
 * client is blamed only for disputes with more than max(corrupt, 1) others. If
 * too few good shares remain, the session fails before any key is revealed. */
#include <stdlib.h>
#include <string.h>

#include "core/bits.h"
#include "support/cheating_client.h"
#include "support/main.h"

static void make(party *p, int mode, uint32_t n, uint32_t t, uint32_t c)
{
    const secagg_params params = params_of_mode(mode, n, t, c);

    party_init(p, &params, 41);
    party_input(p);
}

/* Check that the session failed at the end of INPUT, before any client received
 * SURVIVORS; each client receives the error and the index of the dealer. */
static void check_early(party *p, uint32_t blamed)
{
    ck_assert_int_eq(secagg_server_phase(p->server), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_server_error(p->server, NULL, 0),
        SECAGG_ERR_THRESHOLD);
    for (uint32_t i = 0; i < p->params.clients; i++) {
        size_t len, none;
        uint8_t *msg = party_server_send(p->server, i, &len), *said;
        if (p->leaves[i] < LEAVES_INPUT)
            continue;
        ck_assert_ptr_nonnull(msg);
        ck_assert_uint_eq(msg[PARTY_AT_TYPE], 12);
        ck_assert_uint_eq(sa_get_be32(msg + PARTY_HEADER + 2), blamed);
        ck_assert_int_eq(party_client_recv(p, i, msg, len),
            SECAGG_ERR_THRESHOLD);
        said = party_client_send(p->clients[i], &none);
        ck_assert_uint_eq(said[PARTY_AT_TYPE], 11);
        free(said);
        free(msg);
    }
}

/* ---- a dealer with bad shares ------------------------------------------- */

/* Dealer 2 spoils a share of this kind for so many holders. */
static void spoil(party *p, uint32_t kind, uint32_t bad)
{
    cheater l;

    party_run_to(p, SECAGG_PHASE_SHARES);
    cheater_init(&l, p, 2);
    for (uint32_t v = 0; bad > 0; v++)
        if (v != 2) {
            l.corrupted[kind][v] = true;
            bad--;
        }
    cheater_send_shares(&l, p);
    cheater_free(&l);
}

/* With n - t bad shares the others are just enough; with one more they are not.
 * The server blames the dealer after more than max(c, 1) complaints. */
static void try_bad(int mode, uint32_t kind, uint32_t n, uint32_t t,
    uint32_t c)
{
    for (uint32_t bad = 0; bad <= n - t + 1; bad++) {
        const secagg_err want = bad <= n - t ? SECAGG_OK
                                             : SECAGG_ERR_THRESHOLD;
        party p;
        make(&p, mode, n, t, c);
        spoil(&p, kind, bad);
        party_run_to(&p, SECAGG_PHASE_INPUT);
        ck_assert_int_eq(party_collect(&p), want);
        if (bad > (c > 1 ? c : 1))
            check_only_blamed(&p, 2, SECAGG_ERR_AUTH);
        else
            check_none_blamed(&p);
        if (want == SECAGG_OK) {
            party_deliver(&p);
            OK(party_run(&p));
            party_check_sum(&p);
        } else {
            check_early(&p, 2);
        }
        party_free(&p);
    }
}

static void try_all_bad(int mode)
{
    for (uint32_t kind = 0; kind < 2; kind++) {
        try_bad(mode, kind, 5, 3, 0);
        try_bad(mode, kind, 6, 4, 1);
        try_bad(mode, kind, 8, 5, 1);
    }
}

START_TEST(a_dealer_may_fail_all_holders_beyond_the_threshold)
{
    BOTH_MODES(try_all_bad);
}
END_TEST

/* Nobody is blamed, and there is this dispute alone. */
static void check_one_dispute(const party *p, uint32_t dealer,
    uint32_t holder)
{
    uint32_t u, v;

    check_none_blamed(p);
    OK(secagg_server_disputed(p->server, 0, &u, &v));
    ck_assert_uint_eq(u, dealer);
    ck_assert_uint_eq(v, holder);
    ck_assert_int_eq(secagg_server_disputed(p->server, 1, &u, &v),
        SECAGG_ERR_STATE);
}

/* A share that opens but is not below ell counts as one that does not open: the
 * holder complains, and is not blamed later (3.8). */
static void try_no_number(int mode)
{
    party p;
    cheater l;

    make(&p, mode, 5, 3, 0);
    party_run_to(&p, SECAGG_PHASE_SHARES);
    cheater_init(&l, &p, 2);
    memset(l.shares[1][4], 0xff, 32);
    cheater_send_shares(&l, &p);
    party_run_to(&p, SECAGG_PHASE_INPUT);
    OK(party_collect(&p));
    check_one_dispute(&p, 2, 4);
    party_deliver(&p);
    OK(party_run(&p));
    party_check_sum(&p);
    check_one_dispute(&p, 2, 4);
    cheater_free(&l);
    party_free(&p);
}

START_TEST(a_holder_complains_about_a_share_that_is_no_scalar)
{
    BOTH_MODES(try_no_number);
}
END_TEST

/* The dealer drops out, too, so that the server needs its mask secret. */
static void try_gone(int mode)
{
    for (uint32_t bad = 1; bad <= 3; bad++) {
        party p;
        make(&p, mode, 6, 4, 0);
        spoil(&p, 0, bad);
        p.leaves[2] = LEAVES_INPUT;
        party_run_to(&p, SECAGG_PHASE_INPUT);
        if (bad == 1) {
            OK(party_collect(&p));
            party_deliver(&p);
            OK(party_run(&p));
            party_check_sum(&p);
            check_one_dispute(&p, 2, 0);
        } else {
            ck_assert_int_eq(party_collect(&p), SECAGG_ERR_THRESHOLD);
            check_only_blamed(&p, 2, SECAGG_ERR_AUTH);
        }
        party_free(&p);
    }
}

START_TEST(a_dealer_that_drops_out_is_no_holder_of_its_secret)
{
    BOTH_MODES(try_gone);
}
END_TEST

/* ---- false complaints --------------------------------------------------- */

/* So many clients complain about client 7. Their UNMASK must not have the keys
 * of its shares. */
static void accuse_all(party *p, uint32_t accusers)
{
    const uint32_t victim = 7;

    party_run_to(p, SECAGG_PHASE_INPUT);
    for (uint32_t i = 0; i < accusers; i++)
        send_complaints(p, i, &victim, 1);
}

/* Eight clients, threshold 5, one corrupt: after one false complaint the server
 * blames no client; after two it blames the victim, whose input is in the sum
 * nevertheless; four leave too few holders. */
static void try_accusers(int mode)
{
    const uint32_t victim = 7;

    for (uint32_t accusers = 0; accusers <= 4; accusers++) {
        party p;
        make(&p, mode, 8, 5, 1);
        accuse_all(&p, accusers);
        ck_assert_int_eq(party_collect(&p), accusers <= 3 ? SECAGG_OK
            : SECAGG_ERR_THRESHOLD);
        if (accusers > 1)
            check_only_blamed(&p, victim, SECAGG_ERR_AUTH);
        else
            check_none_blamed(&p);
        if (accusers <= 3) {
            party_deliver(&p);
            party_run_to(&p, SECAGG_PHASE_UNMASK);
            for (uint32_t i = 0; i < accusers; i++)
                send_unmask_without(&p, i, &victim, 1);
            OK(party_run(&p));
            party_check_sum(&p);
        } else {
            check_early(&p, victim);
        }
        party_free(&p);
    }
}

START_TEST(up_to_corrupt_complaints_blame_no_client)
{
    BOTH_MODES(try_accusers);
}
END_TEST

/* A client that complained is no holder of that dealer any more: the server
 * rejects an UNMASK with the key of its share. */
static void try_fickle(int mode)
{
    party p;

    make(&p, mode, 8, 5, 1);
    accuse_all(&p, 1);
    party_run_to(&p, SECAGG_PHASE_UNMASK);
    ck_assert_int_eq(send_edited(&p, 0, 0, NULL, 0), SECAGG_ERR_MESSAGE);
    ck_assert(!secagg_server_answered(p.server, 0));
    OK(party_run(&p));
    party_check_sum(&p);
    check_none_blamed(&p);
    party_free(&p);
}

START_TEST(the_server_rejects_a_key_after_a_complaint)
{
    BOTH_MODES(try_fickle);
}
END_TEST

/* ---- holders that will answer ------------------------------------------- */

/* Client 0 complains about two dealers; then two others drop out, and of the
 * four survivors it has shares of only three dealers. It will reject the
 * survivors, so that each dealer has three holders: the session fails now. */
static void try_unsure(int mode)
{
    for (int dropouts = 0; dropouts <= 2; dropouts++) {
        const uint32_t dealers[] = { 2, 3 };
        party p;
        make(&p, mode, 6, 4, 0);
        party_run_to(&p, SECAGG_PHASE_INPUT);
        send_complaints(&p, 0, dealers, 2);
        for (int i = 0; i < dropouts; i++)
            p.leaves[4 + i] = LEAVES_INPUT;
        ck_assert_int_eq(party_collect(&p), dropouts < 2 ? SECAGG_OK
            : SECAGG_ERR_THRESHOLD);
        if (dropouts == 2)
            ck_assert_int_eq(secagg_server_phase(p.server),
                SECAGG_PHASE_FAILED);
        party_free(&p);
    }
}

START_TEST(the_server_does_not_count_a_survivor_that_will_abort)
{
    BOTH_MODES(try_unsure);
}
END_TEST

/* In active mode a client requires min_survivors good dealers if that exceeds
 * the threshold. Of six that require six, three complain, each about another
 * dealer: the server counts five holders or more of each secret in semi-honest
 * mode, and three in active mode. */
static void try_spread(int mode)
{
    secagg_params params = params_of_mode(mode, 6, 4, 0);
    party p;

    params.min_survivors = 6;
    party_init(&p, &params, 44);
    party_input(&p);
    party_run_to(&p, SECAGG_PHASE_INPUT);
    for (uint32_t i = 0; i < 3; i++) {
        const uint32_t dealer = (i + 1) % 6;
        send_complaints(&p, i, &dealer, 1);
    }
    ck_assert_int_eq(party_collect(&p), mode == SECAGG_ACTIVE
        ? SECAGG_ERR_THRESHOLD : SECAGG_OK);
    party_free(&p);
}

START_TEST(in_active_mode_survivors_require_more_good_dealers)
{
    BOTH_MODES(try_spread);
}
END_TEST

/* Four holders have a share of client 2, and the threshold is four. If one of
 * them does not sign the survivors, an active session fails there, before any
 * key is revealed; another client need not sign. Semi-honest mode has no such
 * round, and the session fails at the end. */
static void try_signers(int mode)
{
    for (uint32_t silent = 0; silent < 6; silent++) {
        const bool holds = silent >= 2; /* 0 and 1 complain */
        secagg_phase last;
        secagg_err err;
        party p;
        make(&p, mode, 6, 4, 0);
        spoil(&p, 0, 2);
        p.leaves[silent] = LEAVES_CONFIRM;
        err = party_run_until(&p, &last);
        ck_assert_int_eq(err, holds ? SECAGG_ERR_THRESHOLD : SECAGG_OK);
        ck_assert_int_eq(last, holds && mode == SECAGG_ACTIVE
            ? SECAGG_PHASE_CONFIRM : SECAGG_PHASE_UNMASK);
        if (!holds)
            party_check_sum(&p);
        check_only_blamed(&p, 2, SECAGG_ERR_AUTH);
        party_free(&p);
    }
}

START_TEST(a_client_that_does_not_confirm_is_no_holder)
{
    BOTH_MODES(try_signers);
}
END_TEST

/* A survivor that sends ABORT after its input stays in the sum and reveals no
 * key. If more than n - t clients do so, the session fails now. */
static void leave_late(party *p, uint32_t i)
{
    uint8_t body[10] = { 0, 20, 0xff, 0xff, 0xff, 0xff }, *out;
    size_t len;
    uint8_t *msg = party_client_send(p->clients[i], &len);

    OK(secagg_server_recv(p->server, i, msg, len));
    out = party_forge(msg, PARTY_HEADER, PARTY_HEADER + sizeof body, i);
    out[PARTY_AT_TYPE] = 11;
    memcpy(out + PARTY_HEADER, body, sizeof body);
    OK(secagg_server_recv(p->server, i, out, PARTY_HEADER + sizeof body));
    free(out);
    free(msg);
}

static void try_late(int mode)
{
    for (uint32_t late = 1; late <= 3; late++) {
        party p;
        make(&p, mode, 6, 4, 0);
        party_run_to(&p, SECAGG_PHASE_INPUT);
        for (uint32_t i = 0; i < late; i++)
            leave_late(&p, i);
        ck_assert_int_eq(party_collect(&p), late <= 2 ? SECAGG_OK
            : SECAGG_ERR_THRESHOLD);
        for (uint32_t i = 0; i < late; i++)
            p.leaves[i] = LEAVES_INPUT;
        if (late <= 2) {
            party_deliver(&p);
            for (uint32_t i = 0; i < late; i++)
                p.leaves[i] = LEAVES_CONFIRM;
            OK(party_run(&p));
            party_check_sum(&p);
        }
        party_free(&p);
    }
}

START_TEST(the_server_does_not_count_a_survivor_that_aborted)
{
    BOTH_MODES(try_late);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_dealer_may_fail_all_holders_beyond_the_threshold,
        a_holder_complains_about_a_share_that_is_no_scalar,
        a_dealer_that_drops_out_is_no_holder_of_its_secret,
        up_to_corrupt_complaints_blame_no_client,
        the_server_rejects_a_key_after_a_complaint,
        the_server_does_not_count_a_survivor_that_will_abort,
        in_active_mode_survivors_require_more_good_dealers,
        a_client_that_does_not_confirm_is_no_holder,
        the_server_does_not_count_a_survivor_that_aborted };
    return RUN(tests);
}
