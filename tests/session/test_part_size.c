/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs in parts give the sum of whole inputs; clients and server enforce the
 * order and the form of parts. */
#include <sodium.h>
#include <string.h>

#include "message/msg_header.h"
#include "support/main.h"
#include "support/parts_driver.h"

/* ---- the same sum ------------------------------------------------------- */

/* A session with parts of so many blocks; client `gone` drops out in INPUT. */
static void sum_of(const secagg_params *params, uint64_t blocks,
    uint32_t gone, uint8_t digest[32])
{
    driver r;

    mixed_init(&r, params);
    r.part_size = 512 * blocks;
    if (gone < N)
        r.leaves[gone] = SECAGG_PHASE_INPUT;
    ck_assert_int_eq(driver_run(&r), SECAGG_OK);
    mixed_check(&r);
    mixed_digest(&r, digest);
    driver_free(&r);
}

START_TEST(parts_of_any_size_give_the_sum_of_whole_inputs)
{
    for (uint32_t suite = 1; suite <= 2; suite++)
        for (uint32_t gone = 1; gone <= N; gone += N - 1) {
            const secagg_params params = mixed_params(suite);
            uint8_t whole[32], cut[32];
            sum_of(&params, 0, gone, whole);
            for (uint64_t blocks = 1; blocks <= 24;
                 blocks += blocks < 8 ? 1 : 5) {
                sum_of(&params, blocks, gone, cut);
                ck_assert_mem_eq(cut, whole, 32);
            }
            sum_of(&params, UINT32_MAX, gone, cut);
            ck_assert_mem_eq(cut, whole, 32);
        }
}
END_TEST

/* Some whole, some in parts, of different sizes; on the ring and signed. */
START_TEST(the_server_sums_parts_and_whole_inputs_together)
{
    for (int form = 0; form < 2; form++) {
        secagg_params params = mixed_params(1);
        driver r;
        params.neighbours = form == 0 ? 2 : 0;
        params.threshold = form == 0 ? 2 : 4;
        params.mode = form == 0 ? SECAGG_SEMI_HONEST : SECAGG_ACTIVE;
        mixed_init(&r, &params);
        driver_run_to(&r, SECAGG_PHASE_INPUT);
        for (uint32_t i = 0; i < N; i++) {
            const uint64_t step = i == 0 ? r.blocks : i;
            if (i > 0)
                ck_assert_int_eq(
                    secagg_client_set_part_size(r.clients[i], 512 * i),
                    SECAGG_OK);
            for (uint64_t b = 0; b < r.blocks; b += step) {
                size_t len;
                uint8_t *msg;
                mixed_input(&r, i, b, b + step);
                msg = driver_client_send(r.clients[i], &len);
                ck_assert_int_eq(secagg_server_recv(r.server, i, msg, len),
                    SECAGG_OK);
                free(msg);
            }
        }
        ck_assert_uint_eq(secagg_server_pending(r.server), 0);
        ck_assert_int_eq(secagg_server_advance(r.server), SECAGG_OK);
        driver_deliver(&r);
        ck_assert_int_eq(driver_run(&r), SECAGG_OK);
        mixed_check(&r);
        driver_free(&r);
    }
}
END_TEST

/* An input of two parts: integers of one segment, and the weight, which is a
 * part by itself. */
typedef struct weight_case {
    secagg_segment segment;
    uint64_t part_blocks;
    uint8_t weight_part;
} weight_case;

static uint64_t integer_of(const weight_case *k, uint64_t e)
{
    return e % ((uint64_t)1 << k->segment.bits);
}

/* Send the input of client i. Nothing is supplied for the part of the
 * weight. */
static void send_two_parts(driver *r, uint32_t i, const weight_case *k)
{
    secagg_client *c = r->clients[i];
    uint64_t values[1024];
    size_t len;

    for (uint64_t e = 0; e < 1024; e++)
        values[e] = integer_of(k, e);
    ck_assert_int_eq(secagg_client_set_part_size(c, 512 * k->part_blocks),
        SECAGG_OK);
    ck_assert_int_eq(secagg_client_weight(c, weight(i)), SECAGG_OK);
    for (uint8_t part = 0; part < 2; part++) {
        uint8_t *msg;
        if (part != k->weight_part)
            ck_assert_int_eq(secagg_client_input_u64(c, 0, 0, values,
                (size_t)k->segment.length), SECAGG_OK);
        msg = driver_client_send(c, &len);
        ck_assert_ptr_nonnull(msg);
        ck_assert_uint_eq(msg[AT_BLOCKS + 3],
            part == k->weight_part ? 1 : k->part_blocks);
        ck_assert_int_eq(secagg_server_recv(r->server, i, msg, len),
            SECAGG_OK);
        free(msg);
    }
    ck_assert_ptr_null(driver_client_send(c, &len));
}

static void check_two_parts(const weight_case *k)
{
    const size_t length = (size_t)k->segment.length;
    secagg_params params = mixed_params(1);
    uint64_t sum[1024];
    driver r;

    params.segments = &k->segment;
    params.segment_count = 1;
    mixed_init(&r, &params);
    driver_run_to(&r, SECAGG_PHASE_INPUT);
    for (uint32_t i = 0; i < N; i++)
        send_two_parts(&r, i, k);
    ck_assert_int_eq(secagg_server_advance(r.server), SECAGG_OK);
    driver_deliver(&r);
    ck_assert_int_eq(driver_run(&r), SECAGG_OK);
    ck_assert_int_eq(secagg_server_sum_u64(r.server, 0, 0, sum, length),
        SECAGG_OK);
    for (uint64_t e = 0; e < length; e++)
        ck_assert_uint_eq(sum[e], integer_of(k, N * integer_of(k, e)));
    ck_assert_uint_eq(secagg_server_weight(r.server),
        weight(0) + weight(1) + weight(2) + weight(3) + weight(4));
    driver_free(&r);
}

/* The lane of the weight has 13 bits. It is before that of the segment, or
 * after it, or the end of it. */
START_TEST(a_part_may_contain_only_the_weight)
{
    static const weight_case cases[] = {
        { { .length = 500, .bits = 20 }, 1, 0 },
        { { .length = 1000, .bits = 5 }, 2, 1 },
        { { .length = 1024, .bits = 13 }, 2, 1 } };

    for (int k = 0; k < 3; k++)
        check_two_parts(&cases[k]);
}
END_TEST

/* ---- the client --------------------------------------------------------- */

#define GIVE(c, s, at, count)                                                 \
    secagg_client_input_u64((c), (s), (at), zeros, (count))

static secagg_err speak(secagg_client *c, size_t *len)
{
    const uint8_t *msg;
    return secagg_client_send(c, &msg, len);
}

/* Two segments of integers in one lane: 1100 entries and 3. Parts of two
 * blocks: 0..1023; 1024..1099 and the three. */
START_TEST(a_client_accepts_only_input_of_the_current_part)
{
    static const secagg_segment both[2] = { { .length = 1100, .bits = 7 },
        { .length = 3, .bits = 7 } };
    static const uint64_t zeros[1100];
    secagg_params params = small_params(3, 2, 0);
    secagg_client *c;
    size_t len;
    driver r;

    params.segments = both;
    params.segment_count = 2;
    driver_init(&r, &params, 3);
    c = r.clients[0];
    ck_assert_int_eq(secagg_client_set_part_size(c, 0), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_client_set_part_size(c, 1000), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_client_set_part_size(c, 512), SECAGG_OK);
    ck_assert_int_eq(
        secagg_client_set_part_size(c, 1024), SECAGG_OK); /* again */
    ck_assert_int_eq(GIVE(c, 0, 1024, 1), SECAGG_ERR_STATE);
    ck_assert_int_eq(GIVE(c, 1, 0, 3), SECAGG_ERR_STATE);
    ck_assert_int_eq(GIVE(c, 0, 1000, 100), SECAGG_ERR_STATE);
    ck_assert_int_eq(GIVE(c, 0, 1000, 101), SECAGG_ERR_SIZE);
    ck_assert_int_eq(GIVE(c, 0, 600, 424), SECAGG_OK); /* before it is due */
    ck_assert_int_eq(secagg_client_set_part_size(c, 1024), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_set_part_size(c, 0), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_set_part_size(c, 1), SECAGG_ERR_STATE);
    ck_assert_int_eq(GIVE(c, 0, 0, 10), SECAGG_OK);
    ck_assert_int_eq(GIVE(c, 0, 9, 2), SECAGG_ERR_STATE);
    driver_run_to(&r, SECAGG_PHASE_SHARES);
    ck_assert_int_eq(driver_collect(&r), SECAGG_OK);
    driver_deliver(&r);
    ck_assert_int_eq(speak(c, &len), SECAGG_ERR_INPUT_DUE);
    ck_assert_int_eq(GIVE(c, 0, 10, 590), SECAGG_OK);
    ck_assert_int_eq(speak(c, &len), SECAGG_OK);
    ck_assert_uint_eq(len, AT_PLANES + 7 * 128);
    ck_assert_int_eq(speak(c, &len), SECAGG_ERR_INPUT_DUE);
    ck_assert_int_eq(GIVE(c, 0, 0, 1), SECAGG_ERR_STATE);
    ck_assert_int_eq(GIVE(c, 1, 0, 3), SECAGG_OK);
    ck_assert_int_eq(speak(c, &len), SECAGG_ERR_INPUT_DUE);
    ck_assert_int_eq(GIVE(c, 0, 1023, 2), SECAGG_ERR_STATE);
    ck_assert_int_eq(GIVE(c, 0, 1024, 76), SECAGG_OK);
    ck_assert_int_eq(secagg_client_set_part_size(c, 1024), SECAGG_ERR_STATE);
    ck_assert_int_eq(speak(c, &len), SECAGG_OK);
    ck_assert_uint_eq(len, AT_PLANES + 7 * 10); /* 79 entries */
    ck_assert_int_eq(speak(c, &len), SECAGG_OK);
    ck_assert_uint_eq(len, 0);
    ck_assert_int_eq(GIVE(c, 0, 0, 1), SECAGG_ERR_STATE);
    driver_free(&r);
}
END_TEST

/* A repeated RELAY makes the client send the last part again until input of the
 * next one is passed; then it sends nothing, above all not that input. */
START_TEST(a_repeated_relay_never_reveals_an_unfinished_part)
{
    const secagg_params params = mixed_params(1);
    uint8_t *first, *again, *relay;
    size_t len, relay_len, again_len;
    const uint8_t *msg;
    driver r;

    mixed_init(&r, &params);
    driver_run_to(&r, SECAGG_PHASE_INPUT);
    relay = party_server_send(r.server, 0, &relay_len);
    ck_assert_int_eq(secagg_client_set_part_size(r.clients[0], 512), SECAGG_OK);
    mixed_input(&r, 0, 0, 1);
    first = driver_client_send(r.clients[0], &len);
    ck_assert_int_eq(secagg_client_recv(r.clients[0], relay, relay_len),
        SECAGG_OK);
    again = driver_client_send(r.clients[0], &again_len);
    ck_assert_uint_eq(again_len, len);
    ck_assert_mem_eq(again, first, len);
    free(again);
    /* a rejected piece, because it is not for part 1, changes nothing */
    ck_assert_int_eq(secagg_client_input_f64(r.clients[0], 1, 0,
        (const double[]){ 1 }, 1), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_recv(r.clients[0], relay, relay_len),
        SECAGG_OK);
    again = driver_client_send(r.clients[0], &again_len);
    ck_assert_uint_eq(again_len, len);
    ck_assert_mem_eq(again, first, len);
    free(again);
    /* due once more, and now the next part is begun */
    ck_assert_int_eq(secagg_client_recv(r.clients[0], relay, relay_len),
        SECAGG_OK);
    ck_assert_int_eq(secagg_client_input_u64(r.clients[0], 10, 512,
        (const uint64_t[]){ 1 }, 1), SECAGG_OK);
    ck_assert_int_eq(secagg_client_send(r.clients[0], &msg, &len),
        SECAGG_ERR_INPUT_DUE);
    ck_assert_int_eq(secagg_client_recv(r.clients[0], relay, relay_len),
        SECAGG_OK);
    ck_assert_int_eq(secagg_client_send(r.clients[0], &msg, &len),
        SECAGG_ERR_INPUT_DUE);
    free(relay);
    free(first);
    driver_free(&r);
}
END_TEST

/* ---- the server --------------------------------------------------------- */

/* Before each part the server rejects every part but the next; it accepts the
 * previous one again, unless it is changed. */
START_TEST(the_server_accepts_each_part_once_and_in_order)
{
    parts p;

    parts_init(&p, 1);
    ck_assert_uint_gt(p.count, 8);
    for (uint32_t next = 0; next < p.count; next++) {
        for (uint32_t i = 0; i < p.count; i++)
            if (i != next)
                ck_assert_int_eq(parts_send(&p, i), next > 0 && i == next - 1
                        ? SECAGG_OK : SECAGG_ERR_STATE);
        if (next > 0) {
            /* Of a repeat all but the planes is compared (9.3). */
            p.msg[next - 1][p.len[next - 1] - 1] ^= 1;
            ck_assert_int_eq(parts_send(&p, next - 1), SECAGG_OK);
            p.msg[next - 1][SA_HEADER_BYTES] ^= 1;
            ck_assert_int_eq(parts_send(&p, next - 1), SECAGG_ERR_STATE);
        }
        ck_assert_int_eq(parts_send(&p, next), SECAGG_OK);
        ck_assert_int_eq(secagg_server_answered(p.r.server, 0),
            next == p.count - 1);
    }
    for (uint32_t i = 0; i < p.count; i++)
        ck_assert_int_eq(parts_send(&p, i), i == p.count - 1
            ? SECAGG_ERR_REPEAT : SECAGG_ERR_STATE);
    parts_end(&p, true);
}
END_TEST

/* The client drops out after any number of parts: the sum is of the others. */
START_TEST(a_dropout_between_parts_affects_no_other_client)
{
    uint32_t count = 2;

    for (uint32_t lost = 0; lost < count; lost++) {
        parts p;
        parts_init(&p, 4);
        count = p.count;
        for (uint32_t i = 0; i < lost; i++)
            ck_assert_int_eq(parts_send(&p, i), SECAGG_OK);
        parts_end(&p, false);
    }
}
END_TEST

/* After an ABORT between two parts the server discards the staged parts. */
START_TEST(an_abort_between_parts_discards_them)
{
    uint8_t *gone;
    parts p;

    parts_init(&p, 4);
    ck_assert_int_eq(parts_send(&p, 0), SECAGG_OK);
    gone = party_forge(p.msg[0], PARTY_HEADER, PARTY_HEADER + 10, 0);
    gone[PARTY_AT_TYPE] = 11;
    ck_assert_int_eq(secagg_server_recv(p.r.server, 0, gone,
        PARTY_HEADER + 10), SECAGG_OK);
    for (uint32_t i = 0; i < p.count; i++)
        ck_assert_int_eq(parts_send(&p, i), SECAGG_ERR_STATE);
    free(gone);
    parts_end(&p, false);
}
END_TEST

START_TEST(the_server_rejects_a_whole_input_after_parts_and_the_reverse)
{
    uint8_t *whole;
    size_t len;
    parts p;

    for (int first = 0; first < 2; first++) {
        parts_init(&p, 4);
        whole = parts_replace_by_whole(&p, &len);
        if (first == 0) {
            ck_assert_int_eq(parts_send(&p, 0), SECAGG_OK);
            ck_assert_int_eq(secagg_server_recv(p.r.server, 0, whole, len),
                SECAGG_ERR_STATE);
            for (uint32_t i = 1; i < p.count; i++)
                ck_assert_int_eq(parts_send(&p, i), SECAGG_OK);
        } else {
            ck_assert_int_eq(secagg_server_recv(p.r.server, 0, whole, len),
                SECAGG_OK);
            for (uint32_t i = 0; i < p.count; i++)
                ck_assert_int_eq(parts_send(&p, i), SECAGG_ERR_STATE);
        }
        free(whole);
        parts_end(&p, true);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        parts_of_any_size_give_the_sum_of_whole_inputs,
        the_server_sums_parts_and_whole_inputs_together,
        a_part_may_contain_only_the_weight,
        a_client_accepts_only_input_of_the_current_part,
        a_repeated_relay_never_reveals_an_unfinished_part,
        the_server_accepts_each_part_once_and_in_order,
        a_dropout_between_parts_affects_no_other_client,
        an_abort_between_parts_discards_them,
        the_server_rejects_a_whole_input_after_parts_and_the_reverse };
    return sodium_init() < 0 || RUN(tests);
}
