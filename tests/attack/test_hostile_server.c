/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks of a malicious server, or of a bad network, on one client. A message
 * with a bad header changes nothing. On a bad body the client fails and sends
 * ABORT once, and the others finish without it. */
#include <stdlib.h>
#include <string.h>

#include "core/bits.h"
#include "support/attack_fixture.h"
#include "support/main.h"

#define VICTIM 2
#define ABORT_CLIENT 11
#define ABORT_SERVER 12
#define ABORT_BYTES (PARTY_HEADER + 10)

static const secagg_phase phases[] = { SECAGG_PHASE_SHARES,
    SECAGG_PHASE_INPUT, SECAGG_PHASE_UNMASK };
#define PHASES (sizeof phases / sizeof *phases)

/* One of so many flips in a body is tested in a session. */
static size_t stride(void)
{
    return getenv("SECAGG_LONG") != NULL ? 1
        : getenv("SECAGG_SMALL") != NULL ? 197 : 5;
}

/* A party at the start of a phase, its messages not yet delivered. */
static void begin(party *p, secagg_phase phase)
{
    const secagg_params params = small_params(N, T, 1);

    party_init(p, &params, 9);
    party_input(p);
    party_open_phase(p, phase);
}

static secagg_err recv_victim(party *p, const uint8_t *msg, size_t len)
{
    return party_client_recv(p, VICTIM, msg, len);
}

/* ---- messages that change nothing --------------------------------------- */

/* Check that the victim rejects a message because of its header or its phase,
 * and does not change. */
static void check_ignored(party *p, const uint8_t *msg, size_t len,
    secagg_err want)
{
    const secagg_phase phase = secagg_client_phase(p->clients[VICTIM]);
    const secagg_err err = recv_victim(p, msg, len);

    ck_assert_msg(err == want, "%zu bytes in phase %d: %d", len, (int)phase,
        (int)err);
    ck_assert_int_eq(secagg_client_phase(p->clients[VICTIM]), phase);
    ck_assert_int_eq(secagg_client_error(p->clients[VICTIM]), SECAGG_OK);
}

/* The same for a valid header with another type: STATE for the types that a
 * server sends, MESSAGE for others. */
static void check_type_ignored(party *p, uint8_t *msg, size_t len)
{
    const uint8_t type = msg[PARTY_AT_TYPE];
    const bool known = type == 2 || type == 4 || type == 6 || type == 8;

    if (type != ABORT_SERVER)
        check_ignored(p, msg, len, known ? SECAGG_ERR_STATE
            : SECAGG_ERR_MESSAGE);
}

static void flip_header(party *p, uint8_t *msg, size_t len)
{
    for (size_t bit = 0; bit < 8 * PARTY_HEADER; bit++) {
        msg[bit / 8] = (uint8_t)(msg[bit / 8] ^ 1u << bit % 8);
        if (bit / 8 == PARTY_AT_TYPE)
            check_type_ignored(p, msg, len);
        else
            check_ignored(p, msg, len, SECAGG_ERR_MESSAGE);
        msg[bit / 8] = (uint8_t)(msg[bit / 8] ^ 1u << bit % 8);
    }
}

static void change_length(party *p, const uint8_t *msg, size_t len)
{
    uint8_t *longer = calloc(1, len + 5000);

    ck_assert_ptr_nonnull(longer);
    memcpy(longer, msg, len);
    for (size_t cut = 0; cut < len; cut++)
        check_ignored(p, msg, cut, SECAGG_ERR_MESSAGE);
    for (size_t more = 1; more <= 5000; more += 1 + more / 2)
        check_ignored(p, longer, len + more, SECAGG_ERR_MESSAGE);
    free(longer);
}

START_TEST(a_message_with_a_bad_header_changes_nothing)
{
    for (size_t k = 0; k < PHASES; k++) {
        uint8_t *msg;
        size_t len;
        party p;

        begin(&p, phases[k]);
        msg = party_server_send(p.server, VICTIM, &len);
        change_length(&p, msg, len);
        flip_header(&p, msg, len);
        free(msg);
        party_deliver(&p);
        ck_assert_int_eq(party_run(&p), SECAGG_OK);
        party_check_sum(&p);
        party_free(&p);
    }
}
END_TEST

/* ---- replays ------------------------------------------------------------ */

static void check_all_ignored(party *p, const transcript *record, int way)
{
    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++)
        for (uint32_t i = 0; i < N; i++)
            if (record->msg[way][phase][i] != NULL)
                check_ignored(p, record->msg[way][phase][i],
                    record->len[way][phase][i], SECAGG_ERR_MESSAGE);
}

/* Check that it ignores the messages of this session for other phases and for
 * other clients. */
static void check_rest_ignored(party *p, const transcript *same,
    secagg_phase now)
{
    for (size_t k = 0; k < PHASES; k++)
        for (uint32_t i = 0; i < N; i++)
            if (i != VICTIM || phases[k] != now)
                check_ignored(p, same->msg[DOWN][phases[k]][i],
                    same->len[DOWN][phases[k]][i],
                    i != VICTIM ? SECAGG_ERR_MESSAGE : SECAGG_ERR_STATE);
}

START_TEST(a_message_for_another_client_phase_or_session_changes_nothing)
{
    secagg_params params = small_params(N, T, 1);
    transcript *same = party_record(&params, 9), *later, *foreign;
    party p;

    params.round++;
    later = party_record(&params, 9);
    params.round--;
    params.session[0] ^= 1;
    foreign = party_record(&params, 9);
    begin(&p, SECAGG_PHASE_KEYS);
    check_rest_ignored(&p, same, SECAGG_PHASE_KEYS);
    for (size_t k = 0; k < PHASES; k++) {
        const secagg_phase now = phases[k];
        ck_assert_int_eq(party_collect(&p), SECAGG_OK);
        ck_assert_int_eq(secagg_server_phase(p.server), now);
        if (k == 0)
            check_rest_ignored(&p, same, now);
        check_all_ignored(&p, later, DOWN);
        check_all_ignored(&p, foreign, DOWN);
        check_all_ignored(&p, same, UP);
        party_deliver(&p);
        check_rest_ignored(&p, same, now);
    }
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    party_check_sum(&p);
    party_free(&p);
    transcript_free(same);
    transcript_free(later);
    transcript_free(foreign);
}
END_TEST

/* ---- messages that make one client fail --------------------------------- */

/* Check that the victim has failed: it sends ABORT with its error once, and
 * accepts no input any more. */
static void check_failed(party *p, secagg_err err)
{
    secagg_client *c = p->clients[VICTIM];
    uint8_t *msg;
    size_t len;

    ck_assert_int_eq(secagg_client_phase(c), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_client_error(c), err);
    msg = party_client_send(c, &len);
    ck_assert_ptr_nonnull(msg);
    ck_assert_uint_eq(len, ABORT_BYTES
        + 4 * (size_t)sa_get_be32(msg + ABORT_BYTES - 4)); /* complaints */
    ck_assert_uint_eq(msg[PARTY_AT_TYPE], ABORT_CLIENT);
    ck_assert_uint_eq(msg[PARTY_HEADER] * 256u + msg[PARTY_HEADER + 1],
        (uint32_t)-err);
    ck_assert_int_eq(secagg_server_recv(p->server, VICTIM, msg, len),
        SECAGG_OK);
    free(msg);
    ck_assert_int_eq(secagg_client_send(c, &(const uint8_t *){ NULL },
        &len), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_input_u64(c, 0, 0, &(uint64_t){ 0 }, 1),
        SECAGG_ERR_STATE);
}

/* Check that the others finish; the sum includes the victim's input if it was
 * sent before. */
static void finish_without(party *p, secagg_phase phase)
{
    p->leaves[VICTIM] = phase == SECAGG_PHASE_SHARES ? LEAVES_KEYS
        : phase == SECAGG_PHASE_INPUT ? LEAVES_SHARES : LEAVES_INPUT;
    party_deliver(p);
    if (phase == SECAGG_PHASE_UNMASK)
        p->leaves[VICTIM] = LEAVES_UNMASK;
    ck_assert_int_eq(party_run(p), SECAGG_OK);
    party_check_sum(p);
}

/* The victim receives this message at the start of a phase and fails. */
static void check_aborts_on(secagg_phase phase, const uint8_t *msg, size_t len,
    secagg_err want)
{
    uint8_t *good;
    size_t good_len;
    party p;

    begin(&p, phase);
    ck_assert_int_eq(recv_victim(&p, msg, len), want);
    check_failed(&p, want);
    good = party_server_send(p.server, VICTIM, &good_len);
    if (good != NULL)
        ck_assert_int_eq(recv_victim(&p, good, good_len), SECAGG_ERR_STATE);
    free(good);
    finish_without(&p, phase);
    party_free(&p);
}

START_TEST(a_client_aborts_on_a_body_of_another_length)
{
    const secagg_params params = small_params(N, T, 1);
    const size_t stride_of_lengths = getenv("SECAGG_SMALL") != NULL ? 31 : 1;
    transcript *record = party_record(&params, 9);

    for (size_t k = 0; k < PHASES; k++) {
        const uint8_t *msg = record->msg[DOWN][phases[k]][VICTIM];
        const size_t len = record->len[DOWN][phases[k]][VICTIM];
        for (size_t l = PARTY_HEADER; l < len + 200; l += stride_of_lengths) {
            uint8_t *forged = party_forge(msg, len, l, VICTIM);
            if (l != len)
                check_aborts_on(phases[k], forged, l, SECAGG_ERR_MESSAGE);
            free(forged);
        }
    }
    transcript_free(record);
}
END_TEST

/* Whether a byte is in a sealed share of RELAY. */
static bool is_sealed(secagg_phase phase, size_t at)
{
    return phase == SECAGG_PHASE_INPUT && at >= PARTY_HEADER + 5
        && (at - PARTY_HEADER - 5) % 100 >= 4;
}

/* Whether a bit of SURVIVORS stands for another client. */
static bool is_other(secagg_phase phase, size_t bit)
{
    return phase == SECAGG_PHASE_UNMASK && bit % 8 < N && bit % 8 != VICTIM;
}

START_TEST(a_client_aborts_on_a_flipped_bit_in_a_body)
{
    const secagg_params params = small_params(N, T, 1);
    transcript *record = party_record(&params, 9);

    for (size_t k = 0; k < PHASES; k++) {
        uint8_t *msg = record->msg[DOWN][phases[k]][VICTIM];
        const size_t len = record->len[DOWN][phases[k]][VICTIM];
        const size_t step = len < 100 ? 1 : stride();
        for (size_t bit = 8 * PARTY_HEADER; bit < 8 * len; bit += step) {
            if (is_sealed(phases[k], bit / 8) || is_other(phases[k], bit))
                continue;
            msg[bit / 8] = (uint8_t)(msg[bit / 8] ^ 1u << bit % 8);
            check_aborts_on(phases[k], msg, len, SECAGG_ERR_MESSAGE);
            msg[bit / 8] = (uint8_t)(msg[bit / 8] ^ 1u << bit % 8);
        }
    }
    transcript_free(record);
}
END_TEST

/* The victim complains about the dealer of a share that does not open, and the
 * sum is exact. */
static void spoil_share(size_t bit)
{
    uint8_t *msg, *input;
    size_t len, input_len;
    uint32_t dealer;
    party p;

    begin(&p, SECAGG_PHASE_INPUT);
    msg = party_server_send(p.server, VICTIM, &len);
    dealer = msg[PARTY_HEADER + 5 + (bit / 8 - PARTY_HEADER - 5) / 100 * 100
        + 3];
    msg[bit / 8] = (uint8_t)(msg[bit / 8] ^ 1u << bit % 8);
    ck_assert_int_eq(recv_victim(&p, msg, len), SECAGG_OK);
    input = party_client_send(p.clients[VICTIM], &input_len);
    ck_assert_ptr_nonnull(input);
    ck_assert_uint_eq(input[PARTY_HEADER + 35], 1);
    ck_assert_uint_eq(input[PARTY_HEADER + 39], dealer);
    ck_assert_int_eq(secagg_server_recv(p.server, VICTIM, input, input_len),
        SECAGG_OK);
    p.leaves[VICTIM] = LEAVES_KEYS; /* it has its message already */
    party_deliver(&p);
    p.leaves[VICTIM] = STAYS;
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    party_check_sum(&p);
    party_free(&p);
    free(msg);
    free(input);
}

START_TEST(a_client_complains_about_a_flipped_bit_in_a_sealed_share)
{
    const size_t len = PARTY_HEADER + 5 + 100 * (N - 1);

    for (size_t bit = 8 * PARTY_HEADER; bit < 8 * len; bit += stride())
        if (is_sealed(SECAGG_PHASE_INPUT, bit / 8))
            spoil_share(bit);
}
END_TEST

/* A client that receives another set of survivors reveals other keys than the
 * rest. An honest server rejects them, and the others finish. */
START_TEST(the_server_rejects_the_answer_to_other_survivors)
{
    for (size_t bit = 0; bit < N; bit++) {
        uint8_t *msg;
        size_t len;
        party p;

        if (bit == VICTIM)
            continue;
        begin(&p, SECAGG_PHASE_UNMASK);
        msg = party_server_send(p.server, VICTIM, &len);
        msg[PARTY_HEADER] = (uint8_t)(msg[PARTY_HEADER] ^ 1u << bit);
        ck_assert_int_eq(recv_victim(&p, msg, len), SECAGG_OK);
        free(msg);
        msg = party_client_send(p.clients[VICTIM], &len);
        ck_assert_int_eq(check_rejected(&p, VICTIM, msg, len),
            SECAGG_ERR_MESSAGE);
        free(msg);
        finish_without(&p, SECAGG_PHASE_UNMASK);
        party_free(&p);
    }
}
END_TEST

/* ---- other runs with the same session id -------------------------------- */

START_TEST(a_client_aborts_on_messages_of_another_run)
{
    const secagg_params params = small_params(N, T, 1);
    transcript *other = party_record(&params, 10),
        *same = party_record(&params, 9);
    const size_t len = other->len[DOWN][SECAGG_PHASE_INPUT][0];
    uint8_t *renamed = party_forge(same->msg[DOWN][SECAGG_PHASE_INPUT][0],
        len, len, VICTIM);

    check_aborts_on(SECAGG_PHASE_SHARES, other->msg[DOWN][SECAGG_PHASE_SHARES]
        [VICTIM], other->len[DOWN][SECAGG_PHASE_SHARES][VICTIM],
        SECAGG_ERR_MESSAGE);
    check_aborts_on(SECAGG_PHASE_INPUT, other->msg[DOWN][SECAGG_PHASE_INPUT]
        [VICTIM], len, SECAGG_ERR_THRESHOLD);
    check_aborts_on(SECAGG_PHASE_INPUT, renamed, len, SECAGG_ERR_MESSAGE);
    free(renamed);
    transcript_free(other);
    transcript_free(same);
}
END_TEST

/* ---- ABORT -------------------------------------------------------------- */

/* An ABORT of the server, whose body has this length and names this error. */
static void check_abort(secagg_phase phase, size_t body, unsigned code,
    secagg_err want)
{
    uint8_t msg[PARTY_HEADER + 16] = { 0 }, *forged, *keys;
    size_t len;
    party p;

    begin(&p, SECAGG_PHASE_KEYS);
    keys = party_client_send(p.clients[VICTIM], &len);
    memcpy(msg, keys, PARTY_HEADER);
    free(keys);
    party_free(&p);
    msg[PARTY_AT_TYPE] = ABORT_SERVER;
    msg[PARTY_HEADER] = (uint8_t)(code >> 8);
    msg[PARTY_HEADER + 1] = (uint8_t)code;
    forged = party_forge(msg, sizeof msg, PARTY_HEADER + body, VICTIM);
    check_aborts_on(phase, forged, PARTY_HEADER + body, want);
    free(forged);
}

START_TEST(a_client_fails_with_the_error_in_the_servers_abort)
{
    for (size_t k = 0; k < PHASES; k++) {
        check_abort(phases[k], 10, 23, SECAGG_ERR_THRESHOLD);
        check_abort(phases[k], 10, 24, SECAGG_ERR_CHEAT);
        for (unsigned code = 0; code < 65536; code += 4099)
            check_abort(phases[k], 10, code, SECAGG_ERR_MESSAGE);
        for (size_t body = 0; body < 16; body++)
            if (body != 10)
                check_abort(phases[k], body, 23, SECAGG_ERR_MESSAGE);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_message_with_a_bad_header_changes_nothing,
        a_message_for_another_client_phase_or_session_changes_nothing,
        a_client_aborts_on_a_body_of_another_length,
        a_client_aborts_on_a_flipped_bit_in_a_body,
        a_client_complains_about_a_flipped_bit_in_a_sealed_share,
        the_server_rejects_the_answer_to_other_survivors,
        a_client_aborts_on_messages_of_another_run,
        a_client_fails_with_the_error_in_the_servers_abort };
    return RUN(tests);
}
