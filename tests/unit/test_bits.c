/* SPDX-License-Identifier: Apache-2.0 */
/* bits: integers compared with bytes written by hand and with arithmetic,
 * bitmaps compared with arrays of bool. */
#include "core/bits.h"
#include "support/main.h"
#include "support/util.h"

/* ---- integers ----------------------------------------------------------- */

START_TEST(big_endian_puts_the_high_byte_first)
{
    uint8_t p[8];

    sa_put_be16(p, 0x0102);
    ck_assert_mem_eq(p, ((const uint8_t[]){ 1, 2 }), 2);
    sa_put_be32(p, 0xf1020384);
    ck_assert_mem_eq(p, ((const uint8_t[]){ 0xf1, 2, 3, 0x84 }), 4);
    sa_put_be64(p, 0xf1020384850607f8);
    ck_assert_mem_eq(p, ((const uint8_t[]){ 0xf1, 2, 3, 0x84, 0x85, 6, 7,
        0xf8 }), 8);
}
END_TEST

START_TEST(little_endian_puts_the_low_byte_first)
{
    uint8_t p[8];

    sa_put_le32(p, 0xf1020384);
    ck_assert_mem_eq(p, ((const uint8_t[]){ 0x84, 3, 2, 0xf1 }), 4);
    sa_put_le64(p, 0xf1020384850607f8);
    ck_assert_mem_eq(p, ((const uint8_t[]){ 0xf8, 7, 6, 0x85, 0x84, 3, 2,
        0xf1 }), 8);
}
END_TEST

/* The sum of bytes times powers of 256. */
static uint64_t value(const uint8_t *p, size_t len, bool little)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < len; i++)
        sum = 256 * sum + p[little ? len - 1 - i : i];
    return sum;
}

START_TEST(integers_are_read_as_sums_of_bytes_times_powers_of_256)
{
    uint64_t state = 1;
    uint8_t p[8];

    for (int run = 0; run < 5000; run++) {
        prng_bytes(&state, p, sizeof p);
        for (int i = 0; i < 8; i++) /* often 00 or ff */
            if (prng_next(&state) % 4 == 0)
                p[i] = (uint8_t)(prng_next(&state) % 2 * 255);
        ck_assert_uint_eq(sa_get_be16(p), value(p, 2, false));
        ck_assert_uint_eq(sa_get_be32(p), value(p, 4, false));
        ck_assert_uint_eq(sa_get_be64(p), value(p, 8, false));
        ck_assert_uint_eq(sa_get_le32(p), value(p, 4, true));
        ck_assert_uint_eq(sa_get_le64(p), value(p, 8, true));
    }
}
END_TEST

START_TEST(writing_an_integer_changes_only_its_bytes)
{
    uint64_t state = 2;
    uint8_t p[10], q[10];

    for (int run = 0; run < 3000; run++) {
        const uint64_t x = prng_next(&state) >> prng_next(&state) % 64;
        memset(p, 0x77, sizeof p);
        sa_put_be16(p + 1, (uint16_t)(x & 0xffff));
        ck_assert_uint_eq(value(p + 1, 2, false), x & 0xffff);
        ck_assert(p[0] == 0x77 && p[3] == 0x77);
        sa_put_be32(p + 1, (uint32_t)(x & 0xffffffff));
        ck_assert_uint_eq(value(p + 1, 4, false), x & 0xffffffff);
        ck_assert(p[0] == 0x77 && p[5] == 0x77);
        sa_put_be64(p + 1, x);
        ck_assert_uint_eq(value(p + 1, 8, false), x);
        ck_assert(p[0] == 0x77 && p[9] == 0x77);
        memset(q, 0x77, sizeof q);
        sa_put_le32(q + 1, (uint32_t)(x & 0xffffffff));
        ck_assert_uint_eq(value(q + 1, 4, true), x & 0xffffffff);
        ck_assert(q[0] == 0x77 && q[5] == 0x77);
        sa_put_le64(q + 1, x);
        ck_assert_uint_eq(value(q + 1, 8, true), x);
        ck_assert(q[0] == 0x77 && q[9] == 0x77);
    }
}
END_TEST

/* ---- bitmaps ------------------------------------------------------------ */

#define MAX_BITS 75

START_TEST(a_bitmap_has_the_minimum_number_of_bytes)
{
    for (uint32_t n = 0; n < 5000; n++) {
        ck_assert_uint_ge(8 * sa_bitmap_bytes(n), n);
        ck_assert_uint_lt(8 * sa_bitmap_bytes(n), n + 8);
    }
    ck_assert_uint_eq(sa_bitmap_bytes(UINT32_MAX), 536870912);
    ck_assert_uint_eq(sa_bitmap_bytes(UINT32_MAX - 7), 536870911);
}
END_TEST

START_TEST(index_nine_is_bit_one_of_byte_one)
{
    uint8_t map[3] = { 0 };

    sa_bitmap_add(map, 9);
    ck_assert_mem_eq(map, ((const uint8_t[]){ 0, 2, 0 }), 3);
    sa_bitmap_add(map, 0);
    sa_bitmap_add(map, 23);
    ck_assert_mem_eq(map, ((const uint8_t[]){ 1, 2, 0x80 }), 3);
    sa_bitmap_remove(map, 9);
    ck_assert_mem_eq(map, ((const uint8_t[]){ 1, 0, 0x80 }), 3);
}
END_TEST

static void check_bitmap(const uint8_t *map, const bool *member, uint32_t n)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < n; i++) {
        ck_assert_int_eq(sa_bitmap_has(map, i), member[i]);
        count += member[i];
    }
    ck_assert_uint_eq(sa_bitmap_count(map, n), count);
    ck_assert(sa_bitmap_canonical(map, n));
}

START_TEST(a_bitmap_behaves_like_an_array_of_bool)
{
    uint64_t state = 3;

    for (uint32_t n = 1; n <= MAX_BITS; n++) {
        uint8_t *map = calloc(sa_bitmap_bytes(n), 1);
        bool member[MAX_BITS] = { false };
        ck_assert_ptr_nonnull(map);
        check_bitmap(map, member, n);
        for (int run = 0; run < 200; run++) {
            const uint32_t i = (uint32_t)(prng_next(&state) % n);
            member[i] = prng_next(&state) % 3 > 0;
            if (member[i])
                sa_bitmap_add(map, i);
            else
                sa_bitmap_remove(map, i);
            check_bitmap(map, member, n);
        }
        free(map);
    }
}
END_TEST

START_TEST(an_empty_bitmap_is_canonical_and_a_subset)
{
    ck_assert_uint_eq(sa_bitmap_count(NULL, 0), 0);
    ck_assert(sa_bitmap_is_subset(NULL, NULL, 0));
    ck_assert(sa_bitmap_canonical(NULL, 0));
}
END_TEST

/* Every pair of subsets of five members, placed in each of three bytes. */
START_TEST(subset_agrees_with_a_test_of_each_member)
{
    for (uint32_t a = 0; a < 32; a++)
        for (uint32_t b = 0; b < 32; b++)
            for (int at = 0; at < 3; at++) {
                uint8_t x[3] = { 0x40, 0x40, 0x04 }, y[3] = { 0xc0, 0x60, 4 };
                bool within = true;
                x[at] = (uint8_t)(a << (at == 2 ? 0 : 3));
                y[at] = (uint8_t)(b << (at == 2 ? 0 : 3));
                for (int i = 0; i < 5; i++)
                    within &= !(a >> i & 1) || (b >> i & 1);
                ck_assert_int_eq(sa_bitmap_is_subset(x, y, 21), within);
            }
}
END_TEST

START_TEST(an_unused_bit_makes_a_bitmap_not_canonical)
{
    for (uint32_t n = 1; n <= MAX_BITS; n++)
        for (uint32_t bit = 0; bit < 8 * sa_bitmap_bytes(n); bit++) {
            uint8_t map[10] = { 0 };
            map[bit / 8] = (uint8_t)(1U << bit % 8);
            ck_assert_int_eq(sa_bitmap_canonical(map, n), bit < n);
            if (bit > 0)
                map[(bit - 1) / 8] |= (uint8_t)(1U << (bit - 1) % 8);
            ck_assert_int_eq(sa_bitmap_canonical(map, n), bit < n);
        }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { big_endian_puts_the_high_byte_first,
        little_endian_puts_the_low_byte_first,
        integers_are_read_as_sums_of_bytes_times_powers_of_256,
        writing_an_integer_changes_only_its_bytes,
        a_bitmap_has_the_minimum_number_of_bytes,
        index_nine_is_bit_one_of_byte_one,
        a_bitmap_behaves_like_an_array_of_bool,
        an_empty_bitmap_is_canonical_and_a_subset,
        subset_agrees_with_a_test_of_each_member,
        an_unused_bit_makes_a_bitmap_not_canonical };
    return RUN(tests);
}
