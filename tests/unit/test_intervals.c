/* SPDX-License-Identifier: Apache-2.0 */
/* intervals: compared with an array that has one mark per entry. */
#include "core/intervals.h"
#include "core/mem.h"
#include "support/main.h"
#include "support/util.h"

#define MAX_LENGTH 400

typedef struct marks {
    sa_intervals intervals;
    uint64_t length;
    bool marked[MAX_LENGTH];
} marks;

static uint64_t first_unmarked(const marks *m)
{
    uint64_t i = 0;

    while (i < m->length && m->marked[i])
        i++;
    return i;
}

/* Whether the set is [0, length). */
static bool is_range(const sa_intervals *set, uint64_t length)
{
    return set->count == 1 && sa_intervals_first_gap(set) == length;
}

/* Whether the intervals are exactly the maximal runs of marks, ascending. */
static bool matches_marks(const marks *m)
{
    size_t k = 0;

    if (sa_intervals_first_gap(&m->intervals) != first_unmarked(m))
        return false;
    for (uint64_t i = 0, end; i < m->length; i = end + 1) {
        for (end = i; end < m->length && m->marked[end];)
            end++;
        if (end == i)
            continue;
        if (k >= m->intervals.count || m->intervals.items[k].start != i
            || m->intervals.items[k].end != end)
            return false;
        k++;
    }
    return m->intervals.count == k && k <= m->intervals.capacity;
}

/* Add a piece. It must succeed and be marked if none of its entries was added
 * before; otherwise it must fail with STATE and change nothing. */
static void add_and_check(marks *m, uint64_t start, uint64_t count)
{
    bool is_new = true;
    secagg_err err;

    for (uint64_t i = start; i < start + count; i++)
        is_new &= !m->marked[i];
    for (uint64_t i = start; is_new && i < start + count; i++)
        m->marked[i] = true;
    err = sa_intervals_add(&m->intervals, start, count);
    if (err != (is_new ? SECAGG_OK : SECAGG_ERR_STATE) || !matches_marks(m))
        ck_abort_msg("[%d, + %d): %s", (int)start, (int)count,
            secagg_strerror(err));
}

static bool is_full(const marks *m)
{
    bool all = true;

    for (uint64_t i = 0; i < m->length; i++)
        all &= m->marked[i];
    return all;
}

/* ---- short segments, exhaustively --------------------------------------- */

/* The 21 non-empty pieces of six entries, and an empty one. */
static const struct { uint64_t start, count; } pieces_of_six[] = { { 0, 1 },
    { 0, 2 }, { 0, 3 }, { 0, 4 }, { 0, 5 }, { 0, 6 }, { 1, 1 }, { 1, 2 },
    { 1, 3 }, { 1, 4 }, { 1, 5 }, { 2, 1 }, { 2, 2 }, { 2, 3 }, { 2, 4 },
    { 3, 1 }, { 3, 2 }, { 3, 3 }, { 4, 1 }, { 4, 2 }, { 5, 1 }, { 3, 0 } };

/* Every sequence of four pieces, overlapping or not. */
START_TEST(every_four_pieces_of_six_entries_are_tracked)
{
    const size_t kinds = sizeof pieces_of_six / sizeof *pieces_of_six;

    for (size_t code = 0; code < kinds * kinds * kinds * kinds; code++) {
        marks m = { .length = 6 };
        size_t rest = code;
        for (int i = 0; i < 4; i++, rest /= kinds) {
            add_and_check(&m, pieces_of_six[rest % kinds].start,
                pieces_of_six[rest % kinds].count);
            if (is_range(&m.intervals, 6) != is_full(&m))
                ck_abort_msg("the intervals are wrong");
        }
        sa_intervals_free(&m.intervals);
    }
}
END_TEST

/* Add the pieces that are not in the bitmap `added`, in every order. */
static void check_all_orders(const marks *m, const uint64_t *cuts,
    size_t pieces, unsigned added)
{
    if (added == (1U << pieces) - 1)
        ck_assert(is_range(&m->intervals, cuts[pieces]));
    else
        ck_assert(!is_range(&m->intervals, cuts[pieces]));
    for (size_t i = 0; i < pieces; i++) {
        marks next = *m;
        if (added >> i & 1)
            continue;
        next.intervals.items = sa_alloc(m->intervals.capacity + 1,
            sizeof *next.intervals.items);
        ck_assert_ptr_nonnull(next.intervals.items);
        if (m->intervals.count > 0)
            memcpy(next.intervals.items, m->intervals.items, m->intervals.count
                * sizeof *next.intervals.items);
        add_and_check(&next, cuts[i], cuts[i + 1] - cuts[i]);
        check_all_orders(&next, cuts, pieces, added | 1U << i);
        sa_intervals_free(&next.intervals);
    }
}

/* All 32 ways to cut six entries, each in every order of its pieces. */
START_TEST(every_cut_in_every_order_is_full_after_its_last_piece)
{
    for (unsigned code = 0; code < 32; code++) {
        uint64_t cuts[8] = { 0 };
        size_t pieces = 0;
        marks none = { .length = 6 };
        for (unsigned i = 0; i < 5; i++)
            if (code >> i & 1)
                cuts[++pieces] = i + 1;
        cuts[++pieces] = 6;
        check_all_orders(&none, cuts, pieces, 0);
    }
}
END_TEST

/* ---- long segments ------------------------------------------------------ */

START_TEST(random_pieces_are_tracked)
{
    uint64_t state = 1;

    for (int run = 0; run < 300; run++) {
        const uint64_t length = 1 + prng_next(&state) % MAX_LENGTH;
        marks m = { .length = length };
        const uint64_t longest = 1 + prng_next(&state) % 40;
        for (int i = 0; i < 600; i++) {
            const uint64_t start = prng_next(&state) % length;
            uint64_t count = prng_next(&state) % (longest + 1);
            if (count > length - start)
                count = length - start;
            add_and_check(&m, start, count);
        }
        ck_assert_int_eq(is_range(&m.intervals, length), is_full(&m));
        sa_intervals_free(&m.intervals);
    }
}
END_TEST

/* Single entries in a random order make the maximum number of intervals. */
START_TEST(scattered_entries_merge_into_one_interval)
{
    uint64_t state = 2;

    for (int run = 0; run < 20; run++) {
        uint64_t order[MAX_LENGTH];
        marks m = { .length = MAX_LENGTH };
        for (uint64_t i = 0; i < MAX_LENGTH; i++) {
            const uint64_t j = prng_next(&state) % (i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        for (uint64_t i = 0; i < MAX_LENGTH; i++) {
            ck_assert(!is_range(&m.intervals, MAX_LENGTH));
            add_and_check(&m, order[i], 1);
            add_and_check(&m, order[i], 1);
        }
        ck_assert(is_range(&m.intervals, MAX_LENGTH));
        ck_assert(!is_range(&m.intervals, MAX_LENGTH - 1));
        ck_assert(!is_range(&m.intervals, MAX_LENGTH + 1));
        sa_intervals_free(&m.intervals);
    }
}
END_TEST

START_TEST(consecutive_pieces_stay_one_interval)
{
    for (int down = 0; down < 2; down++) {
        sa_intervals intervals = { 0 };
        for (uint64_t k = 0; k < 10000; k++) {
            const uint64_t i = down ? 9999 - k : k;
            ck_assert_int_eq(
                sa_intervals_add(&intervals, 512 * i, 512), SECAGG_OK);
            ck_assert_uint_eq(intervals.count, 1);
            ck_assert_uint_le(intervals.capacity, 8);
        }
        ck_assert(is_range(&intervals, 5120000));
        sa_intervals_free(&intervals);
    }
}
END_TEST

/* ---- edge cases --------------------------------------------------------- */

START_TEST(add_rejects_an_end_that_overflows)
{
    sa_intervals intervals = { 0 };

    ck_assert_int_eq(
        sa_intervals_add(&intervals, UINT64_MAX, 2), SECAGG_ERR_STATE);
    ck_assert_int_eq(
        sa_intervals_add(&intervals, 2, UINT64_MAX), SECAGG_ERR_STATE);
    ck_assert_int_eq(sa_intervals_add(&intervals, UINT64_MAX, UINT64_MAX),
        SECAGG_ERR_STATE);
    ck_assert_uint_eq(intervals.count, 0);
    ck_assert_int_eq(sa_intervals_add(&intervals, UINT64_MAX - 1, 1),
        SECAGG_OK);
    ck_assert_int_eq(sa_intervals_add(&intervals, UINT64_MAX - 2, 2),
        SECAGG_ERR_STATE);
    for (uint64_t count = 1; count <= 2; count++) /* continues the last one */
        ck_assert_int_eq(sa_intervals_add(&intervals, UINT64_MAX, count),
            SECAGG_ERR_STATE);
    ck_assert_int_eq(sa_intervals_add(&intervals, UINT64_MAX, UINT64_MAX),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(sa_intervals_add(&intervals, 0, UINT64_MAX - 1),
        SECAGG_OK);
    ck_assert_uint_eq(intervals.count, 1);
    ck_assert(is_range(&intervals, UINT64_MAX));
    sa_intervals_free(&intervals);
}
END_TEST

START_TEST(add_accepts_an_empty_piece_anywhere)
{
    sa_intervals intervals = { 0 };

    ck_assert_int_eq(sa_intervals_add(&intervals, 7, 0), SECAGG_OK);
    ck_assert_uint_eq(intervals.count, 0);
    ck_assert_int_eq(sa_intervals_add(&intervals, 0, 10), SECAGG_OK);
    for (uint64_t i = 0; i < 12; i++)
        ck_assert_int_eq(sa_intervals_add(&intervals, i, 0), SECAGG_OK);
    ck_assert_uint_eq(intervals.count, 1);
    ck_assert(is_range(&intervals, 10));
    sa_intervals_free(&intervals);
}
END_TEST

START_TEST(intervals_may_be_freed_twice)
{
    sa_intervals intervals = { 0 };

    ck_assert_int_eq(sa_intervals_add(&intervals, 0, 3), SECAGG_OK);
    sa_intervals_free(&intervals);
    ck_assert(!is_range(&intervals, 3));
    sa_intervals_free(&intervals);
    ck_assert_int_eq(sa_intervals_add(&intervals, 0, 3), SECAGG_OK);
    ck_assert(is_range(&intervals, 3));
    sa_intervals_free(&intervals);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { every_four_pieces_of_six_entries_are_tracked,
        every_cut_in_every_order_is_full_after_its_last_piece,
        random_pieces_are_tracked, scattered_entries_merge_into_one_interval,
        consecutive_pieces_stay_one_interval,
        add_rejects_an_end_that_overflows,
        add_accepts_an_empty_piece_anywhere, intervals_may_be_freed_twice };
    return RUN(tests);
}
