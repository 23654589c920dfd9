/* SPDX-License-Identifier: Apache-2.0 */
/* fixed: the encoder against IEEE operations that are each computed exactly in
 * rationals of GMP and rounded once, to nearest even; random words from the
 * keystreams of oracle.h. */
#include <float.h>

#include "crypto/suite.h"
#include "support/exact_math.h"
#include "support/main.h"
#include "support/oracle.h"
#include "support/util.h"
#include "vector/fixed.h"
#include "vector/rounding.h"

#define RANDOM 3000
#define BOTH(suite) uint32_t suite = FIRST_SUITE; suite <= 2; suite++
#define SIZE(array) (sizeof(array) / sizeof *(array))

static secagg_segment real(uint32_t value_bits, double clip, uint32_t rounding)
{
    return (secagg_segment){ .length = 1, .kind = SECAGG_REAL,
        .value_bits = value_bits, .clip = clip, .rounding = rounding };
}

/* ---- encoding, computed again ------------------------------------------- */

static double zero_of(const secagg_segment *s)
{
    return ldexp(1, (int)s->value_bits - 1) - 1;
}

/* PROTOCOL.md 7.1 for one value; SECAGG_NEAREST ignores `word`. */
static uint64_t naive_encode(double x, const secagg_segment *s, uint32_t word)
{
    const double zero = zero_of(s);
    const double kept = fabs(x) > s->clip ? s->clip : fabs(x);
    double scaled = step('*', kept, step('/', zero, s->clip));
    uint64_t steps;
    mpz_t fixed;
    mpq_t exact;

    scaled = scaled > zero ? zero : scaled;
    mpz_init(fixed);
    mpq_init(exact);
    mpq_set_d(exact, scaled); /* exact */
    mpq_mul_2exp(exact, exact, 32);
    mpz_fdiv_q(fixed, mpq_numref(exact), mpq_denref(exact));
    mpz_add_ui(fixed, fixed, 4294967295U
        - (s->rounding == SECAGG_NEAREST ? 2147483647U : word));
    mpz_fdiv_q_2exp(fixed, fixed, 32);
    steps = mpz_get_ui(fixed);
    mpz_clear(fixed);
    mpq_clear(exact);
    return x >= 0 ? (uint64_t)zero + steps : (uint64_t)zero - steps;
}

/* ---- encoding ----------------------------------------------------------- */

/* Values on and next to each limit of a segment, then random ones. */
static size_t fill(double *x, size_t room, const secagg_segment *s,
    uint64_t state)
{
    const double c = s->clip, zero = zero_of(s);
    const double edges[] = { 0.0, -0.0, c, -c, nextafter(c, 0),
        nextafter(-c, 0), nextafter(c, INFINITY), nextafter(-c, -INFINITY),
        2 * c, -2 * c, DBL_MAX, -DBL_MAX, DBL_MIN, -DBL_MIN, 0x1p-1074,
        -0x1p-1074, 0x1p-1050, c / 2, -c / 2, c / 3, c * 0x1p-60 };
    size_t n = SIZE(edges);

    memcpy(x, edges, sizeof edges);
    for (int i = 0; i < 64; i++) { /* multiples of half a step,
        and next to them */
        const double k = (double)(prng_next(&state) % 4294967296) / 4294967296;
        const double at = floor(k * zero) + i % 2 * 0.5;
        x[n++] = (i % 8 < 4 ? at : -at) * (c / zero);
        x[n] = nextafter(x[n - 1], i % 4 < 2 ? INFINITY : -INFINITY);
        n++;
    }
    for (; n < room; n++)
        x[n] = ((double)(int64_t)prng_next(&state) * 0x1p-63) * (1.2 * c);
    return n;
}

static void check_encode(const secagg_segment *s, uint32_t suite,
    uint32_t bits)
{
    static double x[RANDOM];
    static uint64_t out[RANDOM];
    uint64_t state = s->value_bits, clipped = 99, beyond = 0;
    const size_t n = fill(x, 200, s, state);
    uint8_t seed[32], *words;

    prng_bytes(&state, seed, sizeof seed);
    words = naive_random(suite, seed, bits, n);
    ck_assert_int_eq(secagg_fixed_encode_f64(out, x, n, s, suite, bits,
        seed, &clipped), SECAGG_OK);
    for (size_t i = 0; i < n; i++) {
        beyond += fabs(x[i]) > s->clip;
        if (out[i] != naive_encode(x[i], s, word_at(words, i)))
            ck_abort_msg("%a: %u bits, clip %a, rounding %u", x[i],
                s->value_bits, s->clip, s->rounding);
    }
    ck_assert_uint_eq(clipped, beyond);
    free(words);
}

START_TEST(encoding_matches_exact_arithmetic)
{
    static const double clips[] = { 0x1p-500, 0x1p500, 1, 0.1, 3, 1e-9, 7e22,
        0x1.fffffffffffffp499, 0x1.0000000000001p-500 };

    for (uint32_t q = 2; q <= 32; q++)
        for (size_t c = 0; c < SIZE(clips); c++) {
            const secagg_segment draws = real(q, clips[c], SECAGG_STOCHASTIC);
            const secagg_segment halves = real(q, clips[c], SECAGG_NEAREST);
            check_encode(&draws, q % 2 == 0 ? FIRST_SUITE : 2, 2 * q);
            check_encode(&halves, FIRST_SUITE, 1);
        }
}
END_TEST

/* Clip 3 in three bits: steps of 1, from -3 to 3. */
START_TEST(nearest_rounding_rounds_halves_away_from_zero)
{
    static const double x[] = { -4, -3, -2.75, -2.5, -2.25, -1.5, -0.5, -0.25,
        -0.0, 0, 0.25, 0.5, 1.5, 2.25, 2.5, 3, 1e300 };
    static const uint64_t want[] = { 0, 0, 0, 0, 1, 1, 2, 3, 3, 3, 3, 4, 5, 5,
        6, 6, 6 };
    const secagg_segment s = real(3, 3, SECAGG_NEAREST);
    uint64_t out[SIZE(x)], clipped;

    ck_assert_int_eq(secagg_fixed_encode_f64(out, x, SIZE(x), &s, 1, 1, NULL,
        &clipped), SECAGG_OK);
    ck_assert_mem_eq(out, want, sizeof want);
    ck_assert_uint_eq(clipped, 2);
}
END_TEST

/* A clip from 2^-500 to 2^500, of random bits. */
static double random_clip(uint64_t *state)
{
    const double part = 1 + (double)(prng_next(state) >> 12) * 0x1p-52;
    return ldexp(part, (int)(prng_next(state) % 1000) - 500);
}

static const uint32_t edge_words[] = { 0, 1, 0x7fffffff, 0x80000000,
    0xfffffffe, 0xffffffff };

static uint64_t encode_one(double x, const secagg_segment *s, uint32_t word)
{
    uint64_t out, clipped = 0;
    uint8_t bytes[4];

    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(word >> 8 * i & 255);
    ck_assert_int_eq(sa_fixed_encode(&out, &x, 1, s, bytes, 1, &clipped),
        SECAGG_OK);
    return out;
}

START_TEST(zero_has_the_middle_code_for_every_clip_and_rounding)
{
    uint64_t state = 11, out[2];
    const double zeros[] = { 0.0, -0.0 };

    for (uint32_t q = 2; q <= 32; q++)
        for (int i = 0; i < 50; i++) {
            const double clip = random_clip(&state);
            const secagg_segment draws = real(q, clip, SECAGG_STOCHASTIC);
            const secagg_segment halves = real(q, clip, SECAGG_NEAREST);
            const uint64_t middle = ((uint64_t)1 << (q - 1)) - 1;
            for (size_t w = 0; w < SIZE(edge_words); w++) {
                ck_assert_uint_eq(encode_one(0.0, &draws, edge_words[w]),
                    middle);
                ck_assert_uint_eq(encode_one(-0.0, &draws, edge_words[w]),
                    middle);
            }
            ck_assert_int_eq(secagg_fixed_encode_f64(out, zeros, 2, &halves, 1,
                1, NULL, NULL), SECAGG_OK);
            ck_assert_uint_eq(out[0], middle);
            ck_assert_uint_eq(out[1], middle);
        }
}
END_TEST

START_TEST(codes_of_opposite_values_add_up_to_the_largest_code)
{
    uint64_t state = 12;

    for (uint32_t q = 2; q <= 32; q++)
        for (int i = 0; i < 50; i++) {
            const double clip = random_clip(&state);
            const secagg_segment s = real(q, clip, SECAGG_STOCHASTIC);
            const double x = (double)(int64_t)prng_next(&state) * 0x1p-63
                * (i % 4 > 0 ? clip : clip * 1.5);
            const uint32_t word = i % 2 ? edge_words[i % 6]
                : (uint32_t)(prng_next(&state) >> 32);
            ck_assert_uint_eq(encode_one(x, &s, word)
                + encode_one(-x, &s, word), ((uint64_t)1 << q) - 2);
        }
}
END_TEST

/* More entries than one chunk, both suites, several lanes. The word of an
 * entry depends only on its position. */
START_TEST(random_words_come_from_the_keystream_of_the_suite)
{
    static double x[RANDOM];
    static uint64_t out[RANDOM];
    const secagg_segment s = real(20, 1, SECAGG_STOCHASTIC);
    uint8_t seed[32] = { 42 }, *words;

    fill(x, RANDOM, &s, 5);
    for (BOTH(suite))
        for (uint32_t bits = 1; bits <= 64; bits += 21) {
            words = naive_random(suite, seed, bits, RANDOM);
            ck_assert_int_eq(secagg_fixed_encode_f64(out, x, RANDOM, &s,
                suite, bits, seed, NULL), SECAGG_OK);
            for (size_t i = 0; i < RANDOM; i++)
                if (out[i] != naive_encode(x[i], &s, word_at(words, i)))
                    ck_abort_msg("entry %zu", i);
            free(words);
        }
}
END_TEST

START_TEST(the_rounding_key_is_derived_as_specified)
{
    uint8_t key[44], want[44], seed[32] = { 9 };
    sa_cipher cipher;

    for (BOTH(suite)) {
        naive_key(want, suite, seed, "LSA1 rounding words", 33);
        ck_assert_int_eq(sa_suite_cipher(&cipher, suite), SECAGG_OK);
        ck_assert_int_eq(sa_rounding_derive_key(key, cipher, 33, seed),
            SECAGG_OK);
        ck_assert_mem_eq(key, want, suite == 1 ? 28 : 44);
    }
}
END_TEST

/* The mean of n draws of a fraction f is within 5 sqrt(f (1 - f) / n) of f, for
 * values of both signs. */
START_TEST(stochastic_rounding_has_no_bias)
{
    enum { N = 100000 };
    static const double fractions[] = { 0.5, 0.25, 0.9, 0.03125, 0.001 };
    const secagg_segment s = real(8, 127, SECAGG_STOCHASTIC);
    double *x = malloc(N * sizeof *x);
    uint64_t *out = malloc(N * sizeof *out), seed = 6;
    uint8_t key[32];

    prng_bytes(&seed, key, sizeof key);
    for (BOTH(suite))
        for (uint32_t k = 0; k < 5; k++) {
            const double f = fractions[k];
            uint64_t sum = 0;
            const double sign = k % 2 ? -1 : 1;
            for (size_t i = 0; i < N; i++)
                x[i] = sign * (17 + f);
            ck_assert_int_eq(secagg_fixed_encode_f64(out, x, N, &s, suite,
                k + 1, key, NULL), SECAGG_OK);
            for (size_t i = 0; i < N; i++) {
                const uint64_t steps = k % 2 ? 127 - out[i] : out[i] - 127;
                ck_assert(steps == 17 || steps == 18);
                sum += steps - 17;
            }
            ck_assert_double_le(fabs((double)sum / N - f),
                5 * sqrt(f * (1 - f) / N));
        }
    free(x);
    free(out);
}
END_TEST

START_TEST(floats_are_encoded_like_equal_doubles)
{
    enum { N = 1500 };
    static float x[N];
    static double wide[N];
    static uint64_t out[N], want[N];
    const uint8_t seed[32] = { 1, 2, 3 };
    uint64_t state = 7, clipped, beyond;

    for (size_t i = 0; i < N; i++)
        x[i] = (float)((double)(int64_t)prng_next(&state) * 0x1p-61);
    x[0] = FLT_MAX, x[1] = -FLT_MAX, x[2] = FLT_MIN, x[3] = 1e-45F;
    x[4] = -0.0F, x[5] = 0.1F, x[6] = -0.1F;
    for (size_t i = 0; i < N; i++)
        wide[i] = (double)x[i];
    for (uint32_t q = 2; q <= 32; q++) {
        const secagg_segment s = real(q, q % 4 ? 0.1 : 3, q % 2);
        ck_assert_int_eq(secagg_fixed_encode_f32(out, x, N, &s, 2, q, seed,
            &clipped), SECAGG_OK);
        ck_assert_int_eq(secagg_fixed_encode_f64(want, wide, N, &s, 2, q,
            seed, &beyond), SECAGG_OK);
        ck_assert_mem_eq(out, want, sizeof out);
        ck_assert_uint_eq(clipped, beyond);
    }
}
END_TEST

/* Floats below 2^-126 are subnormal, and doubles of the same value are not. */
START_TEST(subnormal_floats_are_encoded_like_equal_doubles)
{
    enum { N = 500 };
    static float x[N];
    static double wide[N];
    static uint64_t out[N], want[N];
    const secagg_segment s = real(20, 0x1p-128, SECAGG_NEAREST);
    uint64_t state = 13;

    for (size_t i = 0; i < N; i++) {
        x[i] = (float)((double)(int64_t)prng_next(&state) * 0x1p-190);
        wide[i] = (double)x[i];
    }
    ck_assert_int_eq(secagg_fixed_encode_f32(out, x, N, &s, 1, 1, NULL, NULL),
        SECAGG_OK);
    ck_assert_int_eq(secagg_fixed_encode_f64(want, wide, N, &s, 1, 1, NULL,
        NULL), SECAGG_OK);
    ck_assert_mem_eq(out, want, sizeof out);
    for (size_t i = 0; i < N; i++)
        ck_assert_uint_eq(out[i], naive_encode(wide[i], &s, 0));
}
END_TEST

/* floor(f 2^32) is the least word that does not round up. */
START_TEST(a_random_word_below_the_fraction_rounds_up)
{
    const secagg_segment s = real(8, 127, SECAGG_STOCHASTIC);
    uint64_t state = 1;

    for (int i = 0; i < 1000; i++) {
        const uint64_t first = prng_next(&state) >> 32;
        const double x = 17 + (double)first * 0x1p-32;
        for (int beside = -1; beside <= 1; beside++) {
            const uint64_t word = first + (uint64_t)(int64_t)beside;
            if (word > UINT32_MAX)
                continue;
            ck_assert_uint_eq(encode_one(x, &s, (uint32_t)word),
                127 + 17 + (beside < 0));
            ck_assert_uint_eq(encode_one(-x, &s, (uint32_t)word),
                127 - 17 - (beside < 0));
        }
    }
}
END_TEST

/* (i + 1) w or i w, exactly, up to nearly 2^64. */
START_TEST(weights_multiply_the_rounded_values)
{
    static const uint64_t weights[] = { 0, 1, 2, 1000, 4294967295 };
    const secagg_segment s = real(32, 0.7, SECAGG_STOCHASTIC);
    double x[300];
    uint64_t out[300], clipped = 5, state = 8;
    uint8_t words[1200];

    fill(x, 300, &s, 8);
    prng_bytes(&state, words, sizeof words);
    for (size_t w = 0; w < SIZE(weights); w++) {
        ck_assert_int_eq(sa_fixed_encode(out, x, 300, &s, words, weights[w],
            &clipped), SECAGG_OK);
        for (size_t i = 0; i < 300; i++)
            ck_assert_uint_eq(out[i], weights[w]
                * naive_encode(x[i], &s, word_at(words, i)));
    }
    ck_assert_uint_gt(clipped, 5); /* the encoder adds to it */
}
END_TEST

/* ---- rejected arguments ------------------------------------------------- */

START_TEST(encoding_rejects_a_nan_or_an_infinity_anywhere)
{
    enum { N = 1100 };
    static double x[N];
    static float y[N];
    static uint64_t out[N], clean[N];
    const double bad[] = { NAN, -NAN, INFINITY, -INFINITY };
    const secagg_segment s = real(8, 1, SECAGG_NEAREST);
    uint64_t clipped = 77;

    memset(out, 0x5a, sizeof out);
    memset(clean, 0x5a, sizeof clean);
    for (size_t at = 0; at < N; at += 157)
        for (int b = 0; b < 4; b++) {
            x[at] = bad[b];
            y[at] = (float)bad[b];
            ck_assert_int_eq(secagg_fixed_encode_f64(out, x, N, &s, 1, 1,
                NULL, &clipped), SECAGG_ERR_VALUE);
            ck_assert_int_eq(secagg_fixed_encode_f32(out, y, N, &s, 1, 1,
                NULL, &clipped), SECAGG_ERR_VALUE);
            ck_assert(!sa_fixed_finite_f64(x, N));
            ck_assert(!sa_fixed_finite_f32(y, N));
            x[at] = DBL_MAX;
            y[at] = -FLT_MAX;
            ck_assert(sa_fixed_finite_f64(x, N));
            ck_assert(sa_fixed_finite_f32(y, N));
        }
    ck_assert_mem_eq(out, clean, sizeof out);
    ck_assert_uint_eq(clipped, 77);
}
END_TEST

static void check_rejected(const secagg_segment *s, uint32_t suite,
    uint32_t bits, const uint8_t *seed, size_t count, secagg_err want)
{
    const double x = 0;
    const float y = 0;
    uint64_t out = 3, clipped = 4;

    ck_assert_int_eq(secagg_fixed_encode_f64(&out, &x, count, s, suite,
        bits, seed, &clipped), want);
    ck_assert_int_eq(secagg_fixed_encode_f32(&out, &y, count, s, suite,
        bits, seed, &clipped), want);
    ck_assert_uint_eq(out, 3);
    ck_assert_uint_eq(clipped, 4);
}

START_TEST(encoding_rejects_invalid_segments)
{
    const uint8_t seed[32] = { 0 };
    const double clips[] = { 0, -0.0, -1, 0x1.fffffffffffffp-501,
        0x1.0000000000001p500, INFINITY, NAN, -INFINITY, 0x1p-1074 };
    secagg_segment wrong[20];
    size_t n = 0;
    const uint64_t sum = 1;
    double out = 5;

    for (size_t i = 0; i < SIZE(clips); i++)
        wrong[n++] = real(8, clips[i], SECAGG_NEAREST);
    wrong[n++] = real(0, 1, SECAGG_NEAREST);
    wrong[n++] = real(1, 1, SECAGG_NEAREST);
    wrong[n++] = real(33, 1, SECAGG_NEAREST);
    wrong[n++] = real(8, 1, 2);
    for (uint32_t kind = 0; kind <= 5; kind++)
        if (kind != SECAGG_REAL) {
            wrong[n] = real(8, 1, SECAGG_NEAREST);
            wrong[n++].kind = kind;
        }
    for (size_t i = 0; i < n; i++) {
        check_rejected(&wrong[i], FIRST_SUITE, 1, seed, 1, SECAGG_ERR_ARG);
        ck_assert_int_eq(secagg_fixed_decode_f64(&out, &sum, 1, &wrong[i], 1),
            SECAGG_ERR_ARG);
    }
    ck_assert_double_eq(out, 5);
}
END_TEST

START_TEST(encoding_rejects_suites_lanes_seeds_and_counts_out_of_range)
{
    const uint8_t seed[32] = { 0 };
    const secagg_segment draws = real(8, 1, SECAGG_STOCHASTIC);
    const secagg_segment halves = real(8, 1, SECAGG_NEAREST);
    const uint64_t many = ((uint64_t)1 << 34) + 1;

    check_rejected(&draws, 3, 1, seed, 1, SECAGG_ERR_ARG);
    check_rejected(&halves, 0, 1, seed, 1, SECAGG_ERR_ARG);
    check_rejected(&halves, FIRST_SUITE, 0, NULL, 1, SECAGG_ERR_ARG);
    check_rejected(&halves, FIRST_SUITE, 65, NULL, 1, SECAGG_ERR_ARG);
    check_rejected(&draws, FIRST_SUITE, 1, NULL, 1, SECAGG_ERR_ARG);
    if (many <= SIZE_MAX)
        check_rejected(&draws, 2, 1, seed, (size_t)many, SECAGG_ERR_SIZE);
    ck_assert_int_eq(secagg_fixed_encode_f64(NULL, NULL, 0, &draws,
        FIRST_SUITE, 1, seed, NULL), SECAGG_OK);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { encoding_matches_exact_arithmetic,
        nearest_rounding_rounds_halves_away_from_zero,
        zero_has_the_middle_code_for_every_clip_and_rounding,
        codes_of_opposite_values_add_up_to_the_largest_code,
        random_words_come_from_the_keystream_of_the_suite,
        the_rounding_key_is_derived_as_specified,
        stochastic_rounding_has_no_bias,
        a_random_word_below_the_fraction_rounds_up,
        floats_are_encoded_like_equal_doubles,
        subnormal_floats_are_encoded_like_equal_doubles,
        weights_multiply_the_rounded_values,
        encoding_rejects_a_nan_or_an_infinity_anywhere,
        encoding_rejects_invalid_segments,
        encoding_rejects_suites_lanes_seeds_and_counts_out_of_range };
    return sodium_init() < 0 || RUN(tests);
}
