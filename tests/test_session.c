/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sessions: every pattern of dropouts ends in the exact sum of exactly
 * the survivors, or in the error that the rules of PROTOCOL.md 9.4 and 9.5
 * name. The rules are written down here a second time, in `expected`. */
#include <stdlib.h>
#include <string.h>

#include "main.h"
#include "party.h"
#include "util.h"

#define LENGTH 37
#define BITS 13

/* ---- one small session of integers -------------------------------------- */

static secagg_segment integers = { .length = LENGTH, .bits = BITS };

static secagg_params small(uint32_t n, uint32_t t, uint32_t corrupt)
{
    secagg_params p = SECAGG_PARAMS_INIT;

    memset(p.session, 0x5e, sizeof p.session);
    p.round = 7;
    p.clients = n;
    p.threshold = t;
    p.corrupt = corrupt;
    p.min_survivors = corrupt + 2 > 2 ? corrupt + 2 : 2;
    p.segments = &integers;
    p.segment_count = 1;
    return p;
}

static uint64_t entry(uint32_t client, uint64_t e)
{
    uint64_t state = client * (uint64_t)1000003 + e;
    return noise(&state) & ((1 << BITS) - 1);
}

static void give(party *p)
{
    uint64_t values[LENGTH];

    for (uint32_t i = 0; i < p->params.clients; i++) {
        for (uint64_t e = 0; e < LENGTH; e++)
            values[e] = entry(i, e);
        ck_assert_int_eq(secagg_client_input_u64(p->clients[i], 0, 0, values,
            LENGTH), SECAGG_OK);
    }
}

static uint32_t staying(const party *p, int beyond)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < p->params.clients; i++)
        count += p->leaves[i] > beyond;
    return count;
}

/* What the rules say of a pattern, with no complaints: floors at each set,
 * then t responders for each secret. */
static secagg_err expected(const party *p)
{
    const uint32_t t = p->params.threshold;
    const uint32_t floor = p->params.min_survivors > t
        ? p->params.min_survivors : t;

    for (int step = LEAVES_KEYS; step <= LEAVES_INPUT; step++)
        if (staying(p, step) < floor)
            return SECAGG_ERR_THRESHOLD;
    return staying(p, LEAVES_UNMASK) < t ? SECAGG_ERR_THRESHOLD : SECAGG_OK;
}

static void check_sum(const party *p)
{
    uint64_t sum[LENGTH];

    ck_assert_uint_eq(secagg_server_survivors(p->server),
        staying(p, LEAVES_INPUT));
    ck_assert_int_eq(secagg_server_sum_u64(p->server, 0, 0, sum, LENGTH),
        SECAGG_OK);
    for (uint64_t e = 0; e < LENGTH; e++) {
        uint64_t want = 0;
        for (uint32_t i = 0; i < p->params.clients; i++)
            if (p->leaves[i] > LEAVES_INPUT)
                want += entry(i, e);
        ck_assert_uint_eq(sum[e], want & ((1 << BITS) - 1));
    }
    for (uint32_t i = 0; i < p->params.clients; i++)
        ck_assert_int_eq(secagg_server_has(p->server, i),
            p->leaves[i] > LEAVES_INPUT);
}

static void check_failed(const party *p, secagg_err err)
{
    char why[200];
    uint64_t sum[LENGTH];

    ck_assert_int_eq(secagg_server_phase(p->server), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_server_why(p->server, why, sizeof why), err);
    ck_assert_uint_gt(strlen(why), 10);
    ck_assert_int_eq(secagg_server_sum_u64(p->server, 0, 0, sum, LENGTH),
        SECAGG_ERR_STATE);
}

/* Run one pattern and hold the outcome to the rules. */
static void try_pattern(const secagg_params *params, const int *leaves)
{
    secagg_err err;
    party p;

    party_make(&p, params, 11);
    memcpy(p.leaves, leaves, params->clients * sizeof *leaves);
    give(&p);
    err = party_run(&p);
    ck_assert_int_eq(err, expected(&p));
    if (err == SECAGG_OK)
        check_sum(&p);
    else
        check_failed(&p, err);
    party_free(&p);
}

/* Every pattern: a number in base 5 with a digit a client. */
static void try_all(uint32_t n, uint32_t t, uint32_t corrupt)
{
    const secagg_params params = small(n, t, corrupt);
    int leaves[PARTY_MAX];
    uint32_t patterns = 1;

    for (uint32_t i = 0; i < n; i++)
        patterns *= STAYS + 1;
    for (uint32_t k = 0; k < patterns; k++) {
        uint32_t rest = k;
        for (uint32_t i = 0; i < n; i++, rest /= STAYS + 1)
            leaves[i] = (int)(rest % (STAYS + 1));
        try_pattern(&params, leaves);
    }
}

static void try_some(uint32_t n, uint32_t t, uint32_t corrupt, int tries)
{
    const secagg_params params = small(n, t, corrupt);
    uint64_t state = n;
    int leaves[PARTY_MAX];

    while (tries-- > 0) {
        for (uint32_t i = 0; i < n; i++)
            leaves[i] = noise(&state) % 4 != 0 ? STAYS
                                                : (int)(noise(&state) % 5);
        try_pattern(&params, leaves);
    }
}

START_TEST(every_pattern_of_three_ends_right)
{
    try_all(3, 2, 0);
    try_all(3, 3, 1);
}
END_TEST

START_TEST(every_pattern_of_four_ends_right)
{
    try_all(4, 3, 1);
}
END_TEST

START_TEST(every_pattern_of_five_ends_right)
{
    if (getenv("SECAGG_SMALL") == NULL) {
        try_all(5, 3, 0);
        try_all(5, 4, 2);
    }
}
END_TEST

START_TEST(patterns_of_six_and_seven_end_right)
{
    const int tries = getenv("SECAGG_LONG") != NULL ? 20000
        : getenv("SECAGG_SMALL") != NULL ? 5 : 400;

    try_some(6, 4, 1, tries);
    try_some(7, 5, 2, tries);
}
END_TEST

START_TEST(a_hundred_clients_lose_thirty)
{
    const secagg_params params = small(100, 67, 33);
    int leaves[PARTY_MAX];
    uint64_t state = 5;

    for (uint32_t i = 0; i < 100; i++)
        leaves[i] = i < 30 ? (int)(noise(&state) % 4) : STAYS;
    if (getenv("SECAGG_SMALL") == NULL)
        try_pattern(&params, leaves);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { every_pattern_of_three_ends_right,
        every_pattern_of_four_ends_right, every_pattern_of_five_ends_right,
        patterns_of_six_and_seven_end_right, a_hundred_clients_lose_thirty };
    return RUN(tests);
}
