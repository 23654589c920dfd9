/* SPDX-License-Identifier: Apache-2.0 */
/* A server that shows its clients different sets, to have both secrets of one
 * of them or a sum that few are in. The attacks are those of the threat table
 * by number; each test says what a victim could lose. */
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

/* SURVIVORS to a client with another bitmap. */
static secagg_err show(party *p, uint32_t to, uint8_t view)
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

/* ---- A1: two views of the survivors ------------------------------------- */

/* Points of each secret that a server could gather. */
typedef struct loot {
    uint32_t points[N][2];
} loot;

/* Add what an UNMASK opens; each dealer once, of one kind. */
static void gather(loot *l, uint32_t from, const uint8_t *msg, size_t len)
{
    uint32_t least = 0;

    l->points[from][0]++; /* its own share */
    for (size_t at = 84; at < len; at += 36) {
        const uint32_t word = sa_get_be32(msg + at);
        ck_assert_uint_ge(word & 0xffffff, least);
        least = (word & 0xffffff) + 1;
        l->points[word & 0xffffff][word >> 24]++;
    }
}

/* Some clients are shown all as survivors, the others the second view; one is
 * corrupt and opens everything. How many secrets of one client are open? */
static uint32_t open_both(uint32_t t, uint8_t second, uint32_t who,
    uint32_t corrupt)
{
    uint32_t both = 0;
    loot l = { { { 0 } } };
    party p;

    begin(&p, SECAGG_SEMI_HONEST, t, SECAGG_PHASE_UNMASK);
    for (uint32_t i = 0; i < N; i++) {
        const bool other = (who >> i & 1) != 0 && (second >> i & 1) != 0;
        size_t len;
        uint8_t *msg;
        if (i == corrupt)
            continue;
        OK(show(&p, i, other ? second : ALL));
        msg = party_client_send(p.clients[i], &len);
        gather(&l, i, msg, len);
        free(msg);
    }
    for (uint32_t u = 0; u < N; u++)
        both += u != corrupt && l.points[u][0] + 1 >= t
            && l.points[u][1] + 1 >= t;
    party_free(&p);
    return both;
}

/* The victim would lose its input: with both roots the server has its self
 * mask and its pair masks. The raised threshold alone prevents that, in
 * semi-honest mode too; with a threshold of 3 it happens. */
START_TEST(a1_two_views_of_the_survivors_do_not_open_two_secrets)
{
    const uint32_t each = getenv("SECAGG_SMALL") != NULL ? 7 : 1;
    uint32_t lost = 0;

    for (uint32_t out = 0; out < N; out++)
        for (uint32_t who = 0; who <= ALL; who += each) {
            const uint8_t second = (uint8_t)(ALL & ~(1u << out));
            ck_assert_uint_eq(open_both(4, second, who, (out + 1) % N), 0);
            if (out == 0)
                lost += open_both(3, second, who, 1);
        }
    ck_assert_uint_gt(lost, 0);
}
END_TEST

/* The same seeds in two worlds: in one all see the whole, in the other the
 * second view. An honest client is in one of them; client 0 is corrupt and
 * signs in both. */
static void put_signed(uint8_t *list, uint32_t *count, uint32_t i,
    const uint8_t *confirm)
{
    sa_put_be32(list + 68 * (size_t)*count, i);
    memcpy(list + 68 * (size_t)*count + 4, confirm + PARTY_HEADER, 64);
    ++*count;
}

/* Whether a client of that world opens its shares, told all signatures that
 * there are. */
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

static void try_worlds(uint8_t second, uint32_t who)
{
    uint8_t *confirm[2][N], list[N * 68];
    uint32_t count[2] = { 1, 1 }, opened[2] = { 0, 0 };
    party worlds[2];

    for (int w = 0; w < 2; w++) {
        begin(&worlds[w], SECAGG_ACTIVE, 4, SECAGG_PHASE_CONFIRM);
        for (uint32_t i = 0; i < N; i++) {
            size_t len;
            if (w == 1 && (second >> i & 1) == 0)
                continue;
            OK(show(&worlds[w], i, w == 0 ? ALL : second));
            confirm[w][i] = party_client_send(worlds[w].clients[i], &len);
        }
    }
    for (int w = 0; w < 2; w++) {
        uint32_t signers = 0;
        for (uint32_t i = 0; i < N; i++) {
            const int in = (who & second) >> i & 1;
            if (i == 0 || in == w)
                put_signed(list, &signers, i, confirm[w][i]);
        }
        count[w] = signers;
        for (uint32_t i = 1; i < N; i++)
            if ((int)((who & second) >> i & 1) == w)
                opened[w] += opens(&worlds[w], i, confirm[w][i], list,
                    signers);
    }
    for (int w = 0; w < 2; w++) {
        ck_assert_uint_eq(opened[w], count[w] >= 4 ? count[w] - 1 : 0);
        for (uint32_t i = 0; i < N; i++)
            if (w == 0 || (second >> i & 1) != 0)
                free(confirm[w][i]);
        party_free(&worlds[w]);
    }
    ck_assert(opened[0] == 0 || opened[1] == 0);
}

/* The server would learn two sums that differ by one input. No two sets can
 * have four signatures of four honest clients and one that signs twice. */
START_TEST(a1_two_views_of_the_survivors_are_not_both_signed)
{
    const uint32_t each = getenv("SECAGG_SMALL") != NULL ? 7 : 1;

    for (uint32_t who = 0; who <= ALL; who += each)
        try_worlds(15, who);
    try_worlds(23, 22);
}
END_TEST

/* ---- A6: few survivors -------------------------------------------------- */

/* A set of survivors that is too small for this client is refused, by count
 * and by the dealers in it whose shares opened: of one of them, perhaps, none
 * did. The sum would hide the victim among too few, or never be opened. */
static void try_few(int mode, uint32_t min_survivors, bool bad)
{
    const uint32_t victim = 1;
    secagg_params params = params_of_mode(mode, 6, 4, 0);
    const uint32_t floor = mode == SECAGG_ACTIVE && min_survivors > 4
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
        ck_assert_int_eq(show(&p, victim, view),
            count < min_survivors || good < floor ? SECAGG_ERR_THRESHOLD
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

START_TEST(a6_survivors_that_are_few_for_a_client_are_refused)
{
    BOTH_MODES(try_all_few);
}
END_TEST

/* ---- A2: both secrets of one client ------------------------------------- */

/* In one message they cannot be asked for: U3 is a bitmap (gather looks at
 * what is opened). In two: once a set is accepted another is of no phase any
 * more, before and after it is answered. */
static void try_twice(int mode)
{
    party p;

    begin(&p, mode, 4, mode == SECAGG_ACTIVE ? SECAGG_PHASE_CONFIRM
                                             : SECAGG_PHASE_UNMASK);
    for (uint32_t i = 0; i < N; i++) {
        const uint8_t other = (uint8_t)(ALL & ~(1u << (i + 1) % N));
        size_t len, again_len;
        uint8_t *msg, *again;
        OK(show(&p, i, ALL));
        ck_assert_int_eq(show(&p, i, other), SECAGG_ERR_STATE);
        msg = party_client_send(p.clients[i], &len);
        ck_assert_int_eq(show(&p, i, other), SECAGG_ERR_STATE);
        ck_assert_ptr_null(party_client_send(p.clients[i], &again_len));
        OK(show(&p, i, ALL));
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

START_TEST(a2_a_second_set_of_survivors_is_never_answered)
{
    BOTH_MODES(try_twice);
}
END_TEST

/* Once the survivors stand the server itself has the sealed shares of one kind
 * alone: no later mistake opens the other. */
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

START_TEST(a2_a_server_forgets_the_shares_that_are_not_needed)
{
    BOTH_MODES(try_dropped);
}
END_TEST

/* ---- A22: two views of U2 ----------------------------------------------- */

/* RELAY without the last client. */
static secagg_err relay_less(party *p, uint32_t to)
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

/* Clients 0 and 1 see all as masking partners, 2 and 3 do not see 4. An honest
 * server takes no input that is masked for another set, and nobody's phase
 * moves; a hostile one gets noise, and in active mode no set of survivors has
 * signatures enough, though all are shown the same one. */
static void try_partners(int mode)
{
    uint8_t list[N * 68];
    uint8_t *confirm[N];
    uint32_t count = 0;
    size_t len;
    party p;

    begin(&p, mode, 4, SECAGG_PHASE_INPUT);
    for (uint32_t i = 2; i < 4; i++)
        OK(relay_less(&p, i));
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
        transcript *said = party_record(&p.params, 71);
        for (uint32_t i = 0; i < 4; i++) {
            uint8_t *shown = said->msg[DOWN][SECAGG_PHASE_CONFIRM][i];
            shown[PARTY_HEADER] = 15;
            OK(party_client_recv(&p, i, shown, PARTY_HEADER + 1));
            confirm[i] = party_client_send(p.clients[i], &len);
            put_signed(list, &count, i, confirm[i]);
        }
        for (uint32_t i = 0; i < 4; i++)
            ck_assert(!opens(&p, i, confirm[i], list, count));
        for (uint32_t i = 0; i < 4; i++)
            free(confirm[i]);
        transcript_free(said);
    }
    party_free(&p);
}

START_TEST(a22_two_views_of_the_partners_give_no_sum)
{
    BOTH_MODES(try_partners);
}
END_TEST

/* ---- reflection --------------------------------------------------------- */

/* A client is handed its own sealed shares as if others had dealt them. It
 * would open its own self root, alone, and lose its input. They do not open:
 * with all of them reflected it leaves; with one it is no holder of that
 * dealer, and nothing of it is opened. */
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
    p.leaves[victim] = LEAVES_KEYS; /* it has heard */
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

START_TEST(shares_that_are_reflected_do_not_open)
{
    BOTH_MODES(try_reflections);
}
END_TEST

/* ---- A5: old keys of a client that is not there ------------------------- */

/* In an earlier run of the same session id client 4 dropped out, and its mask
 * root was opened. Now a hostile server plays it with its old KEYS, whose
 * signature is good, and with shares of noise. Its mask is known, so that the
 * honest four would hide among four where they asked for five. In active mode
 * a dealer whose shares do not open adds nothing to the floor: all leave
 * before any input. In semi-honest mode keys are trusted as relayed. */
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
    for (uint32_t v = 0; v < 4; v++) { /* the same H_ros, other holders */
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

START_TEST(a5_old_keys_of_an_absent_client_add_nothing_to_the_floors)
{
    BOTH_MODES(try_absent);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a1_two_views_of_the_survivors_do_not_open_two_secrets,
        a1_two_views_of_the_survivors_are_not_both_signed,
        a6_survivors_that_are_few_for_a_client_are_refused,
        a2_a_second_set_of_survivors_is_never_answered,
        a2_a_server_forgets_the_shares_that_are_not_needed,
        a22_two_views_of_the_partners_give_no_sum,
        shares_that_are_reflected_do_not_open,
        a5_old_keys_of_an_absent_client_add_nothing_to_the_floors };
    return RUN(tests);
}
