/* SPDX-License-Identifier: Apache-2.0 */
/* Disputes (PROTOCOL.md 8.12, 9.5 and 9.6): complaints count in INPUT and in
 * ABORT, clients are blamed by the rule of 9.5 (1), which a plain computation
 * on sets repeats here, and the sentences name nobody else. */
#include <string.h>

#include "support/cheat_session.h"
#include "support/main.h"
#include "support/util.h"

#define OK(call) ck_assert_int_eq((call), SECAGG_OK)
#define NOBODY 0u
#define ALL(n) ((1u << (n)) - 1)

static uint32_t from_to(uint32_t first, uint32_t last)
{
    return ALL(last + 1) & ~ALL(first);
}

/* ---- the rule of 9.5 (1) ------------------------------------------------ */

static uint32_t count(uint32_t set)
{
    uint32_t out = 0;

    for (uint32_t i = 0; i < 32; i++)
        out += set >> i & 1;
    return out;
}

static void check_list(const cheat_session *l,
    const uint32_t complaints[CHEAT_MAX])
{
    uint32_t dealer, holder;
    size_t i = 0;

    for (uint32_t u = 0; u < l->n; u++)
        for (uint32_t v = 0; v < l->n; v++) {
            if (!(complaints[v] >> u & 1))
                continue;
            OK(secagg_server_disputed(l->server, i, &dealer, &holder));
            ck_assert_uint_eq(dealer, u);
            ck_assert_uint_eq(holder, v);
            i++;
        }
    ck_assert_int_eq(secagg_server_disputed(l->server, i, &dealer, &holder),
        SECAGG_ERR_STATE);
}

/* The blame list is that of the rule, in its order. Nobody else is on it. */
static void check_blame(const cheat_session *l,
    const uint32_t complaints[CHEAT_MAX])
{
    const uint32_t c = l->params.corrupt, limit = c > 1 ? c : 1;
    uint32_t with[CHEAT_MAX] = { 0 }, index;
    secagg_err what;

    for (uint32_t v = 0; v < l->n; v++)
        for (uint32_t u = 0; u < l->n; u++)
            if (complaints[v] >> u & 1) {
                with[u] |= 1u << v;
                with[v] |= 1u << u;
            }
    for (size_t i = 0;; i++) {
        uint32_t most = 0;
        for (uint32_t u = 1; u < l->n; u++)
            if (count(with[u]) > count(with[most]))
                most = u;
        if (count(with[most]) <= limit) {
            ck_assert_int_eq(secagg_server_blamed(l->server, i, &index,
                &what), SECAGG_ERR_STATE);
            return;
        }
        OK(secagg_server_blamed(l->server, i, &index, &what));
        ck_assert_uint_eq(index, most);
        ck_assert_int_eq(what, SECAGG_ERR_AUTH);
        with[most] = 0;
        for (uint32_t u = 0; u < l->n; u++)
            with[u] &= ~(1u << most);
    }
}

/* Run up to the end of INPUT with these false complaints, on the complete
 * graph, and compare list and blame with the rule. */
static void try_complaints(uint32_t n, uint32_t c,
    const uint32_t complaints[CHEAT_MAX])
{
    const secagg_params params = cheats_params(SECAGG_SEMI_HONEST, n, c, 0, 0);
    uint32_t dealer, holder;
    cheat_session l;

    cheats_init(&l, &params, 1);
    for (uint32_t v = 0; v < n; v++)
        l.cheats[v].complains = complaints[v];
    while (secagg_server_phase(l.server) <= SECAGG_PHASE_INPUT) {
        ck_assert_int_eq(secagg_server_disputed(l.server, 0, &dealer,
            &holder), SECAGG_ERR_STATE);
        cheats_run_phase(&l);
    }
    check_list(&l, complaints);
    check_blame(&l, complaints);
    cheats_free(&l);
}

START_TEST(disputes_are_listed_and_judged_by_the_rule)
{
    uint64_t state = 5;

    for (int i = 0; i < 120; i++) {
        const uint32_t n = 4 + (uint32_t)(prng_next(&state) % 9);
        const uint32_t c = (uint32_t)(prng_next(&state) % (n / 2));
        uint32_t complaints[CHEAT_MAX] = { 0 };
        for (uint32_t v = 0; v < n; v++)
            for (uint32_t u = 0; u < n; u++)
                if (u != v && prng_next(&state) % 4 < (uint64_t)i % 4)
                    complaints[v] |= 1u << u;
        try_complaints(n, c, complaints);
    }
}
END_TEST

START_TEST(one_dispute_blames_nobody_even_if_nobody_may_lie)
{
    for (uint32_t victims = 0; victims <= 2; victims++) {
        uint32_t complaints[CHEAT_MAX] = { 0 };
        complaints[4] = ALL(victims);
        try_complaints(6, 0, complaints);
    }
}
END_TEST

/* ---- the table of 9.6 --------------------------------------------------- */

typedef struct expected {
    secagg_err error;
    uint32_t blamed, out, steps;
} expected;

static void check(cheat_session *l, expected want)
{
    uint32_t steps;

    cheats_run(l);
    ck_assert_int_eq(l->error, want.error);
    ck_assert_uint_eq(cheats_blamed(l), want.blamed);
    ck_assert_uint_eq(cheats_leave_out(l, &steps), want.out);
    ck_assert_uint_eq(steps, want.steps);
}

static void check_next_sums(int mode, uint32_t n, uint32_t c)
{
    const secagg_params params = cheats_params(mode, n, c, 0, 0);
    cheat_session l;

    cheats_init(&l, &params, 77);
    cheats_run(&l);
    OK(l.error);
    ck_assert_uint_eq(cheats_sum(&l), cheats_values(&l, ALL(n)));
    cheats_free(&l);
}

/* Clients 0 to 3 of twelve spoil their shares for these holders. */
static void try_four(uint32_t holders, expected want)
{
    const secagg_params params = cheats_params(SECAGG_SEMI_HONEST, 12, 4, 0, 0);
    cheat_session l;

    ck_assert_uint_eq(params.threshold, 9);
    cheats_init(&l, &params, 2);
    for (uint32_t u = 0; u < 4; u++)
        l.cheats[u].deals = holders;
    check(&l, want);
    ck_assert_uint_eq(l.aborted, holders);
    ck_assert_uint_eq(l.aborted_bare, 0);
    cheats_free(&l);
}

START_TEST(dealers_that_cheat_all_honest_holders_are_blamed)
{
    try_four(from_to(4, 11), (expected){ SECAGG_ERR_THRESHOLD, ALL(4), ALL(4),
        4 });
    check_next_sums(SECAGG_SEMI_HONEST, 8, 2);
}
END_TEST

START_TEST(dealers_that_cheat_some_holders_leave_with_as_many)
{
    try_four(from_to(4, 7), (expected){ SECAGG_ERR_THRESHOLD, NOBODY, ALL(8),
        4 });
    check_next_sums(SECAGG_SEMI_HONEST, 4, 1);
}
END_TEST

START_TEST(of_three_clients_the_third_is_never_named)
{
    const secagg_params params = cheats_params(SECAGG_SEMI_HONEST, 3, 1, 0, 3);
    cheat_session l;

    cheats_init(&l, &params, 3);
    l.cheats[0].deals = 1u << 2;
    check(&l, (expected){ SECAGG_ERR_THRESHOLD, NOBODY, 1u | 1u << 2, 1 });
    cheats_free(&l);
    cheats_init(&l, &params, 3);
    l.cheats[0].deals = 1u << 1 | 1u << 2;
    check(&l, (expected){ SECAGG_ERR_THRESHOLD, 1u, 1u, 1 });
    cheats_free(&l);
    check_next_sums(SECAGG_SEMI_HONEST, 3, 1);
}
END_TEST

START_TEST(two_dealers_push_a_holder_out_and_lose_one_of_them_for_it)
{
    const secagg_params params = cheats_params(SECAGG_ACTIVE, 12, 4, 0, 11);
    cheat_session l;

    cheats_init(&l, &params, 4);
    l.cheats[0].deals = l.cheats[1].deals = 1u << 7;
    check(&l, (expected){ SECAGG_OK, NOBODY, 1u | 1u << 7, 1 });
    ck_assert_uint_eq(cheats_sum(&l), cheats_values(&l, ALL(12) & ~(1u << 7)));
    cheats_free(&l);
    check_next_sums(SECAGG_ACTIVE, 10, 3);
}
END_TEST

/* ---- three kinds of denial of service ----------------------------------- */

START_TEST(colluders_that_complain_of_an_honest_dealer_do_not_have_it_blamed)
{
    const secagg_params params = cheats_params(SECAGG_SEMI_HONEST, 12, 4, 0, 0);
    cheat_session l;

    cheats_init(&l, &params, 5);
    for (uint32_t v = 8; v < 12; v++)
        l.cheats[v].complains = 1u << 3;
    check(&l, (expected){ SECAGG_ERR_THRESHOLD, NOBODY, 1u << 3 | 1u << 8,
        1 });
    cheats_free(&l);
}
END_TEST

START_TEST(a_dealer_that_cheats_as_many_as_may_lie_is_in_every_dispute)
{
    const secagg_params params = cheats_params(SECAGG_SEMI_HONEST, 12, 4, 0, 0);
    cheat_session l;

    cheats_init(&l, &params, 6);
    l.cheats[3].deals = from_to(8, 11);
    check(&l, (expected){ SECAGG_ERR_THRESHOLD, NOBODY, 1u << 3 | 1u << 8,
        1 });
    cheats_free(&l);
}
END_TEST

/* ---- who is told -------------------------------------------------------- */

START_TEST(a_client_that_sent_abort_is_given_no_abort)
{
    const secagg_params params = cheats_params(SECAGG_SEMI_HONEST, 6, 1, 0, 6);
    const uint8_t *msg;
    size_t len;
    cheat_session l;

    for (int phase = SECAGG_PHASE_KEYS; phase <= SECAGG_PHASE_UNMASK;
         phase++) {
        if (phase == SECAGG_PHASE_CONFIRM)
            continue;
        cheats_init(&l, &params, 7);
        l.cheats[2].aborts_in = 1 + phase;
        for (uint32_t i = 3; i < 6 && phase == SECAGG_PHASE_UNMASK; i++)
            l.cheats[i].silent_from = 1 + phase;
        cheats_run(&l);
        ck_assert_int_eq(l.error, SECAGG_ERR_THRESHOLD);
        OK(secagg_server_send(l.server, 2, &msg, &len));
        ck_assert_uint_eq(len, 0);
        OK(secagg_server_send(l.server, 1, &msg, &len));
        ck_assert_uint_eq(len, 58);
        cheats_free(&l);
    }
}
END_TEST

/* ---- sentences ---------------------------------------------------------- */

static void check_words(const cheat_session *l, const char *const *words)
{
    char why[512];

    ck_assert_int_eq(secagg_server_error(l->server, why, sizeof why),
        l->error);
    ck_assert_uint_lt(strlen(why), sizeof why - 1);
    for (; *words != NULL; words++)
        ck_assert_msg(strstr(why, *words) != NULL, "no '%s' in: %s", *words,
            why);
}

#define CHECK_WORDS(l, ...)                                                   \
    check_words(l, (const char *const[]){ __VA_ARGS__, NULL })

START_TEST(the_sentence_of_a_dispute_says_that_one_of_two_is_at_fault)
{
    const secagg_params params = cheats_params(SECAGG_SEMI_HONEST, 8, 0, 0, 8);
    cheat_session l;

    cheats_init(&l, &params, 8);
    l.cheats[0].deals = 1u << 7;
    l.cheats[2].silent_from = l.cheats[5].silent_from = 1 + SECAGG_PHASE_INPUT;
    cheats_run(&l);
    ck_assert_int_eq(l.error, SECAGG_ERR_THRESHOLD);
    CHECK_WORDS(&l, "clients 0 and 7 disagree about the shares that 0 dealt "
        "to 7; at least one of them is at fault", "clients 2, 5 did not "
        "answer in INPUT", ". Nothing was opened.");
    cheats_free(&l);
}
END_TEST

START_TEST(the_sentence_of_many_disputes_counts_who_gave_up)
{
    const secagg_params params = cheats_params(SECAGG_SEMI_HONEST, 12, 4, 0, 0);
    cheat_session l;

    cheats_init(&l, &params, 9);
    for (uint32_t u = 0; u < 4; u++)
        l.cheats[u].deals = from_to(4, 11);
    cheats_run(&l);
    CHECK_WORDS(&l, "4 of 12 clients sent INPUT; 9 are needed; 8 clients gave "
        "up (THRESHOLD); see the disputes. Nothing was opened.");
    cheats_free(&l);
}
END_TEST

START_TEST(the_sentence_of_a_silent_cohort_names_some_and_counts_the_rest)
{
    const secagg_params params = cheats_params(SECAGG_SEMI_HONEST, 16, 1, 0, 0);
    cheat_session l;

    cheats_init(&l, &params, 10);
    for (uint32_t i = 4; i < 16; i++)
        l.cheats[i].silent_from = 1 + SECAGG_PHASE_SHARES;
    cheats_run(&l);
    CHECK_WORDS(&l, "clients 4, 5, 6, 7, 8, 9, 10, 11 and 4 more did not "
        "answer in SHARES. Nothing was opened.");
    cheats_free(&l);
}
END_TEST

START_TEST(a_failure_in_unmask_says_that_the_sum_may_be_known)
{
    const secagg_params params = cheats_params(SECAGG_SEMI_HONEST, 6, 1, 0, 0);
    cheat_session l;

    for (int cheat = 0; cheat <= 1; cheat++) {
        cheats_init(&l, &params, 11);
        l.cheats[3].commitment = cheat;
        for (uint32_t i = 3; i < 6 && !cheat; i++)
            l.cheats[i].silent_from = 1 + SECAGG_PHASE_UNMASK;
        cheats_run(&l);
        ck_assert_int_eq(l.error, cheat ? SECAGG_ERR_CHEAT
                                         : SECAGG_ERR_THRESHOLD);
        CHECK_WORDS(&l, ". The sum may be known to whoever holds the messages "
            "of this session; its vectors are spent.");
        cheats_free(&l);
    }
}
END_TEST

START_TEST(a_failure_in_confirm_says_that_no_secret_was_opened)
{
    const secagg_params params = cheats_params(SECAGG_ACTIVE, 6, 1, 0, 0);
    cheat_session l;

    cheats_init(&l, &params, 12);
    for (uint32_t i = 3; i < 6; i++)
        l.cheats[i].silent_from = 1 + SECAGG_PHASE_CONFIRM;
    cheats_run(&l);
    ck_assert_int_eq(l.error, SECAGG_ERR_THRESHOLD);
    CHECK_WORDS(&l, "clients 3, 4, 5 did not answer in CONFIRM. No secret was "
        "opened; in active mode the vectors are spent.");
    cheats_free(&l);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { disputes_are_listed_and_judged_by_the_rule,
        one_dispute_blames_nobody_even_if_nobody_may_lie,
        dealers_that_cheat_all_honest_holders_are_blamed,
        dealers_that_cheat_some_holders_leave_with_as_many,
        of_three_clients_the_third_is_never_named,
        two_dealers_push_a_holder_out_and_lose_one_of_them_for_it,
        colluders_that_complain_of_an_honest_dealer_do_not_have_it_blamed,
        a_dealer_that_cheats_as_many_as_may_lie_is_in_every_dispute,
        a_client_that_sent_abort_is_given_no_abort,
        the_sentence_of_a_dispute_says_that_one_of_two_is_at_fault,
        the_sentence_of_many_disputes_counts_who_gave_up,
        the_sentence_of_a_silent_cohort_names_some_and_counts_the_rest,
        a_failure_in_unmask_says_that_the_sum_may_be_known,
        a_failure_in_confirm_says_that_no_secret_was_opened };
    return RUN(tests);
}
