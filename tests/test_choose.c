/* SPDX-License-Identifier: Apache-2.0 */
/* choose: every tail, and the whole search degree by degree, once more in
 * exact integers; and the tails held to published figures by a rule that
 * others use, which the library does not. */
#include <gmp.h>
#include <math.h>

#include "choose.h"
#include "main.h"

/* A share of clients, exactly and as a host would write it. */
typedef struct rate {
    uint32_t of, in;
} rate;

static double real(rate r)
{
    return (double)r.of / (double)r.in;
}

static uint32_t part(rate r, uint32_t n)
{
    return (uint32_t)((uint64_t)r.of * n / r.in);
}

static secagg_params params_of(uint32_t clients)
{
    static secagg_segment segment = { .length = 1, .bits = 1 };
    secagg_params p = SECAGG_PARAMS_INIT;

    p.clients = clients;
    p.segments = &segment;
    p.segment_count = 1;
    return p;
}

/* ---- exact integers ----------------------------------------------------- */

/* Ways to draw x marked ones. */
static void ways(mpz_t out, uint32_t population, uint32_t marked,
    uint32_t draws, uint32_t x)
{
    mpz_t others;

    mpz_init(others);
    mpz_bin_uiui(out, marked, x);
    mpz_bin_uiui(others, population - marked, draws - x);
    mpz_mul(out, out, others);
    mpz_clear(others);
}

/* Ways that have a probability of 2^-bits / n and less: C(population, draws) /
 * (n 2^bits), rounded down. */
static void limit(mpz_t out, uint32_t population, uint32_t draws, uint32_t n,
    uint32_t bits)
{
    mpz_bin_uiui(out, population, draws);
    mpz_fdiv_q_2exp(out, out, bits);
    mpz_fdiv_q_ui(out, out, n);
}

/* The least x with P[X > x] <= 2^-bits / n. */
static uint32_t exact_most(uint32_t population, uint32_t marked,
    uint32_t draws, uint32_t n, uint32_t bits)
{
    uint32_t x = marked < draws ? marked : draws;
    mpz_t tail, here, most;

    mpz_inits(tail, here, most, NULL);
    limit(most, population, draws, n, bits);
    for (;; x--) {
        ways(here, population, marked, draws, x);
        mpz_add(tail, tail, here); /* of P[X > x - 1] */
        if (x == 0 || mpz_cmp(tail, most) > 0)
            break;
    }
    mpz_clears(tail, here, most, NULL);
    return x;
}

/* The greatest t with P[Y <= t - 1] <= 2^-bits / n. */
static uint32_t exact_least(uint32_t population, uint32_t marked,
    uint32_t draws, uint32_t n, uint32_t bits)
{
    uint32_t t = 0;
    mpz_t tail, here, most;

    mpz_inits(tail, here, most, NULL);
    limit(most, population, draws, n, bits);
    for (;; t++) {
        ways(here, population, marked, draws, t);
        mpz_add(tail, tail, here); /* of P[Y <= t] */
        if (t == draws || mpz_cmp(tail, most) > 0)
            break;
    }
    mpz_clears(tail, here, most, NULL);
    return t;
}

/* n (n - k - 1) / 2 C(bad, k) / C(n, k) < 2^-bits. */
static bool exact_connected(uint32_t n, uint32_t bad, uint32_t k,
    uint32_t bits)
{
    mpz_t away, all;
    bool holds;

    mpz_inits(away, all, NULL);
    mpz_bin_uiui(away, bad, k);
    mpz_mul_ui(away, away, n);
    mpz_mul_ui(away, away, n - k - 1);
    mpz_mul_2exp(away, away, bits);
    mpz_bin_uiui(all, n, k);
    mpz_mul_ui(all, all, 2);
    holds = mpz_cmp(away, all) < 0;
    mpz_clears(away, all, NULL);
    return holds;
}

/* The first degree that holds, tried one after another: 0 where none does. */
static uint32_t exact_ring(uint32_t n, uint32_t bad, uint32_t away,
    uint32_t security, uint32_t failure, uint32_t *t, uint32_t *c)
{
    if (n - away < bad + 2)
        return 0;
    for (uint32_t k = 2; k + 2 <= n; k += 2) {
        if (!exact_connected(n, bad + away < n ? bad + away : n, k,
                security + 1))
            continue;
        *c = exact_most(n - 1, bad, k, n, security + 1);
        for (*t = 2; 2 * *t <= k + 1 + *c;)
            ++*t;
        if (*t <= exact_least(n, n - away, k, n, failure))
            return k;
    }
    return 0;
}

/* ---- tails -------------------------------------------------------------- */

/* 17 divides no C(N, k) with N < 17: no probability is a bound. */
START_TEST(small_tails_are_exact)
{
    for (uint32_t all = 1; all < 17; all++)
        for (uint32_t marked = 0; marked <= all; marked++)
            for (uint32_t draws = 0; draws <= all; draws++)
                for (uint32_t bits = 0; bits < 12; bits++)
                    ck_assert_uint_eq(sa_choose_most(all, marked, draws,
                        ldexp(1, -(int)bits) / 17),
                        exact_most(all, marked, draws, 17, bits));
}
END_TEST

static const rate corrupt_rates[] = { { 0, 1 }, { 1, 100 }, { 1, 20 },
    { 1, 10 }, { 1, 5 }, { 3, 10 }, { 1, 3 }, { 1, 2 }, { 9, 10 } };

#define RATES (sizeof corrupt_rates / sizeof *corrupt_rates)

START_TEST(corrupt_neighbours_are_bounded_exactly)
{
    static const uint32_t clients[] = { 10, 100, 101, 500, 999, 1000, 3000 };

    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++)
        for (size_t r = 0; r < RATES; r++)
            for (uint32_t k = 2; k + 2 <= clients[i] && k < 300; k += 14) {
                const uint32_t n = clients[i];
                const uint32_t bad = part(corrupt_rates[r], n);
                ck_assert_uint_eq(sa_choose_corrupt(n, k,
                    real(corrupt_rates[r]), 40),
                    exact_most(n - 1, bad, k, n, 41));
                ck_assert_uint_eq(sa_choose_corrupt(n, k,
                    real(corrupt_rates[r]), 127),
                    exact_most(n - 1, bad, k, n, 128));
            }
}
END_TEST

/* If everybody is corrupt, so are all neighbours. */
START_TEST(a_share_of_one_is_everybody)
{
    ck_assert_uint_eq(sa_choose_corrupt(100, 40, 1.0, 40), 40);
    ck_assert_uint_eq(sa_choose_corrupt(4, 2, 1.0, 1), 2);
}
END_TEST

/* A client is not its own neighbour: where the tail is taken over all n, the
 * bound is one too low and the threshold too. */
START_TEST(the_client_itself_is_not_among_those_drawn_from)
{
    static const struct { uint32_t n; rate corrupt; uint32_t k; } few[] = {
        { 100, { 1, 3 }, 48 }, { 500, { 3, 10 }, 92 },
        { 500, { 3, 10 }, 132 }, { 500, { 1, 3 }, 102 },
        { 1000, { 1, 3 }, 52 } };

    for (size_t i = 0; i < 5; i++) {
        const uint32_t n = few[i].n, k = few[i].k;
        const rate r = few[i].corrupt;
        const uint32_t c = sa_choose_corrupt(n, k, real(r), 40);
        const uint32_t less = exact_most(n, part(r, n), k, n, 41);
        ck_assert_uint_eq(c, exact_most(n - 1, part(r, n), k, n, 41));
        ck_assert_uint_eq(c, less + 1);
        ck_assert_uint_eq((c + k + 1) / 2, (less + k + 1) / 2 + 1);
    }
}
END_TEST

START_TEST(the_degree_that_keeps_a_ring_together_is_exact)
{
    static const uint32_t clients[] = { 4, 5, 12, 99, 100, 250 };

    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++)
        for (uint32_t bad = 0; bad <= clients[i] + 2; bad++)
            for (uint32_t bits = 1; bits < 60; bits += 19) {
                const uint32_t n = clients[i];
                uint32_t k = 2;
                while (k + 2 <= n
                    && !exact_connected(n, bad < n ? bad : n, k, bits))
                    k += 2;
                ck_assert_uint_eq(sa_choose_connected(n, bad,
                    ldexp(1, -(int)bits)), k + 2 <= n ? k : 0);
            }
}
END_TEST

/* As people write shares: 29 % of 100 are 29, though 0.29 * 100 is less. */
START_TEST(shares_of_clients_are_counted_as_they_are_meant)
{
    for (uint32_t in = 1; in <= 1000; in = in * 3 / 2 + 1)
        for (uint32_t of = 0; of <= in; of++)
            for (uint32_t n = 1; n < 1200; n += 1 + n / 7) {
                const rate r = { of, in };
                ck_assert_uint_eq(sa_choose_count(real(r), n), part(r, n));
            }
    ck_assert_uint_eq(sa_choose_count(0.29, 100), 29);
    ck_assert_uint_eq(sa_choose_count(0.1, 100000000), 10000000);
}
END_TEST

/* ---- the choice --------------------------------------------------------- */

static const struct { rate corrupt, dropout; } usual[] = {
    { { 1, 20 }, { 1, 20 } }, { { 1, 10 }, { 1, 10 } },
    { { 1, 5 }, { 1, 10 } }, { { 0, 1 }, { 1, 4 } }, { { 1, 3 }, { 1, 10 } },
    { { 0, 1 }, { 0, 1 } }, { { 1, 100 }, { 1, 5 } } };

static const struct { rate corrupt, dropout; } hard[] = {
    { { 3, 10 }, { 3, 10 } }, { { 1, 3 }, { 1, 3 } }, { { 1, 4 }, { 1, 3 } },
    { { 2, 5 }, { 1, 4 } }, { { 1, 20 }, { 1, 3 } }, { { 4, 5 }, { 1, 20 } },
    { { 1, 2 }, { 1, 2 } }, { { 9, 10 }, { 1, 5 } }, { { 19, 20 }, { 0, 1 } },
    { { 99, 100 }, { 0, 1 } }, { { 0, 1 }, { 99, 100 } } };

/* Of the complete graph; false where it does not hold. */
static bool check_complete(const secagg_params *p, secagg_err err,
    rate corrupt, rate dropout)
{
    const uint32_t n = p->clients, bad = part(corrupt, n);
    const uint32_t left = n - part(dropout, n);
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
static uint32_t check_choice(uint32_t n, rate corrupt, rate dropout,
    uint32_t security, uint32_t failure)
{
    secagg_params p = params_of(n);
    const secagg_err err = secagg_params_choose(&p, real(corrupt),
        real(dropout), security, failure);
    uint32_t t, c, k = 0;

    if (n >= 100)
        k = exact_ring(n, part(corrupt, n), part(dropout, n), security,
            failure, &t, &c);
    if (k == 0) {
        check_complete(&p, err, corrupt, dropout);
        return 0;
    }
    ck_assert_int_eq(err, SECAGG_OK);
    ck_assert_uint_eq(p.neighbours, k);
    ck_assert_uint_eq(p.threshold, t);
    ck_assert_uint_eq(p.corrupt, c);
    ck_assert_uint_eq(p.min_survivors, n - part(dropout, n));
    return k;
}

START_TEST(usual_choices_are_those_of_an_exact_search)
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
START_TEST(hard_choices_are_those_of_an_exact_search)
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

START_TEST(fewer_than_a_hundred_clients_are_a_complete_graph)
{
    size_t held = 0;

    for (uint32_t n = 3; n < 100; n++)
        for (size_t r = 0; r < sizeof usual / sizeof *usual; r++) {
            secagg_params p = params_of(n);
            const secagg_err err = secagg_params_choose(&p,
                real(usual[r].corrupt), real(usual[r].dropout), 40, 20);
            held += check_complete(&p, err, usual[r].corrupt,
                usual[r].dropout);
        }
    ck_assert_uint_gt(held, 600);
}
END_TEST

START_TEST(active_mode_is_a_complete_graph_of_up_to_2048)
{
    static const rate tenth = { 1, 10 };

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

START_TEST(a_ring_of_the_most_clients_is_sound)
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
START_TEST(a_ring_has_no_more_holders_than_there_are_points)
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

/* ---- published figures -------------------------------------------------- */

/* The rule of a deployed implementation: the corrupt are drawn from all n, and
 * a client keeps no share of its own secrets. Degree by degree. */
static void other_rule(uint32_t n, double corrupt, double dropout,
    uint32_t failure, bool hardened, uint32_t *k, uint32_t *t)
{
    const uint32_t bad = sa_choose_count(corrupt, n);
    const uint32_t away = sa_choose_count(dropout, n);
    const double leak = ldexp(1, -41);

    *k = sa_choose_connected(n, bad + away, leak);
    ck_assert_uint_gt(*k, 0);
    for (; *k + 1 < n; *k += 2) {
        const uint32_t c = sa_choose_most(n, bad, *k, leak / n);
        const uint32_t gone = sa_choose_most(n, away, *k,
            ldexp(1, -(int)failure) / n);
        *t = hardened ? (c + *k) / 2 + 1 : c + 1;
        if (*t < 2)
            *t = 2;
        if (*t + gone <= *k)
            return;
    }
}

typedef struct figure {
    uint32_t n;
    double corrupt, dropout;
    uint32_t k, t;
} figure;

static void check_figures(const figure *f, size_t count, uint32_t failure,
    bool hardened)
{
    uint32_t k, t;

    for (size_t i = 0; i < count; i++) {
        other_rule(f[i].n, f[i].corrupt, f[i].dropout, failure, hardened, &k,
            &t);
        ck_assert_msg(k == f[i].k && t == f[i].t,
            "%u clients, %g, %g: %u, %u, not %u, %u", f[i].n, f[i].corrupt,
            f[i].dropout, k, t, f[i].k, f[i].t);
    }
}

#define THIRD (1.0 / 3)

#define CHECK_FIGURES(figures, failure, hardened)                             \
    check_figures((figures), sizeof(figures) / sizeof *(figures), (failure),  \
        (hardened))

START_TEST(the_tails_give_the_published_semi_honest_figures)
{
    static const figure published[] = { { 100, .05, .05, 12, 6 },
        { 1000, .33, .05, 78, 60 }, { 10000, .33, .33, 422, 221 },
        { 1000000, .45, .45, 6240, 3156 } };
    static const figure twenty[] = { { 1000, .05, .05, 30, 17 },
        { 10000, .05, .05, 34, 20 }, { 100000, .05, .05, 36, 21 },
        { 1000000, .05, .05, 38, 22 }, { 10000000, .05, .05, 42, 24 },
        { 100000000, .05, .05, 44, 25 }, { 1000, .1, .1, 48, 27 },
        { 10000, .1, .1, 54, 31 }, { 100000, .1, .1, 58, 33 },
        { 1000000, .1, .1, 64, 36 }, { 10000000, .1, .1, 68, 38 },
        { 100000000, .1, .1, 72, 40 }, { 1000, .2, .2, 98, 54 },
        { 10000, .2, .2, 122, 67 }, { 100000, .2, .2, 134, 73 },
        { 1000000, .2, .2, 144, 78 }, { 10000000, .2, .2, 154, 83 },
        { 100000000, .2, .2, 164, 88 }, { 1000, .05, .33, 72, 24 },
        { 10000, .05, .33, 86, 29 }, { 100000, .05, .33, 96, 32 },
        { 1000000, .05, .33, 102, 34 }, { 10000000, .05, .33, 112, 37 },
        { 100000000, .05, .33, 120, 39 }, { 1000, THIRD, THIRD, 292, 154 },
        { 10000, THIRD, THIRD, 442, 231 },
        { 100000, THIRD, THIRD, 498, 260 },
        { 1000000, THIRD, THIRD, 538, 280 },
        { 10000000, THIRD, THIRD, 576, 299 },
        { 100000000, THIRD, THIRD, 616, 319 } };
    static const figure thirty[] = { { 1000, .05, .05, 34, 18 },
        { 10000, .05, .05, 38, 21 }, { 100000, .05, .05, 40, 22 },
        { 1000000, .05, .05, 44, 24 }, { 10000000, .05, .05, 46, 25 },
        { 100000000, .05, .05, 50, 27 }, { 1000, .1, .1, 52, 28 },
        { 10000, .1, .1, 60, 32 }, { 100000, .1, .1, 66, 35 },
        { 1000000, .1, .1, 70, 37 }, { 10000000, .1, .1, 74, 39 },
        { 100000000, .1, .1, 80, 42 }, { 1000, .2, .2, 112, 59 },
        { 10000, .2, .2, 136, 71 }, { 100000, .2, .2, 150, 78 },
        { 1000000, .2, .2, 160, 83 }, { 10000000, .2, .2, 170, 88 },
        { 100000000, .2, .2, 180, 93 } };

    CHECK_FIGURES(published, 20, false);
    CHECK_FIGURES(twenty, 20, false);
    CHECK_FIGURES(thirty, 30, false);
}
END_TEST

START_TEST(the_tails_give_the_published_hardened_figures)
{
    static const figure published[] = { { 100, .3, .3, 92, 62 },
        { 1000, .33, .05, 132, 109 }, { 1000000, .33, .05, 212, 173 } };
    static const figure twenty[] = { { 1000, .05, .05, 52, 37 },
        { 10000, .05, .05, 62, 44 }, { 100000, .05, .05, 68, 48 },
        { 1000000, .05, .05, 74, 52 }, { 10000000, .05, .05, 80, 56 },
        { 1000, .1, .1, 96, 67 }, { 10000, .1, .1, 122, 85 },
        { 100000, .1, .1, 134, 93 }, { 1000000, .1, .1, 146, 101 },
        { 10000000, .1, .1, 158, 109 }, { 1000, .2, .1, 140, 104 },
        { 10000, .2, .1, 184, 136 }, { 100000, .2, .1, 204, 150 },
        { 1000000, .2, .1, 222, 163 }, { 10000000, .2, .1, 236, 173 },
        { 1000, .05, .33, 398, 223 }, { 10000, .05, .33, 746, 420 },
        { 100000, .05, .33, 882, 496 }, { 1000000, .05, .33, 970, 545 },
        { 10000000, .05, .33, 1056, 593 } };

    CHECK_FIGURES(published, 20, true);
    CHECK_FIGURES(twenty, 20, true);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { small_tails_are_exact,
        corrupt_neighbours_are_bounded_exactly, a_share_of_one_is_everybody,
        the_client_itself_is_not_among_those_drawn_from,
        the_degree_that_keeps_a_ring_together_is_exact,
        shares_of_clients_are_counted_as_they_are_meant,
        usual_choices_are_those_of_an_exact_search,
        hard_choices_are_those_of_an_exact_search,
        fewer_than_a_hundred_clients_are_a_complete_graph,
        active_mode_is_a_complete_graph_of_up_to_2048,
        every_choice_passes_the_check, a_ring_of_the_most_clients_is_sound,
        a_ring_has_no_more_holders_than_there_are_points,
        nonsense_is_refused_and_changes_nothing,
        parameters_of_another_size_or_mode_are_refused,
        the_tails_give_the_published_semi_honest_figures,
        the_tails_give_the_published_hardened_figures };
    return RUN(tests);
}
