/* SPDX-License-Identifier: Apache-2.0 */
/* The maximum memory of a client, and a server whose allocations fail. */
#include <stdlib.h>

#include "support/alloc_counter.h"
#include "support/laxest_policy.h"
#include "support/main.h"
#include "support/party.h"
#include "support/util.h"

#define REAL_BITS 24 /* 22 value bits and three clients */

/* ---- a client of many reals --------------------------------------------- */

static secagg_segment real_segment(void)
{
    secagg_segment s = { 0 };

    s.length = getenv("SECAGG_SMALL") != NULL ? 500000 : 10000000;
    s.kind = SECAGG_REAL;
    s.value_bits = REAL_BITS - 2;
    s.clip = 1.0;
    return s;
}

static secagg_params params_of_three(const secagg_segment *segment)
{
    secagg_params p = SECAGG_PARAMS_INIT;

    p.clients = 3;
    p.threshold = 2;
    p.min_survivors = 2;
    p.segments = segment;
    p.segment_count = 1;
    return p;
}

static secagg_client *new_client(const secagg_params *params)
{
    static const uint8_t seed[SECAGG_SEED_BYTES] = { 1 };
    const secagg_policy policy = laxest_policy();
    secagg_client *client;

    ck_assert_int_eq(secagg_client_new_seeded(&client, params, 0, &policy,
        seed), SECAGG_OK);
    return client;
}

static void input_random(secagg_client *client, uint64_t length)
{
    float *values = calloc((size_t)length, sizeof *values);
    uint64_t state = 6;

    ck_assert_ptr_nonnull(values);
    for (uint64_t e = 0; e < length; e++)
        values[e] = (float)(prng_next(&state) >> 40) / 16777216.0f;
    count_allocs = true;
    ck_assert_int_eq(secagg_client_input_f32(client, 0, 0, values,
        (size_t)length), SECAGG_OK);
    count_allocs = false;
    free(values);
}

/* Pass the next message of client 0 to the server and, unless it is the `last`
 * one, the answer to client 0. The messages are not copied. */
static void exchange(party *p, bool last)
{
    const uint8_t *msg;
    size_t len;

    count_allocs = true;
    ck_assert_int_eq(secagg_client_send(p->clients[0], &msg, &len),
        SECAGG_OK);
    count_allocs = false;
    ck_assert_uint_gt(len, PARTY_HEADER);
    ck_assert_int_eq(secagg_server_recv(p->server, 0, msg, len), SECAGG_OK);
    if (last)
        return;
    ck_assert_int_eq(party_collect(p), SECAGG_OK);
    ck_assert_int_eq(secagg_server_send(p->server, 0, &msg, &len),
        SECAGG_OK);
    count_allocs = true;
    ck_assert_int_eq(secagg_client_recv(p->clients[0], msg, len), SECAGG_OK);
    count_allocs = false;
    p->leaves[0] = LEAVES_KEYS; /* it has its message already */
    party_deliver(p);
    p->leaves[0] = STAYS;
}

/* A client allocates at most 1.1 times the planar vector, which is in the
 * message that it sends; the rest does not grow with the length. */
START_TEST(a_client_allocates_one_planar_vector)
{
    const secagg_segment segment = real_segment();
    const secagg_params params = params_of_three(&segment);
    const size_t vector = secagg_planar_size((size_t)segment.length,
        REAL_BITS);
    party p;

    party_init(&p, &params, 41);
    secagg_client_free(p.clients[0]);
    count_allocs = true;
    p.clients[0] = new_client(&params);
    count_allocs = false;
    input_random(p.clients[0], segment.length);
    exchange(&p, false);
    exchange(&p, false);
    exchange(&p, true);
    if (getenv("SECAGG_FIGURES") != NULL)
        fprintf(stderr, "%zu bytes at most, %zu in the vector\n", peak,
            vector);
    ck_assert_uint_ge(peak, vector);
    ck_assert_uint_le(peak, vector + vector / 10);
    party_free(&p);
    ck_assert_uint_eq(live, 0);
}
END_TEST

/* ---- failed allocations ------------------------------------------------- */

START_TEST(a_server_without_memory_does_not_change_its_outputs)
{
    const secagg_params params = small_params(4, 3, 1);
    const uint8_t *msg = (const uint8_t *)"kept", *const kept = msg;
    size_t len = 4;
    party p;

    party_init(&p, &params, 42);
    party_input(&p);
    ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    while (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
        secagg_err err;
        fail_allocs = true;
        err = secagg_server_send(p.server, 0, &msg, &len);
        fail_allocs = false;
        ck_assert_int_eq(err, SECAGG_ERR_MEMORY);
        ck_assert_ptr_eq(msg, kept);
        ck_assert_uint_eq(len, 4);
        party_deliver(&p);
        ck_assert_int_eq(party_collect(&p), SECAGG_OK);
    }
    party_check_sum(&p);
    party_free(&p);
}
END_TEST

/* ---- credentials -------------------------------------------------------- */

#define SIGNERS 6

static secagg_err accept_all(void *user, uint32_t index,
    const uint8_t *public_key, const uint8_t *credential, size_t len)
{
    (void)user;
    (void)index;
    (void)public_key;
    (void)credential;
    return len == SECAGG_CREDENTIAL_MAX ? SECAGG_OK : SECAGG_ERR_AUTH;
}

/* Clients with the longest credentials. Counts what client 0 copies of its own
 * one, if `count`. */
static void init_signers(party *p, const secagg_params *params, bool count)
{
    static const uint8_t credential[SECAGG_CREDENTIAL_MAX];
    uint8_t public_key[32], secret_key[64];

    party_init_anonymous(p, params, 3);
    OK(secagg_server_trust_with(p->server, accept_all, NULL));
    for (uint32_t i = 0; i < SIGNERS; i++) {
        party_identity(i, public_key, secret_key);
        OK(secagg_client_identify(p->clients[i], secret_key));
        OK(secagg_client_trust_with(p->clients[i], accept_all, NULL));
        count_allocs = count && i == 0;
        OK(secagg_client_present(p->clients[i], credential,
            sizeof credential));
        count_allocs = false;
    }
    party_input(p);
}

/* A client frees its credential when it accepts ROSTER, of which it then keeps
 * 32 bytes a client. */
START_TEST(a_client_keeps_no_credential_after_the_roster)
{
    const secagg_params params = active_params(SIGNERS, 4, 1);
    uint8_t *msg;
    size_t len;
    party p;

    live = peak = 0;
    init_signers(&p, &params, true);
    ck_assert_uint_ge(live, SECAGG_CREDENTIAL_MAX);
    OK(party_collect(&p));
    msg = party_server_send(p.server, 0, &len);
    count_allocs = true;
    OK(party_client_recv(&p, 0, msg, len));
    count_allocs = false;
    free(msg);
    ck_assert_uint_ge(live, SIGNERS * SECAGG_PUBLIC_BYTES);
    ck_assert_uint_lt(live, SIGNERS * (SECAGG_PUBLIC_BYTES + 64));
    party_free(&p);
    ck_assert_uint_eq(live, 0);
}
END_TEST

/* The server frees all credentials when it closes SHARES. */
START_TEST(the_server_keeps_no_credential_after_shares)
{
    const secagg_params params = active_params(SIGNERS, 4, 1);
    party p;

    init_signers(&p, &params, false);
    live = peak = 0;
    for (uint32_t i = 0; i < SIGNERS; i++) {
        size_t len;
        uint8_t *msg = party_client_send(p.clients[i], &len);
        count_allocs = true;
        OK(secagg_server_recv(p.server, i, msg, len));
        count_allocs = false;
        free(msg);
    }
    ck_assert_uint_ge(live, SIGNERS * SECAGG_CREDENTIAL_MAX);
    OK(secagg_server_advance(p.server));
    party_deliver(&p);
    ck_assert_uint_ge(live, SIGNERS * SECAGG_CREDENTIAL_MAX);
    OK(party_collect(&p));
    ck_assert_uint_eq(live, 0);
    party_deliver(&p);
    OK(party_run(&p));
    party_check_sum(&p);
    party_free(&p);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_client_allocates_one_planar_vector,
        a_server_without_memory_does_not_change_its_outputs,
        a_client_keeps_no_credential_after_the_roster,
        the_server_keeps_no_credential_after_shares };
    return RUN(tests);
}
