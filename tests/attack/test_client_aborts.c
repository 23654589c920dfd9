/* SPDX-License-Identifier: Apache-2.0 */
/* Reasons for which one client aborts although the others would go on
 * (PROTOCOL.md 8.5, 8.8, 9.4): a client in U2 that is not in U1, a ring of
 * survivors that falls apart, and too few dealers whose shares open. The client
 * would otherwise hide its input among too few others. */
#include <string.h>

#include "client/client_state.h"
#include "core/bits.h"
#include "session/graph.h"
#include "support/main.h"
#include "support/party.h"

#define N 12
#define K 4
#define ABSENT 5


static uint8_t *body(uint8_t *msg)
{
    return msg + PARTY_HEADER;
}

static secagg_params ring_of_twelve(void)
{
    secagg_params p = small_params(N, 3, 0);

    p.neighbours = K;
    p.min_survivors = 4;
    return p;
}

/* ---- the ring ----------------------------------------------------------- */

START_TEST(a_client_on_the_ring_rejects_a_u2_beyond_u1)
{
    const secagg_params params = ring_of_twelve();

    for (uint32_t v = 0; v < N; v++) {
        uint8_t *msg;
        size_t len;
        party p;

        if (v == ABSENT)
            continue;
        party_init(&p, &params, 3);
        p.leaves[ABSENT] = LEAVES_KEYS;
        party_input(&p);
        ck_assert_int_eq(party_collect(&p), SECAGG_OK);
        party_deliver(&p);
        ck_assert_int_eq(party_collect(&p), SECAGG_OK);
        msg = party_server_send(p.server, v, &len);
        sa_bitmap_add(body(msg), ABSENT);
        ck_assert_int_eq(secagg_client_recv(p.clients[v], msg, len),
            SECAGG_ERR_MESSAGE);
        ck_assert_int_eq(secagg_client_phase(p.clients[v]),
            SECAGG_PHASE_FAILED);
        free(msg);
        party_free(&p);
    }
}
END_TEST

/* Client 0 receives SURVIVORS without the clients at these distances from it on
 * the ring. Returns its error. */
static secagg_err recv_survivors_without(const int *distances, size_t count)
{
    const secagg_params params = ring_of_twelve();
    uint8_t map[2] = { 0xff, 0x0f }, *msg;
    secagg_err err;
    sa_graph graph;
    size_t len;
    party p;

    party_init(&p, &params, 4);
    party_input(&p);
    while (secagg_server_phase(p.server) < SECAGG_PHASE_INPUT) {
        ck_assert_int_eq(party_collect(&p), SECAGG_OK);
        party_deliver(&p);
    }
    ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    ck_assert_int_eq(sa_graph_init(&graph, N, K, p.clients[0]->graph_seed),
        SECAGG_OK);
    for (size_t i = 0; i < count; i++)
        sa_bitmap_remove(map, graph.at[(graph.position[0] + N
            + (uint32_t)distances[i]) % N]);
    sa_graph_free(&graph);
    msg = party_server_send(p.server, 0, &len);
    ck_assert_uint_eq(len, PARTY_HEADER + sizeof map);
    memcpy(body(msg), map, sizeof map);
    err = secagg_client_recv(p.clients[0], msg, len);
    free(msg);
    party_free(&p);
    return err;
}

START_TEST(a_client_aborts_if_the_ring_of_survivors_falls_apart)
{
    static const int gaps[] = { 3, 4, N - 3, N - 4 };
    static const int one[] = { 3, 4, 5, N - 3 };

    ck_assert_int_eq(recv_survivors_without(gaps, 0), SECAGG_OK);
    ck_assert_int_eq(recv_survivors_without(gaps, 2), SECAGG_OK);
    ck_assert_int_eq(recv_survivors_without(one, 4), SECAGG_OK);
    ck_assert_int_eq(recv_survivors_without(gaps, 4), SECAGG_ERR_THRESHOLD);
}
END_TEST

/* ---- dealers whose shares open ------------------------------------------ */

/* Client 0 of six receives a RELAY in which the shares of `count` dealers, from
 * client 1 on, do not open; then, if client 5 `leaves`, SURVIVORS without that
 * client. Returns its error for the last message. */
static secagg_err recv_bad_shares(uint32_t mode, uint32_t min_survivors,
    uint32_t count, bool leaves)
{
    secagg_params params = mode == SECAGG_ACTIVE ? active_params(6, 4, 0)
                                                 : small_params(6, 4, 0);
    uint8_t *msg;
    size_t len;
    secagg_err err;
    party p;

    params.min_survivors = min_survivors;
    party_init(&p, &params, 5);
    party_input(&p);
    ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    party_deliver(&p);
    ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    msg = party_server_send(p.server, 0, &len);
    for (uint32_t i = 0; i < count; i++)
        body(msg)[1 + 4 + 100 * i + 4] ^= 1; /* in the share of beta */
    err = secagg_client_recv(p.clients[0], msg, len);
    free(msg);
    if (err == SECAGG_OK && leaves) {
        for (uint32_t i = 1; i < 6; i++) {
            msg = party_server_send(p.server, i, &len);
            ck_assert_int_eq(secagg_client_recv(p.clients[i], msg, len),
                SECAGG_OK);
            free(msg);
        }
        ck_assert_int_eq(party_collect(&p), SECAGG_OK);
        msg = party_server_send(p.server, 0, &len);
        sa_bitmap_remove(body(msg), 5);
        err = secagg_client_recv(p.clients[0], msg, len);
        free(msg);
    }
    party_free(&p);
    return err;
}

START_TEST(an_active_client_requires_min_survivors_dealers_that_open)
{
    ck_assert_int_eq(recv_bad_shares(SECAGG_ACTIVE, 6, 0, false), SECAGG_OK);
    ck_assert_int_eq(recv_bad_shares(SECAGG_ACTIVE, 6, 1, false),
        SECAGG_ERR_THRESHOLD);
    ck_assert_int_eq(recv_bad_shares(SECAGG_ACTIVE, 5, 1, false), SECAGG_OK);
    ck_assert_int_eq(recv_bad_shares(SECAGG_ACTIVE, 5, 2, false),
        SECAGG_ERR_THRESHOLD);
}
END_TEST

START_TEST(an_active_client_requires_as_many_among_the_survivors)
{
    ck_assert_int_eq(recv_bad_shares(SECAGG_ACTIVE, 5, 0, true), SECAGG_OK);
    ck_assert_int_eq(recv_bad_shares(SECAGG_ACTIVE, 5, 1, true),
        SECAGG_ERR_THRESHOLD);
}
END_TEST

START_TEST(a_semi_honest_client_requires_threshold_dealers_that_open)
{
    ck_assert_int_eq(recv_bad_shares(SECAGG_SEMI_HONEST, 6, 2, false),
        SECAGG_OK);
    ck_assert_int_eq(recv_bad_shares(SECAGG_SEMI_HONEST, 6, 3, false),
        SECAGG_ERR_THRESHOLD);
    ck_assert_int_eq(recv_bad_shares(SECAGG_SEMI_HONEST, 5, 1, true),
        SECAGG_OK);
    ck_assert_int_eq(recv_bad_shares(SECAGG_SEMI_HONEST, 5, 2, true),
        SECAGG_ERR_THRESHOLD);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_client_on_the_ring_rejects_a_u2_beyond_u1,
        a_client_aborts_if_the_ring_of_survivors_falls_apart,
        an_active_client_requires_min_survivors_dealers_that_open,
        an_active_client_requires_as_many_among_the_survivors,
        a_semi_honest_client_requires_threshold_dealers_that_open };
    return RUN(tests);
}
