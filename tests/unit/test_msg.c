/* SPDX-License-Identifier: Apache-2.0 */
/* msg: each message is written byte by byte from PROTOCOL.md 8. The library
 * must write the same bytes, read them, and reject any other length, count,
 * order or bitmap. */
#include "support/main.h"
#include "support/message_fixture.h"

/* ---- the header (PROTOCOL.md 8.1) --------------------------------------- */

START_TEST(a_header_with_any_wrong_byte_is_rejected)
{
    message m;

    put_header(&m, SA_MSG_KEYS);
    put_bytes(&m, 0, 96);
    put_length(&m);
    for (size_t at = 0; at < BODY; at++)
        for (unsigned x = 1; x < 256; x++) {
            message other = m;
            sa_msg_type type = (sa_msg_type)77;
            sa_reader r;
            other.bytes[at] ^= (uint8_t)x;
            if (at == 2)
                continue;
            ck_assert_int_eq(sa_header_read(&r, &type, params, INDEX, true,
                other.bytes, m.len, NULL), SECAGG_ERR_MESSAGE);
            ck_assert_uint_eq(type, 77);
        }
}
END_TEST

/* Types and directions of 8.1; only 15, INPUT_PART, may have a part number. */
START_TEST(each_type_is_accepted_only_in_its_direction)
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
                message m;
                put_header(&m, (uint8_t)code);
                m.bytes[39] = (uint8_t)part;
                ck_assert_int_eq(sa_header_read(&r, &type, params, INDEX,
                    client, m.bytes, m.len, NULL),
                    good ? SECAGG_OK : SECAGG_ERR_MESSAGE);
                ck_assert_uint_eq(type, good ? code : 77);
            }
}
END_TEST

/* A body length of nearly 2^64, and one that is too large by 2^32. */
START_TEST(a_wrong_body_length_is_rejected)
{
    message m;

    put_header(&m, SA_MSG_KEYS);
    put_bytes(&m, 0, 96);
    put_length(&m);
    memset(m.bytes + 40, 0xff, 8);
    ck_assert_int_eq(read_message(m.bytes, m.len, SA_MSG_KEYS),
        SECAGG_ERR_MESSAGE);
    put_length(&m);
    m.bytes[43] = 1; /* 2^32 more */
    ck_assert_int_eq(read_message(m.bytes, m.len, SA_MSG_KEYS),
        SECAGG_ERR_MESSAGE);
    ck_assert_int_eq(read_message(NULL, 0, SA_MSG_KEYS), SECAGG_ERR_MESSAGE);
}
END_TEST

/* ---- the messages ------------------------------------------------------- */

/* 8.2. */
START_TEST(keys_have_a_context_digest_and_two_points)
{
    sa_keys_msg msg, got;
    sa_reader r;
    message m;

    put_header(&m, 1);
    msg.context = put_bytes(&m, 1, 32);
    msg.enc = put_bytes(&m, 51, 32);
    msg.mask = put_bytes(&m, 101, 32);
    put_length(&m);
    ck_assert_uint_eq(sa_keys_size(params, 0), m.len);
    CHECK_CAPACITIES(&m, out, sa_keys_write(out, len, params, INDEX, &msg));
    r = sa_reader_on(m.bytes + BODY, m.len - BODY);
    ck_assert_int_eq(sa_keys_read(&r, &got, params), SECAGG_OK);
    ck_assert_ptr_eq(got.context, msg.context);
    ck_assert_ptr_eq(got.enc, msg.enc);
    ck_assert_ptr_eq(got.mask, msg.mask);
    check_lengths_rejected(&m, 1);
}
END_TEST

/* 8.3. */
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

START_TEST(a_roster_has_a_seed_a_root_and_entries)
{
    static const uint32_t indices[] = { 1, 5, 11 };
    sa_roster_msg msg = { .present = 4, .count = 3 }, got;
    sa_reader r, entries;
    const uint8_t *first;
    message m;

    put_header(&m, 2);
    msg.graph_seed = put_bytes(&m, 1, 32);
    msg.root = put_bytes(&m, 51, 32);
    put_u32(&m, 4);
    put_u32(&m, 3);
    first = m.bytes + m.len;
    for (uint8_t i = 0; i < 3; i++) {
        put_u32(&m, indices[i]);
        put_bytes(&m, (uint8_t)(i * 64), 64);
    }
    put_length(&m);
    msg.entries = (sa_bytes){ first, 3 * 68 };
    ck_assert_uint_eq(sa_roster_size(params, 3, 0), m.len);
    CHECK_CAPACITIES(&m, out, write_roster(out, len, &msg));
    r = sa_reader_on(m.bytes + BODY, m.len - BODY);
    ck_assert_int_eq(sa_roster_read(&r, &got, params), SECAGG_OK);
    ck_assert_ptr_eq(got.graph_seed, msg.graph_seed);
    ck_assert_ptr_eq(got.root, msg.root);
    ck_assert_uint_eq(got.present, 4);
    ck_assert_uint_eq(got.count, 3);
    entries = sa_roster_entries(&got);
    for (uint32_t i = 0; i < 3; i++) {
        const sa_roster_entry e = sa_roster_next_entry(&entries, params);
        ck_assert_uint_eq(e.index, indices[i]);
        ck_assert_ptr_eq(e.enc, first + 68 * i + 4);
        ck_assert_ptr_eq(e.mask, first + 68 * i + 36);
    }
    check_lengths_rejected(&m, 2);
    check_counts_rejected(&m, 2, BODY + 68);
    check_order_required(&m, 2, BODY + 72, 68);
    for (uint8_t present = 0; present < 20; present++) {
        m.bytes[BODY + 67] = present; /* 3 entries, 12 clients */
        ck_assert_int_eq(read_message(m.bytes, m.len, 2),
            present >= 3 && present <= 12 ? SECAGG_OK : SECAGG_ERR_MESSAGE);
    }
}
END_TEST

/* Append three pairs of sealed shares as in SHARES (8.4) and RELAY (8.5). */
static const uint8_t *put_pair_list(message *m)
{
    static const uint32_t indices[] = { 1, 5, 11 };
    const uint8_t *at;

    put_u32(m, 3);
    at = m->bytes + m->len;
    for (uint8_t i = 0; i < 3; i++) {
        put_u32(m, indices[i]);
        put_bytes(m, (uint8_t)(i * 80), 96);
    }
    return at;
}

static void check_pairs(const uint8_t *pairs)
{
    static const uint32_t indices[] = { 1, 5, 11 };

    for (uint32_t i = 0; i < 3; i++) {
        const sa_share_pair pair = sa_share_pair_get(pairs, i);
        ck_assert_uint_eq(pair.peer, indices[i]);
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

START_TEST(shares_have_a_roster_hash_a_commitment_and_pairs)
{
    sa_shares_msg msg = { .count = 3 }, got;
    sa_reader r;
    message m;

    put_header(&m, 3);
    msg.roster = put_bytes(&m, 1, 32);
    msg.commitment = put_bytes(&m, 51, 32);
    msg.pairs = put_pair_list(&m);
    put_length(&m);
    ck_assert_uint_eq(sa_shares_size(3), m.len);
    CHECK_CAPACITIES(&m, out, write_shares(out, len, &msg));
    r = sa_reader_on(m.bytes + BODY, m.len - BODY);
    ck_assert_int_eq(sa_shares_read(&r, &got, params), SECAGG_OK);
    ck_assert_ptr_eq(got.roster, msg.roster);
    ck_assert_ptr_eq(got.commitment, msg.commitment);
    ck_assert_uint_eq(got.count, 3);
    check_pairs(got.pairs);
    check_lengths_rejected(&m, 3);
    check_counts_rejected(&m, 3, BODY + 64);
    check_order_required(&m, 3, BODY + 68, 100);
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

/* Check that a bitmap of 12 clients may have any of 12 bits and no other. */
static void check_bitmaps(const message *m, uint8_t type, size_t at)
{
    message other = *m;

    for (unsigned bits = 0; bits < 65536; bits += bits < 256 ? 1 : 255) {
        other.bytes[at] = (uint8_t)(bits & 255);
        other.bytes[at + 1] = (uint8_t)(bits >> 8);
        ck_assert_int_eq(read_message(other.bytes, m->len, type),
            bits < 4096 ? SECAGG_OK : SECAGG_ERR_MESSAGE);
    }
}

/* 8.5. */
START_TEST(a_relay_has_a_bitmap_and_pairs)
{
    sa_relay_msg msg = { .count = 3 }, got;
    sa_reader r;
    message m;

    put_header(&m, 4);
    msg.map = put_bytes(&m, 0x0e, 2);
    msg.pairs = put_pair_list(&m);
    put_length(&m);
    ck_assert_uint_eq(sa_relay_size(params, 3), m.len);
    CHECK_CAPACITIES(&m, out, write_relay(out, len, &msg));
    r = sa_reader_on(m.bytes + BODY, m.len - BODY);
    ck_assert_int_eq(sa_relay_read(&r, &got, params), SECAGG_OK);
    ck_assert_ptr_eq(got.map, msg.map);
    ck_assert_uint_eq(got.count, 3);
    check_pairs(got.pairs);
    check_lengths_rejected(&m, 4);
    check_counts_rejected(&m, 4, BODY + 2);
    check_order_required(&m, 4, BODY + 6, 100);
    check_bitmaps(&m, 4, BODY);
}
END_TEST

/* 8.6. The library writes the bytes before the planes. */
START_TEST(an_input_has_a_set_digest_complaints_and_planes)
{
    static const uint32_t dealers[] = { 1, 5, 11 };
    sa_input_msg got;
    const uint8_t *set_digest, *planes, *list;
    sa_reader r;
    message m, head;

    put_header(&m, 5);
    set_digest = put_bytes(&m, 1, 32);
    put_u32(&m, 3);
    list = m.bytes + m.len;
    for (int i = 0; i < 3; i++)
        put_u32(&m, dealers[i]);
    head.len = m.len;
    planes = put_bytes(&m, 200, 6);
    put_length(&m);
    memcpy(head.bytes, m.bytes, head.len);
    ck_assert_uint_eq(sa_input_head_size(3), head.len);
    ck_assert_uint_eq(sa_input_head_size(0), 84);
    CHECK_CAPACITIES(&head, out, sa_input_write_head(out, len, params, INDEX,
        set_digest, list, 3));
    r = sa_reader_on(m.bytes + BODY, m.len - BODY);
    ck_assert_int_eq(sa_input_read(&r, &got, params), SECAGG_OK);
    ck_assert_ptr_eq(got.h_u2, set_digest);
    ck_assert_ptr_eq(got.planes, planes);
    ck_assert_uint_eq(got.complaint_count, 3);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(sa_complaint_get(got.complaints, i), dealers[i]);
    check_lengths_rejected(&m, 5);
    check_counts_rejected(&m, 5, BODY + 32);
    check_order_required(&m, 5, BODY + 36, 4);
}
END_TEST

/* 8.8. */
START_TEST(survivors_have_a_bitmap)
{
    sa_survivors_msg msg, got;
    sa_reader r;
    message m;

    put_header(&m, 6);
    msg.map = put_bytes(&m, 0x0c, 2);
    put_length(&m);
    ck_assert_uint_eq(sa_survivors_size(params), m.len);
    CHECK_CAPACITIES(&m, out, sa_survivors_write(out, len, params, INDEX,
        &msg));
    r = sa_reader_on(m.bytes + BODY, m.len - BODY);
    ck_assert_int_eq(sa_survivors_read(&r, &got, params), SECAGG_OK);
    ck_assert_ptr_eq(got.map, msg.map);
    check_lengths_rejected(&m, 6);
    check_bitmaps(&m, 6, BODY);
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

/* 8.11: kind << 24 | dealer, ascending by dealer; the kind is 0 or 1. */
START_TEST(an_unmask_has_a_share_and_keys)
{
    static const uint32_t words[] = { 0x01000001, 0x00000005, 0x0100000b };
    sa_unmask_msg msg = { .count = 3 }, got;
    sa_reader r;
    message m;

    put_header(&m, 9);
    msg.own = put_bytes(&m, 1, 32);
    put_u32(&m, 3);
    msg.list = m.bytes + m.len;
    for (uint8_t i = 0; i < 3; i++) {
        put_u32(&m, words[i]);
        put_bytes(&m, (uint8_t)(60 * i), 32);
    }
    put_length(&m);
    ck_assert_uint_eq(sa_unmask_size(3), m.len);
    CHECK_CAPACITIES(&m, out, write_unmask(out, len, &msg));
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
    check_lengths_rejected(&m, 9);
    check_counts_rejected(&m, 9, BODY + 32);
    for (unsigned kind = 0; kind < 256; kind++) {
        m.bytes[BODY + 36 + 72] = (uint8_t)kind;
        ck_assert_int_eq(read_message(m.bytes, m.len, 9),
            kind < 2 ? SECAGG_OK : SECAGG_ERR_MESSAGE);
    }
}
END_TEST

/* The kind does not count in the order: 1 << 24 | 5 must not precede 4. */
START_TEST(unmask_keys_must_ascend_by_dealer)
{
    static const uint32_t lists[][3] = { { 0x01000005, 4, 0x01000006 },
        { 5, 0x01000005, 6 }, { 1, 5, 0x0100000c }, { 1, 5, 12 },
        { 1, 0x01000001, 2 }, { 1, 5, 0x00ffffff }, { 0x01000000, 1, 11 },
        { 0, 0x01000001, 11 } };
    message m;

    for (int i = 0; i < 8; i++) {
        put_header(&m, 9);
        put_bytes(&m, 0, 32);
        put_u32(&m, 3);
        for (int k = 0; k < 3; k++) {
            put_u32(&m, lists[i][k]);
            put_bytes(&m, 0, 32);
        }
        put_length(&m);
        ck_assert_int_eq(read_message(m.bytes, m.len, 9),
            i < 6 ? SECAGG_ERR_MESSAGE : SECAGG_OK);
    }
}
END_TEST

/* 8.12: be16 code, be32 blamed, be32 count, then so many dealers, which are
 * in the buffer already when the head is written. */
static void check_abort(uint8_t type, uint32_t count)
{
    static const uint32_t dealers[] = { 1, 5, 11 };
    const sa_abort_msg msg = { 0x0102, 0xfffffffe, count, NULL };
    sa_abort_msg got;
    sa_reader r;
    message m, head;

    put_header(&m, type);
    put_bytes(&m, 1, 2);
    put_u32(&m, 0xfffffffe);
    put_u32(&m, count);
    head.len = m.len;
    for (uint32_t i = 0; i < count; i++)
        put_u32(&m, dealers[i]);
    put_length(&m);
    memcpy(head.bytes, m.bytes, head.len);
    ck_assert_uint_eq(sa_abort_head_size(), 58);
    ck_assert_uint_eq(sa_abort_size(count), m.len);
    CHECK_CAPACITIES(&head, out, sa_abort_write_head(out, len, params,
        (sa_msg_type)type, INDEX, &msg));
    r = sa_reader_on(m.bytes + BODY, m.len - BODY);
    ck_assert_int_eq(sa_abort_read(&r, &got, params), SECAGG_OK);
    ck_assert_uint_eq(got.code, msg.code);
    ck_assert_uint_eq(got.blamed, msg.blamed);
    ck_assert_uint_eq(got.complaint_count, count);
    for (uint32_t i = 0; i < count; i++)
        ck_assert_uint_eq(sa_complaint_get(got.complaints, i), dealers[i]);
    check_lengths_rejected(&m, type);
    if (count > 0) {
        check_counts_rejected(&m, type, BODY + 6);
        check_order_required(&m, type, BODY + 10, 4);
    }
}

START_TEST(an_abort_has_a_code_a_client_and_complaints)
{
    for (uint8_t type = 11; type <= 12; type++)
        for (uint32_t count = 0; count <= 3; count += 3)
            check_abort(type, count);
}
END_TEST

/* Lists with a count of 0. */
START_TEST(lists_may_be_empty)
{
    static const struct { uint8_t type; size_t before, after; } empty[] = {
        { 2, 68, 0 }, { 3, 64, 0 }, { 4, 2, 0 }, { 5, 32, 6 }, { 9, 32, 0 } };
    message m;

    for (int i = 0; i < 5; i++) {
        put_header(&m, empty[i].type);
        m.len += empty[i].before;
        put_u32(&m, 0);
        m.len += empty[i].after;
        put_length(&m);
        check_lengths_rejected(&m, empty[i].type);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_header_with_any_wrong_byte_is_rejected,
        each_type_is_accepted_only_in_its_direction,
        a_wrong_body_length_is_rejected,
        keys_have_a_context_digest_and_two_points,
        a_roster_has_a_seed_a_root_and_entries,
        shares_have_a_roster_hash_a_commitment_and_pairs,
        a_relay_has_a_bitmap_and_pairs,
        an_input_has_a_set_digest_complaints_and_planes,
        survivors_have_a_bitmap, an_unmask_has_a_share_and_keys,
        unmask_keys_must_ascend_by_dealer,
        an_abort_has_a_code_a_client_and_complaints, lists_may_be_empty };
    const int failed = !params_init() || RUN(tests);

    sa_params_free(params);
    return failed;
}
