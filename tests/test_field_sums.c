/* SPDX-License-Identifier: Apache-2.0 */
/* field_sums: sums of powers (lib/field.h), term by term in libsodium's
 * scalars. */
#include "field.h"
#include "main.h"
#include "scalar.h"

#define MANY 4096

static void check_sums(const uint32_t *points, const scalar *values,
    size_t count, size_t terms)
{
    static sa_fe in[MANY];
    static scalar powers[MANY];
    sa_fe sums[40];

    for (size_t i = 0; i < count; i++) {
        ck_assert(sa_fe_decode(&in[i], values[i].at));
        powers[i] = values[i];
    }
    ck_assert_int_eq(sa_fe_power_sums(sums, terms, points, in, count),
        SECAGG_OK);
    for (size_t j = 0; j < terms; j++) {
        scalar want = small(0), got;
        for (size_t i = 0; i < count; i++) {
            want = add(want, powers[i]);
            powers[i] = mul(powers[i], small(points[i]));
        }
        sa_fe_encode(got.at, &sums[j]);
        ck_assert_mem_eq(got.at, want.at, 32);
    }
}

START_TEST(sums_of_powers_are_those_of_libsodium)
{
    static uint32_t points[MANY];
    static scalar values[MANY];
    const scalar zero = small(0), greatest = sub(zero, small(1));
    uint64_t state = 14;

    for (size_t count = 1; count <= 40; count++) {
        for (size_t i = 0; i < count; i++) {
            points[i] = 1 + (uint32_t)(noise(&state) % MANY);
            values[i] = draw(&state);
        }
        check_sums(points, values, count, count);
    }
    for (size_t i = 0; i < MANY; i++) {
        points[i] = MANY;
        values[i] = greatest;
    }
    check_sums(points, values, MANY, 40);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { sums_of_powers_are_those_of_libsodium };
    return sodium_init() < 0 || RUN(tests);
}
