/* SPDX-License-Identifier: Apache-2.0 */
/* secrets: run a whole client under valgrind with its seed, input and weight
 * marked as undefined, so that valgrind reports every branch and every index
 * that depends on them. The client sends its input in one message or in parts,
 * on the complete graph or the ring, and is saved or also resumed at each step.
 * The library marks values as defined where the protocol makes them public
 * (sa_declassify); this program does so with each message that is sent.
 * secrets.sh runs it. With the argument "leak" it branches on a secret, which
 * valgrind must report. */
#include <math.h>
#include <secagg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "support/laxest_policy.h"

#define CLIENTS 4
#define LENGTH 700
#define BLOCK 512   /* entries in a part */
#define PIECES 9    /* of the input in parts: the weight, two of each segment */
#define TYPES 12

/* Bytes of a value, by secagg_type. */
static const ptrdiff_t sizes[TYPES + 1] = { 0, 2, 2, 4, 8, 1, 1, 2, 2, 4, 4, 8,
    8 };

#define MUST(call)                                                            \
    do {                                                                      \
        const secagg_err must_err = (call);                                   \
        if (must_err != SECAGG_OK) {                                          \
            fprintf(stderr, "%s: %s\n", #call, secagg_strerror(must_err));    \
            exit(2);                                                          \
        }                                                                     \
    } while (0)

static void hide(const void *ptr, size_t len)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(ptr, len);
}

static void show(const void *ptr, size_t len)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(ptr, len);
}

/* What a session is like, besides suite and mode. */
enum { PARTS = 1, RING = 2, RESUMED = 4 };

typedef struct cohort {
    int form;
    secagg_params params;
    secagg_segment segments[6];
    secagg_server *server;
    secagg_client *clients[CLIENTS];
    uint32_t pieces; /* that client 0 has supplied */
    uint8_t public[CLIENTS][SECAGG_PUBLIC_BYTES];
    uint8_t secret[CLIENTS][SECAGG_SECRETKEY_BYTES];
} cohort;

static void describe(cohort *c, uint32_t suite, uint32_t mode, int form)
{
    *c = (cohort){ .form = form };
    c->params = (secagg_params)SECAGG_PARAMS_INIT;
    c->segments[0] = (secagg_segment){ .length = LENGTH, .bits = 20 };
    c->segments[1] = (secagg_segment){ .length = LENGTH, .value_bits = 16,
        .kind = SECAGG_REAL, .clip = 1.0 };
    c->segments[2] = (secagg_segment){ .length = LENGTH, .value_bits = 12,
        .kind = SECAGG_WEIGHTED, .clip = 2.0 };
    c->segments[3] = (secagg_segment){ .length = LENGTH, .value_bits = 8,
        .kind = SECAGG_REAL, .clip = 1.0, .rounding = SECAGG_NEAREST };
    c->segments[4] = (secagg_segment){ .length = TYPES * LENGTH,
        .value_bits = 10, .kind = SECAGG_REAL, .clip = 100.0 };
    c->segments[5] = (secagg_segment){ .length = TYPES * LENGTH,
        .value_bits = 40, .kind = SECAGG_SIGNED };
    c->params.suite = suite;
    c->params.mode = mode;
    c->params.clients = CLIENTS;
    c->params.threshold = 3;
    c->params.corrupt = 1;
    c->params.max_weight = 100;
    c->params.app_digest[0] = 1;
    c->params.segments = c->segments;
    c->params.segment_count = (form & PARTS) != 0 ? 4 : 6;
    if ((form & RING) != 0) {
        c->params.neighbours = c->params.threshold = 2;
        c->params.corrupt = 0;
        c->params.min_survivors = 3;
    }
}

/* Only client 0 has secrets in this test. */
static void create(cohort *c)
{
    const secagg_policy policy = laxest_policy();
    uint8_t seed[SECAGG_SEED_BYTES];

    memset(seed, 7, sizeof seed);
    MUST(secagg_server_new_seeded(&c->server, &c->params, seed));
    for (uint32_t i = 0; i < CLIENTS; i++) {
        memset(seed, (int)(i + 1), sizeof seed);
        if (i == 0)
            hide(seed, sizeof seed);
        MUST(secagg_client_new_seeded(&c->clients[i], &c->params, i,
            &policy, seed));
        show(seed, sizeof seed);
        if (i == 0 && (c->form & PARTS) != 0)
            MUST(secagg_client_set_part_size(c->clients[0], BLOCK));
    }
}

static void exchange_identities(cohort *c)
{
    for (uint32_t i = 0; i < CLIENTS; i++) {
        MUST(secagg_keypair(c->public[i], c->secret[i]));
        MUST(secagg_server_trust(c->server, i, c->public[i]));
    }
    hide(c->secret[0], 32); /* the second half is the public key */
    for (uint32_t i = 0; i < CLIENTS; i++) {
        MUST(secagg_client_identify(c->clients[i], c->secret[i]));
        for (uint32_t j = 0; j < CLIENTS; j++)
            MUST(secagg_client_trust(c->clients[i], j, c->public[j]));
    }
}

/* Values of each type in turn, next to each other and with a stride. The bytes
 * of the array are small, so that they are finite reals, and integers within
 * the bounds, of every type. */
static void input_types(cohort *c, uint32_t i)
{
    static uint8_t bytes[9 * LENGTH];

    for (uint32_t type = SECAGG_F16; type < SECAGG_F16 + TYPES; type++) {
        const bool real = type <= SECAGG_U32, integer = type >= SECAGG_I8;
        const uint64_t at = LENGTH * (uint64_t)(type - SECAGG_F16);
        const ptrdiff_t stride = type % 2 == 0 ? sizes[type] : 9;
        for (size_t e = 0; e < sizeof bytes; e++)
            bytes[e] = e % (size_t)stride < 3 ? (uint8_t)(e % 61) : 0;
        if (i == 0)
            hide(bytes, sizeof bytes);
        if (real)
            MUST(secagg_client_input_strided(c->clients[i], 4, at, bytes, type,
                LENGTH, stride));
        if (integer)
            MUST(secagg_client_input_strided(c->clients[i], 5, at, bytes, type,
                LENGTH, stride));
        show(bytes, sizeof bytes);
    }
}

/* What the types of input_types() leave: the last two, and the first four. */
static void input_rest(cohort *c, uint32_t i)
{
    static const uint8_t zeros[4 * LENGTH];

    MUST(secagg_client_input_u8(c->clients[i], 4, 10 * LENGTH, zeros,
        2 * LENGTH));
    MUST(secagg_client_input_i8(c->clients[i], 5, 0, (const int8_t *)zeros,
        4 * LENGTH));
}

/* A call is refused because of a value; the sentence has these words. */
static void refused(const cohort *c, secagg_err err, const char *words)
{
    char why[512];

    if (err != SECAGG_ERR_VALUE
        || secagg_client_refusal(c->clients[0], why, sizeof why) != err
        || strstr(why, words) == NULL) {
        fprintf(stderr, "%s: %s\n", words, secagg_strerror(err));
        exit(2);
    }
}

/* Only the verdict on a value that is refused becomes public, and where it
 * is. */
static void refuse(cohort *c)
{
    uint64_t integers[LENGTH] = { 0 }, weight = 101;
    double wide[LENGTH] = { 0 };
    float narrow[LENGTH] = { 0 };

    integers[301] = integers[302] = UINT64_MAX;
    wide[699] = HUGE_VAL;
    narrow[0] = (float)HUGE_VAL;
    hide(&weight, sizeof weight);
    hide(integers, sizeof integers);
    hide(wide, sizeof wide);
    hide(narrow, sizeof narrow);
    refused(c, secagg_client_weight(c->clients[0], weight), "from 0 to 100");
    refused(c, secagg_client_input_u64(c->clients[0], 0, 0, integers, LENGTH),
        "entry 301 ");
    refused(c, secagg_client_input_f32(c->clients[0], 1, 0, narrow, LENGTH),
        "entry 0 ");
    refused(c, secagg_client_input_f64(c->clients[0], 3, 0, wide, LENGTH),
        "entry 699 ");
}

static void give_weight(cohort *c, uint32_t i)
{
    uint64_t weight = 5 + i;

    if (i == 0) {
        if ((c->form & PARTS) == 0)
            refuse(c);
        hide(&weight, sizeof weight);
    }
    MUST(secagg_client_weight(c->clients[i], weight));
}

/* Supply the entries [first, end) of a segment. */
static void give_entries(cohort *c, uint32_t i, size_t segment, size_t first,
    size_t end)
{
    const size_t count = end - first;
    uint64_t integers[LENGTH];
    double wide[LENGTH];
    float narrow[LENGTH];

    for (size_t e = 0; e < count; e++) {
        integers[e] = (first + e) * 1499 % 1000003;
        wide[e] = (double)(first + e) / LENGTH * 3 - 1.5;
        narrow[e] = (float)wide[e];
    }
    if (i == 0) {
        hide(integers, sizeof integers);
        hide(wide, sizeof wide);
        hide(narrow, sizeof narrow);
    }
    if (segment == 0)
        MUST(secagg_client_input_u64(c->clients[i], 0, first, integers,
            count));
    else if (segment == 2)
        MUST(secagg_client_input_f64(c->clients[i], 2, first, wide, count));
    else
        MUST(secagg_client_input_f32(c->clients[i], segment, first, narrow,
            count));
}

static void input(cohort *c, uint32_t i)
{
    give_weight(c, i);
    for (size_t segment = 0; segment < 4; segment++)
        give_entries(c, i, segment, 0, LENGTH);
    if ((c->form & PARTS) == 0) {
        input_types(c, i);
        input_rest(c, i);
    }
}

/* Supply a piece of client 0, which is a part. The lane of the weight comes
 * first (PROTOCOL.md 6.1), and then the segments by their bits. */
static void give_piece(cohort *c, uint32_t piece)
{
    static const size_t order[] = { 3, 1, 0, 2 };
    const bool second = piece % 2 == 0;

    if (piece == 0)
        give_weight(c, 0);
    else
        give_entries(c, 0, order[(piece - 1) / 2], second ? BLOCK : 0,
            second ? LENGTH : BLOCK);
}

/* Supply what client 0 needs for its next message, once in a session, or again
 * after a resume. */
static void give_input(cohort *c, bool again)
{
    if (secagg_client_phase(c->clients[0]) != SECAGG_PHASE_INPUT)
        return;
    if ((c->form & PARTS) == 0) {
        if (again || c->pieces++ == 0)
            input(c, 0);
        return;
    }
    if (again && c->pieces > 1)
        give_weight(c, 0);
    if (again || c->pieces < PIECES)
        give_piece(c, again ? c->pieces - 1 : c->pieces++);
}

/* Replace client 0 by one that is resumed from its state. Its trusted keys are
 * in the state. */
static void resume(cohort *c, const uint8_t *state, size_t len,
    const uint8_t key[SECAGG_SEED_BYTES])
{
    const bool built = secagg_client_spent(c->clients[0])
        != SECAGG_SPENT_NOTHING;

    secagg_client_free(c->clients[0]);
    MUST(secagg_client_resume(&c->clients[0], state, len, key, 0, &c->params,
        0));
    if (c->params.mode == SECAGG_ACTIVE
        && secagg_client_phase(c->clients[0]) < SECAGG_PHASE_DONE)
        MUST(secagg_client_identify(c->clients[0], c->secret[0]));
    if (built)
        give_input(c, true);
}

/* Save the state of client 0; the sealed bytes are public. */
static void save(cohort *c)
{
    uint8_t key[SECAGG_SEED_BYTES] = { 3 };
    const size_t len = secagg_client_save_size(c->clients[0]);
    uint8_t *state = malloc(len);

    if (state == NULL)
        exit(2);
    hide(key, sizeof key);
    MUST(secagg_client_save(c->clients[0], state, len, key));
    show(state, len);
    if ((c->form & RESUMED) != 0)
        resume(c, state, len, key);
    free(state);
}

/* Send a message of a client, which is public from now on. */
static void send_message(cohort *c, uint32_t i)
{
    const uint8_t *msg;
    size_t len;

    if (i == 0)
        give_input(c, false);
    if (secagg_client_send(c->clients[i], &msg, &len) == SECAGG_ERR_STATE) {
        save(c); /* a client that was ever saved waits for it */
        MUST(secagg_client_send(c->clients[i], &msg, &len));
    }
    show(msg, len);
    MUST(secagg_server_recv(c->server, i, msg, len));
}

/* Client 3 drops out before INPUT, so that shares of both kinds are opened. */
static void client_to_server(cohort *c, uint32_t i)
{
    const bool parts = i == 0 && (c->form & PARTS) != 0
        && secagg_server_phase(c->server) == SECAGG_PHASE_INPUT;

    if (i == 3 && secagg_server_phase(c->server) >= SECAGG_PHASE_INPUT)
        return;
    for (uint32_t k = 0; k < (parts ? PIECES : 1); k++)
        send_message(c, i);
}

static void server_to_client(cohort *c, uint32_t i)
{
    const uint8_t *msg;
    size_t len;

    if (!secagg_server_includes(c->server, i))
        return; /* its message only says that it is out */
    MUST(secagg_server_send(c->server, i, &msg, &len));
    if (len > 0 && secagg_server_includes(c->server, i)) /* no ABORT */
        MUST(secagg_client_recv(c->clients[i], msg, len));
}

static void run(uint32_t suite, uint32_t mode, int form)
{
    cohort c;
    double mean[LENGTH];

    describe(&c, suite, mode, form);
    create(&c);
    if (mode == SECAGG_ACTIVE)
        exchange_identities(&c);
    for (uint32_t i = 1; i < CLIENTS; i++)
        input(&c, i);
    while (secagg_server_phase(c.server) < SECAGG_PHASE_DONE) {
        for (uint32_t i = 0; i < CLIENTS; i++)
            client_to_server(&c, i);
        MUST(secagg_server_advance(c.server));
        for (uint32_t i = 0; i < CLIENTS; i++)
            server_to_client(&c, i);
        save(&c);
    }
    MUST(secagg_server_mean_f64(c.server, 1, 0, mean, LENGTH));
    for (uint32_t i = 0; i < CLIENTS; i++)
        secagg_client_free(c.clients[i]);
    secagg_server_free(c.server);
}

/* The control: it shows that valgrind reports a branch on a secret. */
static int leak(void)
{
    volatile uint8_t secret = 1;

    hide((const void *)(uintptr_t)&secret, 1);
    return secret == 1 ? puts("branch") >= 0 : 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "leak") == 0)
        return leak() == 1 ? 0 : 2;
    run(FIRST_SUITE, SECAGG_SEMI_HONEST, 0);
    run(SECAGG_SUITE_CHACHA, SECAGG_SEMI_HONEST, RING);
    run(FIRST_SUITE, SECAGG_ACTIVE, 0);
    run(SECAGG_SUITE_CHACHA, SECAGG_SEMI_HONEST, PARTS);
    run(FIRST_SUITE, SECAGG_SEMI_HONEST, RING | PARTS | RESUMED);
    run(SECAGG_SUITE_CHACHA, SECAGG_ACTIVE, RESUMED);
    return 0;
}
