/* SPDX-License-Identifier: Apache-2.0 */
#include "support/session_driver.h"

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "support/laxest_policy.h"
#include "support/party.h"
#include "support/refusals.h"
#include "support/util.h"

static void *alloc(size_t count, size_t size)
{
    void *at = calloc(count, size);
    ck_assert_ptr_nonnull(at);
    return at;
}

/* ---- server and clients ------------------------------------------------- */

static void identity(uint32_t i, uint8_t public_key[32],
    uint8_t secret_key[64])
{
    uint8_t seed[32] = { 0x1d, (uint8_t)(i & 255), (uint8_t)(i >> 8 & 255) };
    ck_assert_int_eq(crypto_sign_seed_keypair(public_key, secret_key, seed),
        0);
}

void driver_trust(const driver *r, secagg_client *c)
{
    uint8_t public_key[32], secret_key[64];

    for (uint32_t v = 0; v < r->params.clients; v++) {
        identity(v, public_key, secret_key);
        ck_assert_int_eq(secagg_client_trust(c, v, public_key), SECAGG_OK);
    }
}

void driver_identify(const driver *r, secagg_client *c, uint32_t i)
{
    uint8_t public_key[32], secret_key[64];

    if (r->params.mode != SECAGG_ACTIVE)
        return;
    identity(i, public_key, secret_key);
    if (secagg_client_phase(c) < SECAGG_PHASE_DONE)
        ck_assert_int_eq(secagg_client_identify(c, secret_key), SECAGG_OK);
    if (secagg_client_phase(c) == SECAGG_PHASE_KEYS)
        driver_trust(r, c); /* later, trust is that of the roster */
}

secagg_client *driver_new_client(const driver *r, uint32_t i, uint64_t seed)
{
    const secagg_policy policy = laxest_policy();
    uint8_t bytes[SECAGG_SEED_BYTES];
    secagg_client *c;

    seed = seed * 1000003 + i;
    prng_bytes(&seed, bytes, sizeof bytes);
    ck_assert_int_eq(secagg_client_new_seeded(&c, &r->params, i, &policy,
        bytes), SECAGG_OK);
    driver_identify(r, c, i);
    return c;
}

static void make_server(driver *r, uint64_t seed)
{
    uint8_t bytes[SECAGG_SEED_BYTES], public_key[32], secret_key[64];

    prng_bytes(&seed, bytes, sizeof bytes);
    ck_assert_int_eq(secagg_server_new_seeded(&r->server, &r->params, bytes),
        SECAGG_OK);
    for (uint32_t v = 0; v < r->params.clients
         && r->params.mode == SECAGG_ACTIVE; v++) {
        identity(v, public_key, secret_key);
        ck_assert_int_eq(secagg_server_trust(r->server, v, public_key),
            SECAGG_OK);
    }
}

/* Returns the blocks of a full vector: each lane begins with a block. */
static uint64_t count_blocks(const secagg_params *params)
{
    uint64_t entries[65] = { 0 }, blocks = 0, place;
    const size_t count = params->segment_count + (params->max_weight > 0);
    uint32_t bits;

    for (size_t s = 0; s < count; s++) {
        ck_assert_int_eq(secagg_params_place(params, s, &bits, &place),
            SECAGG_OK);
        entries[bits] += s < params->segment_count
            ? params->segments[s].length : 1;
    }
    for (bits = 1; bits <= 64; bits++)
        blocks += (entries[bits] + 511) / 512;
    return blocks;
}

void driver_init(driver *r, const secagg_params *params, uint64_t seed)
{
    const uint32_t n = params->clients;

    memset(r, 0, sizeof *r);
    r->params = *params;
    r->input = driver_input_integers;
    r->clients = alloc(n, sizeof(secagg_client *));
    r->leaves = alloc(n, 1);
    r->refused = alloc(n, sizeof *r->refused);
    r->up = alloc(n, sizeof *r->up);
    r->down = alloc(n, sizeof *r->down);
    r->blocks = count_blocks(params);
    make_server(r, seed);
    for (uint32_t i = 0; i < n; i++) {
        r->clients[i] = driver_new_client(r, i, seed);
        r->leaves[i] = SECAGG_PHASE_DONE;
    }
}

void driver_free(driver *r)
{
    for (uint32_t i = 0; i < r->params.clients; i++)
        secagg_client_free(r->clients[i]);
    secagg_server_free(r->server);
    free(r->clients);
    free(r->leaves);
    free(r->refused);
    free(r->up);
    free(r->down);
}

secagg_client *driver_copy_client(secagg_client *c)
{
    static const uint8_t key[SECAGG_SEED_BYTES] = { 0x3a };
    const size_t len = secagg_client_save_size(c);
    uint8_t *state = alloc(len, 1);
    secagg_client *twin;

    ck_assert_int_eq(secagg_client_save(c, state, len, key), SECAGG_OK);
    ck_assert_int_eq(secagg_client_resume(&twin, state, len, key,
        secagg_client_generation(c), secagg_client_params(c),
        secagg_client_index(c)), SECAGG_OK);
    free(state);
    return twin;
}

/* ---- input and sum ------------------------------------------------------ */

void driver_input_integers(driver *r, uint32_t i, uint64_t from, uint64_t to)
{
    uint64_t values[PARTY_LENGTH];

    if (from > 0 || to == 0)
        return;
    for (uint64_t e = 0; e < PARTY_LENGTH; e++)
        values[e] = party_entry(i, e);
    ck_assert_int_eq(secagg_client_input_u64(r->clients[i], 0, 0, values,
        PARTY_LENGTH), SECAGG_OK);
}

void driver_check_sum(const driver *r)
{
    uint64_t sum[PARTY_LENGTH];
    uint32_t count = 0;

    ck_assert_int_eq(secagg_server_phase(r->server), SECAGG_PHASE_DONE);
    ck_assert_int_eq(secagg_server_sum_u64(r->server, 0, 0, sum,
        PARTY_LENGTH), SECAGG_OK);
    for (uint32_t i = 0; i < r->params.clients; i++) {
        if (!secagg_server_includes(r->server, i))
            continue;
        count++;
        for (uint64_t e = 0; e < PARTY_LENGTH; e++)
            sum[e] -= party_entry(i, e);
    }
    ck_assert_uint_eq(secagg_server_survivors(r->server), count);
    for (uint64_t e = 0; e < PARTY_LENGTH; e++)
        ck_assert_uint_eq(sum[e] & ((1 << PARTY_BITS) - 1), 0);
}

/* ---- phase after phase -------------------------------------------------- */

static void notify(driver *r, uint32_t i, driver_event now, uint64_t part)
{
    if (r->on_event != NULL)
        r->on_event(r, i, now, part);
}

uint8_t *driver_client_send(secagg_client *c, size_t *len)
{
    const uint8_t *msg;
    uint8_t *copy;

    ck_assert_int_eq(party_send_saving(c, &msg, len), SECAGG_OK);
    if (*len == 0)
        return NULL;
    copy = alloc(*len, 1);
    memcpy(copy, msg, *len);
    return copy;
}

/* Pass the client's message, if it has one, to the server. */
static void client_to_server(driver *r, uint32_t i)
{
    size_t len;
    uint8_t *msg = driver_client_send(r->clients[i], &len);

    if (msg == NULL)
        return;
    if (r->on_client_msg != NULL)
        r->on_client_msg(r, i, msg, len);
    ck_assert_int_eq(secagg_server_recv(r->server, i, msg, len), SECAGG_OK);
    r->up[i] += len;
    free(msg);
}

static void send_input(driver *r, uint32_t i)
{
    const uint64_t step = r->part_size > 0 ? r->part_size / 512 : r->blocks;
    uint64_t part = 0;

    if (r->part_size > 0)
        ck_assert_int_eq(secagg_client_set_part_size(r->clients[i],
            r->part_size), SECAGG_OK);
    for (uint64_t b = 0; b < r->blocks; b += step, part++) {
        const uint64_t end = b + step < r->blocks ? b + step : r->blocks;
        r->input(r, i, b, end);
        notify(r, i, PART_READY, part);
        client_to_server(r, i);
        notify(r, i, SENT, part + 1);
    }
}

secagg_err driver_collect(driver *r)
{
    const secagg_phase phase = secagg_server_phase(r->server);
    secagg_err err;

    for (uint32_t i = 0; i < r->params.clients; i++) {
        if (r->leaves[i] <= phase || !secagg_server_includes(r->server, i))
            continue;
        if (phase == SECAGG_PHASE_KEYS)
            notify(r, i, CREATED, 0);
        if (phase == SECAGG_PHASE_INPUT && r->refused[i] == SECAGG_OK) {
            send_input(r, i);
            continue;
        }
        client_to_server(r, i);
        notify(r, i, SENT, 0);
    }
    err = secagg_server_advance(r->server);
    CHECK_REFUSAL(refusal_fault_of_server(r->server, UINT32_MAX, err));
    return err;
}

static void server_to_client(driver *r, uint32_t i)
{
    const uint8_t *msg;
    uint8_t *copy;
    size_t len;

    ck_assert_int_eq(secagg_server_send(r->server, i, &msg, &len),
        SECAGG_OK);
    if (len == 0)
        return;
    r->down[i] += len;
    copy = alloc(len, 1);
    memcpy(copy, msg, len);
    if (r->on_server_msg != NULL)
        r->on_server_msg(r, i, copy, len);
    r->refused[i] = secagg_client_recv(r->clients[i], copy, len);
    CHECK_REFUSAL(refusal_fault_of_client(r->clients[i], r->refused[i]));
    free(copy);
    notify(r, i, RECEIVED, 0);
}

void driver_deliver(driver *r)
{
    const secagg_phase phase = secagg_server_phase(r->server);

    for (uint32_t i = 0; i < r->params.clients; i++)
        if (r->leaves[i] >= phase)
            server_to_client(r, i);
}

secagg_err driver_run(driver *r)
{
    while (secagg_server_phase(r->server) < SECAGG_PHASE_DONE) {
        const secagg_err err = driver_collect(r);
        if (err != SECAGG_OK)
            return err;
        if (secagg_server_phase(r->server) < SECAGG_PHASE_DONE)
            driver_deliver(r);
    }
    return SECAGG_OK;
}

void driver_run_to(driver *r, secagg_phase phase)
{
    while (secagg_server_phase(r->server) < phase) {
        ck_assert_int_eq(driver_collect(r), SECAGG_OK);
        driver_deliver(r);
    }
}
