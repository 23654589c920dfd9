/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "support/parts_driver.h"

void mixed_input(driver *r, uint32_t i, uint64_t from, uint64_t to)
{
    if (from == 0)
        ck_assert_int_eq(secagg_client_weight(r->clients[i], weight(i)),
            SECAGG_OK);
    for (size_t s = 0; s < SEGMENTS; s++) {
        uint64_t low, high;
        lane_cut(&mixed_lanes, s, from, to, &low, &high);
        if (low < high)
            input_range(r->clients[i], i, s, low, high);
    }
}

void mixed_init(driver *r, const secagg_params *params)
{
    driver_init(r, params, 5);
    r->input = mixed_input;
}

void mixed_digest(const driver *r, uint8_t out[32])
{
    crypto_hash_sha256_state state;
    const uint64_t all = secagg_server_weight(r->server);
    uint64_t sum[MAX_LENGTH];

    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)&all, sizeof all);
    for (size_t s = 0; s < SEGMENTS; s++) {
        const size_t length = (size_t)segments[s].length;
        ck_assert_int_eq(secagg_server_sum_u64(r->server, s, 0, sum, length),
            SECAGG_OK);
        crypto_hash_sha256_update(&state, (const uint8_t *)sum,
            length * sizeof *sum);
    }
    crypto_hash_sha256_final(&state, out);
}

void mixed_check(const driver *r)
{
    uint64_t sum[MAX_LENGTH], all = 0;

    for (size_t s = 0; s < SEGMENTS; s++) {
        if (segments[s].kind != SECAGG_INTEGER)
            continue;
        ck_assert_int_eq(secagg_server_sum_u64(r->server, s, 0, sum,
            (size_t)segments[s].length), SECAGG_OK);
        for (uint64_t e = 0; e < segments[s].length; e++) {
            for (uint32_t i = 0; i < r->params.clients; i++)
                if (secagg_server_includes(r->server, i))
                    sum[e] -= integer_entry(i, s, e);
            ck_assert_uint_eq(sum[e] & segment_mask(s), 0);
        }
    }
    for (uint32_t i = 0; i < r->params.clients; i++)
        all += secagg_server_includes(r->server, i) ? weight(i) : 0;
    ck_assert_uint_eq(secagg_server_weight(r->server), all);
}

void parts_init(parts *p, uint64_t blocks)
{
    const secagg_params params = mixed_params(FIRST_SUITE);

    mixed_init(&p->r, &params);
    driver_run_to(&p->r, SECAGG_PHASE_INPUT);
    ck_assert_int_eq(secagg_client_set_part_size(p->r.clients[0], 512 * blocks),
        SECAGG_OK);
    p->count = 0;
    for (uint64_t b = 0; b < p->r.blocks; b += blocks) {
        mixed_input(&p->r, 0, b, b + blocks);
        p->msg[p->count] = driver_client_send(p->r.clients[0],
            &p->len[p->count]);
        p->count++;
    }
}

secagg_err parts_send(parts *p, uint32_t part)
{
    return secagg_server_recv(p->r.server, 0, p->msg[part], p->len[part]);
}

void parts_finish(parts *p, bool included)
{
    p->r.leaves[0] = SECAGG_PHASE_INPUT;
    ck_assert_int_eq(secagg_server_answered(p->r.server, 0), included);
    ck_assert_int_eq(driver_collect(&p->r), SECAGG_OK);
    p->r.leaves[0] = included ? SECAGG_PHASE_DONE : SECAGG_PHASE_INPUT;
    driver_deliver(&p->r);
    ck_assert_int_eq(driver_run(&p->r), SECAGG_OK);
    ck_assert_int_eq(secagg_server_includes(p->r.server, 0), included);
    mixed_check(&p->r);
}

void parts_free(parts *p)
{
    for (uint32_t i = 0; i < p->count; i++)
        free(p->msg[i]);
    driver_free(&p->r);
}

void parts_end(parts *p, bool included)
{
    parts_finish(p, included);
    parts_free(p);
}

uint8_t *parts_replace_by_whole(parts *p, size_t *len)
{
    const secagg_params params = mixed_params(FIRST_SUITE);
    uint8_t *whole;
    driver twin;

    mixed_init(&twin, &params);
    driver_run_to(&twin, SECAGG_PHASE_INPUT);
    mixed_input(&twin, 0, 0, twin.blocks);
    whole = driver_client_send(twin.clients[0], len);
    secagg_client_free(p->r.clients[0]);
    p->r.clients[0] = twin.clients[0];
    twin.clients[0] = NULL;
    driver_free(&twin);
    return whole;
}
