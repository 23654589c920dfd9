/* SPDX-License-Identifier: Apache-2.0 */
/* tails: every tail once more in exact integers; and all of them held to
 * published figures by a rule that others use, which the library does not. */
#include <math.h>

#include "session/tails.h"
#include "support/hypergeometric.h"
#include "support/main.h"

/* ---- exactly ------------------------------------------------------------ */

static void check_tail(uint32_t all, uint32_t marked, uint32_t draws)
{
    mpz_t tail, here, every;

    mpz_inits(tail, here, every, NULL);
    mpz_bin_uiui(every, all, draws);
    for (uint32_t x = (marked < draws ? marked : draws) + 1; x > 0; x--) {
        ck_assert(fabs(sa_tails_at_least(all, marked, draws, x)
            - mpz_get_d(tail) / mpz_get_d(every)) < 1e-12);
        ways(here, all, marked, draws, x - 1);
        mpz_add(tail, tail, here);
    }
    ck_assert(mpz_cmp(tail, every) == 0);
    mpz_clears(tail, here, every, NULL);
}

START_TEST(upper_tails_are_exact)
{
    for (uint32_t all = 1; all < 17; all++)
        for (uint32_t marked = 0; marked <= all; marked++)
            for (uint32_t draws = 0; draws <= all; draws++)
                check_tail(all, marked, draws);
    check_tail(1000, 300, 40);
}
END_TEST

/* 17 divides no C(N, k) with N < 17: no probability is a bound. */
START_TEST(small_tails_are_exact)
{
    for (uint32_t all = 1; all < 17; all++)
        for (uint32_t marked = 0; marked <= all; marked++)
            for (uint32_t draws = 0; draws <= all; draws++)
                for (uint32_t bits = 0; bits < 12; bits++)
                    ck_assert_uint_eq(sa_tails_quantile(all, marked, draws,
                        ldexp(1, -(int)bits) / 17),
                        exact_max(all, marked, draws, 17, bits));
}
END_TEST

static const fraction corrupt_rates[] = { { 0, 1 }, { 1, 100 }, { 1, 20 },
    { 1, 10 }, { 1, 5 }, { 3, 10 }, { 1, 3 }, { 1, 2 }, { 9, 10 } };

#define RATES (sizeof corrupt_rates / sizeof *corrupt_rates)

START_TEST(corrupt_and_lost_neighbours_are_bounded_exactly)
{
    static const uint32_t clients[] = { 10, 100, 101, 500, 999, 1000, 3000 };

    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++)
        for (size_t r = 0; r < RATES; r++)
            for (uint32_t k = 2; k + 2 <= clients[i] && k < 300; k += 14) {
                const uint32_t n = clients[i];
                const uint32_t bad = fraction_of(corrupt_rates[r], n);
                ck_assert_uint_eq(sa_tails_c_max(n, k, bad, 40),
                    exact_max(n - 1, bad, k, n, 41));
                ck_assert_uint_eq(sa_tails_c_max(n, k, bad, 127),
                    exact_max(n - 1, bad, k, n, 128));
                ck_assert_uint_eq(sa_tails_d_max(n, k, bad, 20),
                    k - exact_min(n, n - bad, k, n, 20));
            }
}
END_TEST

/* If everybody is corrupt, so are all neighbours. */
START_TEST(a_fraction_of_one_is_all_clients)
{
    ck_assert_uint_eq(sa_tails_corrupt(1.0, 100), 100);
    ck_assert_uint_eq(sa_tails_c_max(100, 40, 100, 40), 40);
    ck_assert_uint_eq(sa_tails_c_max(4, 2, 4, 1), 2);
}
END_TEST

/* A client is not its own neighbour: where the tail is taken over all n, the
 * bound is one too low and the threshold too. */
START_TEST(the_neighbours_are_drawn_from_the_other_clients)
{
    static const struct { uint32_t n; fraction corrupt; uint32_t k; } few[] = {
        { 100, { 1, 3 }, 48 }, { 500, { 3, 10 }, 92 },
        { 500, { 3, 10 }, 132 }, { 500, { 1, 3 }, 102 },
        { 1000, { 1, 3 }, 52 } };

    for (size_t i = 0; i < 5; i++) {
        const uint32_t n = few[i].n, k = few[i].k;
        const fraction r = few[i].corrupt;
        const uint32_t c = sa_tails_c_max(n, k, fraction_of(r, n), 40);
        const uint32_t less = exact_max(n, fraction_of(r, n), k, n, 41);
        ck_assert_uint_eq(c, exact_max(n - 1, fraction_of(r, n), k, n, 41));
        ck_assert_uint_eq(c, less + 1);
        ck_assert_uint_eq((c + k + 1) / 2, (less + k + 1) / 2 + 1);
    }
}
END_TEST

/* ---- the cut ------------------------------------------------------------ */

static void check_cut(uint32_t n, uint32_t k, uint32_t t, uint32_t bad,
    uint32_t min_survivors)
{
    const double cut = sa_tails_cut(n, k, t, bad, min_survivors);
    mpq_t exact;
    double want;

    mpq_init(exact);
    exact_cut(exact, n, k, t, bad, min_survivors);
    want = mpq_get_d(exact);
    mpq_clear(exact);
    ck_assert_msg(fabs(cut - want) <= 1e-10 * fmax(want, 1e-45),
        "n %u, k %u, t %u, %u corrupt, %u survivors: %g, not %g", n, k, t,
        bad, min_survivors, cut, want);
}

/* All rings of up to ten clients. */
START_TEST(the_cut_of_small_rings_is_exact)
{
    for (uint32_t n = 4; n <= 10; n++)
        for (uint32_t k = 2; k + 2 <= n; k += 2)
            for (uint32_t t = 2; t <= k; t++)
                for (uint32_t bad = 0; bad <= n; bad++)
                    for (uint32_t s = 0; s <= n; s++)
                        check_cut(n, k, t, bad, s);
}
END_TEST

START_TEST(the_cut_of_large_rings_is_exact)
{
    static const uint32_t clients[] = { 100, 333, 1000, 5000 };

    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++)
        for (uint32_t k = 2; k + 2 <= clients[i] && k < 100; k += 16)
            for (uint32_t r = 0; r < RATES; r++)
                for (uint32_t t = 2; t <= k; t = t * 4 / 3 + 1) {
                    const uint32_t n = clients[i];
                    const uint32_t bad = fraction_of(corrupt_rates[r], n);
                    check_cut(n, k, t, bad, n - n / 20);
                    check_cut(n, k, t, bad, n - k / 2);
                }
}
END_TEST

/* Over a grid around the thresholds that choose takes. No two sides of the
 * comparison are equal, as the numbers of factors 2 show. */
START_TEST(the_cut_is_compared_exactly)
{
    static const uint32_t clients[] = { 100, 250, 1000, 4000 };

    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++)
        for (uint32_t k = 40; k <= 100; k += 6)
            for (uint32_t t = k / 2 + 2; t <= k; t += 3)
                for (uint32_t bits = 28; bits <= 128; bits += 25) {
                    const uint32_t n = clients[i], bad = n / 15;
                    ck_assert_int_eq(sa_tails_cut_holds(n, k, t, bad,
                        n - n / 10, bits), exact_cut_holds(n, k, t, bad,
                        n - n / 10, bits));
                }
}
END_TEST

START_TEST(the_cut_falls_as_the_threshold_rises)
{
    for (uint32_t k = 10; k <= 200; k += 38)
        for (uint32_t t = 2; t < k; t++)
            ck_assert(sa_tails_cut(1000, k, t + 1, 80, 900)
                <= sa_tails_cut(1000, k, t, 80, 900) * (1 + 1e-10));
}
END_TEST

/* Where nobody is corrupt, 5.5 sees each cut; and too few can be marked. */
START_TEST(there_is_no_cut_without_corrupt_clients_or_enough_marks)
{
    ck_assert(sa_tails_cut(1000, 20, 11, 0, 2) <= 0);
    ck_assert(sa_tails_cut(1000, 20, 11, 10, 991) <= 0);
    ck_assert(sa_tails_cut(1000, 20, 11, 10, 990) > 0);
    ck_assert(sa_tails_cut_holds(1000, 20, 11, 0, 2, 128));
}
END_TEST

/* ---- numbers of clients ------------------------------------------------- */

START_TEST(a_corrupt_share_above_0_is_never_nobody)
{
    static const double shares[] = { 1e-9, 5e-324, 1e-300, 0.0009 };

    for (uint32_t n = 1; n <= 1000; n = n * 2 + 1)
        for (size_t i = 0; i < 4; i++) {
            ck_assert_uint_eq(sa_tails_corrupt(shares[i], n), 1);
            ck_assert_uint_eq(sa_tails_count(shares[i], n), 0);
        }
    ck_assert_uint_eq(sa_tails_corrupt(0.0, 1000), 0);
    ck_assert_uint_eq(sa_tails_corrupt(-0.0, 1000), 0);
    ck_assert_uint_eq(sa_tails_corrupt(0.05, 1000), 50);
}
END_TEST

/* As people write shares: 29 % of 100 are 29, though 0.29 * 100 is less. */
START_TEST(fractions_of_clients_are_rounded_as_intended)
{
    for (uint32_t in = 1; in <= 1000; in = in * 3 / 2 + 1)
        for (uint32_t of = 0; of <= in; of++)
            for (uint32_t n = 1; n < 1200; n += 1 + n / 7) {
                const fraction r = { of, in };
                ck_assert_uint_eq(sa_tails_count(fraction_value(r), n),
                    fraction_of(r, n));
            }
    ck_assert_uint_eq(sa_tails_count(0.29, 100), 29);
    ck_assert_uint_eq(sa_tails_count(0.1, 100000000), 10000000);
}
END_TEST

/* ---- published figures -------------------------------------------------- */

/* n (n - k - 1) / 2 C(lost, k) / C(n, k) < bound: E2 of Bell et al., for
 * dropouts that do not depend on the graph. The least such k. */
static uint32_t other_degree(uint32_t n, uint32_t lost, double bound)
{
    double pair = 1;

    for (uint32_t k = 2; k + 2 <= n; k += 2) {
        if (k > lost)
            return k;
        pair *= (lost - k + 2.0) / (n - k + 2.0) * (lost - k + 1.0)
            / (n - k + 1.0);
        if (pair * n * (n - k - 1.0) / 2 < bound)
            return k;
    }
    return 0;
}

/* The rule of a deployed implementation: the corrupt are drawn from all n, and
 * a client keeps no share of its own secrets. Degree by degree. */
static void other_rule(uint32_t n, double corrupt, double dropout,
    uint32_t failure, bool hardened, uint32_t *k, uint32_t *t)
{
    const uint32_t bad = sa_tails_count(corrupt, n);
    const uint32_t away = sa_tails_count(dropout, n);
    const double leak = ldexp(1, -41);

    *k = other_degree(n, bad + away, leak);
    ck_assert_uint_gt(*k, 0);
    for (; *k + 1 < n; *k += 2) {
        const uint32_t c = sa_tails_quantile(n, bad, *k, leak / n);
        const uint32_t gone = sa_tails_quantile(n, away, *k,
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
    const TTest *const tests[] = {
        upper_tails_are_exact,
        small_tails_are_exact,
        corrupt_and_lost_neighbours_are_bounded_exactly,
        a_fraction_of_one_is_all_clients,
        the_neighbours_are_drawn_from_the_other_clients,
        the_cut_of_small_rings_is_exact,
        the_cut_of_large_rings_is_exact,
        the_cut_is_compared_exactly,
        the_cut_falls_as_the_threshold_rises,
        there_is_no_cut_without_corrupt_clients_or_enough_marks,
        a_corrupt_share_above_0_is_never_nobody,
        fractions_of_clients_are_rounded_as_intended,
        the_tails_give_the_published_semi_honest_figures,
        the_tails_give_the_published_hardened_figures };
    return RUN(tests);
}
