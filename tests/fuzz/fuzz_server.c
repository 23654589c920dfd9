/* SPDX-License-Identifier: Apache-2.0 */
/* A server with clients whose messages the tape changes. A message that the
 * server rejects changes nothing, one that it accepts affects only its sender,
 * and the sum is exact unless a sender changed its own input. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "support/party.h"
#include "support/refusals.h"

#define ABORT_TYPE 11
#define OLD_MSGS 16

/* All that the public getters of the server return. */
typedef struct state {
    uint32_t phase, pending, error, blame_count, included, answered;
} state;

typedef struct context {
    fuzz_session p;
    uint32_t n; /* clients */
    /* By client: its next message, or NULL. */
    uint8_t *due[FUZZ_MAX_CLIENTS];
    size_t due_len[FUZZ_MAX_CLIENTS];
    /* Whether the server accepted a message that the client did not send, or a
     * false input; and whether a phase was closed without its message. */
    bool changed[FUZZ_MAX_CLIENTS];
    bool false_input[FUZZ_MAX_CLIENTS];
    bool dropped_out[FUZZ_MAX_CLIENTS];
    uint64_t given[FUZZ_MAX_CLIENTS]; /* blocks of its input */
    /* Accepted messages. */
    uint8_t *old[OLD_MSGS];
    size_t old_len[OLD_MSGS];
    uint32_t old_count;
} context;

static bool blamed(const context *s, uint32_t k, uint32_t *index,
    secagg_err *what)
{
    return secagg_server_blamed(s->p.r.server, k, index, what) == SECAGG_OK;
}

static state state_of(const context *s)
{
    const secagg_server *server = s->p.r.server;
    state now = { (uint32_t)secagg_server_phase(server),
        secagg_server_pending(server),
        (uint32_t)-secagg_server_error(server, NULL, 0), 0, 0, 0 };
    secagg_err what;
    uint32_t index;

    while (blamed(s, now.blame_count, &index, &what))
        now.blame_count++;
    for (uint32_t i = 0; i < s->n; i++) {
        now.included |= (uint32_t)secagg_server_includes(server, i) << i;
        now.answered |= (uint32_t)secagg_server_answered(server, i) << i;
    }
    return now;
}

/* Whether messages of any client, or of more than `corrupt` clients, were
 * changed. */
static bool any_changed(const context *s, bool beyond_corrupt)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->n; i++)
        count += s->changed[i];
    return count > (beyond_corrupt ? s->p.r.params.corrupt : 0);
}

/* ---- messages ----------------------------------------------------------- */

static void fetch_due(context *s, uint32_t i)
{
    if (s->due[i] == NULL)
        s->due[i] = fuzz_client_send(&s->p, s->p.r.clients[i], i, &s->given[i],
            &s->due_len[i]);
}

static void free_due(context *s, uint32_t i)
{
    free(s->due[i]);
    s->due[i] = NULL;
}

static void keep_msg(context *s, const uint8_t *msg, size_t len)
{
    const uint32_t slot = s->old_count++ % OLD_MSGS;

    free(s->old[slot]);
    s->old[slot] = malloc(len);
    CHECK(s->old[slot] != NULL);
    memcpy(s->old[slot], msg, len);
    s->old_len[slot] = len;
}

/* Whether the planes at the end of an INPUT are not those of the client; for
 * parts always true. */
static bool is_false_input(const context *s, uint32_t i, const uint8_t *msg,
    size_t len)
{
    const size_t planes = PARTY_BITS * ((PARTY_LENGTH + 7) / 8);

    return s->due[i] == NULL || s->p.r.part_size > 0 || len < planes
        || s->due_len[i] < planes
        || memcmp(msg + len - planes, s->due[i] + s->due_len[i] - planes,
               planes) != 0;
}

/* An accepted message has the header of the client's own message, except for
 * the length, and the number of a part: the server may still wait for an
 * earlier one. It has the same digest of the parameters, the roster or U2. */
static void check_bound(const context *s, uint32_t i, const uint8_t *msg,
    size_t len)
{
    const uint8_t *due = s->due[i];
    size_t same = PARTY_AT_LENGTH;

    CHECK(len >= PARTY_HEADER);
    if (msg[PARTY_AT_TYPE] == SECAGG_MESSAGE_INPUT_PART)
        same = PARTY_AT_PART;
    if (due == NULL || msg[PARTY_AT_TYPE] != due[PARTY_AT_TYPE]
        || due[PARTY_AT_TYPE] == ABORT_TYPE)
        return;
    CHECK(memcmp(msg, due, same) == 0);
    CHECK(secagg_server_phase(s->p.r.server) > SECAGG_PHASE_INPUT
        || memcmp(msg + PARTY_HEADER, due + PARTY_HEADER, 32) == 0);
}

/* The server accepted a message of client i. */
static void record(context *s, uint32_t i, const uint8_t *msg, size_t len)
{
    const bool own = s->due[i] != NULL && len == s->due_len[i]
        && memcmp(msg, s->due[i], len) == 0;

    check_bound(s, i, msg, len);
    if (!own) {
        s->changed[i] = true;
        if (secagg_server_phase(s->p.r.server) == SECAGG_PHASE_INPUT
            && msg[PARTY_AT_TYPE] != ABORT_TYPE)
            s->false_input[i] |= is_false_input(s, i, msg, len);
    }
    keep_msg(s, msg, len);
    free_due(s, i);
}

static secagg_err server_recv(context *s, uint32_t i, const uint8_t *msg,
    size_t len)
{
    const state before = state_of(s);
    const secagg_err err = secagg_server_recv(s->p.r.server, i, msg, len);
    const state after = state_of(s);
    const char *fault = refusal_fault_of_server(s->p.r.server, i, err);

    if (fault != NULL)
        fuzz_failed(fault, __FILE__, __LINE__);
    fuzz_peek(msg, len, i, true, err == SECAGG_OK);

    CHECK(err == SECAGG_OK || err == SECAGG_ERR_ARG || err == SECAGG_ERR_STATE
        || err == SECAGG_ERR_MESSAGE || err == SECAGG_ERR_AUTH
        || err == SECAGG_ERR_REPEAT);
    if (err != SECAGG_OK) {
        CHECK(memcmp(&before, &after, sizeof before) == 0);
        return err;
    }
    CHECK(after.phase == before.phase && after.error == before.error);
    CHECK(after.blame_count >= before.blame_count);
    CHECK((after.answered & before.answered) == before.answered
        || msg[PARTY_AT_TYPE] == ABORT_TYPE);
    CHECK((after.included & ~before.included) == 0);
    CHECK(((after.included ^ before.included) & ~(1u << i)) == 0);
    record(s, i, msg, len);
    return err;
}

/* The server accepts a client's own message, whatever the other clients do,
 * except for keys that another client sent before. */
static void send_due(context *s, uint32_t i)
{
    const state now = state_of(s);
    const bool awaited = !s->dropped_out[i]
        && (now.included & ~now.answered) >> i & 1;
    secagg_err err;

    fetch_due(s, i);
    if (s->due[i] == NULL)
        return;
    err = server_recv(s, i, s->due[i], s->due_len[i]);
    CHECK(err == SECAGG_OK || !awaited || s->changed[i]
        || now.phase >= SECAGG_PHASE_DONE
        || (now.phase == SECAGG_PHASE_KEYS && any_changed(s, false)));
}

/* ---- the end of a phase ------------------------------------------------- */

/* An honest client does not fail on a message of the honest server, unless too
 * few clients are left, or the message says that it is out. */
static void deliver(context *s, uint32_t i)
{
    const bool free_to_fail = s->changed[i]
        || secagg_server_phase(s->p.r.server) == SECAGG_PHASE_FAILED
        || secagg_client_phase(s->p.r.clients[i]) == SECAGG_PHASE_FAILED;
    size_t len, again_len;
    uint8_t *msg = party_server_send(s->p.r.server, i, &len);
    uint8_t *again = party_server_send(s->p.r.server, i, &again_len);
    secagg_err err;

    CHECK(len == again_len && (len == 0 || memcmp(msg, again, len) == 0));
    if (len > 0) {
        err = secagg_client_recv(s->p.r.clients[i], msg, len);
        CHECK(err == SECAGG_OK || err == SECAGG_ERR_THRESHOLD
            || (err == SECAGG_ERR_STATE && s->dropped_out[i])
            || free_to_fail);
    }
    free(msg);
    free(again);
}

static void check_blames(const context *s)
{
    secagg_err what;
    uint32_t index;

    for (uint32_t k = 0; blamed(s, k, &index, &what); k++) {
        CHECK(index < s->n);
        CHECK(what == SECAGG_ERR_CHEAT || what == SECAGG_ERR_AUTH);
        CHECK(s->changed[index]
            || (what == SECAGG_ERR_AUTH && any_changed(s, true)));
    }
}

static void check_end(const context *s)
{
    const secagg_server *server = s->p.r.server;
    uint64_t sum[1];

    check_blames(s);
    CHECK(secagg_server_pending(server) == 0);
    if (secagg_server_phase(server) == SECAGG_PHASE_FAILED) {
        CHECK(secagg_server_error(server, NULL, 0) != SECAGG_OK);
        CHECK(secagg_server_sum_u64(server, 0, 0, sum, 1)
            == SECAGG_ERR_STATE);
        return;
    }
    for (uint32_t i = 0; i < s->n; i++)
        if (secagg_server_includes(server, i) && s->false_input[i])
            return;
    fuzz_check_sum(&s->p);
}

static void end_phase(context *s)
{
    const secagg_phase before = secagg_server_phase(s->p.r.server);
    const uint32_t answered = state_of(s).answered;
    const secagg_err err = secagg_server_advance(s->p.r.server);
    const secagg_phase after = secagg_server_phase(s->p.r.server);

    if (before >= SECAGG_PHASE_DONE) {
        CHECK(err == SECAGG_ERR_STATE && after == before);
        return;
    }
    CHECK(after > before);
    CHECK((err == SECAGG_OK) == (after != SECAGG_PHASE_FAILED));
    CHECK(err == SECAGG_OK || err == SECAGG_ERR_THRESHOLD
        || err == SECAGG_ERR_CHEAT);
    CHECK(err != SECAGG_ERR_CHEAT || any_changed(s, false));
    for (uint32_t i = 0; i < s->n; i++) {
        s->dropped_out[i] |= !(answered >> i & 1);
        free_due(s, i);
    }
    if (after >= SECAGG_PHASE_DONE)
        check_end(s);
    for (uint32_t i = 0; i < s->n; i++)
        deliver(s, i);
}

/* ---- operations --------------------------------------------------------- */

static void send_all(context *s, unsigned silent)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (!(silent >> i & 1))
            send_due(s, i);
}

/* The message of client i, changed, perhaps with bytes of that of client k. */
static void send_mutated(context *s, uint32_t i, uint32_t k)
{
    uint8_t *msg;
    size_t len;

    fetch_due(s, i);
    fetch_due(s, k);
    if (s->due[i] == NULL)
        return;
    msg = fuzz_mutate(&s->p.tape, s->due[i], s->due_len[i],
        s->due[k] != NULL ? s->due[k] : s->due[i],
        s->due[k] != NULL ? s->due_len[k] : s->due_len[i], &len);
    (void)server_recv(s, i, msg, len);
    free(msg);
}

/* An old message, or the next one of client k, with the index of client i. */
static void send_other(context *s, uint32_t i, uint32_t k, bool old)
{
    const uint32_t slot = tape_byte(&s->p.tape) % OLD_MSGS;
    const uint8_t *from = s->old[slot];
    size_t len = s->old_len[slot];
    uint8_t *msg;

    if (!old) {
        fetch_due(s, k);
        from = s->due[k];
        len = s->due_len[k];
    }
    if (from == NULL)
        return;
    msg = party_forge(from, len, len, i);
    (void)server_recv(s, i, msg, len);
    free(msg);
}

static void send_raw(context *s, uint32_t i)
{
    size_t len = tape_below(&s->p.tape, 300);
    uint8_t *msg;

    if (len > s->p.tape.left)
        len = s->p.tape.left;
    msg = malloc(len > 0 ? len : 1);
    CHECK(msg != NULL);
    for (size_t at = 0; at < len; at++)
        msg[at] = tape_byte(&s->p.tape);
    (void)server_recv(s, i, msg, len);
    free(msg);
}

static void send_forged(context *s, uint32_t i)
{
    uint8_t *msg;
    size_t len;

    fetch_due(s, i);
    if (s->due[i] == NULL)
        return;
    msg = fuzz_forge(&s->p.tape, s->due[i], i, &len);
    (void)server_recv(s, i, msg, len);
    free(msg);
}

static void run_operation(context *s)
{
    tape *t = &s->p.tape;
    const uint8_t what = tape_byte(t);
    const uint32_t i = (what >> 3) % s->n;

    switch (what & 7) {
    case 0: send_due(s, i); break;
    case 1: send_all(s, tape_byte(t)); break;
    case 2: end_phase(s); break;
    case 3: send_mutated(s, i, tape_byte(t) % s->n); break;
    case 4: send_other(s, i, tape_byte(t) % s->n, false); break;
    case 5: send_other(s, i, i, true); break;
    case 6: send_forged(s, i); break;
    default: send_raw(s, what >> 3 == 31 ? UINT32_MAX : i);
    }
}

/* After the end of the tape the session goes on without changes. */
static void finish(context *s)
{
    while (secagg_server_phase(s->p.r.server) < SECAGG_PHASE_DONE) {
        for (uint64_t part = 0; part < s->p.r.blocks; part++)
            send_all(s, 0);
        end_phase(s);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    context *s = calloc(1, sizeof *s);

    CHECK(s != NULL);
    fuzz_init(&s->p, input, len);
    s->n = s->p.r.params.clients;
    while (s->p.tape.left > 0)
        run_operation(s);
    finish(s);
    for (uint32_t i = 0; i < s->n; i++)
        free_due(s, i);
    for (uint32_t k = 0; k < OLD_MSGS; k++)
        free(s->old[k]);
    fuzz_free(&s->p);
    free(s);
    return 0;
}
