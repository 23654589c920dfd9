/* SPDX-License-Identifier: Apache-2.0 */
/* Client 0 of a server whose messages the tape changes, cuts, repeats and
 * delays. A twin (a second client with the same seed) receives only the
 * messages that client 0 accepts, and must send the same messages. The client
 * never sends two different messages of one type and part, and opens no share
 * for a set of survivors that is too small. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "support/party.h"
#include "support/refusals.h"

#define TYPES 16
#define PARTS 4
#define AT_PART 39
#define ROSTER_TYPE 2
#define SURVIVORS_TYPE 6
#define UNMASK_TYPE 9
#define ABORT_TYPE 12

typedef struct message {
    uint8_t *msg;
    size_t len;
} message;

typedef message message_log[TYPES][PARTS]; /* by type and part */

/* A client and its messages. */
typedef struct sender {
    secagg_client *c;
    uint64_t given; /* blocks of its input */
    message_log log;
} sender;

typedef struct context {
    fuzz_session p;
    uint32_t n;
    sender victim, twin;
    uint64_t given[FUZZ_MAX_CLIENTS];
    message server_msg[SECAGG_PHASE_FAILED]; /* unchanged messages, by phase */
    uint8_t survivors;  /* the U3 that client 0 accepted */
    bool changed;       /* client 0 accepted a message that the server did not
                           send, or failed on one */
    bool false_roster;  /* that was a roster on the ring, where no client can
                           compute the root: its masks are for other keys */
} context;

static bool equal(const message *a, const message *b)
{
    return a->len == b->len
        && (a->len == 0 || memcmp(a->msg, b->msg, a->len) == 0);
}

/* ---- messages of the client --------------------------------------------- */

/* The set for which the client opens shares is large enough and includes the
 * client. */
static void check_survivors(const context *s)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->n; i++)
        count += s->survivors >> i & 1;
    CHECK(count >= s->p.r.params.min_survivors);
    CHECK(s->survivors & 1);
}

/* Add a message to the log, which then owns it; check that it equals an earlier
 * message of the same type and part. */
static void record(sender *from, uint8_t *msg, size_t len)
{
    const message now = { msg, len };
    message *there;

    CHECK(len >= PARTY_HEADER && msg[PARTY_AT_TYPE] < TYPES);
    CHECK(msg[AT_PART] < PARTS);
    there = &from->log[msg[PARTY_AT_TYPE]][msg[AT_PART]];
    if (there->len == 0) {
        *there = now;
        return;
    }
    CHECK(equal(there, &now));
    free(msg);
}

/* Let a client send all its messages; pass them to the server if `out`. */
static void send_all(context *s, sender *from, bool out)
{
    uint8_t *msg;
    secagg_err err;
    size_t len;

    for (int k = 0; k < 2 * PARTS && (msg = fuzz_client_send(&s->p,
        from->c, 0,
         &from->given, &len)) != NULL; k++) {
        if (out) {
            err = secagg_server_recv(s->p.r.server, 0, msg, len);
            CHECK(err == SECAGG_OK || err == SECAGG_ERR_STATE
        || err == SECAGG_ERR_REPEAT || s->changed);
        }
        if (msg[PARTY_AT_TYPE] == UNMASK_TYPE)
            check_survivors(s);
        record(from, msg, len);
    }
}

static void send_both(context *s)
{
    send_all(s, &s->victim, true);
    send_all(s, &s->twin, false);
    for (int type = 0; type < TYPES; type++)
        for (int part = 0; part < PARTS; part++)
            CHECK(equal(&s->victim.log[type][part],
                &s->twin.log[type][part]));
}

/* ---- messages to the client --------------------------------------------- */

/* A rejected message does not change the phase, or the client fails and stays
 * failed. */
static void check_recv(const context *s, secagg_err err, secagg_phase before)
{
    const secagg_phase after = secagg_client_phase(s->victim.c);

    CHECK(err != SECAGG_ERR_MEMORY && err != SECAGG_ERR_CRYPTO);
    CHECK(before != SECAGG_PHASE_FAILED || err != SECAGG_OK);
    if (err == SECAGG_OK)
        CHECK(after == before || after == before + 1
            || (before == SECAGG_PHASE_INPUT && after == before + 2));
    else
        CHECK(after == before || after == SECAGG_PHASE_FAILED);
    CHECK((secagg_client_error(s->victim.c) != SECAGG_OK)
        == (after == SECAGG_PHASE_FAILED));
}

/* Pass a message to client 0, and to the twin if client 0 accepts it or fails.
 * `good`: it is an unchanged message of the server. */
static void client_recv(context *s, const uint8_t *msg, size_t len, bool good)
{
    const secagg_phase before = secagg_client_phase(s->victim.c);
    const secagg_err err = secagg_client_recv(s->victim.c, msg, len);
    const secagg_phase after = secagg_client_phase(s->victim.c);
    const bool failed = after == SECAGG_PHASE_FAILED && after != before;
    const char *fault = refusal_fault_of_client(s->victim.c, err);

    if (fault != NULL)
        fuzz_failed(fault, __FILE__, __LINE__);
    fuzz_peek(msg, len, 0, false, err == SECAGG_OK || failed);
    if (len < PARTY_HEADER || msg[PARTY_AT_TYPE] != ABORT_TYPE)
        check_recv(s, err, before);
    CHECK(!good || s->changed || err == SECAGG_OK || err == SECAGG_ERR_STATE
        || err == SECAGG_ERR_THRESHOLD);
    if (err != SECAGG_OK && !failed)
        return;
    CHECK(secagg_client_recv(s->twin.c, msg, len) == err);
    CHECK(secagg_client_phase(s->twin.c) == after);
    if (msg[PARTY_AT_TYPE] == SURVIVORS_TYPE && !failed)
        s->survivors = msg[PARTY_HEADER];
    s->changed |= !good;
    s->false_roster |= !good && msg[PARTY_AT_TYPE] == ROSTER_TYPE
        && s->p.r.params.neighbours > 0;
}

/* The server's message of one phase, changed, perhaps with bytes of that of
 * another phase. */
static void recv_mutated(context *s, unsigned phase, unsigned other)
{
    const message *original = &s->server_msg[phase % SECAGG_PHASE_FAILED];
    const message *from = &s->server_msg[other % SECAGG_PHASE_FAILED];
    uint8_t *msg;
    size_t len;

    if (original->len == 0)
        return;
    if (from->len == 0)
        from = original;
    msg = fuzz_mutate(&s->p.tape, original->msg, original->len,
        from->msg, from->len, &len);
    client_recv(s, msg, len, len == original->len
        && memcmp(msg, original->msg, len) == 0);
    free(msg);
}

static void recv_server_msg(context *s, unsigned phase)
{
    const message *original = &s->server_msg[phase % SECAGG_PHASE_FAILED];

    if (original->len > 0)
        client_recv(s, original->msg, original->len, true);
}

static void recv_forged(context *s)
{
    const message *original = &s->victim.log[1][0];
    uint8_t *msg;
    size_t len;

    if (original->len == 0)
        return;
    msg = fuzz_forge(&s->p.tape, original->msg, 0, &len);
    client_recv(s, msg, len, false);
    free(msg);
}

/* ---- other clients, and the end of a phase ------------------------------ */

static void send_others(context *s, unsigned silent)
{
    uint8_t *msg;
    size_t len;

    for (uint32_t i = 1; i < s->n; i++)
        while (!(silent >> i & 1)
            && (msg = fuzz_client_send(&s->p, s->p.r.clients[i], i,
                &s->given[i],
                    &len)) != NULL) {
            const secagg_err err = secagg_server_recv(s->p.r.server, i, msg,
                len);
            CHECK(err == SECAGG_OK || err == SECAGG_ERR_STATE);
            free(msg);
        }
}

static void deliver(context *s, uint32_t i, secagg_phase phase)
{
    message now;

    now.msg = party_server_send(s->p.r.server, i, &now.len);
    if (now.len == 0)
        return;
    if (i == 0 && phase < SECAGG_PHASE_FAILED) {
        free(s->server_msg[phase].msg);
        s->server_msg[phase] = now;
        return;
    }
    if (i > 0) {
        const secagg_err err = secagg_client_recv(s->p.r.clients[i], now.msg,
            now.len);
        CHECK(err == SECAGG_OK || err == SECAGG_ERR_THRESHOLD
            || phase == SECAGG_PHASE_FAILED
            || secagg_client_phase(s->p.r.clients[i]) == SECAGG_PHASE_FAILED);
    }
    free(now.msg);
}

static void end_phase(context *s, unsigned silent)
{
    secagg_phase phase = secagg_server_phase(s->p.r.server);
    secagg_err err;

    if (phase >= SECAGG_PHASE_DONE)
        return;
    send_others(s, silent);
    err = secagg_server_advance(s->p.r.server);
    CHECK(err == SECAGG_OK || err == SECAGG_ERR_THRESHOLD
        || (err == SECAGG_ERR_CHEAT && s->changed));
    CHECK(secagg_server_phase(s->p.r.server) > phase);
    phase = secagg_server_phase(s->p.r.server);
    if (phase == SECAGG_PHASE_DONE
        && !(s->false_roster && secagg_server_includes(s->p.r.server, 0)))
        fuzz_check_sum(&s->p);
    for (uint32_t i = 0; i < s->n; i++)
        deliver(s, i, phase);
}

/* ---- saved states ------------------------------------------------------- */

/* Replace client 0 by a copy from its saved state; not while it sends parts,
 * because a host would have to know which parts it has sent. */
static void resume(context *s)
{
    const secagg_phase phase = secagg_client_phase(s->victim.c);
    secagg_client *c;

    if (s->p.r.part_size > 0 && phase == SECAGG_PHASE_INPUT)
        return;
    c = driver_copy_client(s->victim.c);
    CHECK(secagg_client_phase(c) == phase);
    CHECK(secagg_client_error(c) == secagg_client_error(s->victim.c));
    secagg_client_free(s->victim.c);
    s->p.r.clients[0] = s->victim.c = c;
    s->victim.given = 0;
    if (phase < SECAGG_PHASE_DONE)
        driver_identify(&s->p.r, c, 0);
}

/* A changed state is rejected. */
static void resume_mutated(context *s)
{
    static const uint8_t key[SECAGG_SEED_BYTES] = { 0x91 };
    const size_t len = secagg_client_save_size(s->victim.c);
    uint8_t *state = malloc(len), *mutated;
    secagg_client *c = NULL;
    secagg_err err;
    size_t mutated_len;

    CHECK(state != NULL);
    CHECK(secagg_client_save(s->victim.c, state, len, key) == SECAGG_OK);
    mutated = fuzz_mutate(&s->p.tape, state, len, s->server_msg[1].msg,
        s->server_msg[1].len, &mutated_len);
    err = secagg_client_resume(&c, mutated, mutated_len, key, 0,
        NULL, -1);
    if (mutated_len == len && memcmp(mutated, state, len) == 0)
        CHECK(err == SECAGG_OK);
    else
        CHECK(c == NULL
            && (err == SECAGG_ERR_AUTH || err == SECAGG_ERR_MESSAGE));
    secagg_client_free(c);
    free(state);
    free(mutated);
}

/* ---- operations --------------------------------------------------------- */

static void run_operation(context *s)
{
    tape *t = &s->p.tape;
    const uint8_t operation = tape_byte(t);
    const unsigned phase = operation >> 3;

    switch (operation & 7) {
    case 0: send_both(s); break;
    case 1: end_phase(s, tape_byte(t)); break;
    case 2: recv_server_msg(s, secagg_server_phase(s->p.r.server)); break;
    case 3: recv_server_msg(s, phase); break;
    case 4: recv_mutated(s, phase, tape_byte(t)); break;
    case 5: recv_forged(s); break;
    case 6: resume(s); break;
    default: resume_mutated(s);
    }
}

static void finish(context *s)
{
    while (secagg_server_phase(s->p.r.server) < SECAGG_PHASE_DONE) {
        send_both(s);
        end_phase(s, 0);
        recv_server_msg(s, secagg_server_phase(s->p.r.server));
    }
    send_both(s);
}

static void sender_free(sender *from)
{
    for (int type = 0; type < TYPES; type++)
        for (int part = 0; part < PARTS; part++)
            free(from->log[type][part].msg);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    context *s = calloc(1, sizeof *s);

    CHECK(s != NULL);
    fuzz_init(&s->p, input, len);
    s->n = s->p.r.params.clients;
    s->victim.c = s->p.r.clients[0];
    s->twin.c = driver_new_client(&s->p.r, 0, FUZZ_SEED);
    if (s->p.r.part_size > 0)
        CHECK(secagg_client_set_part_size(s->twin.c, s->p.r.part_size)
            == SECAGG_OK);
    while (s->p.tape.left > 0)
        run_operation(s);
    finish(s);
    sender_free(&s->victim);
    sender_free(&s->twin);
    secagg_client_free(s->twin.c);
    for (int phase = 0; phase < SECAGG_PHASE_FAILED; phase++)
        free(s->server_msg[phase].msg);
    fuzz_free(&s->p);
    free(s);
    return 0;
}
