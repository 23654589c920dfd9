/* SPDX-License-Identifier: Apache-2.0 */
/* Parts that a client of this library does not make: the server accepts valid
 * ones, and invalid ones affect only their sender. */
#include <string.h>

#include "support/main.h"
#include "support/parts_driver.h"
#include "support/util.h"

#define BLOCKS 4 /* of a part */

static void put(uint8_t *at, uint64_t x, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(x >> (8 * (bytes - 1 - i)) & 255);
}

static uint64_t get(const uint8_t *at, int bytes)
{
    uint64_t x = 0;

    for (int i = 0; i < bytes; i++)
        x = x << 8 | at[i];
    return x;
}

/* Returns a part with these fields, and with the planes that a whole INPUT has
 * for its blocks; for blocks beyond the end it has none. */
static uint8_t *build(const uint8_t *whole, uint32_t part, uint64_t first,
    uint64_t blocks, size_t *len)
{
    const uint64_t all = lane_first(&mixed_lanes, 65);
    const uint64_t end = first < all && blocks <= all - first ? first + blocks
                                                              : first;
    const uint64_t from = lane_at(&mixed_lanes, first < all ? first : all);
    const uint64_t to = lane_at(&mixed_lanes, end < all ? end : all);
    uint8_t *out;

    *len = AT_PLANES + (size_t)(to - from);
    out = party_forge(whole, AT_COMPLAINTS, *len, 0);
    out[PARTY_AT_TYPE] = INPUT_PART;
    put(out + AT_PART, part, 4);
    put(out + AT_FIRST, first, 8);
    put(out + AT_BLOCKS, blocks, 4);
    memcpy(out + AT_PLANES, whole + PARTY_HEADER + 36 + from,
        (size_t)(to - from));
    return out;
}

static secagg_err try_run(parts *p, const uint8_t *whole, uint32_t part,
    uint64_t first, uint64_t blocks)
{
    size_t len;
    uint8_t *msg = build(whole, part, first, blocks, &len);
    const secagg_err err = secagg_server_recv(p->r.server, 0, msg, len);

    free(msg);
    return err;
}

/* Parts of any number of blocks. Many end in one lane and begin in another. */
START_TEST(the_server_accepts_parts_cut_at_any_blocks)
{
    uint64_t seed = 4;

    for (int run = 0; run < 20; run++) {
        uint64_t done = 0;
        uint32_t part = 0;
        uint8_t *whole;
        size_t len;
        parts p;
        parts_init(&p, BLOCKS);
        whole = parts_replace_by_whole(&p, &len);
        ck_assert_uint_eq(len, PARTY_HEADER + 36
            + lane_bytes(&mixed_lanes, 65));
        while (done < p.r.blocks) {
            uint64_t blocks = 1 + prng_next(&seed) % 6;
            if (blocks > p.r.blocks - done)
                blocks = p.r.blocks - done;
            ck_assert_int_eq(try_run(&p, whole, part++, done, blocks),
                SECAGG_OK);
            done += blocks;
        }
        free(whole);
        parts_end(&p, true);
    }
}
END_TEST

/* Each run but the next one, with the planes of its own blocks. */
START_TEST(the_server_rejects_gaps_overlaps_and_blocks_beyond_the_end)
{
    static const uint64_t firsts[] = { 0, 1, 3, 5, 8, 13, 14, 15, UINT32_MAX,
        (uint64_t)1 << 32, UINT64_MAX - 3, UINT64_MAX };
    static const uint64_t counts[] = { 0, 11, 12, 255, 256, UINT32_MAX };
    uint8_t *whole;
    size_t len;
    parts p;

    parts_init(&p, BLOCKS);
    whole = parts_replace_by_whole(&p, &len);
    ck_assert_uint_eq(p.r.blocks, 14);
    ck_assert_int_eq(parts_send(&p, 0), SECAGG_OK);
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++)
        for (uint64_t blocks = 1; blocks < 5; blocks++)
            ck_assert_int_eq(try_run(&p, whole, 1, firsts[i], blocks),
                SECAGG_ERR_MESSAGE);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        ck_assert_int_eq(try_run(&p, whole, 1, BLOCKS, counts[i]),
            SECAGG_ERR_MESSAGE);
    ck_assert_int_eq(try_run(&p, whole, 1, BLOCKS, 10), SECAGG_OK);
    free(whole);
    parts_end(&p, true);
}
END_TEST

/* The number of a part comes before anything of its body (8.7, check 1). */
START_TEST(the_server_checks_the_number_of_a_part_before_its_body)
{
    static const uint32_t numbers[] = { 0, 2, 3, 255, UINT32_MAX };
    static const size_t lengths[] = { PARTY_HEADER, PARTY_HEADER + 1,
        AT_COMPLAINTS, AT_COMPLAINTS + 4, AT_FIRST, AT_BLOCKS, AT_PLANES };
    parts p;

    parts_init(&p, BLOCKS);
    ck_assert_int_eq(parts_send(&p, 0), SECAGG_OK);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
            uint8_t *msg = party_forge(p.msg[1], lengths[k], lengths[k], 0);
            put(msg + AT_PART, numbers[i], 4);
            ck_assert_int_eq(secagg_server_recv(p.r.server, 0, msg,
                lengths[k]), SECAGG_ERR_STATE);
            put(msg + AT_PART, 1, 4);
            ck_assert_int_eq(secagg_server_recv(p.r.server, 0, msg,
                lengths[k]), SECAGG_ERR_MESSAGE);
            free(msg);
        }
    parts_end(&p, false);
}
END_TEST

/* Before each part, flip each bit outside the planes. */
START_TEST(the_server_rejects_a_flipped_bit_outside_the_planes)
{
    parts p;

    parts_init(&p, BLOCKS);
    for (uint32_t part = 0; part < p.count; part++) {
        uint8_t *bent = party_forge(p.msg[part], p.len[part], p.len[part],
            0);
        for (size_t at = 0; at < AT_PLANES; at++)
            for (int bit = 0; bit < 8; bit++) {
                secagg_err err;
                bent[at] = (uint8_t)(bent[at] ^ 1u << bit);
                err = secagg_server_recv(p.r.server, 0, bent, p.len[part]);
                ck_assert(err == SECAGG_ERR_MESSAGE
                    || (err == SECAGG_ERR_STATE
                        && (at == 2 || (at >= AT_PART && at < 40))));
                bent[at] = (uint8_t)(bent[at] ^ 1u << bit);
            }
        free(bent);
        ck_assert_int_eq(parts_send(&p, part), SECAGG_OK);
    }
    parts_end(&p, true);
}
END_TEST

START_TEST(the_server_rejects_a_part_of_another_length)
{
    parts p;

    parts_init(&p, BLOCKS);
    for (uint32_t part = 0; part < p.count; part++) {
        const size_t have = p.len[part];
        for (size_t len = 0; len < have + 40; len++) {
            uint8_t *bent;
            if (len == have)
                continue;
            bent = party_forge(p.msg[part], have, len, 0);
            ck_assert_int_eq(secagg_server_recv(p.r.server, 0, bent, len),
                SECAGG_ERR_MESSAGE);
            if (len > PARTY_HEADER) /* as the header had it */
                memcpy(bent, p.msg[part], PARTY_HEADER);
            ck_assert_int_eq(secagg_server_recv(p.r.server, 0, bent, len),
                SECAGG_ERR_MESSAGE);
            free(bent);
        }
        ck_assert_int_eq(parts_send(&p, part), SECAGG_OK);
    }
    parts_end(&p, true);
}
END_TEST

/* Returns a part of 65,536 blocks of one bit, of which the last has one entry.
 * Its head is that of another part, and its planes are zero. */
static uint8_t *huge_part(const uint8_t *head, uint32_t part, uint64_t first,
    uint64_t blocks, size_t *len)
{
    uint8_t *out;

    *len = AT_PLANES + (size_t)(64 * blocks)
        - (first + blocks == 65536 ? 63 : 0);
    out = party_forge(head, AT_PLANES, *len, 0);
    memset(out + AT_PLANES, 0, *len - AT_PLANES);
    put(out + AT_PART, part, 4);
    put(out + AT_FIRST, first, 8);
    put(out + AT_BLOCKS, blocks, 4);
    return out;
}

/* The minimum size for 65,536 blocks is two (8.7); only the last part may be
 * smaller. */
START_TEST(the_server_rejects_parts_below_the_minimum_size)
{
    static const struct { uint64_t first, blocks; secagg_err err; } rows[] = {
        { 0, 1, SECAGG_ERR_MESSAGE }, { 0, 2, SECAGG_OK },
        { 2, 1, SECAGG_ERR_MESSAGE }, { 2, 65533, SECAGG_OK },
        { 65535, 1, SECAGG_OK } };
    const secagg_segment segment = { .length = 65535 * 512 + 1, .bits = 1 };
    secagg_params params = small_params(3, 2, 0);
    uint32_t part = 0;
    uint8_t *whole;
    size_t len;
    driver r;

    params.segments = &segment;
    driver_init(&r, &params, 5);
    ck_assert_uint_eq(r.blocks, 65536);
    ck_assert_int_eq(secagg_client_set_part_size(r.clients[0], 512),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_client_set_part_size(r.clients[0], 1024),
        SECAGG_OK);
    driver_run_to(&r, SECAGG_PHASE_INPUT);
    ck_assert_int_eq(secagg_client_input_u64(r.clients[0], 0, 0,
        (const uint64_t[1024]){ 1 }, 1024), SECAGG_OK);
    whole = driver_client_send(r.clients[0], &len);
    ck_assert_uint_eq(len, AT_PLANES + 128);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t *msg = huge_part(whole, part, rows[i].first, rows[i].blocks,
            &len);
        ck_assert_int_eq(secagg_server_recv(r.server, 0, msg, len),
            rows[i].err);
        part += rows[i].err == SECAGG_OK;
        free(msg);
    }
    ck_assert(secagg_server_answered(r.server, 0));
    free(whole);
    driver_free(&r);
}
END_TEST

/* ---- complaints --------------------------------------------------------- */

/* A copy of a part with another list of complaints. */
static uint8_t *with_list(const uint8_t *msg, size_t len, const uint8_t *list,
    uint32_t count, size_t *out_len)
{
    const size_t had = 4 * (size_t)get(msg + AT_COMPLAINTS, 4);
    uint8_t *out;

    *out_len = len - had + 4 * (size_t)count;
    out = party_forge(msg, AT_COMPLAINTS, *out_len, 0);
    put(out + AT_COMPLAINTS, count, 4);
    for (uint32_t i = 0; i < count; i++)
        put(out + AT_COMPLAINTS + 4 + 4 * i, list[i], 4);
    memcpy(out + AT_COMPLAINTS + 4 + 4 * (size_t)count,
        msg + AT_COMPLAINTS + 4 + had, len - AT_COMPLAINTS - 4 - had);
    return out;
}

static secagg_err try_list(parts *p, uint32_t part, const uint8_t *list,
    uint32_t count)
{
    size_t len;
    uint8_t *msg = with_list(p->msg[part], p->len[part], list, count, &len);
    const secagg_err err = secagg_server_recv(p->r.server, 0, msg, len);

    free(msg);
    return err;
}

/* Client 0 cannot open the shares of client 3, and complains in each part. */
static void spoil(driver *r, uint32_t i, const uint8_t *msg, size_t len)
{
    if (i == 0 && msg[PARTY_AT_TYPE] == 4)
        ((uint8_t *)(uintptr_t)msg)[len - 200 + 4] ^= 1;
    (void)r;
}

START_TEST(each_part_must_repeat_the_complaints_of_the_first)
{
    const secagg_params params = mixed_params(FIRST_SUITE);
    static const uint8_t lists[][4] = { { 3 }, { 2 }, { 2, 3 }, { 3, 2 },
        { 3, 3 }, { 0 }, { 5 }, { 255 }, { 1, 2, 3 }, { 1, 2, 3, 4 } };
    static const uint32_t counts[] = { 1, 1, 2, 2, 2, 1, 1, 1, 3, 4 };
    uint32_t dealer, holder;
    parts p = { .count = 0 };

    mixed_init(&p.r, &params);
    p.r.on_server_msg = spoil;
    driver_run_to(&p.r, SECAGG_PHASE_INPUT);
    ck_assert_int_eq(secagg_client_set_part_size(p.r.clients[0], 512 * 6),
        SECAGG_OK);
    for (uint64_t b = 0; b < p.r.blocks; b += 6, p.count++) {
        mixed_input(&p.r, 0, b, b + 6);
        p.msg[p.count] = driver_client_send(p.r.clients[0], &p.len[p.count]);
        ck_assert_uint_eq(get(p.msg[p.count] + AT_COMPLAINTS, 4), 1);
        ck_assert_uint_eq(get(p.msg[p.count] + AT_COMPLAINTS + 4, 4), 3);
    }
    for (size_t i = 3; i < 10; i++) /* 3 of 5 must be good */
        ck_assert_int_eq(try_list(&p, 0, lists[i], counts[i]),
            SECAGG_ERR_MESSAGE);
    for (uint32_t part = 0; part < p.count; part++) {
        for (size_t i = 1; i < 10 && part > 0; i++)
            ck_assert_int_eq(try_list(&p, part, lists[i], counts[i]),
                SECAGG_ERR_MESSAGE);
        if (part > 0)
            ck_assert_int_eq(try_list(&p, part, NULL, 0),
                SECAGG_ERR_MESSAGE);
        ck_assert_int_eq(parts_send(&p, part), SECAGG_OK);
    }
    parts_finish(&p, true);
    ck_assert_int_eq(secagg_server_disputed(p.r.server, 0, &dealer, &holder),
        SECAGG_OK);
    ck_assert_uint_eq(dealer, 3);
    ck_assert_uint_eq(holder, 0);
    parts_free(&p);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { the_server_accepts_parts_cut_at_any_blocks,
        the_server_rejects_gaps_overlaps_and_blocks_beyond_the_end,
        the_server_checks_the_number_of_a_part_before_its_body,
        the_server_rejects_a_flipped_bit_outside_the_planes,
        the_server_rejects_a_part_of_another_length,
        the_server_rejects_parts_below_the_minimum_size,
        each_part_must_repeat_the_complaints_of_the_first };
    return RUN(tests);
}
