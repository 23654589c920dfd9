/* SPDX-License-Identifier: Apache-2.0 */
/* A client accepts its input in pieces of any size and order, each entry once;
 * input that it rejects does not change it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/main.h"
#include "support/mixed_segments.h"
#include "support/util.h"

#define REAL_SEGMENT 1
#define INTEGER_SEGMENT 2
#define WEIGHTED_SEGMENT 4

static void give_whole(secagg_client *c, uint32_t i)
{
    ck_assert_int_eq(secagg_client_weight(c, weight(i)), SECAGG_OK);
    for (size_t s = 0; s < SEGMENTS; s++)
        input_range(c, i, s, 0, segments[s].length);
}

/* ---- pieces ------------------------------------------------------------- */

/* A piece of a segment, in a pile that is shuffled. */
typedef struct piece {
    size_t segment;
    uint64_t from, to;
} piece;

/* Cut all segments into pieces of at most `most` entries; returns the number of
 * pieces. */
static size_t cut(piece *pile, uint64_t most, uint64_t *state)
{
    size_t count = 0;

    for (size_t s = 0; s < SEGMENTS; s++)
        for (uint64_t at = 0; at < segments[s].length;) {
            const uint64_t left = segments[s].length - at;
            uint64_t len = 1 + prng_next(state) % most;
            len = len < left ? len : left;
            pile[count++] = (piece){ s, at, at + len };
            at += len;
        }
    return count;
}

static void shuffle(piece *pile, size_t count, uint64_t *state)
{
    for (size_t i = count - 1; i > 0; i--) {
        const size_t j = (size_t)(prng_next(state) % (i + 1));
        const piece swap = pile[i];
        pile[i] = pile[j];
        pile[j] = swap;
    }
}

static void give_pieces(secagg_client *c, uint32_t i, uint64_t most)
{
    static piece pile[SEGMENTS * MAX_LENGTH];
    uint64_t state = most + i;
    const size_t count = cut(pile, most, &state);

    shuffle(pile, count, &state);
    ck_assert_int_eq(secagg_client_weight(c, weight(i)), SECAGG_OK);
    for (size_t k = 0; k < count; k++)
        input_range(c, i, pile[k].segment, pile[k].from, pile[k].to);
}

/* The INPUT message of client i; `most` 0 passes its input whole. */
static uint8_t *input_of(uint32_t suite, uint32_t i, uint64_t most,
    size_t *len)
{
    const secagg_params params = mixed_params(suite);
    uint8_t *msg;
    party p;

    party_init(&p, &params, 31);
    for (uint32_t k = 0; k < N; k++)
        if (k != i || most == 0)
            give_whole(p.clients[k], k);
        else
            give_pieces(p.clients[k], k, most);
    party_run_to(&p, SECAGG_PHASE_INPUT);
    msg = party_client_send(p.clients[i], len);
    ck_assert_ptr_nonnull(msg);
    party_free(&p);
    return msg;
}

START_TEST(pieces_in_any_order_make_the_same_message)
{
    static const uint64_t most[] = { 1, 9, 64, 700, 1500 };

    for (uint32_t suite = FIRST_SUITE; suite <= 2; suite++)
        for (size_t k = 0; k < sizeof most / sizeof *most; k++) {
            size_t len, other_len;
            const uint32_t i = (uint32_t)(k % 2);
            uint8_t *msg = input_of(suite, i, 0, &len);
            uint8_t *other = input_of(suite, i, most[k], &other_len);
            ck_assert_uint_eq(len, other_len);
            ck_assert_mem_eq(msg, other, len);
            free(msg);
            free(other);
        }
}
END_TEST

/* ---- counters ----------------------------------------------------------- */

START_TEST(the_client_counts_clipped_values_by_segment)
{
    const secagg_params params = mixed_params(0);
    party p;

    party_init(&p, &params, 32);
    for (uint32_t i = 0; i < 2; i++) {
        give_pieces(p.clients[i], i, 100);
        for (size_t s = 0; s < SEGMENTS; s++) {
            uint64_t want = 0;
            for (uint64_t e = 0; e < segments[s].length; e++)
                want += segments[s].kind != SECAGG_INTEGER
                    && fabs(real_entry(i, s, e)) > CLIP;
            ck_assert_uint_eq(secagg_client_clipped(p.clients[i], s), want);
        }
        ck_assert_uint_eq(secagg_client_clipped(p.clients[i], SEGMENTS), 0);
        ck_assert_uint_eq(secagg_client_clipped(p.clients[i], SIZE_MAX), 0);
    }
    ck_assert_uint_gt(secagg_client_clipped(p.clients[0], REAL_SEGMENT), 20);
    ck_assert_uint_eq(secagg_client_clipped(p.clients[2], REAL_SEGMENT), 0);
    party_free(&p);
}
END_TEST

/* ---- rejected input ----------------------------------------------------- */

static void refuse_arguments(secagg_client *c)
{
    const uint64_t u64 = 0;
    const int64_t i64 = 0;
    const double f64 = 0;
    const float f32 = 0;
    const size_t out[] = { SEGMENTS, SEGMENTS + 1, SIZE_MAX };

    for (int k = 0; k < 3; k++) { /* the hidden segment is no one's */
        ck_assert_int_eq(secagg_client_input_u64(c, out[k], 0, &u64, 1),
            SECAGG_ERR_ARG);
        ck_assert_int_eq(secagg_client_input_i64(c, out[k], 0, &i64, 1),
            SECAGG_ERR_ARG);
        ck_assert_int_eq(secagg_client_input_f64(c, out[k], 0, &f64, 1),
            SECAGG_ERR_ARG);
        ck_assert_int_eq(secagg_client_input_f32(c, out[k], 0, &f32, 1),
            SECAGG_ERR_ARG);
    }
    ck_assert_int_eq(secagg_client_input_u64(c, REAL_SEGMENT, 0, &u64, 1),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_client_input_i64(c, WEIGHTED_SEGMENT, 0, &i64,
        1), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_client_input_f64(c, INTEGER_SEGMENT, 0, &f64, 1),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_client_input_f32(c, INTEGER_SEGMENT, 0, &f32, 1),
        SECAGG_ERR_ARG);
}

static void refuse_sizes(secagg_client *c)
{
    const uint64_t u64[2] = { 0 }, m = segments[INTEGER_SEGMENT].length;
    const int64_t i64[2] = { 0 };
    const double f64[2] = { 0 };

    ck_assert_int_eq(secagg_client_input_u64(c, INTEGER_SEGMENT, m - 1, u64,
        2), SECAGG_ERR_SIZE);
    ck_assert_int_eq(secagg_client_input_u64(c, INTEGER_SEGMENT, m, u64, 1),
        SECAGG_ERR_SIZE);
    ck_assert_int_eq(secagg_client_input_u64(c, INTEGER_SEGMENT, UINT64_MAX,
        u64, 2), SECAGG_ERR_SIZE);
    ck_assert_int_eq(secagg_client_input_u64(c, INTEGER_SEGMENT, 1, u64,
        SIZE_MAX), SECAGG_ERR_SIZE);
    ck_assert_int_eq(secagg_client_input_i64(c, INTEGER_SEGMENT, m - 1, i64,
        2), SECAGG_ERR_SIZE);
    ck_assert_int_eq(secagg_client_input_f64(c, REAL_SEGMENT, 512, f64, 2),
        SECAGG_ERR_SIZE);
    ck_assert_int_eq(secagg_client_input_u64(c, INTEGER_SEGMENT, 0, NULL, 0),
        SECAGG_OK);
}

/* A bad value anywhere in a piece: the client rejects the whole piece. */
static void refuse_values(secagg_client *c)
{
    static const double bad[] = { NAN, -NAN, INFINITY, -INFINITY };
    double f64[513] = { 0 };
    float f32[513] = { 0 };
    uint64_t u64[1500] = { 0 };

    for (int k = 0; k < 4; k++)
        for (size_t e = 0; e < 513; e += 64) {
            f64[e] = bad[k];
            f32[e] = (float)bad[k];
            ck_assert_int_eq(secagg_client_input_f64(c, REAL_SEGMENT, 0, f64,
                513), SECAGG_ERR_VALUE);
            ck_assert_int_eq(secagg_client_input_f32(c, REAL_SEGMENT, 0, f32,
                513), SECAGG_ERR_VALUE);
            f64[e] = 0;
            f32[e] = 0;
        }
    for (unsigned bit = 13; bit < 64; bit++) {
        u64[1499] = (uint64_t)1 << bit;
        ck_assert_int_eq(secagg_client_input_u64(c, INTEGER_SEGMENT, 0, u64,
            1500), SECAGG_ERR_VALUE);
    }
}

static void refuse_weights(secagg_client *c, uint32_t i)
{
    const double f64 = 0;

    ck_assert_int_eq(secagg_client_input_f64(c, WEIGHTED_SEGMENT, 0, &f64,
        1), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_weight(c, MAX_WEIGHT + 1),
        SECAGG_ERR_VALUE);
    ck_assert_int_eq(secagg_client_weight(c, UINT64_MAX), SECAGG_ERR_VALUE);
    ck_assert_int_eq(secagg_client_weight(c, weight(i)), SECAGG_OK);
    ck_assert_int_eq(secagg_client_weight(c, weight(i)), SECAGG_ERR_STATE);
}

/* The client rejects a piece with an entry that it already has. */
static void refuse_again(secagg_client *c)
{
    uint64_t u64[1500] = { 0 };

    ck_assert_int_eq(secagg_client_input_u64(c, INTEGER_SEGMENT, 400, u64,
        1), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_input_u64(c, INTEGER_SEGMENT, 699, u64,
        5), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_input_u64(c, INTEGER_SEGMENT, 0, u64,
        401), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_input_u64(c, INTEGER_SEGMENT, 0, u64,
        1500), SECAGG_ERR_STATE);
}

/* All rejected calls, and the valid input around them. */
static void give_badly(secagg_client *c, uint32_t i)
{
    refuse_arguments(c);
    refuse_sizes(c);
    refuse_values(c);
    refuse_weights(c, i);
    input_range(c, i, INTEGER_SEGMENT, 400, 700);
    refuse_again(c);
    input_range(c, i, INTEGER_SEGMENT, 0, 400);
    input_range(c, i, INTEGER_SEGMENT, 700, 1500);
    for (size_t s = 0; s < SEGMENTS; s++)
        if (s != INTEGER_SEGMENT)
            input_range(c, i, s, 0, segments[s].length);
}

/* After INPUT was sent the client rejects all input. */
static void refuse_late(secagg_client *c)
{
    ck_assert_int_eq(secagg_client_weight(c, 0), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_input_u64(c, INTEGER_SEGMENT, 0,
        &(uint64_t){ 0 }, 1), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_input_i64(c, INTEGER_SEGMENT, 0,
        &(int64_t){ 0 }, 1), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_input_f64(c, REAL_SEGMENT, 0,
        &(double){ 0 }, 1), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_input_f32(c, REAL_SEGMENT, 0,
        &(float){ 0 }, 1), SECAGG_ERR_STATE);
}

START_TEST(rejected_input_changes_nothing)
{
    const secagg_params params = mixed_params(0);
    uint8_t *want, *msg;
    size_t want_len, len;
    party p;

    want = input_of(0, 1, 0, &want_len);
    party_init(&p, &params, 31);
    for (uint32_t i = 0; i < N; i++)
        give_badly(p.clients[i], i);
    party_run_to(&p, SECAGG_PHASE_INPUT);
    msg = party_client_send(p.clients[1], &len);
    ck_assert_uint_eq(len, want_len);
    ck_assert_mem_eq(msg, want, len);
    refuse_late(p.clients[1]);
    ck_assert_int_eq(secagg_server_recv(p.server, 1, msg, len), SECAGG_OK);
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    refuse_late(p.clients[1]);
    party_free(&p);
    free(want);
    free(msg);
}
END_TEST

/* ---- input that comes late ---------------------------------------------- */

START_TEST(a_client_accepts_late_input_and_sends_it_only_when_complete)
{
    const secagg_params params = mixed_params(0);
    const uint8_t *none;
    uint8_t *want, *msg;
    size_t want_len, len = 77;
    party p;

    want = input_of(0, 1, 0, &want_len);
    party_init(&p, &params, 31);
    party_run_to(&p, SECAGG_PHASE_INPUT);
    ck_assert_int_eq(secagg_client_send(p.clients[1], &none, &len),
        SECAGG_ERR_INPUT_DUE);
    ck_assert_uint_eq(len, 77);
    for (size_t s = 0; s < SEGMENTS; s++)
        if (segments[s].kind != SECAGG_WEIGHTED)
            input_range(p.clients[1], 1, s, 0, segments[s].length);
    ck_assert_int_eq(secagg_client_send(p.clients[1], &none, &len),
        SECAGG_ERR_INPUT_DUE);
    ck_assert_int_eq(secagg_client_weight(p.clients[1], weight(1)),
        SECAGG_OK);
    for (size_t s = 0; s < SEGMENTS; s++)
        if (segments[s].kind == SECAGG_WEIGHTED)
            input_range(p.clients[1], 1, s, 0, segments[s].length);
    msg = party_client_send(p.clients[1], &len);
    ck_assert_uint_eq(len, want_len);
    ck_assert_mem_eq(msg, want, len);
    party_free(&p);
    free(want);
    free(msg);
}
END_TEST

START_TEST(a_session_without_weights_rejects_a_weight)
{
    const secagg_params params = small_params(3, 2, 0);
    party p;

    party_init(&p, &params, 33);
    ck_assert_int_eq(secagg_client_weight(p.clients[0], 0),
        SECAGG_ERR_STATE);
    party_input(&p);
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    ck_assert_uint_eq(secagg_server_weight(p.server), 0);
    party_check_sum(&p);
    party_free(&p);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { pieces_in_any_order_make_the_same_message,
        the_client_counts_clipped_values_by_segment,
        rejected_input_changes_nothing,
        a_client_accepts_late_input_and_sends_it_only_when_complete,
        a_session_without_weights_rejects_a_weight };
    return RUN(tests);
}
