/* SPDX-License-Identifier: Apache-2.0 */
/* Malformed messages in active mode (attack A13 of secagg_protocol(7)): a bit
 * flipped in every field of every message, and other lengths. Each has the
 * effect on its sender, or on its reader, that PROTOCOL.md 8 names, and none on
 * the other clients. test_hostile_client.c and test_hostile_server.c do the
 * same in semi-honest mode. */
#include <stdlib.h>

#include "support/cheating_client.h"
#include "support/main.h"

#define N 4
#define T 3 /* withstands one corrupt client */
#define VICTIM 2

/* A field of a message: its bytes, repeated every `each` bytes. */
typedef struct field {
    size_t at, len, each;
    secagg_err want;      /* error for a flipped bit; OK if it is accepted */
    secagg_err end;       /* error at the end of the session */
    secagg_err blamed;    /* error for which the sender is blamed */
} field;

static void begin(party *p, secagg_phase phase)
{
    const secagg_params params = active_params(N, T, 1);

    party_init(p, &params, 91);
    party_input(p);
    party_open_phase(p, phase);
}

static void flip(uint8_t *msg, size_t bit)
{
    msg[bit / 8] = (uint8_t)(msg[bit / 8] ^ 1u << bit % 8);
}

/* ---- at the server ------------------------------------------------------ */

static const field up[SECAGG_PHASE_DONE][8] = {
    [SECAGG_PHASE_KEYS] = { { 48, 32, 0, SECAGG_ERR_MESSAGE, 0, 0 },
        { 80, 64, 0, SECAGG_ERR_AUTH, 0, 0 }, /* points; also MESSAGE */
        { 144, 32, 0, SECAGG_ERR_AUTH, 0, 0 }, /* identity */
        { 176, 64, 0, SECAGG_ERR_AUTH, 0, 0 },
        { 240, 2, 0, SECAGG_ERR_MESSAGE, 0, 0 } },
    [SECAGG_PHASE_SHARES] = { { 48, 32, 0, SECAGG_ERR_MESSAGE, 0, 0 },
        { 80, 32, 0, SECAGG_OK, SECAGG_ERR_CHEAT, SECAGG_ERR_CHEAT },
        { 112, 4, 0, SECAGG_ERR_MESSAGE, 0, 0 },
        { 116, 4, 100, SECAGG_ERR_MESSAGE, 0, 0 },
        { 120, 48, 100, SECAGG_OK, SECAGG_OK, SECAGG_OK },
        { 168, 48, 100, SECAGG_OK, SECAGG_OK, SECAGG_OK } },
    [SECAGG_PHASE_INPUT] = { { 48, 32, 0, SECAGG_ERR_MESSAGE, 0, 0 },
        { 80, 4, 0, SECAGG_ERR_MESSAGE, 0, 0 } },
    [SECAGG_PHASE_CONFIRM] = { { 48, 64, 0, SECAGG_ERR_AUTH, 0, 0 } },
    [SECAGG_PHASE_UNMASK] = {
        { 48, 31, 0, SECAGG_OK, SECAGG_ERR_CHEAT, SECAGG_ERR_CHEAT },
        { 80, 4, 0, SECAGG_ERR_MESSAGE, 0, 0 },
        { 84, 4, 36, SECAGG_ERR_MESSAGE, 0, 0 },
        { 88, 32, 36, SECAGG_OK, SECAGG_OK, SECAGG_ERR_CHEAT } },
};

/* The server accepts this flip; check the end of the session and the blame. */
static void check_accepted_flip(secagg_phase phase, const field *f, size_t bit)
{
    size_t len;
    uint8_t *msg;
    party p;

    begin(&p, phase);
    if (phase > SECAGG_PHASE_KEYS)
        party_deliver(&p);
    msg = party_client_send(p.clients[VICTIM], &len);
    flip(msg, bit);
    OK(secagg_server_recv(p.server, VICTIM, msg, len));
    free(msg);
    ck_assert_int_eq(party_run(&p), f->end);
    if (f->end == SECAGG_OK)
        party_check_sum(&p);
    if (f->blamed != SECAGG_OK)
        check_only_blamed(&p, VICTIM, f->blamed);
    else
        check_none_blamed(&p);
    party_free(&p);
}

/* The server rejects this flip and does not change. */
static void check_rejected_flip(party *p, const field *f, uint8_t *msg,
    size_t len, size_t bit)
{
    const secagg_phase phase = secagg_server_phase(p->server);
    secagg_err err;

    flip(msg, bit);
    err = secagg_server_recv(p->server, VICTIM, msg, len);
    flip(msg, bit);
    ck_assert_msg(err == f->want || (phase == SECAGG_PHASE_KEYS && bit >= 640
            && bit < 1152 && err == SECAGG_ERR_MESSAGE),
        "bit %zu in phase %d: %d", bit, (int)phase, (int)err);
    ck_assert_int_eq(secagg_server_phase(p->server), phase);
    ck_assert(!secagg_server_answered(p->server, VICTIM));
    ck_assert_uint_eq(secagg_server_pending(p->server), N);
    check_none_blamed(p);
}

/* Flip every bit of a field if the server rejects a flip in it, else one of
 * each `stride` bits. */
static void flip_field_up(party *p, secagg_phase phase, const field *f,
    uint8_t *msg, size_t len)
{
    const size_t stride = getenv("SECAGG_SMALL") != NULL ? 251
        : getenv("SECAGG_LONG") != NULL ? 1 : 67;

    for (size_t at = f->at; at + f->len <= len; at += f->each) {
        for (size_t bit = 8 * at; bit < 8 * (at + f->len);
             bit += f->want == SECAGG_OK ? stride : 1)
            if (f->want == SECAGG_OK)
                check_accepted_flip(phase, f, bit);
            else
                check_rejected_flip(p, f, msg, len, bit);
        if (f->each == 0)
            break;
    }
}

/* Send every other length; the header has that length, too. */
static void change_length(party *p, const uint8_t *msg, size_t len)
{
    for (size_t l = PARTY_HEADER; l < len + 140; l++) {
        uint8_t *forged = party_forge(msg, len, l, VICTIM);
        if (l != len)
            ck_assert_int_eq(secagg_server_recv(p->server, VICTIM, forged,
                l), SECAGG_ERR_MESSAGE);
        free(forged);
    }
}

static void try_client_message(secagg_phase phase)
{
    static const field header = { .want = SECAGG_ERR_MESSAGE };
    uint8_t *msg;
    size_t len;
    party p;

    begin(&p, phase);
    if (phase > SECAGG_PHASE_KEYS)
        party_deliver(&p);
    msg = party_client_send(p.clients[VICTIM], &len);
    for (size_t bit = 0; bit < 8 * PARTY_HEADER; bit++)
        if (bit / 8 != PARTY_AT_TYPE)
            check_rejected_flip(&p, &header, msg, len, bit);
    for (int i = 0; i < 8 && up[phase][i].len > 0; i++)
        flip_field_up(&p, phase, &up[phase][i], msg, len);
    change_length(&p, msg, len);
    OK(secagg_server_recv(p.server, VICTIM, msg, len));
    free(msg);
    OK(party_run(&p));
    party_check_sum(&p);
    party_free(&p);
}

START_TEST(a_flipped_bit_in_a_client_message_blames_at_most_its_sender)
{
    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++)
        try_client_message((secagg_phase)phase);
}
END_TEST

/* The victim's UNMASK has none or only some of the keys that it should reveal.
 * It is rejected without blame, and the others finish with the exact sum. */
START_TEST(the_server_rejects_an_unmask_with_too_few_keys)
{
    for (size_t keys = 0; keys < N - 1; keys++)
        for (int count = 0; count < 2; count++) {
            const size_t short_len = 84 + 36 * keys;
            size_t len;
            uint8_t *msg, *less;
            party p;
            begin(&p, SECAGG_PHASE_UNMASK);
            party_deliver(&p);
            msg = party_client_send(p.clients[VICTIM], &len);
            less = party_forge(msg, len, short_len, VICTIM);
            less[83] = (uint8_t)(count == 0 ? keys : N - 1);
            ck_assert_int_eq(secagg_server_recv(p.server, VICTIM, less,
                short_len), SECAGG_ERR_MESSAGE);
            free(msg);
            free(less);
            p.leaves[VICTIM] = LEAVES_UNMASK;
            OK(party_run(&p));
            party_check_sum(&p);
            check_none_blamed(&p);
            party_free(&p);
        }
}
END_TEST

/* ---- at a client -------------------------------------------------------- */

static const field down[SECAGG_PHASE_DONE][6] = {
    [SECAGG_PHASE_SHARES] = {
        { 48, 72, 0, SECAGG_ERR_MESSAGE, 0, 0 },     /* seed to count */
        { 120, 166, 166, SECAGG_ERR_MESSAGE, 0, 0 } }, /* changes the root */
    [SECAGG_PHASE_INPUT] = { { 48, 1, 0, SECAGG_ERR_MESSAGE, 0, 0 },
        { 49, 4, 0, SECAGG_ERR_MESSAGE, 0, 0 },
        { 53, 4, 100, SECAGG_ERR_MESSAGE, 0, 0 },
        { 57, 96, 100, SECAGG_OK, 0, 0 } },
    [SECAGG_PHASE_UNMASK] = { { 48, 4, 0, SECAGG_ERR_MESSAGE, 0, 0 },
        { 52, 4, 68, SECAGG_ERR_MESSAGE, 0, 0 },
        { 56, 64, 68, SECAGG_OK, 0, 0 } },
};

/* The victim receives a changed message. The others finish, and so does the
 * victim if it accepts the message. */
static void check_recv_changed(secagg_phase phase, const uint8_t *msg,
    size_t len, secagg_err want)
{
    static const int left[] = { [SECAGG_PHASE_SHARES] = LEAVES_SHARES,
        [SECAGG_PHASE_INPUT] = LEAVES_INPUT,
        [SECAGG_PHASE_CONFIRM] = LEAVES_CONFIRM,
        [SECAGG_PHASE_UNMASK] = LEAVES_UNMASK };
    secagg_err err;
    party p;

    begin(&p, phase);
    err = party_client_recv(&p, VICTIM, msg, len);
    ck_assert_msg(err == want, "phase %d: %d, not %d", (int)phase, (int)err,
        (int)want);
    ck_assert_int_eq(secagg_client_error(p.clients[VICTIM]), want);
    p.leaves[VICTIM] = LEAVES_KEYS; /* it has its message already */
    party_deliver(&p);
    p.leaves[VICTIM] = want == SECAGG_OK ? STAYS : left[phase];
    OK(party_run(&p));
    party_check_sum(&p);
    party_free(&p);
}

static void flip_field_down(secagg_phase phase, const field *f, uint8_t *msg,
    size_t len)
{
    const size_t stride = getenv("SECAGG_SMALL") != NULL ? 251
        : getenv("SECAGG_LONG") != NULL ? 1 : 29;

    for (size_t at = f->at; at + f->len <= len; at += f->each) {
        for (size_t bit = 8 * at; bit < 8 * (at + f->len);
             bit += f->len > 8 ? stride : 1) {
            flip(msg, bit);
            check_recv_changed(phase, msg, len, f->want);
            flip(msg, bit);
        }
        if (f->each == 0)
            break;
    }
}

START_TEST(a_flipped_bit_in_a_server_message_affects_only_its_reader)
{
    const secagg_params params = active_params(N, T, 1);
    const size_t each = getenv("SECAGG_LONG") != NULL ? 1 : 13;
    transcript *said = party_record(&params, 91);

    for (int phase = SECAGG_PHASE_SHARES; phase < SECAGG_PHASE_DONE;
         phase++) {
        uint8_t *msg = said->msg[DOWN][phase][VICTIM];
        const size_t len = said->len[DOWN][phase][VICTIM];
        for (int i = 0; i < 6 && down[phase][i].len > 0; i++)
            flip_field_down((secagg_phase)phase, &down[phase][i], msg, len);
        for (size_t l = PARTY_HEADER; l < len + 140; l += each) {
            uint8_t *forged = party_forge(msg, len, l, VICTIM);
            if (l != len)
                check_recv_changed((secagg_phase)phase, forged, l,
                    SECAGG_ERR_MESSAGE);
            free(forged);
        }
    }
    transcript_free(said);
}
END_TEST

/* A flipped bit of SURVIVORS. Without the victim's own bit, or with a bit of no
 * client, the victim rejects it. Without another client it is a valid set,
 * which the victim signs; the server rejects that signature. The victim in turn
 * rejects the SIGNATURES of the others and reveals no key, and they finish. */
START_TEST(no_other_client_confirms_a_changed_set_of_survivors)
{
    for (uint32_t bit = 0; bit < 8; bit++) {
        const bool set = bit < N && bit != VICTIM;
        size_t len;
        uint8_t *msg;
        party p;
        begin(&p, SECAGG_PHASE_CONFIRM);
        msg = party_server_send(p.server, VICTIM, &len);
        flip(msg, 8 * PARTY_HEADER + bit);
        ck_assert_int_eq(party_client_recv(&p, VICTIM, msg, len),
            set ? SECAGG_OK : SECAGG_ERR_MESSAGE);
        free(msg);
        if (set) {
            msg = party_client_send(p.clients[VICTIM], &len);
            ck_assert_int_eq(secagg_server_recv(p.server, VICTIM, msg, len),
                SECAGG_ERR_AUTH);
            free(msg);
        }
        p.leaves[VICTIM] = LEAVES_KEYS; /* it has its message already */
        party_deliver(&p);
        p.leaves[VICTIM] = LEAVES_CONFIRM;
        OK(party_collect(&p));
        msg = party_server_send(p.server, 0, &len);
        msg[PARTY_AT_INDEX + 3] = VICTIM;
        ck_assert_int_eq(party_client_recv(&p, VICTIM, msg, len),
            set ? SECAGG_ERR_MESSAGE : SECAGG_ERR_STATE);
        free(msg);
        party_deliver(&p);
        OK(party_run(&p));
        party_check_sum(&p);
        party_free(&p);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_flipped_bit_in_a_client_message_blames_at_most_its_sender,
        the_server_rejects_an_unmask_with_too_few_keys,
        a_flipped_bit_in_a_server_message_affects_only_its_reader,
        no_other_client_confirms_a_changed_set_of_survivors };
    return RUN(tests);
}
