/* SPDX-License-Identifier: Apache-2.0 */
/* secrets: run a whole client under valgrind with its seed, input and weight
 * marked as undefined, so that valgrind reports every branch and every index
 * that depends on them. The library marks values as defined where the protocol
 * makes them public (sa_declassify); this program does so with each message
 * that is sent. secrets.sh runs it. With the argument "leak" it branches on a
 * secret, which valgrind must report. */
#include <secagg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#define CLIENTS 4
#define LENGTH 700
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

typedef struct cohort {
    secagg_params params;
    secagg_segment segments[6];
    secagg_server *server;
    secagg_client *clients[CLIENTS];
    uint8_t public[CLIENTS][SECAGG_PUBLIC_BYTES];
    uint8_t secret[CLIENTS][SECAGG_SECRETKEY_BYTES];
} cohort;

static void describe(cohort *c, uint32_t suite, uint32_t mode)
{
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
    c->params.segment_count = 6;
}

/* Only client 0 has secrets in this test. */
static void create(cohort *c)
{
    uint8_t seed[SECAGG_SEED_BYTES];

    memset(seed, 7, sizeof seed);
    MUST(secagg_server_new_seeded(&c->server, &c->params, seed));
    for (uint32_t i = 0; i < CLIENTS; i++) {
        memset(seed, (int)(i + 1), sizeof seed);
        if (i == 0)
            hide(seed, sizeof seed);
        MUST(secagg_client_new_seeded(&c->clients[i], &c->params, i, NULL,
            seed));
        show(seed, sizeof seed);
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

static void input(cohort *c, uint32_t i)
{
    uint64_t integers[LENGTH], weight = 5 + i;
    double wide[LENGTH];
    float narrow[LENGTH];

    for (size_t e = 0; e < LENGTH; e++) {
        integers[e] = e * 1499 % 1000003;
        wide[e] = (double)e / LENGTH * 3 - 1.5;
        narrow[e] = (float)wide[e];
    }
    if (i == 0) {
        hide(&weight, sizeof weight);
        hide(integers, sizeof integers);
        hide(wide, sizeof wide);
        hide(narrow, sizeof narrow);
    }
    MUST(secagg_client_weight(c->clients[i], weight));
    MUST(secagg_client_input_u64(c->clients[i], 0, 0, integers, LENGTH));
    MUST(secagg_client_input_f32(c->clients[i], 1, 0, narrow, LENGTH));
    MUST(secagg_client_input_f64(c->clients[i], 2, 0, wide, LENGTH));
    MUST(secagg_client_input_f32(c->clients[i], 3, 0, narrow, LENGTH));
    input_types(c, i);
    input_rest(c, i);
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
    free(state);
}

/* Send the message of a client, which is public from now on. Client 3 drops out
 * before INPUT, so that shares of both kinds are opened. */
static void client_to_server(cohort *c, uint32_t i)
{
    const uint8_t *msg;
    size_t len;

    if (i == 3 && secagg_server_phase(c->server) >= SECAGG_PHASE_INPUT)
        return;
    if (secagg_client_send(c->clients[i], &msg, &len) == SECAGG_ERR_STATE) {
        save(c); /* a client that was ever saved waits for it */
        MUST(secagg_client_send(c->clients[i], &msg, &len));
    }
    show(msg, len);
    MUST(secagg_server_recv(c->server, i, msg, len));
}

static void server_to_client(cohort *c, uint32_t i)
{
    const uint8_t *msg;
    size_t len;

    MUST(secagg_server_send(c->server, i, &msg, &len));
    if (len > 0)
        MUST(secagg_client_recv(c->clients[i], msg, len));
}

static void run(uint32_t suite, uint32_t mode)
{
    cohort c;
    double mean[LENGTH];

    describe(&c, suite, mode);
    create(&c);
    if (mode == SECAGG_ACTIVE)
        exchange_identities(&c);
    for (uint32_t i = 0; i < CLIENTS; i++)
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
    run(SECAGG_SUITE_AES, SECAGG_SEMI_HONEST);
    run(SECAGG_SUITE_CHACHA, SECAGG_SEMI_HONEST);
    run(SECAGG_SUITE_AES, SECAGG_ACTIVE);
    return 0;
}
