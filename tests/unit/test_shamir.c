/* SPDX-License-Identifier: Apache-2.0 */
/* shamir: shares compared with a polynomial on libsodium's scalars and its
 * ChaCha20; joining by every set of holders of small cohorts; rejected
 * arguments. */
#include <sodium.h>

#include "crypto/shamir.h"
#include "support/main.h"
#include "support/util.h"

#define ORDER "edd3f55c1a631258d69cf7a2def9de14"                              \
              "00000000000000000000000000000010"

static void random_secret(uint8_t secret[32], uint64_t *state)
{
    uint8_t wide[64];

    prng_bytes(state, wide, sizeof wide);
    crypto_core_ristretto255_scalar_reduce(secret, wide);
}

static uint8_t *split(size_t count, size_t threshold, const uint8_t secret[32],
    const uint8_t seed[32])
{
    uint8_t *shares = malloc(count * 32);

    ck_assert_ptr_nonnull(shares);
    ck_assert_int_eq(secagg_shamir_split(shares, count, threshold, secret,
        seed), SECAGG_OK);
    return shares;
}

/* ---- splitting ---------------------------------------------------------- */

/* Coefficient of x^i: block i - 1 of ChaCha20 under the seed, nonce zero,
 * modulo ell (PROTOCOL.md 4.3). */
static void naive_coef(uint8_t coef[32], const uint8_t seed[32], size_t i)
{
    static const uint8_t nonce[12], zero[64];
    uint8_t wide[64];

    crypto_stream_chacha20_ietf_xor_ic(wide, zero, sizeof wide, nonce,
        (uint32_t)(i - 1), seed);
    crypto_core_ristretto255_scalar_reduce(coef, wide);
}

/* The sum of coefficients times powers of x, lowest power first. */
static void naive_share(uint8_t share[32], uint32_t x, size_t threshold,
    const uint8_t secret[32], const uint8_t seed[32])
{
    const uint8_t point[32] = { (uint8_t)(x & 255), (uint8_t)(x >> 8) };
    uint8_t power[32] = { 1 }, term[32];

    memcpy(share, secret, 32);
    for (size_t i = 1; i < threshold; i++) {
        crypto_core_ristretto255_scalar_mul(power, power, point);
        naive_coef(term, seed, i);
        crypto_core_ristretto255_scalar_mul(term, term, power);
        crypto_core_ristretto255_scalar_add(share, share, term);
    }
}

static void check_shares(size_t count, size_t threshold, uint64_t seed)
{
    uint8_t secret[32], key[32], want[32];
    uint8_t *shares;

    random_secret(secret, &seed);
    prng_bytes(&seed, key, sizeof key);
    shares = split(count, threshold, secret, key);
    for (size_t i = 0; i < count; i++) {
        naive_share(want, (uint32_t)i + 1, threshold, secret, key);
        ck_assert_mem_eq(shares + 32 * i, want, 32);
    }
    free(shares);
}

START_TEST(shares_are_values_of_the_polynomial)
{
    for (size_t count = 1; count <= 20; count++)
        for (size_t threshold = 1; threshold <= count; threshold++)
            check_shares(count, threshold, 100 * count + threshold);
    check_shares(100, 67, 1);
    check_shares(257, 3, 2);
    check_shares(300, 300, 3);
}
END_TEST

START_TEST(split_makes_the_maximum_number_of_shares)
{
    check_shares(SECAGG_SHARES_MAX, 1, 4);
    check_shares(SECAGG_SHARES_MAX, 2, 5);
    check_shares(SECAGG_SHARES_MAX, 5, 6);
}
END_TEST

/* Checks the first and the last share. */
START_TEST(the_threshold_may_be_the_maximum_count)
{
    uint8_t secret[32], seed[32], want[32];
    uint64_t state = 7;
    uint8_t *shares;

    random_secret(secret, &state);
    prng_bytes(&state, seed, sizeof seed);
    shares = split(SECAGG_SHARES_MAX, SECAGG_SHARES_MAX, secret, seed);
    for (uint32_t x = 1; x <= SECAGG_SHARES_MAX; x += SECAGG_SHARES_MAX - 1) {
        naive_share(want, x, SECAGG_SHARES_MAX, secret, seed);
        ck_assert_mem_eq(shares + 32 * (x - 1), want, 32);
    }
    free(shares);
}
END_TEST

START_TEST(with_a_threshold_of_one_every_share_is_the_secret)
{
    uint8_t secret[32], seed[32] = { 0 };
    uint64_t state = 8;
    uint8_t *shares;

    random_secret(secret, &state);
    shares = split(9, 1, secret, seed);
    for (int i = 0; i < 9; i++)
        ck_assert_mem_eq(shares + 32 * i, secret, 32);
    free(shares);
}
END_TEST

/* ---- joining ------------------------------------------------------------ */

/* Whether the shares of a set of holders (n <= 32) join to the secret. */
static bool joins_to(const uint8_t *shares, uint32_t set, uint32_t n,
    const uint8_t secret[32])
{
    uint32_t holders[32];
    uint8_t chosen[32][32], joined[32];
    size_t count = 0;

    for (uint32_t i = 0; i < n; i++)
        if (set >> i & 1) {
            memcpy(chosen[count], shares + 32 * i, 32);
            holders[count++] = i;
        }
    ck_assert_int_eq(secagg_shamir_join(joined, holders, chosen[0], count),
        SECAGG_OK);
    return memcmp(joined, secret, 32) == 0;
}

static uint32_t count_members(uint32_t set)
{
    uint32_t count = 0;

    for (; set != 0; set &= set - 1)
        count++;
    return count;
}

/* All subsets of up to seven holders, all thresholds. Fewer than t shares join
 * to the secret by chance with a probability of about 2^-252. */
START_TEST(exactly_the_sets_of_at_least_t_holders_join_to_the_secret)
{
    uint64_t state = 9;

    for (uint32_t n = 1; n <= 7; n++)
        for (uint32_t threshold = 1; threshold <= n; threshold++) {
            uint8_t secret[32], seed[32], *shares;
            random_secret(secret, &state);
            prng_bytes(&state, seed, sizeof seed);
            shares = split(n, threshold, secret, seed);
            for (uint32_t set = 1; set < UINT32_C(1) << n; set++)
                ck_assert_int_eq(joins_to(shares, set, n, secret),
                    count_members(set) >= threshold);
            free(shares);
        }
}
END_TEST

START_TEST(edge_secrets_are_joined)
{
    static const char *const secrets[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0f",
        "0000000000000000000000000000000000000000000000000000000000000010",
        "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010" };
    uint8_t seed[32] = { 3 };

    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        uint8_t secret[32], *shares;
        unhex(secret, secrets[i]);
        shares = split(9, 5, secret, seed);
        ck_assert(joins_to(shares, 0x1f, 9, secret));
        ck_assert(joins_to(shares, 0x1f0, 9, secret));
        ck_assert(joins_to(shares, 0x155, 9, secret));
        ck_assert(!joins_to(shares, 0xf, 9, secret));
        free(shares);
    }
}
END_TEST

/* Choose `count` distinct random ranks below n, in random order. */
static void random_holders(uint32_t *holders, size_t count, uint32_t n,
    uint64_t *state)
{
    static uint32_t ranks[SECAGG_SHARES_MAX];

    for (uint32_t i = 0; i < n; i++)
        ranks[i] = i;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t j = i + (uint32_t)(prng_next(state) % (n - i));
        holders[i] = ranks[j];
        ranks[j] = ranks[i];
    }
}

/* Join the shares of random holders: unchanged, then with one bit changed. */
static void check_join(uint32_t n, size_t threshold, size_t count,
    uint64_t seed)
{
    uint32_t *holders = malloc(count * sizeof *holders);
    uint8_t *chosen = malloc(count * 32), *shares;
    uint8_t secret[32], key[32], joined[32];

    ck_assert(holders != NULL && chosen != NULL);
    random_secret(secret, &seed);
    prng_bytes(&seed, key, sizeof key);
    shares = split(n, threshold, secret, key);
    random_holders(holders, count, n, &seed);
    for (size_t i = 0; i < count; i++)
        memcpy(chosen + 32 * i, shares + 32 * holders[i], 32);
    ck_assert_int_eq(secagg_shamir_join(joined, holders, chosen, count),
        SECAGG_OK);
    ck_assert_mem_eq(joined, secret, 32);
    chosen[32 * (prng_next(&seed) % count)] ^= 1;
    ck_assert_int_eq(secagg_shamir_join(joined, holders, chosen, count),
        SECAGG_OK);
    ck_assert_mem_ne(joined, secret, 32);
    free(shares);
    free(chosen);
    free(holders);
}

START_TEST(holders_may_be_in_any_order)
{
    for (uint64_t run = 0; run < 200; run++) {
        const uint32_t n = 1 + (uint32_t)(run % 40);
        const size_t threshold = 1 + (size_t)(run * 7 % n);
        check_join(n, threshold, threshold, 2 * run);
        check_join(n, threshold, n, 2 * run + 1);
    }
}
END_TEST

/* Products of differences of ranks that exceed 64 bits. */
START_TEST(holders_with_distant_ranks_join)
{
    check_join(SECAGG_SHARES_MAX, 3, 3, 1);
    check_join(SECAGG_SHARES_MAX, 2, 40, 2);
    check_join(SECAGG_SHARES_MAX, 30, 200, 3);
    check_join(1000, 667, 700, 4);
}
END_TEST

START_TEST(the_lowest_and_highest_ranks_join)
{
    static const uint32_t holders[] = { SECAGG_SHARES_MAX - 1, 0,
        SECAGG_SHARES_MAX - 2, 1 };
    uint8_t secret[32], seed[32], chosen[4][32], joined[32], *shares;
    uint64_t state = 10;

    random_secret(secret, &state);
    prng_bytes(&state, seed, sizeof seed);
    shares = split(SECAGG_SHARES_MAX, 4, secret, seed);
    for (int i = 0; i < 4; i++)
        memcpy(chosen[i], shares + 32 * holders[i], 32);
    ck_assert_int_eq(secagg_shamir_join(joined, holders, chosen[0], 4),
        SECAGG_OK);
    ck_assert_mem_eq(joined, secret, 32);
    free(shares);
}
END_TEST

START_TEST(lagrange_coefficients_serve_many_secrets)
{
    static const uint32_t holders[] = { 11, 2, 0, 7, 5 };
    uint64_t state = 11;
    sa_lagrange *lagrange;

    ck_assert_int_eq(sa_lagrange_new(&lagrange, holders, 5), SECAGG_OK);
    for (int run = 0; run < 100; run++) {
        uint8_t secret[32], seed[32], chosen[5][32], joined[32], *shares;
        random_secret(secret, &state);
        prng_bytes(&state, seed, sizeof seed);
        shares = split(12, 5, secret, seed);
        for (int i = 0; i < 5; i++)
            memcpy(chosen[i], shares + 32 * holders[i], 32);
        ck_assert_int_eq(sa_lagrange_join(lagrange, joined, chosen[0]),
            SECAGG_OK);
        ck_assert_mem_eq(joined, secret, 32);
        free(shares);
    }
    sa_lagrange_free(lagrange);
    sa_lagrange_free(NULL);
}
END_TEST

/* The sum of shares times Lagrange coefficients, by libsodium's scalars. */
START_TEST(arbitrary_shares_join_to_the_lagrange_value)
{
    static const uint32_t holders[] = { 4095, 17, 3, 900 };
    uint64_t state = 12;

    for (int run = 0; run < 50; run++) {
        uint8_t shares[4][32], want[32] = { 0 }, joined[32];
        for (int i = 0; i < 4; i++) {
            uint8_t term[32];
            random_secret(shares[i], &state);
            memcpy(term, shares[i], 32);
            for (int j = 0; j < 4; j++) { /* times x_j / (x_j - x_i) */
                uint8_t own[32] = { (uint8_t)((holders[i] + 1) & 255),
                    (uint8_t)((holders[i] + 1) >> 8) };
                uint8_t x[32] = { (uint8_t)((holders[j] + 1) & 255),
                    (uint8_t)((holders[j] + 1) >> 8) };
                if (j == i)
                    continue;
                crypto_core_ristretto255_scalar_mul(term, term, x);
                crypto_core_ristretto255_scalar_sub(x, x, own);
                crypto_core_ristretto255_scalar_invert(x, x);
                crypto_core_ristretto255_scalar_mul(term, term, x);
            }
            crypto_core_ristretto255_scalar_add(want, want, term);
        }
        ck_assert_int_eq(secagg_shamir_join(joined, holders, shares[0], 4),
            SECAGG_OK);
        ck_assert_mem_eq(joined, want, 32);
    }
}
END_TEST

/* ---- rejected arguments ------------------------------------------------- */

static const char *const not_below_order[] = { ORDER,
    "eed3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
    "0000000000000000000000000000000000000000000000000000000000000020",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" };

#define NOT_BELOW_ORDER (sizeof not_below_order / sizeof *not_below_order)

START_TEST(split_rejects_counts_out_of_range)
{
    static const size_t cases[][2] = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 5, 0 },
        { 5, 6 }, { 1, 2 }, { 4097, 1 }, { 4097, 4097 }, { SIZE_MAX, 1 },
        { SIZE_MAX, SIZE_MAX }, { 5, SIZE_MAX } };
    static const uint8_t secret[32], seed[32];
    uint8_t shares[160], clean[160];

    memset(shares, 0x5a, sizeof shares);
    memset(clean, 0x5a, sizeof clean);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_int_eq(secagg_shamir_split(shares, cases[i][0], cases[i][1],
            secret, seed), SECAGG_ERR_ARG);
    ck_assert_mem_eq(shares, clean, sizeof shares);
}
END_TEST

START_TEST(split_rejects_a_secret_from_the_order_on)
{
    uint8_t secret[32], seed[32] = { 0 }, shares[160], clean[160];

    memset(shares, 0x5a, sizeof shares);
    memset(clean, 0x5a, sizeof clean);
    for (size_t i = 0; i < NOT_BELOW_ORDER; i++) {
        unhex(secret, not_below_order[i]);
        ck_assert_int_eq(secagg_shamir_split(shares, 5, 3, secret, seed),
            SECAGG_ERR_VALUE);
    }
    ck_assert_mem_eq(shares, clean, sizeof shares);
}
END_TEST

/* A rank is repeated at every pair of positions, or out of range at every
 * position. */
START_TEST(join_rejects_repeated_and_invalid_holders)
{
    static const uint32_t foreign[] = { SECAGG_SHARES_MAX,
        SECAGG_SHARES_MAX + 1, UINT32_MAX };
    uint8_t shares[5][32] = { { 0 } }, secret[32], clean[32];

    memset(secret, 0x5a, sizeof secret);
    memset(clean, 0x5a, sizeof clean);
    for (int a = 0; a < 5; a++) {
        for (int b = 0; b < a; b++) {
            uint32_t holders[] = { 3, 1, 4, 0, 9 };
            holders[a] = holders[b];
            ck_assert_int_eq(secagg_shamir_join(secret, holders, shares[0],
                5), SECAGG_ERR_ARG);
        }
        for (int k = 0; k < 3; k++) {
            uint32_t holders[] = { 3, 1, 4, 0, 9 };
            holders[a] = foreign[k];
            ck_assert_int_eq(secagg_shamir_join(secret, holders, shares[0],
                5), SECAGG_ERR_ARG);
        }
    }
    ck_assert_mem_eq(secret, clean, sizeof secret);
}
END_TEST

START_TEST(join_rejects_counts_out_of_range)
{
    static const uint32_t holders[SECAGG_SHARES_MAX + 1];
    uint8_t shares[32] = { 0 }, secret[32], clean[32];
    sa_lagrange *lagrange = NULL;

    memset(secret, 0x5a, sizeof secret);
    memset(clean, 0x5a, sizeof clean);
    ck_assert_int_eq(secagg_shamir_join(secret, holders, shares, 0),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_shamir_join(secret, holders, shares,
        SECAGG_SHARES_MAX + 1), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_shamir_join(secret, holders, shares, SIZE_MAX),
        SECAGG_ERR_ARG);
    ck_assert_mem_eq(secret, clean, sizeof secret);
    ck_assert_int_eq(sa_lagrange_new(&lagrange, holders, 0), SECAGG_ERR_ARG);
    ck_assert_int_eq(sa_lagrange_new(&lagrange, holders, 2), SECAGG_ERR_ARG);
    ck_assert_ptr_null(lagrange);
}
END_TEST

START_TEST(join_rejects_a_share_from_the_order_on)
{
    static const uint32_t holders[] = { 0, 1, 2, 3 };

    for (size_t i = 0; i < NOT_BELOW_ORDER; i++)
        for (int at = 0; at < 4; at++) {
            uint8_t shares[4][32] = { { 1 }, { 2 }, { 3 }, { 4 } };
            uint8_t secret[32], clean[32];
            memset(secret, 0x5a, sizeof secret);
            memset(clean, 0x5a, sizeof clean);
            unhex(shares[at], not_below_order[i]);
            ck_assert_int_eq(secagg_shamir_join(secret, holders, shares[0],
                4), SECAGG_ERR_MESSAGE);
            ck_assert_mem_eq(secret, clean, sizeof secret);
        }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { shares_are_values_of_the_polynomial,
        split_makes_the_maximum_number_of_shares,
        the_threshold_may_be_the_maximum_count,
        with_a_threshold_of_one_every_share_is_the_secret,
        exactly_the_sets_of_at_least_t_holders_join_to_the_secret,
        edge_secrets_are_joined, holders_may_be_in_any_order,
        holders_with_distant_ranks_join, the_lowest_and_highest_ranks_join,
        lagrange_coefficients_serve_many_secrets,
        arbitrary_shares_join_to_the_lagrange_value,
        split_rejects_counts_out_of_range,
        split_rejects_a_secret_from_the_order_on,
        join_rejects_repeated_and_invalid_holders,
        join_rejects_counts_out_of_range,
        join_rejects_a_share_from_the_order_on };
    return sodium_init() < 0 || RUN(tests);
}
