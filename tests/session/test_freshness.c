/* SPDX-License-Identifier: Apache-2.0 */
/* What must never repeat, and what must: masks (attack A9), keys of sealed
 * shares (A10), a client that is run twice (A25); and what a client forgets,
 * and when (A17). */
#include <stdlib.h>
#include <string.h>

#include "client/client_state.h"
#include "support/cheating_client.h"
#include "support/main.h"

#define N 5
#define T 4

/* ---- A9: masks ---------------------------------------------------------- */

#define LONG 4096
#define BITS 64

/* What clients with these seeds say in INPUT of a vector of zeros: the sum of
 * their masks. */
static uint8_t *masks_of(secagg_params params, uint32_t segment, size_t *len)
{
    static const secagg_segment segments[2] = { { .length = LONG,
        .bits = BITS }, { .length = LONG, .bits = BITS } };
    uint64_t *zeros = calloc(LONG, sizeof *zeros);
    uint8_t *msg, *out;
    party p;

    params.segments = segments;
    params.segment_count = 2;
    party_init(&p, &params, 101);
    for (uint32_t i = 0; i < N; i++)
        for (size_t s = 0; s < 2; s++)
            OK(secagg_client_input_u64(p.clients[i], s, 0, zeros, LONG));
    party_run_to(&p, SECAGG_PHASE_INPUT);
    msg = party_client_send(p.clients[1], len);
    *len = LONG / 8 * BITS;
    out = malloc(*len);
    memcpy(out, msg + 84 + segment * *len, *len);
    free(msg);
    free(zeros);
    party_free(&p);
    return out;
}

/* No eight bytes are alike where they stand, as they are with chance 2^-64:
 * no block, plane or word is used again. */
static void differ(secagg_params a, uint32_t segment_a, secagg_params b,
    uint32_t segment_b)
{
    size_t len;
    uint8_t *one = masks_of(a, segment_a, &len);
    uint8_t *two = masks_of(b, segment_b, &len);

    for (size_t at = 0; at < len; at += 8)
        ck_assert(memcmp(one + at, two + at, 8) != 0);
    for (size_t at = 8; at < len; at += 8)
        ck_assert(memcmp(one, one + at, 8) != 0);
    free(one);
    free(two);
}

/* Two inputs under one mask show their difference. The same clients with the
 * same seeds: another round, session, model, segment or mode has other masks;
 * the same has the same. */
START_TEST(a9_masks_of_two_rounds_have_no_word_in_common)
{
    const secagg_params params = small_params(N, T, 1);
    secagg_params round = params, session = params, model = params;
    size_t len;
    uint8_t *one = masks_of(params, 0, &len);
    uint8_t *two = masks_of(params, 0, &len);

    round.round++;
    session.session[15] ^= 1;
    model.app_digest[31] ^= 1;
    ck_assert_mem_eq(one, two, len);
    differ(params, 0, round, 0);
    differ(params, 0, session, 0);
    differ(params, 0, model, 0);
    differ(params, 0, params, 1);
    differ(params, 0, active_params(N, T, 1), 0);
    free(one);
    free(two);
}
END_TEST

/* ---- A10: keys of shares ------------------------------------------------ */

/* Nonces are zero, so no key may seal two shares: under one key they would
 * show their difference. No two sealed shares of a session, or of the same
 * seeds under another roster, begin alike. */
static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

static size_t add_sealed(uint8_t (*list)[16], const transcript *said)
{
    size_t count = 0;

    for (uint32_t i = 0; i < N; i++) {
        const uint8_t *msg = said->msg[UP][SECAGG_PHASE_SHARES][i];
        const size_t len = said->len[UP][SECAGG_PHASE_SHARES][i];
        for (size_t at = 116; at < len; at += 100)
            for (size_t kind = 0; kind < 2; kind++)
                memcpy(list[count++], msg + at + 4 + 48 * kind, 16);
    }
    return count;
}

static void try_sealed(int mode)
{
    const secagg_params params = params_of_mode(mode, N, T, 1);
    secagg_params round = params;
    uint8_t list[2 * 2 * N * (N - 1)][16];
    transcript *one, *two;
    size_t count;

    round.round++;
    one = party_record(&params, 102);
    two = party_record(&round, 102);
    count = add_sealed(list, one);
    count += add_sealed(list + count, two);
    ck_assert_uint_eq(count, sizeof list / sizeof *list);
    qsort(list, count, sizeof *list, by_bytes);
    for (size_t i = 1; i < count; i++)
        ck_assert(memcmp(list[i - 1], list[i], 16) != 0);
    transcript_free(one);
    transcript_free(two);
}

START_TEST(a10_no_two_sealed_shares_are_alike)
{
    BOTH_MODES(try_sealed);
}
END_TEST

/* ---- A25: a client that is run twice ------------------------------------ */

/* Set back to its start and told the same, it says the same: nothing new is
 * learned. */
static void try_again(int mode)
{
    const secagg_params params = params_of_mode(mode, N, T, 1);
    transcript *said = party_record(&params, 103);
    party p;

    party_init(&p, &params, 103);
    party_input(&p);
    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++) {
        size_t len;
        uint8_t *msg;
        if (said->msg[UP][phase][1] == NULL)
            continue;
        if (said->msg[DOWN][phase][1] != NULL)
            OK(party_client_recv(&p, 1, said->msg[DOWN][phase][1],
                said->len[DOWN][phase][1]));
        msg = party_client_send(p.clients[1], &len);
        ck_assert_uint_eq(len, said->len[UP][phase][1]);
        ck_assert_mem_eq(msg, said->msg[UP][phase][1], len);
        free(msg);
    }
    transcript_free(said);
    party_free(&p);
}

START_TEST(a25_a_client_that_is_run_twice_says_the_same)
{
    BOTH_MODES(try_again);
}
END_TEST

/* Once it has a roster, or a set, it takes no other: a second roster would
 * give a second set of masks over one mask root. */
static void try_second(int mode)
{
    const secagg_params params = params_of_mode(mode, N, T, 1);
    transcript *other = party_record(&params, 104);
    party p;

    party_init(&p, &params, 103);
    party_input(&p);
    while (secagg_server_phase(p.server) < SECAGG_PHASE_UNMASK) {
        secagg_phase phase;
        OK(party_collect(&p));
        party_deliver(&p);
        phase = secagg_server_phase(p.server);
        for (int k = SECAGG_PHASE_SHARES; k <= (int)phase; k++) {
            const uint8_t *msg = other->msg[DOWN][k][1];
            if (msg == NULL || msg[PARTY_AT_TYPE] == 6)
                continue; /* SURVIVORS is the same here */
            ck_assert_int_eq(party_client_recv(&p, 1, msg,
                other->len[DOWN][k][1]), SECAGG_ERR_STATE);
            ck_assert_int_eq(secagg_client_phase(p.clients[1]), phase);
        }
    }
    OK(party_run(&p));
    party_check_sum(&p);
    transcript_free(other);
    party_free(&p);
}

START_TEST(a25_a_second_roster_or_relay_is_refused)
{
    BOTH_MODES(try_second);
}
END_TEST

/* Two clients that were given one seed by mistake have one encryption key:
 * the server refuses the second one's KEYS. */
static void try_twins(int mode)
{
    const secagg_params params = params_of_mode(mode, N, T, 1);
    uint8_t *msg;
    size_t len;
    party p;

    party_init(&p, &params, 105);
    party_replace(&p, 4, &params, p.seeds[0]);
    party_input(&p);
    msg = party_client_send(p.clients[0], &len);
    OK(secagg_server_recv(p.server, 0, msg, len));
    free(msg);
    msg = party_client_send(p.clients[4], &len);
    ck_assert_int_eq(secagg_server_recv(p.server, 4, msg, len),
        SECAGG_ERR_MESSAGE);
    free(msg);
    p.leaves[4] = LEAVES_KEYS;
    OK(party_run(&p));
    party_check_sum(&p);
    party_free(&p);
}

START_TEST(a25_two_clients_of_one_seed_are_found_out)
{
    BOTH_MODES(try_twins);
}
END_TEST

/* ---- A17: what is forgotten --------------------------------------------- */

static bool gone(const void *secret, size_t len)
{
    const uint8_t *bytes = secret;
    uint8_t any = 0;

    for (size_t i = 0; i < len; i++)
        any |= bytes[i];
    return any == 0;
}

#define GONE(member) gone(&c->secret.member, sizeof c->secret.member)

/* PROTOCOL.md 9.1: after how many messages of the client each secret is gone,
 * or has been heard an answer to. */
static void check_secrets(const secagg_client *c, bool active)
{
    const secagg_phase phase = c->phase;
    const bool built = c->built;

    ck_assert_int_eq(GONE(enc_key), phase > SECAGG_PHASE_SHARES
        || (phase == SECAGG_PHASE_SHARES && built));
    ck_assert_int_eq(GONE(mask_secret), GONE(enc_key));
    ck_assert_int_eq(GONE(prk), phase > SECAGG_PHASE_INPUT);
    ck_assert_int_eq(GONE(mask_key), phase > SECAGG_PHASE_INPUT);
    ck_assert_int_eq(GONE(self_secret), phase > SECAGG_PHASE_INPUT
        || !GONE(enc_key));
    ck_assert_int_eq(GONE(own_share), phase > SECAGG_PHASE_UNMASK
        || !GONE(enc_key));
    ck_assert_int_eq(c->secret.pair_prk == NULL, GONE(own_share));
    ck_assert_int_eq(GONE(signer), !active || phase > SECAGG_PHASE_CONFIRM
        || (phase == SECAGG_PHASE_CONFIRM && built));
}

static void try_forget(int mode)
{
    const secagg_params params = params_of_mode(mode, N, T, 1);
    const bool active = mode == SECAGG_ACTIVE;
    party p;

    party_init(&p, &params, 106);
    party_input(&p);
    while (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
        check_secrets(p.clients[1], active);
        OK(party_collect(&p));
        check_secrets(p.clients[1], active);
        if (secagg_server_phase(p.server) < SECAGG_PHASE_DONE)
            party_deliver(&p);
    }
    ck_assert_int_eq(secagg_client_phase(p.clients[1]), SECAGG_PHASE_DONE);
    ck_assert(gone(&p.clients[1]->secret, sizeof p.clients[1]->secret));
    party_free(&p);
}

START_TEST(a17_each_secret_is_forgotten_when_it_is_spent)
{
    BOTH_MODES(try_forget);
}
END_TEST

/* A client that fails forgets all, in every phase. */
static void try_fail(int mode)
{
    const secagg_params params = params_of_mode(mode, N, T, 1);

    for (int phase = SECAGG_PHASE_SHARES; phase < SECAGG_PHASE_DONE;
         phase++) {
        uint8_t *msg, *bent;
        size_t len;
        party p;
        if (phase == SECAGG_PHASE_CONFIRM && mode != SECAGG_ACTIVE)
            continue;
        party_init(&p, &params, 107);
        party_input(&p);
        party_open_phase(&p, (secagg_phase)phase);
        msg = party_server_send(p.server, 1, &len);
        bent = party_forge(msg, len, len + 1, 1);
        ck_assert(!gone(&p.clients[1]->secret,
            sizeof p.clients[1]->secret));
        ck_assert_int_eq(party_client_recv(&p, 1, bent, len + 1),
            SECAGG_ERR_MESSAGE);
        ck_assert(gone(&p.clients[1]->secret, sizeof p.clients[1]->secret));
        free(msg);
        free(bent);
        party_free(&p);
    }
}

START_TEST(a17_a_client_that_fails_forgets_all)
{
    BOTH_MODES(try_fail);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a9_masks_of_two_rounds_have_no_word_in_common,
        a10_no_two_sealed_shares_are_alike,
        a25_a_client_that_is_run_twice_says_the_same,
        a25_a_second_roster_or_relay_is_refused,
        a25_two_clients_of_one_seed_are_found_out,
        a17_each_secret_is_forgotten_when_it_is_spent,
        a17_a_client_that_fails_forgets_all };
    return RUN(tests);
}
