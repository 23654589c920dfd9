/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sessions in active mode. Each pattern of dropouts ends with the exact
 * sum of the survivors, or with the error of PROTOCOL.md 9.4 and 9.5; predict()
 * computes both from those rules, independently of the library. Also the sizes
 * of messages, and equal messages from equal seeds. */
#include <stdlib.h>
#include <string.h>

#include "support/cheating_client.h"
#include "support/dropout_patterns.h"
#include "support/main.h"

/* ---- dropouts ----------------------------------------------------------- */

/* Counts the clients that send their message of this step. */
static uint32_t count_staying(const party *p, int beyond)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < p->params.clients; i++)
        count += p->leaves[i] > beyond;
    return count;
}

/* Returns how a pattern without complaints ends, and in which phase: U1 to U3
 * need F clients each; U4 needs t signatures, which are also t holders of every
 * secret; and t holders must open their shares. */
static secagg_err predict(const party *p, secagg_phase *end)
{
    static const struct {
        int step;
        secagg_phase phase;
    } checks[] = { { LEAVES_KEYS, SECAGG_PHASE_KEYS },
        { LEAVES_SHARES, SECAGG_PHASE_SHARES },
        { LEAVES_INPUT, SECAGG_PHASE_INPUT },
        { LEAVES_CONFIRM, SECAGG_PHASE_CONFIRM },
        { LEAVES_UNMASK, SECAGG_PHASE_UNMASK } };
    const uint32_t t = p->params.threshold;
    const uint32_t floor = p->params.min_survivors > t
        ? p->params.min_survivors : t;

    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        *end = checks[i].phase;
        if (count_staying(p, checks[i].step) < (i < 3 ? floor : t))
            return SECAGG_ERR_THRESHOLD;
    }
    return SECAGG_OK;
}

static void check_failed(const party *p)
{
    uint64_t sum[PARTY_LENGTH];
    char reason[200];

    ck_assert_int_eq(secagg_server_phase(p->server), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_server_error(p->server, reason, sizeof reason),
        SECAGG_ERR_THRESHOLD);
    ck_assert_uint_gt(strlen(reason), 10);
    ck_assert_int_eq(secagg_server_sum_u64(p->server, 0, 0, sum,
        PARTY_LENGTH), SECAGG_ERR_STATE);
}

/* Run one pattern and compare its end with the prediction. */
static void try_pattern(const secagg_params *params, const int *leaves)
{
    secagg_phase last, want_last;
    secagg_err err, want;
    party p;

    party_init(&p, params, 11);
    memcpy(p.leaves, leaves, params->clients * sizeof *leaves);
    party_input(&p);
    err = party_run_until(&p, &last);
    want = predict(&p, &want_last);
    ck_assert_int_eq(err, want);
    ck_assert_int_eq(last, want_last);
    if (err == SECAGG_OK)
        party_check_sum(&p);
    else
        check_failed(&p);
    check_none_blamed(&p);
    party_free(&p);
}

/* Try one of `stride` patterns; a pattern is a number in base 6 with one digit
 * per client. */
static void try_all(uint32_t n, uint32_t t, uint32_t corrupt, uint32_t stride)
{
    const secagg_params params = active_params(n, t, corrupt);
    int leaves[PARTY_MAX];
    uint32_t patterns = 1;

    for (uint32_t i = 0; i < n; i++)
        patterns *= STAYS + 1;
    for (uint32_t k = 0; k < patterns; k += stride) {
        uint32_t rest = patterns - 1 - k;
        for (uint32_t i = 0; i < n; i++, rest /= STAYS + 1)
            leaves[i] = (int)(rest % (STAYS + 1));
        try_pattern(&params, leaves);
    }
}

/* Try each pattern up to the order of the clients, in so many orders. */
static void try_pattern_classes(uint32_t n, uint32_t t, uint32_t corrupt,
    int orders)
{
    const secagg_params params = active_params(n, t, corrupt);
    int class[PARTY_MAX] = { 0 }, leaves[PARTY_MAX];

    do
        for (int order = 0; order < orders; order++) {
            order_pattern(leaves, class, n, order);
            try_pattern(&params, leaves);
        }
    while (next_pattern(class, n, STAYS + 1));
}

static bool is_long(void)
{
    return getenv("SECAGG_LONG") != NULL;
}

START_TEST(every_dropout_pattern_of_three_clients_ends_as_predicted)
{
    try_all(3, 2, 0, 1);
    try_all(3, 3, 1, 1);
}
END_TEST

START_TEST(every_dropout_pattern_of_four_clients_ends_as_predicted)
{
    const uint32_t stride = getenv("SECAGG_SMALL") != NULL ? 97 : 1;

    try_all(4, 3, 1, stride);
}
END_TEST

START_TEST(dropout_patterns_of_five_and_six_clients_end_as_predicted)
{
    const uint32_t few = getenv("SECAGG_SMALL") != NULL ? 50 : 1;

    try_all(5, 3, 0, is_long() ? 1 : few * 41);
    try_all(5, 4, 2, is_long() ? 1 : few * 43);
    try_all(6, 4, 1, is_long() ? 1 : few * 211);
    for (uint32_t t = 4; t <= 6 && is_long(); t++)
        for (uint32_t corrupt = 0; corrupt < 2 * t - 6 && corrupt <= 4;
             corrupt++)
            try_pattern_classes(6, t, corrupt, 3);
}
END_TEST

/* Six clients, threshold 4, and 4 to 6 as min_survivors. */
START_TEST(a_session_respects_min_survivors_above_the_threshold)
{
    for (uint32_t floor = 4; floor <= 6; floor++)
        for (uint32_t k = 0; k < 6 * 7; k++) {
            secagg_params params = active_params(6, 4, 1);
            int leaves[6];
            params.min_survivors = floor;
            for (uint32_t i = 0; i < 6; i++)
                leaves[i] = i < k / 6 % 4 ? (int)(k % 6) : STAYS;
            try_pattern(&params, leaves);
        }
}
END_TEST

/* ---- sizes -------------------------------------------------------------- */

static secagg_err believe(void *user, uint32_t index,
    const uint8_t *public_key, const uint8_t *credential, size_t len)
{
    (void)user;
    (void)public_key;
    (void)credential;
    return len == index % 5 ? SECAGG_OK : SECAGG_ERR_VALUE;
}

/* Client i has a credential of i % 5 bytes. Returns their sum. */
static uint64_t identify_with_credentials(party *p)
{
    uint8_t public_key[32], secret_key[64];
    uint64_t sum = 0;

    OK(secagg_server_trust_with(p->server, believe, NULL));
    for (uint32_t i = 0; i < p->params.clients; i++) {
        party_identity(i, public_key, secret_key);
        OK(secagg_client_identify(p->clients[i], secret_key));
        OK(secagg_client_trust_with(p->clients[i], believe, NULL));
        OK(secagg_client_present(p->clients[i], public_key, i % 5));
        sum += i % 5;
    }
    return sum;
}

/* The sizes of PROTOCOL.md 10, without dropouts and complaints, computed here
 * again, against secagg_params_traffic(), which has no credentials, and against
 * the messages. */
static void try_traffic(uint32_t n, int mode)
{
    secagg_params params = small_params(n, n / 2 + 1, 0);
    const uint64_t vector = PARTY_BITS * ((PARTY_LENGTH + 7) / 8);
    const uint64_t map = (n + 7) / 8, k = n - 1;
    const bool active = mode == SECAGG_ACTIVE;
    const uint64_t up = 428 + 136 * k + vector + (active ? 210 : 0);
    const uint64_t down = 288 + 168 * k + 2 * map
        + (active ? 98 * (k + 1) + 52 + 68 * (uint64_t)n : 0);
    uint64_t stated_up, stated_down, credentials = 0;
    party p;

    params.mode = (uint32_t)mode;
    OK(secagg_params_traffic(&params, &stated_up, &stated_down));
    ck_assert_uint_eq(stated_up, up);
    ck_assert_uint_eq(stated_down, down);
    party_init_anonymous(&p, &params, 12);
    if (active)
        credentials = identify_with_credentials(&p);
    party_input(&p);
    OK(party_run(&p));
    party_check_sum(&p);
    for (uint32_t i = 0; i < n; i++) {
        ck_assert_uint_eq(p.up[i], up + (active ? i % 5 : 0));
        ck_assert_uint_eq(p.down[i], down + credentials);
    }
    party_free(&p);
}

START_TEST(each_client_sends_and_receives_the_stated_number_of_bytes)
{
    for (int mode = SECAGG_SEMI_HONEST; mode <= SECAGG_ACTIVE; mode++) {
        try_traffic(10, mode);
        if (getenv("SECAGG_SMALL") == NULL)
            try_traffic(100, mode);
        if (is_long())
            try_traffic(mode == SECAGG_ACTIVE ? 300 : 1000, mode);
    }
}
END_TEST

START_TEST(active_mode_refuses_more_than_2048_clients_with_a_reason)
{
    secagg_params params = active_params(2048, 1025, 0);
    secagg_client *client = NULL;
    secagg_server *server = NULL;
    char reason[200];

    OK(secagg_params_check(&params, reason, sizeof reason));
    params.clients = 2049;
    ck_assert_int_eq(secagg_params_check(&params, reason, sizeof reason),
        SECAGG_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(reason, "2049"));
    ck_assert_ptr_nonnull(strstr(reason, "2048"));
    ck_assert_ptr_nonnull(strstr(reason, "active"));
    ck_assert_int_eq(secagg_client_new(&client, &params, 0, NULL),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_server_new(&server, &params), SECAGG_ERR_ARG);
    params.mode = SECAGG_SEMI_HONEST;
    OK(secagg_params_check(&params, reason, sizeof reason));
    params = active_params(200, 50, 0);
    params.neighbours = 98;
    params.min_survivors = 190;
    ck_assert_int_eq(secagg_params_check(&params, reason, sizeof reason),
        SECAGG_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(reason, "neighbours"));
}
END_TEST

/* ---- the same again ----------------------------------------------------- */

START_TEST(the_same_seeds_produce_the_same_messages)
{
    const secagg_params params = active_params(5, 3, 0);
    transcript *one = party_record(&params, 7), *two = party_record(&params, 7);
    transcript *other = party_record(&params, 8);

    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++)
        for (int i = 0; i < 5; i++)
            for (int way = UP; way <= DOWN; way++) {
                ck_assert(transcript_same(one, two, way, phase, i));
                ck_assert_int_eq(one->len[way][phase][i] > 0,
                    way == UP || phase != SECAGG_PHASE_KEYS);
                ck_assert(one->len[way][phase][i] == 0
                    || (way == DOWN && phase == SECAGG_PHASE_CONFIRM)
                    || !transcript_same(one, other, way, phase, i));
            }
    transcript_free(one);
    transcript_free(two);
    transcript_free(other);
}
END_TEST

/* A message received again gets the same answer; with one bit changed it is
 * rejected and gets none. */
static void check_repeat(party *p, uint32_t i, uint8_t *msg, size_t len,
    const uint8_t *answer, size_t answer_len)
{
    size_t again_len;
    uint8_t *again;

    OK(party_client_recv(p, i, msg, len));
    again = party_client_send(p->clients[i], &again_len);
    ck_assert_uint_eq(again_len, answer_len);
    ck_assert_mem_eq(again, answer, answer_len);
    free(again);
    msg[len - 1] ^= 1;
    ck_assert_int_eq(party_client_recv(p, i, msg, len), SECAGG_ERR_STATE);
    again = party_client_send(p->clients[i], &again_len);
    ck_assert_ptr_null(again);
    msg[len - 1] ^= 1;
}

START_TEST(a_client_answers_a_repeated_message_with_the_same_bytes)
{
    const secagg_params params = active_params(5, 3, 0);
    party p;

    party_init(&p, &params, 9);
    party_input(&p);
    for (int k = 0; secagg_server_phase(p.server) < SECAGG_PHASE_DONE; k++) {
        for (uint32_t i = 0; i < 5 && k > 0; i++) {
            size_t len, told_len, same_len;
            uint8_t *told = party_server_send(p.server, i, &told_len);
            uint8_t *same = party_server_send(p.server, i, &same_len);
            uint8_t *msg = party_client_send(p.clients[i], &len);
            ck_assert_uint_eq(told_len, same_len);
            ck_assert_mem_eq(told, same, told_len);
            check_repeat(&p, i, told, told_len, msg, len);
            OK(secagg_server_recv(p.server, i, msg, len));
            ck_assert_int_eq(secagg_server_recv(p.server, i, msg, len),
                SECAGG_ERR_REPEAT);
            free(told);
            free(same);
            free(msg);
        }
        OK(party_collect(&p));
        if (secagg_server_phase(p.server) < SECAGG_PHASE_DONE)
            party_deliver(&p);
    }
    party_check_sum(&p);
    party_free(&p);
}
END_TEST

/* U4 includes a client that signed and then aborted before the phase was
 * closed; the server sends it nothing any more (PROTOCOL.md 8.10, 8.12). */
START_TEST(signatures_include_a_client_that_signed_and_aborted)
{
    const secagg_params params = active_params(5, 3, 0);
    uint8_t *msg, *bye;
    size_t len;
    party p;

    party_init(&p, &params, 10);
    party_input(&p);
    party_run_to(&p, SECAGG_PHASE_CONFIRM);
    msg = party_client_send(p.clients[1], &len);
    OK(secagg_server_recv(p.server, 1, msg, len));
    bye = party_forge(msg, PARTY_HEADER, PARTY_HEADER + 10, 1);
    bye[PARTY_AT_TYPE] = 11;
    OK(secagg_server_recv(p.server, 1, bye, PARTY_HEADER + 10));
    free(msg);
    free(bye);
    p.leaves[1] = LEAVES_CONFIRM;
    OK(party_collect(&p));
    ck_assert_ptr_null(party_server_send(p.server, 1, &len));
    msg = party_server_send(p.server, 0, &len);
    ck_assert_uint_eq(len, 52 + 68 * 5);
    free(msg);
    party_deliver(&p);
    OK(party_run(&p));
    party_check_sum(&p);
    party_free(&p);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_dropout_pattern_of_three_clients_ends_as_predicted,
        every_dropout_pattern_of_four_clients_ends_as_predicted,
        dropout_patterns_of_five_and_six_clients_end_as_predicted,
        a_session_respects_min_survivors_above_the_threshold,
        each_client_sends_and_receives_the_stated_number_of_bytes,
        active_mode_refuses_more_than_2048_clients_with_a_reason,
        the_same_seeds_produce_the_same_messages,
        a_client_answers_a_repeated_message_with_the_same_bytes,
        signatures_include_a_client_that_signed_and_aborted };
    return RUN(tests);
}
