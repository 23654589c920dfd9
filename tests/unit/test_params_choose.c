/* SPDX-License-Identifier: Apache-2.0 */
/* params_choose: the search computed again, degree by degree, in exact
 * integers; and refused arguments. test_params_choose_tails.c tests the tail
 * bounds that it uses. */
#include <math.h>
#include <secagg/params.h>

#include "support/hypergeometric.h"
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

/* Returns the least sufficient degree, or 0 if there is none. */
static uint32_t exact_ring(uint32_t n, uint32_t bad, uint32_t away,
    uint32_t security, uint32_t failure, uint32_t *t, uint32_t *c)
{
    if (n - away < bad + 2)
        return 0;
    for (uint32_t k = 2; k + 2 <= n; k += 2) {
        if (!exact_connected(n, bad + away < n ? bad + away : n, k,
                security + 1))
            continue;
        *c = exact_max(n - 1, bad, k, n, security + 1);
        for (*t = 2; 2 * *t <= k + 1 + *c;)
            ++*t;
        if (*t <= exact_min(n, n - away, k, n, failure))
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
    const uint32_t n = p->clients, bad = fraction_of(corrupt, n);
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
    const secagg_err err = secagg_params_choose(&p, fraction_value(corrupt),
        fraction_value(dropout), security, failure);
    uint32_t t, c, k = 0;

    if (n >= 100)
        k = exact_ring(n, fraction_of(corrupt, n), fraction_of(dropout, n),
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
            const secagg_err err = secagg_params_choose(&p,
                fraction_value(usual[r].corrupt),
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
        err = secagg_params_choose(&p, 0.1, 0.1, 40, 20);
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
                if (secagg_params_choose(&p, c / 100.0, d / 100.0, 40, 20)
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

    ck_assert_int_eq(secagg_params_choose(&p, 0.05, 0.05, 40, 20), SECAGG_OK);
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

START_TEST(invalid_arguments_are_refused_and_change_nothing)
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
        ck_assert_int_eq(secagg_params_choose(&p, bad[i].corrupt,
            bad[i].dropout, bad[i].security, bad[i].failure), SECAGG_ERR_ARG);
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
    ck_assert_int_eq(secagg_params_choose(&p, 0.1, 0.1, 40, 20),
        SECAGG_ERR_ARG);
    p.size++;
    p.mode = 2;
    ck_assert_int_eq(secagg_params_choose(&p, 0.1, 0.1, 40, 20),
        SECAGG_ERR_ARG);
    p.mode = SECAGG_ACTIVE;
    p.clients = 2049;
    ck_assert_int_eq(secagg_params_choose(&p, 0.1, 0.1, 40, 20),
        SECAGG_ERR_ARG);
    ck_assert_uint_eq(p.threshold, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { usual_choices_match_an_exact_search,
        hard_choices_match_an_exact_search,
        fewer_than_a_hundred_clients_get_a_complete_graph,
        active_mode_gets_a_complete_graph_of_up_to_2048,
        every_choice_passes_the_check,
        a_ring_of_the_maximum_number_of_clients_is_valid,
        a_ring_has_at_most_4096_holders,
        invalid_arguments_are_refused_and_change_nothing,
        parameters_of_another_size_or_mode_are_refused };
    return RUN(tests);
}
