/* SPDX-License-Identifier: Apache-2.0 */
/* A client that is saved and resumed at any point sends the messages that it
 * would have sent otherwise, bit for bit, and nothing else. Two different
 * inputs under the same masks would reveal their difference. */
#include <sodium.h>
#include <string.h>

#include "support/main.h"
#include "support/parts_driver.h"

#define CLIENTS 6
#define MAX_MESSAGES 64
#define NEVER UINT32_MAX

/* ---- sessions in which clients are resumed ------------------------------- */

/* The messages of a session in which no client is resumed, and the events of
 * the driver at which clients are resumed. */
typedef struct message_log {
    uint8_t digest[CLIENTS][MAX_MESSAGES][32]; /* SHA-256 of each message */
    uint32_t count[CLIENTS]; /* messages when no client was resumed */
    uint32_t next[CLIENTS];
    bool recording;
    bool lazy;          /* no input again after all messages are built */
    uint32_t events;    /* so far */
    uint32_t resume_at; /* event at which its client is resumed */
    bool always;        /* at each event */
} message_log;

/* Record a message, or compare it with the recorded one. */
static void check_message(driver *r, uint32_t i, const uint8_t *msg, size_t len)
{
    message_log *d = r->user;
    uint8_t digest[32];

    crypto_hash_sha256(digest, msg, len);
    ck_assert_uint_lt(d->next[i], MAX_MESSAGES);
    if (d->recording)
        memcpy(d->digest[i][d->next[i]], digest, 32);
    ck_assert_mem_eq(d->digest[i][d->next[i]], digest, 32);
    d->next[i]++;
    if (d->recording)
        d->count[i] = d->next[i];
}

/* Check that the client sends its last message again. */
static void check_repeat(driver *r, uint32_t i)
{
    const message_log *d = r->user;
    uint8_t digest[32];
    size_t len;
    uint8_t *msg = driver_client_send(r->clients[i], &len);

    ck_assert_ptr_nonnull(msg);
    crypto_hash_sha256(digest, msg, len);
    ck_assert_uint_gt(d->next[i], 0);
    ck_assert_mem_eq(digest, d->digest[i][d->next[i] - 1], 32);
    free(msg);
}

/* The input is not in the state: the client sends nothing until it receives the
 * input again, first that of the part built last. */
static void input_again(driver *r, uint32_t i, driver_event now, uint64_t part)
{
    const message_log *d = r->user;
    const uint64_t step = r->part_size > 0 ? r->part_size / 512 : r->blocks;
    const bool made = part * step >= r->blocks;
    const uint8_t *msg = NULL;
    size_t len = 1;

    ck_assert_int_eq(secagg_client_send(r->clients[i], &msg, &len),
        made ? SECAGG_OK : SECAGG_ERR_INPUT_DUE);
    ck_assert_uint_eq(len, !made);
    if (made && d->lazy)
        return;
    if (part > 1) /* the first part includes it */
        ck_assert_int_eq(secagg_client_weight(r->clients[i], weight(i)),
            SECAGG_OK);
    if (part > 0) {
        r->input(r, i, (part - 1) * step, part * step);
        check_repeat(r, i);
    }
    if (now == PART_READY)
        r->input(r, i, part * step, (part + 1) * step);
}

static void resume_sometimes(driver *r, uint32_t i, driver_event now,
    uint64_t part)
{
    message_log *d = r->user;
    secagg_client *old = r->clients[i];

    if (d->events++ != d->resume_at && !d->always)
        return;
    r->clients[i] = driver_copy_client(old);
    ck_assert_int_eq(secagg_client_phase(r->clients[i]),
        secagg_client_phase(old));
    secagg_client_free(old);
    driver_identify(r, r->clients[i], i);
    if (secagg_client_phase(r->clients[i]) == SECAGG_PHASE_INPUT
        && (now == PART_READY || now == SENT))
        input_again(r, i, now, part);
    else if (now == SENT)
        check_repeat(r, i);
}

static void run(const secagg_params *params, uint64_t part_size, message_log *d,
    uint8_t digest[32])
{
    driver r;

    memset(d->next, 0, sizeof d->next);
    d->events = 0;
    mixed_init(&r, params);
    r.part_size = part_size;
    r.user = d;
    r.on_client_msg = check_message;
    r.on_event = resume_sometimes;
    ck_assert_int_eq(driver_run(&r), SECAGG_OK);
    mixed_check(&r);
    mixed_digest(&r, digest);
    for (uint32_t i = 0; i < params->clients; i++)
        ck_assert_uint_eq(d->next[i], d->count[i]);
    driver_free(&r);
}

/* Resume at one of `stride` events, one per session; then at all events. */
static void resume_everywhere(const secagg_params *params, uint64_t part_size,
    bool lazy)
{
    static message_log d;
    const uint32_t stride = getenv("SECAGG_LONG") != NULL ? 1 : 5;
    uint8_t once[32], again[32];
    uint32_t events;

    memset(&d, 0, sizeof d);
    d.recording = true;
    d.resume_at = NEVER;
    run(params, part_size, &d, once);
    d.recording = false;
    d.lazy = lazy;
    events = d.events;
    ck_assert_uint_gt(events, 8 * params->clients);
    for (d.resume_at = 0; d.resume_at < events; d.resume_at += stride) {
        run(params, part_size, &d, again);
        ck_assert_mem_eq(again, once, 32);
    }
    d.always = true;
    run(params, part_size, &d, again);
    ck_assert_mem_eq(again, once, 32);
}

/* A session on the complete graph, on the ring, or in active mode. */
static secagg_params form(int kind)
{
    secagg_params p = mixed_params(1 + (uint32_t)kind % 2);

    if (kind == 1) {
        p.clients = CLIENTS;
        p.neighbours = 4;
    } else if (kind == 2) {
        p.mode = SECAGG_ACTIVE;
        p.threshold = 4;
        p.corrupt = 1;
        p.min_survivors = 3;
    }
    return p;
}

START_TEST(a_resumed_client_sends_the_same_messages)
{
    for (int kind = 0; kind < 3; kind++) {
        const secagg_params params = form(kind);
        resume_everywhere(&params, 0, false);
    }
}
END_TEST

START_TEST(a_client_resumed_between_parts_sends_the_same_parts)
{
    for (int kind = 0; kind < 3; kind++) {
        const secagg_params params = form(kind);
        resume_everywhere(&params, 512 * 5, false);
    }
}
END_TEST

START_TEST(a_client_resumed_after_its_input_needs_no_input_again)
{
    for (int kind = 0; kind < 3; kind++) {
        const secagg_params params = form(kind);
        resume_everywhere(&params, 0, true);
        resume_everywhere(&params, 512 * 11, true);
    }
}
END_TEST

/* ---- another input after a resume --------------------------------------- */

/* Run to INPUT; client 0 sends so many parts, or its whole input. */
static void to_input(driver *r, uint64_t part_size, uint64_t sent)
{
    const secagg_params params = form(0);
    const uint64_t step = part_size > 0 ? part_size / 512 : 1000;

    mixed_init(r, &params);
    r->part_size = part_size;
    driver_run_to(r, SECAGG_PHASE_INPUT);
    if (part_size > 0)
        ck_assert_int_eq(secagg_client_set_part_size(r->clients[0], part_size),
            SECAGG_OK);
    for (uint64_t part = 0; part < sent; part++) {
        size_t len;
        mixed_input(r, 0, part * step, (part + 1) * step);
        free(driver_client_send(r->clients[0], &len));
    }
}

/* Check that the client fails and sends ABORT with STATE. */
static void check_fails_with_state(secagg_client *c)
{
    const uint8_t *msg;
    size_t len;

    ck_assert_int_eq(secagg_client_send(c, &msg, &len), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_phase(c), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_client_error(c), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_send(c, &msg, &len), SECAGG_OK);
    ck_assert_uint_eq(len, PARTY_HEADER + 10);
    ck_assert_uint_eq(msg[PARTY_AT_TYPE], 11);
    ck_assert_uint_eq(msg[PARTY_HEADER + 1], 11);
    ck_assert_int_eq(secagg_client_send(c, &msg, &len), SECAGG_ERR_STATE);
}

/* Pass the input of client 0 again, with another weight, or with the last entry
 * of one segment changed. */
static void input_other(secagg_client *c, size_t segment, uint64_t w)
{
    static uint64_t u64[MAX_LENGTH];

    ck_assert_int_eq(secagg_client_weight(c, w), SECAGG_OK);
    for (size_t s = 0; s < SEGMENTS; s++) {
        const size_t length = (size_t)segments[s].length;
        if (s != segment) {
            input_range(c, 0, s, 0, length);
            continue;
        }
        for (size_t e = 0; e < length; e++)
            u64[e] = integer_entry(0, s, e);
        u64[length - 1] ^= 1;
        ck_assert_int_eq(secagg_client_input_u64(c, s, 0, u64, length),
            SECAGG_OK);
    }
}

START_TEST(a_resumed_client_rejects_another_input)
{
    static const size_t integers[] = { 0, 2, 5, 7, 10 };
    driver r;

    to_input(&r, 0, 1);
    for (size_t k = 0; k < 7; k++) {
        secagg_client *copy = driver_copy_client(r.clients[0]);
        size_t len;
        input_other(copy, k < 5 ? integers[k] : SEGMENTS,
            weight(0) + (k == 5));
        if (k < 6) {
            check_fails_with_state(copy);
        } else {
            free(driver_client_send(copy, &len)); /* the same */
            ck_assert_uint_gt(len, 0);
        }
        secagg_client_free(copy);
    }
    driver_free(&r);
}
END_TEST

/* The same for each part, also if the state was saved after the next part had
 * begun. */
START_TEST(a_resumed_client_rejects_another_part)
{
    for (uint64_t sent = 1; sent <= 3; sent++)
        for (int way = 0; way < 4; way++) {
            secagg_client *copy;
            size_t len;
            driver r;
            to_input(&r, 512 * 5, sent);
            if (way >= 2)
                mixed_input(&r, 0, 5 * sent, 5 * sent + 1);
            copy = driver_copy_client(r.clients[0]);
            if (sent > 1)
                ck_assert_int_eq(secagg_client_weight(copy, weight(0)),
                    SECAGG_OK);
            /* the input of client 0, or that of client 2 */
            secagg_client_free(r.clients[0]);
            r.clients[0] = copy;
            if (way % 2 == 0) {
                mixed_input(&r, 0, 5 * (sent - 1), 5 * sent);
                free(driver_client_send(copy, &len));
                ck_assert_uint_gt(len, 0);
            } else {
                secagg_client *kept = r.clients[2];
                r.clients[2] = copy;
                mixed_input(&r, 2, 5 * (sent - 1), 5 * sent);
                r.clients[2] = kept;
                check_fails_with_state(copy);
            }
            driver_free(&r);
        }
}
END_TEST

/* A client that failed sends its ABORT again after a resume. */
START_TEST(a_failed_client_is_still_failed_after_a_resume)
{
    const secagg_params params = form(0);
    uint8_t *msg, *one, *two;
    size_t len, one_len, two_len;
    secagg_client *copy;
    driver r;

    mixed_init(&r, &params);
    free(driver_client_send(r.clients[0], &len));
    for (uint32_t i = 1; i < 5; i++) {
        msg = driver_client_send(r.clients[i], &len);
        ck_assert_int_eq(secagg_server_recv(r.server, i, msg, len),
            SECAGG_OK);
        free(msg);
    }
    ck_assert_int_eq(secagg_server_advance(r.server), SECAGG_OK);
    msg = party_server_send(r.server, 1, &len);
    msg[PARTY_HEADER + 40] ^= 1;
    ck_assert_int_eq(secagg_client_recv(r.clients[1], msg, len),
        SECAGG_ERR_MESSAGE);
    copy = driver_copy_client(r.clients[1]);
    ck_assert_int_eq(secagg_client_phase(copy), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_client_error(copy), SECAGG_ERR_MESSAGE);
    ck_assert_int_eq(secagg_client_recv(copy, msg, len), SECAGG_ERR_STATE);
    one = driver_client_send(r.clients[1], &one_len);
    two = driver_client_send(copy, &two_len);
    ck_assert_uint_eq(one_len, two_len);
    ck_assert_mem_eq(one, two, one_len);
    ck_assert_int_eq(secagg_client_send(copy, &(const uint8_t *){ NULL },
        &len), SECAGG_ERR_STATE);
    free(one);
    free(two);
    free(msg);
    secagg_client_free(copy);
    driver_free(&r);
}
END_TEST

/* In active mode the state has the trusted keys, and then the identities, but
 * not the signing key, which a resumed client requires before it signs. */
START_TEST(a_resumed_client_requires_its_signing_key_again)
{
    const secagg_params params = form(2);
    secagg_client *copy;
    const uint8_t *out;
    uint8_t *msg;
    size_t len;
    driver r;

    mixed_init(&r, &params);
    ck_assert_int_eq(driver_collect(&r), SECAGG_OK);
    copy = driver_copy_client(r.clients[0]);
    msg = party_server_send(r.server, 0, &len);
    ck_assert_int_eq(secagg_client_recv(copy, msg, len), SECAGG_OK);
    free(msg);
    secagg_client_free(copy);
    driver_deliver(&r);
    driver_run_to(&r, SECAGG_PHASE_CONFIRM);
    copy = driver_copy_client(r.clients[0]);
    ck_assert_int_eq(secagg_client_send(copy, &out, &len), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_phase(copy), SECAGG_PHASE_CONFIRM);
    secagg_client_free(copy);
    ck_assert_int_eq(driver_collect(&r), SECAGG_OK);
    copy = driver_copy_client(r.clients[0]);
    msg = party_server_send(r.server, 0, &len);
    ck_assert_int_eq(secagg_client_recv(copy, msg, len), SECAGG_OK);
    ck_assert_int_eq(secagg_client_phase(copy), SECAGG_PHASE_UNMASK);
    free(msg);
    secagg_client_free(copy);
    driver_free(&r);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_resumed_client_sends_the_same_messages,
        a_client_resumed_between_parts_sends_the_same_parts,
        a_client_resumed_after_its_input_needs_no_input_again,
        a_resumed_client_rejects_another_input,
        a_resumed_client_rejects_another_part,
        a_failed_client_is_still_failed_after_a_resume,
        a_resumed_client_requires_its_signing_key_again };
    return sodium_init() < 0 || RUN(tests);
}
