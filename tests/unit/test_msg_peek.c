/* SPDX-License-Identifier: Apache-2.0 */
/* secagg_message_peek: headers that are written by hand, byte by byte, from
 * PROTOCOL.md 8.1, and every message of whole sessions. */
#include <secagg.h>
#include <stdlib.h>
#include <string.h>

#include "support/main.h"
#include "support/party.h"

static const struct {
    uint8_t code;
    bool from_client;
    const char *name;
} types[] = { { 1, true, "KEYS" }, { 2, false, "ROSTER" },
    { 3, true, "SHARES" }, { 4, false, "RELAY" }, { 5, true, "INPUT" },
    { 6, false, "SURVIVORS" }, { 7, true, "CONFIRM" },
    { 8, false, "SIGNATURES" }, { 9, true, "UNMASK" }, { 11, true, "ABORT" },
    { 12, false, "ABORT" }, { 15, true, "INPUT_PART" } };

#define TYPES (sizeof types / sizeof *types)
#define BODY 5

/* A message with a body of five bytes. */
static void by_hand(uint8_t msg[PARTY_HEADER + BODY], uint8_t type,
    uint8_t part)
{
    const uint8_t header[PARTY_HEADER] = { 0, 1, type, 0, 0, 2, 0, 0,
        0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab,
        0xac, 0xad, 0xae, 0xaf, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 0,
        part, 0, 0, 0, 0, 0, 0, 0, BODY };

    memcpy(msg, header, sizeof header);
    memset(msg + PARTY_HEADER, 0xee, BODY);
}

/* Peek at an exact copy. */
static secagg_err peek(const uint8_t *msg, size_t len,
    secagg_message_info *info)
{
    uint8_t *exact = malloc(len > 0 ? len : 1);
    secagg_err err;

    ck_assert_ptr_nonnull(exact);
    memcpy(exact, msg, len);
    *info = (secagg_message_info)SECAGG_MESSAGE_INFO_INIT;
    err = secagg_message_peek(len > 0 ? exact : NULL, len, info);
    free(exact);
    return err;
}

static void check_refused(const uint8_t *msg, size_t len)
{
    secagg_message_info info;

    ck_assert_int_eq(peek(msg, len, &info), SECAGG_ERR_MESSAGE);
    ck_assert_ptr_null(info.name);
    ck_assert_uint_eq(info.type, 0);
    ck_assert_uint_eq(info.index, 0);
}

START_TEST(peek_returns_the_fields_of_every_type)
{
    uint8_t msg[PARTY_HEADER + BODY];
    secagg_message_info info;

    for (size_t i = 0; i < TYPES; i++) {
        const uint8_t part = types[i].code == SECAGG_MESSAGE_INPUT_PART ? 9 : 0;
        by_hand(msg, types[i].code, part);
        ck_assert_int_eq(peek(msg, sizeof msg, &info), SECAGG_OK);
        ck_assert_uint_eq(info.type, types[i].code);
        ck_assert_uint_eq(info.from_client, types[i].from_client);
        ck_assert_str_eq(info.name, types[i].name);
        ck_assert_uint_eq(info.suite, 2);
        ck_assert_mem_eq(info.session, msg + 8, SECAGG_SESSION_BYTES);
        ck_assert_uint_eq(info.round, 0x0102030405060708);
        ck_assert_uint_eq(info.index, 0x090a0b0c);
        ck_assert_uint_eq(info.part, part);
        ck_assert_uint_eq(info.size, sizeof info);
    }
}
END_TEST

START_TEST(peek_refuses_every_reserved_type)
{
    uint8_t msg[PARTY_HEADER + BODY];

    for (int code = 0; code < 256; code++) {
        size_t i = 0;
        while (i < TYPES && types[i].code != code)
            i++;
        by_hand(msg, (uint8_t)code, 0);
        if (i == TYPES)
            check_refused(msg, sizeof msg);
    }
}
END_TEST

/* Version, flags, suite, cell, part of a type without parts, length. */
START_TEST(peek_refuses_other_values_of_fixed_fields)
{
    static const size_t at[] = { 0, 1, 3, 4, 5, 6, 7, 36, 37, 38, 39, 40, 41,
        42, 43, 44, 45, 46, 47 };
    uint8_t msg[PARTY_HEADER + BODY];

    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        for (int bit = 2; bit < 8; bit++) {
            by_hand(msg, SECAGG_MESSAGE_INPUT, 0);
            msg[at[i]] ^= (uint8_t)(1 << bit);
            check_refused(msg, sizeof msg);
        }
}
END_TEST

START_TEST(peek_refuses_every_other_length)
{
    uint8_t msg[PARTY_HEADER + BODY + 20] = { 0 };

    by_hand(msg, SECAGG_MESSAGE_KEYS, 0);
    for (size_t len = 0; len <= sizeof msg; len++)
        if (len != PARTY_HEADER + BODY)
            check_refused(msg, len);
}
END_TEST

START_TEST(peek_refuses_a_struct_of_another_size)
{
    secagg_message_info info = SECAGG_MESSAGE_INFO_INIT, made;
    uint8_t msg[PARTY_HEADER + BODY];

    by_hand(msg, SECAGG_MESSAGE_KEYS, 0);
    memset(&made, 0xff, sizeof made);
    secagg_message_info_init(&made);
    ck_assert_uint_eq(made.size, sizeof made);
    ck_assert_ptr_null(made.name);
    ck_assert_int_eq(secagg_message_peek(msg, sizeof msg, &made), SECAGG_OK);
    info.size--;
    ck_assert_int_eq(secagg_message_peek(msg, sizeof msg, &info),
        SECAGG_ERR_ARG);
    info.size = 0;
    ck_assert_int_eq(secagg_message_peek(msg, sizeof msg, &info),
        SECAGG_ERR_ARG);
    ck_assert_uint_eq(info.type, 0);
}
END_TEST

/* The types of a session, by phase and direction. */
static void check_session(int mode)
{
    static const uint8_t up[] = { 1, 3, 5, 7, 9 };
    static const uint8_t down[2][SECAGG_PHASE_DONE] = { { 0, 2, 4, 0, 6 },
        { 0, 2, 4, 6, 8 } };
    const secagg_params params = params_of_mode(mode, 4, 3, 1);
    transcript *said = party_record(&params, 3);
    secagg_message_info info;
    uint32_t seen = 0;

    for (int way = UP; way <= DOWN; way++)
        for (int phase = 0; phase < SECAGG_PHASE_DONE; phase++)
            for (uint32_t i = 0; i < 4; i++) {
                const uint8_t *msg = said->msg[way][phase][i];
                if (msg == NULL || said->len[way][phase][i] == 0)
                    continue;
                ck_assert_int_eq(peek(msg, said->len[way][phase][i], &info),
                    SECAGG_OK);
                ck_assert_uint_eq(info.type, way == UP ? up[phase]
                    : down[mode == SECAGG_ACTIVE][phase]);
                ck_assert_uint_eq(info.from_client, way == UP);
                ck_assert_uint_eq(info.index, i);
                ck_assert_uint_eq(info.round, params.round);
                ck_assert_mem_eq(info.session, params.session,
                    SECAGG_SESSION_BYTES);
                seen++;
            }
    ck_assert_uint_eq(seen, mode == SECAGG_ACTIVE ? 36 : 28);
    transcript_free(said);
}

START_TEST(peek_reads_every_message_of_a_session)
{
    BOTH_MODES(check_session);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { peek_returns_the_fields_of_every_type,
        peek_refuses_every_reserved_type,
        peek_refuses_other_values_of_fixed_fields,
        peek_refuses_every_other_length,
        peek_refuses_a_struct_of_another_size,
        peek_reads_every_message_of_a_session };
    return RUN(tests);
}
