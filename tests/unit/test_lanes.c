/* SPDX-License-Identifier: Apache-2.0 */
/* lanes: places, blocks and ranges of random lists of segments, against the
 * counting of tests/support/lane_model.h. */
#include "session/lanes.h"

#include <secagg/params.h>

#include "support/lane_model.h"
#include "support/main.h"
#include "support/params_fixture.h"
#include "support/util.h"

#define MAX 40

/* A list of segments, its lanes, and its model. */
typedef struct layout {
    uint32_t bits[MAX];
    uint64_t lengths[MAX], places[MAX];
    secagg_segment segments[MAX];
    sa_lanes lanes;
    lane_model model;
} layout;

static void layout_init(layout *l, size_t count)
{
    for (size_t s = 0; s < count; s++)
        l->segments[s] = (secagg_segment){ .length = l->lengths[s],
            .bits = l->bits[s] };
    sa_lanes_init(&l->lanes, l->places, l->segments, count);
    l->model = (lane_model){ l->bits, l->lengths, count };
}

/* Lengths about the ends of bytes and blocks, in few lanes or in many. */
static void random_layout(layout *l, uint64_t *state)
{
    static const uint64_t lengths[] = { 1, 7, 8, 9, 500, 511, 512, 513, 1024,
        1500 };
    const size_t count = 1 + (size_t)(prng_next(state) % MAX);
    const uint64_t lanes = prng_next(state) % 2 ? 3 : 64;

    for (size_t s = 0; s < count; s++) {
        l->lengths[s] = lengths[prng_next(state) % 10];
        l->bits[s] = (uint32_t)(64 - prng_next(state) % lanes);
    }
    layout_init(l, count);
}

START_TEST(a_lane_is_the_segments_of_one_modulus_end_to_end)
{
    uint64_t state = 1;
    layout l;

    for (int run = 0; run < 300; run++) {
        size_t lanes = 0;
        random_layout(&l, &state);
        for (size_t s = 0; s < l.model.count; s++)
            ck_assert_uint_eq(l.places[s], lane_place(&l.model, s));
        for (uint32_t b = 1; b <= 64; b++) {
            const uint64_t entries = lane_entries(&l.model, b, l.model.count);
            const sa_lane *lane = &l.lanes.lane[lanes];
            if (entries == 0)
                continue;
            ck_assert_uint_eq(l.lanes.number[b], lanes++);
            ck_assert_uint_eq(lane->bits, b);
            ck_assert_uint_eq(lane->entries, entries);
            ck_assert_uint_eq(lane->blocks, (entries + 511) / 512);
            ck_assert_uint_eq(lane->first, lane_first(&l.model, b));
            ck_assert_uint_eq(lane->at, lane_bytes(&l.model, b));
        }
        ck_assert_uint_eq(l.lanes.count, lanes);
        ck_assert_uint_eq(l.lanes.blocks, lane_first(&l.model, 65));
    }
}
END_TEST

START_TEST(blocks_are_numbered_through_all_lanes)
{
    uint64_t state = 2;
    layout l;

    for (int run = 0; run < 100; run++) {
        random_layout(&l, &state);
        for (uint64_t block = 0; block <= l.lanes.blocks; block++)
            ck_assert_uint_eq(sa_lanes_at(&l.lanes, block),
                lane_at(&l.model, block));
    }
}
END_TEST

/* The entries of a lane in a run of blocks are those that the model finds in
 * its segments. */
START_TEST(a_run_of_blocks_has_its_entries_and_no_others)
{
    uint64_t state = 3;
    layout l;

    for (int run = 0; run < 200; run++) {
        uint64_t start, end;
        random_layout(&l, &state);
        start = prng_next(&state) % l.lanes.blocks;
        end = start + 1 + prng_next(&state) % (l.lanes.blocks - start);
        for (size_t i = 0; i < l.lanes.count; i++) {
            const sa_lane *lane = &l.lanes.lane[i];
            const sa_lane_range r = sa_lanes_range(lane, start, end);
            uint64_t count = 0, from, to;
            for (size_t s = 0; s < l.model.count; s++) {
                if (l.bits[s] != lane->bits)
                    continue;
                lane_cut(&l.model, s, start, end, &from, &to);
                if (count == 0 && from < to)
                    ck_assert_uint_eq(r.offset, l.places[s] + from);
                count += to - from;
            }
            ck_assert_uint_eq(r.count, count);
        }
    }
}
END_TEST

START_TEST(no_input_has_more_than_65535_parts)
{
    static const struct { uint64_t blocks, least; } rows[] = { { 1, 1 },
        { 65534, 1 }, { 65535, 1 }, { 65536, 2 }, { 131070, 2 },
        { 131071, 3 }, { (uint64_t)1 << 30, 16385 } };
    layout l;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        l.bits[0] = 1;
        l.lengths[0] = 512 * rows[i].blocks;
        layout_init(&l, 1);
        ck_assert_uint_eq(sa_lanes_min_part(&l.lanes), rows[i].least);
    }
}
END_TEST

/* Segments of 16 value bits have 20 bits for 12 clients; with weights up to 100
 * 27 bits, and the hidden segment has 11. */
START_TEST(secagg_params_place_finds_each_segment_and_the_hidden_one)
{
    static const struct { uint32_t bits; uint64_t entry; } want[] = {
        { 20, 0 }, { 11, 0 }, { 27, 0 }, { 20, 4000 }, { 11, 512 },
        { 20, 4001 }, { 11, 519 } };
    secagg_segment s[6];
    fixture w = valid_params();
    uint64_t entry = 99;
    uint32_t bits = 98;

    s[0] = w.s[0];
    s[1] = (secagg_segment){ .length = 512, .bits = 11 };
    s[2] = w.s[0];
    s[2].kind = SECAGG_WEIGHTED;
    s[3] = (secagg_segment){ .length = 1, .bits = 20 };
    s[4] = (secagg_segment){ .length = 7, .bits = 11 };
    s[5] = w.s[0];
    w.p.max_weight = 100;
    w.p.segments = s;
    w.p.segment_count = 6;
    for (size_t i = 0; i < 7; i++) {
        ck_assert_int_eq(secagg_params_place(&w.p, i, &bits, &entry),
            SECAGG_OK);
        ck_assert_uint_eq(bits, want[i].bits);
        ck_assert_uint_eq(entry, want[i].entry);
    }
    ck_assert_int_eq(secagg_params_place(&w.p, 7, &bits, &entry),
        SECAGG_ERR_ARG);
    w.p.max_weight = 0; /* for which there is a WEIGHTED segment */
    ck_assert_int_eq(secagg_params_place(&w.p, 0, &bits, &entry),
        SECAGG_ERR_ARG);
    w.p.segment_count = 2;
    ck_assert_int_eq(secagg_params_place(&w.p, 2, &bits, &entry),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_params_place(&w.p, SIZE_MAX, &bits, &entry),
        SECAGG_ERR_ARG);
    ck_assert_uint_eq(bits, 11);
    ck_assert_uint_eq(entry, 519);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_lane_is_the_segments_of_one_modulus_end_to_end,
        blocks_are_numbered_through_all_lanes,
        a_run_of_blocks_has_its_entries_and_no_others,
        no_input_has_more_than_65535_parts,
        secagg_params_place_finds_each_segment_and_the_hidden_one };
    return RUN(tests);
}
