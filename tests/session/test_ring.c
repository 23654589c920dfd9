/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions on the ring: each ends as the rules say that were written once more
 * in ring_model.h. */
#include <stdio.h>

#include "support/main.h"
#include "support/party.h"
#include "support/ring_model.h"
#include "support/session_driver.h"
#include "support/util.h"

enum { SHARES = 3, UNMASK = 9 };

/* ---- sessions against the map ------------------------------------------- */

/* Holders and dealers are the neighbours that are in. */
static void look_up(driver *r, uint32_t i, const uint8_t *msg, size_t len)
{
    const ring_model *m = r->user;
    const uint8_t *body = msg + PARTY_HEADER;

    if (msg[PARTY_AT_TYPE] == SHARES) {
        ck_assert_uint_eq((len - PARTY_HEADER - 68) % PAIR, 0);
        check_list(m, i, body + 68, get(body + 64), PAIR, m->u1);
    }
    if (msg[PARTY_AT_TYPE] == UNMASK)
        check_list(m, i, body + 36, get(body + 32), 36, m->u2);
}

/* Run it; returns the phase that failed, or DONE with the exact sum. */
static secagg_phase play(driver *r)
{
    while (secagg_server_phase(r->server) < SECAGG_PHASE_DONE) {
        const secagg_phase phase = secagg_server_phase(r->server);
        const secagg_err err = driver_collect(r);
        if (err != SECAGG_OK) {
            ck_assert_int_eq(err, SECAGG_ERR_THRESHOLD);
            return phase;
        }
        if (secagg_server_phase(r->server) < SECAGG_PHASE_DONE)
            driver_deliver(r);
    }
    driver_check_sum(r);
    return SECAGG_PHASE_DONE;
}

/* A session with these dropouts ends as the map says. */
static secagg_phase check_session(const secagg_params *params,
    const uint8_t *leaves)
{
    static ring_model m;
    secagg_phase got, want;
    uint32_t index;
    secagg_err what;
    driver r;

    driver_init(&r, params, 77);
    model_init(&m, params);
    r.user = &m;
    r.on_client_msg = look_up;
    r.on_server_msg = check_server_msg;
    memcpy(r.leaves, leaves, params->clients);
    got = play(&r);
    want = model_predict(&m, leaves);
    ck_assert_int_eq(got, want);
    ck_assert_int_eq(secagg_server_blamed(r.server, 0, &index, &what),
        SECAGG_ERR_STATE);
    for (uint32_t i = 0; i < params->clients && got == SECAGG_PHASE_DONE; i++)
        ck_assert_int_eq(secagg_server_includes(r.server, i), m.u3[i]);
    driver_free(&r);
    return got;
}

/* Mark number `code` in base 5: when each client leaves. */
static uint32_t pattern(uint8_t *leaves, uint32_t n, uint32_t code)
{
    static const uint8_t marks[5] = { SECAGG_PHASE_DONE, SECAGG_PHASE_KEYS,
        SECAGG_PHASE_SHARES, SECAGG_PHASE_INPUT, SECAGG_PHASE_UNMASK };
    uint32_t away = 0;

    for (uint32_t i = 0; i < n; i++, code /= 5) {
        leaves[i] = marks[code % 5];
        away += code % 5 > 0;
    }
    return away;
}

/* All of six clients that leave in every way, but three and more of them at
 * once not in every form; t of k + 1 must be there. */
START_TEST(six_clients_leave_in_every_way)
{
    const bool all = getenv("SECAGG_LONG") != NULL;
    const uint32_t stride = getenv("SECAGG_SMALL") != NULL ? 307 : 41;
    uint32_t ends[8] = { 0 };
    uint8_t leaves[6];

    for (uint32_t t = 3; t <= 4; t++) {
        const secagg_params params = ring_params(6, 4, t, 3);
        for (uint32_t code = 0; code < 15625; code++)
            if (pattern(leaves, 6, code) <= 1 || all || code % stride == 0)
                ends[check_session(&params, leaves)]++;
    }
    ck_assert_uint_gt(ends[SECAGG_PHASE_KEYS], 0);
    ck_assert_uint_gt(ends[SECAGG_PHASE_SHARES], 0);
    ck_assert_uint_gt(ends[SECAGG_PHASE_INPUT], 0);
    ck_assert_uint_gt(ends[SECAGG_PHASE_UNMASK], 0);
    ck_assert_uint_gt(ends[SECAGG_PHASE_DONE], 0);
}
END_TEST

/* Eight neighbours of one place answer no more once the graph is known. */
static void leave_together(driver *r, uint32_t i, const uint8_t *msg,
    size_t len)
{
    const ring_model *m = r->user;

    check_server_msg(r, i, msg, len);
    if (msg[PARTY_AT_TYPE] == ROSTER)
        for (uint32_t d = 1; d <= 8; d++)
            r->leaves[m->at[d]] = SECAGG_PHASE_UNMASK;
}

/* Some dealers are left with 13 shares, some with 21, and others between: what
 * so many are tested with serves no other number, and nobody is blamed. */
START_TEST(dealers_with_few_shares_and_with_many)
{
    const secagg_params params = ring_params(42, 20, 12, 3);
    static ring_model m;
    uint32_t index;
    secagg_err what;
    driver r;

    driver_init(&r, &params, 77);
    model_init(&m, &params);
    r.user = &m;
    r.on_server_msg = leave_together;
    ck_assert_int_eq(play(&r), SECAGG_PHASE_DONE);
    ck_assert_uint_eq(secagg_server_survivors(r.server), 42);
    ck_assert_int_eq(secagg_server_blamed(r.server, 0, &index, &what),
        SECAGG_ERR_STATE);
    driver_free(&r);
}
END_TEST

/* Random ones: one in `odds` leaves. */
static secagg_phase random_session(const secagg_params *params, uint64_t odds,
    uint64_t *seed)
{
    static uint8_t leaves[RING_MAX];
    uint8_t one[1];

    for (uint32_t i = 0; i < params->clients; i++) {
        leaves[i] = SECAGG_PHASE_DONE;
        if (prng_next(seed) % odds == 0) {
            (void)pattern(one, 1, (uint32_t)(prng_next(seed) % 5));
            leaves[i] = one[0];
        }
    }
    return check_session(params, leaves);
}

START_TEST(eight_clients_leave_at_random)
{
    const uint32_t runs = getenv("SECAGG_LONG") != NULL ? 3000 : 150;
    uint32_t ends[8] = { 0 };
    uint64_t seed = 8;

    for (uint32_t i = 0; i < runs; i++) {
        const secagg_params params = ring_params(8, i % 2 ? 4 : 2, i % 2 ? 3
            : 2, i % 3 + 3);
        ends[random_session(&params, 3, &seed)]++;
    }
    ck_assert_uint_gt(ends[SECAGG_PHASE_INPUT], 0);
    ck_assert_uint_gt(ends[SECAGG_PHASE_DONE], 0);
}
END_TEST

/* Each dealer has other holders, and other ones of them answer. */
START_TEST(two_hundred_clients_leave_at_random)
{
    const bool small = getenv("SECAGG_SMALL") != NULL;
    const int runs = getenv("SECAGG_LONG") != NULL ? 20 : small ? 1 : 3;
    secagg_params params = ring_params(200, 30, 19, 150);
    uint32_t ends[8] = { 0 };
    uint64_t seed = 200;

    params.corrupt = 6;
    for (int i = 0; i < runs; i++)
        ends[random_session(&params, 6, &seed)]++;
    ck_assert_uint_gt(ends[SECAGG_PHASE_DONE], 0);
}
END_TEST

/* ---- two arcs ----------------------------------------------------------- */

/* Of ten clients of whom each needs two neighbours, four are lost, and each
 * secret that is needed can be had: five times the rest falls apart in two
 * arcs that would each give a sum. */
START_TEST(two_arcs_that_can_be_rebuilt_give_no_sum)
{
    const secagg_params params = ring_params(10, 4, 3, 6);
    uint32_t arcs = 0, sums = 0;

    for (uint32_t set = 0; set < 1024; set++) {
        uint8_t leaves[10];
        uint32_t lost = 0;
        for (uint32_t i = 0; i < 10; i++) {
            lost += set >> i & 1;
            leaves[i] = set >> i & 1 ? SECAGG_PHASE_INPUT
                                     : SECAGG_PHASE_DONE;
        }
        if (lost == 4 && (set % 3 == 0 || getenv("SECAGG_SMALL") == NULL))
            sums += check_session(&params, leaves) == SECAGG_PHASE_DONE;
    }
    ck_assert_uint_gt(sums, 0);
    /* the map of the seed of check_session() says which five */
    for (uint32_t p = 0; p < 5; p++) {
        static ring_model m;
        char why[200];
        driver r;
        driver_init(&r, &params, 77);
        model_init(&m, &params);
        r.user = &m;
        r.on_server_msg = check_server_msg;
        driver_run_to(&r, SECAGG_PHASE_SHARES);
        for (uint32_t d = 0; d < 2; d++)
            r.leaves[m.at[p + d]] = r.leaves[m.at[(p + 5 + d) % 10]] =
                SECAGG_PHASE_INPUT;
        (void)model_predict(&m, r.leaves);
        ck_assert(model_recovers(&m, m.u3));
        ck_assert(!model_connected(&m, m.u3));
        ck_assert_int_eq(play(&r), SECAGG_PHASE_INPUT);
        ck_assert_int_eq(secagg_server_error(r.server, why, sizeof why),
            SECAGG_ERR_THRESHOLD);
        ck_assert_ptr_nonnull(strstr(why, "falls apart"));
        arcs++;
        driver_free(&r);
    }
    ck_assert_uint_eq(arcs, 5);
}
END_TEST

/* What a client must say to a set of survivors (8.8, 9.4, 5.5). */
static secagg_err verdict(const ring_model *m, uint32_t v, const bool *u3)
{
    if (!u3[v])
        return SECAGG_ERR_MESSAGE;
    if (model_count(m, u3) < m->min_survivors
        || model_count_around(m, v, u3) < m->t
        || !model_connected(m, u3))
        return SECAGG_ERR_THRESHOLD;
    return SECAGG_OK;
}

/* Each of the 1024 sets, shown to a copy of a client that knows no better. */
static void show_sets(driver *r, uint32_t v, uint32_t counts[2])
{
    size_t len;
    uint8_t *msg = party_server_send(r->server, v, &len);

    for (uint32_t set = 0; set < 1024; set++) {
        secagg_client *twin = driver_copy_client(r->clients[v]);
        bool u3[RING_MAX] = { false };
        secagg_err want;
        for (uint32_t i = 0; i < 10; i++)
            u3[i] = set >> i & 1;
        msg[PARTY_HEADER] = (uint8_t)(set & 255);
        msg[PARTY_HEADER + 1] = (uint8_t)(set >> 8);
        want = verdict(r->user, v, u3);
        ck_assert_int_eq(secagg_client_recv(twin, msg, len), want);
        ck_assert_int_eq(secagg_client_phase(twin), want == SECAGG_OK
                ? SECAGG_PHASE_UNMASK : SECAGG_PHASE_FAILED);
        counts[want == SECAGG_OK]++;
        secagg_client_free(twin);
    }
    free(msg);
}

START_TEST(a_client_opens_nothing_to_a_ring_that_falls_apart)
{
    const secagg_params params = ring_params(10, 4, 3, 4);
    uint32_t counts[2] = { 0 };
    static ring_model m;
    driver r;

    driver_init(&r, &params, 78);
    model_init(&m, &params);
    r.user = &m;
    r.on_server_msg = check_server_msg;
    driver_run_to(&r, SECAGG_PHASE_INPUT);
    ck_assert_int_eq(driver_collect(&r), SECAGG_OK);
    for (uint32_t v = 0; v < 3; v++)
        show_sets(&r, v, counts);
    ck_assert_uint_gt(counts[0], 300);
    ck_assert_uint_gt(counts[1], 300);
    driver_deliver(&r);
    ck_assert_int_eq(driver_run(&r), SECAGG_OK);
    driver_check_sum(&r);
    driver_free(&r);
}
END_TEST

/* ---- chosen parameters -------------------------------------------------- */

/* All answers of the choice hold to the end: dropouts in every phase, as many
 * as it was asked to bear. */
START_TEST(a_chosen_ring_bears_its_dropouts)
{
    const uint32_t n = getenv("SECAGG_LONG") != NULL ? 1000 : 200;
    secagg_params p = small_params(n, 0, 0);
    static uint8_t leaves[RING_MAX];
    uint64_t seed = n;

    ck_assert_int_eq(secagg_params_choose(&p, 0.05, 0.05, 40, 20), SECAGG_OK);
    ck_assert_uint_gt(p.neighbours, 0);
    memset(leaves, SECAGG_PHASE_DONE, n);
    for (uint32_t lost = 0; lost < n / 20;) {
        const uint32_t i = (uint32_t)(prng_next(&seed) % n);
        if (leaves[i] != SECAGG_PHASE_DONE)
            continue;
        (void)pattern(&leaves[i], 1, 1 + lost % 4);
        lost++;
    }
    ck_assert_int_eq(check_session(&p, leaves), SECAGG_PHASE_DONE);
}
END_TEST

START_TEST(a_ring_costs_what_params_traffic_says)
{
    static const uint32_t forms[][3] = { { 6, 4, 3 }, { 9, 2, 2 },
        { 40, 10, 6 }, { 130, 12, 8 } };

    for (size_t f = 0; f < 4; f++) {
        const secagg_params p = ring_params(forms[f][0], forms[f][1],
            forms[f][2], forms[f][0] - 1);
        uint64_t up, down;
        driver r;
        driver_init(&r, &p, f);
        ck_assert_int_eq(driver_run(&r), SECAGG_OK);
        driver_check_sum(&r);
        ck_assert_int_eq(secagg_params_traffic(&p, &up, &down), SECAGG_OK);
        for (uint32_t i = 0; i < p.clients; i++) {
            ck_assert_uint_eq(r.up[i], up);
            ck_assert_uint_eq(r.down[i], down);
        }
        driver_free(&r);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { six_clients_leave_in_every_way,
        dealers_with_few_shares_and_with_many,
        eight_clients_leave_at_random, two_hundred_clients_leave_at_random,
        two_arcs_that_can_be_rebuilt_give_no_sum,
        a_client_opens_nothing_to_a_ring_that_falls_apart,
        a_chosen_ring_bears_its_dropouts,
        a_ring_costs_what_params_traffic_says };
    return sodium_init() < 0 || RUN(tests);
}
