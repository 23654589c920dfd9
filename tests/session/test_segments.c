/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of many segments of every kind and of lengths around the block size,
 * compared with a plain computation on the inputs of the clients. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "support/main.h"
#include "support/mixed_segments.h"
#include "support/util.h"

static double clipped(double x)
{
    return fmin(fmax(x, -CLIP), CLIP);
}

static void give_all(party *p, uint64_t (*weigh)(uint32_t))
{
    for (uint32_t i = 0; i < N; i++) {
        ck_assert_int_eq(secagg_client_weight(p->clients[i], weigh(i)),
            SECAGG_OK);
        for (size_t s = 0; s < SEGMENTS; s++)
            input_range(p->clients[i], i, s, 0, segments[s].length);
    }
}

/* ---- the expected sum --------------------------------------------------- */

static bool summed(const party *p, uint32_t i)
{
    return p->leaves[i] > LEAVES_INPUT;
}

static void check_integers(const party *p, size_t s)
{
    const size_t m = (size_t)segments[s].length;
    const uint64_t top = (uint64_t)1 << (segments[s].bits - 1);
    uint64_t sum[MAX_LENGTH];
    int64_t centred[MAX_LENGTH];

    ck_assert_int_eq(secagg_server_sum_u64(p->server, s, 0, sum, m),
        SECAGG_OK);
    ck_assert_int_eq(secagg_server_sum_i64(p->server, s, 0, centred, m),
        SECAGG_OK);
    for (uint64_t e = 0; e < m; e++) {
        uint64_t want = 0;
        for (uint32_t i = 0; i < N; i++)
            if (summed(p, i))
                want += integer_entry(i, s, e);
        want &= segment_mask(s);
        ck_assert_uint_eq(sum[e], want);
        if (want < top)
            ck_assert_int_eq(centred[e], (int64_t)want);
        else
            ck_assert_int_eq(centred[e],
                -(int64_t)(segment_mask(s) - want) - 1);
    }
}

/* The expected sum of one entry of reals, and the weights in it. */
typedef struct expectation {
    double sum, weights, steps;
} expectation;

/* The error of each addend is at most one step of 2C/N, or half a step if it is
 * rounded to the nearest, times its weight. */
static expectation expect(const party *p, size_t s, uint64_t e)
{
    const bool weighted = segments[s].kind == SECAGG_WEIGHTED;
    expectation out = { 0, 0, 0 };

    for (uint32_t i = 0; i < N; i++) {
        const double w = weighted ? (double)weight(i) : 1.0;
        if (!summed(p, i))
            continue;
        out.sum += w * clipped(real_entry(i, s, e));
        out.weights += w;
    }
    out.steps = (segments[s].rounding == SECAGG_NEAREST ? 1.0 : 2.0) * CLIP
        / MAX_VALUE * (1.0 + 1e-9);
    return out;
}

static void check_reals(const party *p, size_t s)
{
    const size_t m = (size_t)segments[s].length;
    double sum[MAX_LENGTH], mean[MAX_LENGTH];
    float sum32[MAX_LENGTH], mean32[MAX_LENGTH];

    ck_assert_int_eq(secagg_server_sum_f64(p->server, s, 0, sum, m),
        SECAGG_OK);
    ck_assert_int_eq(secagg_server_mean_f64(p->server, s, 0, mean, m),
        SECAGG_OK);
    ck_assert_int_eq(secagg_server_sum_f32(p->server, s, 0, sum32, m),
        SECAGG_OK);
    ck_assert_int_eq(secagg_server_mean_f32(p->server, s, 0, mean32, m),
        SECAGG_OK);
    for (size_t e = 0; e < m; e++) {
        const expectation x = expect(p, s, e);
        ck_assert_double_le(fabs(sum[e] - x.sum), x.weights * x.steps);
        ck_assert_double_le(fabs(mean[e] - x.sum / x.weights), x.steps);
        ck_assert(sum32[e] >= (float)sum[e] && sum32[e] <= (float)sum[e]);
        ck_assert(mean32[e] >= (float)mean[e]
            && mean32[e] <= (float)mean[e]);
    }
}

static void check_all(const party *p)
{
    uint64_t weights = 0;

    for (uint32_t i = 0; i < N; i++)
        if (summed(p, i))
            weights += weight(i);
    ck_assert_uint_eq(secagg_server_weight(p->server), weights);
    for (size_t s = 0; s < SEGMENTS; s++)
        if (segments[s].kind == SECAGG_INTEGER)
            check_integers(p, s);
        else
            check_reals(p, s);
}

/* ---- sessions ----------------------------------------------------------- */

/* A session in which `leaver` stops before a message; the caller frees it. */
static void finish(party *p, uint32_t suite, uint32_t leaver, int leaves)
{
    const secagg_params params = mixed_params(suite);

    party_init(p, &params, 21);
    p->leaves[leaver] = leaves;
    give_all(p, weight);
    ck_assert_int_eq(party_run(p), SECAGG_OK);
}

static void try_dropouts(uint32_t suite)
{
    const int first = getenv("SECAGG_SMALL") != NULL ? LEAVES_UNMASK
                                                     : LEAVES_KEYS;

    for (int leaves = first; leaves <= STAYS; leaves++) {
        party p;
        finish(&p, suite, (uint32_t)(leaves % N), leaves);
        check_all(&p);
        party_free(&p);
    }
}

START_TEST(every_kind_and_length_gives_the_expected_sum_with_aes)
{
    try_dropouts(SECAGG_SUITE_AES);
}
END_TEST

START_TEST(every_kind_and_length_gives_the_expected_sum_with_chacha)
{
    try_dropouts(SECAGG_SUITE_CHACHA);
}
END_TEST

START_TEST(dropouts_in_every_phase_leave_the_sum_of_the_survivors)
{
    const secagg_params params = mixed_params(0);
    party p;

    party_init(&p, &params, 22);
    p.leaves[0] = LEAVES_SHARES;
    p.leaves[4] = LEAVES_INPUT;
    give_all(&p, weight);
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    check_all(&p);
    party_free(&p);
}
END_TEST

/* Stochastic rounding has no bias: over many entries of one value the mean
 * error is far below a step (five sigma; a step is at most half off). */
START_TEST(stochastic_rounding_is_unbiased_over_a_segment)
{
    double mean[MAX_LENGTH], off = 0;
    party p;

    finish(&p, 0, 0, STAYS);
    ck_assert_int_eq(secagg_server_mean_f64(p.server, 1, 0, mean, 513),
        SECAGG_OK);
    for (uint64_t e = 0; e < 513; e++)
        off += mean[e] - expect(&p, 1, e).sum / N;
    ck_assert_double_le(fabs(off / 513), 5 * CLIP / MAX_VALUE / sqrt(
        513.0 * N));
    party_free(&p);
}
END_TEST

/* ---- ranges ------------------------------------------------------------- */

static void check_range(const secagg_server *server, size_t s,
    const uint64_t *whole, uint64_t from, size_t count)
{
    uint64_t part[MAX_LENGTH];

    ck_assert_int_eq(secagg_server_sum_u64(server, s, from, part, count),
        SECAGG_OK);
    if (count > 0)
        ck_assert_mem_eq(part, whole + from, count * sizeof *part);
}

START_TEST(a_range_equals_its_part_of_the_whole)
{
    const int tries = getenv("SECAGG_SMALL") != NULL ? 4 : 40;
    uint64_t whole[MAX_LENGTH], state = 8, one;
    party p;

    finish(&p, 0, 1, LEAVES_INPUT);
    for (size_t s = 0; s < SEGMENTS; s++) {
        const uint64_t m = segments[s].length;
        ck_assert_int_eq(secagg_server_sum_u64(p.server, s, 0, whole,
            (size_t)m), SECAGG_OK);
        for (int k = 0; k < tries; k++) {
            const uint64_t from = prng_next(&state) % (m + 1);
            check_range(p.server, s, whole, from,
                (size_t)(prng_next(&state) % (m - from + 1)));
        }
        check_range(p.server, s, whole, m - 1, 1);
        check_range(p.server, s, whole, m, 0);
        ck_assert_int_eq(secagg_server_sum_u64(p.server, s, m, &one, 1),
            SECAGG_ERR_SIZE);
        ck_assert_int_eq(secagg_server_sum_u64(p.server, s, m + 1, &one, 0),
            SECAGG_ERR_SIZE);
        ck_assert_int_eq(secagg_server_sum_u64(p.server, s, 1, &one,
            SIZE_MAX), SECAGG_ERR_SIZE);
    }
    ck_assert_int_eq(secagg_server_sum_u64(p.server, SEGMENTS, 0, &one, 1),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_server_sum_f64(p.server, 0, 0, &(double){ 0 },
        1), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_server_mean_f32(p.server, 0, 0, &(float){ 0 },
        1), SECAGG_ERR_ARG);
    party_free(&p);
}
END_TEST

/* A segment that is unmasked in several pieces of 65536 entries: ranges across
 * their ends, of a sum of floor(e / 3) + i over the clients. */
START_TEST(a_long_segment_is_read_across_its_pieces)
{
    static const uint64_t ranges[][2] = { { 0, 150001 }, { 65535, 2 },
        { 65536, 65536 }, { 65530, 65550 }, { 131071, 18930 },
        { 1, 131072 }, { 149999, 2 } };
    const secagg_segment segment = { .length = 150001, .bits = 20 };
    secagg_params params = small_params(3, 2, 0);
    uint64_t *values = calloc((size_t)segment.length, sizeof *values);
    party p;

    ck_assert_ptr_nonnull(values);
    params.segments = &segment;
    party_init(&p, &params, 25);
    for (uint32_t i = 0; i < 3; i++) {
        for (uint64_t e = 0; e < segment.length; e++)
            values[e] = e / 3 + i;
        ck_assert_int_eq(secagg_client_input_u64(p.clients[i], 0, 0, values,
            (size_t)segment.length), SECAGG_OK);
    }
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++) {
        const uint64_t from = ranges[k][0];
        uint64_t wrong = 0;
        ck_assert_int_eq(secagg_server_sum_u64(p.server, 0, from, values,
            (size_t)ranges[k][1]), SECAGG_OK);
        for (uint64_t e = 0; e < ranges[k][1]; e++)
            wrong += values[e] != (from + e) / 3 * 3 + 3;
        ck_assert_uint_eq(wrong, 0);
    }
    party_free(&p);
    free(values);
}
END_TEST

/* ---- many short segments ------------------------------------------------ */

#define SHORT 16

/* A session of `count` segments of 16 entries. Entry e of segment s of client i
 * is i + 1 times entry e of segment s of client 0. */
static uint64_t short_entry(size_t s, size_t e)
{
    return (s * SHORT + e) * 7919 % 100003;
}

static void run_short(party *p, size_t count)
{
    secagg_segment *many = calloc(count, sizeof *many);
    secagg_params params = small_params(3, 2, 0);
    uint64_t values[SHORT];

    ck_assert_ptr_nonnull(many);
    for (size_t s = 0; s < count; s++)
        many[s] = (secagg_segment){ .length = SHORT, .bits = 20 };
    params.segments = many;
    params.segment_count = count;
    party_init(p, &params, 26);
    for (uint32_t i = 0; i < 3; i++)
        for (size_t s = 0; s < count; s++) {
            for (size_t e = 0; e < SHORT; e++)
                values[e] = (i + 1) * short_entry(s, e);
            ck_assert_int_eq(secagg_client_input_u64(p->clients[i], s, 0,
                values, SHORT), SECAGG_OK);
        }
    ck_assert_int_eq(party_run(p), SECAGG_OK);
    free(many);
}

/* Read a segment; the values of three clients are 1 + 2 + 3 times those of the
 * first. Returns the number of wrong entries. */
static uint64_t wrong_entries(const secagg_server *server, size_t s)
{
    uint64_t sum[SHORT], wrong = 0;

    if (secagg_server_sum_u64(server, s, 0, sum, SHORT) != SECAGG_OK)
        return SHORT;
    for (size_t e = 0; e < SHORT; e++)
        wrong += sum[e] != 6 * short_entry(s, e) % (1 << 20);
    return wrong;
}

static size_t short_count(void)
{
    return getenv("SECAGG_SMALL") != NULL ? 4000 : 40000;
}

/* In ascending and descending order, in steps through the lane, at random, and
 * each twice. */
START_TEST(short_segments_can_be_read_in_any_order)
{
    const size_t count = short_count();
    uint64_t state = 3;
    party p;

    run_short(&p, count);
    for (size_t s = 0; s < count; s++)
        ck_assert_uint_eq(wrong_entries(p.server, s), 0);
    for (size_t k = 0; k < 400; k++) {
        ck_assert_uint_eq(wrong_entries(p.server, count - 1 - k), 0);
        ck_assert_uint_eq(wrong_entries(p.server, 31 * k % count), 0);
        ck_assert_uint_eq(wrong_entries(p.server, 32 * k % count), 0);
        ck_assert_uint_eq(wrong_entries(p.server,
            (size_t)(prng_next(&state) % count)), 0);
        ck_assert_uint_eq(wrong_entries(p.server, k / 2), 0);
    }
    party_free(&p);
}
END_TEST

typedef struct short_reading {
    const secagg_server *server;
    size_t first, step, count;
    uint64_t wrong;
} short_reading;

static void *read_short(void *arg)
{
    short_reading *r = arg;

    for (size_t s = r->first; s < r->count; s += r->step)
        r->wrong += wrong_entries(r->server, s);
    return NULL;
}

/* Four threads that all need the same blocks, and four with blocks of their
 * own, at once. */
START_TEST(threads_can_read_short_segments_at_once)
{
    enum { THREADS = 8 };
    short_reading r[THREADS];
    pthread_t threads[THREADS];
    const size_t count = 4000;
    party p;

    run_short(&p, count);
    for (size_t i = 0; i < THREADS; i++) {
        r[i] = i < 4 ? (short_reading){ p.server, i, 4, count, 0 }
                     : (short_reading){ p.server, (i - 4) * 1000, 1,
                         (i - 3) * 1000, 0 };
        ck_assert_int_eq(pthread_create(&threads[i], NULL, read_short, &r[i]),
            0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_uint_eq(r[i].wrong, 0);
    }
    party_free(&p);
}
END_TEST

/* The half that a thread reads, entry by entry from its own end. */
typedef struct reading {
    const secagg_server *server;
    size_t first;
    double got[MAX_LENGTH];
    int failed;
} reading;

static void *read_half(void *arg)
{
    reading *r = arg;

    for (size_t e = r->first; e < MAX_LENGTH; e += 2 * 100)
        r->failed |= secagg_server_sum_f64(r->server, 8, e, r->got + e, 100)
            != SECAGG_OK;
    return NULL;
}

START_TEST(two_threads_can_read_ranges_at_once)
{
    static reading even, odd;
    double whole[MAX_LENGTH];
    pthread_t one, two;
    party p;

    finish(&p, 0, 2, LEAVES_UNMASK);
    even.server = odd.server = p.server;
    odd.first = 100;
    ck_assert_int_eq(pthread_create(&one, NULL, read_half, &even), 0);
    ck_assert_int_eq(pthread_create(&two, NULL, read_half, &odd), 0);
    ck_assert_int_eq(pthread_join(one, NULL), 0);
    ck_assert_int_eq(pthread_join(two, NULL), 0);
    ck_assert(!even.failed && !odd.failed);
    ck_assert_int_eq(secagg_server_sum_f64(p.server, 8, 0, whole, MAX_LENGTH),
        SECAGG_OK);
    for (size_t e = 0; e < MAX_LENGTH; e++)
        ck_assert_mem_eq(&whole[e], e / 100 % 2 ? &odd.got[e]
                                                : &even.got[e],
            sizeof *whole);
    party_free(&p);
}
END_TEST

/* ---- weights ------------------------------------------------------------ */

static uint64_t no_weight(uint32_t i)
{
    (void)i;
    return 0;
}

START_TEST(a_total_weight_of_zero_has_a_sum_and_no_mean)
{
    const secagg_params params = mixed_params(0);
    double sum[MAX_LENGTH], mean = 1234;
    party p;

    party_init(&p, &params, 23);
    give_all(&p, no_weight);
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    ck_assert_uint_eq(secagg_server_weight(p.server), 0);
    ck_assert_int_eq(secagg_server_sum_f64(p.server, 4, 0, sum, MAX_LENGTH),
        SECAGG_OK);
    for (size_t e = 0; e < MAX_LENGTH; e++)
        ck_assert(!(sum[e] < 0) && !(sum[e] > 0));
    ck_assert_int_eq(secagg_server_mean_f64(p.server, 4, 0, &mean, 1),
        SECAGG_ERR_VALUE);
    ck_assert(mean >= 1234 && mean <= 1234);
    ck_assert_int_eq(secagg_server_mean_f32(p.server, 4, 0, &(float){ 0 },
        1), SECAGG_ERR_VALUE);
    ck_assert_int_eq(secagg_server_mean_f64(p.server, 1, 0, &mean, 1),
        SECAGG_OK);
    party_free(&p);
}
END_TEST

/* ---- a worker on another machine ---------------------------------------- */

static secagg_masks *masks_of(const secagg_server *server)
{
    const size_t len = secagg_server_masks_size(server);
    uint8_t *bytes = malloc(len);
    secagg_masks *masks;

    ck_assert_ptr_nonnull(bytes);
    ck_assert_int_eq(secagg_server_masks(server, bytes, len - 1),
        SECAGG_ERR_SIZE);
    ck_assert_int_eq(secagg_server_masks(server, bytes, len), SECAGG_OK);
    ck_assert_int_eq(secagg_masks_decode(&masks, bytes, len), SECAGG_OK);
    free(bytes);
    return masks;
}

/* A worker adds up the planes of one lane, which lie in an INPUT message
 * without complaints behind the header, H_U2 and a count of 0, and unmasks
 * them. It gets the sums of all segments of the lane. */
static void check_worker(const party *p, const secagg_masks *masks,
    uint32_t bits)
{
    const size_t m = (size_t)lane_entries(&mixed_lanes, bits, SEGMENTS + 1);
    const size_t at = PARTY_HEADER + 36
        + (size_t)lane_bytes(&mixed_lanes, bits);
    uint8_t *acc = calloc(1, secagg_planar_size(m, bits));
    uint64_t got[3 * MAX_LENGTH], want[MAX_LENGTH];

    ck_assert_ptr_nonnull(acc);
    for (uint32_t i = 0; i < N; i++)
        if (summed(p, i))
            ck_assert_int_eq(secagg_planar_add(acc,
                p->transcript->msg[UP][SECAGG_PHASE_INPUT][i] + at, m, bits),
                SECAGG_OK);
    ck_assert_int_eq(secagg_masks_apply(masks, bits, 0, acc, m), SECAGG_OK);
    ck_assert_int_eq(secagg_planar_unpack_u64(got, acc, m, bits), SECAGG_OK);
    for (size_t s = 0; s < SEGMENTS; s++) {
        if (mixed_lanes.bits[s] != bits)
            continue;
        ck_assert_int_eq(secagg_server_sum_u64(p->server, s, 0, want,
            (size_t)segments[s].length), SECAGG_OK);
        ck_assert_mem_eq(got + lane_place(&mixed_lanes, s), want,
            (size_t)segments[s].length * sizeof *got);
    }
    free(acc);
}

static void try_worker(uint32_t suite)
{
    const secagg_params params = mixed_params(suite);
    secagg_masks *masks;
    party p;

    party_init(&p, &params, 24);
    p.transcript = calloc(1, sizeof *p.transcript);
    ck_assert_ptr_nonnull(p.transcript);
    p.leaves[2] = LEAVES_INPUT;
    p.leaves[3] = LEAVES_UNMASK;
    give_all(&p, weight);
    ck_assert_int_eq(secagg_server_masks(p.server, NULL, 0),
        SECAGG_ERR_STATE);
    ck_assert_uint_eq(secagg_server_masks_size(p.server), 0);
    ck_assert_int_eq(party_run(&p), SECAGG_OK);
    masks = masks_of(p.server);
    for (uint32_t bits = 1; bits <= 64; bits++)
        if (lane_entries(&mixed_lanes, bits, SEGMENTS + 1) > 0)
            check_worker(&p, masks, bits);
    check_all(&p);
    secagg_masks_free(masks);
    transcript_free(p.transcript);
    party_free(&p);
}

START_TEST(a_worker_with_the_masks_computes_the_same_sum)
{
    try_worker(FIRST_SUITE);
    try_worker(SECAGG_SUITE_CHACHA);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        WITH_OPENSSL(every_kind_and_length_gives_the_expected_sum_with_aes),
        every_kind_and_length_gives_the_expected_sum_with_chacha,
        dropouts_in_every_phase_leave_the_sum_of_the_survivors,
        stochastic_rounding_is_unbiased_over_a_segment,
        a_range_equals_its_part_of_the_whole,
        a_long_segment_is_read_across_its_pieces,
        short_segments_can_be_read_in_any_order,
        threads_can_read_short_segments_at_once,
        two_threads_can_read_ranges_at_once,
        a_total_weight_of_zero_has_a_sum_and_no_mean,
        a_worker_with_the_masks_computes_the_same_sum };
    return RUN(tests);
}
