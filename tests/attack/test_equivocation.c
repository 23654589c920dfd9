/* SPDX-License-Identifier: Apache-2.0 */
/* A server that sends different sets to its clients, to learn both secrets of
 * one of them or a sum of few inputs. The numbers are those of the section
 * ATTACKS of secagg_protocol(7). */
#include <stdlib.h>
#include <string.h>

#include "core/bits.h"
#include "server/server_state.h"
#include "support/cheating_client.h"
#include "support/main.h"
#include "support/util.h"

#define N 5
#define ALL 31u

/* Threshold 4 withstands one corrupt client: 2 t > n + c. */
static void begin(party *p, int mode, uint32_t t, secagg_phase phase)
{
    const secagg_params params = params_of_mode(mode, N, t, t == 4);

    party_init(p, &params, 71);
    party_input(p);
    party_open_phase(p, phase);
}

/* Send SURVIVORS with this bitmap to a client; returns its error. */
static secagg_err send_survivors(party *p, uint32_t to, uint8_t view)
{
    size_t len;
    uint8_t *msg = party_server_send(p->server, to, &len);
    secagg_err err;

    ck_assert_uint_eq(msg[PARTY_AT_TYPE], 6);
    msg[PARTY_HEADER] = view;
    err = party_client_recv(p, to, msg, len);
    free(msg);
    return err;
}

/* ---- A1: two sets of survivors ------------------------------------------ */

/* Numbers of shares, by client: of its self secret and of its mask secret. */
typedef struct collected {
    uint32_t points[N][2];
} collected;

/* Add the shares that an UNMASK opens: each dealer once, of one kind. */
static void collect(collected *l, uint32_t from, const uint8_t *msg, size_t len)
{
    uint32_t next = 0;

    l->points[from][0]++; /* its own share */
    for (size_t at = 84; at < len; at += 36) {
        const uint32_t word = sa_get_be32(msg + at);
        ck_assert_uint_ge(word & 0xffffff, next);
        next = (word & 0xffffff) + 1;
        l->points[word & 0xffffff][word >> 24]++;
    }
}

/* The clients of `group` receive the second set of survivors, the others the
 * set of all; one client is corrupt and opens everything. Returns the number of
 * clients both of whose secrets are open. */
static uint32_t open_both(uint32_t t, uint8_t second, uint32_t group,
    uint32_t corrupt)
{
    uint32_t both = 0;
    collected l = { { { 0 } } };
    party p;

    begin(&p, SECAGG_SEMI_HONEST, t, SECAGG_PHASE_UNMASK);
    for (uint32_t i = 0; i < N; i++) {
        const bool other = (group >> i & 1) != 0 && (second >> i & 1) != 0;
        size_t len;
        uint8_t *msg;
        if (i == corrupt)
            continue;
        OK(send_survivors(&p, i, other ? second : ALL));
        msg = party_client_send(p.clients[i], &len);
        collect(&l, i, msg, len);
        free(msg);
    }
    for (uint32_t u = 0; u < N; u++)
        both += u != corrupt && l.points[u][0] + 1 >= t
            && l.points[u][1] + 1 >= t;
    party_free(&p);
    return both;
}

/* The victim would lose its input: from both secrets the server computes its
 * self mask and its pair masks. The threshold, with 2 t > n + c, prevents that
 * in semi-honest mode too; with a threshold of 3 the attack succeeds. */
START_TEST(a1_two_sets_of_survivors_do_not_open_both_secrets)
{
    const uint32_t stride = getenv("SECAGG_SMALL") != NULL ? 7 : 1;
    uint32_t lost = 0;

    for (uint32_t out = 0; out < N; out++)
        for (uint32_t group = 0; group <= ALL; group += stride) {
            const uint8_t second = (uint8_t)(ALL & ~(1u << out));
            ck_assert_uint_eq(open_both(4, second, group, (out + 1) % N), 0);
            if (out == 0)
                lost += open_both(3, second, group, 1);
        }
    ck_assert_uint_gt(lost, 0);
}
END_TEST

/* Append the signature of a CONFIRM to a list of signatures. */
static void put_signed(uint8_t *list, uint32_t *count, uint32_t i,
    const uint8_t *confirm)
{
    sa_put_be32(list + 68 * (size_t)*count, i);
    memcpy(list + 68 * (size_t)*count + 4, confirm + PARTY_HEADER, 64);
    ++*count;
}

/* Whether a client accepts SIGNATURES with this list, and would open shares. */
static bool opens(party *p, uint32_t i, const uint8_t *confirm,
    const uint8_t *list, uint32_t count)
{
    const size_t len = 52 + 68 * (size_t)count;
    uint8_t *msg = party_forge(confirm, PARTY_HEADER, len, i);
    secagg_err err;

    msg[PARTY_AT_TYPE] = 8;
    sa_put_be32(msg + PARTY_HEADER, count);
    memcpy(msg + 52, list, 68 * (size_t)count);
    err = party_client_recv(p, i, msg, len);
    ck_assert(err == SECAGG_OK || err == SECAGG_ERR_THRESHOLD);
    free(msg);
    return err == SECAGG_OK;
}

/* Two runs from the same seeds, one with the set of all as survivors and one
 * with the second set. Each honest client takes part in one of them, those of
 * `group` in the second; client 0 is corrupt and signs in both. */
static void try_two_runs(uint8_t second, uint32_t group)
{
    uint8_t *confirm[2][N], list[N * 68];
    uint32_t count[2] = { 1, 1 }, answered[2] = { 0, 0 };
    party runs[2];

    for (int w = 0; w < 2; w++) {
        begin(&runs[w], SECAGG_ACTIVE, 4, SECAGG_PHASE_CONFIRM);
        for (uint32_t i = 0; i < N; i++) {
            size_t len;
            if (w == 1 && (second >> i & 1) == 0)
                continue;
            OK(send_survivors(&runs[w], i, w == 0 ? ALL : second));
            confirm[w][i] = party_client_send(runs[w].clients[i], &len);
        }
    }
    for (int w = 0; w < 2; w++) {
        uint32_t signers = 0;
        for (uint32_t i = 0; i < N; i++) {
            const int in = (group & second) >> i & 1;
            if (i == 0 || in == w)
                put_signed(list, &signers, i, confirm[w][i]);
        }
        count[w] = signers;
        for (uint32_t i = 1; i < N; i++)
            if ((int)((group & second) >> i & 1) == w)
                answered[w] += opens(&runs[w], i, confirm[w][i], list,
                    signers);
    }
    for (int w = 0; w < 2; w++) {
        ck_assert_uint_eq(answered[w], count[w] >= 4 ? count[w] - 1 : 0);
        for (uint32_t i = 0; i < N; i++)
            if (w == 0 || (second >> i & 1) != 0)
                free(confirm[w][i]);
        party_free(&runs[w]);
    }
    ck_assert(answered[0] == 0 || answered[1] == 0);
}

/* The server would learn two sums that differ by one input. Four honest clients
 * and one that signs twice cannot give four signatures to both sets. */
START_TEST(a1_two_sets_of_survivors_are_not_both_confirmed)
{
    const uint32_t stride = getenv("SECAGG_SMALL") != NULL ? 7 : 1;

    for (uint32_t group = 0; group <= ALL; group += stride)
        try_two_runs(15, group);
    try_two_runs(23, 22);
}
END_TEST

/* ---- A6: few survivors -------------------------------------------------- */

/* Each set of survivors that contains the victim, in a session of six; the
 * shares of client 5 did not open if `bad`. The victim aborts if the set, or
 * the number of dealers in it whose shares opened, is too small. The sum would
 * otherwise hide its input among too few others. */
static void try_few(int mode, uint32_t min_survivors, bool bad)
{
    const uint32_t victim = 1;
    secagg_params params = params_of_mode(mode, 6, 4, 0);
    const uint32_t min_good = mode == SECAGG_ACTIVE && min_survivors > 4
        ? min_survivors : 4;

    params.min_survivors = min_survivors;
    for (uint8_t view = 0; view < 64; view++) {
        uint32_t count = 0, good = 0;
        party p;
        cheater l;
        for (uint32_t i = 0; i < 6; i++) {
            count += view >> i & 1;
            good += (view >> i & 1) != 0 && (i != 5 || !bad);
        }
        if ((view >> victim & 1) == 0 || count < 3)
            continue;
        party_init(&p, &params, 74);
        party_input(&p);
        party_run_to(&p, SECAGG_PHASE_SHARES);
        cheater_init(&l, &p, 5);
        l.corrupted[0][victim] = bad;
        cheater_send_shares(&l, &p);
        party_run_to(&p, SECAGG_PHASE_INPUT);
        OK(party_collect(&p));
        ck_assert_int_eq(send_survivors(&p, victim, view),
            count < min_survivors || good < min_good ? SECAGG_ERR_THRESHOLD
                                                  : SECAGG_OK);
        cheater_free(&l);
        party_free(&p);
    }
}

static void try_all_few(int mode)
{
    try_few(mode, 2, false);
    try_few(mode, 2, true);
    try_few(mode, 5, false);
    try_few(mode, 5, true);
}

START_TEST(a6_a_client_aborts_on_too_few_survivors)
{
    BOTH_MODES(try_all_few);
}
END_TEST

/* ---- A2: both secrets of one client ------------------------------------- */

/* One message cannot ask for both, because U3 is a bitmap (collect()
 * checks the answer). Two messages cannot either: after a client has accepted a
 * set it rejects any other, before and after it has answered. */
static void try_twice(int mode)
{
    party p;

    begin(&p, mode, 4, mode == SECAGG_ACTIVE ? SECAGG_PHASE_CONFIRM
                                             : SECAGG_PHASE_UNMASK);
    for (uint32_t i = 0; i < N; i++) {
        const uint8_t other = (uint8_t)(ALL & ~(1u << (i + 1) % N));
        size_t len, again_len;
        uint8_t *msg, *again;
        OK(send_survivors(&p, i, ALL));
        ck_assert_int_eq(send_survivors(&p, i, other), SECAGG_ERR_STATE);
        msg = party_client_send(p.clients[i], &len);
        ck_assert_int_eq(send_survivors(&p, i, other), SECAGG_ERR_STATE);
        ck_assert_ptr_null(party_client_send(p.clients[i], &again_len));
        OK(send_survivors(&p, i, ALL));
        again = party_client_send(p.clients[i], &again_len);
        ck_assert_uint_eq(len, again_len);
        ck_assert_mem_eq(msg, again, len);
        OK(secagg_server_recv(p.server, i, msg, len));
        free(again);
        free(msg);
    }
    OK(party_run(&p));
    party_check_sum(&p);
    party_free(&p);
}

START_TEST(a2_a_client_never_answers_a_second_set_of_survivors)
{
    BOTH_MODES(try_twice);
}
END_TEST

/* When the set of survivors is fixed, the server keeps the sealed shares of
 * only one kind of each dealer, so that no later mistake opens the other. */
static void try_dropped(int mode)
{
    static const uint8_t zero[48];
    party p;

    begin(&p, mode, 4, SECAGG_PHASE_INPUT);
    party_deliver(&p);
    p.leaves[4] = LEAVES_INPUT;
    OK(party_collect(&p));
    for (uint32_t u = 0; u < N; u++)
        for (uint32_t i = 0; i < N - 1; i++) {
            const uint8_t *self = sa_server_share(p.server, u, i, 0);
            const uint8_t *mask = sa_server_share(p.server, u, i, 1);
            ck_assert_int_eq(memcmp(self, zero, 48) == 0, u == 4);
            ck_assert_int_eq(memcmp(mask, zero, 48) == 0, u != 4);
        }
    party_free(&p);
}

START_TEST(a2_the_server_wipes_the_shares_that_it_does_not_need)
{
    BOTH_MODES(try_dropped);
}
END_TEST

/* ---- A22: two sets of clients that mask --------------------------------- */

/* Send a RELAY without the last client; returns the error. */
static secagg_err send_relay_without_last(party *p, uint32_t to)
{
    size_t len;
    uint8_t *msg = party_server_send(p->server, to, &len), *less;
    secagg_err err;

    less = party_forge(msg, len - 100, len - 100, to);
    less[PARTY_HEADER] = ALL >> 1;
    sa_put_be32(less + PARTY_HEADER + 1, N - 2);
    err = party_client_recv(p, to, less, len - 100);
    free(msg);
    free(less);
    return err;
}

/* Clients 0, 1 and 4 receive a U2 of all clients, 2 and 3 one without client 4,
 * so that their masks do not cancel. An honest server rejects the inputs that
 * are masked for another U2. A malicious one would compute noise; in active
 * mode no set of survivors even has enough signatures, although all clients
 * receive the same set. */
static void try_masking_sets(int mode)
{
    uint8_t list[N * 68];
    uint8_t *confirm[N];
    uint32_t count = 0;
    size_t len;
    party p;

    begin(&p, mode, 4, SECAGG_PHASE_INPUT);
    for (uint32_t i = 2; i < 4; i++)
        OK(send_relay_without_last(&p, i));
    p.leaves[2] = p.leaves[3] = LEAVES_SHARES;
    party_deliver(&p);
    for (uint32_t i = 0; i < N; i++) {
        uint8_t *msg = party_client_send(p.clients[i], &len);
        ck_assert_int_eq(secagg_server_recv(p.server, i, msg, len),
            i == 2 || i == 3 ? SECAGG_ERR_MESSAGE : SECAGG_OK);
        free(msg);
    }
    ck_assert_int_eq(party_collect(&p), SECAGG_ERR_THRESHOLD);
    if (mode == SECAGG_ACTIVE) {
        transcript *record = party_record(&p.params, 71);
        for (uint32_t i = 0; i < 4; i++) {
            uint8_t *shown = record->msg[DOWN][SECAGG_PHASE_CONFIRM][i];
            shown[PARTY_HEADER] = 15;
            OK(party_client_recv(&p, i, shown, PARTY_HEADER + 1));
            confirm[i] = party_client_send(p.clients[i], &len);
            put_signed(list, &count, i, confirm[i]);
        }
        for (uint32_t i = 0; i < 4; i++)
            ck_assert(!opens(&p, i, confirm[i], list, count));
        for (uint32_t i = 0; i < 4; i++)
            free(confirm[i]);
        transcript_free(record);
    }
    party_free(&p);
}

START_TEST(a22_two_sets_of_masking_clients_give_no_sum)
{
    BOTH_MODES(try_masking_sets);
}
END_TEST

/* ---- reflection --------------------------------------------------------- */

/* The server relays to a client its own sealed shares as those of other
 * dealers. If they opened, the client would reveal shares of its own self
 * secret, and lose its input. They do not open: with several of them the client
 * aborts, and with one it complains and reveals no key for that dealer. */
static void try_reflection(int mode, uint32_t reflected)
{
    const uint32_t victim = 1;
    size_t len, own_len;
    uint8_t *own, *msg;
    party p;

    begin(&p, mode, 4, SECAGG_PHASE_SHARES);
    party_deliver(&p);
    own = party_client_send(p.clients[victim], &own_len);
    OK(secagg_server_recv(p.server, victim, own, own_len));
    OK(party_collect(&p));
    msg = party_server_send(p.server, victim, &len);
    for (uint32_t i = 0; i < reflected; i++) /* the same order of peers */
        memcpy(msg + 53 + 100 * (size_t)i + 4,
            own + 116 + 100 * (size_t)i + 4, 96);
    ck_assert_int_eq(party_client_recv(&p, victim, msg, len),
        reflected > 1 ? SECAGG_ERR_THRESHOLD : SECAGG_OK);
    free(msg);
    free(own);
    p.leaves[victim] = LEAVES_KEYS; /* it has its message already */
    party_deliver(&p);
    p.leaves[victim] = reflected > 1 ? LEAVES_INPUT : STAYS;
    party_run_to(&p, SECAGG_PHASE_UNMASK);
    if (reflected == 1) {
        msg = party_client_send(p.clients[victim], &len);
        ck_assert_uint_eq(len, 84 + 36 * (N - 2)); /* not of client 0 */
        ck_assert_uint_eq(sa_get_be32(msg + 84) & 0xffffff, 2);
        OK(secagg_server_recv(p.server, victim, msg, len));
        free(msg);
    }
    OK(party_run(&p));
    party_check_sum(&p);
    check_none_blamed(&p);
    party_free(&p);
}

static void try_reflections(int mode)
{
    for (uint32_t reflected = 1; reflected < N; reflected++)
        try_reflection(mode, reflected);
}

START_TEST(a_client_cannot_open_its_own_shares_reflected_to_it)
{
    BOTH_MODES(try_reflections);
}
END_TEST

/* ---- A5: old keys of an absent client ----------------------------------- */

/* In an earlier run with the same session id client 4 dropped out, and its mask
 * secret was opened. A malicious server now plays client 4 with its old KEYS,
 * whose signature is valid, and with random shares. It knows the masks of that
 * client, so that each honest client would hide among four although it
 * requires five. In active mode a dealer whose shares do not open does not
 * count, and all clients abort before any input. Semi-honest mode trusts the
 * keys that the server relays. */
static void try_absent(int mode)
{
    secagg_params params = params_of_mode(mode, N, 4, 1);
    uint64_t state = 3;
    transcript *before;
    uint8_t *msg;
    size_t len;
    party p;

    params.min_survivors = N;
    before = party_record(&params, 72);
    party_init(&p, &params, 73);
    party_input(&p);
    OK(secagg_server_recv(p.server, 4,
        before->msg[UP][SECAGG_PHASE_KEYS][4],
        before->len[UP][SECAGG_PHASE_KEYS][4]));
    p.leaves[4] = LEAVES_KEYS;
    OK(party_collect(&p));
    party_deliver(&p);
    msg = party_client_send(p.clients[0], &len);
    OK(secagg_server_recv(p.server, 0, msg, len));
    for (uint32_t v = 0; v < 4; v++) { /* the roster hash stays */
        sa_put_be32(msg + 116 + 100 * (size_t)v, v);
        prng_bytes(&state, msg + 120 + 100 * (size_t)v, 96);
    }
    sa_put_be32(msg + PARTY_AT_INDEX, 4);
    OK(secagg_server_recv(p.server, 4, msg, len));
    free(msg);
    OK(party_collect(&p));
    for (uint32_t i = 0; i < 4; i++) {
        msg = party_server_send(p.server, i, &len);
        ck_assert_int_eq(party_client_recv(&p, i, msg, len),
            mode == SECAGG_ACTIVE
            ? SECAGG_ERR_THRESHOLD : SECAGG_OK);
        free(msg);
    }
    transcript_free(before);
    party_free(&p);
}

START_TEST(a5_an_absent_client_with_old_keys_does_not_count)
{
    BOTH_MODES(try_absent);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a1_two_sets_of_survivors_do_not_open_both_secrets,
        a1_two_sets_of_survivors_are_not_both_confirmed,
        a6_a_client_aborts_on_too_few_survivors,
        a2_a_client_never_answers_a_second_set_of_survivors,
        a2_the_server_wipes_the_shares_that_it_does_not_need,
        a22_two_sets_of_masking_clients_give_no_sum,
        a_client_cannot_open_its_own_shares_reflected_to_it,
        a5_an_absent_client_with_old_keys_does_not_count };
    return RUN(tests);
}
