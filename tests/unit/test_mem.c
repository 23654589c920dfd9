/* SPDX-License-Identifier: Apache-2.0 */
/* mem, base and random: zeroed allocations, wiping, comparison; the texts of
 * errors; the version; randomness. mem.c is compiled into this program with a
 * free() of the test, which sees the memory just before it is freed. */
#include <stdlib.h>

static void check_wiped_free(void *ptr);
#define free check_wiped_free
#include "core/mem.c"
#undef free

#include <stdio.h>
#include <string.h>

#include "crypto/random.h"
#include "support/main.h"

/* Makes a sanitizer's malloc return NULL for a huge size, as libc's does. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* ---- memory ------------------------------------------------------------- */

static size_t freed_count; /* calls of free() */
static size_t freed_len;   /* bytes after the header of the block to be freed */

static bool is_zero(const uint8_t *p, size_t len)
{
    uint8_t any = 0;

    for (size_t i = 0; i < len; i++)
        any = (uint8_t)(any | p[i]);
    return any == 0;
}

/* Takes the place of free(): all bytes of the block must be zero. */
static void check_wiped_free(void *ptr)
{
    ck_assert(is_zero(ptr, sizeof(header) + freed_len));
    freed_count++;
    free(ptr);
}

START_TEST(sa_init_may_be_called_twice)
{
    ck_assert_int_eq(sa_init(), SECAGG_OK);
    ck_assert_int_eq(sa_init(), SECAGG_OK);
}
END_TEST

START_TEST(sa_alloc_returns_zeroed_memory)
{
    for (size_t size = 1; size < 3000; size += 7) {
        uint8_t *p = sa_alloc(3, size);
        ck_assert_ptr_nonnull(p);
        ck_assert(is_zero(p, 3 * size));
        memset(p, 0xa5, 3 * size);
        freed_len = 3 * size;
        sa_free(p);
    }
}
END_TEST

/* Products that overflow, some of them to zero or to a small number. */
START_TEST(sa_alloc_returns_null_if_the_size_overflows)
{
    static const size_t sizes[][2] = { { SIZE_MAX, 2 }, { 2, SIZE_MAX },
        { SIZE_MAX, SIZE_MAX }, { SIZE_MAX / 2 + 1, 2 },
        { 4, SIZE_MAX / 4 + 1 }, { SIZE_MAX / 8 + 2, 8 },
        { SIZE_MAX / 48 + 2, 48 }, { 3, SIZE_MAX / 3 + 2 },
        { SIZE_MAX, 1 }, { 1, SIZE_MAX - 7 } };

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        ck_assert_ptr_null(sa_alloc(sizes[i][0], sizes[i][1]));
}
END_TEST

/* The new block has the old bytes, then zeros; the old block is wiped. If there
 * is no memory, the old block stays. */
START_TEST(sa_realloc_wipe_copies_the_old_bytes_and_wipes_them)
{
    uint8_t *p = sa_realloc_wipe(NULL, 2, 24), *more;

    ck_assert_ptr_nonnull(p);
    ck_assert(is_zero(p, 48));
    memset(p, 0xa5, 48);
    ck_assert_ptr_null(sa_realloc_wipe(p, SIZE_MAX / 24 + 2, 24));
    ck_assert_ptr_null(sa_realloc_wipe(p, SIZE_MAX / 24, 24));
    freed_count = 0;
    freed_len = 48;
    more = sa_realloc_wipe(p, 5, 24);
    ck_assert_ptr_nonnull(more);
    ck_assert_uint_eq(freed_count, 1);
    for (size_t i = 0; i < 48; i++)
        ck_assert_uint_eq(more[i], 0xa5);
    ck_assert(is_zero(more + 48, 72));
    freed_len = 120;
    sa_free(more);
}
END_TEST

START_TEST(sa_alloc_returns_a_pointer_for_size_zero)
{
    static const size_t sizes[][2] = { { 0, 0 }, { 0, 8 }, { 8, 0 },
        { 0, SIZE_MAX }, { SIZE_MAX, 0 } };

    freed_len = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        void *p = sa_alloc(sizes[i][0], sizes[i][1]);
        ck_assert_ptr_nonnull(p);
        sa_free(p);
    }
}
END_TEST

START_TEST(sa_free_wipes_memory)
{
    for (size_t len = 1; len < 600; len++) {
        uint8_t *p = sa_alloc(len, 1);
        ck_assert_ptr_nonnull(p);
        memset(p, 0xff, len);
        freed_count = 0;
        freed_len = len;
        sa_free(p);
        ck_assert_uint_eq(freed_count, 1);
    }
}
END_TEST

START_TEST(sa_free_ignores_null)
{
    freed_count = 0;
    sa_free(NULL);
    sa_free(NULL);
    ck_assert_uint_eq(freed_count, 0);
}
END_TEST

/* The internal and the public wipe, on every range of 24 bytes. */
START_TEST(a_wipe_changes_exactly_its_bytes)
{
    uint8_t bytes[24], clean[24];

    memset(clean, 0x5a, sizeof clean);
    for (size_t start = 0; start <= 24; start++)
        for (size_t len = 0; start + len <= 24; len++)
            for (int public = 0; public < 2; public++) {
                memset(bytes, 0x5a, sizeof bytes);
                (public ? secagg_wipe : sa_wipe)(bytes + start, len);
                ck_assert(is_zero(bytes + start, len));
                memset(bytes + start, 0x5a, len);
                ck_assert_mem_eq(bytes, clean, sizeof bytes);
            }
}
END_TEST

START_TEST(sa_ct_equal_sees_every_bit)
{
    uint8_t a[67], b[67];

    for (size_t i = 0; i < sizeof a; i++)
        a[i] = b[i] = (uint8_t)(31 * i);
    for (size_t len = 0; len <= sizeof a; len++)
        ck_assert(sa_ct_equal(a, b, len));
    for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
        b[bit / 8] = (uint8_t)(b[bit / 8] ^ 1U << bit % 8);
        for (size_t len = 0; len <= sizeof a; len++)
            ck_assert(sa_ct_equal(a, b, len) == (len <= bit / 8));
        b[bit / 8] = a[bit / 8];
    }
}
END_TEST

START_TEST(sa_value_barrier_returns_its_argument)
{
    for (int i = 0; i < 64; i++) {
        ck_assert_uint_eq(sa_value_barrier((uint64_t)1 << i), (uint64_t)1 << i);
        ck_assert_uint_eq(sa_value_barrier(UINT64_MAX >> i), UINT64_MAX >> i);
    }
    ck_assert_uint_eq(sa_value_barrier(0), 0);
}
END_TEST

/* ---- errors and version ------------------------------------------------- */

static const secagg_err errors[] = { SECAGG_OK, SECAGG_ERR_ARG,
    SECAGG_ERR_STATE, SECAGG_ERR_SIZE, SECAGG_ERR_VALUE, SECAGG_ERR_STALE,
    SECAGG_ERR_INPUT_DUE, SECAGG_ERR_REPEAT, SECAGG_ERR_MESSAGE,
    SECAGG_ERR_AUTH, SECAGG_ERR_POLICY, SECAGG_ERR_THRESHOLD,
    SECAGG_ERR_CHEAT, SECAGG_ERR_MEMORY, SECAGG_ERR_RANDOM,
    SECAGG_ERR_CRYPTO };

#define ERRORS (sizeof errors / sizeof *errors)

START_TEST(every_error_has_its_own_text)
{
    for (size_t i = 0; i < ERRORS; i++) {
        ck_assert_uint_gt(strlen(secagg_strerror(errors[i])), 5);
        ck_assert_str_ne(secagg_strerror(errors[i]), "unknown error");
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(secagg_strerror(errors[i]),
                secagg_strerror(errors[j]));
    }
}
END_TEST

START_TEST(other_numbers_are_unknown_errors)
{
    for (int value = -300; value <= 300; value++) {
        bool known = false;
        for (size_t i = 0; i < ERRORS; i++)
            known |= (int)errors[i] == value;
        ck_assert_int_eq(known, strcmp(secagg_strerror((secagg_err)value),
            "unknown error") != 0);
    }
}
END_TEST

START_TEST(secagg_version_agrees_with_the_header)
{
    char version[40];

    snprintf(version, sizeof version, "%d.%d.%d", SECAGG_VERSION_MAJOR,
        SECAGG_VERSION_MINOR, SECAGG_VERSION_PATCH);
    ck_assert_str_eq(secagg_version(), version);
}
END_TEST

/* ---- randomness --------------------------------------------------------- */

START_TEST(sa_random_writes_exactly_its_buffer)
{
    uint8_t out[256 + 8];

    for (size_t len = 0; len <= 256; len++) {
        memset(out, 0x33, sizeof out);
        ck_assert_int_eq(sa_random(out, len), SECAGG_OK);
        for (size_t i = len; i < sizeof out; i++)
            ck_assert_uint_eq(out[i], 0x33);
    }
}
END_TEST

/* A correct source fails this with a probability of about 2^-245. */
START_TEST(every_byte_of_sa_random_changes)
{
    uint8_t first[256], out[256], differs[256] = { 0 };

    ck_assert_int_eq(sa_random(first, sizeof first), SECAGG_OK);
    for (int draw = 0; draw < 32; draw++) {
        ck_assert_int_eq(sa_random(out, sizeof out), SECAGG_OK);
        ck_assert_mem_ne(out, first, sizeof out);
        for (int i = 0; i < 256; i++)
            differs[i] = (uint8_t)(differs[i] | (out[i] ^ first[i]));
    }
    for (int i = 0; i < 256; i++)
        ck_assert_uint_ne(differs[i], 0);
}
END_TEST

START_TEST(sa_random_rejects_more_than_256_bytes)
{
    uint8_t out[300] = { 0 };
    static const uint8_t zero[300];

    ck_assert_int_eq(sa_random(out, 257), SECAGG_ERR_RANDOM);
    ck_assert_int_eq(sa_random(out, SIZE_MAX), SECAGG_ERR_RANDOM);
    ck_assert_int_eq(sa_random(out, (size_t)1 << 31), SECAGG_ERR_RANDOM);
    ck_assert_mem_eq(out, zero, sizeof out);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { sa_init_may_be_called_twice,
        sa_alloc_returns_zeroed_memory,
        sa_alloc_returns_null_if_the_size_overflows,
        sa_realloc_wipe_copies_the_old_bytes_and_wipes_them,
        sa_alloc_returns_a_pointer_for_size_zero, sa_free_wipes_memory,
        sa_free_ignores_null, a_wipe_changes_exactly_its_bytes,
        sa_ct_equal_sees_every_bit, sa_value_barrier_returns_its_argument,
        every_error_has_its_own_text, other_numbers_are_unknown_errors,
        secagg_version_agrees_with_the_header,
        sa_random_writes_exactly_its_buffer, every_byte_of_sa_random_changes,
        sa_random_rejects_more_than_256_bytes };
    return RUN(tests);
}
