/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile client can do to a server by bending its own messages: what
 * it sends is refused with the server as it was, or is its own data and
 * touches its own addend alone. Replays are in test_replay.c; what a hostile
 * server can do to a client is in test_hostile_server.c. */
#include <stdlib.h>
#include <string.h>

#include "support/attack_fixture.h"
#include "support/main.h"

/* Every how many-th flip of a sender's own data gets a session of its own. */
static size_t stride(void)
{
    return getenv("SECAGG_LONG") != NULL ? 1
        : getenv("SECAGG_SMALL") != NULL ? 61 : 7;
}

/* ---- lengths ------------------------------------------------------------ */

START_TEST(every_other_length_is_refused)
{
    run_under_attack(check_shorter_rejected, NULL);
    run_under_attack(check_longer_rejected, NULL);
    run_under_attack(NULL, check_shorter_rejected);
}
END_TEST

/* ---- flips -------------------------------------------------------------- */

/* Whether a byte of a message is its sender's own data: keys that nobody else
 * can check, a commitment, sealed shares, planes, shares and keys opened. */
static bool own_data(secagg_phase phase, size_t at)
{
    switch (phase) {
    case SECAGG_PHASE_KEYS: return at >= 80;
    case SECAGG_PHASE_SHARES:
        return (at >= 80 && at < 112) || (at >= 116 && (at - 116) % 100 >= 4);
    case SECAGG_PHASE_INPUT: return at >= 84;
    case SECAGG_PHASE_UNMASK: return (at >= 48 && at < 80)
            || (at >= 84 && (at - 84) % 36 >= 4);
    case SECAGG_PHASE_CONFIRM: /* the sessions here are semi-honest */
    case SECAGG_PHASE_DONE:
    case SECAGG_PHASE_FAILED: break;
    }
    ck_abort_msg("no message of phase %d", (int)phase);
}

static void flip(party *p, uint32_t from, const uint8_t *msg, size_t len)
{
    const secagg_phase phase = secagg_server_phase(p->server);
    uint8_t *bent = malloc(len);

    ck_assert_ptr_nonnull(bent);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        if (own_data(phase, bit / 8))
            continue;
        memcpy(bent, msg, len);
        bent[bit / 8] = (uint8_t)(bent[bit / 8] ^ 1u << bit % 8);
        (void)check_rejected(p, from, bent, len);
    }
    free(bent);
}

START_TEST(every_flip_outside_own_data_is_refused)
{
    run_under_attack(flip, NULL);
}
END_TEST

/* ---- flips of own data -------------------------------------------------- */

/* One client sends its message of a phase with one bit flipped. */
typedef struct twist {
    secagg_phase phase;
    uint32_t from;
    size_t bit;
    secagg_err taken;
    bool was; /* the bit, before */
} twist;

static void send_twisted(party *p, twist *t)
{
    uint8_t *msg;
    size_t len;

    msg = party_client_send(p->clients[t->from], &len);
    ck_assert_ptr_nonnull(msg);
    t->was = msg[t->bit / 8] >> t->bit % 8 & 1;
    msg[t->bit / 8] = (uint8_t)(msg[t->bit / 8] ^ 1u << t->bit % 8);
    t->taken = secagg_server_recv(p->server, t->from, msg, len);
    ck_assert(t->taken == SECAGG_OK || t->taken == SECAGG_ERR_MESSAGE);
    free(msg);
}

/* Keys that are not its own: it refuses the roster and is out; the others'
 * sum is exact. A point that is no point is refused at once. */
static void after_keys(party *p, const twist *t)
{
    size_t len;
    uint8_t *msg;

    if (t->taken != SECAGG_OK) {
        p->leaves[t->from] = LEAVES_KEYS;
    } else {
        ck_assert_int_eq(party_collect(p), SECAGG_OK);
        msg = party_server_send(p->server, t->from, &len);
        ck_assert_int_eq(secagg_client_recv(p->clients[t->from], msg, len),
            SECAGG_ERR_MESSAGE);
        free(msg);
        msg = party_client_send(p->clients[t->from], &len);
        ck_assert_int_eq(secagg_server_recv(p->server, t->from, msg, len),
            SECAGG_OK);
        free(msg);
        p->leaves[t->from] = LEAVES_KEYS;
        party_deliver(p);
    }
    ck_assert_int_eq(party_run(p), SECAGG_OK);
    party_check_sum(p);
}

/* A sealed share that does not open costs that share; a false commitment ends
 * the session, and its dealer is named. */
static void after_shares(party *p, const twist *t)
{
    uint32_t index;
    secagg_err what;

    ck_assert_int_eq(t->taken, SECAGG_OK);
    ck_assert_int_eq(party_collect(p), SECAGG_OK);
    party_deliver(p);
    if (t->bit / 8 >= 112) {
        ck_assert_int_eq(party_run(p), SECAGG_OK);
        party_check_sum(p);
        return;
    }
    ck_assert_int_eq(party_run(p), SECAGG_ERR_CHEAT);
    ck_assert_int_eq(secagg_server_error(p->server, NULL, 0), SECAGG_ERR_CHEAT);
    ck_assert_int_eq(secagg_server_blamed(p->server, 0, &index, &what),
        SECAGG_OK);
    ck_assert_uint_eq(index, t->from);
    ck_assert_uint_eq(count_blamed(p->server), 1);
}

/* One bit of a plane: one entry of the sum is off by that power of two, if the
 * bit is of an entry at all. */
static void after_input(party *p, const twist *t)
{
    const uint64_t mask = ((uint64_t)1 << PARTY_BITS) - 1;
    const size_t width = (PARTY_LENGTH + 7) / 8, at = t->bit / 8 - 84;
    const uint64_t entry = at % width * 8 + t->bit % 8;
    const uint64_t step = (uint64_t)1 << at / width;
    uint64_t sum[PARTY_LENGTH];

    ck_assert_int_eq(t->taken, SECAGG_OK);
    ck_assert_int_eq(party_run(p), SECAGG_OK);
    ck_assert_int_eq(secagg_server_sum_u64(p->server, 0, 0, sum,
        PARTY_LENGTH), SECAGG_OK);
    for (uint64_t e = 0; e < PARTY_LENGTH; e++) {
        uint64_t want = 0;
        for (uint32_t i = 0; i < N; i++)
            want += party_entry(i, e);
        if (e == entry)
            want += t->was ? -step : step;
        ck_assert_uint_eq(sum[e], want & mask);
    }
}

/* A key that does not open blames who gave it, and its share is void; a false
 * share of its own root costs the sum at the most, and is its own fault. */
static void after_unmask(party *p, const twist *t)
{
    const bool own = t->bit / 8 < 80;
    uint32_t index;
    secagg_err what, err;

    if (t->taken != SECAGG_OK)
        p->leaves[t->from] = LEAVES_UNMASK;
    err = party_run(p);
    ck_assert(err == SECAGG_OK || (own && err == SECAGG_ERR_CHEAT));
    if (err == SECAGG_OK)
        party_check_sum(p);
    ck_assert_uint_le(count_blamed(p->server), 1);
    if (!own || err != SECAGG_OK) {
        ck_assert_int_eq(secagg_server_blamed(p->server, 0, &index, &what),
            SECAGG_OK);
        ck_assert_uint_eq(index, t->from);
        ck_assert_int_eq(what, SECAGG_ERR_CHEAT);
    }
}

static void try_twist(twist t)
{
    static void (*const after[])(party *, const twist *) = {
        [SECAGG_PHASE_KEYS] = after_keys,
        [SECAGG_PHASE_SHARES] = after_shares,
        [SECAGG_PHASE_INPUT] = after_input,
        [SECAGG_PHASE_UNMASK] = after_unmask,
    };
    const secagg_params params = small_params(N, T, 1);
    party p;

    party_init(&p, &params, 5);
    party_input(&p);
    party_run_to(&p, t.phase);
    send_twisted(&p, &t);
    after[t.phase](&p, &t);
    party_free(&p);
}

static void try_twists(secagg_phase phase)
{
    const secagg_params params = small_params(N, T, 1);
    transcript *said = party_record(&params, 5);
    const size_t len = said->len[UP][phase][0];
    uint32_t from = 0;

    for (size_t bit = 0; bit < 8 * len; bit += stride())
        if (own_data(phase, bit / 8))
            try_twist((twist){ phase, from++ % N, bit, SECAGG_OK, false });
    ck_assert_uint_gt(from, 3);
    transcript_free(said);
}

START_TEST(false_keys_cost_their_sender_alone)
{
    try_twists(SECAGG_PHASE_KEYS);
}
END_TEST

START_TEST(false_shares_cost_their_dealer_or_name_it)
{
    try_twists(SECAGG_PHASE_SHARES);
}
END_TEST

START_TEST(a_false_bit_of_input_is_off_by_that_bit)
{
    try_twists(SECAGG_PHASE_INPUT);
}
END_TEST

START_TEST(a_false_key_or_share_names_who_gave_it)
{
    try_twists(SECAGG_PHASE_UNMASK);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { every_other_length_is_refused,
        every_flip_outside_own_data_is_refused,
        false_keys_cost_their_sender_alone,
        false_shares_cost_their_dealer_or_name_it,
        a_false_bit_of_input_is_off_by_that_bit,
        a_false_key_or_share_names_who_gave_it };
    return RUN(tests);
}
