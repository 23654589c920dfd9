/* SPDX-License-Identifier: Apache-2.0 */
/* Lists and points that a hostile client makes up: well-formed, but of other
 * holders, dealers and keys than the protocol asks for. */
#include <stdlib.h>
#include <string.h>

#include "support/attack_fixture.h"
#include "support/invalid_points.h"
#include "support/main.h"
#include "support/util.h"

#define COUNT_BYTES 4

/* Where a message has its list: the count, and bytes an item. */
typedef struct layout {
    size_t at, each;
} layout;

static const layout layouts[SECAGG_PHASE_DONE] = {
    [SECAGG_PHASE_SHARES] = { 112, 100 },
    [SECAGG_PHASE_INPUT] = { 80, 4 },
    [SECAGG_PHASE_UNMASK] = { 80, 36 },
};

static void put_be32(uint8_t *to, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(x >> (24 - 8 * i));
}

/* Refuse a message with another list; `had` items stand in it now. */
static void refuse_list(party *p, uint32_t from, const uint8_t *msg,
    size_t len, uint32_t had, const uint8_t *items, uint32_t count)
{
    const layout l = layouts[secagg_server_phase(p->server)];
    const size_t head = l.at + COUNT_BYTES, size = l.each * count;
    const size_t rest = len - head - l.each * had;
    uint8_t *out = party_forge(msg, l.at, head + size + rest, from);

    put_be32(out + l.at, count);
    memcpy(out + head, items, size);
    memcpy(out + head + size, msg + len - rest, rest);
    ck_assert_int_eq(check_rejected(p, from, out, head + size + rest),
        SECAGG_ERR_MESSAGE);
    free(out);
}

/* The list of SHARES or UNMASK with items dropped, doubled, in another order,
 * of oneself and of nobody. */
static void change_list(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    const layout l = layouts[secagg_server_phase(p->server)];
    const uint8_t *list = msg + l.at + COUNT_BYTES;
    const size_t each = l.each;
    uint8_t items[(N + 1) * 100];

    refuse_list(p, from, msg, len, N - 1, items, 0);
    for (uint32_t k = 0; k < N - 1; k++) {
        memcpy(items, list, k * each);
        memcpy(items + k * each, list + (k + 1) * each, (N - 2 - k) * each);
        refuse_list(p, from, msg, len, N - 1, items, N - 2);
        memcpy(items, list, (k + 1) * each);
        memcpy(items + (k + 1) * each, list + k * each, (N - 1 - k) * each);
        refuse_list(p, from, msg, len, N - 1, items, N);
        memcpy(items, list, (N - 1) * each);
        memcpy(items + k * each, list + (k + 1) % (N - 1) * each, each);
        memcpy(items + (k + 1) % (N - 1) * each, list + k * each, each);
        refuse_list(p, from, msg, len, N - 1, items, N - 1);
    }
    memcpy(items, list, (N - 1) * each);
    memcpy(items + (N - 1) * each, list, each);
    for (uint32_t index = 0; index < 2 * N; index++) {
        put_be32(items + (N - 1) * each, index);
        refuse_list(p, from, msg, len, N - 1, items, N);
    }
}

/* Complaints of INPUT: of oneself, of nobody, twice, in another order, and of
 * so many that it could not go on itself. */
static void complain(party *p, uint32_t from, const uint8_t *msg, size_t len)
{
    const uint32_t one = (from + 1) % N, two = (from + 2) % N;
    const uint32_t low = one < two ? one : two, high = one + two - low;
    const uint32_t lists[][4] = { { 1, from, 0, 0 }, { 1, N, 0, 0 },
        { 1, UINT32_MAX, 0, 0 }, { 2, one, one, 0 }, { 2, high, low, 0 },
        { 2, low, high, 0 }, { 3, low, high, high }, { 2, low, N, 0 } };

    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        uint8_t items[3 * 4];
        for (int i = 0; i < 3; i++)
            put_be32(items + 4 * i, lists[k][1 + i]);
        refuse_list(p, from, msg, len, 0, items, lists[k][0]);
    }
}

static void change_lists(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    const secagg_phase phase = secagg_server_phase(p->server);

    if (phase == SECAGG_PHASE_INPUT)
        complain(p, from, msg, len);
    else if (phase != SECAGG_PHASE_KEYS)
        change_list(p, from, msg, len);
}

START_TEST(every_other_list_is_refused)
{
    run_under_attack(change_lists, NULL);
}
END_TEST

/* ---- complaints --------------------------------------------------------- */

/* Client `from` says in INPUT that shares of these dealers did not open; if
 * that is refused it sends a good one. */
static secagg_err accuse(party *p, uint32_t from, const uint32_t *dealers,
    uint32_t count)
{
    size_t len;
    uint8_t *msg = party_client_send(p->clients[from], &len);
    uint8_t *out = party_forge(msg, 80, len + 4 * count, from);
    secagg_err err;

    put_be32(out + 80, count);
    for (uint32_t i = 0; i < count; i++)
        put_be32(out + 84 + 4 * i, dealers[i]);
    memcpy(out + 84 + 4 * count, msg + 84, len - 84);
    err = secagg_server_recv(p->server, from, out, len + 4 * count);
    if (err != SECAGG_OK)
        ck_assert_int_eq(secagg_server_recv(p->server, from, msg, len),
            SECAGG_OK);
    free(msg);
    free(out);
    return err;
}

static const uint32_t third = 3;

START_TEST(one_false_complaint_blames_nobody)
{
    const secagg_params params = small_params(N, T, 1);
    party p;

    party_init(&p, &params, 13);
    party_input(&p);
    party_run_to(&p, SECAGG_PHASE_INPUT);
    ck_assert_int_eq(accuse(&p, 1, &third, 1), SECAGG_OK);
    ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    ck_assert_uint_eq(count_blamed(p.server), 0);
    party_deliver(&p);
    p.leaves[1] = LEAVES_UNMASK; /* its answer does not fit what it said */
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    party_check_sum(&p);
    ck_assert_uint_eq(count_blamed(p.server), 0);
    party_free(&p);
}
END_TEST

/* Two false complaints, with one corrupt client allowed for: named, and the
 * session ends before anything is opened. */
START_TEST(more_complaints_than_may_be_false_name_the_dealer)
{
    const secagg_params params = small_params(N, T, 1);
    uint32_t index;
    secagg_err what;
    party p;

    party_init(&p, &params, 14);
    party_input(&p);
    party_run_to(&p, SECAGG_PHASE_INPUT);
    ck_assert_int_eq(accuse(&p, 0, &third, 1), SECAGG_OK);
    ck_assert_int_eq(accuse(&p, 2, &third, 1), SECAGG_OK);
    ck_assert_int_eq(party_collect(&p), SECAGG_ERR_THRESHOLD);
    ck_assert_int_eq(secagg_server_blamed(p.server, 0, &index, &what),
        SECAGG_OK);
    ck_assert_uint_eq(index, 3);
    ck_assert_int_eq(what, SECAGG_ERR_AUTH);
    ck_assert_uint_eq(count_blamed(p.server), 1);
    party_free(&p);
}
END_TEST

START_TEST(a_complaint_of_a_client_that_dealt_nothing_is_refused)
{
    const secagg_params params = small_params(5, 3, 0);
    party p;

    party_init(&p, &params, 15);
    party_input(&p);
    p.leaves[3] = LEAVES_SHARES;
    party_run_to(&p, SECAGG_PHASE_INPUT);
    ck_assert_int_eq(accuse(&p, 1, &third, 1), SECAGG_ERR_MESSAGE);
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    party_check_sum(&p);
    party_free(&p);
}
END_TEST

/* Twice the same, or descending, where two complaints are allowed for. */
START_TEST(complaints_ascend)
{
    static const uint32_t lists[][2] = { { 3, 3 }, { 4, 3 }, { 4, 1 } };
    const secagg_params params = small_params(6, 4, 0);
    party p;

    party_init(&p, &params, 16);
    party_input(&p);
    party_run_to(&p, SECAGG_PHASE_INPUT);
    for (uint32_t k = 0; k < 3; k++)
        ck_assert_int_eq(accuse(&p, k, lists[k], 2), SECAGG_ERR_MESSAGE);
    ck_assert_int_eq(accuse(&p, 5, (uint32_t[]){ 3, 4 }, 2), SECAGG_OK);
    ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    party_free(&p);
}
END_TEST

/* ---- points ------------------------------------------------------------- */

static void send_points(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    uint8_t *bent = party_forge(msg, len, len, from);

    for (size_t k = 0; k < INVALID_POINTS
         && secagg_server_phase(p->server) == SECAGG_PHASE_KEYS; k++)
        for (size_t at = 80; at <= 112; at += 32) {
            memcpy(bent, msg, len);
            invalid_point(bent + at, k);
            ck_assert_int_eq(check_rejected(p, from, bent, len),
                SECAGG_ERR_MESSAGE);
        }
    free(bent);
}

START_TEST(points_that_are_none_or_of_low_order_are_refused)
{
    run_under_attack(send_points, NULL);
}
END_TEST

/* An own share that is no number below L = 2^252 + ...: all ones, and L. */
static void send_share(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    static const char *const shares[] = {
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
        "eed3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010" };
    uint8_t *bent = party_forge(msg, len, len, from);

    for (int k = 0; k < 3
         && secagg_server_phase(p->server) == SECAGG_PHASE_UNMASK; k++) {
        ck_assert_uint_eq(unhex(bent + PARTY_HEADER, shares[k]), 32);
        ck_assert_int_eq(check_rejected(p, from, bent, len),
            SECAGG_ERR_MESSAGE);
    }
    free(bent);
}

START_TEST(an_own_share_outside_the_field_is_refused)
{
    run_under_attack(send_share, NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { every_other_list_is_refused,
        one_false_complaint_blames_nobody,
        more_complaints_than_may_be_false_name_the_dealer,
        a_complaint_of_a_client_that_dealt_nothing_is_refused,
        complaints_ascend,
        points_that_are_none_or_of_low_order_are_refused,
        an_own_share_outside_the_field_is_refused };
    return RUN(tests);
}
