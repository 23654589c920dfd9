/* SPDX-License-Identifier: Apache-2.0 */
/* msg: each message laid byte by byte from the text of the protocol, written,
 * read again, and refused when anything about it is not so. */
#include "support/main.h"
#include "support/message_fixture.h"

/* ---- the header (D2) ---------------------------------------------------- */

START_TEST(each_byte_of_a_header_is_looked_at)
{
    laid m;

    lay_header(&m, SA_MSG_KEYS);
    lay_bytes(&m, 0, 96);
    lay_end(&m);
    for (size_t at = 0; at < BODY; at++)
        for (unsigned x = 1; x < 256; x++) {
            laid other = m;
            sa_msg_type type = (sa_msg_type)77;
            sa_reader r;
            other.bytes[at] ^= (uint8_t)x;
            if (at == 2)
                continue;
            ck_assert_int_eq(sa_header_read(&r, &type, params, INDEX, true,
                other.bytes, m.len), SECAGG_ERR_MESSAGE);
            ck_assert_uint_eq(type, 77);
        }
}
END_TEST

/* Directions by the list of D2; 15 is INPUT_PART, of which any part is one. */
START_TEST(types_go_in_their_direction)
{
    static const uint8_t up[] = { 1, 3, 5, 7, 9, 11, 15 };
    static const uint8_t down[] = { 2, 4, 6, 8, 12 };

    for (unsigned code = 0; code < 256; code++)
        for (int client = 0; client < 2; client++)
            for (uint32_t part = 0; part < 2; part++) {
                const uint8_t *list = client ? up : down;
                const size_t count = client ? sizeof up : sizeof down;
                const bool good = memchr(list, (int)code, count) != NULL
                    && (part == 0 || code == 15);
                sa_msg_type type = (sa_msg_type)77;
                sa_reader r;
                laid m;
                lay_header(&m, (uint8_t)code);
                m.bytes[39] = (uint8_t)part;
                ck_assert_int_eq(sa_header_read(&r, &type, params, INDEX,
                    client, m.bytes, m.len),
                    good ? SECAGG_OK : SECAGG_ERR_MESSAGE);
                ck_assert_uint_eq(type, good ? code : 77);
            }
}
END_TEST

/* More body than there are bytes in any memory. */
START_TEST(a_length_that_lies_is_refused)
{
    laid m;

    lay_header(&m, SA_MSG_KEYS);
    lay_bytes(&m, 0, 96);
    lay_end(&m);
    memset(m.bytes + 40, 0xff, 8);
    ck_assert_int_eq(take(m.bytes, m.len, SA_MSG_KEYS), SECAGG_ERR_MESSAGE);
    lay_end(&m);
    m.bytes[43] = 1; /* 2^32 more */
    ck_assert_int_eq(take(m.bytes, m.len, SA_MSG_KEYS), SECAGG_ERR_MESSAGE);
    ck_assert_int_eq(take(NULL, 0, SA_MSG_KEYS), SECAGG_ERR_MESSAGE);
}
END_TEST

/* ---- the messages ------------------------------------------------------- */

/* D10. */
START_TEST(keys_are_context_and_two_points)
{
    sa_keys_msg msg, got;
    sa_reader r;
    laid m;

    lay_header(&m, 1);
    msg.context = lay_bytes(&m, 1, 32);
    msg.enc = lay_bytes(&m, 51, 32);
    msg.mask = lay_bytes(&m, 101, 32);
    lay_end(&m);
    ck_assert_uint_eq(sa_keys_size(params, 0), m.len);
    CHECK_ROOMS(&m, out, sa_keys_write(out, len, params, INDEX, &msg));
    r = sa_reader_on(m.bytes + BODY, m.len - BODY);
    ck_assert_int_eq(sa_keys_read(&r, &got, params), SECAGG_OK);
    ck_assert_ptr_eq(got.context, msg.context);
    ck_assert_ptr_eq(got.enc, msg.enc);
    ck_assert_ptr_eq(got.mask, msg.mask);
    check_lengths(&m, 1);
}
END_TEST

/* D11. */
static secagg_err write_roster(uint8_t *out, size_t len,
    const sa_roster_msg *msg)
{
    sa_writer w = sa_writer_on(out, len);
    sa_reader entries = sa_roster_entries(msg);

    sa_roster_write(&w, params, INDEX, msg, sa_roster_size(params, msg->count,
        0));
    for (uint32_t i = 0; i < msg->count; i++) {
        const sa_roster_entry entry = sa_roster_next_entry(&entries, params);
        sa_roster_put_entry(&w, params, &entry);
    }
    return sa_writer_end(&w);
}

START_TEST(a_roster_is_seed_root_and_keys)
{
    static const uint32_t who[] = { 1, 5, 11 };
    sa_roster_msg msg = { .present = 4, .count = 3 }, got;
    sa_reader r, entries;
    const uint8_t *first;
    laid m;

    lay_header(&m, 2);
    msg.graph_seed = lay_bytes(&m, 1, 32);
    msg.root = lay_bytes(&m, 51, 32);
    lay32(&m, 4);
    lay32(&m, 3);
    first = m.bytes + m.len;
    for (uint8_t i = 0; i < 3; i++) {
        lay32(&m, who[i]);
        lay_bytes(&m, (uint8_t)(i * 64), 64);
    }
    lay_end(&m);
    msg.entries = (sa_bytes){ first, 3 * 68 };
    ck_assert_uint_eq(sa_roster_size(params, 3, 0), m.len);
    CHECK_ROOMS(&m, out, write_roster(out, len, &msg));
    r = sa_reader_on(m.bytes + BODY, m.len - BODY);
    ck_assert_int_eq(sa_roster_read(&r, &got, params), SECAGG_OK);
    ck_assert_ptr_eq(got.graph_seed, msg.graph_seed);
    ck_assert_ptr_eq(got.root, msg.root);
    ck_assert_uint_eq(got.present, 4);
    ck_assert_uint_eq(got.count, 3);
    entries = sa_roster_entries(&got);
    for (uint32_t i = 0; i < 3; i++) {
        const sa_roster_entry e = sa_roster_next_entry(&entries, params);
        ck_assert_uint_eq(e.index, who[i]);
        ck_assert_ptr_eq(e.enc, first + 68 * i + 4);
        ck_assert_ptr_eq(e.mask, first + 68 * i + 36);
    }
    check_lengths(&m, 2);
    check_count(&m, 2, BODY + 68);
    check_order(&m, 2, BODY + 72, 68);
    for (uint8_t present = 0; present < 20; present++) {
        m.bytes[BODY + 67] = present; /* 3 entries, 12 clients */
        ck_assert_int_eq(take(m.bytes, m.len, 2),
            present >= 3 && present <= 12 ? SECAGG_OK : SECAGG_ERR_MESSAGE);
    }
}
END_TEST

/* Three pairs of sealed shares, as SHARES and RELAY have them. */
static const uint8_t *lay_pairs(laid *m)
{
    static const uint32_t who[] = { 1, 5, 11 };
    const uint8_t *at;

    lay32(m, 3);
    at = m->bytes + m->len;
    for (uint8_t i = 0; i < 3; i++) {
        lay32(m, who[i]);
        lay_bytes(m, (uint8_t)(i * 80), 96);
    }
    return at;
}

static void check_pairs(const uint8_t *pairs)
{
    static const uint32_t who[] = { 1, 5, 11 };

    for (uint32_t i = 0; i < 3; i++) {
        const sa_share_pair pair = sa_share_pair_get(pairs, i);
        ck_assert_uint_eq(pair.peer, who[i]);
        ck_assert_ptr_eq(pair.sealed[0], pairs + 100 * i + 4);
        ck_assert_ptr_eq(pair.sealed[1], pairs + 100 * i + 52);
    }
}

static void put_pairs(sa_writer *w, const uint8_t *pairs)
{
    for (uint32_t i = 0; i < 3; i++) {
        const sa_share_pair pair = sa_share_pair_get(pairs, i);
        sa_share_pair_put(w, &pair);
    }
}

static secagg_err write_shares(uint8_t *out, size_t len,
    const sa_shares_msg *msg)
{
    sa_writer w = sa_writer_on(out, len);

    sa_shares_write(&w, params, INDEX, msg);
    put_pairs(&w, msg->pairs);
    return sa_writer_end(&w);
}

START_TEST(shares_are_roster_commitment_and_pairs)
{
    sa_shares_msg msg = { .count = 3 }, got;
    sa_reader r;
    laid m;

    lay_header(&m, 3);
    msg.roster = lay_bytes(&m, 1, 32);
    msg.commitment = lay_bytes(&m, 51, 32);
    msg.pairs = lay_pairs(&m);
    lay_end(&m);
    ck_assert_uint_eq(sa_shares_size(3), m.len);
    CHECK_ROOMS(&m, out, write_shares(out, len, &msg));
    r = sa_reader_on(m.bytes + BODY, m.len - BODY);
    ck_assert_int_eq(sa_shares_read(&r, &got, params), SECAGG_OK);
    ck_assert_ptr_eq(got.roster, msg.roster);
    ck_assert_ptr_eq(got.commitment, msg.commitment);
    ck_assert_uint_eq(got.count, 3);
    check_pairs(got.pairs);
    check_lengths(&m, 3);
    check_count(&m, 3, BODY + 64);
    check_order(&m, 3, BODY + 68, 100);
}
END_TEST

static secagg_err write_relay(uint8_t *out, size_t len,
    const sa_relay_msg *msg)
{
    sa_writer w = sa_writer_on(out, len);

    sa_relay_write(&w, params, INDEX, msg);
    put_pairs(&w, msg->pairs);
    return sa_writer_end(&w);
}

/* Bitmaps of 12 clients: any of 12 bits, none of the four above. */
static void check_map(const laid *m, uint8_t type, size_t at)
{
    laid other = *m;

    for (unsigned bits = 0; bits < 65536; bits += bits < 256 ? 1 : 255) {
        other.bytes[at] = (uint8_t)(bits & 255);
        other.bytes[at + 1] = (uint8_t)(bits >> 8);
        ck_assert_int_eq(take(other.bytes, m->len, type),
            bits < 4096 ? SECAGG_OK : SECAGG_ERR_MESSAGE);
    }
}

/* D12. */
START_TEST(a_relay_is_a_bitmap_and_pairs)
{
    sa_relay_msg msg = { .count = 3 }, got;
    sa_reader r;
    laid m;

    lay_header(&m, 4);
    msg.map = lay_bytes(&m, 0x0e, 2);
    msg.pairs = lay_pairs(&m);
    lay_end(&m);
    ck_assert_uint_eq(sa_relay_size(params, 3), m.len);
    CHECK_ROOMS(&m, out, write_relay(out, len, &msg));
    r = sa_reader_on(m.bytes + BODY, m.len - BODY);
    ck_assert_int_eq(sa_relay_read(&r, &got, params), SECAGG_OK);
    ck_assert_ptr_eq(got.map, msg.map);
    ck_assert_uint_eq(got.count, 3);
    check_pairs(got.pairs);
    check_lengths(&m, 4);
    check_count(&m, 4, BODY + 2);
    check_order(&m, 4, BODY + 6, 100);
    check_map(&m, 4, BODY);
}
END_TEST

/* D13: head, then planes that stand there already. */
START_TEST(an_input_is_digest_dealers_and_planes)
{
    static const uint32_t dealers[] = { 1, 5, 11 };
    sa_input_msg got;
    const uint8_t *u2, *planes, *list;
    sa_reader r;
    laid m, head;

    lay_header(&m, 5);
    u2 = lay_bytes(&m, 1, 32);
    lay32(&m, 3);
    list = m.bytes + m.len;
    for (int i = 0; i < 3; i++)
        lay32(&m, dealers[i]);
    head.len = m.len;
    planes = lay_bytes(&m, 200, 6);
    lay_end(&m);
    memcpy(head.bytes, m.bytes, head.len);
    ck_assert_uint_eq(sa_input_head_size(3), head.len);
    ck_assert_uint_eq(sa_input_head_size(0), 84);
    CHECK_ROOMS(&head, out, sa_input_write_head(out, len, params, INDEX, u2,
        list, 3));
    r = sa_reader_on(m.bytes + BODY, m.len - BODY);
    ck_assert_int_eq(sa_input_read(&r, &got, params), SECAGG_OK);
    ck_assert_ptr_eq(got.h_u2, u2);
    ck_assert_ptr_eq(got.planes, planes);
    ck_assert_uint_eq(got.complaint_count, 3);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(sa_complaint_get(got.complaints, i), dealers[i]);
    check_lengths(&m, 5);
    check_count(&m, 5, BODY + 32);
    check_order(&m, 5, BODY + 36, 4);
}
END_TEST

/* D14. */
START_TEST(survivors_are_a_bitmap)
{
    sa_survivors_msg msg, got;
    sa_reader r;
    laid m;

    lay_header(&m, 6);
    msg.map = lay_bytes(&m, 0x0c, 2);
    lay_end(&m);
    ck_assert_uint_eq(sa_survivors_size(params), m.len);
    CHECK_ROOMS(&m, out, sa_survivors_write(out, len, params, INDEX, &msg));
    r = sa_reader_on(m.bytes + BODY, m.len - BODY);
    ck_assert_int_eq(sa_survivors_read(&r, &got, params), SECAGG_OK);
    ck_assert_ptr_eq(got.map, msg.map);
    check_lengths(&m, 6);
    check_map(&m, 6, BODY);
}
END_TEST

static secagg_err write_unmask(uint8_t *out, size_t len,
    const sa_unmask_msg *msg)
{
    sa_writer w = sa_writer_on(out, len);

    sa_unmask_write(&w, params, INDEX, msg);
    for (uint32_t i = 0; i < msg->count; i++) {
        const sa_revealed one = sa_revealed_get(msg, i);
        sa_revealed_put(&w, &one);
    }
    return sa_writer_end(&w);
}

/* D14: kind << 24 | dealer, ascending by dealer, kinds 0 and 1. */
START_TEST(an_unmasking_is_a_share_and_keys)
{
    static const uint32_t words[] = { 0x01000001, 0x00000005, 0x0100000b };
    sa_unmask_msg msg = { .count = 3 }, got;
    sa_reader r;
    laid m;

    lay_header(&m, 9);
    msg.own = lay_bytes(&m, 1, 32);
    lay32(&m, 3);
    msg.list = m.bytes + m.len;
    for (uint8_t i = 0; i < 3; i++) {
        lay32(&m, words[i]);
        lay_bytes(&m, (uint8_t)(60 * i), 32);
    }
    lay_end(&m);
    ck_assert_uint_eq(sa_unmask_size(3), m.len);
    CHECK_ROOMS(&m, out, write_unmask(out, len, &msg));
    r = sa_reader_on(m.bytes + BODY, m.len - BODY);
    ck_assert_int_eq(sa_unmask_read(&r, &got, params), SECAGG_OK);
    ck_assert_ptr_eq(got.own, msg.own);
    ck_assert_uint_eq(got.count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        const sa_revealed one = sa_revealed_get(&got, i);
        ck_assert_uint_eq(one.kind, words[i] >> 24);
        ck_assert_uint_eq(one.dealer, words[i] & 255);
        ck_assert_ptr_eq(one.key, msg.list + 36 * i + 4);
    }
    check_lengths(&m, 9);
    check_count(&m, 9, BODY + 32);
    for (unsigned kind = 0; kind < 256; kind++) {
        m.bytes[BODY + 36 + 72] = (uint8_t)kind;
        ck_assert_int_eq(take(m.bytes, m.len, 9),
            kind < 2 ? SECAGG_OK : SECAGG_ERR_MESSAGE);
    }
}
END_TEST

/* The kind is no part of the order: 1 << 24 | 5 does not come before 4. */
START_TEST(keys_ascend_by_dealer_whatever_their_kind)
{
    static const uint32_t lists[][3] = { { 0x01000005, 4, 0x01000006 },
        { 5, 0x01000005, 6 }, { 1, 5, 0x0100000c }, { 1, 5, 12 },
        { 1, 0x01000001, 2 }, { 1, 5, 0x00ffffff }, { 0x01000000, 1, 11 },
        { 0, 0x01000001, 11 } };
    laid m;

    for (int i = 0; i < 8; i++) {
        lay_header(&m, 9);
        lay_bytes(&m, 0, 32);
        lay32(&m, 3);
        for (int k = 0; k < 3; k++) {
            lay32(&m, lists[i][k]);
            lay_bytes(&m, 0, 32);
        }
        lay_end(&m);
        ck_assert_int_eq(take(m.bytes, m.len, 9),
            i < 6 ? SECAGG_ERR_MESSAGE : SECAGG_OK);
    }
}
END_TEST

/* Section 4: be16 code, be32 blamed. */
START_TEST(an_abort_is_a_code_and_a_client)
{
    const sa_abort_msg msg = { 0x0102, 0xfffffffe };
    sa_abort_msg got;
    sa_reader r;
    laid m;

    for (uint8_t type = 11; type <= 12; type++) {
        lay_header(&m, type);
        lay_bytes(&m, 1, 2);
        lay32(&m, 0xfffffffe);
        lay_end(&m);
        ck_assert_uint_eq(sa_abort_size(), m.len);
        CHECK_ROOMS(&m, out, sa_abort_write(out, len, params, (sa_msg_type)type,
            INDEX, &msg));
        r = sa_reader_on(m.bytes + BODY, m.len - BODY);
        ck_assert_int_eq(sa_abort_read(&r, &got), SECAGG_OK);
        ck_assert_uint_eq(got.code, msg.code);
        ck_assert_uint_eq(got.blamed, msg.blamed);
        check_lengths(&m, type);
    }
}
END_TEST

/* Lists of nobody are lists. */
START_TEST(messages_may_name_nobody)
{
    static const struct { uint8_t type; size_t before, after; } empty[] = {
        { 2, 68, 0 }, { 3, 64, 0 }, { 4, 2, 0 }, { 5, 32, 6 }, { 9, 32, 0 } };
    laid m;

    for (int i = 0; i < 5; i++) {
        lay_header(&m, empty[i].type);
        m.len += empty[i].before;
        lay32(&m, 0);
        m.len += empty[i].after;
        lay_end(&m);
        check_lengths(&m, empty[i].type);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { each_byte_of_a_header_is_looked_at,
        types_go_in_their_direction, a_length_that_lies_is_refused,
        keys_are_context_and_two_points, a_roster_is_seed_root_and_keys,
        shares_are_roster_commitment_and_pairs, a_relay_is_a_bitmap_and_pairs,
        an_input_is_digest_dealers_and_planes, survivors_are_a_bitmap,
        an_unmasking_is_a_share_and_keys,
        keys_ascend_by_dealer_whatever_their_kind,
        an_abort_is_a_code_and_a_client, messages_may_name_nobody };
    const int failed = !session_begins() || RUN(tests);

    sa_params_free(params);
    return failed;
}
