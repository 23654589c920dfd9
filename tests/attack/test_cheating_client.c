/* SPDX-License-Identifier: Apache-2.0 */
/* Clients that deal false shares or reveal false keys: the server blames them,
 * ignores what is wrong, and finishes if enough correct shares remain
 * (PROTOCOL.md 4.6, 9.5; attacks A11, A12). Each test runs in both modes. */
#include <stdlib.h>
#include <string.h>

#include "support/cheating_client.h"
#include "support/main.h"
#include "support/util.h"

#define DEALER 5

/* A party in phase SHARES, and a dealer in it that can cheat. */
static void begin(party *p, cheater *l, int mode, uint32_t n, uint32_t t,
    uint32_t c)
{
    const secagg_params params = params_of_mode(mode, n, t, c);

    party_init(p, &params, 31);
    party_input(p);
    party_run_to(p, SECAGG_PHASE_SHARES);
    cheater_init(l, p, n > DEALER ? DEALER : n - 1);
}

static void end(party *p, cheater *l)
{
    party_free(p);
    cheater_free(l);
}

/* It ends in the exact sum, or with this error and no sum. */
static void check_end(party *p, secagg_err want)
{
    uint64_t sum[PARTY_LENGTH];

    ck_assert_int_eq(party_run(p), want);
    if (want == SECAGG_OK) {
        party_check_sum(p);
        return;
    }
    ck_assert_int_eq(secagg_server_phase(p->server), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_server_error(p->server, NULL, 0), want);
    ck_assert_int_eq(secagg_server_sum_u64(p->server, 0, 0, sum,
        PARTY_LENGTH), SECAGG_ERR_STATE);
}

/* ---- the cheater itself ------------------------------------------------- */

/* It sends the same bytes as the client that it replaces. */
static void try_truth(int mode)
{
    uint8_t *want, *have;
    size_t want_len, have_len;
    party p;
    cheater l;

    begin(&p, &l, mode, 6, 4, 1);
    have = cheater_shares(&l, &have_len);
    want = party_client_send(p.clients[l.index], &want_len);
    ck_assert_uint_eq(have_len, want_len);
    ck_assert_mem_eq(have, want, want_len);
    free(have);
    free(want);
    end(&p, &l);
}

START_TEST(a_cheater_that_changes_nothing_sends_the_same_shares)
{
    BOTH_MODES(try_truth);
}
END_TEST

/* ---- wrong shares ------------------------------------------------------- */

/* Some holders get wrong shares: each off by another number, or all of them on
 * one other polynomial. */
static void deal_wrong(cheater *l, uint32_t kind, uint32_t wrong, bool together)
{
    uint32_t holder = l->params->own.clients;
    cheater other = *l;

    cheater_split(&other, kind, kind == 0 ? l->mask_secret : l->self_secret,
        l->params->own.threshold, 5);
    while (wrong > 0)
        if (--holder != l->index) {
            if (together)
                memcpy(l->shares[kind][holder], other.shares[kind][holder],
                    32);
            else
                cheater_shift_share(l, kind, holder, 1 + holder);
            wrong--;
        }
}

static void try_wrong(int mode, uint32_t kind, uint32_t wrong, bool together,
    secagg_err want)
{
    party p;
    cheater l;

    begin(&p, &l, mode, 13, 7, 0);
    deal_wrong(&l, kind, wrong, together);
    cheater_send_shares(&l, &p);
    if (kind == 1)
        p.leaves[l.index] = LEAVES_INPUT;
    check_end(&p, want);
    if (wrong > 0)
        check_only_blamed(&p, l.index, SECAGG_ERR_CHEAT);
    else
        check_none_blamed(&p);
    end(&p, &l);
}

/* The server gets 13 shares of a survivor's self secret, and 12 of a dropout's
 * mask secret. It needs 7, so that 3 and 2 may be wrong. */
static void try_all_wrong(int mode)
{
    for (uint32_t kind = 0; kind < 2; kind++)
        for (uint32_t wrong = 0; wrong <= 4; wrong++)
            for (int together = 0; together < 2; together++)
                try_wrong(mode, kind, wrong, together,
                    wrong <= 3 - kind ? SECAGG_OK : SECAGG_ERR_CHEAT);
}

START_TEST(half_of_the_surplus_shares_may_be_wrong_but_not_one_more)
{
    BOTH_MODES(try_all_wrong);
}
END_TEST

/* One share more than the threshold, one of them wrong: some subset of them
 * gives the secret, but the server must not search for it (4.6). */
static void try_one_over(int mode)
{
    party p;
    cheater l;

    begin(&p, &l, mode, 4, 3, 1);
    cheater_shift_share(&l, 0, 1, 1);
    cheater_send_shares(&l, &p);
    check_end(&p, SECAGG_ERR_CHEAT);
    check_only_blamed(&p, l.index, SECAGG_ERR_CHEAT);
    end(&p, &l);
}

START_TEST(one_surplus_share_does_not_correct_a_wrong_one)
{
    BOTH_MODES(try_one_over);
}
END_TEST

/* Its own share of its self secret, in UNMASK, is a wrong scalar. */
static void try_own(int mode)
{
    static const uint32_t n[] = { 5, 4 };
    static const uint8_t other[32] = { 2 };

    for (int k = 0; k < 2; k++) {
        party p;
        cheater l;
        begin(&p, &l, mode, n[k], 3, 0);
        party_run_to(&p, SECAGG_PHASE_UNMASK);
        OK(send_edited(&p, l.index, 48, other, 32));
        check_end(&p, k == 0 ? SECAGG_OK : SECAGG_ERR_CHEAT);
        check_only_blamed(&p, l.index, SECAGG_ERR_CHEAT);
        end(&p, &l);
    }
}

START_TEST(the_server_blames_the_sender_of_a_wrong_own_share)
{
    BOTH_MODES(try_own);
}
END_TEST

/* A polynomial of one degree too many, with and without shares to spare. */
static void try_degree(int mode)
{
    for (uint32_t kind = 0; kind < 2; kind++)
        for (uint32_t silent = 0; silent <= 2; silent++) {
            party p;
            cheater l;
            begin(&p, &l, mode, 7, 4, 0);
            cheater_split(&l, kind, kind == 0 ? l.self_secret : l.mask_secret,
                5, 9);
            cheater_send_shares(&l, &p);
            p.leaves[l.index] = kind == 0 ? STAYS : LEAVES_INPUT;
            for (uint32_t i = 0; i < silent; i++)
                p.leaves[i] = LEAVES_UNMASK;
            check_end(&p, SECAGG_ERR_CHEAT);
            check_only_blamed(&p, l.index, SECAGG_ERR_CHEAT);
            end(&p, &l);
        }
}

START_TEST(the_server_blames_a_dealer_whose_degree_is_too_high)
{
    BOTH_MODES(try_degree);
}
END_TEST

/* ---- false secrets ------------------------------------------------------ */

/* Shares of another secret than it committed to. They do no harm if the server
 * needs the other secret of this client. */
static void try_root(int mode, uint32_t kind, bool stays, secagg_err want)
{
    party p;
    cheater l;

    begin(&p, &l, mode, 6, 4, 1);
    cheater_split(&l, kind, kind == 0 ? l.mask_secret : l.self_secret, 4, 6);
    cheater_send_shares(&l, &p);
    p.leaves[l.index] = stays ? STAYS : LEAVES_INPUT;
    check_end(&p, want);
    if (want == SECAGG_OK)
        check_none_blamed(&p);
    else
        check_only_blamed(&p, l.index, want);
    end(&p, &l);
}

static void try_self_root(int mode)
{
    try_root(mode, 0, true, SECAGG_ERR_CHEAT);
    try_root(mode, 0, false, SECAGG_OK);
}

START_TEST(the_server_blames_a_dealer_of_a_false_self_secret)
{
    BOTH_MODES(try_self_root);
}
END_TEST

static void try_mask_root(int mode)
{
    try_root(mode, 1, false, SECAGG_ERR_CHEAT);
    try_root(mode, 1, true, SECAGG_OK);
}

START_TEST(the_server_blames_a_dealer_of_a_false_mask_secret)
{
    BOTH_MODES(try_mask_root);
}
END_TEST

/* A commitment to another secret, with correct shares. */
static void try_commitment(int mode)
{
    party p;
    cheater l;

    begin(&p, &l, mode, 6, 4, 1);
    OK(sa_commitment(l.commitment, &l.binding, l.index, l.mask_secret));
    cheater_send_shares(&l, &p);
    check_end(&p, SECAGG_ERR_CHEAT);
    check_only_blamed(&p, l.index, SECAGG_ERR_CHEAT);
    end(&p, &l);
}

START_TEST(the_server_blames_a_dealer_of_a_false_commitment)
{
    BOTH_MODES(try_commitment);
}
END_TEST

/* ---- wrong keys --------------------------------------------------------- */

/* A holder reveals wrong keys for one share, or for all. Its own share still
 * counts. Where every holder is needed, a secret has too few shares. */
static void try_key(int mode, uint32_t n, uint32_t keys, secagg_err want)
{
    uint8_t noise_key[32];
    uint64_t state = 8;
    uint8_t *msg;
    size_t len;
    party p;
    cheater l;

    begin(&p, &l, mode, n, 3, 0);
    party_run_to(&p, SECAGG_PHASE_UNMASK);
    msg = party_client_send(p.clients[2], &len);
    for (uint32_t i = 0; i < keys; i++) {
        prng_bytes(&state, noise_key, sizeof noise_key);
        memcpy(msg + 84 + 36 * (size_t)i + 4, noise_key, 32);
    }
    OK(secagg_server_recv(p.server, 2, msg, len));
    free(msg);
    check_only_blamed(&p, 2, SECAGG_ERR_CHEAT);
    for (uint32_t i = 0; i < n; i++)
        if (n == 4 && i == 0)
            p.leaves[i] = LEAVES_UNMASK;
    check_end(&p, want);
    check_only_blamed(&p, 2, SECAGG_ERR_CHEAT);
    end(&p, &l);
}

static void try_keys(int mode)
{
    try_key(mode, 5, 1, SECAGG_OK);
    try_key(mode, 5, 4, SECAGG_OK);
    try_key(mode, 4, 1, SECAGG_ERR_THRESHOLD);
    try_key(mode, 4, 3, SECAGG_ERR_THRESHOLD);
}

START_TEST(the_server_blames_a_holder_whose_key_opens_no_share)
{
    BOTH_MODES(try_keys);
}
END_TEST

/* The key of one share opens no other share. */
static void try_swapped(int mode)
{
    uint8_t *msg, kept[32];
    size_t len;
    party p;
    cheater l;

    begin(&p, &l, mode, 6, 4, 0);
    party_run_to(&p, SECAGG_PHASE_UNMASK);
    msg = party_client_send(p.clients[2], &len);
    memcpy(kept, msg + 88, 32);
    memcpy(msg + 88, msg + 124, 32);
    memcpy(msg + 124, kept, 32);
    OK(secagg_server_recv(p.server, 2, msg, len));
    free(msg);
    check_end(&p, SECAGG_OK);
    check_only_blamed(&p, 2, SECAGG_ERR_CHEAT);
    end(&p, &l);
}

START_TEST(the_server_blames_a_holder_that_swaps_two_keys)
{
    BOTH_MODES(try_swapped);
}
END_TEST

/* ---- several ------------------------------------------------------------ */

/* Two dealers and a holder: blamed in the order of events, each once. */
static void try_several(int mode)
{
    static const uint32_t want[] = { 2, 3, 5 };
    uint8_t zero[32] = { 0 };
    uint32_t who;
    secagg_err what;
    party p;
    cheater l, m;

    begin(&p, &l, mode, 13, 7, 0);
    cheater_init(&m, &p, 3);
    deal_wrong(&l, 0, 1, false);
    deal_wrong(&m, 0, 2, false);
    cheater_send_shares(&l, &p);
    cheater_send_shares(&m, &p);
    party_run_to(&p, SECAGG_PHASE_UNMASK);
    OK(send_edited(&p, 2, 88, zero, 32));
    check_end(&p, SECAGG_OK);
    for (size_t i = 0; i < 3; i++) {
        OK(secagg_server_blamed(p.server, i, &who, &what));
        ck_assert_uint_eq(who, want[i]);
        ck_assert_int_eq(what, SECAGG_ERR_CHEAT);
    }
    ck_assert_int_eq(secagg_server_blamed(p.server, 3, &who, &what),
        SECAGG_ERR_STATE);
    cheater_free(&m);
    end(&p, &l);
}

START_TEST(the_server_blames_all_cheaters_in_the_order_of_events)
{
    BOTH_MODES(try_several);
}
END_TEST

/* One dealer cheats, and the secret of a dealer before it has too few shares,
 * since a holder reveals a false key: the session fails with CHEAT (9.5, 6). */
static void try_both(int mode)
{
    uint8_t zero[32] = { 0 };
    uint32_t who;
    secagg_err what;
    char why[200];
    party p;
    cheater l;

    begin(&p, &l, mode, 6, 4, 0);
    l.commitment[0] ^= 1;
    cheater_send_shares(&l, &p);
    party_run_to(&p, SECAGG_PHASE_UNMASK);
    p.leaves[3] = p.leaves[4] = LEAVES_UNMASK;
    OK(send_edited(&p, 2, 88, zero, 32)); /* for a share of client 0 */
    check_end(&p, SECAGG_ERR_CHEAT);
    OK(secagg_server_blamed(p.server, 0, &who, &what));
    ck_assert_uint_eq(who, 2);
    OK(secagg_server_blamed(p.server, 1, &who, &what));
    ck_assert_uint_eq(who, l.index);
    ck_assert_int_eq(secagg_server_error(p.server, why, sizeof why),
        SECAGG_ERR_CHEAT);
    ck_assert_ptr_nonnull(strstr(why, "client 5"));
    end(&p, &l);
}

START_TEST(the_server_reports_a_cheat_before_missing_shares)
{
    BOTH_MODES(try_both);
}
END_TEST

/* Two dealers whose shares cannot be corrected: the server blames both, and its
 * reason names the first. */
static void try_two(int mode)
{
    uint32_t who;
    secagg_err what;
    char why[200];
    party p;
    cheater l, m;

    begin(&p, &l, mode, 6, 4, 0);
    cheater_init(&m, &p, 3);
    l.commitment[0] ^= 1;
    m.commitment[0] ^= 1;
    cheater_send_shares(&l, &p);
    cheater_send_shares(&m, &p);
    check_end(&p, SECAGG_ERR_CHEAT);
    for (uint32_t i = 0; i < 2; i++) {
        OK(secagg_server_blamed(p.server, i, &who, &what));
        ck_assert_uint_eq(who, 3 + 2 * i);
    }
    ck_assert_int_eq(secagg_server_error(p.server, why, sizeof why),
        SECAGG_ERR_CHEAT);
    ck_assert_ptr_nonnull(strstr(why, "client 3"));
    cheater_free(&m);
    end(&p, &l);
}

START_TEST(the_server_reports_the_first_of_two_cheats)
{
    BOTH_MODES(try_two);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_cheater_that_changes_nothing_sends_the_same_shares,
        half_of_the_surplus_shares_may_be_wrong_but_not_one_more,
        one_surplus_share_does_not_correct_a_wrong_one,
        the_server_blames_the_sender_of_a_wrong_own_share,
        the_server_blames_a_dealer_whose_degree_is_too_high,
        the_server_blames_a_dealer_of_a_false_self_secret,
        the_server_blames_a_dealer_of_a_false_mask_secret,
        the_server_blames_a_dealer_of_a_false_commitment,
        the_server_blames_a_holder_whose_key_opens_no_share,
        the_server_blames_a_holder_that_swaps_two_keys,
        the_server_blames_all_cheaters_in_the_order_of_events,
        the_server_reports_a_cheat_before_missing_shares,
        the_server_reports_the_first_of_two_cheats };
    return RUN(tests);
}
