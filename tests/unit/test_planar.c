/* SPDX-License-Identifier: Apache-2.0 */
/* planar: every function compared with a layout computed bit by bit
 * (support/oracle.h), for every modulus and for lengths around groups and
 * blocks. Outputs lie between guard bytes. */
#include <secagg/planar.h>

#include "support/exact_math.h"
#include "support/main.h"
#include "support/oracle.h"
#include "support/util.h"
#include "vector/planar.h"

static const size_t counts[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 63, 64, 65, 511, 512, 513, 514, 1000, 1025 };
#define COUNTS (sizeof counts / sizeof *counts)
#define MAX_COUNT 1025

static size_t size_of(size_t count, uint32_t bits)
{
    return bits * ((count + 7) / 8);
}

/* Returns random planes; the unused bits are random too. */
static uint8_t *random_planes(size_t len, uint64_t seed)
{
    uint8_t *planes = guarded_alloc(len);

    prng_bytes(&seed, planes, len);
    return planes;
}

/* ---- sizes -------------------------------------------------------------- */

START_TEST(a_vector_has_the_size_of_the_specification)
{
    for (uint32_t bits = 1; bits <= 64; bits++) {
        ck_assert_uint_eq(secagg_planar_size(0, bits), 0);
        for (size_t i = 0; i < COUNTS; i++) {
            ck_assert_uint_eq(secagg_planar_size(counts[i], bits),
                size_of(counts[i], bits));
            ck_assert_uint_eq(sa_planar_bytes(counts[i], bits),
                size_of(counts[i], bits));
        }
    }
    ck_assert_uint_eq(secagg_planar_size(1000, 20), 2500);
}
END_TEST

/* bits ceil(count / 8) computed by GMP; 0 if it does not fit in size_t. */
static size_t exact_size(size_t count, uint32_t bits)
{
    size_t size = 0;
    mpz_t size_z;

    mpz_init(size_z);
    set_u64(size_z, count);
    mpz_add_ui(size_z, size_z, 7);
    mpz_fdiv_q_ui(size_z, size_z, 8);
    mpz_mul_ui(size_z, size_z, bits);
    if (mpz_sizeinbase(size_z, 2) <= 8 * sizeof size)
        mpz_export(&size, NULL, 1, sizeof size, 0, 0, size_z);
    mpz_clear(size_z);
    return size;
}

START_TEST(a_size_that_overflows_is_zero)
{
    static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 6, SIZE_MAX - 7,
        SIZE_MAX - 8, SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX / 8,
        SIZE_MAX / 8 + 1, SIZE_MAX / 64 * 8, SIZE_MAX / 64 * 8 + 1 };

    for (uint32_t bits = 1; bits <= 64; bits++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            ck_assert_uint_eq(secagg_planar_size(sizes[i], bits),
                exact_size(sizes[i], bits));
}
END_TEST

START_TEST(a_size_without_a_valid_modulus_is_zero)
{
    ck_assert_uint_eq(secagg_planar_size(8, 0), 0);
    ck_assert_uint_eq(secagg_planar_size(8, 65), 0);
    ck_assert_uint_eq(secagg_planar_size(8, UINT32_MAX), 0);
}
END_TEST

START_TEST(functions_reject_a_modulus_out_of_range)
{
    static const uint32_t wrong[] = { 0, 33, 65, 256, UINT32_MAX };
    uint64_t wide[8] = { 0 }, clean_wide[8] = { 0 };
    uint32_t narrow[8] = { 0 };
    uint8_t planes[512] = { 0 }, clean[512] = { 0 };

    for (size_t i = 0; i < 5; i++) {
        const uint32_t b = wrong[i];
        ck_assert_int_eq(secagg_planar_pack_u32(planes, narrow, 8, b),
            SECAGG_ERR_ARG);
        ck_assert_int_eq(secagg_planar_unpack_u32(narrow, planes, 8, b),
            SECAGG_ERR_ARG);
        ck_assert_int_eq(secagg_planar_pack_u32(planes, narrow, 0, b),
            SECAGG_ERR_ARG);
        if (b == 33)
            continue;
        ck_assert_int_eq(secagg_planar_pack_u64(planes, wide, 8, b),
            SECAGG_ERR_ARG);
        ck_assert_int_eq(secagg_planar_unpack_u64(wide, planes, 8, b),
            SECAGG_ERR_ARG);
        ck_assert_int_eq(secagg_planar_add(planes, clean, 8, b),
            SECAGG_ERR_ARG);
    }
    ck_assert_mem_eq(planes, clean, sizeof clean);
    ck_assert_mem_eq(wide, clean_wide, sizeof clean_wide);
}
END_TEST

START_TEST(functions_reject_a_vector_whose_size_overflows)
{
    uint8_t planes[1] = { 0 };
    uint64_t wide[1] = { 0 };
    uint32_t narrow[1] = { 0 };

    ck_assert_int_eq(secagg_planar_pack_u32(planes, narrow, SIZE_MAX, 9),
        SECAGG_ERR_SIZE);
    ck_assert_int_eq(secagg_planar_pack_u64(planes, wide, SIZE_MAX, 9),
        SECAGG_ERR_SIZE);
    ck_assert_int_eq(secagg_planar_unpack_u32(narrow, planes, SIZE_MAX, 9),
        SECAGG_ERR_SIZE);
    ck_assert_int_eq(secagg_planar_unpack_u64(wide, planes, SIZE_MAX, 9),
        SECAGG_ERR_SIZE);
    ck_assert_int_eq(secagg_planar_add(planes, planes, SIZE_MAX, 9),
        SECAGG_ERR_SIZE);
}
END_TEST

START_TEST(functions_accept_a_count_of_zero)
{
    ck_assert_int_eq(secagg_planar_pack_u32(NULL, NULL, 0, 1), SECAGG_OK);
    ck_assert_int_eq(secagg_planar_pack_u64(NULL, NULL, 0, 64), SECAGG_OK);
    ck_assert_int_eq(secagg_planar_unpack_u32(NULL, NULL, 0, 32), SECAGG_OK);
    ck_assert_int_eq(secagg_planar_unpack_u64(NULL, NULL, 0, 64), SECAGG_OK);
    ck_assert_int_eq(secagg_planar_add(NULL, NULL, 0, 7), SECAGG_OK);
}
END_TEST

/* ---- packing ------------------------------------------------------------ */

/* Entry 9 of 515 is 5 (101 in 3 bits) and entry 514 is 3 (011). Planes are 64
 * bytes apart in the full block and one byte in the last one. */
START_TEST(pack_matches_a_vector_written_by_hand)
{
    uint64_t in[515] = { 0 };
    uint8_t out[195], want[195] = { 0 };

    in[9] = 5;
    in[514] = 3;
    want[1] = want[2 * 64 + 1] = 2;
    want[192] = want[193] = 4;
    ck_assert_uint_eq(secagg_planar_size(515, 3), 195);
    ck_assert_int_eq(secagg_planar_pack_u64(out, in, 515, 3), SECAGG_OK);
    ck_assert_mem_eq(out, want, sizeof want);
}
END_TEST

/* Entries have bits above the modulus, and the buffer is not zero before, so
 * the bits above must be dropped and unused bits must be set to zero. */
static void check_pack(size_t m, uint32_t bits)
{
    const size_t len = size_of(m, bits);
    uint64_t seed = m * 64 + bits, wide[MAX_COUNT];
    uint32_t narrow[MAX_COUNT];
    uint8_t *out = guarded_alloc(len), *want = calloc(len, 1);

    for (size_t i = 0; i < m; i++) {
        wide[i] = prng_next(&seed);
        narrow[i] = (uint32_t)(wide[i] & UINT32_MAX);
        naive_set(want, m, bits, i, wide[i]);
    }
    ck_assert_int_eq(secagg_planar_pack_u64(out, wide, m, bits), SECAGG_OK);
    ck_assert_mem_eq(out, want, len);
    check_guards(out, len);
    memset(out, 0xff, len);
    if (bits <= 32) {
        ck_assert_int_eq(secagg_planar_pack_u32(out, narrow, m, bits),
            SECAGG_OK);
        ck_assert_mem_eq(out, want, len);
    }
    guarded_free(out, len);
    free(want);
}

START_TEST(pack_agrees_with_a_bitwise_layout)
{
    for (uint32_t bits = 1; bits <= 64; bits++)
        for (size_t i = 0; i < COUNTS; i++)
            check_pack(counts[i], bits);
}
END_TEST

/* Unpack random planes whose unused bits are random too. */
static void check_unpack(size_t m, uint32_t bits)
{
    const size_t len = size_of(m, bits);
    uint8_t *in = random_planes(len, m * 64 + bits);
    uint8_t *planes = exact_copy(in, len);
    uint64_t *out = malloc(m * sizeof *out);
    uint32_t *out32 = malloc(m * sizeof *out32);

    ck_assert_int_eq(secagg_planar_unpack_u64(out, planes, m, bits),
        SECAGG_OK);
    for (size_t i = 0; i < m; i++)
        if (out[i] != naive_get(in, m, bits, i))
            ck_abort_msg("entry %zu of %zu, %u bits", i, m, bits);
    if (bits <= 32) {
        ck_assert_int_eq(secagg_planar_unpack_u32(out32, planes, m, bits),
            SECAGG_OK);
        for (size_t i = 0; i < m; i++)
            if (out32[i] != out[i])
                ck_abort_msg("entry %zu of %zu, %u bits", i, m, bits);
    }
    free(out);
    free(out32);
    free(planes);
    guarded_free(in, len);
}

START_TEST(unpack_ignores_unused_bits)
{
    for (uint32_t bits = 1; bits <= 64; bits++)
        for (size_t i = 0; i < COUNTS; i++)
            check_unpack(counts[i], bits);
}
END_TEST

/* Write entries [offset, offset + count) of m into planes where they are 0. */
static void check_write(size_t m, uint32_t bits, size_t offset, size_t count)
{
    const size_t len = size_of(m, bits);
    uint64_t seed = m * 64 + bits, entries[MAX_COUNT];
    uint8_t *planes = random_planes(len, seed), *want;

    for (size_t i = 0; i < count; i++)
        naive_set(planes, m, bits, offset + i, 0);
    want = exact_copy(planes, len);
    for (size_t i = 0; i < count; i++) {
        entries[i] = modulo(prng_next(&seed), bits);
        naive_set(want, m, bits, offset + i, entries[i]);
    }
    sa_planar_write_u64(planes, m, bits, offset, entries, count);
    ck_assert_mem_eq(planes, want, len);
    guarded_free(planes, len);
    free(want);
}

START_TEST(entries_are_written_at_any_offset)
{
    static const size_t edges[] = { 0, 1, 7, 8, 500, 511, 512, 513, 520, 1017,
        1023, 1024, 1025 };
    static const uint32_t moduli[] = { 1, 7, 8, 9, 23, 64 };

    for (uint32_t bits = 1; bits <= 64; bits++)
        for (size_t offset = 0; offset < 19; offset++)
            for (size_t count = 0; offset + count <= 19; count++)
                check_write(19, bits, offset, count);
    for (size_t b = 0; b < 6; b++)
        for (size_t i = 0; i < 13; i++)
            for (size_t j = i; j < 13; j++)
                check_write(1025, moduli[b], edges[i], edges[j] - edges[i]);
}
END_TEST

START_TEST(writing_all_pieces_equals_packing_the_whole_vector)
{
    uint64_t seed = 1, entries[MAX_COUNT];

    for (uint32_t bits = 1; bits <= 64; bits++) {
        const size_t len = size_of(MAX_COUNT, bits);
        uint8_t *whole = guarded_alloc(len), *pieces = guarded_alloc(len);
        memset(pieces, 0, len);
        for (size_t i = 0; i < MAX_COUNT; i++)
            entries[i] = modulo(prng_next(&seed), bits);
        ck_assert_int_eq(secagg_planar_pack_u64(whole, entries, MAX_COUNT,
            bits), SECAGG_OK);
        for (size_t at = 0, n; at < MAX_COUNT; at += n) {
            n = (size_t)(prng_next(&seed) % 100);
            n = n < MAX_COUNT - at ? n : MAX_COUNT - at;
            sa_planar_write_u64(pieces, MAX_COUNT, bits, at, entries + at, n);
        }
        ck_assert_mem_eq(pieces, whole, len);
        guarded_free(whole, len);
        guarded_free(pieces, len);
    }
}
END_TEST

/* ---- adding ------------------------------------------------------------- */

static void check_add(size_t m, uint32_t bits)
{
    const size_t len = size_of(m, bits);
    uint8_t *acc = random_planes(len, m), *before = exact_copy(acc, len);
    uint8_t *in = random_planes(len, m + 1), *input = exact_copy(in, len);

    ck_assert_int_eq(secagg_planar_add(acc, input, m, bits), SECAGG_OK);
    for (size_t i = 0; i < padded(m); i++) {
        const uint64_t sum = naive_get(before, m, bits, i)
            + naive_get(in, m, bits, i);
        if (naive_get(acc, m, bits, i) != modulo(sum, bits))
            ck_abort_msg("entry %zu of %zu, %u bits", i, m, bits);
    }
    ck_assert_mem_eq(in, input, len);
    guarded_free(acc, len);
    guarded_free(in, len);
    free(before);
    free(input);
}

START_TEST(add_is_addition_modulo_2_to_the_bits)
{
    for (uint32_t bits = 1; bits <= 64; bits++)
        for (size_t i = 0; i < COUNTS; i++)
            check_add(counts[i], bits);
}
END_TEST

/* Pad a partial block to 512 entries, add or subtract a block, and trim. */
static void check_block(size_t m, uint32_t bits, bool minus)
{
    const size_t len = size_of(m, bits), stride = (m + 7) / 8;
    uint8_t *acc = random_planes(len, m), *before = exact_copy(acc, len);
    uint8_t *in = random_planes(size_of(512, bits), m + 1);
    uint8_t *wide = random_planes(size_of(512, bits), m + 2);

    sa_planar_pad_block(wide, acc, stride, bits);
    sa_planar_best()->add(wide, in, 1, bits, minus ? UINT64_MAX : 0);
    sa_planar_trim_block(acc, stride, wide, bits);
    for (size_t i = 0; i < padded(m); i++) {
        const uint64_t a = naive_get(before, m, bits, i);
        const uint64_t b = naive_get(in, 512, bits, i);
        if (naive_get(acc, m, bits, i) != modulo(minus ? a - b : a + b, bits))
            ck_abort_msg("entry %zu of %zu, %u bits", i, m, bits);
    }
    guarded_free(acc, len);
    guarded_free(in, size_of(512, bits));
    guarded_free(wide, size_of(512, bits));
    free(before);
}

START_TEST(a_padded_block_is_added_or_subtracted)
{
    for (uint32_t bits = 1; bits <= 64; bits++)
        for (size_t i = 0; i < COUNTS && counts[i] <= 512; i++) {
            check_block(counts[i], bits, false);
            check_block(counts[i], bits, true);
        }
}
END_TEST

/* The carry passes through all planes and is dropped after the last. */
START_TEST(the_largest_entry_plus_one_is_zero)
{
    for (uint32_t bits = 1; bits <= 64; bits++) {
        const uint64_t one[3] = { 1, 1, 1 };
        const uint64_t all[3] = { UINT64_MAX, UINT64_MAX, 0 };
        uint8_t acc[64], in[64];
        uint64_t sum[3];
        ck_assert_int_eq(secagg_planar_pack_u64(acc, all, 3, bits), SECAGG_OK);
        ck_assert_int_eq(secagg_planar_pack_u64(in, one, 3, bits), SECAGG_OK);
        ck_assert_int_eq(secagg_planar_add(acc, in, 3, bits), SECAGG_OK);
        ck_assert_int_eq(secagg_planar_unpack_u64(sum, acc, 3, bits),
            SECAGG_OK);
        ck_assert_uint_eq(sum[0] | sum[1], 0);
        ck_assert_uint_eq(sum[2], 1);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_vector_has_the_size_of_the_specification,
        a_size_that_overflows_is_zero, a_size_without_a_valid_modulus_is_zero,
        functions_reject_a_modulus_out_of_range,
        functions_reject_a_vector_whose_size_overflows,
        functions_accept_a_count_of_zero, pack_matches_a_vector_written_by_hand,
        pack_agrees_with_a_bitwise_layout, unpack_ignores_unused_bits,
        entries_are_written_at_any_offset,
        writing_all_pieces_equals_packing_the_whole_vector,
        add_is_addition_modulo_2_to_the_bits,
        a_padded_block_is_added_or_subtracted,
        the_largest_entry_plus_one_is_zero };
    return RUN(tests);
}
