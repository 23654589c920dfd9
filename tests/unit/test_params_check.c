/* SPDX-License-Identifier: Apache-2.0 */
/* params_check: each rule of PROTOCOL.md 2.2 at both sides of its limit, and
 * the numbers in the reason that it returns. */
#include <inttypes.h>
#include <math.h>

#include "session/params_check.h"
#include "support/main.h"
#include "support/params_fixture.h"

#define MANY 65535
#define TOP (((uint64_t)1 << 32) - 1)

/* ---- the session -------------------------------------------------------- */

START_TEST(the_size_must_be_that_of_the_struct)
{
    fixture w = valid_params();
    char have[24], want[24];

    check_valid(&w);
    w.p.size--;
    snprintf(have, sizeof have, "%zu", w.p.size);
    snprintf(want, sizeof want, "%zu", sizeof(secagg_params));
    check_invalid(&w, have, want, "SECAGG_PARAMS_INIT", NULL);
    w.p.size = SIZE_MAX;
    check_invalid(&w, want, NULL);
}
END_TEST

/* Suite 0 means suite 1. */
START_TEST(unknown_suites_and_modes_are_refused)
{
    fixture w = valid_params();

    for (w.p.suite = FIRST_SUITE == 1 ? 0 : 2; w.p.suite <= 2; w.p.suite++)
        check_valid(&w);
    check_invalid(&w, "suite 3", NULL);
    w.p.suite = UINT32_MAX;
    check_invalid(&w, "suite 4294967295", NULL);
    w = valid_params();
    w.p.mode = SECAGG_ACTIVE;
    check_valid(&w);
    w.p.mode = 2;
    check_invalid(&w, "mode 2", NULL);
}
END_TEST

START_TEST(two_clients_are_the_minimum)
{
    fixture w = valid_params();

    w.p.clients = w.p.threshold = w.p.min_survivors = 2;
    w.p.corrupt = 0;
    check_valid(&w);
    w.p.min_survivors = 0; /* its default is 3 */
    check_invalid(&w, "min_survivors 3", "2 clients", NULL);
    w.p.clients = 1;
    check_invalid(&w, "1 clients", "2", NULL);
    w.p.clients = 0;
    check_invalid(&w, "0 clients", NULL);
}
END_TEST

START_TEST(the_complete_graph_can_have_4095_clients_and_2048_active_ones)
{
    fixture w = valid_params();

    w.p.clients = 4095;
    w.p.threshold = 2050; /* 4100 > 4095 + 4 */
    check_valid(&w);
    w.p.clients = 4096;
    check_invalid(&w, "4096", "4095", "neighbours", NULL);
    w.p.mode = SECAGG_ACTIVE;
    w.p.clients = 2048;
    w.p.threshold = 1027;
    check_valid(&w);
    w.p.clients = 2049;
    check_invalid(&w, "2049", "2048", "active", NULL);
}
END_TEST

START_TEST(the_ring_can_have_2_to_the_20_semi_honest_clients)
{
    fixture w = ring_params(1048576, 100);

    check_valid(&w);
    w.p.mode = SECAGG_ACTIVE;
    check_invalid(&w, "active", "100", NULL);
    w = ring_params(1048577, 100);
    check_invalid(&w, "1048577", "1048576", NULL);
}
END_TEST

START_TEST(neighbours_must_be_even_and_fewer_than_the_other_clients)
{
    fixture w = ring_params(4, 2);

    check_valid(&w);
    w = ring_params(3, 2);
    check_invalid(&w, "2 neighbours of 3", NULL);
    w = ring_params(12, 10);
    check_valid(&w);
    w.p.neighbours = 11;
    check_invalid(&w, "11 neighbours of 12", NULL);
    w = ring_params(11, 10);
    check_invalid(&w, "10 neighbours of 11", "even", NULL);
    w = ring_params(12, 5);
    check_invalid(&w, "5 neighbours of 12", NULL);
    w = ring_params(12, UINT32_MAX - 1);
    check_invalid(&w, "4294967294 neighbours", NULL);
    w = ring_params(12, 4);
    w.p.min_survivors = 0;
    check_invalid(&w, "min_survivors", "sparse", NULL);
}
END_TEST

START_TEST(the_threshold_must_be_from_2_to_the_number_of_holders)
{
    fixture w = valid_params();

    w.p.threshold = 12;
    check_valid(&w);
    w.p.threshold = 13;
    check_invalid(&w, "threshold 13", "2 to 12", NULL);
    w.p.threshold = 1;
    check_invalid(&w, "threshold 1", "2 to 12", NULL);
    w.p.threshold = 0;
    check_invalid(&w, "threshold 0", NULL);
    w.p.threshold = UINT32_MAX;
    check_invalid(&w, "threshold 4294967295", NULL);
    w = ring_params(12, 4);
    w.p.threshold = 4;
    check_valid(&w);
    w.p.threshold = 5;
    check_invalid(&w, "threshold 5", "2 to 4", NULL);
}
END_TEST

/* 2 t > N_sh + c (2.2): 12 + 4 < 18, and 5 + c < 2 t on the ring. */
START_TEST(twice_the_threshold_must_exceed_holders_plus_corrupt)
{
    fixture w = valid_params();

    w.p.corrupt = 5;
    check_valid(&w);
    w.p.corrupt = 6;
    check_invalid(&w, "threshold 9", "12 share holders", "6 corrupt", NULL);
    w.p.corrupt = UINT32_MAX;
    check_invalid(&w, "4294967295 corrupt", NULL);
    w = ring_params(12, 4);
    w.p.threshold = 3;
    check_valid(&w);
    w.p.corrupt = 1;
    check_invalid(&w, "threshold 3", "5 share holders", "1 corrupt", NULL);
    w.p.threshold = 4;
    w.p.corrupt = 2;
    check_valid(&w);
    w.p.corrupt = 3;
    check_invalid(&w, "threshold 4", "5", "3", NULL);
}
END_TEST

START_TEST(min_survivors_must_leave_two_honest_inputs)
{
    fixture w = valid_params();

    for (w.p.min_survivors = 6; w.p.min_survivors <= 12; w.p.min_survivors++)
        check_valid(&w);
    check_invalid(&w, "min_survivors 13", "6", "12 clients", NULL);
    w.p.min_survivors = 5;
    check_invalid(&w, "min_survivors 5", "6 (corrupt + 2)", "12", NULL);
    w.p.corrupt = 0;
    w.p.min_survivors = 2;
    check_valid(&w);
    w.p.min_survivors = 1;
    check_invalid(&w, "min_survivors 1", "2 (corrupt + 2)", NULL);
    w.p.min_survivors = UINT32_MAX;
    check_invalid(&w, "min_survivors 4294967295", NULL);
}
END_TEST

START_TEST(max_weight_must_be_below_2_to_the_32)
{
    fixture w = valid_params();

    w.p.max_weight = TOP;
    check_valid(&w);
    w.p.max_weight++;
    check_invalid(&w, "max_weight 4294967296", "2^32", NULL);
    w.p.max_weight = UINT64_MAX;
    check_invalid(&w, "max_weight 18446744073709551615", NULL);
}
END_TEST

/* ---- segments ----------------------------------------------------------- */

START_TEST(parameters_must_have_1_to_65535_segments)
{
    secagg_segment *many = calloc(MANY + 1, sizeof *many);
    fixture w = valid_params();
    char why[SA_REASON_BYTES];

    for (size_t i = 0; i <= MANY; i++)
        many[i] = (secagg_segment){ .length = 1, .bits = 1 };
    w.p.segments = many;
    w.p.segment_count = MANY;
    ck_assert_int_eq(secagg_params_check(&w.p, NULL, 0), SECAGG_OK);
    w.p.segment_count = MANY + 1;
    ck_assert_int_eq(secagg_params_check(&w.p, why, sizeof why),
        SECAGG_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(why, "65536 segments"));
    w.p.segment_count = MANY;
    many[MANY - 1].length = 0; /* the last one is checked, too */
    ck_assert_int_eq(secagg_params_check(&w.p, why, sizeof why),
        SECAGG_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(why, "segment 65534"));
    free(many);
    w = valid_params();
    w.p.segment_count = SIZE_MAX;
    check_invalid(&w, "18446744073709551615 segments", NULL);
    w.p.segment_count = 0;
    check_invalid(&w, "0 segments", "65535", NULL);
}
END_TEST

START_TEST(parameters_must_point_to_their_segments)
{
    fixture w = valid_params();
    uint8_t out[118];
    uint64_t up, down;

    ck_assert_int_eq(secagg_params_check(&w.p, NULL, 0), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_params_encode(&w.p, out, 118), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_params_traffic(&w.p, &up, &down),
        SECAGG_ERR_ARG);
}
END_TEST

START_TEST(unknown_kinds_and_roundings_are_refused)
{
    fixture w = valid_params();

    w.p.segment_count = 2;
    w.p.max_weight = 1;
    w.s[0].kind = SECAGG_WEIGHTED;
    check_valid(&w);
    w.s[1].kind = SECAGG_SIGNED + 1;
    check_invalid(&w, "segment 1", "kind 5", NULL);
    w = valid_params();
    w.s[0].rounding = SECAGG_NEAREST;
    check_valid(&w);
    w.s[0].rounding = 2;
    check_invalid(&w, "segment 0", "rounding 2", NULL);
}
END_TEST

START_TEST(reserved_members_must_be_zero)
{
    for (int i = 0; i < 4; i++) {
        fixture w = valid_params();
        w.s[0].reserved[i] = 1;
        check_invalid(&w, "segment 0", "reserved", NULL);
    }
}
END_TEST

START_TEST(integer_segments_must_set_only_bits)
{
    const double clips[] = { 1, -1, 0x1p-1074, NAN, INFINITY };
    const fixture good = { valid_params().p, { { .length = 5, .bits = 64 } } };
    fixture w = good;

    check_valid(&w);
    w.s[0].clip = -0.0;
    check_valid(&w);
    for (int i = 0; i < 5; i++) {
        w = good;
        w.s[0].clip = clips[i];
        check_invalid(&w, "segment 0", "clip", NULL);
    }
    w = good;
    w.s[0].value_bits = 1;
    check_invalid(&w, "segment 0", "value_bits", NULL);
    w = good;
    w.s[0].rounding = 1;
    check_invalid(&w, "segment 0", "rounding", NULL);
    w = good;
    w.s[0].bits = 0;
    check_invalid(&w, "segment 0", "bits", NULL);
    w.s[0].bits = 1;
    check_valid(&w);
    w.s[0].bits = 65;
    check_invalid(&w, "segment 0", "65 bits", NULL);
    w.s[0].bits = UINT32_MAX;
    check_invalid(&w, "4294967295 bits", NULL);
}
END_TEST

START_TEST(real_segments_must_have_2_to_32_value_bits)
{
    fixture w = valid_params();

    for (w.s[0].value_bits = 2; w.s[0].value_bits <= 32; w.s[0].value_bits++)
        check_valid(&w);
    check_invalid(&w, "segment 0", "33 value bits", NULL);
    w.s[0].value_bits = 0;
    check_invalid(&w, "0 value bits", NULL);
    w.s[0].value_bits = 1;
    check_invalid(&w, "1 value bits", NULL);
    w.s[0].value_bits = UINT32_MAX;
    check_invalid(&w, "4294967295 value bits", NULL);
}
END_TEST

START_TEST(clips_must_be_from_2_to_the_minus_500_to_2_to_the_500)
{
    const double wrong[] = { nextafter(0x1p-500, 0), nextafter(0x1p500, 1e300),
        0, -0.0, -1, NAN, -NAN, INFINITY, -INFINITY, -1.7e308 };
    const char *const said[] = { "clip 3.05", "clip 3.27", "clip 0",
        "clip -0", "clip -1", "nan", "nan", "clip inf", "clip -inf",
        "-1.7e+308" };
    fixture w = valid_params();

    w.s[0].clip = 0x1p-500;
    check_valid(&w);
    w.s[0].clip = 0x1p500;
    check_valid(&w);
    for (int i = 0; i < 10; i++) {
        w.s[0].clip = wrong[i];
        check_invalid(&w, "segment 0", said[i], NULL);
    }
}
END_TEST

START_TEST(weighted_segments_require_weights)
{
    fixture w = valid_params();

    w.s[0].kind = SECAGG_WEIGHTED;
    w.p.max_weight = 1;
    check_valid(&w);
    w.p.max_weight = 0;
    check_invalid(&w, "segment 0", "max_weight is 0", NULL);
}
END_TEST

/* The most entries of a lane: 64 b ceil(m / 512) <= 2^36. */
static uint64_t lane_max(uint32_t bits)
{
    return ((uint64_t)1 << 30) / bits * 512;
}

static void check_lane_refused(fixture *w, uint32_t bits)
{
    char lane[64], most[64];

    snprintf(lane, sizeof lane, "segments of %" PRIu32 " bits", bits);
    snprintf(most, sizeof most, "%" PRIu64 " entries", lane_max(bits));
    check_invalid(w, lane, most, "2^36", NULL);
}

START_TEST(a_lane_must_fit_its_keystream)
{
    fixture w = valid_params();

    w.p.segment_count = 2;
    for (uint32_t bits = 1; bits <= 64; bits++) {
        const uint64_t most = lane_max(bits);
        const uint64_t firsts[] = { 1, 512, most / 2, most - 1 };
        for (size_t i = 0; i < 4; i++) {
            w.s[0] = (secagg_segment){ .length = firsts[i], .bits = bits };
            w.s[1] = (secagg_segment){ .length = most - firsts[i],
                .bits = bits };
            check_valid(&w);
            w.s[1].length++;
            check_lane_refused(&w, bits);
            w.s[1].length = UINT64_MAX - firsts[i] + 1; /* sum is 2^64 */
            check_lane_refused(&w, bits);
            w.s[1] = (secagg_segment){ .length = lane_max(bits % 64 + 1),
                .bits = bits % 64 + 1 };
            check_valid(&w); /* in another lane */
        }
    }
    w.s[0].length = UINT64_MAX;
    check_lane_refused(&w, 64);
    w.s[0].length = 0;
    check_invalid(&w, "segment 0", "no entries", NULL);
}
END_TEST

/* 12 clients of weight up to 100 have a hidden segment of 11 bits. */
START_TEST(the_hidden_segment_counts_in_its_lane)
{
    fixture w = valid_params();

    w.s[0] = (secagg_segment){ .length = lane_max(11), .bits = 11 };
    check_valid(&w);
    w.p.max_weight = 100;
    check_lane_refused(&w, 11);
    w.s[0].length--;
    check_valid(&w);
    w.s[0] = (secagg_segment){ .length = lane_max(12), .bits = 12 };
    check_valid(&w);
}
END_TEST

/* 4 m <= 2^36 for the words of a lane with a stochastic segment. 4 value bits
 * have 8 bits, whose masks allow 2^36 entries; the sum of lengths counts. */
START_TEST(a_lane_must_fit_its_rounding_keystream)
{
    const uint64_t most = (uint64_t)1 << 34;
    fixture w = valid_params();

    w.p.segment_count = 2;
    w.s[0].value_bits = 4;
    w.s[0].bits = 8;
    w.s[0].length = 1000;
    w.s[1] = (secagg_segment){ .length = most - 1000, .bits = 8 };
    check_valid(&w);
    w.s[1].length++;
    check_invalid(&w, "segments of 8 bits", "stochastically", "2^34", NULL);
    w.s[0].rounding = SECAGG_NEAREST;
    check_valid(&w);
    w.s[0].rounding = SECAGG_STOCHASTIC;
    w.s[1].bits = 9;
    check_valid(&w);
    w.p.segment_count = 1;
    w.s[0].length = most;
    check_valid(&w);
    w.s[0].length++;
    check_invalid(&w, "segments of 8 bits", "stochastically", "2^34", NULL);
}
END_TEST

START_TEST(the_reason_is_cut_to_the_capacity_of_its_buffer)
{
    fixture w = valid_params();
    char whole[200], why[200];

    w.p.suite = 12345;
    w.p.segments = w.s;
    ck_assert_int_eq(secagg_params_check(&w.p, whole, 160), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_params_check(&w.p, NULL, 160), SECAGG_ERR_ARG);
    for (size_t room = 0; room <= strlen(whole) + 3; room++) {
        const size_t kept = room == 0 ? 0 : room - 1 < strlen(whole)
            ? room - 1 : strlen(whole);
        memset(why, '#', sizeof why);
        ck_assert_int_eq(secagg_params_check(&w.p, why, room),
            SECAGG_ERR_ARG);
        ck_assert_mem_eq(why, whole, kept);
        if (room > 0)
            ck_assert_int_eq(why[kept], '\0');
        ck_assert_int_eq(why[room], '#');
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { the_size_must_be_that_of_the_struct,
        unknown_suites_and_modes_are_refused, two_clients_are_the_minimum,
        the_complete_graph_can_have_4095_clients_and_2048_active_ones,
        the_ring_can_have_2_to_the_20_semi_honest_clients,
        neighbours_must_be_even_and_fewer_than_the_other_clients,
        the_threshold_must_be_from_2_to_the_number_of_holders,
        twice_the_threshold_must_exceed_holders_plus_corrupt,
        min_survivors_must_leave_two_honest_inputs,
        max_weight_must_be_below_2_to_the_32,
        parameters_must_have_1_to_65535_segments,
        parameters_must_point_to_their_segments,
        unknown_kinds_and_roundings_are_refused, reserved_members_must_be_zero,
        integer_segments_must_set_only_bits,
        real_segments_must_have_2_to_32_value_bits,
        clips_must_be_from_2_to_the_minus_500_to_2_to_the_500,
        weighted_segments_require_weights, a_lane_must_fit_its_keystream,
        the_hidden_segment_counts_in_its_lane,
        a_lane_must_fit_its_rounding_keystream,
        the_reason_is_cut_to_the_capacity_of_its_buffer };
    return RUN(tests);
}
