/* SPDX-License-Identifier: Apache-2.0 */
/* message_fixture: messages of client 5 of twelve, written byte by byte from
 * PROTOCOL.md 8, and checks that hold for every type of message. Messages are
 * read from exact allocations, so that a sanitizer reports a read past the
 * end. */
#ifndef MESSAGE_FIXTURE_H
#define MESSAGE_FIXTURE_H

#include "message/msg_abort.h"
#include "message/msg_confirm.h"
#include "message/msg_input.h"
#include "message/msg_keys.h"
#include "message/msg_part.h"
#include "message/msg_relay.h"
#include "message/msg_roster.h"
#include "message/msg_signatures.h"
#include "message/msg_survivors.h"
#include "message/msg_unmask.h"
#include "support/oracle.h"
#include "support/params_fixture.h"
#include "support/util.h"

#define INDEX 5
#define MAX_BYTES 1024
#define BODY SA_HEADER_BYTES

/* ---- parameters and messages -------------------------------------------- */

static sa_params *params;

/* Create `params`; returns whether that worked. */
static inline bool params_init(void)
{
    fixture w = valid_params();

    for (int i = 0; i < 16; i++)
        w.p.session[i] = (uint8_t)(0xa0 + i);
    w.p.round = 0x1112131415161718;
    w.p.suite = 2;
    w.s[0] = (secagg_segment){ .length = 9, .bits = 3 }; /* 6 bytes */
    w.p.segments = w.s;
    return sa_params_new(&params, &w.p) == SECAGG_OK && params->vector == 6;
}

typedef struct message {
    uint8_t bytes[MAX_BYTES];
    size_t len;
} message;

static inline void put_u32(message *m, uint32_t x)
{
    for (int i = 24; i >= 0; i -= 8)
        m->bytes[m->len++] = (uint8_t)(x >> i & 255);
}

/* Append the bytes first, first + 1, ...; returns where they begin. */
static inline const uint8_t *put_bytes(message *m, uint8_t first, size_t count)
{
    const uint8_t *at = m->bytes + m->len;

    for (size_t i = 0; i < count; i++)
        m->bytes[m->len++] = (uint8_t)(first + i);
    return at;
}

/* Begin a message with its header (PROTOCOL.md 8.1): version, type, flags,
 * suite, cell, session, round, index, part, and a body length of 0, which
 * put_length() replaces. */
static inline void put_header(message *m, uint8_t type)
{
    memset(m, 0, sizeof *m);
    m->len = unhex(m->bytes, "0001 00 00 0002 0000"
        "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 1112131415161718 00000005 00000000"
        "0000000000000000");
    ck_assert_uint_eq(m->len, 48);
    m->bytes[2] = type;
}

static inline void put_length(message *m)
{
    const size_t body = m->len - 48;

    m->bytes[46] = (uint8_t)(body >> 8);
    m->bytes[47] = (uint8_t)(body & 255);
}

/* ---- reading ------------------------------------------------------------ */

static inline secagg_err read_body(sa_reader *r, sa_msg_type type)
{
    sa_keys_msg keys;
    sa_roster_msg roster;
    sa_shares_msg shares;
    sa_relay_msg relay;
    sa_input_msg input;
    sa_part_msg part;
    sa_survivors_msg survivors;
    sa_confirm_msg confirm;
    sa_signatures_msg signatures;
    sa_unmask_msg unmask;
    sa_abort_msg abort;

    switch (type) {
    case SA_MSG_KEYS: return sa_keys_read(r, &keys, params);
    case SA_MSG_ROSTER: return sa_roster_read(r, &roster, params);
    case SA_MSG_SHARES: return sa_shares_read(r, &shares, params);
    case SA_MSG_RELAY: return sa_relay_read(r, &relay, params);
    case SA_MSG_INPUT: return sa_input_read(r, &input, params);
    case SA_MSG_INPUT_PART: return sa_part_read(r, &part, params, 0);
    case SA_MSG_SURVIVORS: return sa_survivors_read(r, &survivors, params);
    case SA_MSG_CONFIRM: return sa_confirm_read(r, &confirm);
    case SA_MSG_SIGNATURES: return sa_signatures_read(r, &signatures, params);
    case SA_MSG_UNMASK: return sa_unmask_read(r, &unmask, params);
    case SA_MSG_ABORT_CLIENT:
    case SA_MSG_ABORT_SERVER: return sa_abort_read(r, &abort, params);
    case SA_MSG_RESULT: break;
    }
    return SECAGG_ERR_MESSAGE;
}

static inline bool from_client(uint8_t type)
{
    return type % 2 == 1;
}

/* Read a message of type `want` as its receiver does. */
static inline secagg_err read_message(const uint8_t *bytes, size_t len,
    uint8_t want)
{
    uint8_t *in = exact_copy(bytes, len);
    sa_msg_type type = (sa_msg_type)0;
    sa_reader r;
    secagg_err err = sa_header_read(&r, &type, params, INDEX,
        from_client(want), in, len, NULL);

    if (err == SECAGG_OK) {
        ck_assert_uint_eq(type, want);
        ck_assert_ptr_eq(r.at, in + BODY);
        ck_assert_uint_eq(r.left, len - BODY);
        err = read_body(&r, type);
    } else {
        ck_assert_uint_eq(type, 0);
    }
    free(in);
    return err;
}

/* Check that a message is accepted, and rejected with MESSAGE at every other
 * length, whether or not the header has that length. */
static inline void check_lengths_rejected(const message *m, uint8_t type)
{
    message other = *m;

    ck_assert_int_eq(read_message(m->bytes, m->len, type), SECAGG_OK);
    for (size_t len = 0; len < m->len + 3; len++) {
        if (len == m->len)
            continue;
        ck_assert_int_eq(read_message(m->bytes, len, type), SECAGG_ERR_MESSAGE);
        if (len < BODY)
            continue;
        other.len = len;
        put_length(&other);
        ck_assert_int_eq(read_message(other.bytes, len, type),
            SECAGG_ERR_MESSAGE);
    }
}

/* Check that a message with a false count at `at` is rejected, among them
 * counts whose product with the size of an entry wraps. */
static inline void check_counts_rejected(const message *m, uint8_t type,
    size_t at)
{
    static const uint32_t counts[] = { 0xffffffff, 0x80000000, 0x28f5c290,
        0x0c30c30d, 0x071c71c8, 0x40000001, 0xfffffffe };
    message other = *m;

    for (int i = 0; i < 7; i++) {
        other.len = at;
        put_u32(&other, counts[i]);
        ck_assert_int_eq(read_message(other.bytes, m->len, type),
            SECAGG_ERR_MESSAGE);
    }
    for (int step = -1; step <= 1; step += 2) {
        other = *m;
        other.bytes[at + 3] = (uint8_t)(other.bytes[at + 3] + step);
        ck_assert_int_eq(read_message(other.bytes, m->len, type),
            SECAGG_ERR_MESSAGE);
    }
}

/* The message has the indices 1, 5, 11 at `at`, at + step and at + 2 step.
 * Check that it is rejected with a list that does not ascend strictly or has an
 * index that no client has, and accepted with other ascending lists. */
static inline void check_order_required(const message *m, uint8_t type,
    size_t at, size_t step)
{
    static const uint32_t wrong[][3] = { { 5, 1, 11 }, { 1, 11, 5 },
        { 1, 1, 11 }, { 1, 11, 11 }, { 1, 5, 12 }, { 12, 13, 14 },
        { 1, 5, 0x01000000 }, { 1, 5, 0xffffffff }, { 0xffffffff, 0, 1 },
        { 0, 0, 0 } };
    static const uint32_t good[][3] = { { 0, 1, 2 }, { 9, 10, 11 } };

    for (int i = 0; i < 12; i++) {
        const uint32_t *list = i < 10 ? wrong[i] : good[i - 10];
        message other = *m;
        for (size_t k = 0; k < 3; k++) {
            other.len = at + step * k;
            put_u32(&other, list[k]);
        }
        ck_assert_int_eq(read_message(other.bytes, m->len, type),
            i < 10 ? SECAGG_ERR_MESSAGE : SECAGG_OK);
    }
}

/* Check that a writer call fills a buffer of the exact size and returns SIZE
 * for every smaller one and for one that is a byte larger. */
#define CHECK_CAPACITIES(m, out, call)                                        \
    do {                                                                      \
        for (size_t len = 0; len <= (m)->len + 1; len++) {                    \
            uint8_t *out = guarded_alloc(len);                                \
            ck_assert_int_eq(call, len == (m)->len ? SECAGG_OK                \
                                                   : SECAGG_ERR_SIZE);        \
            if (len == (m)->len)                                              \
                ck_assert_mem_eq(out, (m)->bytes, len);                       \
            guarded_free(out, len);                                           \
        }                                                                     \
    } while (0)

#endif
