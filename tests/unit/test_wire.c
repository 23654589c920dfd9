/* SPDX-License-Identifier: Apache-2.0 */
/* wire: readers and writers are big-endian, never leave their buffer, and stay
 * failed after the first error. Buffers are exact allocations, so that a
 * sanitizer reports an access past their end. */
#include <string.h>

#include "core/wire.h"
#include "support/main.h"

/* One of each width, then three bytes: 1 + 2 + 4 + 8 + 3. */
#define ALL_BYTES 18

static const uint8_t expected[ALL_BYTES] = { 0xa1, 0xb1, 0xb2, 0xc1, 0xc2, 0xc3,
    0xc4, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xe1, 0xe2, 0xe3 };

static void write_all(sa_writer *w)
{
    sa_write_u8(w, 0xa1);
    sa_write_u16(w, 0xb1b2);
    sa_write_u32(w, 0xc1c2c3c4);
    sa_write_u64(w, 0xd1d2d3d4d5d6d7d8);
    sa_write_bytes(w, expected + 15, 3);
}

static uint8_t *exact_copy(const void *bytes, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);

    ck_assert_ptr_nonnull(copy);
    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}

/* ---- writing ------------------------------------------------------------ */

START_TEST(a_writer_writes_integers_big_endian)
{
    uint8_t out[ALL_BYTES];
    sa_writer w = sa_writer_on(out, sizeof out);

    write_all(&w);
    ck_assert_int_eq(sa_writer_end(&w), SECAGG_OK);
    ck_assert_mem_eq(out, expected, ALL_BYTES);
}
END_TEST

START_TEST(a_writer_fails_unless_its_buffer_is_filled_exactly)
{
    for (size_t capacity = 0; capacity <= ALL_BYTES + 3; capacity++) {
        uint8_t *out = malloc(capacity > 0 ? capacity : 1);
        sa_writer w = sa_writer_on(out, capacity);
        write_all(&w);
        ck_assert_int_eq(sa_writer_end(&w),
            capacity == ALL_BYTES ? SECAGG_OK : SECAGG_ERR_SIZE);
        free(out);
    }
}
END_TEST

/* A write that does not fit writes nothing, and neither does any later write,
 * even one that would fit. */
START_TEST(nothing_is_written_after_an_error)
{
    uint8_t out[8], clean[8];
    sa_writer w = sa_writer_on(out, sizeof out);

    memset(out, 0x77, sizeof out);
    memset(clean, 0x77, sizeof clean);
    sa_write_u32(&w, 0);
    memset(clean, 0, 4);
    sa_write_u64(&w, 0);
    ck_assert(w.failed);
    sa_write_u8(&w, 0);
    sa_write_u16(&w, 0);
    sa_write_u32(&w, 0);
    sa_write_bytes(&w, expected, 2);
    ck_assert_mem_eq(out, clean, sizeof out);
    ck_assert_int_eq(sa_writer_end(&w), SECAGG_ERR_SIZE);
}
END_TEST

START_TEST(a_writer_rejects_a_length_of_size_max)
{
    uint8_t out[4];
    sa_writer w = sa_writer_on(out, sizeof out);

    sa_write_bytes(&w, expected, SIZE_MAX);
    ck_assert_int_eq(sa_writer_end(&w), SECAGG_ERR_SIZE);
}
END_TEST

START_TEST(a_writer_accepts_zero_bytes)
{
    sa_writer w = sa_writer_on(NULL, 0);

    sa_write_bytes(&w, NULL, 0);
    ck_assert_int_eq(sa_writer_end(&w), SECAGG_OK);
}
END_TEST

/* ---- reading ------------------------------------------------------------ */

START_TEST(a_reader_reads_integers_big_endian)
{
    uint8_t *in = exact_copy(expected, ALL_BYTES), out[3];
    sa_reader r = sa_reader_on(in, ALL_BYTES);

    ck_assert_uint_eq(sa_read_u8(&r), 0xa1);
    ck_assert_uint_eq(sa_read_u16(&r), 0xb1b2);
    ck_assert_uint_eq(sa_read_u32(&r), 0xc1c2c3c4);
    ck_assert_uint_eq(sa_read_u64(&r), 0xd1d2d3d4d5d6d7d8);
    sa_read_bytes(&r, out, sizeof out);
    ck_assert_mem_eq(out, expected + 15, sizeof out);
    ck_assert_int_eq(sa_reader_end(&r), SECAGG_OK);
    free(in);
}
END_TEST

START_TEST(a_reader_fails_unless_all_bytes_are_read)
{
    uint8_t *in = exact_copy(expected, ALL_BYTES);
    sa_reader r = sa_reader_on(in, ALL_BYTES);

    for (size_t i = 0; i < ALL_BYTES; i++) {
        ck_assert_int_eq(sa_reader_end(&r), SECAGG_ERR_MESSAGE);
        ck_assert_uint_eq(sa_read_u8(&r), expected[i]);
    }
    ck_assert_int_eq(sa_reader_end(&r), SECAGG_OK);
    sa_read_u8(&r);
    ck_assert_int_eq(sa_reader_end(&r), SECAGG_ERR_MESSAGE);
    free(in);
}
END_TEST

/* Reads of each width with at least one byte too few. */
START_TEST(a_failed_read_returns_zero)
{
    uint8_t out[4] = { 1, 2, 3, 4 };
    static const uint8_t zero[4];

    for (size_t have = 0; have < 8; have++) {
        uint8_t *in = exact_copy(expected, have);
        sa_reader r = sa_reader_on(in, have);
        ck_assert_uint_eq(sa_read_u64(&r), 0);
        ck_assert(r.failed);
        if (have < 4) {
            r = sa_reader_on(in, have);
            ck_assert_uint_eq(sa_read_u32(&r), 0);
            ck_assert(r.failed);
            r = sa_reader_on(in, have);
            memset(out, 0xff, sizeof out);
            sa_read_bytes(&r, out, sizeof out);
            ck_assert_mem_eq(out, zero, sizeof out);
            ck_assert(r.failed);
        }
        if (have < 2) {
            r = sa_reader_on(in, have);
            ck_assert_uint_eq(sa_read_u16(&r), 0);
            ck_assert(r.failed);
        }
        free(in);
    }
}
END_TEST

START_TEST(every_read_fails_after_an_error)
{
    uint8_t out[2] = { 9, 9 };
    sa_reader r = sa_reader_on(expected, 6);

    ck_assert_uint_eq(sa_read_u64(&r), 0);
    ck_assert_uint_eq(sa_read_u8(&r), 0);
    ck_assert_uint_eq(sa_read_u16(&r), 0);
    ck_assert_uint_eq(sa_read_u32(&r), 0);
    ck_assert_ptr_null(sa_read_view(&r, 1));
    ck_assert_ptr_null(sa_read_list(&r, 1, 1));
    sa_read_bytes(&r, out, sizeof out);
    ck_assert_uint_eq(out[0] | out[1], 0);
    ck_assert_int_eq(sa_reader_end(&r), SECAGG_ERR_MESSAGE);
}
END_TEST

START_TEST(a_view_points_into_the_message)
{
    sa_reader r = sa_reader_on(expected, ALL_BYTES);

    ck_assert_ptr_eq(sa_read_view(&r, 7), expected);
    ck_assert_ptr_eq(sa_read_view(&r, 0), expected + 7);
    ck_assert_ptr_eq(sa_read_view(&r, ALL_BYTES - 7), expected + 7);
    ck_assert_int_eq(sa_reader_end(&r), SECAGG_OK);
    ck_assert_ptr_null(sa_read_view(&r, 1));
}
END_TEST

START_TEST(a_view_past_the_end_is_rejected)
{
    static const size_t lengths[] = { ALL_BYTES - 4, ALL_BYTES, SIZE_MAX,
        SIZE_MAX - 4, SIZE_MAX / 2 };

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        sa_reader r = sa_reader_on(expected, ALL_BYTES);
        sa_read_view(&r, 5);
        ck_assert_ptr_null(sa_read_view(&r, lengths[i]));
        ck_assert_int_eq(sa_reader_end(&r), SECAGG_ERR_MESSAGE);
    }
}
END_TEST

START_TEST(a_list_has_count_times_size_bytes)
{
    for (uint32_t count = 0; count <= ALL_BYTES; count++)
        for (size_t size = 1; size <= ALL_BYTES + 1; size++) {
            sa_reader r = sa_reader_on(expected, ALL_BYTES);
            const uint8_t *view = sa_read_list(&r, count, size);
            if (count * size <= ALL_BYTES) {
                ck_assert_ptr_eq(view, expected);
                ck_assert_uint_eq(r.left, ALL_BYTES - count * size);
            } else {
                ck_assert_ptr_null(view);
                ck_assert(r.failed);
            }
        }
}
END_TEST

/* Products that would overflow to a small number in 32 or in 64 bits. */
START_TEST(a_list_whose_length_overflows_is_rejected)
{
    static const struct { uint32_t count; size_t size; } lists[] = {
        { UINT32_MAX, 1 }, { UINT32_MAX, SIZE_MAX }, { 2, SIZE_MAX / 2 + 1 },
        { 4, SIZE_MAX / 4 + 2 }, { 0x80000000, SIZE_MAX / 0x80000000 + 1 },
        { 0x40000001, 4 }, { 42949673, 100 }, { 1, SIZE_MAX } };

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        sa_reader r = sa_reader_on(expected, ALL_BYTES);
        ck_assert_ptr_null(sa_read_list(&r, lists[i].count, lists[i].size));
        ck_assert_int_eq(sa_reader_end(&r), SECAGG_ERR_MESSAGE);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_writer_writes_integers_big_endian,
        a_writer_fails_unless_its_buffer_is_filled_exactly,
        nothing_is_written_after_an_error,
        a_writer_rejects_a_length_of_size_max, a_writer_accepts_zero_bytes,
        a_reader_reads_integers_big_endian,
        a_reader_fails_unless_all_bytes_are_read, a_failed_read_returns_zero,
        every_read_fails_after_an_error, a_view_points_into_the_message,
        a_view_past_the_end_is_rejected, a_list_has_count_times_size_bytes,
        a_list_whose_length_overflows_is_rejected };
    return RUN(tests);
}
