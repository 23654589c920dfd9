/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/party.h"

#define MAX_LENGTH 700

void fuzz_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: check failed: %s\n", file, line, what);
    abort();
}

/* The ck_assert macros in tests/support call these functions, which replace
 * those of Check: outside a test runner of Check even a true assertion would
 * end the process. */
void _mark_point(const char *file, int line);
_Noreturn void _ck_assert_failed(const char *file, int line,
    const char *what, ...);

void _mark_point(const char *file, int line)
{
    (void)file;
    (void)line;
}

void _ck_assert_failed(const char *file, int line, const char *what, ...)
{
    fuzz_failed(what, file, line);
}

/* ---- the tape ----------------------------------------------------------- */

uint8_t tape_byte(tape *t)
{
    if (t->left == 0)
        return 0;
    t->left--;
    return *t->at++;
}

size_t tape_below(tape *t, size_t end)
{
    const size_t high = tape_byte(t);
    const size_t x = high << 8 | tape_byte(t);

    return end > 0 ? x % end : 0;
}

/* ---- the session -------------------------------------------------------- */

/* Two share a lane, of two blocks. The one between them is a lane before it. */
static const secagg_segment segments[] = { { .length = MAX_LENGTH,
    .bits = PARTY_BITS }, { .length = 30, .bits = 5 }, { .length = 40,
    .bits = PARTY_BITS } };

static secagg_params params_of(int kind)
{
    secagg_params params = small_params(4, 3, 1);

    if (kind == 1)
        params = active_params(4, 3, 1);
    if (kind == 2) {
        params = small_params(FUZZ_MAX_CLIENTS, 3, 0);
        params.neighbours = 4;
        params.min_survivors = 6;
    }
    if (kind == 3) {
        params.segments = segments;
        params.segment_count = 3;
        params.suite = SECAGG_SUITE_CHACHA;
    }
    return params;
}

void fuzz_init(fuzz_session *p, const uint8_t *input, size_t len)
{
    secagg_params params;
    int kind;

    memset(p, 0, sizeof *p);
    p->tape = (tape){ input, len < FUZZ_INPUT ? len : FUZZ_INPUT };
    kind = tape_byte(&p->tape) % FUZZ_KINDS;
    params = params_of(kind);
    driver_init(&p->r, &params, FUZZ_SEED);
    p->r.part_size = kind == 3 ? 512 : 0;
    for (uint32_t i = 0; i < params.clients && p->r.part_size > 0; i++)
        CHECK(secagg_client_set_part_size(p->r.clients[i], p->r.part_size)
            == SECAGG_OK);
}

void fuzz_free(fuzz_session *p)
{
    driver_free(&p->r);
}

/* ---- headers ------------------------------------------------------------ */

static uint64_t number_at(const uint8_t *msg, size_t at, size_t len)
{
    uint64_t x = 0;

    for (size_t i = 0; i < len; i++)
        x = x << 8 | msg[at + i];
    return x;
}

void fuzz_peek(const uint8_t *msg, size_t len, uint32_t index,
    bool from_client, bool accepted)
{
    secagg_message_info info = SECAGG_MESSAGE_INFO_INIT;
    const secagg_err err = secagg_message_peek(msg, len, &info);

    CHECK(err == SECAGG_OK || err == SECAGG_ERR_MESSAGE);
    CHECK(err == SECAGG_OK || !accepted);
    if (err != SECAGG_OK) {
        CHECK(info.name == NULL && info.type == 0 && info.index == 0);
        return;
    }
    CHECK(len >= PARTY_HEADER && number_at(msg, 0, 2) == 1);
    CHECK(number_at(msg, PARTY_AT_LENGTH, 8) == len - PARTY_HEADER);
    CHECK(info.type == msg[PARTY_AT_TYPE]);
    CHECK(info.from_client == info.type % 2);
    CHECK(info.index == number_at(msg, PARTY_AT_INDEX, 4));
    CHECK(info.name[0] >= 'A' && info.name[0] <= 'Z');
    CHECK(!accepted
        || (info.index == index && info.from_client == from_client));
}

/* ---- input and sum ------------------------------------------------------ */

static uint64_t entry(uint32_t i, size_t s, uint64_t e)
{
    return party_entry(i, s * 4096 + e);
}

static uint64_t mask_of(const fuzz_session *p, size_t s)
{
    return UINT64_MAX >> (64 - p->r.params.segments[s].bits);
}

/* Pass entries [from, to) of a segment to a client. */
static secagg_err input_piece(const fuzz_session *p, secagg_client *c,
    uint32_t i, size_t s, uint64_t from, uint64_t to)
{
    uint64_t values[512];

    for (uint64_t e = from; e < to; e++)
        values[e - from] = entry(i, s, e) & mask_of(p, s);
    return secagg_client_input_u64(c, s, from, values, (size_t)(to - from));
}

/* Pass block b of the full vector: the whole of segment 1, then 512 entries of
 * segment 0, then the rest of it and segment 2. The other kinds of sessions
 * have one segment of one block. */
static secagg_err input_block(const fuzz_session *p, secagg_client *c,
    uint32_t i, uint64_t b)
{
    secagg_err err;

    if (p->r.params.segment_count == 1)
        return input_piece(p, c, i, 0, 0, p->r.params.segments[0].length);
    if (b == 0)
        return input_piece(p, c, i, 1, 0, segments[1].length);
    if (b == 1)
        return input_piece(p, c, i, 0, 0, 512);
    err = input_piece(p, c, i, 0, 512, MAX_LENGTH);
    return err != SECAGG_OK ? err
        : input_piece(p, c, i, 2, 0, segments[2].length);
}

uint8_t *fuzz_client_send(const fuzz_session *p, secagg_client *c, uint32_t i,
    uint64_t *given, size_t *len)
{
    while (*given < p->r.blocks
        && input_block(p, c, i, *given) == SECAGG_OK)
        ++*given;
    return party_client_send(c, len);
}

static void check_segment(const fuzz_session *p, size_t s)
{
    const size_t length = (size_t)p->r.params.segments[s].length;
    uint64_t sum[MAX_LENGTH];

    CHECK(secagg_server_sum_u64(p->r.server, s, 0, sum, length) == SECAGG_OK);
    for (uint32_t i = 0; i < p->r.params.clients; i++)
        for (size_t e = 0; e < length && secagg_server_includes(p->r.server, i);
             e++)
            sum[e] -= entry(i, s, e);
    for (size_t e = 0; e < length; e++)
        CHECK((sum[e] & mask_of(p, s)) == 0);
}

void fuzz_check_sum(const fuzz_session *p)
{
    uint32_t count = 0;

    CHECK(secagg_server_phase(p->r.server) == SECAGG_PHASE_DONE);
    for (uint32_t i = 0; i < p->r.params.clients; i++)
        count += secagg_server_includes(p->r.server, i);
    CHECK(secagg_server_survivors(p->r.server) == count);
    CHECK(count >= p->r.params.min_survivors);
    for (size_t s = 0; s < p->r.params.segment_count; s++)
        check_segment(p, s);
}

/* ---- changed messages --------------------------------------------------- */

/* A message that is changed; longer ones are cut to this capacity. */
typedef struct buffer {
    uint8_t bytes[1 << 15];
    size_t len;
} buffer;

static void resize(buffer *c, size_t len)
{
    if (len > sizeof c->bytes)
        len = sizeof c->bytes;
    if (len > c->len)
        memset(c->bytes + c->len, 0, len - c->len);
    c->len = len;
}

static void remove_bytes(buffer *c, size_t at, size_t count)
{
    if (count > c->len - at)
        count = c->len - at;
    memmove(c->bytes + at, c->bytes + at + count, c->len - at - count);
    c->len -= count;
}

static void insert(buffer *c, size_t at, size_t count, tape *t)
{
    const size_t old = c->len;

    resize(c, c->len + count);
    count = c->len - old;
    memmove(c->bytes + at + count, c->bytes + at, old - at);
    for (size_t i = 0; i < count; i++)
        c->bytes[at + i] = tape_byte(t);
}

static void splice(buffer *c, size_t at, const uint8_t *other, size_t other_len,
    tape *t)
{
    const size_t from = tape_below(t, other_len);
    size_t count = tape_byte(t);

    if (count > c->len - at)
        count = c->len - at;
    if (count > other_len - from)
        count = other_len - from;
    if (count > 0)
        memcpy(c->bytes + at, other + from, count);
}

/* Set the length in the header to that of the message. */
static void fix_length(buffer *c)
{
    for (int i = 0; i < 8 && c->len >= PARTY_HEADER; i++)
        c->bytes[PARTY_AT_LENGTH + i] =
            (uint8_t)((uint64_t)(c->len - PARTY_HEADER) >> (56 - 8 * i));
}

static void mutate(buffer *c, tape *t, const uint8_t *other, size_t other_len)
{
    const uint8_t how = tape_byte(t);
    const size_t at = tape_below(t, c->len);

    switch (how % 6) {
    case 0: /* flip bits of a byte */
        if (c->len > 0)
            c->bytes[at] ^= tape_byte(t);
        break;
    case 1: /* write a small 32-bit number */
        for (size_t i = 0; i < 4 && at + i < c->len; i++)
            c->bytes[at + i] = i < 3 ? 0 : tape_byte(t);
        break;
    case 2: resize(c, at); break;
    case 3: insert(c, c->len, tape_byte(t), t); break;
    case 4: splice(c, at, other, other_len, t); break;
    default: /* remove or insert bytes */
        if (how & 0x40)
            remove_bytes(c, at, tape_byte(t));
        else
            insert(c, at, tape_byte(t), t);
    }
    if (how & 0x80)
        fix_length(c);
}

static uint8_t *exact_copy(const buffer *c, size_t *len)
{
    uint8_t *out = malloc(c->len > 0 ? c->len : 1);

    CHECK(out != NULL);
    memcpy(out, c->bytes, c->len);
    *len = c->len;
    return out;
}

uint8_t *fuzz_mutate(tape *t, const uint8_t *msg, size_t len,
    const uint8_t *other, size_t other_len, size_t *out_len)
{
    int times = 1 + tape_byte(t) % 3;
    buffer c;

    CHECK(len <= sizeof c.bytes);
    c.len = len;
    memcpy(c.bytes, msg, len);
    while (times-- > 0)
        mutate(&c, t, other, other_len);
    return exact_copy(&c, out_len);
}

uint8_t *fuzz_forge(tape *t, const uint8_t *header, uint32_t index,
    size_t *len)
{
    buffer c = { .len = PARTY_HEADER };

    memcpy(c.bytes, header, PARTY_HEADER);
    c.bytes[PARTY_AT_TYPE] = tape_byte(t);
    for (int i = 0; i < 4; i++)
        c.bytes[PARTY_AT_INDEX + i] = (uint8_t)(index >> (24 - 8 * i));
    insert(&c, c.len, tape_byte(t), t);
    fix_length(&c);
    return exact_copy(&c, len);
}
