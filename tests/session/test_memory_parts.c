/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for an input in parts, of any length: a client allocates the planes of
 * one part, and the server those of the parts that have arrived. */
#include <secagg/planar.h>
#include <string.h>

#include "support/alloc_counter.h"
#include "support/main.h"
#include "support/session_driver.h"
#include "support/util.h"

#define ENTRIES ((uint64_t)65536)
#define BITS 12

/* ---- a client in parts -------------------------------------------------- */

/* Pass and send all parts of client 0, one at a time. */
static void send_parts(driver *r, uint64_t length)
{
    static uint64_t values[ENTRIES];
    const uint8_t *msg;
    uint64_t state = 1;
    size_t len;

    for (uint64_t e = 0; e < ENTRIES; e++)
        values[e] = prng_next(&state) % (1 << BITS);
    count_allocs = true;
    ck_assert_int_eq(
        secagg_client_set_part_size(r->clients[0], ENTRIES), SECAGG_OK);
    for (uint64_t at = 0; at < length; at += ENTRIES) {
        const uint64_t left = length - at;
        const size_t count = (size_t)(left < ENTRIES ? left : ENTRIES);
        ck_assert_int_eq(secagg_client_input_u64(r->clients[0], 0, at,
            values, count), SECAGG_OK);
        ck_assert_int_eq(secagg_client_send(r->clients[0], &msg, &len),
            SECAGG_OK);
        ck_assert_uint_eq(len, 96 + BITS * ((count + 7) / 8));
    }
    ck_assert_int_eq(secagg_client_send(r->clients[0], &msg, &len),
        SECAGG_OK);
    ck_assert_uint_eq(len, 0);
    count_allocs = false;
}

/* Returns the maximum of the bytes that client 0 of three allocates. */
static size_t peak_of(uint64_t length)
{
    const secagg_segment segment = { .length = length, .bits = BITS };
    secagg_params p = SECAGG_PARAMS_INIT;
    driver r;

    p.clients = 3;
    p.threshold = 2;
    p.min_survivors = 2;
    p.segments = &segment;
    p.segment_count = 1;
    live = peak = 0;
    driver_init(&r, &p, 1);
    secagg_client_free(r.clients[0]);
    count_allocs = true;
    r.clients[0] = driver_new_client(&r, 0, 1);
    count_allocs = false;
    driver_run_to(&r, SECAGG_PHASE_INPUT);
    send_parts(&r, length);
    driver_free(&r);
    ck_assert_uint_eq(live, 0);
    return peak;
}

START_TEST(a_client_that_sends_parts_allocates_one_part)
{
    const uint64_t length = getenv("SECAGG_SMALL") != NULL ? 1000000
                                                          : 10000000;
    const size_t few = peak_of(2 * ENTRIES), many = peak_of(length);
    const size_t part = secagg_planar_size(ENTRIES, BITS);
    /* ChaCha20 has a buffer for keystream */
    const size_t more = FIRST_SUITE == 1 ? 32768 : 32768 + 69632;

    if (getenv("SECAGG_FIGURES") != NULL)
        fprintf(stderr, "%zu bytes at most, %zu in a part\n", many,
            part);
    ck_assert_uint_eq(many, few);
    ck_assert_uint_ge(many, part);
    ck_assert_uint_le(many, part + more);
}
END_TEST

/* ---- the server --------------------------------------------------------- */

/* A client of three sends parts of 64 blocks of a long input. The server's
 * memory grows by the bytes of each part and a little more. */
START_TEST(a_server_allocates_the_parts_that_arrived)
{
    enum { PART = 64 * 512 };
    static uint64_t values[PART];
    const secagg_segment segment = { .length = 100 * PART, .bits = BITS };
    const size_t part = secagg_planar_size(PART, BITS);
    secagg_params p = SECAGG_PARAMS_INIT;
    driver r;

    p.clients = 3;
    p.threshold = 2;
    p.min_survivors = 2;
    p.segments = &segment;
    p.segment_count = 1;
    driver_init(&r, &p, 1);
    driver_run_to(&r, SECAGG_PHASE_INPUT);
    ck_assert_int_eq(secagg_client_set_part_size(r.clients[0], PART),
        SECAGG_OK);
    live = peak = 0;
    for (size_t i = 0; i < 5; i++) {
        size_t len;
        uint8_t *msg;
        ck_assert_int_eq(secagg_client_input_u64(r.clients[0], 0, i * PART,
            values, PART), SECAGG_OK);
        msg = driver_client_send(r.clients[0], &len);
        count_allocs = true;
        ck_assert_int_eq(secagg_server_recv(r.server, 0, msg, len),
            SECAGG_OK);
        count_allocs = false;
        free(msg);
        ck_assert_uint_ge(live, (i + 1) * part);
        ck_assert_uint_le(peak, (i + 1) * (part + 128) + 1024);
    }
    driver_free(&r);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_client_that_sends_parts_allocates_one_part,
        a_server_allocates_the_parts_that_arrived };
    return RUN(tests);
}
