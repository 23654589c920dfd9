/* SPDX-License-Identifier: Apache-2.0 */
/* A malicious server cannot make a client send its input to, or open shares
 * for, a set of clients that is too small or contradicts an earlier message
 * (PROTOCOL.md 9.1, 9.4). The client sends ABORT, and nothing else. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "support/main.h"
#include "support/party.h"

#define VICTIM 1
#define ABORT_CLIENT 11
#define PAIR 100
#define ENTRY 68

static secagg_params params_with(uint32_t n, uint32_t t, uint32_t min_survivors)
{
    secagg_params p = small_params(n, t, 0);
    p.min_survivors = min_survivors;
    return p;
}

/* A party at the start of a phase, its messages not yet delivered; `absent`
 * sends no message from LEAVES_ mark `leaves` on. */
static void begin(party *p, const secagg_params *params, secagg_phase phase,
    uint32_t absent, int leaves)
{
    party_init(p, params, 17);
    p->leaves[absent] = leaves;
    party_input(p);
    party_open_phase(p, phase);
}

/* The victim receives the first len bytes of a message, with that length in the
 * header. Check its error, and that it answers ABORT just if there is one. */
static void check_recv(party *p, const uint8_t *msg, size_t have, size_t len,
    secagg_err want)
{
    secagg_client *c = p->clients[VICTIM];
    uint8_t *forged = party_forge(msg, have, len, VICTIM), *answer;
    size_t answer_len;

    ck_assert_int_eq(secagg_client_recv(c, forged, len), want);
    ck_assert_int_eq(secagg_client_error(c), want);
    answer = party_client_send(c, &answer_len);
    ck_assert_ptr_nonnull(answer);
    ck_assert_int_eq(answer[PARTY_AT_TYPE] == ABORT_CLIENT,
        want != SECAGG_OK);
    free(answer);
    free(forged);
}

/* ---- ROSTER ------------------------------------------------------------- */

/* SHA-256(first || a || b). */
static void node(uint8_t out[32], uint8_t first, const uint8_t *a,
    size_t a_len, const uint8_t *b, size_t b_len)
{
    uint8_t all[1 + 128];

    all[0] = first;
    memcpy(all + 1, a, a_len);
    if (b_len > 0)
        memcpy(all + 1 + a_len, b, b_len);
    crypto_hash_sha256(out, all, 1 + a_len + b_len);
}

/* The roster root over four leaves (RFC 6962, section 2.1): the entry of each
 * client, or the index of a client that has none. Computed without the
 * library. */
static void roster_root(uint8_t out[32], const uint8_t *entries, uint32_t count)
{
    uint8_t leaf[4][32], inner[2][32];

    for (uint8_t i = 0; i < 4; i++) {
        const uint8_t number[4] = { 0, 0, 0, i };
        const uint8_t *entry = number;
        size_t len = sizeof number;
        for (uint32_t k = 0; k < count; k++)
            if (entries[ENTRY * k + 3] == i) {
                entry = entries + ENTRY * k;
                len = ENTRY;
            }
        node(leaf[i], 0, entry, len, entry, 0);
    }
    node(inner[0], 1, leaf[0], 32, leaf[1], 32);
    node(inner[1], 1, leaf[2], 32, leaf[3], 32);
    node(out, 1, inner[0], 32, inner[1], 32);
}

/* A ROSTER of the first `count` entries, with a point at `at` replaced unless
 * `point` is NULL, and the roster root computed again. */
static void try_roster(uint32_t count, size_t at, const uint8_t *point,
    secagg_err want)
{
    const secagg_params params = params_with(4, 3, 2);
    uint8_t *msg;
    size_t len;
    party p;

    begin(&p, &params, SECAGG_PHASE_SHARES, 0, STAYS);
    msg = party_server_send(p.server, VICTIM, &len);
    ck_assert_uint_eq(len, PARTY_HEADER + 72 + 4 * ENTRY);
    if (point != NULL)
        memcpy(msg + PARTY_HEADER + 72 + at, point, 32);
    roster_root(msg + PARTY_HEADER + 32, msg + PARTY_HEADER + 72, count);
    msg[PARTY_HEADER + 67] = (uint8_t)count;
    msg[PARTY_HEADER + 71] = (uint8_t)count;
    check_recv(&p, msg, len, PARTY_HEADER + 72 + count * ENTRY, want);
    free(msg);
    party_free(&p);
}

START_TEST(a_client_aborts_on_a_roster_below_the_threshold)
{
    try_roster(4, 0, NULL, SECAGG_OK);
    try_roster(3, 0, NULL, SECAGG_OK);
    try_roster(2, 0, NULL, SECAGG_ERR_THRESHOLD);
    try_roster(1, 0, NULL, SECAGG_ERR_MESSAGE); /* without the victim */
}
END_TEST

START_TEST(a_client_rejects_a_roster_with_invalid_points)
{
    uint8_t points[5][32] = { { 0 }, { 1 }, { 0 }, { 0 }, { 9 } };
    size_t len;
    party p;
    const secagg_params params = params_with(4, 3, 2);
    uint8_t *msg;

    memset(points[2], 0xff, 32);
    begin(&p, &params, SECAGG_PHASE_SHARES, 0, STAYS);
    msg = party_server_send(p.server, VICTIM, &len);
    memcpy(points[3], msg + PARTY_HEADER + 72 + 3 * ENTRY + 36, 32);
    free(msg);
    party_free(&p);
    for (int k = 0; k < 4; k++) /* low order, not canonical, repeated */
        for (size_t key = 4; key <= 36; key += 32) {
            try_roster(4, key, points[k], SECAGG_ERR_MESSAGE);
            try_roster(4, 2 * ENTRY + key, points[k], SECAGG_ERR_MESSAGE);
        }
    try_roster(4, 4, points[4], SECAGG_OK); /* a valid point of another */
    try_roster(4, ENTRY + 4, points[4], SECAGG_ERR_MESSAGE); /* its own */
    try_roster(4, ENTRY + 36, points[4], SECAGG_ERR_MESSAGE);
}
END_TEST

/* ---- RELAY -------------------------------------------------------------- */

/* Send a RELAY with the clients of `set` out of five; the shares of the dealers
 * in `corrupted` do not open. */
static void send_relay(party *p, uint8_t set, uint8_t corrupted,
    secagg_err want)
{
    size_t len, at = PARTY_HEADER + 5, to = at;
    uint8_t *msg = party_server_send(p->server, VICTIM, &len);

    for (; at < len; at += PAIR) {
        const uint8_t dealer = msg[at + 3];
        memmove(msg + to, msg + at, PAIR);
        if (corrupted >> dealer & 1)
            msg[to + 4] ^= 1;
        if (set >> dealer & 1)
            to += PAIR;
    }
    msg[PARTY_HEADER] = set;
    msg[PARTY_HEADER + 4] = (uint8_t)((to - PARTY_HEADER - 5) / PAIR);
    check_recv(p, msg, to, to, want);
    free(msg);
}

static void try_relay(uint32_t t, uint32_t min_survivors, uint8_t set,
    uint8_t corrupted, secagg_err want)
{
    const secagg_params params = params_with(5, t, min_survivors);
    party p;

    begin(&p, &params, SECAGG_PHASE_INPUT, 0, STAYS);
    send_relay(&p, set, corrupted, want);
    party_free(&p);
}

START_TEST(a_client_sends_no_input_if_u2_is_too_small)
{
    try_relay(3, 4, 0x1f, 0, SECAGG_OK);
    try_relay(3, 4, 0x0f, 0, SECAGG_OK);
    try_relay(3, 4, 0x1e, 0x18, SECAGG_ERR_THRESHOLD); /* two dealers open */
    try_relay(3, 4, 0x1a, 0, SECAGG_ERR_THRESHOLD);    /* three clients */
    try_relay(4, 2, 0x1e, 0, SECAGG_OK);
    try_relay(4, 2, 0x0e, 0, SECAGG_ERR_THRESHOLD); /* fewer than t */
    try_relay(4, 2, 0x1f, 0x08, SECAGG_OK);
    try_relay(4, 2, 0x1f, 0x0c, SECAGG_ERR_THRESHOLD); /* fewer that open */
    try_relay(4, 2, 0x1d, 0, SECAGG_ERR_MESSAGE);      /* not the victim */
}
END_TEST

/* Client 4 is not in the roster, but in the RELAY, with shares. */
START_TEST(a_client_rejects_a_u2_beyond_the_roster)
{
    const secagg_params params = params_with(5, 3, 2);
    uint8_t *msg, *longer;
    size_t len;
    party p;

    begin(&p, &params, SECAGG_PHASE_INPUT, 4, LEAVES_KEYS);
    msg = party_server_send(p.server, VICTIM, &len);
    longer = party_forge(msg, len, len + PAIR, VICTIM);
    longer[PARTY_HEADER] |= 0x10;
    longer[PARTY_HEADER + 4]++;
    memcpy(longer + len, longer + len - PAIR, PAIR);
    longer[len + 3] = 4;
    check_recv(&p, longer, len + PAIR, len + PAIR, SECAGG_ERR_MESSAGE);
    free(longer);
    free(msg);
    party_free(&p);
}
END_TEST

/* ---- SURVIVORS ---------------------------------------------------------- */

static void send_survivors(party *p, uint8_t set, secagg_err want)
{
    size_t len;
    uint8_t *msg = party_server_send(p->server, VICTIM, &len);

    msg[PARTY_HEADER] = set;
    check_recv(p, msg, len, len, want);
    free(msg);
}

static void try_survivors(uint32_t t, uint32_t min_survivors, uint8_t set,
    secagg_err want)
{
    const secagg_params params = params_with(5, t, min_survivors);
    party p;

    begin(&p, &params, SECAGG_PHASE_UNMASK, 0, STAYS);
    send_survivors(&p, set, want);
    party_free(&p);
}

START_TEST(a_client_opens_no_share_if_survivors_are_too_few)
{
    try_survivors(3, 4, 0x1f, SECAGG_OK);
    try_survivors(3, 4, 0x1e, SECAGG_OK);
    try_survivors(3, 4, 0x1a, SECAGG_ERR_THRESHOLD); /* three survivors */
    try_survivors(4, 2, 0x1e, SECAGG_OK);
    try_survivors(4, 2, 0x0e, SECAGG_ERR_THRESHOLD); /* fewer than t */
    try_survivors(4, 2, 0x1d, SECAGG_ERR_MESSAGE);   /* not the victim */
    try_survivors(4, 2, 0x3f, SECAGG_ERR_MESSAGE);   /* client 5 of 0 to 4 */
}
END_TEST

/* Client 4 sent no SHARES, so it cannot be a survivor. */
START_TEST(a_client_rejects_survivors_beyond_u2)
{
    const secagg_params params = params_with(5, 3, 2);
    party p;

    begin(&p, &params, SECAGG_PHASE_UNMASK, 4, LEAVES_SHARES);
    send_survivors(&p, 0x1f, SECAGG_ERR_MESSAGE);
    party_free(&p);
}
END_TEST

/* A SURVIVORS message in phase INPUT, made from the header of the RELAY. */
static uint8_t *make_survivors(const party *p, uint8_t set, size_t *len)
{
    uint8_t *msg = party_server_send(p->server, VICTIM, len);

    msg[PARTY_AT_TYPE] = 6;
    msg[PARTY_HEADER] = set;
    *len = PARTY_HEADER + 1;
    return msg;
}

/* The shares of client 3 did not open in RELAY; then the victim receives
 * SURVIVORS with this set. */
static void try_bad_dealer(uint8_t set, secagg_err want)
{
    const secagg_params params = params_with(5, 4, 2);
    uint8_t *msg;
    size_t len;
    party p;

    begin(&p, &params, SECAGG_PHASE_INPUT, 0, STAYS);
    send_relay(&p, 0x1f, 0x08, SECAGG_OK);
    msg = make_survivors(&p, set, &len);
    check_recv(&p, msg, len, len, want);
    free(msg);
    party_free(&p);
}

START_TEST(dealers_of_bad_shares_do_not_count_as_survivors)
{
    try_bad_dealer(0x1f, SECAGG_OK);
    try_bad_dealer(0x17, SECAGG_OK); /* without client 3 */
    try_bad_dealer(0x1e, SECAGG_ERR_THRESHOLD);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_client_aborts_on_a_roster_below_the_threshold,
        a_client_rejects_a_roster_with_invalid_points,
        a_client_sends_no_input_if_u2_is_too_small,
        a_client_rejects_a_u2_beyond_the_roster,
        a_client_opens_no_share_if_survivors_are_too_few,
        a_client_rejects_survivors_beyond_u2,
        dealers_of_bad_shares_do_not_count_as_survivors };
    return RUN(tests);
}
