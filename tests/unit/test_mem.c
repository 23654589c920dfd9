/* SPDX-License-Identifier: Apache-2.0 */
/* mem, base and random: memory that is counted, zeroed and wiped; words for
 * errors; the version; randomness. mem.c is compiled into this program, with
 * its free() caught: only so can be seen what is given back. */
#include <stdlib.h>

static void caught_free(void *ptr);
#define free caught_free
#include "core/mem.c"
#undef free

#include <stdio.h>
#include <string.h>

#include "core/random.h"
#include "support/main.h"

/* A sanitizer that is asked for too much says NULL as the system does. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* ---- memory ------------------------------------------------------------- */

static size_t freed, freed_len; /* calls; bytes after the header */

static bool zeros(const uint8_t *p, size_t len)
{
    uint8_t any = 0;

    for (size_t i = 0; i < len; i++)
        any = (uint8_t)(any | p[i]);
    return any == 0;
}

/* Nothing but zeros is given back. */
static void caught_free(void *ptr)
{
    ck_assert(zeros(ptr, sizeof(header) + freed_len));
    freed++;
    free(ptr);
}

START_TEST(libsodium_is_made_ready_more_than_once)
{
    ck_assert_int_eq(sa_init(), SECAGG_OK);
    ck_assert_int_eq(sa_init(), SECAGG_OK);
}
END_TEST

START_TEST(memory_is_zero_at_first)
{
    for (size_t size = 1; size < 3000; size += 7) {
        uint8_t *p = sa_alloc(3, size);
        ck_assert_ptr_nonnull(p);
        ck_assert(zeros(p, 3 * size));
        memset(p, 0xa5, 3 * size);
        freed_len = 3 * size;
        sa_free(p);
    }
}
END_TEST

/* Products that wrap, among them to zero and to a small number. */
START_TEST(a_product_that_does_not_fit_is_refused)
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

/* What was there stands first, zeros after it; the old ones are wiped. Where
 * there is no memory the old ones stay. */
START_TEST(more_objects_begin_with_those_there_were)
{
    uint8_t *p = sa_realloc_wipe(NULL, 2, 24), *more;

    ck_assert_ptr_nonnull(p);
    ck_assert(zeros(p, 48));
    memset(p, 0xa5, 48);
    ck_assert_ptr_null(sa_realloc_wipe(p, SIZE_MAX / 24 + 2, 24));
    ck_assert_ptr_null(sa_realloc_wipe(p, SIZE_MAX / 24, 24));
    freed = 0;
    freed_len = 48;
    more = sa_realloc_wipe(p, 5, 24);
    ck_assert_ptr_nonnull(more);
    ck_assert_uint_eq(freed, 1);
    for (size_t i = 0; i < 48; i++)
        ck_assert_uint_eq(more[i], 0xa5);
    ck_assert(zeros(more + 48, 72));
    freed_len = 120;
    sa_free(more);
}
END_TEST

START_TEST(no_objects_have_an_address)
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

START_TEST(memory_is_wiped_before_it_is_given_back)
{
    for (size_t len = 1; len < 600; len++) {
        uint8_t *p = sa_alloc(len, 1);
        ck_assert_ptr_nonnull(p);
        memset(p, 0xff, len);
        freed = 0;
        freed_len = len;
        sa_free(p);
        ck_assert_uint_eq(freed, 1);
    }
}
END_TEST

START_TEST(freeing_nothing_does_nothing)
{
    freed = 0;
    sa_free(NULL);
    sa_free(NULL);
    ck_assert_uint_eq(freed, 0);
}
END_TEST

/* Both names of the wipe, on every range of 24 bytes. */
START_TEST(a_wipe_takes_its_bytes_and_no_others)
{
    uint8_t bytes[24], clean[24];

    memset(clean, 0x5a, sizeof clean);
    for (size_t start = 0; start <= 24; start++)
        for (size_t len = 0; start + len <= 24; len++)
            for (int public = 0; public < 2; public++) {
                memset(bytes, 0x5a, sizeof bytes);
                (public ? secagg_wipe : sa_wipe)(bytes + start, len);
                ck_assert(zeros(bytes + start, len));
                memset(bytes + start, 0x5a, len);
                ck_assert_mem_eq(bytes, clean, sizeof bytes);
            }
}
END_TEST

START_TEST(one_bit_makes_bytes_unequal)
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

START_TEST(a_barrier_changes_no_value)
{
    for (int i = 0; i < 64; i++) {
        ck_assert_uint_eq(sa_value_barrier((uint64_t)1 << i), (uint64_t)1 << i);
        ck_assert_uint_eq(sa_value_barrier(UINT64_MAX >> i), UINT64_MAX >> i);
    }
    ck_assert_uint_eq(sa_value_barrier(0), 0);
}
END_TEST

/* ---- words -------------------------------------------------------------- */

static const secagg_err errors[] = { SECAGG_OK, SECAGG_ERR_ARG,
    SECAGG_ERR_STATE, SECAGG_ERR_SIZE, SECAGG_ERR_VALUE, SECAGG_ERR_STALE,
    SECAGG_ERR_INPUT_DUE, SECAGG_ERR_REPEAT, SECAGG_ERR_MESSAGE,
    SECAGG_ERR_AUTH, SECAGG_ERR_POLICY, SECAGG_ERR_THRESHOLD,
    SECAGG_ERR_CHEAT, SECAGG_ERR_MEMORY, SECAGG_ERR_RANDOM,
    SECAGG_ERR_CRYPTO };

#define ERRORS (sizeof errors / sizeof *errors)

START_TEST(every_error_has_words_of_its_own)
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

START_TEST(what_is_no_error_is_unknown)
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

START_TEST(the_version_is_that_of_the_header)
{
    char version[40];

    snprintf(version, sizeof version, "%d.%d.%d", SECAGG_VERSION_MAJOR,
        SECAGG_VERSION_MINOR, SECAGG_VERSION_PATCH);
    ck_assert_str_eq(secagg_version(), version);
}
END_TEST

/* ---- randomness --------------------------------------------------------- */

START_TEST(randomness_fills_what_was_asked_for)
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

/* A right source fails this once in 2^245 runs. */
START_TEST(every_byte_of_randomness_changes)
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

START_TEST(too_much_randomness_is_refused)
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
    const TTest *const tests[] = { libsodium_is_made_ready_more_than_once,
        memory_is_zero_at_first, a_product_that_does_not_fit_is_refused,
        more_objects_begin_with_those_there_were,
        no_objects_have_an_address, memory_is_wiped_before_it_is_given_back,
        freeing_nothing_does_nothing, a_wipe_takes_its_bytes_and_no_others,
        one_bit_makes_bytes_unequal, a_barrier_changes_no_value,
        every_error_has_words_of_its_own, what_is_no_error_is_unknown,
        the_version_is_that_of_the_header, randomness_fills_what_was_asked_for,
        every_byte_of_randomness_changes, too_much_randomness_is_refused };
    return RUN(tests);
}
