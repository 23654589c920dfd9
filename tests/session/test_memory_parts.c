/* SPDX-License-Identifier: Apache-2.0 */
/* A client that sends its input in parts allocates the planes of one part, for
 * an input of any length. */
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
        ck_assert_uint_eq(len, 48 + 41 + 20 + BITS * ((count + 7) / 8));
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

    if (getenv("SECAGG_FIGURES") != NULL)
        fprintf(stderr, "%zu bytes at most, %zu in a part\n", many,
            part);
    ck_assert_uint_eq(many, few);
    ck_assert_uint_ge(many, part);
    ck_assert_uint_le(many, part + 32768);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_client_that_sends_parts_allocates_one_part };
    return RUN(tests);
}
