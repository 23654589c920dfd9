/* SPDX-License-Identifier: Apache-2.0 */
/* share_recovery: many dealers, whose wrong shares are at the same holders or
 * at others. Each result is compared with that of Reed-Solomon decoding of this
 * dealer alone. The work is counted in power sums, not in time. */
#include "crypto/share_recovery.h"

#include <string.h>

#include "crypto/reed_solomon.h"
#include "support/main.h"
#include "support/sodium_scalar.h"

#define MAX_SHARES 200

static const uint8_t test_seed[32] = { 5, 6, 7 };

/* One dealer: its shares, and which of them are wrong. */
typedef struct dealer {
    uint32_t count, ranks[MAX_SHARES];
    uint8_t shares[MAX_SHARES][32], secret[32];
} dealer;

static dealer d;

static void random_bytes(uint64_t *state, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)prng_next(state);
}

/* Deal right shares to `capacity` holders, of which `absent` are missing. */
static void deal(uint64_t *state, uint32_t capacity, uint32_t threshold,
    uint32_t absent)
{
    static uint8_t all[MAX_SHARES][32];
    const scalar secret = random_scalar(state);
    uint8_t seed[32];

    random_bytes(state, seed, sizeof seed);
    memcpy(d.secret, secret.at, 32);
    ck_assert_int_eq(secagg_shamir_split(all[0], capacity, threshold,
        d.secret, seed), SECAGG_OK);
    d.count = 0;
    for (uint32_t i = 0; i < capacity; i++) {
        if (prng_next(state) % (capacity - i) < absent) {
            absent--;
            continue;
        }
        d.ranks[d.count] = i;
        memcpy(d.shares[d.count++], all[i], 32);
    }
}

/* Make the share of a rank wrong, if its holder is there. */
static void spoil(uint64_t *state, uint32_t rank)
{
    for (uint32_t i = 0; i < d.count; i++)
        if (d.ranks[i] == rank) {
            const scalar wrong = random_scalar(state);
            memcpy(d.shares[i], wrong.at, 32);
        }
}

static void spoil_random(uint64_t *state, uint32_t count, uint32_t ranks)
{
    while (count-- > 0)
        spoil(state, (uint32_t)(prng_next(state) % ranks));
}

/* Recover the secret, and compare with decoding alone. Returns the error. */
static secagg_err recover(sa_share_recovery *r, uint32_t threshold)
{
    uint8_t secret[32], alone[32], wrong[MAX_SHARES];
    const secagg_err want = sa_rs_decode(alone, wrong, d.ranks, d.shares[0],
        d.count, threshold);
    secagg_err err = SECAGG_OK;
    bool consistent, right = true;

    sa_share_recovery_next(r);
    for (uint32_t i = 0; i < d.count; i++) {
        sa_share_set_add(&r->all, d.ranks[i], d.shares[i]);
        right = right && want == SECAGG_OK && wrong[i] == 0;
    }
    ck_assert_int_eq(sa_share_set_join(&r->all, secret, &consistent),
        SECAGG_OK);
    ck_assert_int_eq(consistent, right);
    if (!consistent)
        err = sa_share_recovery_correct(r, secret);
    ck_assert_int_eq(err, want);
    if (err == SECAGG_OK)
        ck_assert_mem_eq(secret, alone, 32);
    return err;
}

static void init(sa_share_recovery *r, uint32_t capacity, uint32_t threshold)
{
    ck_assert_int_eq(sa_share_recovery_init(r, capacity, threshold,
        test_seed), SECAGG_OK);
}

/* Every kind of pattern: wrong shares at the first holders, anywhere, at one
 * holder, at half of the holders or all; at most as many as can be corrected,
 * one more, and many more; with all holders or without some. */
START_TEST(any_wrong_shares_have_the_result_of_decoding_alone)
{
    static const struct { uint32_t capacity, threshold; } sizes[] = {
        { 1, 1 }, { 2, 1 }, { 3, 2 }, { 4, 3 }, { 5, 2 }, { 9, 5 }, { 20, 7 },
        { 40, 39 }, { 41, 21 }, { 90, 10 }, { 120, 61 }, { 200, 100 } };
    uint64_t state = 1;
    uint32_t recovered = 0, failed = 0;

    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const uint32_t n = sizes[k].capacity, t = sizes[k].threshold;
        sa_share_recovery r;
        init(&r, n, t);
        for (int i = 0; i < 60; i++) {
            const uint32_t absent = prng_next(&state) % 3 == 0
                ? (uint32_t)(prng_next(&state) % (n - t + 1)) : 0;
            uint32_t most;
            deal(&state, n, t, absent);
            most = (d.count - t) / 2 + (prng_next(&state) % 4 == 0);
            switch (prng_next(&state) % 6) {
            case 0: break;
            case 1: spoil_random(&state, 1, n); break;
            case 2: spoil_random(&state, most, n); break;
            case 3: spoil_random(&state, most, n / 3 + 1); break;
            case 4: for (uint32_t v = 0; v < most; v++)
                    spoil(&state, d.ranks[v]);
                break;
            default: spoil_random(&state, 2 * n, n); break;
            }
            if (recover(&r, t) == SECAGG_OK)
                recovered++;
            else
                failed++;
        }
        sa_share_recovery_free(&r);
    }
    ck_assert_uint_gt(recovered, 300);
    ck_assert_uint_gt(failed, 50);
}
END_TEST

/* A word at distance one more than can be corrected, whose wrong shares are all
 * at suspects: leaving them out must not make it right. */
START_TEST(too_many_wrong_shares_fail_although_they_are_suspects)
{
    const uint32_t n = 60, t = 31, most = 14;
    sa_share_recovery r;
    uint64_t state = 2;

    init(&r, n, t);
    for (uint32_t first = 0; first < 30; first += most) {
        deal(&state, n, t, 0);
        for (uint32_t v = 0; v < most; v++)
            spoil(&state, first + v);
        ck_assert_int_eq(recover(&r, t), SECAGG_OK);
    }
    deal(&state, n, t, 0);
    for (uint32_t v = 0; v <= most; v++)
        spoil(&state, v);
    ck_assert_int_eq(recover(&r, t), SECAGG_ERR_CHEAT);
    sa_share_recovery_free(&r);
}
END_TEST

/* ---- work --------------------------------------------------------------- */

/* Shares, threshold, and how many power sums decoding uses at first and at
 * most. */
#define N 200
#define T 100
#define FEW 32
#define ALL (N - T)

/* Returns the power sums for `dealers` dealers, of each of which the shares at
 * the first `wrong` ranks are wrong. */
static uint64_t sums_of_same(uint32_t dealers, uint32_t wrong)
{
    sa_share_recovery r;
    uint64_t state = 3, sums;

    init(&r, N, T);
    for (uint32_t i = 0; i < dealers; i++) {
        deal(&state, N, T, 0);
        for (uint32_t v = 0; v < wrong; v++)
            spoil(&state, v);
        ck_assert_int_eq(recover(&r, T), SECAGG_OK);
    }
    sums = r.sums;
    sa_share_recovery_free(&r);
    return sums;
}

START_TEST(dealers_that_lie_to_the_same_holders_are_decoded_once)
{
    ck_assert_uint_eq(sums_of_same(40, 0), 0);
    for (uint32_t wrong = FEW / 2 + 1; wrong <= ALL / 2; wrong++)
        ck_assert_uint_eq(sums_of_same(40, wrong), FEW + ALL);
}
END_TEST

START_TEST(few_wrong_shares_are_found_with_few_power_sums)
{
    for (uint32_t wrong = 1; wrong <= FEW / 2; wrong++)
        ck_assert_uint_eq(sums_of_same(40, wrong), 40 * FEW);
}
END_TEST

/* Each dealer lies to some of the same 50 of 200 holders: few dealers are
 * decoded until all of these are suspects. */
START_TEST(dealers_that_lie_to_some_of_the_same_holders_are_decoded_rarely)
{
    sa_share_recovery r;
    uint64_t state = 4;

    init(&r, N, T);
    for (uint32_t i = 0; i < 100; i++) {
        deal(&state, N, T, 0);
        for (uint32_t v = 0; v < 50; v++)
            if (prng_next(&state) % 2)
                spoil(&state, 3 * v);
        ck_assert_int_eq(recover(&r, T), SECAGG_OK);
    }
    ck_assert_uint_le(r.sums, 12 * (FEW + ALL));
    sa_share_recovery_free(&r);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        any_wrong_shares_have_the_result_of_decoding_alone,
        too_many_wrong_shares_fail_although_they_are_suspects,
        dealers_that_lie_to_the_same_holders_are_decoded_once,
        few_wrong_shares_are_found_with_few_power_sums,
        dealers_that_lie_to_some_of_the_same_holders_are_decoded_rarely };
    return RUN(tests);
}
