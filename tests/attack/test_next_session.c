/* SPDX-License-Identifier: Apache-2.0 */
/* The bound of PROTOCOL.md 9.6, in random sessions that follow one another:
 * if at most c clients cheat and the host leaves clients out by the rule, no
 * honest client is ever blamed, each session without a sum costs a cheating
 * client its place, and at most c sessions and c honest clients are lost. */
#include <stdlib.h>

#include "support/cheat_session.h"
#include "support/main.h"
#include "support/util.h"

/* One series of sessions. Sets are of the clients as they were numbered in the
 * first session; member[i] is the one that has index i now. */
typedef struct series {
    int mode;
    uint32_t n, c, neighbours;
    uint32_t member[CHEAT_MAX];
    uint32_t cheating;       /* that are not left out */
    uint32_t spoilt, honest_lost;
    uint64_t state;       /* of the random choices */
} series;

static uint32_t below(series *s, uint32_t bound)
{
    return (uint32_t)(prng_next(&s->state) % bound);
}

static uint32_t random_set(series *s)
{
    switch (below(s, 4)) {
    case 0: return 0;
    case 1: return 1u << below(s, s->n);
    case 2: return UINT32_MAX;
    default: return (uint32_t)(prng_next(&s->state) & UINT32_MAX);
    }
}

static cheats random_cheats(series *s)
{
    cheats out = { 0 };

    switch (below(s, 8)) {
    case 0: out.silent_from = 1 + (int)below(s, SECAGG_PHASE_DONE); break;
    case 1: out.aborts_in = 1 + (int)below(s, SECAGG_PHASE_DONE); break;
    case 2: out.commitment = true; break;
    case 3: out.own_share = true; break;
    case 4: out.keys = true; break;
    default: break;
    }
    out.deals = random_set(s);
    out.complains = random_set(s);
    return out;
}

/* ---- one session -------------------------------------------------------- */

/* A set of indices as a set of members. */
static uint32_t members(const series *s, uint32_t set)
{
    uint32_t out = 0;

    for (uint32_t i = 0; i < s->n; i++)
        out |= (set >> i & 1) << s->member[i];
    return out;
}

static uint32_t count(uint32_t set)
{
    uint32_t out = 0;

    for (; set != 0; set &= set - 1)
        out++;
    return out;
}

/* The ring needs more clients than neighbours, and t <= k. */
static secagg_params next_params(series *s)
{
    uint32_t lowest;

    while (s->neighbours > 0 && (s->neighbours + 2 > s->n
            || (s->neighbours + 1 + s->c) / 2 + 1 > s->neighbours))
        s->neighbours = s->neighbours > 4 ? s->neighbours - 2 : 0;
    lowest = s->c + 2;
    return cheats_params(s->mode, s->n, s->c, s->neighbours,
        lowest + below(s, s->n - lowest + 1));
}

static void check_session(series *s, const cheat_session *l, uint32_t out)
{
    const uint32_t gone = members(s, out);
    const uint32_t blamed = members(s, cheats_blamed(l));

    ck_assert_uint_eq(blamed & ~s->cheating, 0);
    if (l->error != SECAGG_OK) {
        ck_assert_uint_ne(gone & s->cheating, 0);
        s->spoilt++;
    }
    s->honest_lost += count(gone & ~s->cheating);
    s->cheating &= ~gone;
}

/* Number the clients that are left anew. */
static void leave_out(series *s, uint32_t out, uint32_t steps)
{
    uint32_t left = 0;

    for (uint32_t i = 0; i < s->n; i++)
        if (!(out >> i & 1))
            s->member[left++] = s->member[i];
    s->n = left;
    s->c = s->c > steps ? s->c - steps : 0;
}

/* Returns whether all cheating clients are left out, or did no harm in this
 * session. */
static bool run_session(series *s)
{
    const secagg_params params = next_params(s);
    uint32_t steps, out;
    cheat_session l;

    cheats_init(&l, &params, s->state);
    for (uint32_t i = 0; i < s->n; i++)
        if (s->cheating >> s->member[i] & 1)
            l.cheats[i] = random_cheats(s);
    cheats_run(&l);
    out = cheats_leave_out(&l, &steps);
    check_session(s, &l, out);
    leave_out(s, out, steps);
    cheats_free(&l);
    return out == 0 || s->cheating == 0;
}

/* ---- the series --------------------------------------------------------- */

static series new_series(uint64_t seed, int mode, bool ring)
{
    series s = { .mode = mode, .state = seed };

    s.n = ring ? 10 + below(&s, 5) : 4 + below(&s, 9);
    s.c = ring ? 1 + below(&s, 2) : 1 + below(&s, s.n / 2 - 1);
    s.neighbours = ring ? 6 + 2 * below(&s, 2) : 0;
    for (uint32_t i = 0; i < s.n; i++)
        s.member[i] = i;
    while (count(s.cheating) < s.c)
        s.cheating |= 1u << below(&s, s.n);
    return s;
}

/* Returns the number of sessions that were spoilt. */
static uint32_t run_series(uint64_t seed, int mode, bool ring)
{
    series s = new_series(seed, mode, ring);
    const uint32_t c = s.c;

    for (uint32_t sessions = 0; sessions < 2 * c + 2; sessions++) {
        ck_assert_uint_ge(s.n, s.c + 2);
        ck_assert_uint_le(count(s.cheating), s.c);
        if (run_session(&s))
            break;
    }
    ck_assert_uint_le(s.spoilt, c);
    ck_assert_uint_le(s.honest_lost, c);
    return s.spoilt;
}

static void run_many(int mode, bool ring)
{
    const uint64_t many = getenv("SECAGG_LONG") != NULL ? 2000
        : getenv("SECAGG_SMALL") != NULL ? 40 : 150;

    uint64_t spoilt = 0;

    for (uint64_t seed = 0; seed < many; seed++)
        spoilt += run_series(1000003 * seed + (uint64_t)mode, mode, ring);
    ck_assert_uint_gt(spoilt, many / 4); /* they do cheat */
}

START_TEST(c_cheating_clients_spoil_c_sessions_and_cost_c_honest_ones)
{
    run_many(SECAGG_SEMI_HONEST, false);
}
END_TEST

START_TEST(c_cheating_clients_spoil_no_more_in_active_mode)
{
    run_many(SECAGG_ACTIVE, false);
}
END_TEST

START_TEST(c_cheating_clients_spoil_no_more_on_the_ring)
{
    run_many(SECAGG_SEMI_HONEST, true);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        c_cheating_clients_spoil_c_sessions_and_cost_c_honest_ones,
        c_cheating_clients_spoil_no_more_in_active_mode,
        c_cheating_clients_spoil_no_more_on_the_ring };
    return RUN(tests);
}
