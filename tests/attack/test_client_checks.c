/* SPDX-License-Identifier: Apache-2.0 */
/* What a lying server cannot make a client do: mask for, or open shares to,
 * sets that are too small or not what it was told before (PROTOCOL.md 9.1,
 * 9.4). The client says ABORT, and nothing else. */
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "support/main.h"
#include "support/party.h"

#define VICTIM 1
#define ABORT_CLIENT 11
#define PAIR 100
#define ENTRY 68

static secagg_params floors(uint32_t n, uint32_t t, uint32_t min_survivors)
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

/* The victim hears a message that fits its header, and fails, or not. */
static void hear(party *p, const uint8_t *msg, size_t have, size_t len,
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
    SHA256(all, 1 + a_len + b_len, out);
}

/* The root over four leaves (RFC 6962, section 2.1): an entry, or the number
 * of a client that is not there. */
static void root_of(uint8_t out[32], const uint8_t *entries, uint32_t count)
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

/* The first `count` entries of a roster, one of them with a point changed,
 * under the root that fits them. */
static void try_roster(uint32_t count, size_t at, const uint8_t *point,
    secagg_err want)
{
    const secagg_params params = floors(4, 3, 2);
    uint8_t *msg;
    size_t len;
    party p;

    begin(&p, &params, SECAGG_PHASE_SHARES, 0, STAYS);
    msg = party_server_send(p.server, VICTIM, &len);
    ck_assert_uint_eq(len, PARTY_HEADER + 72 + 4 * ENTRY);
    if (point != NULL)
        memcpy(msg + PARTY_HEADER + 72 + at, point, 32);
    root_of(msg + PARTY_HEADER + 32, msg + PARTY_HEADER + 72, count);
    msg[PARTY_HEADER + 67] = (uint8_t)count;
    msg[PARTY_HEADER + 71] = (uint8_t)count;
    hear(&p, msg, len, PARTY_HEADER + 72 + count * ENTRY, want);
    free(msg);
    party_free(&p);
}

START_TEST(a_roster_below_the_floor_gets_no_shares)
{
    try_roster(4, 0, NULL, SECAGG_OK);
    try_roster(3, 0, NULL, SECAGG_OK);
    try_roster(2, 0, NULL, SECAGG_ERR_THRESHOLD);
    try_roster(1, 0, NULL, SECAGG_ERR_MESSAGE); /* without the victim */
}
END_TEST

START_TEST(a_roster_of_bad_points_gets_no_shares)
{
    uint8_t points[5][32] = { { 0 }, { 1 }, { 0 }, { 0 }, { 9 } };
    size_t len;
    party p;
    const secagg_params params = floors(4, 3, 2);
    uint8_t *msg;

    memset(points[2], 0xff, 32);
    begin(&p, &params, SECAGG_PHASE_SHARES, 0, STAYS);
    msg = party_server_send(p.server, VICTIM, &len);
    memcpy(points[3], msg + PARTY_HEADER + 72 + 3 * ENTRY + 36, 32);
    free(msg);
    party_free(&p);
    for (int k = 0; k < 4; k++) /* of no or low order; of somebody */
        for (size_t key = 4; key <= 36; key += 32) {
            try_roster(4, key, points[k], SECAGG_ERR_MESSAGE);
            try_roster(4, 2 * ENTRY + key, points[k], SECAGG_ERR_MESSAGE);
        }
    try_roster(4, 4, points[4], SECAGG_OK); /* a point like any other */
    try_roster(4, ENTRY + 4, points[4], SECAGG_ERR_MESSAGE); /* its own */
    try_roster(4, ENTRY + 36, points[4], SECAGG_ERR_MESSAGE);
}
END_TEST

/* ---- RELAY -------------------------------------------------------------- */

/* RELAY of a set of five, the pairs of it with those in `spoilt` broken. */
static void relay(party *p, uint8_t set, uint8_t spoilt, secagg_err want)
{
    size_t len, at = PARTY_HEADER + 5, to = at;
    uint8_t *msg = party_server_send(p->server, VICTIM, &len);

    for (; at < len; at += PAIR) {
        const uint8_t dealer = msg[at + 3];
        memmove(msg + to, msg + at, PAIR);
        if (spoilt >> dealer & 1)
            msg[to + 4] ^= 1;
        if (set >> dealer & 1)
            to += PAIR;
    }
    msg[PARTY_HEADER] = set;
    msg[PARTY_HEADER + 4] = (uint8_t)((to - PARTY_HEADER - 5) / PAIR);
    hear(p, msg, to, to, want);
    free(msg);
}

static void try_relay(uint32_t t, uint32_t min_survivors, uint8_t set,
    uint8_t spoilt, secagg_err want)
{
    const secagg_params params = floors(5, t, min_survivors);
    party p;

    begin(&p, &params, SECAGG_PHASE_INPUT, 0, STAYS);
    relay(&p, set, spoilt, want);
    party_free(&p);
}

START_TEST(a_set_below_the_floors_gets_no_input)
{
    try_relay(3, 4, 0x1f, 0, SECAGG_OK);
    try_relay(3, 4, 0x0f, 0, SECAGG_OK);
    try_relay(3, 4, 0x1e, 0x18, SECAGG_ERR_THRESHOLD); /* two are good */
    try_relay(3, 4, 0x1a, 0, SECAGG_ERR_THRESHOLD);    /* three are in */
    try_relay(4, 2, 0x1e, 0, SECAGG_OK);
    try_relay(4, 2, 0x0e, 0, SECAGG_ERR_THRESHOLD); /* fewer than t */
    try_relay(4, 2, 0x1f, 0x08, SECAGG_OK);
    try_relay(4, 2, 0x1f, 0x0c, SECAGG_ERR_THRESHOLD); /* fewer good ones */
    try_relay(4, 2, 0x1d, 0, SECAGG_ERR_MESSAGE);      /* not itself */
}
END_TEST

/* Client 4 is not in the roster; a set has it, with a pair of its own. */
START_TEST(a_set_reaches_not_beyond_the_roster)
{
    const secagg_params params = floors(5, 3, 2);
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
    hear(&p, longer, len + PAIR, len + PAIR, SECAGG_ERR_MESSAGE);
    free(longer);
    free(msg);
    party_free(&p);
}
END_TEST

/* ---- SURVIVORS ---------------------------------------------------------- */

static void survivors(party *p, uint8_t set, secagg_err want)
{
    size_t len;
    uint8_t *msg = party_server_send(p->server, VICTIM, &len);

    msg[PARTY_HEADER] = set;
    hear(p, msg, len, len, want);
    free(msg);
}

static void try_survivors(uint32_t t, uint32_t min_survivors, uint8_t set,
    secagg_err want)
{
    const secagg_params params = floors(5, t, min_survivors);
    party p;

    begin(&p, &params, SECAGG_PHASE_UNMASK, 0, STAYS);
    survivors(&p, set, want);
    party_free(&p);
}

START_TEST(survivors_below_the_floors_get_nothing_opened)
{
    try_survivors(3, 4, 0x1f, SECAGG_OK);
    try_survivors(3, 4, 0x1e, SECAGG_OK);
    try_survivors(3, 4, 0x1a, SECAGG_ERR_THRESHOLD); /* three are left */
    try_survivors(4, 2, 0x1e, SECAGG_OK);
    try_survivors(4, 2, 0x0e, SECAGG_ERR_THRESHOLD); /* fewer than t */
    try_survivors(4, 2, 0x1d, SECAGG_ERR_MESSAGE);   /* not itself */
    try_survivors(4, 2, 0x3f, SECAGG_ERR_MESSAGE);   /* a sixth of five */
}
END_TEST

/* Client 4 sent no SHARES: it cannot survive. */
START_TEST(survivors_reach_not_beyond_who_dealt)
{
    const secagg_params params = floors(5, 3, 2);
    party p;

    begin(&p, &params, SECAGG_PHASE_UNMASK, 4, LEAVES_SHARES);
    survivors(&p, 0x1f, SECAGG_ERR_MESSAGE);
    party_free(&p);
}
END_TEST

/* A SURVIVORS that no server of the session makes: from its RELAY's header. */
static uint8_t *survivors_of(const party *p, uint8_t set, size_t *len)
{
    uint8_t *msg = party_server_send(p->server, VICTIM, len);

    msg[PARTY_AT_TYPE] = 6;
    msg[PARTY_HEADER] = set;
    *len = PARTY_HEADER + 1;
    return msg;
}

/* A dealer whose share is bad does not count among the survivors. */
static void try_bad_dealer(uint8_t set, secagg_err want)
{
    const secagg_params params = floors(5, 4, 2);
    uint8_t *msg;
    size_t len;
    party p;

    begin(&p, &params, SECAGG_PHASE_INPUT, 0, STAYS);
    relay(&p, 0x1f, 0x08, SECAGG_OK);
    msg = survivors_of(&p, set, &len);
    hear(&p, msg, len, len, want);
    free(msg);
    party_free(&p);
}

START_TEST(bad_dealers_do_not_count_as_survivors)
{
    try_bad_dealer(0x1f, SECAGG_OK);
    try_bad_dealer(0x17, SECAGG_OK); /* without the bad one */
    try_bad_dealer(0x1e, SECAGG_ERR_THRESHOLD);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_roster_below_the_floor_gets_no_shares,
        a_roster_of_bad_points_gets_no_shares,
        a_set_below_the_floors_gets_no_input,
        a_set_reaches_not_beyond_the_roster,
        survivors_below_the_floors_get_nothing_opened,
        survivors_reach_not_beyond_who_dealt,
        bad_dealers_do_not_count_as_survivors };
    return RUN(tests);
}
