/* SPDX-License-Identifier: Apache-2.0 */
/* Each allocation of the library, each allocation of OpenSSL and each draw of
 * randomness fails: alone, or with all that follow in the same call. The call
 * returns an error and changes nothing, so that the same call succeeds
 * afterwards and the sum is exact. No memory leaks. No call, whether it fails
 * or not, changes errno or OpenSSL's queue of errors. */
#include <secagg.h>
#include <sodium.h>
#include <string.h>
#if FIRST_SUITE == 1
#include <openssl/crypto.h>
#endif

#include "support/host_state.h"
#include "support/laxest_policy.h"
#include "support/main.h"

#define MAX_CLIENTS 6
#define LENGTH 600
#define BITS 11

/* ---- faults ------------------------------------------------------------- */

enum { LIBRARY, OPENSSL, RANDOM };

static int fault;        /* LIBRARY, OPENSSL or RANDOM */
static bool persists;    /* all operations after it in the call fail as well */
static bool in_call;     /* inside a call of the library */
static bool armed;       /* the fault may happen in this call */
static bool fired;       /* it happened */
static uint64_t seen;    /* operations of this kind so far */
static uint64_t fail_at; /* number of the one that fails */

/* Blocks allocated inside calls and not yet freed. */
#define BLOCKS 4096
static void *blocks[BLOCKS];
static size_t live;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *ptr);
secagg_err __real_sa_provider_random(uint8_t *out, size_t len);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *ptr);
secagg_err __wrap_sa_provider_random(uint8_t *out, size_t len);

/* Count an operation; returns whether it must fail. */
static bool must_fail(int what)
{
    if (!armed || what != fault)
        return false;
    if (seen++ == fail_at || (fired && persists)) {
        fired = true;
        return true;
    }
    return false;
}

static void *track(void *at)
{
    if (in_call && at != NULL) {
        if (live == BLOCKS)
            abort();
        blocks[live++] = at;
    }
    return at;
}

void *__wrap_malloc(size_t size)
{
    return track(must_fail(LIBRARY) ? NULL : __real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return track(must_fail(LIBRARY) ? NULL : __real_calloc(count, size));
}

void __wrap_free(void *ptr)
{
    for (size_t i = live; i-- > 0 && ptr != NULL;)
        if (blocks[i] == ptr) {
            blocks[i] = blocks[--live];
            break;
        }
    __real_free(ptr);
}

secagg_err __wrap_sa_provider_random(uint8_t *out, size_t len)
{
    return must_fail(RANDOM) ? SECAGG_ERR_RANDOM
                             : __real_sa_provider_random(out, len);
}

#if FIRST_SUITE == 1
static void *ssl_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return must_fail(OPENSSL) ? NULL : __real_malloc(size);
}

static void *ssl_realloc(void *at, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return must_fail(OPENSSL) ? NULL : realloc(at, size);
}

static void ssl_free(void *at, const char *file, int line)
{
    (void)file;
    (void)line;
    __real_free(at);
}

static bool replace_allocations_of_openssl(void)
{
    return CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free) == 1;
}
#else
static bool replace_allocations_of_openssl(void)
{
    return true;
}
#endif

/* Number of OpenSSL errors that the host has queued: 0 or 2, in turns. */
static int queued;

/* Begin and end a call; what errors it may return depends on the fault. */
static void begin(void)
{
    queued = 2 - queued;
    host_state_set(queued);
    fired = false;
    armed = in_call = true;
}

static void end(secagg_err err, const char *call)
{
    const secagg_err expected = fault == RANDOM ? SECAGG_ERR_RANDOM
                                                : SECAGG_ERR_MEMORY;

    armed = in_call = false;
    host_state_check(queued, call);
    ck_assert_msg(err == SECAGG_OK || (fired && err == expected), "%s: %d",
        call, err);
}

/* Make a call; if it fails because of the fault, make it again without one: it
 * must succeed. */
#define RETRY(call)                                                           \
    do {                                                                      \
        secagg_err err;                                                       \
        begin();                                                              \
        err = (call);                                                         \
        end(err, #call);                                                      \
        if (err == SECAGG_OK)                                                 \
            break;                                                            \
        in_call = true;                                                       \
        err = (call);                                                         \
        in_call = false;                                                      \
        ck_assert_msg(err == SECAGG_OK, "%s: %d", #call, err);                \
    } while (0)

/* ---- a session ---------------------------------------------------------- */

static const secagg_segment segments[2] = {
    { .length = LENGTH, .bits = BITS },
    { .length = LENGTH, .kind = SECAGG_WEIGHTED, .value_bits = 8,
        .clip = 1.0 } };

typedef struct form {
    const char *name;
    uint32_t suite, clients, neighbours, mode;
    uint64_t part_size;
    bool saves; /* each client is saved and resumed before each message */
} form;

static const form forms[] = {
    { "complete", FIRST_SUITE, 4, 0, SECAGG_SEMI_HONEST, 0, false },
    { "ChaCha20", 2, 4, 0, SECAGG_SEMI_HONEST, 0, false },
    { "ring", 2, 6, 4, SECAGG_SEMI_HONEST, 0, false },
    { "active", FIRST_SUITE, 4, 0, SECAGG_ACTIVE, 0, false },
    { "parts", FIRST_SUITE, 4, 0, SECAGG_SEMI_HONEST, 512, false },
    { "saved", 2, 4, 0, SECAGG_SEMI_HONEST, 512, true },
};

static const form *form_now;
static secagg_server *server;
static secagg_client *clients[MAX_CLIENTS];

static uint64_t entry(uint32_t i, uint64_t e)
{
    return (77 * i + 13 * e) % (1 << BITS);
}

static void identify(secagg_client *c, uint32_t i)
{
    uint8_t seed[32] = { 9 }, public_key[32], secret_key[64];

    for (uint32_t v = 0; v < form_now->clients
        && form_now->mode == SECAGG_ACTIVE;
         v++) {
        seed[1] = (uint8_t)v;
        crypto_sign_seed_keypair(public_key, secret_key, seed);
        if (c != NULL && v == i)
            RETRY(secagg_client_identify(c, secret_key));
        if (c != NULL)
            RETRY(secagg_client_trust(c, v, public_key));
        else
            RETRY(secagg_server_trust(server, v, public_key));
    }
}

static void start(void)
{
    const secagg_policy policy = laxest_policy();
    secagg_params p = SECAGG_PARAMS_INIT;

    p.suite = form_now->suite;
    p.mode = form_now->mode;
    p.clients = form_now->clients;
    p.neighbours = form_now->neighbours;
    p.threshold = 3;
    p.min_survivors = 3;
    p.max_weight = 100;
    p.segments = segments;
    p.segment_count = 2;
    RETRY(secagg_params_new_session(&p));
    server = NULL;
    RETRY(secagg_server_new(&server, &p));
    identify(NULL, 0);
    for (uint32_t i = 0; i < form_now->clients; i++) {
        clients[i] = NULL;
        RETRY(secagg_client_new(&clients[i], &p, i, &policy));
        identify(clients[i], i);
    }
}

/* Replace a client by a copy from its saved state. */
static void resume(uint32_t i)
{
    static const uint8_t key[SECAGG_SEED_BYTES] = { 4 };
    const uint64_t generation = secagg_client_generation(clients[i]);
    const size_t len = secagg_client_save_size(clients[i]);
    uint8_t *state = malloc(len);
    secagg_client *next = NULL;

    ck_assert_ptr_nonnull(state);
    RETRY(secagg_client_save(clients[i], state, len, key));
    ck_assert_uint_eq(secagg_client_generation(clients[i]), generation + 1);
    RETRY(secagg_client_resume(&next, state, len, key, generation + 1,
        secagg_client_params(clients[i]), i));
    secagg_client_free(clients[i]);
    clients[i] = next;
    free(state);
}

/* secagg_client_send() by a host that saves where the client waits for it. */
static secagg_err send_saving(secagg_client *c, const uint8_t **msg,
    size_t *len)
{
    static const uint8_t key[SECAGG_SEED_BYTES] = { 4 };
    static uint8_t state[1 << 14];
    secagg_err err = secagg_client_send(c, msg, len);

    if (err != SECAGG_ERR_STATE || !form_now->saves)
        return err;
    ck_assert_uint_le(secagg_client_save_size(c), sizeof state);
    err = secagg_client_save(c, state, secagg_client_save_size(c), key);
    return err == SECAGG_OK ? secagg_client_send(c, msg, len) : err;
}

/* Pass the next message of a client to the server. */
static void send_next(uint32_t i)
{
    const uint8_t *msg = NULL;
    size_t len = 0;

    RETRY(send_saving(clients[i], &msg, &len));
    if (len > 0)
        RETRY(secagg_server_recv(server, i, msg, len));
}

/* Pass entries [from, to) of a segment to a client. */
static void input(uint32_t i, uint64_t segment, uint64_t from, uint64_t to)
{
    uint64_t whole[LENGTH];
    float reals[LENGTH];

    for (uint64_t e = from; e < to; e++) {
        whole[e - from] = entry(i, e);
        reals[e - from] = (float)e / LENGTH;
    }
    if (segment == 0)
        RETRY(secagg_client_input_u64(clients[i], 0, from, whole,
            (size_t)(to - from)));
    else
        RETRY(secagg_client_input_f32(clients[i], 1, from, reals,
            (size_t)(to - from)));
}

/* Pass a block of the full vector. The lane of the weight is the first, which
 * is block 0; each segment has a lane of two blocks. */
static void input_block(uint32_t i, uint64_t block)
{
    if (block > 0)
        input(i, (block - 1) / 2, (block - 1) % 2 * 512,
            block % 2 == 1 ? 512 : LENGTH);
}

/* Pass and send the input, five blocks in all. */
static void send_input(uint32_t i)
{
    for (uint64_t block = 0; block < 5; block++) {
        if (block > 0 && form_now->saves)
            continue; /* see send_input_resuming() */
        if (block == 0 && form_now->part_size > 0)
            RETRY(secagg_client_set_part_size(clients[i], form_now->part_size));
        if (block == 0)
            RETRY(secagg_client_weight(clients[i], 10 + i));
        input_block(i, block);
        if (form_now->part_size > 0)
            send_next(i);
    }
    if (form_now->part_size == 0)
        send_next(i);
}

/* The same for a client that is resumed after every part and receives the input
 * of that part again. */
static void send_input_resuming(uint32_t i)
{
    const uint8_t *msg;
    size_t len;

    for (uint64_t block = 1; block < 5; block++) {
        resume(i);
        RETRY(secagg_client_weight(clients[i], 10 + i));
        for (uint64_t b = block - 1; b <= block; b++) {
            input_block(i, b);
            if (b == block)
                send_next(i);
            else
                RETRY(send_saving(clients[i], &msg, &len));
        }
    }
}

/* Replace the server by a copy from its saved state. */
static void resume_server(void)
{
    static const uint8_t key[SECAGG_SEED_BYTES] = { 5 };
    const size_t len = secagg_server_save_size(server);
    uint8_t *state = malloc(len);
    secagg_server *next = NULL;

    ck_assert_ptr_nonnull(state);
    RETRY(secagg_server_save(server, state, len, key));
    secagg_server_free(server);
    server = NULL;
    RETRY(secagg_server_resume(&next, state, len, key, 0, NULL));
    server = next;
    free(state);
}

static void collect(void)
{
    const secagg_phase phase = secagg_server_phase(server);

    for (uint32_t i = 0; i < form_now->clients; i++) {
        if (form_now->saves)
            resume(i);
        if (phase != SECAGG_PHASE_INPUT) {
            send_next(i);
            continue;
        }
        send_input(i);
        if (form_now->saves)
            send_input_resuming(i);
    }
    if (form_now->saves)
        resume_server();
    RETRY(secagg_server_advance(server));
    if (form_now->saves)
        resume_server();
}

static void deliver(void)
{
    for (uint32_t i = 0; i < form_now->clients; i++) {
        const uint8_t *msg;
        size_t len;
        RETRY(secagg_server_send(server, i, &msg, &len));
        if (len > 0)
            RETRY(secagg_client_recv(clients[i], msg, len));
    }
}

static void check_sum(void)
{
    uint64_t sum[LENGTH], weights = 0;
    double mean[LENGTH];
    const size_t size = secagg_server_masks_size(server);
    uint8_t *bytes = malloc(size);
    secagg_masks *masks = NULL;

    ck_assert_ptr_nonnull(bytes);
    RETRY(secagg_server_masks(server, bytes, size));
    RETRY(secagg_masks_decode(&masks, bytes, size));
    secagg_masks_free(masks);
    free(bytes);
    RETRY(secagg_server_sum_u64(server, 0, 0, sum, LENGTH));
    RETRY(secagg_server_mean_f64(server, 1, 0, mean, LENGTH));
    for (uint32_t i = 0; i < form_now->clients; i++) {
        ck_assert(secagg_server_includes(server, i));
        for (uint64_t e = 0; e < LENGTH; e++)
            sum[e] -= entry(i, e);
        weights += 10 + i;
    }
    ck_assert_uint_eq(secagg_server_weight(server), weights);
    for (uint64_t e = 0; e < LENGTH; e++) {
        const double want = (double)e / LENGTH;
        ck_assert_uint_eq(sum[e] % (1 << BITS), 0);
        ck_assert(mean[e] - want < 0.01 && want - mean[e] < 0.01);
    }
}

/* Run a session in which operation `when` fails; returns whether there was such
 * an operation. */
static bool run_until_fault(uint64_t when)
{
    seen = 0;
    fail_at = when;
    start();
    while (secagg_server_phase(server) < SECAGG_PHASE_DONE) {
        collect();
        if (secagg_server_phase(server) < SECAGG_PHASE_DONE)
            deliver();
    }
    check_sum();
    for (uint32_t i = 0; i < form_now->clients; i++)
        secagg_client_free(clients[i]);
    secagg_server_free(server);
    ck_assert_uint_eq(live, 0);
    return seen > when;
}

/* Let one of `stride` operations fail, in each form of session, alone and with
 * those that follow in the same call. */
static void fail_each(int what, uint64_t stride)
{
    for (size_t f = 0; f < 2 * sizeof forms / sizeof *forms; f++) {
        uint64_t when = f % stride;
        fault = what;
        form_now = &forms[f / 2];
        persists = f % 2 != 0;
        (void)run_until_fault(UINT64_MAX); /* OpenSSL fills its caches */
        while (run_until_fault(when))
            when += stride;
        ck_assert_uint_gt(when, form_now->clients);
        if (getenv("SECAGG_FIGURES") != NULL)
            fprintf(stderr, "%s: %d fails at %llu\n", form_now->name, what,
                (unsigned long long)seen);
    }
}

static uint64_t stride_of(uint64_t usual)
{
    if (getenv("SECAGG_LONG") != NULL)
        return 1;
    return getenv("SECAGG_SMALL") != NULL ? 8 * usual : usual;
}

START_TEST(a_session_recovers_from_any_failed_allocation)
{
    fail_each(LIBRARY, stride_of(3));
}
END_TEST

START_TEST(a_session_recovers_from_any_failed_allocation_of_openssl)
{
    fail_each(OPENSSL, stride_of(101));
}
END_TEST

START_TEST(a_session_recovers_from_any_failed_random_draw)
{
    fail_each(RANDOM, 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_session_recovers_from_any_failed_allocation,
        WITH_OPENSSL(
            a_session_recovers_from_any_failed_allocation_of_openssl),
        a_session_recovers_from_any_failed_random_draw };

    return !replace_allocations_of_openssl() || sodium_init() < 0
        || RUN(tests);
}
