/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sessions in semi-honest mode. Each pattern of dropouts ends with the
 * exact sum of the survivors, or with the error of PROTOCOL.md 9.4 and 9.5;
 * predict() computes it from those rules, independently of the library. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/dropout_patterns.h"
#include "support/laxest_policy.h"
#include "support/main.h"
#include "support/party.h"
#include "support/util.h"

/* Counts the clients that send their message of this step. */
static uint32_t count_staying(const party *p, int beyond)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < p->params.clients; i++)
        count += p->leaves[i] > beyond;
    return count;
}

/* Returns how a pattern without complaints ends: U1 to U3 need F clients each,
 * and t holders must open their shares. */
static secagg_err predict(const party *p)
{
    const uint32_t t = p->params.threshold;
    const uint32_t floor = p->params.min_survivors > t
        ? p->params.min_survivors : t;

    for (int step = LEAVES_KEYS; step <= LEAVES_INPUT; step++)
        if (count_staying(p, step) < floor)
            return SECAGG_ERR_THRESHOLD;
    return count_staying(p, LEAVES_UNMASK) < t ? SECAGG_ERR_THRESHOLD
        : SECAGG_OK;
}

static void check_failed(const party *p, secagg_err err)
{
    char reason[200];
    uint64_t sum[PARTY_LENGTH];

    ck_assert_int_eq(secagg_server_phase(p->server), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_server_error(p->server, reason, sizeof reason),
        err);
    ck_assert_uint_gt(strlen(reason), 10);
    ck_assert_int_eq(secagg_server_sum_u64(p->server, 0, 0, sum,
        PARTY_LENGTH), SECAGG_ERR_STATE);
}

/* Run one pattern and compare its end with the prediction. */
static void try_pattern(const secagg_params *params, const int *leaves)
{
    secagg_err err;
    party p;

    party_init(&p, params, 11);
    memcpy(p.leaves, leaves, params->clients * sizeof *leaves);
    party_input(&p);
    err = party_run(&p);
    ck_assert_int_eq(err, predict(&p));
    if (err == SECAGG_OK)
        party_check_sum(&p);
    else
        check_failed(&p, err);
    party_free(&p);
}

/* Try each pattern: a number in base 5 with one digit per client. */
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

/* Try each pattern up to the order of the clients, in so many orders. */
static void try_pattern_classes(uint32_t n, uint32_t t, uint32_t corrupt,
    int orders)
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

START_TEST(every_dropout_pattern_of_three_clients_ends_as_predicted)
{
    try_all(3, 2, 0);
    try_all(3, 3, 1);
}
END_TEST

START_TEST(every_dropout_pattern_of_four_clients_ends_as_predicted)
{
    try_all(4, 3, 1);
}
END_TEST

START_TEST(every_dropout_pattern_of_five_clients_ends_as_predicted)
{
    if (getenv("SECAGG_SMALL") == NULL) {
        try_all(5, 3, 0);
        try_all(5, 4, 2);
    }
}
END_TEST

/* 210 and 330 patterns up to order; with SECAGG_LONG all patterns of six
 * clients, and of seven under all valid thresholds. */
START_TEST(dropout_patterns_of_six_and_seven_clients_end_as_predicted)
{
    if (getenv("SECAGG_SMALL") != NULL)
        return;
    try_pattern_classes(6, 4, 1, 2);
    try_pattern_classes(7, 5, 2, 1);
    if (getenv("SECAGG_LONG") == NULL)
        return;
    try_all(6, 4, 1);
    for (uint32_t t = 4; t <= 7; t++)
        for (uint32_t corrupt = 0; corrupt < 2 * t - 7 && corrupt <= 5;
             corrupt++)
            try_pattern_classes(7, t, corrupt, 3);
}
END_TEST

START_TEST(thirty_of_a_hundred_clients_can_drop_out)
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

/* ---- unsound parameters ------------------------------------------------- */

static secagg_params session(uint32_t n, uint32_t t, uint32_t corrupt,
    uint32_t min_survivors)
{
    secagg_params p = small_params(n, t, corrupt);
    p.min_survivors = min_survivors;
    return p;
}

/* Create a client and free it. Returns the error, and checks that a failed call
 * does not change the handle. */
static secagg_err try_params(secagg_params params, const secagg_policy *policy)
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

/* Client and server return ARG, even if the parameters are also below the
 * policy. */
static void check_invalid(secagg_params params)
{
    static const uint8_t seed[SECAGG_SEED_BYTES] = { 3 };
    const secagg_policy lax = laxest_policy();
    secagg_server *server = NULL;
    char reason[200];

    ck_assert_int_eq(try_params(params, &lax), SECAGG_ERR_ARG);
    ck_assert_int_eq(try_params(params, NULL), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_server_new_seeded(&server, &params, seed),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_server_new(&server, &params), SECAGG_ERR_ARG);
    ck_assert_ptr_null(server);
    ck_assert_int_eq(secagg_params_check(&params, reason, sizeof reason),
        SECAGG_ERR_ARG);
    ck_assert_uint_gt(strlen(reason), 10);
}

START_TEST(invalid_parameters_are_an_invalid_argument)
{
    secagg_params p;

    check_invalid(session(4, 2, 0, 2));  /* 2t = n */
    check_invalid(session(4, 3, 2, 4));  /* 2t = n + c */
    check_invalid(session(4, 5, 0, 2));  /* t > n */
    check_invalid(session(4, 3, 1, 2));  /* fewer than c + 2 */
    check_invalid(session(4, 3, 1, 5));  /* more than n */
    check_invalid(session(1, 1, 0, 2));
    p = session(4, 3, 1, 3);
    p.segment_count = 0;
    check_invalid(p);
    p = session(4, 3, 1, 3);
    p.suite = 3;
    check_invalid(p);
    p = session(4, 3, 1, 3);
    p.size++;
    check_invalid(p);
}
END_TEST

START_TEST(the_index_of_a_client_must_be_below_the_number_of_clients)
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

/* Returns the bit length of a number. */
static uint64_t bit_length(uint64_t x)
{
    uint64_t bits = 0;
    for (; x > 0; x >>= 1)
        bits++;
    return bits;
}

static void input_zeros(party *p, uint64_t m)
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

/* The sizes of PROTOCOL.md 10, without dropouts and complaints, computed here
 * again, against secagg_params_traffic() and against the messages. */
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
    uint64_t stated_up, stated_down;
    party p;

    params.segments = &segment;
    params.max_weight = max_weight;
    ck_assert_int_eq(secagg_params_traffic(&params, &stated_up, &stated_down),
        SECAGG_OK);
    ck_assert_uint_eq(stated_up, up);
    ck_assert_uint_eq(stated_down, down);
    party_init(&p, &params, 12);
    input_zeros(&p, m);
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    for (uint32_t i = 0; i < n; i++) {
        ck_assert_uint_eq(p.up[i], up);
        ck_assert_uint_eq(p.down[i], down);
    }
    party_free(&p);
}

START_TEST(each_client_sends_and_receives_the_stated_number_of_bytes)
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
    const TTest *const tests[] = {
        every_dropout_pattern_of_three_clients_ends_as_predicted,
        every_dropout_pattern_of_four_clients_ends_as_predicted,
        every_dropout_pattern_of_five_clients_ends_as_predicted,
        dropout_patterns_of_six_and_seven_clients_end_as_predicted,
        thirty_of_a_hundred_clients_can_drop_out,
        invalid_parameters_are_an_invalid_argument,
        the_index_of_a_client_must_be_below_the_number_of_clients,
        each_client_sends_and_receives_the_stated_number_of_bytes };
    return RUN(tests);
}
