/* SPDX-License-Identifier: Apache-2.0 */
/* A malicious client changes its own messages. The server rejects them and does
 * not change, or the change is in the sender's own data and affects only its
 * addend. Replays are in test_replay.c, and attacks of a malicious server on a
 * client in test_hostile_server.c. */
#include <stdlib.h>
#include <string.h>

#include "support/attack_fixture.h"
#include "support/main.h"

/* One of so many flips of a sender's own data is tested in a session. */
static size_t stride(void)
{
    return getenv("SECAGG_LONG") != NULL ? 1
        : getenv("SECAGG_SMALL") != NULL ? 61 : 7;
}

/* ---- lengths ------------------------------------------------------------ */

START_TEST(the_server_rejects_every_other_length)
{
    run_under_attack(check_shorter_rejected, NULL);
    run_under_attack(check_longer_rejected, NULL);
    run_under_attack(NULL, check_shorter_rejected);
}
END_TEST

/* ---- flips -------------------------------------------------------------- */

/* Whether a byte of a message is its sender's own data: keys, the commitment,
 * sealed shares, planes, and revealed shares and keys. The server cannot check
 * these when it receives them. */
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

/* Flip each bit that is not the sender's own data. */
static void flip_others(party *p, uint32_t from, const uint8_t *msg, size_t len)
{
    const secagg_phase phase = secagg_server_phase(p->server);
    uint8_t *changed = malloc(len);

    ck_assert_ptr_nonnull(changed);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        if (own_data(phase, bit / 8))
            continue;
        memcpy(changed, msg, len);
        changed[bit / 8] = (uint8_t)(changed[bit / 8] ^ 1u << bit % 8);
        (void)check_rejected(p, from, changed, len);
    }
    free(changed);
}

START_TEST(the_server_rejects_every_flip_outside_own_data)
{
    run_under_attack(flip_others, NULL);
}
END_TEST

/* ---- flips of own data -------------------------------------------------- */

/* One client sends its message of a phase with one bit flipped. */
typedef struct bit_flip {
    secagg_phase phase;
    uint32_t from;
    size_t bit;
    secagg_err result; /* of the server */
    bool was_set;      /* the bit before the flip */
} bit_flip;

static void send_flipped(party *p, bit_flip *t)
{
    uint8_t *msg;
    size_t len;

    msg = party_client_send(p->clients[t->from], &len);
    ck_assert_ptr_nonnull(msg);
    t->was_set = msg[t->bit / 8] >> t->bit % 8 & 1;
    msg[t->bit / 8] = (uint8_t)(msg[t->bit / 8] ^ 1u << t->bit % 8);
    t->result = secagg_server_recv(p->server, t->from, msg, len);
    ck_assert(t->result == SECAGG_OK || t->result == SECAGG_ERR_MESSAGE);
    free(msg);
}

/* The client rejects a roster with keys that are not its own, and drops out;
 * the sum of the others is exact. The server rejects an invalid point at
 * once. */
static void after_keys(party *p, const bit_flip *t)
{
    size_t len;
    uint8_t *msg;

    if (t->result != SECAGG_OK) {
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

/* A sealed share that does not open is void. A false commitment makes the
 * session fail, and the server blames its dealer. */
static void after_shares(party *p, const bit_flip *t)
{
    uint32_t index;
    secagg_err what;

    ck_assert_int_eq(t->result, SECAGG_OK);
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

/* One bit of a plane changes one entry of the sum by that power of two, unless
 * the bit is padding. */
static void after_input(party *p, const bit_flip *t)
{
    const uint64_t mask = ((uint64_t)1 << PARTY_BITS) - 1;
    const size_t width = (PARTY_LENGTH + 7) / 8, at = t->bit / 8 - 84;
    const uint64_t entry = at % width * 8 + t->bit % 8;
    const uint64_t step = (uint64_t)1 << at / width;
    uint64_t sum[PARTY_LENGTH];

    ck_assert_int_eq(t->result, SECAGG_OK);
    ck_assert_int_eq(party_run(p), SECAGG_OK);
    ck_assert_int_eq(secagg_server_sum_u64(p->server, 0, 0, sum,
        PARTY_LENGTH), SECAGG_OK);
    for (uint64_t e = 0; e < PARTY_LENGTH; e++) {
        uint64_t want = 0;
        for (uint32_t i = 0; i < N; i++)
            want += party_entry(i, e);
        if (e == entry)
            want += t->was_set ? -step : step;
        ck_assert_uint_eq(sum[e], want & mask);
    }
}

/* If a key does not open its share, the server blames the sender and ignores
 * the share. A false own share can make the session fail; then the server
 * blames the sender, too. */
static void after_unmask(party *p, const bit_flip *t)
{
    const bool own = t->bit / 8 < 80;
    uint32_t index;
    secagg_err what, err;

    if (t->result != SECAGG_OK)
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

static void try_flip(bit_flip t)
{
    static void (*const after[])(party *, const bit_flip *) = {
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
    send_flipped(&p, &t);
    after[t.phase](&p, &t);
    party_free(&p);
}

static void try_flips(secagg_phase phase)
{
    const secagg_params params = small_params(N, T, 1);
    transcript *record = party_record(&params, 5);
    const size_t len = record->len[UP][phase][0];
    uint32_t from = 0;

    for (size_t bit = 0; bit < 8 * len; bit += stride())
        if (own_data(phase, bit / 8))
            try_flip((bit_flip){ phase, from++ % N, bit, SECAGG_OK, false });
    ck_assert_uint_gt(from, 3);
    transcript_free(record);
}

START_TEST(false_keys_exclude_only_their_sender)
{
    try_flips(SECAGG_PHASE_KEYS);
}
END_TEST

START_TEST(a_false_commitment_blames_its_dealer_and_a_false_share_is_void)
{
    try_flips(SECAGG_PHASE_SHARES);
}
END_TEST

START_TEST(a_flipped_bit_of_input_changes_one_entry_by_that_bit)
{
    try_flips(SECAGG_PHASE_INPUT);
}
END_TEST

START_TEST(the_server_blames_the_sender_of_a_false_key_or_share)
{
    try_flips(SECAGG_PHASE_UNMASK);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { the_server_rejects_every_other_length,
        the_server_rejects_every_flip_outside_own_data,
        false_keys_exclude_only_their_sender,
        a_false_commitment_blames_its_dealer_and_a_false_share_is_void,
        a_flipped_bit_of_input_changes_one_entry_by_that_bit,
        the_server_blames_the_sender_of_a_false_key_or_share };
    return RUN(tests);
}
