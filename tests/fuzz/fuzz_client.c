/* SPDX-License-Identifier: Apache-2.0 */
/* Client 0 under a server whose words a tape bends, cuts, repeats and holds
 * back. A twin hears only what the client took, and must say the same; what
 * was said once is never said otherwise; and nothing is opened for fewer than
 * the parameters ask for. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "support/party.h"

#define TYPES 16
#define PARTS 4
#define AT_PART 39
#define ROSTER_TYPE 2
#define SURVIVORS_TYPE 6
#define UNMASK_TYPE 9
#define ABORT_TYPE 12

typedef struct said {
    uint8_t *msg;
    size_t len;
} said;

typedef said diary[TYPES][PARTS]; /* by type and part */

/* A client, and what it said. */
typedef struct speaker {
    secagg_client *c;
    uint64_t given; /* blocks of its input */
    diary log;
} speaker;

typedef struct scene {
    play p;
    uint32_t n;
    speaker victim, twin;
    uint64_t given[FUZZ_MOST];
    said told[SECAGG_PHASE_FAILED]; /* the server's good words, by phase */
    uint8_t shown; /* U3 as it was taken */
    bool bent;     /* something was taken that is not the server's, or it
                      failed by it */
    bool astray;   /* that was a roster of the ring, of which no client can
                      recompute the root: its masks are for other keys */
} scene;

static bool equal(const said *a, const said *b)
{
    return a->len == b->len
        && (a->len == 0 || memcmp(a->msg, b->msg, a->len) == 0);
}

/* ---- what it says ------------------------------------------------------- */

/* What is opened is opened for a set that is large enough, oneself in it. */
static void check_opened(const scene *s)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->n; i++)
        count += s->shown >> i & 1;
    HOLD(count >= s->p.r.params.min_survivors);
    HOLD(s->shown & 1);
}

/* Into its diary, which takes the message over: nothing is ever said in
 * another way. */
static void note(speaker *who, uint8_t *msg, size_t len)
{
    const said now = { msg, len };
    said *there;

    HOLD(len >= PARTY_HEADER && msg[PARTY_AT_TYPE] < TYPES);
    HOLD(msg[AT_PART] < PARTS);
    there = &who->log[msg[PARTY_AT_TYPE]][msg[AT_PART]];
    if (there->len == 0) {
        *there = now;
        return;
    }
    HOLD(equal(there, &now));
    free(msg);
}

/* All that it has to say, until it waits; to the server, if it is to. */
static void drain(scene *s, speaker *who, bool out)
{
    uint8_t *msg;
    secagg_err err;
    size_t len;

    for (int k = 0; k < 2 * PARTS && (msg = play_says(&s->p, who->c, 0,
         &who->given, &len)) != NULL; k++) {
        if (out) {
            err = secagg_server_recv(s->p.r.server, 0, msg, len);
            HOLD(err == SECAGG_OK || err == SECAGG_ERR_STATE || s->bent);
        }
        if (msg[PARTY_AT_TYPE] == UNMASK_TYPE)
            check_opened(s);
        note(who, msg, len);
    }
}

static void speak(scene *s)
{
    drain(s, &s->victim, true);
    drain(s, &s->twin, false);
    for (int type = 0; type < TYPES; type++)
        for (int part = 0; part < PARTS; part++)
            HOLD(equal(&s->victim.log[type][part],
                &s->twin.log[type][part]));
}

/* ---- what it hears ------------------------------------------------------ */

/* What was refused changes nothing that can be seen; what failed it failed it
 * for good. */
static void check_heard(const scene *s, secagg_err err, secagg_phase before)
{
    const secagg_phase after = secagg_client_phase(s->victim.c);

    HOLD(err != SECAGG_ERR_MEMORY && err != SECAGG_ERR_CRYPTO);
    HOLD(before != SECAGG_PHASE_FAILED || err != SECAGG_OK);
    if (err == SECAGG_OK)
        HOLD(after == before || after == before + 1
            || (before == SECAGG_PHASE_INPUT && after == before + 2));
    else
        HOLD(after == before || after == SECAGG_PHASE_FAILED);
    HOLD((secagg_client_error(s->victim.c) != SECAGG_OK)
        == (after == SECAGG_PHASE_FAILED));
}

static void hear(scene *s, const uint8_t *msg, size_t len, bool good)
{
    const secagg_phase before = secagg_client_phase(s->victim.c);
    const secagg_err err = secagg_client_recv(s->victim.c, msg, len);
    const secagg_phase after = secagg_client_phase(s->victim.c);
    const bool failed = after == SECAGG_PHASE_FAILED && after != before;

    if (len < PARTY_HEADER || msg[PARTY_AT_TYPE] != ABORT_TYPE)
        check_heard(s, err, before);
    HOLD(!good || s->bent || err == SECAGG_OK || err == SECAGG_ERR_STATE
        || err == SECAGG_ERR_THRESHOLD);
    if (err != SECAGG_OK && !failed)
        return;
    HOLD(secagg_client_recv(s->twin.c, msg, len) == err);
    HOLD(secagg_client_phase(s->twin.c) == after);
    if (msg[PARTY_AT_TYPE] == SURVIVORS_TYPE && !failed)
        s->shown = msg[PARTY_HEADER];
    s->bent |= !good;
    s->astray |= !good && msg[PARTY_AT_TYPE] == ROSTER_TYPE
        && s->p.r.params.neighbours > 0;
}

/* The word of one phase, as it is or bent, with that of another to splice
 * from. */
static void hear_bent(scene *s, unsigned phase, unsigned other)
{
    const said *what = &s->told[phase % SECAGG_PHASE_FAILED];
    const said *from = &s->told[other % SECAGG_PHASE_FAILED];
    uint8_t *msg;
    size_t len;

    if (what->len == 0)
        return;
    if (from->len == 0)
        from = what;
    msg = play_bend(&s->p.tape, what->msg, what->len, from->msg, from->len,
        &len);
    hear(s, msg, len, len == what->len && memcmp(msg, what->msg, len) == 0);
    free(msg);
}

static void hear_told(scene *s, unsigned phase)
{
    const said *what = &s->told[phase % SECAGG_PHASE_FAILED];

    if (what->len > 0)
        hear(s, what->msg, what->len, true);
}

static void hear_forged(scene *s)
{
    const said *what = &s->victim.log[1][0];
    uint8_t *msg;
    size_t len;

    if (what->len == 0)
        return;
    msg = play_forge(&s->p.tape, what->msg, 0, &len);
    hear(s, msg, len, false);
    free(msg);
}

/* ---- the others, and time ----------------------------------------------- */

static void others_speak(scene *s, unsigned silent)
{
    uint8_t *msg;
    size_t len;

    for (uint32_t i = 1; i < s->n; i++)
        while (!(silent >> i & 1)
            && (msg = play_says(&s->p, s->p.r.clients[i], i, &s->given[i],
                    &len)) != NULL) {
            const secagg_err err = secagg_server_recv(s->p.r.server, i, msg,
                len);
            HOLD(err == SECAGG_OK || err == SECAGG_ERR_STATE);
            free(msg);
        }
}

static void tell(scene *s, uint32_t i, secagg_phase phase)
{
    said now;

    now.msg = party_server_send(s->p.r.server, i, &now.len);
    if (now.len == 0)
        return;
    if (i == 0 && phase < SECAGG_PHASE_FAILED) {
        free(s->told[phase].msg);
        s->told[phase] = now;
        return;
    }
    if (i > 0) {
        const secagg_err err = secagg_client_recv(s->p.r.clients[i], now.msg,
            now.len);
        HOLD(err == SECAGG_OK || err == SECAGG_ERR_THRESHOLD
            || phase == SECAGG_PHASE_FAILED
            || secagg_client_phase(s->p.r.clients[i]) == SECAGG_PHASE_FAILED);
    }
    free(now.msg);
}

static void end_phase(scene *s, unsigned silent)
{
    secagg_phase phase = secagg_server_phase(s->p.r.server);
    secagg_err err;

    if (phase >= SECAGG_PHASE_DONE)
        return;
    others_speak(s, silent);
    err = secagg_server_advance(s->p.r.server);
    HOLD(err == SECAGG_OK || err == SECAGG_ERR_THRESHOLD
        || (err == SECAGG_ERR_CHEAT && s->bent));
    HOLD(secagg_server_phase(s->p.r.server) > phase);
    phase = secagg_server_phase(s->p.r.server);
    if (phase == SECAGG_PHASE_DONE
        && !(s->astray && secagg_server_includes(s->p.r.server, 0)))
        play_check_sum(&s->p);
    for (uint32_t i = 0; i < s->n; i++)
        tell(s, i, phase);
}

/* ---- its state ---------------------------------------------------------- */

/* It goes on from a saved state. Of an input in parts that is not done with
 * before: a host would have to know which parts are out. */
static void resume(scene *s)
{
    const secagg_phase phase = secagg_client_phase(s->victim.c);
    secagg_client *c;

    if (s->p.r.part_size > 0 && phase == SECAGG_PHASE_INPUT)
        return;
    c = driver_copy_client(s->victim.c);
    HOLD(secagg_client_phase(c) == phase);
    HOLD(secagg_client_error(c) == secagg_client_error(s->victim.c));
    secagg_client_free(s->victim.c);
    s->p.r.clients[0] = s->victim.c = c;
    s->victim.given = 0;
    if (phase < SECAGG_PHASE_DONE)
        driver_identify(&s->p.r, c, 0);
}

/* A state that was altered is none. */
static void resume_bent(scene *s)
{
    static const uint8_t key[SECAGG_SEED_BYTES] = { 0x91 };
    const size_t len = secagg_client_save_size(s->victim.c);
    uint8_t *state = malloc(len), *bent;
    secagg_client *c = NULL;
    secagg_err err;
    size_t bent_len;

    HOLD(state != NULL);
    HOLD(secagg_client_save(s->victim.c, state, len, key) == SECAGG_OK);
    bent = play_bend(&s->p.tape, state, len, s->told[1].msg, s->told[1].len,
        &bent_len);
    err = secagg_client_resume(&c, bent, bent_len, key, 0);
    if (bent_len == len && memcmp(bent, state, len) == 0)
        HOLD(err == SECAGG_OK);
    else
        HOLD(c == NULL
            && (err == SECAGG_ERR_AUTH || err == SECAGG_ERR_MESSAGE));
    secagg_client_free(c);
    free(state);
    free(bent);
}

/* ---- operations --------------------------------------------------------- */

static void play_one(scene *s)
{
    tape *t = &s->p.tape;
    const uint8_t what = tape_byte(t);
    const unsigned phase = what >> 3;

    switch (what & 7) {
    case 0: speak(s); break;
    case 1: end_phase(s, tape_byte(t)); break;
    case 2: hear_told(s, secagg_server_phase(s->p.r.server)); break;
    case 3: hear_told(s, phase); break;
    case 4: hear_bent(s, phase, tape_byte(t)); break;
    case 5: hear_forged(s); break;
    case 6: resume(s); break;
    default: resume_bent(s);
    }
}

static void finish(scene *s)
{
    while (secagg_server_phase(s->p.r.server) < SECAGG_PHASE_DONE) {
        speak(s);
        end_phase(s, 0);
        hear_told(s, secagg_server_phase(s->p.r.server));
    }
    speak(s);
}

static void speaker_free(speaker *who)
{
    for (int type = 0; type < TYPES; type++)
        for (int part = 0; part < PARTS; part++)
            free(who->log[type][part].msg);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    scene *s = calloc(1, sizeof *s);

    HOLD(s != NULL);
    play_make(&s->p, input, len);
    s->n = s->p.r.params.clients;
    s->victim.c = s->p.r.clients[0];
    s->twin.c = driver_new_client(&s->p.r, 0, FUZZ_SEED);
    if (s->p.r.part_size > 0)
        HOLD(secagg_client_set_part_size(s->twin.c, s->p.r.part_size)
            == SECAGG_OK);
    while (s->p.tape.left > 0)
        play_one(s);
    finish(s);
    speaker_free(&s->victim);
    speaker_free(&s->twin);
    secagg_client_free(s->twin.c);
    for (int phase = 0; phase < SECAGG_PHASE_FAILED; phase++)
        free(s->told[phase].msg);
    play_free(&s->p);
    free(s);
    return 0;
}
