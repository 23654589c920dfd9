/* SPDX-License-Identifier: Apache-2.0 */
/* reed_solomon: shares of polynomials evaluated by libsodium's scalars, with as
 * many wrong shares as can be corrected and with one more. For few shares the
 * result is compared with a search over all subsets. */
#include "crypto/reed_solomon.h"
#include "support/main.h"
#include "support/sodium_scalar.h"

#define MAX_SHARES 4096

/* ---- codewords: the shares of one polynomial ---------------------------- */

typedef struct codeword {
    size_t count, threshold;
    uint32_t ranks[MAX_SHARES];
    scalar shares[MAX_SHARES], secret;
} codeword;

static codeword w; /* too large for the stack; each test has its own process */

static size_t max_wrong(void)
{
    return (w.count - w.threshold) / 2;
}

/* Choose distinct random ranks below `ranks`, in random order. */
static void random_ranks(uint64_t *state, uint32_t ranks)
{
    uint32_t all[MAX_SHARES];

    for (uint32_t i = 0; i < ranks; i++)
        all[i] = i;
    for (uint32_t i = 0; i < w.count; i++) {
        const uint32_t j = i + (uint32_t)(prng_next(state) % (ranks - i));
        w.ranks[i] = all[j];
        all[j] = all[i];
    }
}

/* Compute the shares of a random polynomial for the holders in w. */
static void deal(uint64_t *state)
{
    static scalar coefs[MAX_SHARES];

    for (size_t i = 0; i < w.threshold; i++)
        coefs[i] = random_scalar(state);
    w.secret = coefs[0];
    for (size_t i = 0; i < w.count; i++) {
        const scalar x = from_u32(w.ranks[i] + 1);
        w.shares[i] = coefs[w.threshold - 1];
        for (size_t j = w.threshold - 1; j-- > 0;)
            w.shares[i] = add(mul(w.shares[i], x), coefs[j]);
    }
}

static void random_codeword(uint64_t *state, size_t count, size_t threshold,
    uint32_t ranks)
{
    w.count = count;
    w.threshold = threshold;
    random_ranks(state, ranks);
    deal(state);
}

static secagg_err decode(uint8_t secret[32], uint8_t *wrong)
{
    return sa_rs_decode(secret, wrong, w.ranks, w.shares[0].at, w.count,
        w.threshold);
}

/* Check that decoding finds this secret and exactly these wrong shares. */
static void check_decodes(scalar secret, const uint8_t *corrupted)
{
    uint8_t found[32], wrong[MAX_SHARES];

    memset(wrong, 0xa5, w.count);
    ck_assert_int_eq(decode(found, wrong), SECAGG_OK);
    ck_assert_mem_eq(found, secret.at, 32);
    ck_assert_mem_eq(wrong, corrupted, w.count);
}

static void check_fails(secagg_err err)
{
    uint8_t found[32], wrong[MAX_SHARES];

    memset(found, 0xa5, sizeof found);
    memset(wrong, 0xa5, sizeof wrong);
    ck_assert_int_eq(decode(found, wrong), err);
    for (size_t i = 0; i < sizeof wrong; i++)
        ck_assert_uint_eq(wrong[i], 0xa5);
    for (size_t i = 0; i < sizeof found; i++)
        ck_assert_uint_eq(found[i], 0xa5);
}

/* Returns a wrong share: plus one, negated, or random. */
static scalar corrupt(uint64_t *state, scalar share)
{
    static const scalar zero;
    const uint64_t how = prng_next(state) % 4;

    if (how == 0)
        return add(share, from_u32(1));
    if (how == 1 && !equal(share, zero))
        return sub(zero, share);
    return random_scalar(state);
}

/* ---- correct and wrong shares ------------------------------------------- */

START_TEST(correct_shares_decode_to_the_secret)
{
    static const uint8_t none[MAX_SHARES];
    static const struct { size_t count, threshold; uint32_t ranks; } all[] = {
        { 1, 1, 1 }, { 1, 1, 4096 }, { 2, 1, 2 }, { 2, 2, 4096 }, { 3, 2, 3 },
        { 7, 7, 7 }, { 8, 7, 8 }, { 9, 7, 4096 }, { 40, 20, 41 },
        { 300, 2, 300 }, { 300, 299, 400 } };
    uint64_t state = 1;

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        random_codeword(&state, all[i].count, all[i].threshold, all[i].ranks);
        check_decodes(w.secret, none);
    }
}
END_TEST

START_TEST(every_set_of_wrong_shares_is_found)
{
    uint64_t state = 2;
    uint8_t corrupted[8];
    scalar right[8];
    size_t count_tried = 0;

    for (size_t count = 1; count <= 8; count++)
        for (size_t t = 1; t <= count; t++) {
            random_codeword(&state, count, t, 10);
            memcpy(right, w.shares, sizeof right);
            for (uint32_t set = 0; set < (uint32_t)1 << count; set++) {
                size_t off = 0;
                for (size_t i = 0; i < count; i++) {
                    corrupted[i] = set >> i & 1;
                    off += corrupted[i];
                    w.shares[i] = corrupted[i] ? corrupt(&state, right[i])
                                            : right[i];
                }
                if (off <= max_wrong()) {
                    check_decodes(w.secret, corrupted);
                    count_tried++;
                }
            }
        }
    ck_assert_uint_gt(count_tried, 300);
}
END_TEST

/* Corrupt `off` shares at random positions. */
static void corrupt_some(uint64_t *state, uint8_t *corrupted, size_t off)
{
    memset(corrupted, 0, w.count);
    while (off > 0) {
        const size_t i = (size_t)(prng_next(state) % w.count);
        if (!corrupted[i]) {
            w.shares[i] = corrupt(state, w.shares[i]);
            corrupted[i] = 1;
            off--;
        }
    }
}

START_TEST(wrong_shares_are_found_among_hundreds)
{
    static const struct { size_t count, threshold; uint32_t ranks; } all[] = {
        { 50, 26, 50 }, { 51, 26, 4096 }, { 100, 67, 100 }, { 200, 2, 200 },
        { 200, 1, 4096 }, { 301, 200, 1000 }, { 128, 126, 128 } };
    uint64_t state = 3;
    uint8_t corrupted[MAX_SHARES];

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (size_t part = 0; part <= 3; part++) {
            random_codeword(&state, all[i].count, all[i].threshold,
                all[i].ranks);
            corrupt_some(&state, corrupted, max_wrong() * part / 3);
            check_decodes(w.secret, corrupted);
        }
}
END_TEST

START_TEST(a_thousand_shares_are_decoded)
{
    uint64_t state = 4;
    uint8_t corrupted[MAX_SHARES];

    random_codeword(&state, 1000, 667, 1000);
    corrupt_some(&state, corrupted, max_wrong());
    check_decodes(w.secret, corrupted);
}
END_TEST

START_TEST(the_maximum_number_of_shares_is_decoded)
{
    uint64_t state = 5;
    uint8_t corrupted[MAX_SHARES];

    random_codeword(&state, MAX_SHARES, 4000, MAX_SHARES);
    corrupt_some(&state, corrupted, max_wrong());
    check_decodes(w.secret, corrupted);
}
END_TEST

/* One set of coefficients serves many dealers. */
START_TEST(coefficients_serve_all_dealers_with_the_same_holders)
{
    uint64_t state = 6;
    uint8_t corrupted[MAX_SHARES], wrong[MAX_SHARES], found[32];
    sa_lagrange *lagrange;

    random_codeword(&state, 40, 20, 50);
    ck_assert_int_eq(sa_lagrange_new(&lagrange, w.ranks, 40), SECAGG_OK);
    for (size_t off = 0; off <= max_wrong(); off++) {
        deal(&state);
        corrupt_some(&state, corrupted, off);
        ck_assert_int_eq(sa_rs_decode_with(lagrange, found, wrong, w.ranks,
            w.shares[0].at, 40, 20), SECAGG_OK);
        ck_assert_mem_eq(found, w.secret.at, 32);
        ck_assert_mem_eq(wrong, corrupted, 40);
    }
    sa_lagrange_free(lagrange);
}
END_TEST

/* ---- too many wrong shares ---------------------------------------------- */

/* One or two random errors more than can be corrected. Another polynomial is
 * near enough by chance with a probability of about 2^-252. */
START_TEST(decode_fails_with_one_wrong_share_too_many)
{
    static const struct { size_t count, threshold; } all[] = { { 2, 1 },
        { 3, 1 }, { 3, 2 }, { 4, 2 }, { 10, 9 }, { 11, 9 }, { 12, 9 },
        { 30, 10 }, { 31, 10 }, { 200, 120 } };
    uint64_t state = 7;
    uint8_t corrupted[MAX_SHARES];

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (size_t more = 1; more <= 2; more++) {
            random_codeword(&state, all[i].count, all[i].threshold, 300);
            memset(corrupted, 0, sizeof corrupted);
            for (size_t off = 0; off < max_wrong() + more && off < w.count;) {
                const size_t at = (size_t)(prng_next(&state) % w.count);
                off += !corrupted[at];
                corrupted[at] = 1;
                w.shares[at] = random_scalar(&state);
            }
            check_fails(SECAGG_ERR_CHEAT);
        }
}
END_TEST

/* With one share more than the threshold, one wrong share is detected but not
 * located: every subset of threshold shares is consistent. */
START_TEST(decode_fails_with_one_spare_share_and_one_wrong_share)
{
    uint64_t state = 8;

    for (size_t t = 1; t <= 12; t++)
        for (size_t at = 0; at <= t; at++) {
            random_codeword(&state, t + 1, t, 20);
            w.shares[at] = add(w.shares[at], from_u32(1));
            check_fails(SECAGG_ERR_CHEAT);
        }
}
END_TEST

/* The value at x of the polynomial that is 1 at 0 and 0 at the first t - 1
 * points: adding it changes the secret but not those shares. */
static scalar other_polynomial(uint32_t x)
{
    scalar product = from_u32(1); /* of (x - x_i) / (0 - x_i) */
    const scalar zero = from_u32(0);

    for (size_t i = 0; i + 1 < w.threshold; i++) {
        const scalar xi = from_u32(w.ranks[i] + 1);
        product = mul(product, quotient(sub(from_u32(x), xi), sub(zero, xi)));
    }
    return product;
}

/* Two polynomials agree at t - 1 points. After max_wrong() + 1 more shares are
 * replaced by those of the other polynomial, that one is nearer if
 * count - threshold is even, and both are equally near if it is odd. */
START_TEST(the_nearer_polynomial_wins_and_a_tie_fails)
{
    uint64_t state = 9;
    uint8_t corrupted[MAX_SHARES];

    for (size_t count = 4; count <= 24; count++)
        for (size_t t = 2; t + 1 < count; t += 3) {
            const size_t first = t - 1;
            random_codeword(&state, count, t, 30);
            for (size_t i = first; i < first + max_wrong() + 1; i++)
                w.shares[i] = add(w.shares[i],
                    other_polynomial(w.ranks[i] + 1));
            if ((count - t) % 2 == 1) {
                check_fails(SECAGG_ERR_CHEAT);
                continue;
            }
            for (size_t i = 0; i < count; i++)
                corrupted[i] = i >= first + max_wrong() + 1;
            check_decodes(add(w.secret, from_u32(1)), corrupted);
        }
}
END_TEST

/* ---- errors chosen to mislead ------------------------------------------- */

/* The Lagrange coefficient of share i at 0: product of x_j / (x_j - x_i). */
static scalar weight(size_t i, size_t count)
{
    const scalar xi = from_u32(w.ranks[i] + 1);
    scalar r = from_u32(1);

    for (size_t j = 0; j < count; j++)
        if (j != i) {
            const scalar xj = from_u32(w.ranks[j] + 1);
            r = mul(r, quotient(xj, sub(xj, xi)));
        }
    return r;
}

/* Errors at the first `off` positions whose syndromes S_1 ... S_(off - 1)
 * vanish: error i times its weight among all positions is its weight among the
 * first `off` ones. */
START_TEST(errors_whose_first_syndromes_vanish_are_found)
{
    uint64_t state = 10;
    uint8_t corrupted[MAX_SHARES];

    for (size_t off = 1; off <= 10; off++)
        for (size_t spare = 0; spare < 2; spare++) {
            random_codeword(&state, 25 + spare, 5, 60);
            for (size_t i = 0; i < w.count; i++) {
                corrupted[i] = i < off;
                if (i < off)
                    w.shares[i] = add(w.shares[i],
                        quotient(weight(i, off), weight(i, w.count)));
            }
            check_decodes(w.secret, corrupted);
        }
}
END_TEST

/* All shares lie on one polynomial, whose degree is too high by one. */
START_TEST(decode_fails_for_a_polynomial_of_too_high_degree)
{
    uint64_t state = 11;

    for (size_t count = 3; count <= 30; count += 3)
        for (size_t t = 1; t + 1 < count; t += 2) {
            random_codeword(&state, count, t + 1, 40);
            w.threshold = t;
            check_fails(SECAGG_ERR_CHEAT);
        }
}
END_TEST

/* ---- a search over all subsets ------------------------------------------ */

/* The value at x of the polynomial through the shares in a bitmap. */
static scalar interpolate(uint32_t set, uint32_t x)
{
    scalar sum = from_u32(0);

    for (size_t i = 0; i < w.count; i++) {
        const scalar xi = from_u32(w.ranks[i] + 1);
        scalar term = w.shares[i];
        if (!(set >> i & 1))
            continue;
        for (size_t j = 0; j < w.count; j++)
            if (j != i && set >> j & 1) {
                const scalar xj = from_u32(w.ranks[j] + 1);
                term = mul(term, quotient(sub(from_u32(x), xj), sub(xi, xj)));
            }
        sum = add(sum, term);
    }
    return sum;
}

/* Mark the shares that are not on the polynomial through a set; returns how
 * many. */
static size_t mark_misses(uint32_t set, uint8_t *wrong)
{
    size_t off = 0;

    for (size_t i = 0; i < w.count; i++) {
        wrong[i] = !equal(interpolate(set, w.ranks[i] + 1), w.shares[i]);
        off += wrong[i];
    }
    return off;
}

/* The rule of PROTOCOL.md 4.6 by search; false if no polynomial is near
 * enough. */
static bool naive_decode(scalar *secret, uint8_t *wrong)
{
    for (uint32_t set = 0; set < (uint32_t)1 << w.count; set++) {
        size_t members = 0;
        for (size_t i = 0; i < w.count; i++)
            members += set >> i & 1;
        if (members == w.threshold && mark_misses(set, wrong) <= max_wrong()) {
            *secret = interpolate(set, 0);
            return true;
        }
    }
    return false;
}

/* With shares that are 0 or 1, many polynomials have equal distances. */
START_TEST(decode_agrees_with_a_search_over_all_subsets)
{
    uint64_t state = 12;
    uint8_t wrong[8];
    scalar secret;
    size_t found = 0, refused = 0;

    for (size_t count = 2; count <= 6; count++)
        for (size_t t = 1; t < count; t++)
            for (uint32_t bits = 0; bits < (uint32_t)1 << count; bits++) {
                w.count = count;
                w.threshold = t;
                random_ranks(&state, 7);
                for (size_t i = 0; i < count; i++)
                    w.shares[i] = from_u32(bits >> i & 1);
                if (naive_decode(&secret, wrong)) {
                    check_decodes(secret, wrong);
                    found++;
                } else {
                    check_fails(SECAGG_ERR_CHEAT);
                    refused++;
                }
            }
    ck_assert_uint_gt(found, 100);
    ck_assert_uint_gt(refused, 100);
}
END_TEST

/* ---- rejected arguments ------------------------------------------------- */

START_TEST(decode_rejects_ranks_thresholds_and_shares_out_of_range)
{
    static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63,
        0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
        [31] = 0x10 };
    uint64_t state = 13;

    random_codeword(&state, 9, 5, 9);
    w.threshold = 0;
    check_fails(SECAGG_ERR_ARG);
    w.threshold = 10;
    check_fails(SECAGG_ERR_ARG);
    w.threshold = 5;
    w.count = 0;
    check_fails(SECAGG_ERR_ARG);
    w.count = 9;
    w.ranks[8] = w.ranks[0];
    check_fails(SECAGG_ERR_ARG);
    w.ranks[8] = 4096;
    check_fails(SECAGG_ERR_ARG);
    w.ranks[8] = 4095;
    memcpy(w.shares[3].at, order, 32);
    check_fails(SECAGG_ERR_MESSAGE);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { correct_shares_decode_to_the_secret,
        every_set_of_wrong_shares_is_found,
        wrong_shares_are_found_among_hundreds, a_thousand_shares_are_decoded,
        the_maximum_number_of_shares_is_decoded,
        coefficients_serve_all_dealers_with_the_same_holders,
        decode_fails_with_one_wrong_share_too_many,
        decode_fails_with_one_spare_share_and_one_wrong_share,
        the_nearer_polynomial_wins_and_a_tie_fails,
        errors_whose_first_syndromes_vanish_are_found,
        decode_fails_for_a_polynomial_of_too_high_degree,
        decode_agrees_with_a_search_over_all_subsets,
        decode_rejects_ranks_thresholds_and_shares_out_of_range };
    return sodium_init() < 0 || RUN(tests);
}
