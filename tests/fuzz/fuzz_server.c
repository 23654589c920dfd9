/* SPDX-License-Identifier: Apache-2.0 */
/* A server among clients of which a tape bends some: what it refuses changes
 * nothing, what it takes costs its sender alone, and a sum is the exact sum,
 * save for what a sender did to its own input. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "support/party.h"

#define ABORT_TYPE 11
#define KEPT 16

/* All that a server tells of itself. */
typedef struct state {
    uint32_t phase, pending, why, blames, has, answered;
} state;

typedef struct scene {
    play p;
    uint8_t *due[FUZZ_MOST]; /* what each client says now, if it was asked */
    size_t due_len[FUZZ_MOST];
    bool bent[FUZZ_MOST];   /* something was taken that it did not say */
    bool spoilt[FUZZ_MOST]; /* its input, that is */
    bool out[FUZZ_MOST];    /* it was silent when a phase ended */
    uint64_t given[FUZZ_MOST]; /* blocks of the input */
    uint32_t n;
    uint8_t *kept[KEPT]; /* what was taken before */
    size_t kept_len[KEPT];
    uint32_t keeps;
} scene;

static bool blamed(const scene *s, uint32_t k, uint32_t *index,
    secagg_err *what)
{
    return secagg_server_blamed(s->p.r.server, k, index, what) == SECAGG_OK;
}

static state state_of(const scene *s)
{
    const secagg_server *server = s->p.r.server;
    state now = { (uint32_t)secagg_server_phase(server),
        secagg_server_pending(server),
        (uint32_t)-secagg_server_error(server, NULL, 0), 0, 0, 0 };
    secagg_err what;
    uint32_t index;

    while (blamed(s, now.blames, &index, &what))
        now.blames++;
    for (uint32_t i = 0; i < s->n; i++) {
        now.has |= (uint32_t)secagg_server_includes(server, i) << i;
        now.answered |= (uint32_t)secagg_server_answered(server, i) << i;
    }
    return now;
}

static bool any_bent(const scene *s, bool but)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->n; i++)
        count += s->bent[i];
    return count > (but ? s->p.r.params.corrupt : 0);
}

/* ---- messages ----------------------------------------------------------- */

static void ask(scene *s, uint32_t i)
{
    if (s->due[i] == NULL)
        s->due[i] = play_says(&s->p, s->p.r.clients[i], i, &s->given[i],
            &s->due_len[i]);
}

static void forget(scene *s, uint32_t i)
{
    free(s->due[i]);
    s->due[i] = NULL;
}

static void keep(scene *s, const uint8_t *msg, size_t len)
{
    const uint32_t slot = s->keeps++ % KEPT;

    free(s->kept[slot]);
    s->kept[slot] = malloc(len);
    HOLD(s->kept[slot] != NULL);
    memcpy(s->kept[slot], msg, len);
    s->kept_len[slot] = len;
}

/* Whether the planes of an INPUT, which stand at its end, are not those of the
 * client. In parts, whether anything is not. */
static bool is_spoilt(const scene *s, uint32_t i, const uint8_t *msg,
    size_t len)
{
    const size_t planes = PARTY_BITS * ((PARTY_LENGTH + 7) / 8);

    return s->due[i] == NULL || s->p.r.part_size > 0 || len < planes
        || s->due_len[i] < planes
        || memcmp(msg + len - planes, s->due[i] + s->due_len[i] - planes,
               planes) != 0;
}

/* What is taken has the header of what is due, but for its length, and the
 * digest of parameters, roster or U2, which the client has from the server. */
static void check_bound(const scene *s, uint32_t i, const uint8_t *msg,
    size_t len)
{
    const uint8_t *due = s->due[i];

    HOLD(len >= PARTY_HEADER);
    if (due == NULL || msg[PARTY_AT_TYPE] != due[PARTY_AT_TYPE]
        || due[PARTY_AT_TYPE] == ABORT_TYPE)
        return;
    HOLD(memcmp(msg, due, PARTY_AT_LENGTH) == 0);
    HOLD(secagg_server_phase(s->p.r.server) > SECAGG_PHASE_INPUT
        || memcmp(msg + PARTY_HEADER, due + PARTY_HEADER, 32) == 0);
}

/* A message was taken. */
static void note(scene *s, uint32_t i, const uint8_t *msg, size_t len)
{
    const bool own = s->due[i] != NULL && len == s->due_len[i]
        && memcmp(msg, s->due[i], len) == 0;

    check_bound(s, i, msg, len);
    if (!own) {
        s->bent[i] = true;
        if (secagg_server_phase(s->p.r.server) == SECAGG_PHASE_INPUT
            && msg[PARTY_AT_TYPE] != ABORT_TYPE)
            s->spoilt[i] |= is_spoilt(s, i, msg, len);
    }
    keep(s, msg, len);
    forget(s, i);
}

static secagg_err hand(scene *s, uint32_t i, const uint8_t *msg, size_t len)
{
    const state before = state_of(s);
    const secagg_err err = secagg_server_recv(s->p.r.server, i, msg, len);
    const state after = state_of(s);

    HOLD(err == SECAGG_OK || err == SECAGG_ERR_ARG || err == SECAGG_ERR_STATE
        || err == SECAGG_ERR_MESSAGE || err == SECAGG_ERR_AUTH);
    if (err != SECAGG_OK) {
        HOLD(memcmp(&before, &after, sizeof before) == 0);
        return err;
    }
    HOLD(after.phase == before.phase && after.why == before.why);
    HOLD(after.blames >= before.blames);
    HOLD((after.answered & before.answered) == before.answered
        || msg[PARTY_AT_TYPE] == ABORT_TYPE);
    HOLD((after.has & ~before.has) == 0);
    HOLD(((after.has ^ before.has) & ~(1u << i)) == 0);
    note(s, i, msg, len);
    return err;
}

/* A client's own message is taken, whatever the others did: but for keys that
 * another client took first. */
static void hand_due(scene *s, uint32_t i)
{
    const state now = state_of(s);
    const bool awaited = !s->out[i] && (now.has & ~now.answered) >> i & 1;
    secagg_err err;

    ask(s, i);
    if (s->due[i] == NULL)
        return;
    err = hand(s, i, s->due[i], s->due_len[i]);
    HOLD(err == SECAGG_OK || !awaited || s->bent[i]
        || now.phase >= SECAGG_PHASE_DONE
        || (now.phase == SECAGG_PHASE_KEYS && any_bent(s, false)));
}

/* ---- the end of a phase ------------------------------------------------- */

/* An honest server's word fails no client that did nothing wrong, save where
 * too few are left. */
static void tell(scene *s, uint32_t i)
{
    const bool free_to_fail = s->bent[i]
        || secagg_server_phase(s->p.r.server) == SECAGG_PHASE_FAILED
        || secagg_client_phase(s->p.r.clients[i]) == SECAGG_PHASE_FAILED;
    size_t len, again_len;
    uint8_t *msg = party_server_send(s->p.r.server, i, &len);
    uint8_t *again = party_server_send(s->p.r.server, i, &again_len);
    secagg_err err;

    HOLD(len == again_len && (len == 0 || memcmp(msg, again, len) == 0));
    if (len > 0) {
        err = secagg_client_recv(s->p.r.clients[i], msg, len);
        HOLD(err == SECAGG_OK || err == SECAGG_ERR_THRESHOLD
            || free_to_fail);
    }
    free(msg);
    free(again);
}

static void check_blames(const scene *s)
{
    secagg_err what;
    uint32_t index;

    for (uint32_t k = 0; blamed(s, k, &index, &what); k++) {
        HOLD(index < s->n);
        HOLD(what == SECAGG_ERR_CHEAT || what == SECAGG_ERR_AUTH);
        HOLD(s->bent[index]
            || (what == SECAGG_ERR_AUTH && any_bent(s, true)));
    }
}

static void check_over(const scene *s)
{
    const secagg_server *server = s->p.r.server;
    uint64_t sum[1];

    check_blames(s);
    HOLD(secagg_server_pending(server) == 0);
    if (secagg_server_phase(server) == SECAGG_PHASE_FAILED) {
        HOLD(secagg_server_error(server, NULL, 0) != SECAGG_OK);
        HOLD(secagg_server_sum_u64(server, 0, 0, sum, 1)
            == SECAGG_ERR_STATE);
        return;
    }
    for (uint32_t i = 0; i < s->n; i++)
        if (secagg_server_includes(server, i) && s->spoilt[i])
            return;
    play_check_sum(&s->p);
}

static void end_phase(scene *s)
{
    const secagg_phase before = secagg_server_phase(s->p.r.server);
    const uint32_t answered = state_of(s).answered;
    const secagg_err err = secagg_server_advance(s->p.r.server);
    const secagg_phase after = secagg_server_phase(s->p.r.server);

    if (before >= SECAGG_PHASE_DONE) {
        HOLD(err == SECAGG_ERR_STATE && after == before);
        return;
    }
    HOLD(after > before);
    HOLD((err == SECAGG_OK) == (after != SECAGG_PHASE_FAILED));
    HOLD(err == SECAGG_OK || err == SECAGG_ERR_THRESHOLD
        || err == SECAGG_ERR_CHEAT);
    HOLD(err != SECAGG_ERR_CHEAT || any_bent(s, false));
    for (uint32_t i = 0; i < s->n; i++) {
        s->out[i] |= !(answered >> i & 1);
        forget(s, i);
    }
    if (after >= SECAGG_PHASE_DONE)
        check_over(s);
    for (uint32_t i = 0; i < s->n; i++)
        tell(s, i);
}

/* ---- operations --------------------------------------------------------- */

static void all_speak(scene *s, unsigned silent)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (!(silent >> i & 1))
            hand_due(s, i);
}

/* What client i says, bent, with what another one says to splice from. */
static void hand_bent(scene *s, uint32_t i, uint32_t k)
{
    uint8_t *msg;
    size_t len;

    ask(s, i);
    ask(s, k);
    if (s->due[i] == NULL)
        return;
    msg = play_bend(&s->p.tape, s->due[i], s->due_len[i],
        s->due[k] != NULL ? s->due[k] : s->due[i],
        s->due[k] != NULL ? s->due_len[k] : s->due_len[i], &len);
    (void)hand(s, i, msg, len);
    free(msg);
}

/* What was taken before, or what another one says now, under this name. */
static void hand_stolen(scene *s, uint32_t i, uint32_t k, bool old)
{
    const uint32_t slot = tape_byte(&s->p.tape) % KEPT;
    const uint8_t *from = s->kept[slot];
    size_t len = s->kept_len[slot];
    uint8_t *msg;

    if (!old) {
        ask(s, k);
        from = s->due[k];
        len = s->due_len[k];
    }
    if (from == NULL)
        return;
    msg = party_forge(from, len, len, i);
    (void)hand(s, i, msg, len);
    free(msg);
}

static void hand_raw(scene *s, uint32_t i)
{
    size_t len = tape_below(&s->p.tape, 300);
    uint8_t *msg;

    if (len > s->p.tape.left)
        len = s->p.tape.left;
    msg = malloc(len > 0 ? len : 1);
    HOLD(msg != NULL);
    for (size_t at = 0; at < len; at++)
        msg[at] = tape_byte(&s->p.tape);
    (void)hand(s, i, msg, len);
    free(msg);
}

static void hand_forged(scene *s, uint32_t i)
{
    uint8_t *msg;
    size_t len;

    ask(s, i);
    if (s->due[i] == NULL)
        return;
    msg = play_forge(&s->p.tape, s->due[i], i, &len);
    (void)hand(s, i, msg, len);
    free(msg);
}

static void play_one(scene *s)
{
    tape *t = &s->p.tape;
    const uint8_t what = tape_byte(t);
    const uint32_t i = (what >> 3) % s->n;

    switch (what & 7) {
    case 0: hand_due(s, i); break;
    case 1: all_speak(s, tape_byte(t)); break;
    case 2: end_phase(s); break;
    case 3: hand_bent(s, i, tape_byte(t) % s->n); break;
    case 4: hand_stolen(s, i, tape_byte(t) % s->n, false); break;
    case 5: hand_stolen(s, i, i, true); break;
    case 6: hand_forged(s, i); break;
    default: hand_raw(s, what >> 3 == 31 ? UINT32_MAX : i);
    }
}

/* What the tape leaves open ends as it would have without it. */
static void finish(scene *s)
{
    while (secagg_server_phase(s->p.r.server) < SECAGG_PHASE_DONE) {
        for (uint64_t part = 0; part < s->p.r.blocks; part++)
            all_speak(s, 0);
        end_phase(s);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    scene *s = calloc(1, sizeof *s);

    HOLD(s != NULL);
    play_make(&s->p, input, len);
    s->n = s->p.r.params.clients;
    while (s->p.tape.left > 0)
        play_one(s);
    finish(s);
    for (uint32_t i = 0; i < s->n; i++)
        forget(s, i);
    for (uint32_t k = 0; k < KEPT; k++)
        free(s->kept[k]);
    play_free(&s->p);
    free(s);
    return 0;
}
