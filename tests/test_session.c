/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sessions: every pattern of dropouts ends in the exact sum of exactly
 * the survivors, or in the error that the rules of PROTOCOL.md 9.4 and 9.5
 * name. The rules are written down here a second time, in `expected`. */
#include <stdlib.h>
#include <string.h>

#include "main.h"
#include "party.h"
#include "util.h"

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

static void check_failed(const party *p, secagg_err err)
{
    char why[200];
    uint64_t sum[PARTY_LENGTH];

    ck_assert_int_eq(secagg_server_phase(p->server), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_server_why(p->server, why, sizeof why), err);
    ck_assert_uint_gt(strlen(why), 10);
    ck_assert_int_eq(secagg_server_sum_u64(p->server, 0, 0, sum,
        PARTY_LENGTH), SECAGG_ERR_STATE);
}

/* Run one pattern and hold the outcome to the rules. */
static void try_pattern(const secagg_params *params, const int *leaves)
{
    secagg_err err;
    party p;

    party_make(&p, params, 11);
    memcpy(p.leaves, leaves, params->clients * sizeof *leaves);
    party_give(&p);
    err = party_run(&p);
    ck_assert_int_eq(err, expected(&p));
    if (err == SECAGG_OK)
        party_check_sum(&p);
    else
        check_failed(&p, err);
    party_free(&p);
}

/* Every pattern: a number in base 5 with a digit a client. */
static void try_all(uint32_t n, uint32_t t, uint32_t corrupt)
{
    const secagg_params params = party_small(n, t, corrupt);
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
    const secagg_params params = party_small(n, t, corrupt);
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
    const secagg_params params = party_small(100, 67, 33);
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
