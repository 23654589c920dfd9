/* SPDX-License-Identifier: Apache-2.0 */
/* Parts that a client of this library does not make: the server accepts valid
 * ones, and invalid ones affect only their sender. */
#include <string.h>

#include "support/main.h"
#include "support/parts_driver.h"
#include "support/util.h"

#define HIDDEN SEGMENTS
#define BLOCKS 4 /* of a part: the second begins at (2, 512) */

/* The header of a piece. */
typedef struct cut {
    uint64_t segment, offset, count;
} cut;

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

/* Minimal moduli (7.4) of 5 * 4095, of that times 1000, and of 5 * 1000. */
static uint64_t bits_of(uint64_t s)
{
    if (s >= HIDDEN)
        return 13;
    return segments[s].kind == SECAGG_INTEGER ? segments[s].bits
        : segments[s].kind == SECAGG_REAL ? 15 : 25;
}

static uint64_t length_of(uint64_t s)
{
    return s >= HIDDEN ? 1 : segments[s].length;
}

static size_t bytes_of(const cut *c)
{
    return (size_t)(bits_of(c->segment) * ((c->count + 7) / 8));
}

/* Offset of the planes of a cut in a whole INPUT. */
static uint64_t place_of(const cut *c)
{
    uint64_t at = PARTY_HEADER + 36;

    for (uint64_t s = 0; s < c->segment; s++)
        at += bits_of(s) * ((length_of(s) + 7) / 8);
    return at + bits_of(c->segment) * c->offset / 8;
}

/* The part of a whole INPUT that has these cuts. Planes that are not in it are
 * zero, and those of cuts that are too long are left out. */
static uint8_t *build(const uint8_t *whole, size_t whole_len, uint32_t part,
    uint8_t last, const cut *cuts, uint32_t count, size_t *len)
{
    uint8_t *out, *at;

    *len = AT_PIECES;
    for (uint32_t i = 0; i < count; i++)
        *len += PIECE + (cuts[i].count < 4096 ? bytes_of(&cuts[i]) : 0);
    out = party_forge(whole, AT_COMPLAINTS, *len, 0);
    out[PARTY_AT_TYPE] = INPUT_PART;
    put(out + AT_PART, part, 4);
    out[AT_LAST] = last;
    put(out + AT_LAST + 1, count, 4);
    at = out + AT_PIECES;
    for (uint32_t i = 0; i < count; i++) {
        const size_t size = cuts[i].count < 4096 ? bytes_of(&cuts[i]) : 0;
        put(at, cuts[i].segment, 4);
        put(at + 4, cuts[i].offset, 8);
        put(at + 12, cuts[i].count, 8);
        if (cuts[i].segment <= HIDDEN && cuts[i].offset < 4096
            && place_of(&cuts[i]) + size <= whole_len)
            memcpy(at + PIECE, whole + place_of(&cuts[i]), size);
        at += PIECE + size;
    }
    return out;
}

static secagg_err try_cuts(parts *p, const uint8_t *whole, size_t whole_len,
    uint32_t part, uint8_t last, const cut *cuts, uint32_t count)
{
    size_t len;
    uint8_t *msg = build(whole, whole_len, part, last, cuts, count, &len);
    const secagg_err err = secagg_server_recv(p->r.server, 0, msg, len);

    free(msg);
    return err;
}

/* Move a cut by a random number of blocks; false at the end of all. */
static bool next_cut(cut *c, uint64_t *seed)
{
    const uint64_t end = c->offset + c->count;

    if (end == length_of(c->segment))
        *c = (cut){ c->segment + 1, 0, 0 };
    else
        *c = (cut){ c->segment, end, 0 };
    if (c->segment > HIDDEN)
        return false;
    c->count = 512 * (1 + prng_next(seed) % 3);
    if (c->count > length_of(c->segment) - c->offset)
        c->count = length_of(c->segment) - c->offset;
    return true;
}

/* Parts of any size, with pieces smaller than they need be: the sum is
 * exact. */
START_TEST(the_server_accepts_parts_cut_at_any_blocks)
{
    uint64_t seed = 4;

    for (int run = 0; run < 20; run++) {
        cut all[64] = { { 0, 0, 0 } }, next = { 0, 0, 0 };
        uint32_t count = 0, part = 0;
        uint8_t *whole;
        size_t len;
        parts p;
        parts_init(&p, BLOCKS);
        whole = parts_replace_by_whole(&p, &len);
        next.count = 7; /* all of the first segment */
        do
            all[count++] = next;
        while (next_cut(&next, &seed));
        ck_assert_uint_gt(count, SEGMENTS);
        for (uint32_t i = 0; i < count; part++) {
            uint32_t take = 1 + (uint32_t)(prng_next(&seed) % 5);
            take = take < count - i ? take : count - i;
            ck_assert_int_eq(try_cuts(&p, whole, len, part,
                i + take == count, all + i, take), SECAGG_OK);
            i += take;
        }
        free(whole);
        parts_end(&p, true);
    }
}
END_TEST

/* None of these continues at segment 2, entry 512. */
static const struct {
    cut cuts[3];
    uint32_t count;
    uint8_t last;
} bad[] = {
    { { { 2, 512, 511 } }, 1, 0 },  /* no whole block */
    { { { 2, 512, 1 } }, 1, 0 },
    { { { 2, 512, 513 } }, 1, 0 },
    { { { 2, 512, 0 } }, 1, 0 },
    { { { 2, 1024, 476 } }, 1, 0 }, /* a gap */
    { { { 3, 0, 1 } }, 1, 0 },
    { { { 2, 512, 512 }, { 3, 0, 1 } }, 2, 0 },
    { { { 2, 512, 988 }, { 4, 0, 512 } }, 2, 0 },
    { { { 2, 0, 512 } }, 1, 0 },    /* again */
    { { { 2, 0, 1500 } }, 1, 0 },
    { { { 0, 0, 7 } }, 1, 0 },
    { { { 2, 512, 512 }, { 2, 512, 512 } }, 2, 0 },
    { { { 2, 512, 512 }, { 2, 0, 512 } }, 2, 0 },
    { { { 2, 512, 988 }, { 2, 512, 988 } }, 2, 0 },
    { { { 2, 512, 988 }, { 1, 0, 512 } }, 2, 0 },
    { { { 2, 513, 512 } }, 1, 0 },  /* no block begins there */
    { { { 2, 520, 980 } }, 1, 0 },
    { { { 2, 511, 512 } }, 1, 0 },
    { { { 2, 512, 989 } }, 1, 0 },  /* beyond the end */
    { { { 2, 512, 1500 } }, 1, 0 },
    { { { 2, 512, 1536 } }, 1, 0 },
    { { { 2, 512, UINT64_MAX } }, 1, 0 },
    { { { 2, 512, UINT64_MAX - 511 } }, 1, 0 },
    { { { 2, UINT64_MAX - 511, 512 } }, 1, 0 },
    { { { 2, UINT64_MAX - 511, 1024 } }, 1, 0 },
    { { { 2, 1536, 512 } }, 1, 0 },
    { { { 12, 0, 1 } }, 1, 0 },     /* no such segment */
    { { { 12, 512, 512 } }, 1, 0 },
    { { { UINT32_MAX, 512, 512 } }, 1, 0 },
    { { { 2, 512, 988 } }, 1, 1 },  /* not the last */
    { { { 2, 512, 988 } }, 1, 2 },
    { { { 2, 512, 988 } }, 1, 255 },
    { { { 2, 512, 988 } }, 0, 0 },  /* no pieces */
    { { { 2, 512, 988 } }, 0, 1 },
};

START_TEST(the_server_rejects_gaps_overlaps_and_invalid_pieces)
{
    static const cut good = { 2, 512, 512 };
    const cut rest[] = { { 2, 1024, 476 }, { 3, 0, 1 }, { 4, 0, 1500 },
        { 5, 0, 512 }, { 6, 0, 512 }, { 7, 0, 1 }, { 8, 0, 1500 },
        { 9, 0, 7 }, { 10, 0, 513 }, { HIDDEN, 0, 1 } };
    uint8_t *whole;
    size_t len;
    parts p;

    parts_init(&p, BLOCKS);
    whole = parts_replace_by_whole(&p, &len);
    ck_assert_int_eq(parts_send(&p, 0), SECAGG_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_int_eq(try_cuts(&p, whole, len, 1, bad[i].last,
            bad[i].cuts, bad[i].count), SECAGG_ERR_MESSAGE);
    ck_assert_int_eq(try_cuts(&p, whole, len, 2, 0, &good, 1),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(try_cuts(&p, whole, len, 0, 0, &good, 1),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(try_cuts(&p, whole, len, UINT32_MAX, 0, &good, 1),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(try_cuts(&p, whole, len, 1, 0, &good, 1), SECAGG_OK);
    ck_assert_int_eq(try_cuts(&p, whole, len, 2, 0, rest, 10),
        SECAGG_ERR_MESSAGE); /* it is the last */
    ck_assert_int_eq(try_cuts(&p, whole, len, 2, 1, rest, 9),
        SECAGG_ERR_MESSAGE); /* it is not */
    ck_assert_int_eq(try_cuts(&p, whole, len, 2, 1, rest, 10), SECAGG_OK);
    free(whole);
    parts_end(&p, true);
}
END_TEST

/* The head of each piece in a part; and the bytes before the first. */
static bool in_heads(const uint8_t *msg, size_t at)
{
    size_t piece = AT_PIECES;
    const uint64_t count = get(msg + AT_LAST + 1, 4);

    if (at < AT_PIECES)
        return true;
    for (uint64_t i = 0; i < count; i++) {
        const cut c = { get(msg + piece, 4), get(msg + piece + 4, 8),
            get(msg + piece + 12, 8) };
        if (at >= piece && at < piece + PIECE)
            return true;
        piece += PIECE + bytes_of(&c);
    }
    return false;
}

/* Before each part, flip each bit outside the planes. */
START_TEST(the_server_rejects_a_flipped_bit_outside_the_planes)
{
    parts p;

    parts_init(&p, BLOCKS);
    for (uint32_t part = 0; part < p.count; part++) {
        uint8_t *bent = party_forge(p.msg[part], p.len[part], p.len[part],
            0);
        uint32_t turned = 0;
        for (size_t at = 0; at < p.len[part]; at++) {
            if (!in_heads(p.msg[part], at))
                continue;
            for (int bit = 0; bit < 8; bit++, turned++) {
                secagg_err err;
                bent[at] = (uint8_t)(bent[at] ^ 1u << bit);
                err = secagg_server_recv(p.r.server, 0, bent, p.len[part]);
                ck_assert(err == SECAGG_ERR_MESSAGE
                    || (err == SECAGG_ERR_STATE
                        && (at == 2 || (at >= AT_PART && at < 40))));
                bent[at] = (uint8_t)(bent[at] ^ 1u << bit);
            }
        }
        ck_assert_uint_ge(turned, 8 * (AT_PIECES + PIECE));
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
    const secagg_params params = mixed_params(1);
    static const uint8_t lists[][4] = { { 3 }, { 2 }, { 2, 3 }, { 3, 2 },
        { 3, 3 }, { 0 }, { 5 }, { 255 }, { 1, 2, 3 }, { 1, 2, 3, 4 } };
    static const uint32_t counts[] = { 1, 1, 2, 2, 2, 1, 1, 1, 3, 4 };
    secagg_err what;
    uint32_t index;
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
    ck_assert_int_eq(secagg_server_blamed(p.r.server, 0, &index, &what),
        SECAGG_OK); /* more than none complain */
    ck_assert_uint_eq(index, 3);
    ck_assert_int_eq(what, SECAGG_ERR_AUTH);
    parts_free(&p);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { the_server_accepts_parts_cut_at_any_blocks,
        the_server_rejects_gaps_overlaps_and_invalid_pieces,
        the_server_rejects_a_flipped_bit_outside_the_planes,
        the_server_rejects_a_part_of_another_length,
        each_part_must_repeat_the_complaints_of_the_first };
    return RUN(tests);
}
