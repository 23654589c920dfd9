/* SPDX-License-Identifier: Apache-2.0 */
/* wire: big-endian on the way out and in, nothing beyond either end, and the
 * first error stays. Rooms are exact allocations, so that a sanitizer sees a
 * byte too far. */
#include <string.h>

#include "core/wire.h"
#include "support/main.h"

/* One of each width, then three bytes: 1 + 2 + 4 + 8 + 3. */
#define ALL 18

static const uint8_t laid[ALL] = { 0xa1, 0xb1, 0xb2, 0xc1, 0xc2, 0xc3, 0xc4,
    0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xe1, 0xe2, 0xe3 };

static void write_all(sa_writer *w)
{
    sa_write_u8(w, 0xa1);
    sa_write_u16(w, 0xb1b2);
    sa_write_u32(w, 0xc1c2c3c4);
    sa_write_u64(w, 0xd1d2d3d4d5d6d7d8);
    sa_write_bytes(w, laid + 15, 3);
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

START_TEST(integers_are_written_high_byte_first)
{
    uint8_t out[ALL];
    sa_writer w = sa_writer_on(out, sizeof out);

    write_all(&w);
    ck_assert_int_eq(sa_writer_end(&w), SECAGG_OK);
    ck_assert_mem_eq(out, laid, ALL);
}
END_TEST

START_TEST(a_writer_wants_its_room_filled_exactly)
{
    for (size_t room = 0; room <= ALL + 3; room++) {
        uint8_t *out = malloc(room > 0 ? room : 1);
        sa_writer w = sa_writer_on(out, room);
        write_all(&w);
        ck_assert_int_eq(sa_writer_end(&w),
            room == ALL ? SECAGG_OK : SECAGG_ERR_SIZE);
        free(out);
    }
}
END_TEST

/* A write that does not fit writes no part of itself, and none follows it
 * even where it would fit. */
START_TEST(a_writer_keeps_its_first_error)
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
    sa_write_bytes(&w, laid, 2);
    ck_assert_mem_eq(out, clean, sizeof out);
    ck_assert_int_eq(sa_writer_end(&w), SECAGG_ERR_SIZE);
}
END_TEST

START_TEST(no_length_is_too_long_for_a_writer_to_refuse)
{
    uint8_t out[4];
    sa_writer w = sa_writer_on(out, sizeof out);

    sa_write_bytes(&w, laid, SIZE_MAX);
    ck_assert_int_eq(sa_writer_end(&w), SECAGG_ERR_SIZE);
}
END_TEST

START_TEST(writing_no_bytes_is_nothing)
{
    sa_writer w = sa_writer_on(NULL, 0);

    sa_write_bytes(&w, NULL, 0);
    ck_assert_int_eq(sa_writer_end(&w), SECAGG_OK);
}
END_TEST

/* ---- reading ------------------------------------------------------------ */

START_TEST(integers_are_read_high_byte_first)
{
    uint8_t *in = exact_copy(laid, ALL), out[3];
    sa_reader r = sa_reader_on(in, ALL);

    ck_assert_uint_eq(sa_read_u8(&r), 0xa1);
    ck_assert_uint_eq(sa_read_u16(&r), 0xb1b2);
    ck_assert_uint_eq(sa_read_u32(&r), 0xc1c2c3c4);
    ck_assert_uint_eq(sa_read_u64(&r), 0xd1d2d3d4d5d6d7d8);
    sa_read_bytes(&r, out, sizeof out);
    ck_assert_mem_eq(out, laid + 15, sizeof out);
    ck_assert_int_eq(sa_reader_end(&r), SECAGG_OK);
    free(in);
}
END_TEST

START_TEST(a_reader_wants_nothing_left)
{
    uint8_t *in = exact_copy(laid, ALL);
    sa_reader r = sa_reader_on(in, ALL);

    for (size_t i = 0; i < ALL; i++) {
        ck_assert_int_eq(sa_reader_end(&r), SECAGG_ERR_MESSAGE);
        ck_assert_uint_eq(sa_read_u8(&r), laid[i]);
    }
    ck_assert_int_eq(sa_reader_end(&r), SECAGG_OK);
    sa_read_u8(&r);
    ck_assert_int_eq(sa_reader_end(&r), SECAGG_ERR_MESSAGE);
    free(in);
}
END_TEST

/* Each width on one byte too few: zero, and the error. */
START_TEST(a_failed_read_yields_zeros)
{
    uint8_t out[4] = { 1, 2, 3, 4 };
    static const uint8_t zero[4];

    for (size_t have = 0; have < 8; have++) {
        uint8_t *in = exact_copy(laid, have);
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

START_TEST(a_reader_keeps_its_first_error)
{
    uint8_t out[2] = { 9, 9 };
    sa_reader r = sa_reader_on(laid, 6);

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

START_TEST(a_view_is_a_place_in_the_message)
{
    sa_reader r = sa_reader_on(laid, ALL);

    ck_assert_ptr_eq(sa_read_view(&r, 7), laid);
    ck_assert_ptr_eq(sa_read_view(&r, 0), laid + 7);
    ck_assert_ptr_eq(sa_read_view(&r, ALL - 7), laid + 7);
    ck_assert_int_eq(sa_reader_end(&r), SECAGG_OK);
    ck_assert_ptr_null(sa_read_view(&r, 1));
}
END_TEST

START_TEST(a_view_never_reaches_past_the_end)
{
    static const size_t lengths[] = { ALL - 4, ALL, SIZE_MAX,
        SIZE_MAX - 4, SIZE_MAX / 2 };

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        sa_reader r = sa_reader_on(laid, ALL);
        sa_read_view(&r, 5);
        ck_assert_ptr_null(sa_read_view(&r, lengths[i]));
        ck_assert_int_eq(sa_reader_end(&r), SECAGG_ERR_MESSAGE);
    }
}
END_TEST

START_TEST(a_list_is_as_long_as_its_items)
{
    for (uint32_t count = 0; count <= ALL; count++)
        for (size_t size = 1; size <= ALL + 1; size++) {
            sa_reader r = sa_reader_on(laid, ALL);
            const uint8_t *view = sa_read_list(&r, count, size);
            if (count * size <= ALL) {
                ck_assert_ptr_eq(view, laid);
                ck_assert_uint_eq(r.left, ALL - count * size);
            } else {
                ck_assert_ptr_null(view);
                ck_assert(r.failed);
            }
        }
}
END_TEST

/* Products that would wrap to a small number in 32 or in 64 bits. */
START_TEST(the_length_of_a_list_does_not_wrap)
{
    static const struct { uint32_t count; size_t size; } lists[] = {
        { UINT32_MAX, 1 }, { UINT32_MAX, SIZE_MAX }, { 2, SIZE_MAX / 2 + 1 },
        { 4, SIZE_MAX / 4 + 2 }, { 0x80000000, SIZE_MAX / 0x80000000 + 1 },
        { 0x40000001, 4 }, { 42949673, 100 }, { 1, SIZE_MAX } };

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        sa_reader r = sa_reader_on(laid, ALL);
        ck_assert_ptr_null(sa_read_list(&r, lists[i].count, lists[i].size));
        ck_assert_int_eq(sa_reader_end(&r), SECAGG_ERR_MESSAGE);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { integers_are_written_high_byte_first,
        a_writer_wants_its_room_filled_exactly, a_writer_keeps_its_first_error,
        no_length_is_too_long_for_a_writer_to_refuse,
        writing_no_bytes_is_nothing, integers_are_read_high_byte_first,
        a_reader_wants_nothing_left, a_failed_read_yields_zeros,
        a_reader_keeps_its_first_error, a_view_is_a_place_in_the_message,
        a_view_never_reaches_past_the_end, a_list_is_as_long_as_its_items,
        the_length_of_a_list_does_not_wrap };
    return RUN(tests);
}
