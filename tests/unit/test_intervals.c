/* SPDX-License-Identifier: Apache-2.0 */
/* ranges: against an array that has a mark for each entry given. */
#include "core/intervals.h"
#include "core/mem.h"
#include "support/main.h"
#include "support/util.h"

#define MOST 400

typedef struct marks {
    sa_intervals ranges;
    uint64_t length;
    bool given[MOST];
} marks;

/* Whether the ranges are the maximal runs of marks, in ascending order. */
static bool same(const marks *m)
{
    size_t k = 0;

    for (uint64_t i = 0, end; i < m->length; i = end + 1) {
        for (end = i; end < m->length && m->given[end];)
            end++;
        if (end == i)
            continue;
        if (k >= m->ranges.count || m->ranges.items[k].start != i
            || m->ranges.items[k].end != end)
            return false;
        k++;
    }
    return m->ranges.count == k && k <= m->ranges.capacity;
}

/* Add, and mark what should have been added; a refusal leaves all as it was. */
static void add(marks *m, uint64_t start, uint64_t count)
{
    bool fresh = true;
    secagg_err err;

    for (uint64_t i = start; i < start + count; i++)
        fresh &= !m->given[i];
    for (uint64_t i = start; fresh && i < start + count; i++)
        m->given[i] = true;
    err = sa_intervals_add(&m->ranges, start, count);
    if (err != (fresh ? SECAGG_OK : SECAGG_ERR_STATE) || !same(m))
        ck_abort_msg("[%d, + %d): %s", (int)start, (int)count,
            secagg_strerror(err));
}

static bool is_full(const marks *m)
{
    bool all = true;

    for (uint64_t i = 0; i < m->length; i++)
        all &= m->given[i];
    return all;
}

/* ---- short segments, all of them ---------------------------------------- */

/* The 21 pieces of six entries, and an empty one. */
static const struct { uint64_t start, count; } pieces_of_six[] = { { 0, 1 },
    { 0, 2 }, { 0, 3 }, { 0, 4 }, { 0, 5 }, { 0, 6 }, { 1, 1 }, { 1, 2 },
    { 1, 3 }, { 1, 4 }, { 1, 5 }, { 2, 1 }, { 2, 2 }, { 2, 3 }, { 2, 4 },
    { 3, 1 }, { 3, 2 }, { 3, 3 }, { 4, 1 }, { 4, 2 }, { 5, 1 }, { 3, 0 } };

/* Every four of them one after another, overlapping or not. */
START_TEST(every_four_pieces_of_six_entries_are_counted)
{
    const size_t kinds = sizeof pieces_of_six / sizeof *pieces_of_six;

    for (size_t code = 0; code < kinds * kinds * kinds * kinds; code++) {
        marks m = { .length = 6 };
        size_t rest = code;
        for (int i = 0; i < 4; i++, rest /= kinds) {
            add(&m, pieces_of_six[rest % kinds].start,
                pieces_of_six[rest % kinds].count);
            if (sa_intervals_full(&m.ranges, 6) != is_full(&m))
                ck_abort_msg("full is not full");
        }
        sa_intervals_free(&m.ranges);
    }
}
END_TEST

/* Add the pieces not yet taken, one after another, in every order. */
static void all_orders(const marks *m, const uint64_t *cuts, size_t pieces,
    unsigned taken)
{
    if (taken == (1U << pieces) - 1)
        ck_assert(sa_intervals_full(&m->ranges, cuts[pieces]));
    else
        ck_assert(!sa_intervals_full(&m->ranges, cuts[pieces]));
    for (size_t i = 0; i < pieces; i++) {
        marks next = *m;
        if (taken >> i & 1)
            continue;
        next.ranges.items = sa_alloc(m->ranges.capacity + 1,
            sizeof *next.ranges.items);
        ck_assert_ptr_nonnull(next.ranges.items);
        if (m->ranges.count > 0)
            memcpy(next.ranges.items, m->ranges.items, m->ranges.count
                * sizeof *next.ranges.items);
        add(&next, cuts[i], cuts[i + 1] - cuts[i]);
        all_orders(&next, cuts, pieces, taken | 1U << i);
        sa_intervals_free(&next.ranges);
    }
}

/* Every way to cut six entries, and every order of the pieces. */
START_TEST(every_cut_in_every_order_is_full_at_the_last_piece)
{
    for (unsigned code = 0; code < 32; code++) {
        uint64_t cuts[8] = { 0 };
        size_t pieces = 0;
        marks none = { .length = 6 };
        for (unsigned i = 0; i < 5; i++)
            if (code >> i & 1)
                cuts[++pieces] = i + 1;
        cuts[++pieces] = 6;
        all_orders(&none, cuts, pieces, 0);
    }
}
END_TEST

/* ---- long ones ---------------------------------------------------------- */

START_TEST(random_pieces_are_counted)
{
    uint64_t state = 1;

    for (int run = 0; run < 300; run++) {
        const uint64_t length = 1 + prng_next(&state) % MOST;
        marks m = { .length = length };
        const uint64_t longest = 1 + prng_next(&state) % 40;
        for (int i = 0; i < 600; i++) {
            const uint64_t start = prng_next(&state) % length;
            uint64_t count = prng_next(&state) % (longest + 1);
            if (count > length - start)
                count = length - start;
            add(&m, start, count);
        }
        ck_assert_int_eq(sa_intervals_full(&m.ranges, length), is_full(&m));
        sa_intervals_free(&m.ranges);
    }
}
END_TEST

/* Entries one by one in a random order: as many gaps as there can be. */
START_TEST(scattered_entries_come_together)
{
    uint64_t state = 2;

    for (int run = 0; run < 20; run++) {
        uint64_t order[MOST];
        marks m = { .length = MOST };
        for (uint64_t i = 0; i < MOST; i++) {
            const uint64_t j = prng_next(&state) % (i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        for (uint64_t i = 0; i < MOST; i++) {
            ck_assert(!sa_intervals_full(&m.ranges, MOST));
            add(&m, order[i], 1);
            add(&m, order[i], 1);
        }
        ck_assert(sa_intervals_full(&m.ranges, MOST));
        ck_assert(!sa_intervals_full(&m.ranges, MOST - 1));
        ck_assert(!sa_intervals_full(&m.ranges, MOST + 1));
        sa_intervals_free(&m.ranges);
    }
}
END_TEST

START_TEST(consecutive_pieces_cost_nothing)
{
    for (int down = 0; down < 2; down++) {
        sa_intervals ranges = { 0 };
        for (uint64_t k = 0; k < 10000; k++) {
            const uint64_t i = down ? 9999 - k : k;
            ck_assert_int_eq(
                sa_intervals_add(&ranges, 512 * i, 512), SECAGG_OK);
            ck_assert_uint_eq(ranges.count, 1);
            ck_assert_uint_le(ranges.capacity, 8);
        }
        ck_assert(sa_intervals_full(&ranges, 5120000));
        sa_intervals_free(&ranges);
    }
}
END_TEST

/* ---- edges -------------------------------------------------------------- */

START_TEST(what_ends_beyond_all_numbers_is_refused)
{
    sa_intervals ranges = { 0 };

    ck_assert_int_eq(
        sa_intervals_add(&ranges, UINT64_MAX, 2), SECAGG_ERR_STATE);
    ck_assert_int_eq(
        sa_intervals_add(&ranges, 2, UINT64_MAX), SECAGG_ERR_STATE);
    ck_assert_int_eq(sa_intervals_add(&ranges, UINT64_MAX, UINT64_MAX),
        SECAGG_ERR_STATE);
    ck_assert_uint_eq(ranges.count, 0);
    ck_assert_int_eq(sa_intervals_add(&ranges, UINT64_MAX - 1, 1), SECAGG_OK);
    ck_assert_int_eq(sa_intervals_add(&ranges, UINT64_MAX - 2, 2),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(sa_intervals_add(&ranges, 0, UINT64_MAX - 1), SECAGG_OK);
    ck_assert_uint_eq(ranges.count, 1);
    ck_assert(sa_intervals_full(&ranges, UINT64_MAX));
    sa_intervals_free(&ranges);
}
END_TEST

START_TEST(no_entries_are_always_new)
{
    sa_intervals ranges = { 0 };

    ck_assert_int_eq(sa_intervals_add(&ranges, 7, 0), SECAGG_OK);
    ck_assert_uint_eq(ranges.count, 0);
    ck_assert_int_eq(sa_intervals_add(&ranges, 0, 10), SECAGG_OK);
    for (uint64_t i = 0; i < 12; i++)
        ck_assert_int_eq(sa_intervals_add(&ranges, i, 0), SECAGG_OK);
    ck_assert_uint_eq(ranges.count, 1);
    ck_assert(sa_intervals_full(&ranges, 10));
    sa_intervals_free(&ranges);
}
END_TEST

START_TEST(ranges_are_freed_twice)
{
    sa_intervals ranges = { 0 };

    ck_assert_int_eq(sa_intervals_add(&ranges, 0, 3), SECAGG_OK);
    sa_intervals_free(&ranges);
    ck_assert(!sa_intervals_full(&ranges, 3));
    sa_intervals_free(&ranges);
    ck_assert_int_eq(sa_intervals_add(&ranges, 0, 3), SECAGG_OK);
    ck_assert(sa_intervals_full(&ranges, 3));
    sa_intervals_free(&ranges);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_four_pieces_of_six_entries_are_counted,
        every_cut_in_every_order_is_full_at_the_last_piece,
        random_pieces_are_counted, scattered_entries_come_together,
        consecutive_pieces_cost_nothing,
        what_ends_beyond_all_numbers_is_refused, no_entries_are_always_new,
        ranges_are_freed_twice };
    return RUN(tests);
}
