/* SPDX-License-Identifier: Apache-2.0 */
/* Lists and points that a malicious client makes up: well-formed, but with
 * other holders, dealers or keys than the protocol requires. */
#include <stdlib.h>
#include <string.h>

#include "support/attack_fixture.h"
#include "support/invalid_points.h"
#include "support/main.h"
#include "support/util.h"

#define COUNT_BYTES 4

/* The list in a message: the offset of its count, and the bytes of an item. */
typedef struct list_layout {
    size_t at, each;
} list_layout;

static const list_layout layouts[SECAGG_PHASE_DONE] = {
    [SECAGG_PHASE_SHARES] = { 112, 100 },
    [SECAGG_PHASE_INPUT] = { 80, 4 },
    [SECAGG_PHASE_UNMASK] = { 80, 36 },
};

static void put_be32(uint8_t *to, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(x >> (24 - 8 * i));
}

/* Check that the server rejects a message after its list of `old_count` items
 * is replaced by another one. */
static void check_list_rejected(party *p, uint32_t from, const uint8_t *msg,
    size_t len, uint32_t old_count, const uint8_t *items, uint32_t count)
{
    const list_layout l = layouts[secagg_server_phase(p->server)];
    const size_t head = l.at + COUNT_BYTES, size = l.each * count;
    const size_t rest = len - head - l.each * old_count;
    uint8_t *out = party_forge(msg, l.at, head + size + rest, from);

    put_be32(out + l.at, count);
    memcpy(out + head, items, size);
    memcpy(out + head + size, msg + len - rest, rest);
    ck_assert_int_eq(check_rejected(p, from, out, head + size + rest),
        SECAGG_ERR_MESSAGE);
    free(out);
}

/* Change the list of SHARES or UNMASK: no items, an item removed, repeated or
 * in another place, and an additional one, also of the sender itself and of
 * indices that no client has. */
static void change_list(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    const list_layout l = layouts[secagg_server_phase(p->server)];
    const uint8_t *list = msg + l.at + COUNT_BYTES;
    const size_t each = l.each;
    uint8_t items[(N + 1) * 100];

    check_list_rejected(p, from, msg, len, N - 1, items, 0);
    for (uint32_t k = 0; k < N - 1; k++) {
        memcpy(items, list, k * each);
        memcpy(items + k * each, list + (k + 1) * each, (N - 2 - k) * each);
        check_list_rejected(p, from, msg, len, N - 1, items, N - 2);
        memcpy(items, list, (k + 1) * each);
        memcpy(items + (k + 1) * each, list + k * each, (N - 1 - k) * each);
        check_list_rejected(p, from, msg, len, N - 1, items, N);
        memcpy(items, list, (N - 1) * each);
        memcpy(items + k * each, list + (k + 1) % (N - 1) * each, each);
        memcpy(items + (k + 1) % (N - 1) * each, list + k * each, each);
        check_list_rejected(p, from, msg, len, N - 1, items, N - 1);
    }
    memcpy(items, list, (N - 1) * each);
    memcpy(items + (N - 1) * each, list, each);
    for (uint32_t index = 0; index < 2 * N; index++) {
        put_be32(items + (N - 1) * each, index);
        check_list_rejected(p, from, msg, len, N - 1, items, N);
    }
}

/* Change the complaints of INPUT: about the sender itself, about an index that
 * no client has, twice about one dealer, in another order, and about so many
 * dealers that the sender could not go on. */
static void change_complaints(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
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
        check_list_rejected(p, from, msg, len, 0, items, lists[k][0]);
    }
}

static void change_lists(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    const secagg_phase phase = secagg_server_phase(p->server);

    if (phase == SECAGG_PHASE_INPUT)
        change_complaints(p, from, msg, len);
    else if (phase != SECAGG_PHASE_KEYS)
        change_list(p, from, msg, len);
}

START_TEST(the_server_rejects_every_changed_list)
{
    run_under_attack(change_lists, NULL);
}
END_TEST

/* ---- complaints --------------------------------------------------------- */

/* Client `from` complains about these dealers in its INPUT; if the server
 * rejects it, the client sends one without complaints. Returns the first
 * error. */
static secagg_err complain_about(party *p, uint32_t from,
    const uint32_t *dealers, uint32_t count)
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

static const uint32_t dealer = 3;

START_TEST(one_false_complaint_blames_no_client)
{
    const secagg_params params = small_params(N, T, 1);
    party p;

    party_init(&p, &params, 13);
    party_input(&p);
    party_run_to(&p, SECAGG_PHASE_INPUT);
    ck_assert_int_eq(complain_about(&p, 1, &dealer, 1), SECAGG_OK);
    ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    ck_assert_uint_eq(count_blamed(p.server), 0);
    party_deliver(&p);
    p.leaves[1] = LEAVES_UNMASK; /* its UNMASK contradicts its complaint */
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    party_check_sum(&p);
    ck_assert_uint_eq(count_blamed(p.server), 0);
    party_free(&p);
}
END_TEST

/* Two false complaints in a session with one corrupt client: the server blames
 * the dealer, and the session fails before any key is revealed. */
START_TEST(more_than_corrupt_complaints_blame_the_dealer)
{
    const secagg_params params = small_params(N, T, 1);
    uint32_t index;
    secagg_err what;
    party p;

    party_init(&p, &params, 14);
    party_input(&p);
    party_run_to(&p, SECAGG_PHASE_INPUT);
    ck_assert_int_eq(complain_about(&p, 0, &dealer, 1), SECAGG_OK);
    ck_assert_int_eq(complain_about(&p, 2, &dealer, 1), SECAGG_OK);
    ck_assert_int_eq(party_collect(&p), SECAGG_ERR_THRESHOLD);
    ck_assert_int_eq(secagg_server_blamed(p.server, 0, &index, &what),
        SECAGG_OK);
    ck_assert_uint_eq(index, 3);
    ck_assert_int_eq(what, SECAGG_ERR_AUTH);
    ck_assert_uint_eq(count_blamed(p.server), 1);
    party_free(&p);
}
END_TEST

START_TEST(the_server_rejects_a_complaint_about_an_absent_dealer)
{
    const secagg_params params = small_params(5, 3, 0);
    party p;

    party_init(&p, &params, 15);
    party_input(&p);
    p.leaves[3] = LEAVES_SHARES;
    party_run_to(&p, SECAGG_PHASE_INPUT);
    ck_assert_int_eq(complain_about(&p, 1, &dealer, 1), SECAGG_ERR_MESSAGE);
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    party_check_sum(&p);
    party_free(&p);
}
END_TEST

/* Two complaints about one dealer, or in descending order; two different ones
 * would be accepted. */
START_TEST(the_server_rejects_complaints_that_do_not_ascend)
{
    static const uint32_t lists[][2] = { { 3, 3 }, { 4, 3 }, { 4, 1 } };
    const secagg_params params = small_params(6, 4, 0);
    party p;

    party_init(&p, &params, 16);
    party_input(&p);
    party_run_to(&p, SECAGG_PHASE_INPUT);
    for (uint32_t k = 0; k < 3; k++)
        ck_assert_int_eq(complain_about(&p, k, lists[k], 2),
            SECAGG_ERR_MESSAGE);
    ck_assert_int_eq(complain_about(&p, 5, (uint32_t[]){ 3, 4 }, 2), SECAGG_OK);
    ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    party_free(&p);
}
END_TEST

/* ---- points ------------------------------------------------------------- */

static void send_points(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    uint8_t *changed = party_forge(msg, len, len, from);

    for (size_t k = 0; k < INVALID_POINTS
         && secagg_server_phase(p->server) == SECAGG_PHASE_KEYS; k++)
        for (size_t at = 80; at <= 112; at += 32) {
            memcpy(changed, msg, len);
            invalid_point(changed + at, k);
            ck_assert_int_eq(check_rejected(p, from, changed, len),
                SECAGG_ERR_MESSAGE);
        }
    free(changed);
}

START_TEST(the_server_rejects_invalid_points)
{
    run_under_attack(send_points, NULL);
}
END_TEST

/* An own share that is not below ell = 2^252 + ...: all ones, ell, ell + 1. */
static void send_own_shares(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    static const char *const shares[] = {
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
        "eed3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010" };
    uint8_t *changed = party_forge(msg, len, len, from);

    for (int k = 0; k < 3
         && secagg_server_phase(p->server) == SECAGG_PHASE_UNMASK; k++) {
        ck_assert_uint_eq(unhex(changed + PARTY_HEADER, shares[k]), 32);
        ck_assert_int_eq(check_rejected(p, from, changed, len),
            SECAGG_ERR_MESSAGE);
    }
    free(changed);
}

START_TEST(the_server_rejects_an_own_share_that_is_no_scalar)
{
    run_under_attack(send_own_shares, NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { the_server_rejects_every_changed_list,
        one_false_complaint_blames_no_client,
        more_than_corrupt_complaints_blame_the_dealer,
        the_server_rejects_a_complaint_about_an_absent_dealer,
        the_server_rejects_complaints_that_do_not_ascend,
        the_server_rejects_invalid_points,
        the_server_rejects_an_own_share_that_is_no_scalar };
    return RUN(tests);
}
