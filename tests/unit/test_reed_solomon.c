/* SPDX-License-Identifier: Apache-2.0 */
/* decode: shares of polynomials that libsodium's scalars evaluate, spoilt at
 * every place that can be told and at one more; held to a search over all
 * subsets of shares where that can be made. */
#include "crypto/reed_solomon.h"
#include "support/main.h"
#include "support/sodium_scalar.h"

#define MANY 4096

/* ---- words: the shares of one polynomial -------------------------------- */

typedef struct word {
    size_t count, threshold;
    uint32_t ranks[MANY];
    scalar shares[MANY], secret;
} word;

static word w; /* too large for a stack; each test runs in its own process */

static size_t most(void)
{
    return (w.count - w.threshold) / 2;
}

/* Ranks in an order of no kind, all below `ranks`. */
static void draw_ranks(uint64_t *state, uint32_t ranks)
{
    uint32_t all[MANY];

    for (uint32_t i = 0; i < ranks; i++)
        all[i] = i;
    for (uint32_t i = 0; i < w.count; i++) {
        const uint32_t j = i + (uint32_t)(prng_next(state) % (ranks - i));
        w.ranks[i] = all[j];
        all[j] = all[i];
    }
}

/* Shares of a random polynomial for the holders of w. */
static void deal(uint64_t *state)
{
    static scalar coefs[MANY];

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

static void draw_word(uint64_t *state, size_t count, size_t threshold,
    uint32_t ranks)
{
    w.count = count;
    w.threshold = threshold;
    draw_ranks(state, ranks);
    deal(state);
}

static secagg_err decode(uint8_t secret[32], uint8_t *wrong)
{
    return sa_rs_decode(secret, wrong, w.ranks, w.shares[0].at, w.count,
        w.threshold);
}

/* It gives that secret and finds exactly those shares wrong. */
static void gives(scalar secret, const uint8_t *spoilt)
{
    uint8_t found[32], wrong[MANY];

    memset(wrong, 0xa5, w.count);
    ck_assert_int_eq(decode(found, wrong), SECAGG_OK);
    ck_assert_mem_eq(found, secret.at, 32);
    ck_assert_mem_eq(wrong, spoilt, w.count);
}

static void refuses(secagg_err err)
{
    uint8_t found[32], wrong[MANY];

    memset(found, 0xa5, sizeof found);
    memset(wrong, 0xa5, sizeof wrong);
    ck_assert_int_eq(decode(found, wrong), err);
    for (size_t i = 0; i < sizeof wrong; i++)
        ck_assert_uint_eq(wrong[i], 0xa5);
    for (size_t i = 0; i < sizeof found; i++)
        ck_assert_uint_eq(found[i], 0xa5);
}

/* Off by a random scalar, by one, or the right share's negative. */
static scalar spoil(uint64_t *state, scalar share)
{
    static const scalar zero;
    const uint64_t how = prng_next(state) % 4;

    if (how == 0)
        return add(share, from_u32(1));
    if (how == 1 && !equal(share, zero))
        return sub(zero, share);
    return random_scalar(state);
}

/* ---- right shares and wrong ones ---------------------------------------- */

START_TEST(right_shares_give_the_secret)
{
    static const uint8_t none[MANY];
    static const struct { size_t count, threshold; uint32_t ranks; } all[] = {
        { 1, 1, 1 }, { 1, 1, 4096 }, { 2, 1, 2 }, { 2, 2, 4096 }, { 3, 2, 3 },
        { 7, 7, 7 }, { 8, 7, 8 }, { 9, 7, 4096 }, { 40, 20, 41 },
        { 300, 2, 300 }, { 300, 299, 400 } };
    uint64_t state = 1;

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        draw_word(&state, all[i].count, all[i].threshold, all[i].ranks);
        gives(w.secret, none);
    }
}
END_TEST

START_TEST(wrong_shares_are_found_at_every_set_of_places)
{
    uint64_t state = 2;
    uint8_t spoilt[8];
    scalar right[8];
    size_t tried = 0;

    for (size_t count = 1; count <= 8; count++)
        for (size_t t = 1; t <= count; t++) {
            draw_word(&state, count, t, 10);
            memcpy(right, w.shares, sizeof right);
            for (uint32_t set = 0; set < (uint32_t)1 << count; set++) {
                size_t off = 0;
                for (size_t i = 0; i < count; i++) {
                    spoilt[i] = set >> i & 1;
                    off += spoilt[i];
                    w.shares[i] = spoilt[i] ? spoil(&state, right[i])
                                            : right[i];
                }
                if (off <= most()) {
                    gives(w.secret, spoilt);
                    tried++;
                }
            }
        }
    ck_assert_uint_gt(tried, 300);
}
END_TEST

/* Spoil `off` shares, at random places. */
static void spoil_some(uint64_t *state, uint8_t *spoilt, size_t off)
{
    memset(spoilt, 0, w.count);
    while (off > 0) {
        const size_t i = (size_t)(prng_next(state) % w.count);
        if (!spoilt[i]) {
            w.shares[i] = spoil(state, w.shares[i]);
            spoilt[i] = 1;
            off--;
        }
    }
}

START_TEST(wrong_shares_are_found_among_many)
{
    static const struct { size_t count, threshold; uint32_t ranks; } all[] = {
        { 50, 26, 50 }, { 51, 26, 4096 }, { 100, 67, 100 }, { 200, 2, 200 },
        { 200, 1, 4096 }, { 301, 200, 1000 }, { 128, 126, 128 } };
    uint64_t state = 3;
    uint8_t spoilt[MANY];

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (size_t part = 0; part <= 3; part++) {
            draw_word(&state, all[i].count, all[i].threshold, all[i].ranks);
            spoil_some(&state, spoilt, most() * part / 3);
            gives(w.secret, spoilt);
        }
}
END_TEST

START_TEST(a_thousand_shares_are_decoded)
{
    uint64_t state = 4;
    uint8_t spoilt[MANY];

    draw_word(&state, 1000, 667, 1000);
    spoil_some(&state, spoilt, most());
    gives(w.secret, spoilt);
}
END_TEST

START_TEST(the_greatest_number_of_shares_is_decoded)
{
    uint64_t state = 5;
    uint8_t spoilt[MANY];

    draw_word(&state, MANY, 4000, MANY);
    spoil_some(&state, spoilt, most());
    gives(w.secret, spoilt);
}
END_TEST

/* One set of coefficients serves many dealers. */
START_TEST(dealers_with_the_same_holders_share_the_coefficients)
{
    uint64_t state = 6;
    uint8_t spoilt[MANY], wrong[MANY], found[32];
    sa_lagrange *lagrange;

    draw_word(&state, 40, 20, 50);
    ck_assert_int_eq(sa_lagrange_new(&lagrange, w.ranks, 40), SECAGG_OK);
    for (size_t off = 0; off <= most(); off++) {
        deal(&state);
        spoil_some(&state, spoilt, off);
        ck_assert_int_eq(sa_rs_decode_with(lagrange, found, wrong, w.ranks,
            w.shares[0].at, 40, 20), SECAGG_OK);
        ck_assert_mem_eq(found, w.secret.at, 32);
        ck_assert_mem_eq(wrong, spoilt, 40);
    }
    sa_lagrange_free(lagrange);
}
END_TEST

/* ---- too many wrong ones ------------------------------------------------ */

/* Of random errors one more than can be told: that another polynomial comes
 * near enough by chance has a probability of about 2^-252. */
START_TEST(one_wrong_share_too_many_is_refused)
{
    static const struct { size_t count, threshold; } all[] = { { 2, 1 },
        { 3, 1 }, { 3, 2 }, { 4, 2 }, { 10, 9 }, { 11, 9 }, { 12, 9 },
        { 30, 10 }, { 31, 10 }, { 200, 120 } };
    uint64_t state = 7;
    uint8_t spoilt[MANY];

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (size_t more = 1; more <= 2; more++) {
            draw_word(&state, all[i].count, all[i].threshold, 300);
            memset(spoilt, 0, sizeof spoilt);
            for (size_t off = 0; off < most() + more && off < w.count;) {
                const size_t at = (size_t)(prng_next(&state) % w.count);
                off += !spoilt[at];
                spoilt[at] = 1;
                w.shares[at] = random_scalar(&state);
            }
            refuses(SECAGG_ERR_CHEAT);
        }
}
END_TEST

/* Where a subset would fit, too: one share more than are needed cannot tell
 * which one is wrong. */
START_TEST(one_spare_share_finds_a_wrong_one_but_not_which)
{
    uint64_t state = 8;

    for (size_t t = 1; t <= 12; t++)
        for (size_t at = 0; at <= t; at++) {
            draw_word(&state, t + 1, t, 20);
            w.shares[at] = add(w.shares[at], from_u32(1));
            refuses(SECAGG_ERR_CHEAT);
        }
}
END_TEST

/* The value at x of the polynomial through the first t - 1 shares and through
 * zero, plus 1, at x = 0. */
static scalar rival(uint32_t x)
{
    scalar product = from_u32(1); /* of (x - x_i) / (0 - x_i) */
    const scalar zero = from_u32(0);

    for (size_t i = 0; i + 1 < w.threshold; i++) {
        const scalar xi = from_u32(w.ranks[i] + 1);
        product = mul(product, quotient(sub(from_u32(x), xi), sub(zero, xi)));
    }
    return product;
}

/* Two polynomials agree at t - 1 points. Shares of the rival at most() + 1
 * more places make it the nearer one where count - threshold is even, and tie
 * where it is odd. */
START_TEST(the_nearer_of_two_polynomials_wins_and_a_tie_is_refused)
{
    uint64_t state = 9;
    uint8_t spoilt[MANY];

    for (size_t count = 4; count <= 24; count++)
        for (size_t t = 2; t + 1 < count; t += 3) {
            const size_t from = t - 1;
            draw_word(&state, count, t, 30);
            for (size_t i = from; i < from + most() + 1; i++)
                w.shares[i] = add(w.shares[i], rival(w.ranks[i] + 1));
            if ((count - t) % 2 == 1) {
                refuses(SECAGG_ERR_CHEAT);
                continue;
            }
            for (size_t i = 0; i < count; i++)
                spoilt[i] = i >= from + most() + 1;
            gives(add(w.secret, from_u32(1)), spoilt);
        }
}
END_TEST

/* ---- errors made to mislead --------------------------------------------- */

/* What share i counts at zero: product of x_j / (x_j - x_i). */
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

/* Errors at the first `off` places whose sums S_1 ... S_(off - 1) vanish: A_i
 * are the weights of those places alone. */
START_TEST(errors_whose_first_sums_vanish_are_found)
{
    uint64_t state = 10;
    uint8_t spoilt[MANY];

    for (size_t off = 1; off <= 10; off++)
        for (size_t spare = 0; spare < 2; spare++) {
            draw_word(&state, 25 + spare, 5, 60);
            for (size_t i = 0; i < w.count; i++) {
                spoilt[i] = i < off;
                if (i < off)
                    w.shares[i] = add(w.shares[i],
                        quotient(weight(i, off), weight(i, w.count)));
            }
            gives(w.secret, spoilt);
        }
}
END_TEST

/* The polynomial has one degree too many: all shares are "right", and none of
 * them can be trusted. */
START_TEST(a_polynomial_of_too_high_degree_is_refused)
{
    uint64_t state = 11;

    for (size_t count = 3; count <= 30; count += 3)
        for (size_t t = 1; t + 1 < count; t += 2) {
            draw_word(&state, count, t + 1, 40);
            w.threshold = t;
            refuses(SECAGG_ERR_CHEAT);
        }
}
END_TEST

/* ---- against a search over all subsets ---------------------------------- */

/* The value at x of the polynomial through the shares of a set. */
static scalar through(uint32_t set, uint32_t x)
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

/* Misses of the polynomial through a set, marked. */
static size_t misses(uint32_t set, uint8_t *wrong)
{
    size_t off = 0;

    for (size_t i = 0; i < w.count; i++) {
        wrong[i] = !equal(through(set, w.ranks[i] + 1), w.shares[i]);
        off += wrong[i];
    }
    return off;
}

/* Decode as the rule is written; false where nothing comes near enough. */
static bool search(scalar *secret, uint8_t *wrong)
{
    for (uint32_t set = 0; set < (uint32_t)1 << w.count; set++) {
        size_t members = 0;
        for (size_t i = 0; i < w.count; i++)
            members += set >> i & 1;
        if (members == w.threshold && misses(set, wrong) <= most()) {
            *secret = through(set, 0);
            return true;
        }
    }
    return false;
}

/* Shares of 0 and 1 alone: all kinds of chance neighbours come up. */
START_TEST(a_search_over_all_subsets_agrees)
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
                draw_ranks(&state, 7);
                for (size_t i = 0; i < count; i++)
                    w.shares[i] = from_u32(bits >> i & 1);
                if (search(&secret, wrong)) {
                    gives(secret, wrong);
                    found++;
                } else {
                    refuses(SECAGG_ERR_CHEAT);
                    refused++;
                }
            }
    ck_assert_uint_gt(found, 100);
    ck_assert_uint_gt(refused, 100);
}
END_TEST

/* ---- refusals ----------------------------------------------------------- */

START_TEST(ranks_thresholds_and_shares_out_of_range_are_refused)
{
    static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63,
        0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
        [31] = 0x10 };
    uint64_t state = 13;

    draw_word(&state, 9, 5, 9);
    w.threshold = 0;
    refuses(SECAGG_ERR_ARG);
    w.threshold = 10;
    refuses(SECAGG_ERR_ARG);
    w.threshold = 5;
    w.count = 0;
    refuses(SECAGG_ERR_ARG);
    w.count = 9;
    w.ranks[8] = w.ranks[0];
    refuses(SECAGG_ERR_ARG);
    w.ranks[8] = 4096;
    refuses(SECAGG_ERR_ARG);
    w.ranks[8] = 4095;
    memcpy(w.shares[3].at, order, 32);
    refuses(SECAGG_ERR_MESSAGE);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { right_shares_give_the_secret,
        wrong_shares_are_found_at_every_set_of_places,
        wrong_shares_are_found_among_many, a_thousand_shares_are_decoded,
        the_greatest_number_of_shares_is_decoded,
        dealers_with_the_same_holders_share_the_coefficients,
        one_wrong_share_too_many_is_refused,
        one_spare_share_finds_a_wrong_one_but_not_which,
        the_nearer_of_two_polynomials_wins_and_a_tie_is_refused,
        errors_whose_first_sums_vanish_are_found,
        a_polynomial_of_too_high_degree_is_refused,
        a_search_over_all_subsets_agrees,
        ranks_thresholds_and_shares_out_of_range_are_refused };
    return sodium_init() < 0 || RUN(tests);
}
