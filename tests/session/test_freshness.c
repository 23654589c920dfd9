/* SPDX-License-Identifier: Apache-2.0 */
/* Masks (attack A9) and keys of sealed shares (A10) never repeat, a client that
 * is run twice repeats its messages (A25), and a client wipes its secrets in
 * time (A17). The numbers are those of the section ATTACKS of
 * secagg_protocol(7). */
#define _POSIX_C_SOURCE 200809L /* fork */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/client_state.h"
#include "support/cheating_client.h"
#include "support/main.h"

#define N 5
#define T 4

/* ---- A9: masks ---------------------------------------------------------- */

#define LENGTH 4096
#define BITS 64

/* Returns the masked vector of client 1 for an input of zeros: the sum of its
 * masks. The caller frees it. */
static uint8_t *masks_of(secagg_params params, uint32_t segment, size_t *len)
{
    static const secagg_segment segments[2] = { { .length = LENGTH,
        .bits = BITS }, { .length = LENGTH, .bits = BITS } };
    uint64_t *zeros = calloc(LENGTH, sizeof *zeros);
    uint8_t *msg, *out;
    party p;

    params.segments = segments;
    params.segment_count = 2;
    party_init(&p, &params, 101);
    for (uint32_t i = 0; i < N; i++)
        for (size_t s = 0; s < 2; s++)
            OK(secagg_client_input_u64(p.clients[i], s, 0, zeros, LENGTH));
    party_run_to(&p, SECAGG_PHASE_INPUT);
    msg = party_client_send(p.clients[1], len);
    *len = LENGTH / 8 * BITS;
    out = malloc(*len);
    memcpy(out, msg + 84 + segment * *len, *len);
    free(msg);
    free(zeros);
    party_free(&p);
    return out;
}

/* Check that two masked vectors differ in each word of eight bytes (a random
 * word is equal with probability 2^-64), and that no word of the first equals
 * its word 0. So no block, plane or word is used again. */
static void check_differ(secagg_params a, uint32_t segment_a, secagg_params b,
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

/* Two inputs under one mask would reveal their difference. With the same seeds,
 * another round, session, app_digest, segment or mode gives other masks, and
 * the same session the same ones. */
START_TEST(a9_masks_of_different_sessions_have_no_word_in_common)
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
    check_differ(params, 0, round, 0);
    check_differ(params, 0, session, 0);
    check_differ(params, 0, model, 0);
    check_differ(params, 0, params, 1);
    check_differ(params, 0, active_params(N, T, 1), 0);
    free(one);
    free(two);
}
END_TEST

/* ---- A10: keys of shares ------------------------------------------------ */

/* Nonces are zero, so no key may seal two shares: under one key they would
 * reveal their difference. No two sealed shares of a session, or of two
 * sessions with the same seeds, begin with the same 16 bytes. */
static int compare_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

static size_t add_sealed(uint8_t (*list)[16], const transcript *record)
{
    size_t count = 0;

    for (uint32_t i = 0; i < N; i++) {
        const uint8_t *msg = record->msg[UP][SECAGG_PHASE_SHARES][i];
        const size_t len = record->len[UP][SECAGG_PHASE_SHARES][i];
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
    qsort(list, count, sizeof *list, compare_bytes);
    for (size_t i = 1; i < count; i++)
        ck_assert(memcmp(list[i - 1], list[i], 16) != 0);
    transcript_free(one);
    transcript_free(two);
}

START_TEST(a10_no_two_sealed_shares_begin_with_the_same_bytes)
{
    BOTH_MODES(try_sealed);
}
END_TEST

/* ---- A25: a client that is run twice ------------------------------------ */

/* A client started again from its seed that receives the same messages sends
 * the same messages, so that the server learns nothing new. */
static void try_run_twice(int mode)
{
    const secagg_params params = params_of_mode(mode, N, T, 1);
    transcript *record = party_record(&params, 103);
    party p;

    party_init(&p, &params, 103);
    party_input(&p);
    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++) {
        size_t len;
        uint8_t *msg;
        if (record->msg[UP][phase][1] == NULL)
            continue;
        if (record->msg[DOWN][phase][1] != NULL)
            OK(party_client_recv(&p, 1, record->msg[DOWN][phase][1],
                record->len[DOWN][phase][1]));
        msg = party_client_send(p.clients[1], &len);
        ck_assert_uint_eq(len, record->len[UP][phase][1]);
        ck_assert_mem_eq(msg, record->msg[UP][phase][1], len);
        free(msg);
    }
    transcript_free(record);
    party_free(&p);
}

START_TEST(a25_a_client_that_is_run_twice_sends_the_same_messages)
{
    BOTH_MODES(try_run_twice);
}
END_TEST

/* A client that has a roster or a U2 accepts no other: a second roster would
 * give a second set of masks from one mask secret. */
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

START_TEST(a25_a_client_rejects_a_second_roster_or_relay)
{
    BOTH_MODES(try_second);
}
END_TEST

/* Two clients with the same seed, by mistake, have the same keys: the server
 * rejects the KEYS of the second one. */
static void try_same_seed(int mode)
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

START_TEST(a25_the_server_rejects_two_clients_with_the_same_seed)
{
    BOTH_MODES(try_same_seed);
}
END_TEST

/* ---- A17: wiped secrets ------------------------------------------------- */

static bool is_zero(const void *secret, size_t len)
{
    const uint8_t *bytes = secret;
    uint8_t any = 0;

    for (size_t i = 0; i < len; i++)
        any |= bytes[i];
    return any == 0;
}

#define WIPED(member) is_zero(&c->secret.member, sizeof c->secret.member)

/* Check that each secret is wiped when PROTOCOL.md 9.1 requires it, and not
 * before: after a message of the client, or after the answer to it. */
static void check_secrets(const secagg_client *c, bool active)
{
    const secagg_phase phase = c->phase;
    const bool built = c->built;

    ck_assert_int_eq(WIPED(enc_key), phase > SECAGG_PHASE_SHARES
        || (phase == SECAGG_PHASE_SHARES && built));
    ck_assert_int_eq(WIPED(mask_secret), WIPED(enc_key));
    ck_assert_int_eq(WIPED(prk), phase > SECAGG_PHASE_KEYS);
    ck_assert_int_eq(WIPED(poly_seed), phase != SECAGG_PHASE_SHARES || built);
    ck_assert_int_eq(WIPED(mask_key), phase > SECAGG_PHASE_INPUT);
    ck_assert_int_eq(WIPED(rounding), phase > SECAGG_PHASE_INPUT);
    ck_assert_int_eq(WIPED(self_secret), phase == SECAGG_PHASE_KEYS
        || phase > SECAGG_PHASE_INPUT);
    ck_assert_int_eq(WIPED(own_share), phase > SECAGG_PHASE_UNMASK
        || !WIPED(enc_key));
    ck_assert_int_eq(c->secret.pair_prk == NULL, WIPED(own_share));
    ck_assert_int_eq(WIPED(signer), !active || phase > SECAGG_PHASE_CONFIRM
        || (phase == SECAGG_PHASE_CONFIRM && built));
}

static void try_wiping(int mode)
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
    ck_assert(is_zero(&p.clients[1]->secret, sizeof p.clients[1]->secret));
    party_free(&p);
}

START_TEST(a17_a_client_wipes_each_secret_after_its_last_use)
{
    BOTH_MODES(try_wiping);
}
END_TEST

/* A client that fails wipes all its secrets, in every phase. */
static void try_failure(int mode)
{
    const secagg_params params = params_of_mode(mode, N, T, 1);

    for (int phase = SECAGG_PHASE_SHARES; phase < SECAGG_PHASE_DONE;
         phase++) {
        uint8_t *msg, *changed;
        size_t len;
        party p;
        if (phase == SECAGG_PHASE_CONFIRM && mode != SECAGG_ACTIVE)
            continue;
        party_init(&p, &params, 107);
        party_input(&p);
        party_open_phase(&p, (secagg_phase)phase);
        msg = party_server_send(p.server, 1, &len);
        changed = party_forge(msg, len, len + 1, 1);
        ck_assert(!is_zero(&p.clients[1]->secret,
            sizeof p.clients[1]->secret));
        ck_assert_int_eq(party_client_recv(&p, 1, changed, len + 1),
            SECAGG_ERR_MESSAGE);
        ck_assert(is_zero(&p.clients[1]->secret, sizeof p.clients[1]->secret));
        free(msg);
        free(changed);
        party_free(&p);
    }
}

START_TEST(a17_a_client_that_fails_wipes_all_secrets)
{
    BOTH_MODES(try_failure);
}
END_TEST

/* ---- A25: forks --------------------------------------------------------- */

/* Ask a client for its message in a child of fork(). Returns the error there,
 * and what the phase is then, in `phase`. */
static secagg_err send_in_a_child(secagg_client *c, int *phase)
{
    const pid_t child = fork();
    int status;

    if (child == 0) {
        const uint8_t *msg;
        size_t len;
        const secagg_err err = secagg_client_send(c, &msg, &len);
        _exit(-(int)err << 3 | (int)secagg_client_phase(c));
    }
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    *phase = WEXITSTATUS(status) & 7;
    return (secagg_err)-(WEXITSTATUS(status) >> 3);
}

/* Two processes with one handle could mask two inputs with the same secrets
 * (PROTOCOL.md 14.6). In a part of several, too. */
START_TEST(a25_a_client_makes_no_input_in_another_process)
{
    for (int parts = 0; parts < 2; parts++) {
        const secagg_params params = params_of_mode(SECAGG_SEMI_HONEST, N, T,
            0);
        size_t len;
        uint8_t *msg;
        int phase;
        party p;

        party_init(&p, &params, 17);
        if (parts)
            OK(secagg_client_set_part_size(p.clients[1], 512));
        party_input(&p);
        party_run_to(&p, SECAGG_PHASE_INPUT);
        ck_assert_int_eq(send_in_a_child(p.clients[1], &phase),
            SECAGG_ERR_STATE);
        ck_assert_int_eq(phase, SECAGG_PHASE_INPUT);
        ck_assert_int_eq(secagg_client_spent(p.clients[1]),
            SECAGG_SPENT_NOTHING);
        msg = party_client_send(p.clients[1], &len);
        ck_assert_uint_eq(msg[PARTY_AT_TYPE], parts ? 15 : 5);
        free(msg);
        party_free(&p);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a9_masks_of_different_sessions_have_no_word_in_common,
        a10_no_two_sealed_shares_begin_with_the_same_bytes,
        a25_a_client_that_is_run_twice_sends_the_same_messages,
        a25_a_client_rejects_a_second_roster_or_relay,
        a25_the_server_rejects_two_clients_with_the_same_seed,
        a25_a_client_makes_no_input_in_another_process,
        a17_a_client_wipes_each_secret_after_its_last_use,
        a17_a_client_that_fails_wipes_all_secrets };
    return RUN(tests);
}
