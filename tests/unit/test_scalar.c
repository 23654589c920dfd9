/* SPDX-License-Identifier: Apache-2.0 */
/* scalar: compared with libsodium's scalars of ristretto255, which are integers
 * modulo the same prime ell; evaluation compared with Horner's rule on them. */
#include <sodium.h>

#include "crypto/invert.h"
#include "crypto/scalar.h"
#include "crypto/small_points.h"
#include "support/main.h"
#include "support/util.h"

#define RUNS 4000

/* ell, and edge cases around it and around the limbs of evaluation. */
static const char *const order_hex = "edd3f55c1a631258d69cf7a2def9de14"
                                     "00000000000000000000000000000010";

static const char *const edges[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0200000000000000000000000000000000000000000000000000000000000000",
    "ffffffffffffffff000000000000000000000000000000000000000000000000",
    "0000000000000000010000000000000000000000000000000000000000000000",
    "ffffffffffffffffffffffffffffffff00000000000000000000000000000000",
    "0000000000000000000000000000000001000000000000000000000000000000",
    "ffffffffff070000000000000000000000000000000000000000000000000000",
    "0000000000080000000000000000000000000000000000000000000000000000",
    /* (ell - 1) / 2 and (ell + 1) / 2 */
    "f6e97a2e8d31092c6bce7b51ef7c6f0a00000000000000000000000000000008",
    "f7e97a2e8d31092c6bce7b51ef7c6f0a00000000000000000000000000000008",
    /* 2^252 - 1, whose limbs are all full; 2^252; ell - 2; ell - 1 */
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0f",
    "0000000000000000000000000000000000000000000000000000000000000010",
    "ebd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
    "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
};

#define EDGES (sizeof edges / sizeof *edges)

static void random_scalar(uint8_t out[32], uint64_t *state)
{
    uint8_t wide[64];

    prng_bytes(state, wide, sizeof wide);
    crypto_core_ristretto255_scalar_reduce(out, wide);
}

/* An edge with probability 1/3, else a random scalar. */
static void edge_or_random_scalar(uint8_t out[32], uint64_t *state)
{
    if (prng_next(state) % 3 == 0)
        unhex(out, edges[prng_next(state) % EDGES]);
    else
        random_scalar(out, state);
}

static sa_sc decode(const uint8_t in[32])
{
    sa_sc a;

    ck_assert(sa_sc_decode(&a, in));
    return a;
}

static void check_encoding(const sa_sc *a, const uint8_t want[32])
{
    uint8_t out[32];

    sa_sc_encode(out, a);
    ck_assert_mem_eq(out, want, 32);
}

/* ---- bytes -------------------------------------------------------------- */

START_TEST(encode_returns_the_decoded_bytes)
{
    uint64_t state = 1;
    uint8_t in[32];

    for (size_t i = 0; i < EDGES + RUNS; i++) {
        sa_sc a;
        if (i < EDGES)
            unhex(in, edges[i]);
        else
            random_scalar(in, &state);
        a = decode(in);
        check_encoding(&a, in);
    }
}
END_TEST

/* Whether the bytes are below ell, compared from the highest byte down. */
static bool below_order(const uint8_t in[32])
{
    uint8_t order[32];

    unhex(order, order_hex);
    for (int i = 31; i >= 0; i--)
        if (in[i] != order[i])
            return in[i] < order[i];
    return false;
}

static void check_decode(const uint8_t in[32])
{
    static const sa_sc zero;
    sa_sc a;

    memset(&a, 0xff, sizeof a);
    ck_assert_int_eq(sa_sc_decode(&a, in), below_order(in));
    if (below_order(in))
        check_encoding(&a, in);
    else
        ck_assert_mem_eq(&a, &zero, sizeof a);
}

START_TEST(decode_rejects_bytes_from_the_order_on)
{
    static const char *const high[] = {
        "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
        "eed3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
        "0000000000000000000000000000000000000000000000000000000000000020",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff1f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    uint8_t in[32];

    for (size_t i = 0; i < sizeof high / sizeof *high; i++) {
        unhex(in, high[i]);
        ck_assert(!below_order(in));
        check_decode(in);
    }
}
END_TEST

/* ell with each byte set to each value, and random bytes below the top bytes of
 * ell, so that the comparison is decided at each byte. */
START_TEST(decode_compares_every_byte_with_the_order)
{
    uint64_t state = 2;
    uint8_t in[32];

    for (int at = 0; at < 32; at++)
        for (int value = 0; value < 256; value++) {
            unhex(in, order_hex);
            in[at] = (uint8_t)value;
            check_decode(in);
        }
    for (int run = 0; run < RUNS; run++) {
        unhex(in, order_hex);
        prng_bytes(&state, in, (size_t)(prng_next(&state) % 33));
        in[31] &= 0x1f;
        check_decode(in);
    }
}
END_TEST

/* ---- arithmetic --------------------------------------------------------- */

static void check_pair(const uint8_t a[32], const uint8_t b[32])
{
    const sa_sc x = decode(a), y = decode(b);
    uint8_t want[32];
    sa_sc r;

    crypto_core_ristretto255_scalar_add(want, a, b);
    sa_sc_add(&r, &x, &y);
    check_encoding(&r, want);
    crypto_core_ristretto255_scalar_sub(want, a, b);
    sa_sc_sub(&r, &x, &y);
    check_encoding(&r, want);
    crypto_core_ristretto255_scalar_mul(want, a, b);
    sa_sc_mul(&r, &x, &y);
    check_encoding(&r, want);
    ck_assert_int_eq(sa_sc_equal(&x, &y), memcmp(a, b, 32) == 0);
}

START_TEST(sums_differences_and_products_agree_with_libsodium)
{
    uint64_t state = 3;
    uint8_t a[32], b[32];

    for (size_t i = 0; i < EDGES; i++)
        for (size_t j = 0; j < EDGES; j++) {
            unhex(a, edges[i]);
            unhex(b, edges[j]);
            check_pair(a, b);
        }
    for (int run = 0; run < RUNS; run++) {
        edge_or_random_scalar(a, &state);
        edge_or_random_scalar(b, &state);
        check_pair(a, b);
    }
}
END_TEST

START_TEST(a_result_may_overwrite_an_operand)
{
    uint64_t state = 4;
    uint8_t a[32], want[32];

    for (int run = 0; run < 500; run++) {
        sa_sc x, r;
        edge_or_random_scalar(a, &state);
        x = r = decode(a);
        crypto_core_ristretto255_scalar_add(want, a, a);
        sa_sc_add(&r, &r, &r);
        check_encoding(&r, want);
        r = x;
        crypto_core_ristretto255_scalar_mul(want, a, a);
        sa_sc_mul(&r, &r, &r);
        check_encoding(&r, want);
        r = x;
        memset(want, 0, sizeof want);
        sa_sc_sub(&r, &r, &r);
        check_encoding(&r, want);
    }
}
END_TEST

START_TEST(inverses_agree_with_libsodium)
{
    uint64_t state = 5;
    uint8_t a[32], want[32];

    for (size_t i = 1; i < EDGES + 500; i++) {
        sa_sc x, r;
        if (i < EDGES)
            unhex(a, edges[i]);
        else
            random_scalar(a, &state);
        x = decode(a);
        ck_assert_int_eq(crypto_core_ristretto255_scalar_invert(want, a), 0);
        sa_sc_invert(&r, &x);
        check_encoding(&r, want);
        sa_sc_invert_vartime(&r, &x);
        check_encoding(&r, want);
        sa_sc_invert(&x, &x);
        check_encoding(&x, want);
    }
}
END_TEST

START_TEST(the_inverse_of_zero_is_zero)
{
    static const uint8_t zero[32];
    sa_sc x = decode(zero), r;

    memset(&r, 0xff, sizeof r);
    sa_sc_invert(&r, &x);
    check_encoding(&r, zero);
}
END_TEST

START_TEST(set_encodes_a_64_bit_integer)
{
    uint64_t state = 6;

    for (int run = 0; run < 200; run++) {
        const uint64_t x = prng_next(&state) >> prng_next(&state) % 64;
        uint8_t want[32] = { 0 };
        sa_sc a;
        for (int i = 0; i < 8; i++)
            want[i] = (uint8_t)(x >> 8 * i & 255);
        sa_sc_set(&a, x);
        check_encoding(&a, want);
    }
}
END_TEST

START_TEST(equal_sees_every_bit)
{
    sa_sc a, b;

    sa_sc_set(&a, 5);
    for (int bit = 0; bit < 252; bit++) {
        b = a;
        ck_assert(sa_sc_equal(&a, &b));
        b.v[bit / 64] ^= (uint64_t)1 << bit % 64;
        ck_assert(!sa_sc_equal(&a, &b));
    }
}
END_TEST

/* ---- reduction ---------------------------------------------------------- */

static void check_reduce(const uint8_t wide[64])
{
    uint8_t want[32];
    sa_sc r;

    crypto_core_ristretto255_scalar_reduce(want, wide);
    sa_sc_reduce(&r, wide);
    check_encoding(&r, want);
}

START_TEST(reductions_agree_with_libsodium)
{
    uint64_t state = 7;
    uint8_t wide[64];

    for (int run = 0; run < RUNS; run++) {
        prng_bytes(&state, wide, sizeof wide);
        check_reduce(wide);
    }
    for (int byte = 0; byte < 256; byte += 255)
        for (size_t len = 0; len <= 64; len++) {
            memset(wide, 255 - byte, sizeof wide);
            memset(wide, byte, len);
            check_reduce(wide);
        }
}
END_TEST

/* k ell 256^shift reduces to 0 and its successor to 1, for odd k below 256. */
START_TEST(multiples_of_the_order_reduce_to_zero)
{
    uint8_t wide[64], order[32];
    static const uint8_t zero[32], one[32] = { 1 };
    sa_sc r;

    unhex(order, order_hex);
    for (int shift = 0; shift < 32; shift++)
        for (unsigned k = 1; k < 256; k += 2) {
            unsigned carry = 0;
            memset(wide, 0, sizeof wide);
            for (int i = 0; i < 32; i++) {
                carry += order[i] * k;
                wide[shift + i] = (uint8_t)(carry & 255);
                carry >>= 8;
            }
            wide[shift + 32 < 64 ? shift + 32 : 63] += (uint8_t)carry;
            sa_sc_reduce(&r, wide);
            check_encoding(&r, zero);
            if (wide[0] == 255)
                continue;
            wide[0]++;
            sa_sc_reduce(&r, wide);
            check_encoding(&r, one);
        }
}
END_TEST

/* ---- evaluation --------------------------------------------------------- */

static void naive_eval(uint8_t out[32], uint32_t x, const uint8_t (*coefs)[32],
    size_t terms)
{
    const uint8_t point[32] = { (uint8_t)(x & 255), (uint8_t)(x >> 8) };

    memcpy(out, coefs[terms - 1], 32);
    for (size_t j = terms - 1; j > 0; j--) {
        crypto_core_ristretto255_scalar_mul(out, out, point);
        crypto_core_ristretto255_scalar_add(out, out, coefs[j - 1]);
    }
}

/* The outputs are an exact allocation, so that a sanitizer reports a write of
 * too many lanes. */
static void check_eval(uint32_t first, size_t count,
    const uint8_t (*coefs)[32], size_t terms)
{
    sa_sc *out = malloc(count * sizeof *out);
    sa_sc *decoded = malloc(terms * sizeof *decoded);
    uint8_t want[32];

    ck_assert(out != NULL && decoded != NULL);
    for (size_t i = 0; i < terms; i++)
        decoded[i] = decode(coefs[i]);
    ck_assert_int_eq(sa_sc_eval(out, count, first, decoded, terms),
        SECAGG_OK);
    for (size_t i = 0; i < count; i++) {
        naive_eval(want, first + (uint32_t)i, coefs, terms);
        check_encoding(&out[i], want);
    }
    free(out);
    free(decoded);
}

static const uint32_t points[] = { 1, 2, 7, 8, 9, 4095, 4096 };

START_TEST(eval_agrees_with_libsodium_at_every_point)
{
    uint64_t state = 8;
    uint8_t coefs[40][32];

    for (size_t p = 0; p < sizeof points / sizeof *points; p++)
        for (size_t terms = 1; terms <= 40; terms += 3)
            for (size_t count = 1; count <= 19; count += terms % 2 + 1) {
                if (points[p] + count - 1 > SA_SC_POINTS)
                    break;
                for (size_t i = 0; i < terms; i++)
                    edge_or_random_scalar(coefs[i], &state);
                check_eval(points[p], count, (const uint8_t (*)[32])coefs,
                    terms);
            }
}
END_TEST

START_TEST(a_constant_polynomial_has_the_same_value_everywhere)
{
    for (size_t i = 0; i < EDGES; i++) {
        uint8_t coefs[1][32];
        unhex(coefs[0], edges[i]);
        check_eval(1, 11, (const uint8_t (*)[32])coefs, 1);
        check_eval(4093, 4, (const uint8_t (*)[32])coefs, 1);
    }
}
END_TEST

/* Limbs are largest if all coefficients are ell - 1 or 2^252 - 1 and the point
 * is large: use each edge as all of 600 coefficients. */
START_TEST(eval_is_correct_for_the_largest_limbs)
{
    static uint8_t coefs[600][32];

    for (size_t i = 0; i < EDGES; i++) {
        for (size_t j = 0; j < 600; j++)
            unhex(coefs[j], edges[i]);
        for (size_t p = 0; p < sizeof points / sizeof *points; p++)
            check_eval(points[p], 1, (const uint8_t (*)[32])coefs, 600);
        check_eval(4085, 12, (const uint8_t (*)[32])coefs, 600);
        check_eval(4096, 1, (const uint8_t (*)[32])coefs, 599);
    }
}
END_TEST

START_TEST(eval_is_correct_for_sequences_of_edges)
{
    static uint8_t coefs[300][32];
    uint64_t state = 9;

    for (int run = 0; run < 30; run++) {
        for (size_t j = 0; j < 300; j++)
            unhex(coefs[j], edges[prng_next(&state) % EDGES]);
        check_eval(4096 - (uint32_t)run, 1 + (size_t)run,
            (const uint8_t (*)[32])coefs, 300);
    }
}
END_TEST

START_TEST(the_longest_polynomial_is_evaluated_at_all_points)
{
    static uint8_t coefs[4096][32];
    uint64_t state = 10;

    for (size_t j = 0; j < 4096; j++)
        edge_or_random_scalar(coefs[j], &state);
    check_eval(1, 4096, (const uint8_t (*)[32])coefs, 3);
    check_eval(4096, 1, (const uint8_t (*)[32])coefs, 4096);
    check_eval(4089, 8, (const uint8_t (*)[32])coefs, 4095);
}
END_TEST

START_TEST(eval_writes_nothing_for_zero_points)
{
    sa_sc out, one;

    sa_sc_set(&one, 1);
    memset(&out, 0x5a, sizeof out);
    ck_assert_int_eq(sa_sc_eval(&out, 0, 1, &one, 1), SECAGG_OK);
    ck_assert_uint_eq(out.v[0], 0x5a5a5a5a5a5a5a5a);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { encode_returns_the_decoded_bytes,
        decode_rejects_bytes_from_the_order_on,
        decode_compares_every_byte_with_the_order,
        sums_differences_and_products_agree_with_libsodium,
        a_result_may_overwrite_an_operand, inverses_agree_with_libsodium,
        the_inverse_of_zero_is_zero, set_encodes_a_64_bit_integer,
        equal_sees_every_bit, reductions_agree_with_libsodium,
        multiples_of_the_order_reduce_to_zero,
        eval_agrees_with_libsodium_at_every_point,
        a_constant_polynomial_has_the_same_value_everywhere,
        eval_is_correct_for_the_largest_limbs,
        eval_is_correct_for_sequences_of_edges,
        the_longest_polynomial_is_evaluated_at_all_points,
        eval_writes_nothing_for_zero_points };
    return sodium_init() < 0 || RUN(tests);
}
