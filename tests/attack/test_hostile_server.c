/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile server, or a bad network, can do to a client. A bad header
 * changes nothing; a bad body ends the session for that client, which says so
 * once, and the others finish without it. */
#include <stdlib.h>
#include <string.h>

#include "support/attack_fixture.h"
#include "support/main.h"

#define VICTIM 2
#define ABORT_CLIENT 11
#define ABORT_SERVER 12
#define ABORT_BYTES (PARTY_HEADER + 6)

static const secagg_phase opened[] = { SECAGG_PHASE_SHARES,
    SECAGG_PHASE_INPUT, SECAGG_PHASE_UNMASK };
#define OPENED (sizeof opened / sizeof *opened)

/* Every how many-th flip of a body gets a session of its own. */
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

static secagg_err hear(party *p, const uint8_t *msg, size_t len)
{
    return party_client_recv(p, VICTIM, msg, len);
}

/* ---- what changes nothing ----------------------------------------------- */

/* Refused by its header, or by the phase: the client is as it was. */
static void ignore(party *p, const uint8_t *msg, size_t len, secagg_err want)
{
    const secagg_phase phase = secagg_client_phase(p->clients[VICTIM]);
    const secagg_err err = hear(p, msg, len);

    ck_assert_msg(err == want, "%zu bytes in phase %d: %d", len, (int)phase,
        (int)err);
    ck_assert_int_eq(secagg_client_phase(p->clients[VICTIM]), phase);
    ck_assert_int_eq(secagg_client_error(p->clients[VICTIM]), SECAGG_OK);
}

/* Which error a good header of another type asks for. */
static void ignore_type(party *p, uint8_t *msg, size_t len)
{
    const uint8_t type = msg[PARTY_AT_TYPE];
    const bool known = type == 2 || type == 4 || type == 6 || type == 8;

    if (type != ABORT_SERVER)
        ignore(p, msg, len, known ? SECAGG_ERR_STATE : SECAGG_ERR_MESSAGE);
}

static void flip_header(party *p, uint8_t *msg, size_t len)
{
    for (size_t bit = 0; bit < 8 * PARTY_HEADER; bit++) {
        msg[bit / 8] = (uint8_t)(msg[bit / 8] ^ 1u << bit % 8);
        if (bit / 8 == PARTY_AT_TYPE)
            ignore_type(p, msg, len);
        else
            ignore(p, msg, len, SECAGG_ERR_MESSAGE);
        msg[bit / 8] = (uint8_t)(msg[bit / 8] ^ 1u << bit % 8);
    }
}

static void change_length(party *p, const uint8_t *msg, size_t len)
{
    uint8_t *longer = calloc(1, len + 5000);

    ck_assert_ptr_nonnull(longer);
    memcpy(longer, msg, len);
    for (size_t cut = 0; cut < len; cut++)
        ignore(p, msg, cut, SECAGG_ERR_MESSAGE);
    for (size_t more = 1; more <= 5000; more += 1 + more / 2)
        ignore(p, longer, len + more, SECAGG_ERR_MESSAGE);
    free(longer);
}

START_TEST(a_bad_header_changes_nothing)
{
    for (size_t k = 0; k < OPENED; k++) {
        uint8_t *msg;
        size_t len;
        party p;

        begin(&p, opened[k]);
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

static void ignore_all(party *p, const transcript *said, int way)
{
    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++)
        for (uint32_t i = 0; i < N; i++)
            if (said->msg[way][phase][i] != NULL)
                ignore(p, said->msg[way][phase][i], said->len[way][phase][i],
                    SECAGG_ERR_MESSAGE);
}

/* Of this session but of another phase, and for others. */
static void ignore_rest(party *p, const transcript *same, secagg_phase now)
{
    for (size_t k = 0; k < OPENED; k++)
        for (uint32_t i = 0; i < N; i++)
            if (i != VICTIM || opened[k] != now)
                ignore(p, same->msg[DOWN][opened[k]][i],
                    same->len[DOWN][opened[k]][i],
                    i != VICTIM ? SECAGG_ERR_MESSAGE : SECAGG_ERR_STATE);
}

START_TEST(what_is_not_for_it_now_changes_nothing)
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
    ignore_rest(&p, same, SECAGG_PHASE_KEYS);
    for (size_t k = 0; k < OPENED; k++) {
        const secagg_phase now = opened[k];
        ck_assert_int_eq(party_collect(&p), SECAGG_OK);
        ck_assert_int_eq(secagg_server_phase(p.server), now);
        if (k == 0)
            ignore_rest(&p, same, now);
        ignore_all(&p, later, DOWN);
        ignore_all(&p, foreign, DOWN);
        ignore_all(&p, same, UP);
        party_deliver(&p);
        ignore_rest(&p, same, now);
    }
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    party_check_sum(&p);
    party_free(&p);
    transcript_free(same);
    transcript_free(later);
    transcript_free(foreign);
}
END_TEST

/* ---- what ends the session for one -------------------------------------- */

/* The client has failed: it says so once, forgets, and hears nothing. */
static void check_failed(party *p, secagg_err why)
{
    secagg_client *c = p->clients[VICTIM];
    uint8_t *msg;
    size_t len;

    ck_assert_int_eq(secagg_client_phase(c), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_client_error(c), why);
    msg = party_client_send(c, &len);
    ck_assert_ptr_nonnull(msg);
    ck_assert_uint_eq(len, ABORT_BYTES);
    ck_assert_uint_eq(msg[PARTY_AT_TYPE], ABORT_CLIENT);
    ck_assert_uint_eq(msg[PARTY_HEADER] * 256u + msg[PARTY_HEADER + 1],
        (uint32_t)-why);
    ck_assert_int_eq(secagg_server_recv(p->server, VICTIM, msg, len),
        SECAGG_OK);
    free(msg);
    ck_assert_int_eq(secagg_client_send(c, &(const uint8_t *){ NULL },
        &len), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_input_u64(c, 0, 0, &(uint64_t){ 0 }, 1),
        SECAGG_ERR_STATE);
}

/* The others finish: without its input where that was not sent yet. */
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

/* A fatal message at the start of a phase. */
static void break_with(secagg_phase phase, const uint8_t *msg, size_t len,
    secagg_err want)
{
    uint8_t *good;
    size_t good_len;
    party p;

    begin(&p, phase);
    ck_assert_int_eq(hear(&p, msg, len), want);
    check_failed(&p, want);
    good = party_server_send(p.server, VICTIM, &good_len);
    if (good != NULL)
        ck_assert_int_eq(hear(&p, good, good_len), SECAGG_ERR_STATE);
    free(good);
    finish_without(&p, phase);
    party_free(&p);
}

START_TEST(a_body_of_another_length_ends_the_session_for_it)
{
    const secagg_params params = small_params(N, T, 1);
    const size_t each = getenv("SECAGG_SMALL") != NULL ? 31 : 1;
    transcript *said = party_record(&params, 9);

    for (size_t k = 0; k < OPENED; k++) {
        const uint8_t *msg = said->msg[DOWN][opened[k]][VICTIM];
        const size_t len = said->len[DOWN][opened[k]][VICTIM];
        for (size_t l = PARTY_HEADER; l < len + 200; l += each) {
            uint8_t *forged = party_forge(msg, len, l, VICTIM);
            if (l != len)
                break_with(opened[k], forged, l, SECAGG_ERR_MESSAGE);
            free(forged);
        }
    }
    transcript_free(said);
}
END_TEST

/* Whether a byte is of a sealed share. */
static bool is_sealed(secagg_phase phase, size_t at)
{
    return phase == SECAGG_PHASE_INPUT && at >= PARTY_HEADER + 5
        && (at - PARTY_HEADER - 5) % 100 >= 4;
}

/* Whether a bit of SURVIVORS says of another whether it is left. */
static bool is_other(secagg_phase phase, size_t bit)
{
    return phase == SECAGG_PHASE_UNMASK && bit % 8 < N && bit % 8 != VICTIM;
}

START_TEST(a_false_bit_in_a_body_ends_the_session_for_it)
{
    const secagg_params params = small_params(N, T, 1);
    transcript *said = party_record(&params, 9);

    for (size_t k = 0; k < OPENED; k++) {
        uint8_t *msg = said->msg[DOWN][opened[k]][VICTIM];
        const size_t len = said->len[DOWN][opened[k]][VICTIM];
        const size_t step = len < 100 ? 1 : stride();
        for (size_t bit = 8 * PARTY_HEADER; bit < 8 * len; bit += step) {
            if (is_sealed(opened[k], bit / 8) || is_other(opened[k], bit))
                continue;
            msg[bit / 8] = (uint8_t)(msg[bit / 8] ^ 1u << bit % 8);
            break_with(opened[k], msg, len, SECAGG_ERR_MESSAGE);
            msg[bit / 8] = (uint8_t)(msg[bit / 8] ^ 1u << bit % 8);
        }
    }
    transcript_free(said);
}
END_TEST

/* A share that does not open is reported, by name, and the sum is exact. */
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
    ck_assert_int_eq(hear(&p, msg, len), SECAGG_OK);
    input = party_client_send(p.clients[VICTIM], &input_len);
    ck_assert_ptr_nonnull(input);
    ck_assert_uint_eq(input[PARTY_HEADER + 35], 1);
    ck_assert_uint_eq(input[PARTY_HEADER + 39], dealer);
    ck_assert_int_eq(secagg_server_recv(p.server, VICTIM, input, input_len),
        SECAGG_OK);
    p.leaves[VICTIM] = LEAVES_KEYS; /* it has heard */
    party_deliver(&p);
    p.leaves[VICTIM] = STAYS;
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    party_check_sum(&p);
    party_free(&p);
    free(msg);
    free(input);
}

START_TEST(a_false_bit_in_a_sealed_share_is_reported)
{
    const size_t len = PARTY_HEADER + 5 + 100 * (N - 1);

    for (size_t bit = 8 * PARTY_HEADER; bit < 8 * len; bit += stride())
        if (is_sealed(SECAGG_PHASE_INPUT, bit / 8))
            spoil_share(bit);
}
END_TEST

/* A client that is shown other survivors opens other secrets than the rest:
 * the server cannot use what it gets, and the others finish. */
START_TEST(other_survivors_for_one_give_nothing_more)
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
        ck_assert_int_eq(hear(&p, msg, len), SECAGG_OK);
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

/* ---- other sessions under the same name --------------------------------- */

START_TEST(words_of_another_session_end_it)
{
    const secagg_params params = small_params(N, T, 1);
    transcript *other = party_record(&params, 10),
        *same = party_record(&params, 9);
    const size_t len = other->len[DOWN][SECAGG_PHASE_INPUT][0];
    uint8_t *renamed = party_forge(same->msg[DOWN][SECAGG_PHASE_INPUT][0],
        len, len, VICTIM);

    break_with(SECAGG_PHASE_SHARES, other->msg[DOWN][SECAGG_PHASE_SHARES]
        [VICTIM], other->len[DOWN][SECAGG_PHASE_SHARES][VICTIM],
        SECAGG_ERR_MESSAGE);
    break_with(SECAGG_PHASE_INPUT, other->msg[DOWN][SECAGG_PHASE_INPUT]
        [VICTIM], len, SECAGG_ERR_THRESHOLD);
    break_with(SECAGG_PHASE_INPUT, renamed, len, SECAGG_ERR_MESSAGE);
    free(renamed);
    transcript_free(other);
    transcript_free(same);
}
END_TEST

/* ---- ABORT -------------------------------------------------------------- */

/* An ABORT of the server's, at any time before the end; its body is advice. */
static void abort_with(secagg_phase phase, size_t body, unsigned code,
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
    break_with(phase, forged, PARTY_HEADER + body, want);
    free(forged);
}

START_TEST(an_abort_ends_it_with_the_error_that_it_names)
{
    for (size_t k = 0; k < OPENED; k++) {
        abort_with(opened[k], 6, 23, SECAGG_ERR_THRESHOLD);
        abort_with(opened[k], 6, 24, SECAGG_ERR_CHEAT);
        for (unsigned code = 0; code < 65536; code += 4099)
            abort_with(opened[k], 6, code, SECAGG_ERR_MESSAGE);
        for (size_t body = 0; body < 16; body++)
            if (body != 6)
                abort_with(opened[k], body, 23, SECAGG_ERR_MESSAGE);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_bad_header_changes_nothing,
        what_is_not_for_it_now_changes_nothing,
        a_body_of_another_length_ends_the_session_for_it,
        a_false_bit_in_a_body_ends_the_session_for_it,
        a_false_bit_in_a_sealed_share_is_reported,
        other_survivors_for_one_give_nothing_more,
        words_of_another_session_end_it,
        an_abort_ends_it_with_the_error_that_it_names };
    return RUN(tests);
}
