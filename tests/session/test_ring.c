/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions on the ring: each ends as the independent model in ring_model.h
 * predicts. */
#include <stdio.h>

#include "support/main.h"
#include "support/party.h"
#include "support/ring_model.h"
#include "support/session_driver.h"
#include "support/util.h"

enum { SHARES = 3, UNMASK = 9 };

/* ---- sessions and the model --------------------------------------------- */

/* Check that SHARES has the neighbours in U1 as holders, and UNMASK those in U2
 * as dealers. */
static void check_client_msg(driver *r, uint32_t i, const uint8_t *msg,
    size_t len)
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

/* Run a session; returns the phase that failed, or DONE after a check of the
 * exact sum. */
static secagg_phase run_session(driver *r)
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

/* Check that a session with these dropouts ends as the model predicts. */
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
    r.on_client_msg = check_client_msg;
    r.on_server_msg = check_server_msg;
    memcpy(r.leaves, leaves, params->clients);
    got = run_session(&r);
    want = model_predict(&m, leaves);
    ck_assert_int_eq(got, want);
    ck_assert_int_eq(secagg_server_blamed(r.server, 0, &index, &what),
        SECAGG_ERR_STATE);
    for (uint32_t i = 0; i < params->clients && got == SECAGG_PHASE_DONE; i++)
        ck_assert_int_eq(secagg_server_includes(r.server, i), m.u3[i]);
    driver_free(&r);
    return got;
}

/* Set the phase in which each client drops out from the digits of `code` in
 * base 5; returns the number of dropouts. */
static uint32_t dropouts_of(uint8_t *leaves, uint32_t n, uint32_t code)
{
    static const uint8_t marks[5] = { SECAGG_PHASE_DONE, SECAGG_PHASE_KEYS,
        SECAGG_PHASE_SHARES, SECAGG_PHASE_INPUT, SECAGG_PHASE_UNMASK };
    uint32_t count = 0;

    for (uint32_t i = 0; i < n; i++, code /= 5) {
        leaves[i] = marks[code % 5];
        count += code % 5 > 0;
    }
    return count;
}

/* Each pattern of six clients with at most one dropout, and one of `stride`
 * others (all of them with SECAGG_LONG), for both thresholds. */
START_TEST(dropout_patterns_of_six_clients_end_as_the_model_predicts)
{
    const bool all = getenv("SECAGG_LONG") != NULL;
    const uint32_t stride = getenv("SECAGG_SMALL") != NULL ? 307 : 41;
    uint32_t ends[8] = { 0 };
    uint8_t leaves[6];

    for (uint32_t t = 3; t <= 4; t++) {
        const secagg_params params = ring_params(6, 4, t, 3);
        for (uint32_t code = 0; code < 15625; code++)
            if (dropouts_of(leaves, 6, code) <= 1 || all || code % stride == 0)
                ends[check_session(&params, leaves)]++;
    }
    ck_assert_uint_gt(ends[SECAGG_PHASE_KEYS], 0);
    ck_assert_uint_gt(ends[SECAGG_PHASE_SHARES], 0);
    ck_assert_uint_gt(ends[SECAGG_PHASE_INPUT], 0);
    ck_assert_uint_gt(ends[SECAGG_PHASE_UNMASK], 0);
    ck_assert_uint_gt(ends[SECAGG_PHASE_DONE], 0);
}
END_TEST

/* Eight adjacent clients on the ring drop out in UNMASK. */
static void drop_out_together(driver *r, uint32_t i, const uint8_t *msg,
    size_t len)
{
    const ring_model *m = r->user;

    check_server_msg(r, i, msg, len);
    if (msg[PARTY_AT_TYPE] == ROSTER)
        for (uint32_t d = 1; d <= 8; d++)
            r->leaves[m->at[d]] = SECAGG_PHASE_UNMASK;
}

/* Dealers have 13 to 21 shares left, so that the server cannot use one set of
 * decoding coefficients for all of them; it blames no client. */
START_TEST(the_server_recovers_secrets_with_few_and_with_many_shares)
{
    const secagg_params params = ring_params(42, 20, 12, 3);
    static ring_model m;
    uint32_t index;
    secagg_err what;
    driver r;

    driver_init(&r, &params, 77);
    model_init(&m, &params);
    r.user = &m;
    r.on_server_msg = drop_out_together;
    ck_assert_int_eq(run_session(&r), SECAGG_PHASE_DONE);
    ck_assert_uint_eq(secagg_server_survivors(r.server), 42);
    ck_assert_int_eq(secagg_server_blamed(r.server, 0, &index, &what),
        SECAGG_ERR_STATE);
    driver_free(&r);
}
END_TEST

/* A session in which one of `odds` clients drops out, at random. */
static secagg_phase random_session(const secagg_params *params, uint64_t odds,
    uint64_t *seed)
{
    static uint8_t leaves[RING_MAX];
    uint8_t one[1];

    for (uint32_t i = 0; i < params->clients; i++) {
        leaves[i] = SECAGG_PHASE_DONE;
        if (prng_next(seed) % odds == 0) {
            (void)dropouts_of(one, 1, (uint32_t)(prng_next(seed) % 5));
            leaves[i] = one[0];
        }
    }
    return check_session(params, leaves);
}

START_TEST(random_dropouts_of_eight_clients_end_as_the_model_predicts)
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

/* Each dealer has other holders, and other holders of it answer. */
START_TEST(random_dropouts_of_two_hundred_clients_end_as_the_model_predicts)
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

/* Four of ten clients drop out so that the server can recover each secret that
 * it needs. In five cases the survivors form two arcs without a common
 * neighbour: the server would learn the sum of each arc. */
START_TEST(two_separate_arcs_of_survivors_give_no_sum)
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
    /* the graph of the seed of check_session() determines which five */
    for (uint32_t p = 0; p < 5; p++) {
        static ring_model m;
        char reason[200];
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
        ck_assert_int_eq(run_session(&r), SECAGG_PHASE_INPUT);
        ck_assert_int_eq(secagg_server_error(r.server, reason, sizeof reason),
            SECAGG_ERR_THRESHOLD);
        ck_assert_ptr_nonnull(strstr(reason, "falls apart"));
        arcs++;
        driver_free(&r);
    }
    ck_assert_uint_eq(arcs, 5);
}
END_TEST

/* Returns the error that a client must return for a set of survivors (8.8, 9.4,
 * 5.5). */
static secagg_err expected_error(const ring_model *m, uint32_t v,
    const bool *u3)
{
    if (!u3[v])
        return SECAGG_ERR_MESSAGE;
    if (model_count(m, u3) < m->min_survivors
        || model_count_around(m, v, u3) < m->t
        || !model_connected(m, u3))
        return SECAGG_ERR_THRESHOLD;
    return SECAGG_OK;
}

/* Send each of the 1024 sets to a copy of a client. */
static void send_all_sets(driver *r, uint32_t v, uint32_t counts[2])
{
    size_t len;
    uint8_t *msg = party_server_send(r->server, v, &len);

    for (uint32_t set = 0; set < 1024; set++) {
        secagg_client *copy = driver_copy_client(r->clients[v]);
        bool u3[RING_MAX] = { false };
        secagg_err want;
        for (uint32_t i = 0; i < 10; i++)
            u3[i] = set >> i & 1;
        msg[PARTY_HEADER] = (uint8_t)(set & 255);
        msg[PARTY_HEADER + 1] = (uint8_t)(set >> 8);
        want = expected_error(r->user, v, u3);
        ck_assert_int_eq(secagg_client_recv(copy, msg, len), want);
        ck_assert_int_eq(secagg_client_phase(copy), want == SECAGG_OK
                ? SECAGG_PHASE_UNMASK : SECAGG_PHASE_FAILED);
        counts[want == SECAGG_OK]++;
        secagg_client_free(copy);
    }
    free(msg);
}

START_TEST(a_client_opens_no_share_if_the_ring_falls_apart)
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
        send_all_sets(&r, v, counts);
    ck_assert_uint_gt(counts[0], 300);
    ck_assert_uint_gt(counts[1], 300);
    driver_deliver(&r);
    ck_assert_int_eq(driver_run(&r), SECAGG_OK);
    driver_check_sum(&r);
    driver_free(&r);
}
END_TEST

/* ---- chosen parameters -------------------------------------------------- */

/* secagg_params_choose() was asked to withstand 5 % of dropouts; so many drop
 * out, in all phases. */
START_TEST(a_chosen_ring_survives_its_dropouts)
{
    const uint32_t n = getenv("SECAGG_LONG") != NULL ? 1000 : 200;
    secagg_params p = small_params(n, 0, 0);
    static uint8_t leaves[RING_MAX];
    uint64_t seed = n;

    ck_assert_int_eq(secagg_params_choose(&p, 0.05, 0.05, 40, 20,
        NULL, NULL, 0), SECAGG_OK);
    ck_assert_uint_gt(p.neighbours, 0);
    memset(leaves, SECAGG_PHASE_DONE, n);
    for (uint32_t lost = 0; lost < n / 20;) {
        const uint32_t i = (uint32_t)(prng_next(&seed) % n);
        if (leaves[i] != SECAGG_PHASE_DONE)
            continue;
        (void)dropouts_of(&leaves[i], 1, 1 + lost % 4);
        lost++;
    }
    ck_assert_int_eq(check_session(&p, leaves), SECAGG_PHASE_DONE);
}
END_TEST

START_TEST(each_client_on_a_ring_sends_and_receives_the_stated_number_of_bytes)
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
    const TTest *const tests[] = {
        dropout_patterns_of_six_clients_end_as_the_model_predicts,
        the_server_recovers_secrets_with_few_and_with_many_shares,
        random_dropouts_of_eight_clients_end_as_the_model_predicts,
        random_dropouts_of_two_hundred_clients_end_as_the_model_predicts,
        two_separate_arcs_of_survivors_give_no_sum,
        a_client_opens_no_share_if_the_ring_falls_apart,
        a_chosen_ring_survives_its_dropouts,
        each_client_on_a_ring_sends_and_receives_the_stated_number_of_bytes };
    return sodium_init() < 0 || RUN(tests);
}
