/* SPDX-License-Identifier: Apache-2.0 */
/* scalar_sums: sums of powers, sums of products, and products of distances
 * (lib/crypto/scalar.h), compared with a computation term by term in
 * libsodium's scalars. */
#include "crypto/small_points.h"
#include "crypto/shamir.h"
#include "support/main.h"
#include "support/sodium_scalar.h"

#define MAX_COUNT 4096

static void check_sums(const uint32_t *points, const scalar *values,
    size_t count, size_t terms)
{
    static sa_sc in[MAX_COUNT];
    static scalar powers[MAX_COUNT];
    sa_sc sums[40];

    for (size_t i = 0; i < count; i++) {
        ck_assert(sa_sc_decode(&in[i], values[i].at));
        powers[i] = values[i];
    }
    ck_assert_int_eq(sa_sc_power_sums(sums, terms, points, in, count),
        SECAGG_OK);
    for (size_t j = 0; j < terms; j++) {
        scalar want = from_u32(0), got;
        for (size_t i = 0; i < count; i++) {
            want = add(want, powers[i]);
            powers[i] = mul(powers[i], from_u32(points[i]));
        }
        sa_sc_encode(got.at, &sums[j]);
        ck_assert_mem_eq(got.at, want.at, 32);
    }
}

START_TEST(power_sums_agree_with_libsodium)
{
    static uint32_t points[MAX_COUNT];
    static scalar values[MAX_COUNT];
    const scalar zero = from_u32(0), largest = sub(zero, from_u32(1));
    uint64_t state = 14;

    for (size_t count = 1; count <= 40; count++) {
        for (size_t i = 0; i < count; i++) {
            points[i] = 1 + (uint32_t)(prng_next(&state) % MAX_COUNT);
            values[i] = random_scalar(&state);
        }
        check_sums(points, values, count, count);
    }
    for (size_t i = 0; i < MAX_COUNT; i++) {
        points[i] = MAX_COUNT;
        values[i] = largest;
    }
    check_sums(points, values, MAX_COUNT, 40);
}
END_TEST

/* Random products, or the largest ones, (ell - 1)^2. */
static void check_products(size_t count, bool largest, uint64_t *state)
{
    scalar want = from_u32(0), a = sub(want, from_u32(1)), b = a, got;
    sa_sc_sum sum = { { 0 } };
    sa_sc x, y;

    for (size_t i = 0; i < count; i++) {
        a = largest ? a : random_scalar(state);
        b = largest ? b : random_scalar(state);
        ck_assert(sa_sc_decode(&x, a.at));
        ck_assert(sa_sc_decode(&y, b.at));
        sa_sc_sum_add(&sum, &x, &y);
        want = add(want, mul(a, b));
    }
    sa_sc_sum_get(&x, &sum);
    sa_sc_encode(got.at, &x);
    ck_assert_mem_eq(got.at, want.at, 32);
}

START_TEST(sums_of_products_agree_with_libsodium)
{
    uint64_t state = 15;

    for (size_t count = 0; count <= 20; count++) {
        check_products(count, false, &state);
        check_products(count, true, &state);
    }
    check_products(MAX_COUNT, false, &state);
    check_products(MAX_COUNT, true, &state);
}
END_TEST

static void check_distances(const uint32_t *points, size_t count,
    const uint32_t *gaps, size_t gap_count, scalar scale)
{
    sa_sc out[40], by;
    scalar got;

    ck_assert(sa_sc_decode(&by, scale.at));
    ck_assert_int_eq(sa_sc_distances(out, &by, points, count, gaps,
        gap_count), SECAGG_OK);
    for (size_t i = 0; i < count; i++) {
        scalar want = scale;
        for (size_t j = 0; j < gap_count; j++)
            want = mul(want, from_u32(points[i] < gaps[j] ? gaps[j] - points[i]
                                                       : points[i] - gaps[j]));
        sa_sc_encode(got.at, &out[i]);
        ck_assert_mem_eq(got.at, want.at, 32);
    }
}

/* Random points and gaps, or no gaps; then the maximum number of gaps at the
 * largest distance. */
START_TEST(products_of_distances_agree_with_libsodium)
{
    static uint32_t points[40], gaps[MAX_COUNT];
    uint64_t state = 16;

    for (size_t count = 0; count <= 40; count++) {
        for (size_t i = 0; i < count; i++) {
            points[i] = 1 + (uint32_t)(prng_next(&state) % MAX_COUNT);
            gaps[i] = 1 + (uint32_t)(prng_next(&state) % MAX_COUNT);
        }
        check_distances(points, count, gaps, count, random_scalar(&state));
        check_distances(points, count, gaps, 0, random_scalar(&state));
        check_distances(points, count, gaps, count, from_u32(0));
    }
    for (size_t i = 0; i < MAX_COUNT; i++)
        gaps[i] = MAX_COUNT;
    points[0] = 1;
    check_distances(points, 1, gaps, MAX_COUNT, sub(from_u32(0), from_u32(1)));
}
END_TEST

/* Compare secagg_shamir_join() with Lagrange interpolation on libsodium's
 * scalars (PROTOCOL.md 4.5). */
static void check_lagrange(const uint32_t *holders, size_t count)
{
    static uint8_t shares[64][32];
    scalar want = from_u32(0);
    uint64_t state = count;
    uint8_t joined[32];

    for (size_t i = 0; i < count; i++) {
        scalar term = random_scalar(&state);
        memcpy(shares[i], term.at, 32);
        for (size_t j = 0; j < count; j++)
            if (j != i)
                term = mul(term, quotient(from_u32(holders[j] + 1),
                    sub(from_u32(holders[j] + 1), from_u32(holders[i] + 1))));
        want = add(want, term);
    }
    ck_assert_int_eq(secagg_shamir_join(joined, holders, shares[0], count),
        SECAGG_OK);
    ck_assert_mem_eq(joined, want.at, 32);
}

/* Holders with few, many or no gaps between them, in random order. */
START_TEST(joining_is_correct_with_any_gaps_between_holders)
{
    uint32_t holders[64], spread, count, at;
    uint64_t state = 17;

    for (int run = 0; run < 150; run++) {
        spread = 1 + (uint32_t)(prng_next(&state) % (run % 5 == 0 ? MAX_COUNT
            : 48));
        count = 0;
        for (uint32_t i = 0; i < spread && count < 24; i++)
            if (prng_next(&state) % 4 > 0 || i + 1 == spread)
                holders[count++] = spread > 48 && i + 1 < spread
                    ? i * (spread / 48) : i;
        for (uint32_t i = count - 1; i > 0; i--) {
            const uint32_t j = (uint32_t)(prng_next(&state) % (i + 1));
            at = holders[i];
            holders[i] = holders[j];
            holders[j] = at;
        }
        check_lagrange(holders, count);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { power_sums_agree_with_libsodium,
        sums_of_products_agree_with_libsodium,
        products_of_distances_agree_with_libsodium,
        joining_is_correct_with_any_gaps_between_holders };
    return sodium_init() < 0 || RUN(tests);
}
