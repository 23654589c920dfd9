/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sessions in active mode: every pattern of dropouts ends in the exact
 * sum of exactly the survivors, or in the error that the rules of PROTOCOL.md
 * 9.4 and 9.5 name, which are written down here a second time; sizes; and the
 * same words for the same seeds. */
#include <stdlib.h>
#include <string.h>

#include "support/cheating_client.h"
#include "support/dropout_patterns.h"
#include "support/main.h"

/* ---- dropouts ----------------------------------------------------------- */

static uint32_t staying(const party *p, int beyond)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < p->params.clients; i++)
        count += p->leaves[i] > beyond;
    return count;
}

/* What the rules say of a pattern, with no complaints, and in which phase the
 * session then ends: U1 to U3 against F, U4 against t signatures, which are as
 * many holders of every secret, then t who open. */
static secagg_err expected(const party *p, secagg_phase *end)
{
    static const struct {
        int step;
        secagg_phase phase;
    } floors[] = { { LEAVES_KEYS, SECAGG_PHASE_KEYS },
        { LEAVES_SHARES, SECAGG_PHASE_SHARES },
        { LEAVES_INPUT, SECAGG_PHASE_INPUT },
        { LEAVES_CONFIRM, SECAGG_PHASE_CONFIRM },
        { LEAVES_UNMASK, SECAGG_PHASE_UNMASK } };
    const uint32_t t = p->params.threshold;
    const uint32_t floor = p->params.min_survivors > t
        ? p->params.min_survivors : t;

    for (size_t i = 0; i < sizeof floors / sizeof *floors; i++) {
        *end = floors[i].phase;
        if (staying(p, floors[i].step) < (i < 3 ? floor : t))
            return SECAGG_ERR_THRESHOLD;
    }
    return SECAGG_OK;
}

static void check_failed(const party *p)
{
    uint64_t sum[PARTY_LENGTH];
    char why[200];

    ck_assert_int_eq(secagg_server_phase(p->server), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_server_error(p->server, why, sizeof why),
        SECAGG_ERR_THRESHOLD);
    ck_assert_uint_gt(strlen(why), 10);
    ck_assert_int_eq(secagg_server_sum_u64(p->server, 0, 0, sum,
        PARTY_LENGTH), SECAGG_ERR_STATE);
}

/* Run one pattern and hold the outcome to the rules. */
static void try_pattern(const secagg_params *params, const int *leaves)
{
    secagg_phase last, want_last;
    secagg_err err, want;
    party p;

    party_make(&p, params, 11);
    memcpy(p.leaves, leaves, params->clients * sizeof *leaves);
    party_give(&p);
    err = party_run_until(&p, &last);
    want = expected(&p, &want_last);
    ck_assert_int_eq(err, want);
    ck_assert_int_eq(last, want_last);
    if (err == SECAGG_OK)
        party_check_sum(&p);
    else
        check_failed(&p);
    liar_check_nobody(&p);
    party_free(&p);
}

/* Every pattern, or every so many-th: a number in base 6 with a digit a
 * client. */
static void try_all(uint32_t n, uint32_t t, uint32_t corrupt, uint32_t each)
{
    const secagg_params params = party_active(n, t, corrupt);
    int leaves[PARTY_MAX];
    uint32_t patterns = 1;

    for (uint32_t i = 0; i < n; i++)
        patterns *= STAYS + 1;
    for (uint32_t k = 0; k < patterns; k += each) {
        uint32_t rest = patterns - 1 - k;
        for (uint32_t i = 0; i < n; i++, rest /= STAYS + 1)
            leaves[i] = (int)(rest % (STAYS + 1));
        try_pattern(&params, leaves);
    }
}

/* A pattern of each class, in so many orders. */
static void try_classes(uint32_t n, uint32_t t, uint32_t corrupt, int orders)
{
    const secagg_params params = party_active(n, t, corrupt);
    int class[PARTY_MAX] = { 0 }, leaves[PARTY_MAX];

    do
        for (int order = 0; order < orders; order++) {
            classes_order(leaves, class, n, order);
            try_pattern(&params, leaves);
        }
    while (classes_next(class, n, STAYS + 1));
}

static bool is_long(void)
{
    return getenv("SECAGG_LONG") != NULL;
}

START_TEST(every_pattern_of_three_ends_right)
{
    try_all(3, 2, 0, 1);
    try_all(3, 3, 1, 1);
}
END_TEST

START_TEST(every_pattern_of_four_ends_right)
{
    const uint32_t each = getenv("SECAGG_SMALL") != NULL ? 97 : 1;

    try_all(4, 3, 1, each);
}
END_TEST

START_TEST(patterns_of_five_and_six_end_right)
{
    const uint32_t few = getenv("SECAGG_SMALL") != NULL ? 50 : 1;

    try_all(5, 3, 0, is_long() ? 1 : few * 41);
    try_all(5, 4, 2, is_long() ? 1 : few * 43);
    try_all(6, 4, 1, is_long() ? 1 : few * 211);
    for (uint32_t t = 4; t <= 6 && is_long(); t++)
        for (uint32_t corrupt = 0; corrupt < 2 * t - 6 && corrupt <= 4;
             corrupt++)
            try_classes(6, t, corrupt, 3);
}
END_TEST

/* A floor above the threshold: six who want six, five and four survivors. */
START_TEST(a_floor_above_the_threshold_holds)
{
    for (uint32_t floor = 4; floor <= 6; floor++)
        for (uint32_t k = 0; k < 6 * 7; k++) {
            secagg_params params = party_active(6, 4, 1);
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
static uint64_t introduce_with_credentials(party *p)
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

/* PROTOCOL.md 10: everybody stays, nobody complains. The traffic that is
 * foretold has no credentials. */
static void try_traffic(uint32_t n, int mode)
{
    secagg_params params = party_small(n, n / 2 + 1, 0);
    const uint64_t vector = PARTY_BITS * ((PARTY_LENGTH + 7) / 8);
    const uint64_t map = (n + 7) / 8, k = n - 1;
    const bool active = mode == SECAGG_ACTIVE;
    const uint64_t up = 428 + 136 * k + vector + (active ? 210 : 0);
    const uint64_t down = 288 + 168 * k + 2 * map
        + (active ? 98 * (k + 1) + 52 + 68 * (uint64_t)n : 0);
    uint64_t told_up, told_down, credentials = 0;
    party p;

    params.mode = (uint32_t)mode;
    OK(secagg_params_traffic(&params, &told_up, &told_down));
    ck_assert_uint_eq(told_up, up);
    ck_assert_uint_eq(told_down, down);
    party_strangers(&p, &params, 12);
    if (active)
        credentials = introduce_with_credentials(&p);
    party_give(&p);
    OK(party_run(&p));
    party_check_sum(&p);
    for (uint32_t i = 0; i < n; i++) {
        ck_assert_uint_eq(p.up[i], up + (active ? i % 5 : 0));
        ck_assert_uint_eq(p.down[i], down + credentials);
    }
    party_free(&p);
}

START_TEST(a_session_takes_the_bytes_that_are_foretold)
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

START_TEST(more_than_2048_clients_are_refused_with_a_sentence)
{
    secagg_params params = party_active(2048, 1025, 0);
    secagg_client *client = NULL;
    secagg_server *server = NULL;
    char why[200];

    OK(secagg_params_check(&params, why, sizeof why));
    params.clients = 2049;
    ck_assert_int_eq(secagg_params_check(&params, why, sizeof why),
        SECAGG_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(why, "2049"));
    ck_assert_ptr_nonnull(strstr(why, "2048"));
    ck_assert_ptr_nonnull(strstr(why, "active"));
    ck_assert_int_eq(secagg_client_new(&client, &params, 0, NULL),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_server_new(&server, &params), SECAGG_ERR_ARG);
    params.mode = SECAGG_SEMI_HONEST;
    OK(secagg_params_check(&params, why, sizeof why));
    params = party_active(200, 50, 0);
    params.neighbours = 98;
    params.min_survivors = 190;
    ck_assert_int_eq(secagg_params_check(&params, why, sizeof why),
        SECAGG_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(why, "neighbours"));
}
END_TEST

/* ---- the same again ----------------------------------------------------- */

START_TEST(the_same_seeds_say_the_same_words)
{
    const secagg_params params = party_active(5, 3, 0);
    talk *one = party_talk(&params, 7), *two = party_talk(&params, 7);
    talk *other = party_talk(&params, 8);

    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++)
        for (int i = 0; i < 5; i++)
            for (int way = UP; way <= DOWN; way++) {
                ck_assert(party_alike(one, two, way, phase, i));
                ck_assert_int_eq(one->len[way][phase][i] > 0,
                    way == UP || phase != SECAGG_PHASE_KEYS);
                ck_assert(one->len[way][phase][i] == 0
                    || (way == DOWN && phase == SECAGG_PHASE_CONFIRM)
                    || !party_alike(one, other, way, phase, i));
            }
    party_talk_free(one);
    party_talk_free(two);
    party_talk_free(other);
}
END_TEST

/* Each message once more, whole: the same answer, bit for bit; with one bit
 * in it changed: nothing. */
static void hear_again(party *p, uint32_t i, uint8_t *msg, size_t len,
    const uint8_t *answer, size_t answer_len)
{
    size_t again_len;
    uint8_t *again;

    OK(party_tell(p, i, msg, len));
    again = party_says(p->clients[i], &again_len);
    ck_assert_uint_eq(again_len, answer_len);
    ck_assert_mem_eq(again, answer, answer_len);
    free(again);
    msg[len - 1] ^= 1;
    ck_assert_int_eq(party_tell(p, i, msg, len), SECAGG_ERR_STATE);
    again = party_says(p->clients[i], &again_len);
    ck_assert_ptr_null(again);
    msg[len - 1] ^= 1;
}

START_TEST(a_repeat_gets_the_same_answer_in_every_phase)
{
    const secagg_params params = party_active(5, 3, 0);
    party p;

    party_make(&p, &params, 9);
    party_give(&p);
    for (int k = 0; secagg_server_phase(p.server) < SECAGG_PHASE_DONE; k++) {
        for (uint32_t i = 0; i < 5 && k > 0; i++) {
            size_t len, told_len, same_len;
            uint8_t *told = party_told(p.server, i, &told_len);
            uint8_t *same = party_told(p.server, i, &same_len);
            uint8_t *msg = party_says(p.clients[i], &len);
            ck_assert_uint_eq(told_len, same_len);
            ck_assert_mem_eq(told, same, told_len);
            hear_again(&p, i, told, told_len, msg, len);
            OK(secagg_server_recv(p.server, i, msg, len));
            ck_assert_int_eq(secagg_server_recv(p.server, i, msg, len),
                SECAGG_ERR_STATE);
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

/* The signers are U4: also one that signed and left before the phase was
 * over, which nobody asks any more (PROTOCOL.md 8.10 and 8.12). */
START_TEST(who_signed_and_left_stands_among_the_signatures)
{
    const secagg_params params = party_active(5, 3, 0);
    uint8_t *msg, *bye;
    size_t len;
    party p;

    party_make(&p, &params, 10);
    party_give(&p);
    party_reach(&p, SECAGG_PHASE_CONFIRM);
    msg = party_says(p.clients[1], &len);
    OK(secagg_server_recv(p.server, 1, msg, len));
    bye = party_forged(msg, PARTY_HEADER, PARTY_HEADER + 6, 1);
    bye[PARTY_AT_TYPE] = 11;
    OK(secagg_server_recv(p.server, 1, bye, PARTY_HEADER + 6));
    free(msg);
    free(bye);
    p.leaves[1] = LEAVES_CONFIRM;
    OK(party_collect(&p));
    ck_assert_ptr_null(party_told(p.server, 1, &len));
    msg = party_told(p.server, 0, &len);
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
    const TTest *const tests[] = { every_pattern_of_three_ends_right,
        every_pattern_of_four_ends_right, patterns_of_five_and_six_end_right,
        a_floor_above_the_threshold_holds,
        a_session_takes_the_bytes_that_are_foretold,
        more_than_2048_clients_are_refused_with_a_sentence,
        the_same_seeds_say_the_same_words,
        a_repeat_gets_the_same_answer_in_every_phase,
        who_signed_and_left_stands_among_the_signatures };
    return RUN(tests);
}
