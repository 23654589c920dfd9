/* SPDX-License-Identifier: Apache-2.0 */
/* choose: the whole search once more, degree by degree, in exact integers; that
 * choices satisfy the policy; and what is refused. The tails that it goes by
 * are those of test_tails.c. */
#include <math.h>
#include <secagg.h>
#include <stdarg.h>
#include <string.h>

#include "support/hypergeometric.h"
#include "support/laxest_policy.h"
#include "support/main.h"

static secagg_params params_of(uint32_t clients)
{
    static secagg_segment segment = { .length = 1, .bits = 1 };
    secagg_params p = SECAGG_PARAMS_INIT;

    p.clients = clients;
    p.segments = &segment;
    p.segment_count = 1;
    return p;
}

/* ---- the choice --------------------------------------------------------- */

/* Without a policy of clients. */
static secagg_err choose(secagg_params *p, double corrupt, double dropout,
    uint32_t security, uint32_t failure)
{
    const secagg_policy lax = laxest_policy();

    return secagg_params_choose(p, corrupt, dropout, security, failure, &lax,
        NULL, 0);
}

/* The first degree that holds, tried one after another: 0 where none does; and
 * the first threshold. */
static uint32_t exact_ring(uint32_t n, uint32_t bad, uint32_t away,
    uint32_t security, uint32_t failure, uint32_t *t, uint32_t *c)
{
    if (n - away < bad + 2)
        return 0;
    for (uint32_t k = 2; k + 2 <= n && k <= 4094; k += 2) {
        const uint32_t high = exact_min(n, n - away, k, n, failure);
        *c = exact_max(n - 1, bad, k, n, security + 1);
        for (*t = 2; 2 * *t <= k + 1 + *c;)
            ++*t;
        if (*t > high || !exact_cut_holds(n, k, high, bad, n - away, security))
            continue;
        while (!exact_cut_holds(n, k, *t, bad, n - away, security))
            ++*t;
        return k;
    }
    return 0;
}

static const struct { fraction corrupt, dropout; } usual[] = {
    { { 1, 20 }, { 1, 20 } }, { { 1, 10 }, { 1, 10 } },
    { { 1, 5 }, { 1, 10 } }, { { 0, 1 }, { 1, 4 } }, { { 1, 3 }, { 1, 10 } },
    { { 0, 1 }, { 0, 1 } }, { { 1, 100 }, { 1, 5 } } };

static const struct { fraction corrupt, dropout; } hard[] = {
    { { 3, 10 }, { 3, 10 } }, { { 1, 3 }, { 1, 3 } }, { { 1, 4 }, { 1, 3 } },
    { { 2, 5 }, { 1, 4 } }, { { 1, 20 }, { 1, 3 } }, { { 4, 5 }, { 1, 20 } },
    { { 1, 2 }, { 1, 2 } }, { { 9, 10 }, { 1, 5 } }, { { 19, 20 }, { 0, 1 } },
    { { 99, 100 }, { 0, 1 } }, { { 0, 1 }, { 99, 100 } } };

/* Check a choice of the complete graph; returns whether there is one. */
static bool check_complete(const secagg_params *p, secagg_err err,
    fraction corrupt, fraction dropout)
{
    const uint32_t n = p->clients, bad = corrupt_part(corrupt, n);
    const uint32_t left = n - fraction_of(dropout, n);
    uint32_t t = 2, needed;

    while (2 * t <= n + bad)
        t++;
    needed = t > 3 ? t : 3;
    if (left < needed || bad + 2 > n) {
        ck_assert_int_eq(err, SECAGG_ERR_ARG);
        return false;
    }
    ck_assert_int_eq(err, SECAGG_OK);
    ck_assert_uint_eq(p->neighbours, 0);
    ck_assert_uint_eq(p->corrupt, bad);
    ck_assert_uint_eq(p->threshold, t);
    ck_assert_uint_eq(p->min_survivors, 0);
    return true;
}

/* Returns the degree. */
static uint32_t check_choice(uint32_t n, fraction corrupt, fraction dropout,
    uint32_t security, uint32_t failure)
{
    secagg_params p = params_of(n);
    const secagg_err err = choose(&p, fraction_value(corrupt),
        fraction_value(dropout), security, failure);
    uint32_t t, c, k = 0;

    if (n >= 100)
        k = exact_ring(n, corrupt_part(corrupt, n), fraction_of(dropout, n),
            security, failure, &t, &c);
    if (k == 0) {
        check_complete(&p, err, corrupt, dropout);
        return 0;
    }
    ck_assert_int_eq(err, SECAGG_OK);
    ck_assert_uint_eq(p.neighbours, k);
    ck_assert_uint_eq(p.threshold, t);
    ck_assert_uint_eq(p.corrupt, c);
    ck_assert_uint_eq(p.min_survivors, n - fraction_of(dropout, n));
    return k;
}

START_TEST(usual_choices_match_an_exact_search)
{
    static const uint32_t clients[] = { 100, 101, 128, 256, 333, 500, 777,
        1000, 2500, 4095 };

    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++)
        for (size_t r = 0; r < sizeof usual / sizeof *usual; r++)
            ck_assert_uint_gt(check_choice(clients[i], usual[r].corrupt,
                usual[r].dropout, 40, 20), 0);
    /* connectivity alone decides */
    check_choice(1000, usual[3].corrupt, usual[3].dropout, 128, 1);
    check_choice(5000, usual[0].corrupt, usual[0].dropout, 40, 20);
    check_choice(1000, usual[1].corrupt, usual[1].dropout, 64, 30);
    check_choice(1000, usual[1].corrupt, usual[1].dropout, 128, 128);
    check_choice(1000, usual[1].corrupt, usual[1].dropout, 1, 1);
}
END_TEST

/* Up to the last degree, and where there is none. */
START_TEST(hard_choices_match_an_exact_search)
{
    static const uint32_t clients[] = { 3, 4, 7, 50, 99, 100, 101, 120, 150 };
    size_t rings = 0, none = 0;

    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++)
        for (size_t r = 0; r < sizeof hard / sizeof *hard; r++) {
            if (check_choice(clients[i], hard[r].corrupt, hard[r].dropout, 40,
                    20) > 0)
                rings++;
            else
                none += clients[i] >= 100;
        }
    ck_assert_uint_gt(rings, 5);
    ck_assert_uint_gt(none, 5);
}
END_TEST

START_TEST(fewer_than_a_hundred_clients_get_a_complete_graph)
{
    size_t held = 0;

    for (uint32_t n = 3; n < 100; n++)
        for (size_t r = 0; r < sizeof usual / sizeof *usual; r++) {
            secagg_params p = params_of(n);
            const secagg_err err = choose(&p, fraction_value(usual[r].corrupt),
                fraction_value(usual[r].dropout), 40, 20);
            held += check_complete(&p, err, usual[r].corrupt,
                usual[r].dropout);
        }
    ck_assert_uint_gt(held, 600);
}
END_TEST

START_TEST(active_mode_gets_a_complete_graph_of_up_to_2048)
{
    static const fraction tenth = { 1, 10 };

    for (uint32_t n = 90; n <= 2048; n += 89) {
        secagg_params p = params_of(n);
        secagg_err err;
        p.mode = SECAGG_ACTIVE;
        err = choose(&p, 0.1, 0.1, 40, 20);
        ck_assert(check_complete(&p, err, tenth, tenth));
        ck_assert_int_eq(secagg_params_check(&p, NULL, 0), SECAGG_OK);
    }
}
END_TEST

/* Whatever is chosen is sound. */
START_TEST(every_choice_passes_the_check)
{
    size_t sound = 0;

    for (uint32_t n = 3; n <= 1048576; n = n < 300 ? n + 1 : n * 5 / 4)
        for (uint32_t c = 0; c < 100; c += 9)
            for (uint32_t d = 0; d < 60; d += 7) {
                secagg_params p = params_of(n);
                char why[160];
                if (choose(&p, c / 100.0, d / 100.0, 40, 20)
                    != SECAGG_OK)
                    continue;
                ck_assert_msg(secagg_params_check(&p, why, sizeof why)
                    == SECAGG_OK, "%u clients: %s", n, why);
                sound++;
            }
    ck_assert_uint_gt(sound, 10000);
}
END_TEST

START_TEST(a_ring_of_the_maximum_number_of_clients_is_valid)
{
    secagg_params p = params_of(1048576);

    ck_assert_int_eq(choose(&p, 0.05, 0.05, 40, 20), SECAGG_OK);
    ck_assert_uint_gt(p.neighbours, 0);
    ck_assert_int_eq(secagg_params_check(&p, NULL, 0), SECAGG_OK);
    p.clients++;
    ck_assert_int_eq(secagg_params_check(&p, NULL, 0), SECAGG_ERR_ARG);
}
END_TEST

/* 4095 neighbours and the client itself have 4096 points. */
START_TEST(a_ring_has_at_most_4096_holders)
{
    secagg_params p = params_of(10000);

    p.neighbours = 4094;
    p.threshold = 4000;
    p.min_survivors = 9000;
    ck_assert_int_eq(secagg_params_check(&p, NULL, 0), SECAGG_OK);
    p.neighbours = 4096;
    ck_assert_int_eq(secagg_params_check(&p, NULL, 0), SECAGG_ERR_ARG);
}
END_TEST

/* ---- the policy --------------------------------------------------------- */

/* What a client says: SECAGG_OK, or POLICY. Above 2^20 and 2048 there is no
 * session. */
static secagg_err offer(const secagg_params *p, const secagg_policy *policy)
{
    static const uint8_t seed[SECAGG_SEED_BYTES] = { 1 };
    secagg_client *client;
    const secagg_err err = secagg_client_new_seeded(&client, p, 0, policy,
        seed);

    if (err == SECAGG_OK)
        secagg_client_free(client);
    return err;
}

/* Each member of a policy, alone and with others; NULL is the default. */
static const secagg_policy policies[] = {
    { .size = sizeof(secagg_policy) },
    { .size = sizeof(secagg_policy), .min_corrupt = 0.2 },
    { .size = sizeof(secagg_policy), .min_corrupt = 1e-9 },
    { .size = sizeof(secagg_policy), .min_corrupt = SECAGG_NOBODY_CORRUPT },
    { .size = sizeof(secagg_policy), .min_ring = 300 },
    { .size = sizeof(secagg_policy), .min_ring = 4, .min_survivors = 2 },
    { .size = sizeof(secagg_policy), .min_survivors = 80 },
    { .size = sizeof(secagg_policy), .min_clients = 30, .min_corrupt = 0.1 },
    { .size = sizeof(secagg_policy), .min_survivors = 2, .min_corrupt = 0.6 },
};

#define POLICIES (sizeof policies / sizeof *policies)

static bool check_satisfied(uint32_t n, double corrupt, double dropout,
    uint32_t security, const secagg_policy *policy)
{
    secagg_params p = params_of(n);
    char why[160];

    if (secagg_params_choose(&p, corrupt, dropout, security, 20, policy, why,
            sizeof why) != SECAGG_OK) {
        ck_assert_uint_gt(strlen(why), 20);
        ck_assert_uint_lt(strlen(why), sizeof why - 1);
        return false;
    }
    ck_assert_str_eq(why, "");
    ck_assert_msg(offer(&p, policy) == SECAGG_OK, "%u clients, %g, %g", n,
        corrupt, dropout);
    return true;
}

START_TEST(every_choice_satisfies_its_policy)
{
    static const double fractions[] = { 0, 0.05, 0.2, 0.34 };
    size_t count = 0;

    for (uint32_t n = 3; n <= 20000; n = n < 130 ? n + 9 : n * 5 / 3)
        for (size_t i = 0; i <= POLICIES; i++)
            for (size_t c = 0; c < 4; c++)
                for (size_t d = 0; d < 4; d++)
                    for (uint32_t bits = 1; bits <= 64; bits += 21)
                        count += check_satisfied(n, fractions[c],
                            fractions[d], bits, i < POLICIES ? &policies[i]
                                                             : NULL);
    ck_assert_uint_gt(count, 8000);
}
END_TEST

static secagg_params chosen(uint32_t n, double corrupt, double dropout,
    const secagg_policy *policy)
{
    secagg_params p = params_of(n);

    ck_assert_int_eq(secagg_params_choose(&p, corrupt, dropout, 40, 20, policy,
        NULL, 0), SECAGG_OK);
    return p;
}

/* The larger number of corrupt clients counts, be it the host's or the
 * policy's. */
START_TEST(the_larger_number_of_corrupt_clients_counts)
{
    secagg_policy policy = SECAGG_POLICY_INIT;
    secagg_params p;

    for (uint32_t n = 100; n < 1000; n += 97) {
        const secagg_params host = chosen(n, 0.2, 0.05, NULL);
        policy.min_corrupt = 0.2;
        p = chosen(n, 0.05, 0.05, &policy);
        if (n >= 166) /* the default of 33 is below a fifth */
            ck_assert(memcmp(&p, &host, sizeof p) == 0);
        policy.min_corrupt = SECAGG_NOBODY_CORRUPT;
        p = chosen(n, 0.2, 0.05, &policy);
        ck_assert_uint_eq(p.neighbours, chosen(n, 0.2, 0.05,
            &(secagg_policy){ .size = sizeof policy, .min_corrupt = 0.1 })
                .neighbours);
    }
    p = chosen(100, 0.05, 0.05, NULL);
    ck_assert_uint_eq(p.neighbours, 44);
    ck_assert_uint_eq(p.threshold, 39);
    ck_assert_uint_eq(p.corrupt, 32);
    policy.min_corrupt = 0.05;
    p = chosen(100, 0, 0.05, &policy);
    ck_assert_uint_eq(p.neighbours, 18);
    ck_assert_uint_eq(p.threshold, 13);
    ck_assert_uint_eq(p.corrupt, 5);
}
END_TEST

START_TEST(a_fraction_above_0_is_a_corrupt_client)
{
    secagg_policy nobody = SECAGG_POLICY_INIT;

    nobody.min_corrupt = SECAGG_NOBODY_CORRUPT;
    for (uint32_t n = 5; n < 100; n += 7) {
        ck_assert_uint_eq(chosen(n, 0, 0, &nobody).corrupt, 0);
        ck_assert_uint_eq(chosen(n, 1e-9, 0, &nobody).corrupt, 1);
        /* but of dropouts it may be nobody */
        ck_assert_uint_eq(chosen(n, 0.34, 1e-9, &nobody).threshold,
            chosen(n, 0.34, 0, &nobody).threshold);
    }
}
END_TEST

/* ---- what is refused ---------------------------------------------------- */

/* The sentence has these words, up to NULL. */
static void check_words(const char *why, va_list words)
{
    for (const char *word; (word = va_arg(words, const char *)) != NULL;)
        ck_assert_msg(strstr(why, word) != NULL, "no '%s': %s", word, why);
}

static void refuse(secagg_params p, double corrupt, double dropout,
    const secagg_policy *policy, ...)
{
    const secagg_params before = p;
    char why[160];
    va_list words;

    ck_assert_int_eq(secagg_params_choose(&p, corrupt, dropout, 40, 20, policy,
        why, sizeof why), SECAGG_ERR_ARG);
    ck_assert(memcmp(&p, &before, sizeof p) == 0);
    va_start(words, policy);
    check_words(why, words);
    va_end(words);
    ck_assert_int_eq(secagg_params_choose(&p, corrupt, dropout, 40, 20, policy,
        NULL, 0), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_params_choose(&p, corrupt, dropout, 40, 20, policy,
        why, 5), SECAGG_ERR_ARG);
    ck_assert_uint_eq(strlen(why), 4);
}

START_TEST(each_refusal_has_a_sentence_with_its_numbers)
{
    secagg_policy policy = SECAGG_POLICY_INIT;
    secagg_params active = params_of(2049);

    active.mode = SECAGG_ACTIVE;
    refuse(params_of(3), 0, 0.34, NULL, "1 of 3", "1 corrupt", "3 must stay",
        NULL);
    refuse(params_of(1000), 0.1, 0.45, NULL, "450 of 1000", "100 corrupt",
        "551 must stay", NULL);
    refuse(params_of(100000), 0.3, 0.3, NULL, "100000", "30000 corrupt",
        "30000 dropouts", "4095", NULL);
    refuse(active, 0.1, 0.1, NULL, "2049", "204 corrupt", "2048", NULL);
    refuse(params_of(2), 0, 0, NULL, "2 clients", "100000000", NULL);
    refuse(params_of(9), 1.5, 0, NULL, "1.5", NULL);
    policy.min_clients = 10;
    refuse(params_of(9), 0, 0, &policy, "9 clients", "10", "policy", NULL);
    policy.min_clients = 0;
    policy.min_survivors = 10;
    refuse(params_of(12), 0, 0.25, &policy, "3 of 12", "10 must stay", NULL);
    policy.min_survivors = 0;
    policy.require_active = 1;
    refuse(params_of(9), 0, 0, &policy, "semi-honest", "policy", NULL);
    policy.require_active = 2;
    refuse(params_of(9), 0, 0, &policy, "require_active", "policy", NULL);
    policy.require_active = 0;
    policy.min_corrupt = NAN;
    refuse(params_of(9), 0, 0, &policy, "min_corrupt", "policy", NULL);
    policy.min_corrupt = 0;
    policy.size--;
    refuse(params_of(9), 0, 0, &policy, "SECAGG_POLICY_INIT", NULL);
}
END_TEST

START_TEST(nonsense_is_refused_and_changes_nothing)
{
    static const struct { uint32_t n; double corrupt, dropout;
        uint32_t security, failure; } bad[] = { { 2, 0, 0, 40, 20 },
        { 0, 0, 0, 40, 20 }, { 100000001, 0.05, 0.05, 40, 20 },
        { UINT32_MAX, 0.05, 0.05, 40, 20 }, { 1000, -0.01, 0.1, 40, 20 },
        { 1000, 1, 0, 40, 20 }, { 1000, NAN, 0, 40, 20 },
        { 1000, INFINITY, 0, 40, 20 }, { 1000, 0.1, -0.1, 40, 20 },
        { 1000, 0.1, 1, 40, 20 }, { 1000, 0.1, NAN, 40, 20 },
        { 1000, 0.1, 0.1, 0, 20 }, { 1000, 0.1, 0.1, 129, 20 },
        { 1000, 0.1, 0.1, 40, 0 }, { 1000, 0.1, 0.1, 40, 129 },
        { 1000, 0.1, 0.1, UINT32_MAX, 20 }, { 3, 0, 0.34, 40, 20 },
        { 1000, 0.5, 0.5, 40, 20 }, { 1000, 0.9999, 0.9999, 40, 20 },
        { 100, 1 - 1e-16, 1 - 1e-16, 40, 20 }, { 5000, 0.34, 0.33, 40, 20 } };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        secagg_params p = params_of(bad[i].n);
        p.neighbours = 1;
        p.threshold = 2;
        p.corrupt = 3;
        p.min_survivors = 4;
        ck_assert_int_eq(choose(&p, bad[i].corrupt, bad[i].dropout,
            bad[i].security, bad[i].failure), SECAGG_ERR_ARG);
        ck_assert_uint_eq(p.neighbours, 1);
        ck_assert_uint_eq(p.threshold, 2);
        ck_assert_uint_eq(p.corrupt, 3);
        ck_assert_uint_eq(p.min_survivors, 4);
    }
}
END_TEST

START_TEST(parameters_of_another_size_or_mode_are_refused)
{
    secagg_params p = params_of(1000);

    p.size--;
    ck_assert_int_eq(choose(&p, 0.1, 0.1, 40, 20),
        SECAGG_ERR_ARG);
    p.size++;
    p.mode = 2;
    ck_assert_int_eq(choose(&p, 0.1, 0.1, 40, 20),
        SECAGG_ERR_ARG);
    p.mode = SECAGG_ACTIVE;
    p.clients = 2049;
    ck_assert_int_eq(choose(&p, 0.1, 0.1, 40, 20),
        SECAGG_ERR_ARG);
    ck_assert_uint_eq(p.threshold, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        usual_choices_match_an_exact_search,
        hard_choices_match_an_exact_search,
        fewer_than_a_hundred_clients_get_a_complete_graph,
        active_mode_gets_a_complete_graph_of_up_to_2048,
        every_choice_passes_the_check,
        a_ring_of_the_maximum_number_of_clients_is_valid,
        a_ring_has_at_most_4096_holders,
        every_choice_satisfies_its_policy,
        the_larger_number_of_corrupt_clients_counts,
        a_fraction_above_0_is_a_corrupt_client,
        each_refusal_has_a_sentence_with_its_numbers,
        nonsense_is_refused_and_changes_nothing,
        parameters_of_another_size_or_mode_are_refused };
    return RUN(tests);
}
