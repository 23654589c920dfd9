/* SPDX-License-Identifier: Apache-2.0 */
/* False signatures in active mode (PROTOCOL.md 3.5), in KEYS (8.2), ROSTER
 * (8.3), CONFIRM (8.9) and SIGNATURES (8.10). */
#include <stdlib.h>
#include <string.h>

#include "core/bits.h"
#include "support/cheating_client.h"
#include "support/main.h"

#define N 5
#define T 4 /* one may be corrupt */
#define VICTIM 2

/* Entries of ROSTER and SIGNATURES. */
#define ENTRY(i) (120 + 166 * (size_t)(i))
#define ENTRY_SIGNATURE 100
#define SIGNED(i) (52 + 68 * (size_t)(i))

static void begin(party *p, secagg_phase phase)
{
    const secagg_params params = active_params(N, T, 1);

    party_init(p, &params, 61);
    party_input(p);
    party_open_phase(p, phase);
}

/* The ways in which a signature is false. */
enum { FLIPPED_R, FLIPPED_S, NOT_CANONICAL, ZERO, WAYS };

static void spoil(uint8_t signature[64], int way)
{
    if (way == FLIPPED_R)
        signature[0] ^= 1;
    else if (way == FLIPPED_S)
        signature[40] ^= 0x80;
    else if (way == NOT_CANONICAL)
        add_group_order(signature);
    else
        memset(signature, 0, 64);
}

/* ---- at the server ------------------------------------------------------ */

/* False signatures, and those of others, in KEYS or CONFIRM: the server rejects
 * them with AUTH and does not change; it accepts the good message later. */
static void try_server(secagg_phase phase, size_t at)
{
    uint8_t *msgs[N];
    size_t len = 0;
    party p;

    begin(&p, phase);
    if (phase == SECAGG_PHASE_CONFIRM)
        party_deliver(&p);
    for (uint32_t i = 0; i < N; i++)
        msgs[i] = party_client_send(p.clients[i], &len);
    for (uint32_t i = 0; i < N; i++) {
        for (int way = 0; way < WAYS + N; way++) {
            uint8_t *bent = party_forge(msgs[i], len, len, i);
            if (way < WAYS)
                spoil(bent + at, way);
            else
                memcpy(bent + at, msgs[way - WAYS] + at, 64);
            if (way - WAYS != (int)i)
                ck_assert_int_eq(secagg_server_recv(p.server, i, bent, len),
                    SECAGG_ERR_AUTH);
            ck_assert(!secagg_server_answered(p.server, i));
            free(bent);
        }
        if (i > 0)
            OK(secagg_server_recv(p.server, i, msgs[i], len));
    }
    for (uint32_t i = 0; i < N; i++)
        free(msgs[i]);
    p.leaves[0] = phase == SECAGG_PHASE_KEYS ? LEAVES_KEYS : LEAVES_CONFIRM;
    OK(party_run(&p));
    party_check_sum(&p);
    check_none_blamed(&p);
    party_free(&p);
}

START_TEST(the_server_rejects_a_false_signature_of_keys)
{
    try_server(SECAGG_PHASE_KEYS, 176);
}
END_TEST

START_TEST(the_server_rejects_a_false_signature_of_survivors)
{
    try_server(SECAGG_PHASE_CONFIRM, 48);
}
END_TEST

/* ---- ROSTER ------------------------------------------------------------- */

static void check_failed(party *p, uint32_t i, secagg_err want)
{
    ck_assert_int_eq(secagg_client_phase(p->clients[i]),
        SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_client_error(p->clients[i]), want);
}

/* The server relays a false signature of one client to the victim, with a
 * matching roster root: the victim aborts, and the others finish. */
static void try_roster(uint32_t whose, int way)
{
    size_t len;
    uint8_t *msg;
    party p;

    begin(&p, SECAGG_PHASE_SHARES);
    msg = party_server_send(p.server, VICTIM, &len);
    if (way < WAYS)
        spoil(msg + ENTRY(whose) + ENTRY_SIGNATURE, way);
    else
        memcpy(msg + ENTRY(whose) + ENTRY_SIGNATURE,
            msg + ENTRY((whose + 1) % N) + ENTRY_SIGNATURE, 64);
    update_roster_root(&p, msg, len);
    ck_assert_int_eq(party_client_recv(&p, VICTIM, msg, len),
        whose == VICTIM ? SECAGG_ERR_MESSAGE : SECAGG_ERR_AUTH);
    check_failed(&p, VICTIM,
        whose == VICTIM ? SECAGG_ERR_MESSAGE : SECAGG_ERR_AUTH);
    free(msg);
    p.leaves[VICTIM] = LEAVES_KEYS;
    party_deliver(&p);
    OK(party_run(&p));
    party_check_sum(&p);
    party_free(&p);
}

START_TEST(a_client_aborts_on_a_false_signature_in_the_roster)
{
    for (uint32_t whose = 0; whose < N; whose++)
        for (int way = 0; way <= WAYS; way++)
            try_roster(whose, way);
}
END_TEST

/* The roster has a client whose public key the victim does not trust. */
START_TEST(a_client_rejects_a_roster_with_an_untrusted_key)
{
    const secagg_params params = active_params(N, T, 1);
    uint8_t key[32], secret[64], *msg;
    size_t len;
    party p;

    party_init_anonymous(&p, &params, 62);
    party_input(&p);
    for (uint32_t i = 0; i < N; i++) {
        party_identity(i, key, secret);
        OK(secagg_client_identify(p.clients[i], secret));
        OK(secagg_server_trust(p.server, i, key));
        if (i != 4)
            OK(secagg_client_trust(p.clients[VICTIM], i, key));
    }
    OK(secagg_client_trust_whole(p.clients[VICTIM]));
    OK(party_collect(&p));
    msg = party_server_send(p.server, VICTIM, &len);
    ck_assert_int_eq(party_client_recv(&p, VICTIM, msg, len), SECAGG_ERR_AUTH);
    check_failed(&p, VICTIM, SECAGG_ERR_AUTH);
    free(msg);
    party_free(&p);
}
END_TEST

/* ---- SIGNATURES --------------------------------------------------------- */

/* Change a list of N signatures; check the error of its reader. */
static void try_list(void (*change)(uint8_t *, size_t *, int), int how,
    secagg_err want)
{
    size_t len;
    uint8_t *msg;
    party p;

    begin(&p, SECAGG_PHASE_UNMASK);
    msg = party_server_send(p.server, VICTIM, &len);
    ck_assert_uint_eq(len, SIGNED(N));
    msg = realloc(msg, len + 68);
    change(msg, &len, how);
    sa_put_be64(msg + PARTY_AT_LENGTH, len - PARTY_HEADER);
    sa_put_be32(msg + PARTY_HEADER, (uint32_t)((len - SIGNED(0)) / 68));
    ck_assert_int_eq(party_client_recv(&p, VICTIM, msg, len), want);
    free(msg);
    if (want != SECAGG_OK)
        check_failed(&p, VICTIM, want);
    p.leaves[VICTIM] = LEAVES_INPUT; /* it has its message already */
    party_deliver(&p);
    p.leaves[VICTIM] = want == SECAGG_OK ? STAYS : LEAVES_UNMASK;
    OK(party_run(&p));
    party_check_sum(&p);
    party_free(&p);
}

/* Make `how` signatures of other clients false, each in another way. */
static void make_false(uint8_t *msg, size_t *len, int how)
{
    (void)len;
    for (int i = 0; how > 0; i++)
        if (i != VICTIM)
            spoil(msg + SIGNED(i) + 4, how-- % WAYS);
}

static void make_own_false(uint8_t *msg, size_t *len, int how)
{
    (void)len;
    make_false(msg, len, how);
    spoil(msg + SIGNED(VICTIM) + 4, FLIPPED_R);
}

static void drop(uint8_t *msg, size_t *len, int i)
{
    memmove(msg + SIGNED(i), msg + SIGNED(i + 1), *len - SIGNED(i + 1));
    *len -= 68;
}

static void drop_two(uint8_t *msg, size_t *len, int i)
{
    drop(msg, len, i);
    drop(msg, len, i);
}

static void drop_all(uint8_t *msg, size_t *len, int i)
{
    (void)msg;
    (void)i;
    *len = SIGNED(0);
}

/* One signature under two indices votes once. */
static void vote_twice(uint8_t *msg, size_t *len, int how)
{
    (void)len;
    for (int i = 0; i < how; i++)
        memcpy(msg + SIGNED(i < VICTIM ? i : i + 1) + 4,
            msg + SIGNED(N - 1) + 4, 64);
}

static void repeat(uint8_t *msg, size_t *len, int i)
{
    memmove(msg + SIGNED(i + 1), msg + SIGNED(i), *len - SIGNED(i));
    *len += 68;
}

static void swap(uint8_t *msg, size_t *len, int i)
{
    uint8_t kept[68];

    (void)len;
    memcpy(kept, msg + SIGNED(i), 68);
    memcpy(msg + SIGNED(i), msg + SIGNED(i + 1), 68);
    memcpy(msg + SIGNED(i + 1), kept, 68);
}

static void name_nobody(uint8_t *msg, size_t *len, int how)
{
    (void)len;
    sa_put_be32(msg + SIGNED(N - 1), how == 0 ? N : UINT32_MAX);
}

START_TEST(a_client_ignores_false_signatures_of_survivors)
{
    for (int how = 0; how < N; how++) {
        const secagg_err want = how <= N - T ? SECAGG_OK
                                             : SECAGG_ERR_THRESHOLD;
        if (how > 0) {
            try_list(make_false, how, want);
            try_list(vote_twice, how < N - 1 ? how : N - 2,
                how < N - 1 ? want : SECAGG_ERR_THRESHOLD);
        }
        try_list(make_own_false, how, want);
        try_list(drop, how, SECAGG_OK);
    }
    try_list(drop_two, 0, SECAGG_ERR_THRESHOLD);
    try_list(drop_two, VICTIM, SECAGG_OK); /* its own counts, listed or not */
    try_list(drop_all, 0, SECAGG_ERR_THRESHOLD);
}
END_TEST

START_TEST(a_client_rejects_a_malformed_list_of_signatures)
{
    for (int i = 0; i < N - 1; i++) {
        try_list(repeat, i, SECAGG_ERR_MESSAGE);
        try_list(swap, i, SECAGG_ERR_MESSAGE);
    }
    try_list(name_nobody, 0, SECAGG_ERR_MESSAGE);
    try_list(name_nobody, 1, SECAGG_ERR_MESSAGE);
}
END_TEST

/* A signer that is not in U3, with a signature that would be valid for it. */
START_TEST(a_client_rejects_a_signer_that_is_no_survivor)
{
    size_t len;
    uint8_t *msg;
    party p;

    begin(&p, SECAGG_PHASE_INPUT);
    party_deliver(&p);
    p.leaves[4] = LEAVES_INPUT;
    party_run_to(&p, SECAGG_PHASE_CONFIRM);
    OK(party_collect(&p));
    msg = party_server_send(p.server, VICTIM, &len);
    ck_assert_uint_eq(len, SIGNED(N - 1));
    msg = realloc(msg, len + 68);
    memcpy(msg + SIGNED(4), msg + SIGNED(3), 68);
    sa_put_be32(msg + SIGNED(4), 4);
    sa_put_be32(msg + PARTY_HEADER, N);
    sa_put_be64(msg + PARTY_AT_LENGTH, SIGNED(N) - PARTY_HEADER);
    ck_assert_int_eq(party_client_recv(&p, VICTIM, msg, SIGNED(N)),
        SECAGG_ERR_MESSAGE);
    check_failed(&p, VICTIM, SECAGG_ERR_MESSAGE);
    free(msg);
    party_free(&p);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { the_server_rejects_a_false_signature_of_keys,
        the_server_rejects_a_false_signature_of_survivors,
        a_client_aborts_on_a_false_signature_in_the_roster,
        a_client_rejects_a_roster_with_an_untrusted_key,
        a_client_ignores_false_signatures_of_survivors,
        a_client_rejects_a_malformed_list_of_signatures,
        a_client_rejects_a_signer_that_is_no_survivor };
    return RUN(tests);
}
