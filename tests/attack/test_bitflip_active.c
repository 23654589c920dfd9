/* SPDX-License-Identifier: Apache-2.0 */
/* Bent messages of active mode (attack A13): a bit flipped in every field of
 * every message, and other lengths. Each costs its sender, or its reader, as
 * PROTOCOL.md 8 says, and never the others; test_hostile_client.c and
 * test_hostile_server.c do the same in semi-honest mode. */
#include <stdlib.h>

#include "support/cheating_client.h"
#include "support/main.h"

#define N 4
#define T 3 /* one may be corrupt */
#define VICTIM 2

/* A field of a message: its bytes, said again `each` bytes on. */
typedef struct field {
    size_t at, len, each;
    secagg_err want;      /* what a flip in it gives; OK: it is taken */
    secagg_err end;       /* how the session then ends */
    secagg_err blamed;    /* and what its sender is blamed for */
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
        { 80, 64, 0, SECAGG_ERR_AUTH, 0, 0 }, /* enc, mask: MESSAGE, too */
        { 144, 32, 0, SECAGG_ERR_AUTH, 0, 0 },    /* identity */
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

/* A flip that is taken: how the session ends, and who is named. */
static void take_flip(secagg_phase phase, const field *f, size_t bit)
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

/* Refused, with the server as it was. */
static void refuse_flip(party *p, const field *f, uint8_t *msg, size_t len,
    size_t bit)
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

/* Every bit of a field that is refused; one in some of one that is taken. */
static void flip_field(party *p, secagg_phase phase, const field *f,
    uint8_t *msg, size_t len)
{
    const size_t stride = getenv("SECAGG_SMALL") != NULL ? 251
        : getenv("SECAGG_LONG") != NULL ? 1 : 67;

    for (size_t at = f->at; at + f->len <= len; at += f->each) {
        for (size_t bit = 8 * at; bit < 8 * (at + f->len);
             bit += f->want == SECAGG_OK ? stride : 1)
            if (f->want == SECAGG_OK)
                take_flip(phase, f, bit);
            else
                refuse_flip(p, f, msg, len, bit);
        if (f->each == 0)
            break;
    }
}

/* Every other length, with the length in the header made to fit. */
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

static void try_up(secagg_phase phase)
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
            refuse_flip(&p, &header, msg, len, bit);
    for (int i = 0; i < 8 && up[phase][i].len > 0; i++)
        flip_field(&p, phase, &up[phase][i], msg, len);
    change_length(&p, msg, len);
    OK(secagg_server_recv(p.server, VICTIM, msg, len));
    free(msg);
    OK(party_run(&p));
    party_check_sum(&p);
    party_free(&p);
}

START_TEST(a_bent_message_to_the_server_costs_its_sender)
{
    for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++)
        try_up((secagg_phase)phase);
}
END_TEST

/* An answer that opens nothing, or some of what it should: no crash, no sum
 * of less, no blame. The responder may still answer; here it does not. */
START_TEST(an_empty_or_short_answer_is_refused)
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
        { 120, 166, 166, SECAGG_ERR_MESSAGE, 0, 0 } }, /* not of the root */
    [SECAGG_PHASE_INPUT] = { { 48, 1, 0, SECAGG_ERR_MESSAGE, 0, 0 },
        { 49, 4, 0, SECAGG_ERR_MESSAGE, 0, 0 },
        { 53, 4, 100, SECAGG_ERR_MESSAGE, 0, 0 },
        { 57, 96, 100, SECAGG_OK, 0, 0 } },
    [SECAGG_PHASE_UNMASK] = { { 48, 4, 0, SECAGG_ERR_MESSAGE, 0, 0 },
        { 52, 4, 68, SECAGG_ERR_MESSAGE, 0, 0 },
        { 56, 64, 68, SECAGG_OK, 0, 0 } },
};

/* The victim heard a bent message; the others finish, and it with them where
 * it could take it. */
static void hear_bent(secagg_phase phase, const uint8_t *msg, size_t len,
    secagg_err want)
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
    p.leaves[VICTIM] = LEAVES_KEYS; /* it has heard */
    party_deliver(&p);
    p.leaves[VICTIM] = want == SECAGG_OK ? STAYS : left[phase];
    OK(party_run(&p));
    party_check_sum(&p);
    party_free(&p);
}

static void hear_field(secagg_phase phase, const field *f, uint8_t *msg,
    size_t len)
{
    const size_t stride = getenv("SECAGG_SMALL") != NULL ? 251
        : getenv("SECAGG_LONG") != NULL ? 1 : 29;

    for (size_t at = f->at; at + f->len <= len; at += f->each) {
        for (size_t bit = 8 * at; bit < 8 * (at + f->len);
             bit += f->len > 8 ? stride : 1) {
            flip(msg, bit);
            hear_bent(phase, msg, len, f->want);
            flip(msg, bit);
        }
        if (f->each == 0)
            break;
    }
}

START_TEST(a_bent_message_to_a_client_costs_it_alone)
{
    const secagg_params params = active_params(N, T, 1);
    const size_t each = getenv("SECAGG_LONG") != NULL ? 1 : 13;
    transcript *said = party_record(&params, 91);

    for (int phase = SECAGG_PHASE_SHARES; phase < SECAGG_PHASE_DONE;
         phase++) {
        uint8_t *msg = said->msg[DOWN][phase][VICTIM];
        const size_t len = said->len[DOWN][phase][VICTIM];
        for (int i = 0; i < 6 && down[phase][i].len > 0; i++)
            hear_field((secagg_phase)phase, &down[phase][i], msg, len);
        for (size_t l = PARTY_HEADER; l < len + 140; l += each) {
            uint8_t *forged = party_forge(msg, len, l, VICTIM);
            if (l != len)
                hear_bent((secagg_phase)phase, forged, l,
                    SECAGG_ERR_MESSAGE);
            free(forged);
        }
    }
    transcript_free(said);
}
END_TEST

/* SURVIVORS: its own bit and bits of nobody are no set; without another it is
 * a set, too, which the victim confirms alone: the signatures of the others are
 * those of another set, it opens nothing, and they finish. */
START_TEST(a_bent_set_of_survivors_is_confirmed_by_nobody_else)
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
        p.leaves[VICTIM] = LEAVES_KEYS; /* it has heard */
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
        a_bent_message_to_the_server_costs_its_sender,
        an_empty_or_short_answer_is_refused,
        a_bent_message_to_a_client_costs_it_alone,
        a_bent_set_of_survivors_is_confirmed_by_nobody_else };
    return RUN(tests);
}
