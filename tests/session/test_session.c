/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sessions: every pattern of dropouts ends in the exact sum of exactly
 * the survivors, or in the error that the rules of PROTOCOL.md 9.4 and 9.5
 * name. The rules are written down here a second time, in `expected`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/dropout_patterns.h"
#include "support/main.h"
#include "support/party.h"
#include "support/util.h"

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
    ck_assert_int_eq(secagg_server_error(p->server, why, sizeof why), err);
    ck_assert_uint_gt(strlen(why), 10);
    ck_assert_int_eq(secagg_server_sum_u64(p->server, 0, 0, sum,
        PARTY_LENGTH), SECAGG_ERR_STATE);
}

/* Run one pattern and hold the outcome to the rules. */
static void try_pattern(const secagg_params *params, const int *leaves)
{
    secagg_err err;
    party p;

    party_init(&p, params, 11);
    memcpy(p.leaves, leaves, params->clients * sizeof *leaves);
    party_input(&p);
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
    const secagg_params params = small_params(n, t, corrupt);
    int leaves[PARTY_MAX];
    uint32_t patterns = 1;

    for (uint32_t i = 0; i < n; i++)
        patterns *= PARTY_DROPOUTS;
    for (uint32_t k = 0; k < patterns; k++) {
        uint32_t rest = k;
        for (uint32_t i = 0; i < n; i++, rest /= PARTY_DROPOUTS)
            leaves[i] = party_dropouts[rest % PARTY_DROPOUTS];
        try_pattern(&params, leaves);
    }
}

/* A pattern of each class, in so many orders. */
static void try_classes(uint32_t n, uint32_t t, uint32_t corrupt, int orders)
{
    const secagg_params params = small_params(n, t, corrupt);
    int class[PARTY_MAX] = { 0 }, leaves[PARTY_MAX];

    do
        for (int order = 0; order < orders; order++) {
            order_pattern(leaves, class, n, order);
            for (uint32_t i = 0; i < n; i++)
                leaves[i] = party_dropouts[leaves[i]];
            try_pattern(&params, leaves);
        }
    while (next_pattern(class, n, PARTY_DROPOUTS));
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

/* By classes, 210 and 330 of them; where there is time all of six, and of
 * seven under all thresholds that are sound. */
START_TEST(patterns_of_six_and_seven_end_right)
{
    if (getenv("SECAGG_SMALL") != NULL)
        return;
    try_classes(6, 4, 1, 2);
    try_classes(7, 5, 2, 1);
    if (getenv("SECAGG_LONG") == NULL)
        return;
    try_all(6, 4, 1);
    for (uint32_t t = 4; t <= 7; t++)
        for (uint32_t corrupt = 0; corrupt < 2 * t - 7 && corrupt <= 5;
             corrupt++)
            try_classes(7, t, corrupt, 3);
}
END_TEST

START_TEST(a_hundred_clients_lose_thirty)
{
    const secagg_params params = small_params(100, 67, 33);
    int leaves[PARTY_MAX];
    uint64_t state = 5;

    for (uint32_t i = 0; i < 100; i++)
        leaves[i] = i < 30 ? party_dropouts[prng_next(&state) % 4] : STAYS;
    if (getenv("SECAGG_SMALL") == NULL)
        try_pattern(&params, leaves);
}
END_TEST

/* ---- the client's floor -------------------------------------------------- */

static const secagg_policy anything = { sizeof(secagg_policy), 2, 2, 0.0, 0 };
static const secagg_policy defaults = SECAGG_POLICY_INIT;

static secagg_params session(uint32_t n, uint32_t t, uint32_t corrupt,
    uint32_t min_survivors)
{
    secagg_params p = small_params(n, t, corrupt);
    p.min_survivors = min_survivors;
    return p;
}

/* What a client says to parameters; a refusal leaves the handle alone. */
static secagg_err offer(secagg_params params, const secagg_policy *policy)
{
    static const uint8_t seed[SECAGG_SEED_BYTES] = { 3 };
    secagg_client *const before = (secagg_client *)(void *)&params;
    secagg_client *client = before;
    const secagg_err err = secagg_client_new_seeded(&client, &params, 0,
        policy, seed);

    if (err == SECAGG_OK)
        secagg_client_free(client);
    else
        ck_assert_ptr_eq(client, before);
    return err;
}

/* As the defaults, but for one member that asks for nothing. */
START_TEST(each_default_of_the_policy_is_a_floor)
{
    secagg_policy policy = defaults;

    policy.min_survivors = 2;
    ck_assert_int_eq(offer(session(2, 2, 0, 2), &policy),
        SECAGG_ERR_POLICY);
    policy.min_clients = 2;
    ck_assert_int_eq(offer(session(2, 2, 0, 2), &policy), SECAGG_OK);
    policy = defaults;
    policy.min_corrupt = 0.0;
    ck_assert_int_eq(offer(session(3, 2, 0, 2), &policy),
        SECAGG_ERR_POLICY);
    ck_assert_int_eq(offer(session(3, 2, 0, 3), &policy), SECAGG_OK);
    ck_assert_int_eq(offer(session(5, 4, 0, 2), &policy), SECAGG_OK);
    ck_assert_int_eq(offer(session(3, 3, 0, 3), NULL), SECAGG_ERR_POLICY);
    ck_assert_int_eq(offer(session(3, 3, 1, 3), NULL), SECAGG_OK);
    ck_assert_int_eq(offer(session(3, 3, 1, 3), &defaults), SECAGG_OK);
}
END_TEST

START_TEST(a_third_or_a_twentieth_may_be_corrupt_by_default)
{
    static const uint32_t floors[][2] = { { 5, 1 }, { 6, 2 }, { 98, 32 },
        { 99, 33 }, { 100, 33 }, { 679, 33 }, { 680, 34 }, { 1000, 50 } };

    for (size_t k = 0; k < sizeof floors / sizeof *floors; k++) {
        const uint32_t n = floors[k][0], c = floors[k][1];
        ck_assert_int_eq(offer(session(n, (n + c) / 2 + 1, c - 1, c + 2),
            NULL), SECAGG_ERR_POLICY);
        ck_assert_int_eq(offer(session(n, (n + c) / 2 + 1, c, c + 2), NULL),
            SECAGG_OK);
    }
}
END_TEST

START_TEST(each_member_of_the_policy_is_a_floor)
{
    secagg_policy policy = anything;

    policy.min_clients = 5;
    ck_assert_int_eq(offer(session(4, 3, 1, 3), &policy), SECAGG_ERR_POLICY);
    ck_assert_int_eq(offer(session(5, 4, 1, 3), &policy), SECAGG_OK);
    policy = anything;
    policy.min_survivors = 4;
    ck_assert_int_eq(offer(session(5, 3, 0, 3), &policy), SECAGG_ERR_POLICY);
    ck_assert_int_eq(offer(session(5, 3, 0, 4), &policy), SECAGG_OK);
    ck_assert_int_eq(offer(session(5, 4, 0, 2), &policy), SECAGG_OK);
    policy = anything;
    policy.min_corrupt = 0.3;
    ck_assert_int_eq(offer(session(10, 7, 2, 4), &policy),
        SECAGG_ERR_POLICY);
    ck_assert_int_eq(offer(session(10, 7, 3, 5), &policy), SECAGG_OK);
    policy = anything;
    policy.require_active = 1;
    ck_assert_int_eq(offer(session(4, 3, 1, 3), &policy), SECAGG_ERR_POLICY);
}
END_TEST

static void check_policy_error(secagg_policy policy)
{
    ck_assert_int_eq(offer(session(4, 3, 1, 3), &policy), SECAGG_ERR_ARG);
}

START_TEST(a_policy_out_of_range_is_the_callers_error)
{
    secagg_policy policy = anything;

    policy.size--;
    check_policy_error(policy);
    policy = anything;
    policy.min_corrupt = 1.5;
    check_policy_error(policy);
    policy.min_corrupt = NAN;
    check_policy_error(policy);
    policy.min_corrupt = INFINITY;
    check_policy_error(policy);
    policy = anything;
    policy.require_active = 2;
    check_policy_error(policy);
}
END_TEST

/* ARG also where they are below the policy too, and to the server. */
static void check_unsound(secagg_params params)
{
    static const uint8_t seed[SECAGG_SEED_BYTES] = { 3 };
    secagg_server *server = NULL;
    char why[200];

    ck_assert_int_eq(offer(params, &anything), SECAGG_ERR_ARG);
    ck_assert_int_eq(offer(params, NULL), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_server_new_seeded(&server, &params, seed),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_server_new(&server, &params), SECAGG_ERR_ARG);
    ck_assert_ptr_null(server);
    ck_assert_int_eq(secagg_params_check(&params, why, sizeof why),
        SECAGG_ERR_ARG);
    ck_assert_uint_gt(strlen(why), 10);
}

START_TEST(unsound_parameters_are_the_callers_error)
{
    secagg_params p;

    check_unsound(session(4, 2, 0, 2));  /* 2t = n */
    check_unsound(session(4, 3, 2, 4));  /* 2t = n + c */
    check_unsound(session(4, 5, 0, 2));  /* t > n */
    check_unsound(session(4, 3, 1, 2));  /* fewer than c + 2 */
    check_unsound(session(4, 3, 1, 5));  /* more than n */
    check_unsound(session(1, 1, 0, 2));
    p = session(4, 3, 1, 3);
    p.segment_count = 0;
    check_unsound(p);
    p = session(4, 3, 1, 3);
    p.suite = 3;
    check_unsound(p);
    p = session(4, 3, 1, 3);
    p.size++;
    check_unsound(p);
}
END_TEST

START_TEST(an_index_is_below_the_number_of_clients)
{
    const secagg_params params = session(4, 3, 1, 3);
    secagg_client *client = NULL;

    ck_assert_int_eq(secagg_client_new(&client, &params, 4, NULL),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_client_new(&client, &params, UINT32_MAX, NULL),
        SECAGG_ERR_ARG);
    ck_assert_ptr_null(client);
    ck_assert_int_eq(secagg_client_new(&client, &params, 3, NULL),
        SECAGG_OK);
    secagg_client_free(client);
}
END_TEST

/* ---- traffic ------------------------------------------------------------- */

/* The bit length of a number. */
static uint64_t bit_length(uint64_t x)
{
    uint64_t bits = 0;
    for (; x > 0; x >>= 1)
        bits++;
    return bits;
}

static void give_long(party *p, uint64_t m)
{
    uint64_t *values = calloc((size_t)m, sizeof *values);

    ck_assert_ptr_nonnull(values);
    for (uint32_t i = 0; i < p->params.clients; i++) {
        if (p->params.max_weight > 0)
            ck_assert_int_eq(secagg_client_weight(p->clients[i], i),
                SECAGG_OK);
        ck_assert_int_eq(secagg_client_input_u64(p->clients[i], 0, 0, values,
            (size_t)m), SECAGG_OK);
    }
    free(values);
}

/* PROTOCOL.md 10: everybody stays, nobody complains. */
static void try_traffic(uint32_t n, uint64_t m, uint32_t bits,
    uint64_t max_weight)
{
    const secagg_segment segment = { .length = m, .bits = bits };
    secagg_params params = small_params(n, n / 2 + 1, 0);
    const uint64_t vector = bits * ((m + 7) / 8)
        + bit_length(n * max_weight);
    const uint64_t up = 428 + 136 * (uint64_t)(n - 1) + vector;
    const uint64_t down = 288 + 168 * (uint64_t)(n - 1)
        + 2 * ((uint64_t)(n + 7) / 8);
    uint64_t told_up, told_down;
    party p;

    params.segments = &segment;
    params.max_weight = max_weight;
    ck_assert_int_eq(secagg_params_traffic(&params, &told_up, &told_down),
        SECAGG_OK);
    ck_assert_uint_eq(told_up, up);
    ck_assert_uint_eq(told_down, down);
    party_init(&p, &params, 12);
    give_long(&p, m);
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    for (uint32_t i = 0; i < n; i++) {
        ck_assert_uint_eq(p.up[i], up);
        ck_assert_uint_eq(p.down[i], down);
    }
    party_free(&p);
}

START_TEST(a_session_takes_the_bytes_that_are_foretold)
{
    try_traffic(10, 1000, 20, 0);
    try_traffic(10, 1000, 20, 1000);
    if (getenv("SECAGG_SMALL") == NULL) {
        try_traffic(100, 100000, 23, 0);
        try_traffic(100, 100000, 23, 1000);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { every_pattern_of_three_ends_right,
        every_pattern_of_four_ends_right, every_pattern_of_five_ends_right,
        patterns_of_six_and_seven_end_right, a_hundred_clients_lose_thirty,
        each_default_of_the_policy_is_a_floor,
        a_third_or_a_twentieth_may_be_corrupt_by_default,
        each_member_of_the_policy_is_a_floor,
        a_policy_out_of_range_is_the_callers_error,
        unsound_parameters_are_the_callers_error,
        an_index_is_below_the_number_of_clients,
        a_session_takes_the_bytes_that_are_foretold };
    return RUN(tests);
}
