/* SPDX-License-Identifier: Apache-2.0 */
/* One allocation, of the library or of OpenSSL, or one draw of randomness
 * fails, each in its turn: the call says so and changes nothing, so that the
 * same call succeeds after it and the sum is exact; or the session of one
 * client is over, where its input was half masked. Nothing leaks. */
#include <openssl/crypto.h>
#include <secagg.h>
#include <sodium.h>
#include <string.h>

#include "support/main.h"

#define MOST 6
#define LENGTH 600
#define BITS 11
#define ABORT_CLIENT 11

/* ---- what fails --------------------------------------------------------- */

enum { LIBRARY, OPENSSL, RANDOM };

static int kind;
static bool inside, armed, fired; /* a call; one that may fail; it did */
static uint64_t seen, due;

/* What was allocated inside of calls and is not freed. */
#define BLOCKS 4096
static void *blocks[BLOCKS];
static size_t live;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *ptr);
int __real_RAND_priv_bytes(unsigned char *out, int len);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *ptr);
int __wrap_RAND_priv_bytes(unsigned char *out, int len);

static bool fails(int what)
{
    if (!armed || what != kind || seen++ != due)
        return false;
    fired = true;
    return true;
}

static void *note(void *at)
{
    if (inside && at != NULL) {
        if (live == BLOCKS)
            abort();
        blocks[live++] = at;
    }
    return at;
}

void *__wrap_malloc(size_t size)
{
    return note(fails(LIBRARY) ? NULL : __real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return note(fails(LIBRARY) ? NULL : __real_calloc(count, size));
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

int __wrap_RAND_priv_bytes(unsigned char *out, int len)
{
    return fails(RANDOM) ? 0 : __real_RAND_priv_bytes(out, len);
}

static void *ssl_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails(OPENSSL) ? NULL : __real_malloc(size);
}

static void *ssl_realloc(void *at, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails(OPENSSL) ? NULL : realloc(at, size);
}

static void ssl_free(void *at, const char *file, int line)
{
    (void)file;
    (void)line;
    __real_free(at);
}

static bool is_local(secagg_err err)
{
    return err == (kind == RANDOM ? SECAGG_ERR_RANDOM : SECAGG_ERR_MEMORY)
        || (kind == OPENSSL
            && (err == SECAGG_ERR_CRYPTO || err == SECAGG_ERR_RANDOM));
}

/* Call; where it failed by the fault, it may not have changed anything, and
 * is called again without one. */
#define TWICE(call)                                                           \
    do {                                                                      \
        secagg_err err;                                                       \
        fired = false;                                                        \
        armed = inside = true;                                                \
        err = (call);                                                         \
        armed = false;                                                        \
        if (fired && err != SECAGG_OK) {                                      \
            ck_assert_msg(is_local(err), "%s: %d", #call, err);               \
            err = (call);                                                     \
        }                                                                     \
        inside = false;                                                       \
        ck_assert_msg(err == SECAGG_OK, "%s: %d", #call, err);                \
    } while (0)

/* The same of a call in which a client may be lost for good. */
#define TWICE_OR_LOST(client, call)                                           \
    do {                                                                      \
        secagg_err err;                                                       \
        fired = false;                                                        \
        armed = inside = true;                                                \
        err = (call);                                                         \
        armed = false;                                                        \
        ck_assert_msg(err == SECAGG_OK || (fired && is_local(err)),           \
            "%s: %d", #call, err);                                            \
        if (err != SECAGG_OK                                                  \
            && secagg_client_phase(client) != SECAGG_PHASE_FAILED)            \
            err = (call);                                                     \
        inside = false;                                                       \
        ck_assert(err == SECAGG_OK                                            \
            || secagg_client_phase(client) == SECAGG_PHASE_FAILED);           \
    } while (0)

/* ---- a session ---------------------------------------------------------- */

static const secagg_segment segments[2] = {
    { .length = LENGTH, .bits = BITS },
    { .length = LENGTH, .kind = SECAGG_WEIGHTED, .value_bits = 8,
        .clip = 1.0 } };

typedef struct form {
    const char *name;
    uint32_t clients, neighbours, mode;
    uint64_t chunk;
    bool saves; /* each client is saved and resumed before it speaks */
} form;

static const form forms[] = {
    { "complete", 4, 0, SECAGG_SEMI_HONEST, 0, false },
    { "ring", 6, 4, SECAGG_SEMI_HONEST, 0, false },
    { "active", 4, 0, SECAGG_ACTIVE, 0, false },
    { "parts", 4, 0, SECAGG_SEMI_HONEST, 512, false },
    { "saved", 4, 0, SECAGG_SEMI_HONEST, 512, true },
};

static const form *now;
static secagg_server *server;
static secagg_client *clients[MOST];
static bool gone[MOST]; /* lost, and its ABORT is out */

static uint64_t entry(uint32_t i, uint64_t e)
{
    return (77 * i + 13 * e) % (1 << BITS);
}

static void identify(secagg_client *c, uint32_t i)
{
    uint8_t seed[32] = { 9 }, public_key[32], secret_key[64];

    for (uint32_t v = 0; v < now->clients && now->mode == SECAGG_ACTIVE;
         v++) {
        seed[1] = (uint8_t)v;
        crypto_sign_seed_keypair(public_key, secret_key, seed);
        if (c != NULL && v == i)
            TWICE(secagg_client_identify(c, secret_key));
        if (c != NULL)
            TWICE(secagg_client_trust(c, v, public_key));
        else
            TWICE(secagg_server_trust(server, v, public_key));
    }
}

static void make(void)
{
    secagg_policy policy = SECAGG_POLICY_INIT;
    secagg_params p = SECAGG_PARAMS_INIT;

    policy.min_survivors = 2;
    policy.min_corrupt = 0;
    p.mode = now->mode;
    p.clients = now->clients;
    p.neighbours = now->neighbours;
    p.threshold = 3;
    p.min_survivors = 3;
    p.max_weight = 100;
    p.segments = segments;
    p.segment_count = 2;
    TWICE(secagg_params_new_session(&p));
    server = NULL;
    TWICE(secagg_server_new(&server, &p));
    identify(NULL, 0);
    for (uint32_t i = 0; i < now->clients; i++) {
        clients[i] = NULL;
        gone[i] = false;
        TWICE(secagg_client_new(&clients[i], &p, i, &policy));
        identify(clients[i], i);
    }
}

/* Put a client in the place of another. */
static void resume(uint32_t i)
{
    static const uint8_t key[SECAGG_SEED_BYTES] = { 4 };
    const uint64_t generation = secagg_client_generation(clients[i]);
    const size_t len = secagg_client_save_size(clients[i]);
    uint8_t *state = malloc(len);
    secagg_client *next = NULL;

    ck_assert_ptr_nonnull(state);
    TWICE(secagg_client_save(clients[i], state, len, key));
    ck_assert_uint_eq(secagg_client_generation(clients[i]), generation + 1);
    TWICE(secagg_client_resume(&next, state, len, key, generation + 1));
    secagg_client_free(clients[i]);
    clients[i] = next;
    free(state);
}

/* What it has to say goes to the server. */
static void speak(uint32_t i)
{
    const uint8_t *msg = NULL;
    size_t len = 0;

    if (gone[i])
        return;
    if (secagg_client_phase(clients[i]) != SECAGG_PHASE_FAILED)
        TWICE_OR_LOST(clients[i], secagg_client_send(clients[i], &msg,
            &len));
    if (secagg_client_phase(clients[i]) == SECAGG_PHASE_FAILED) {
        ck_assert_int_eq(secagg_server_phase(server), SECAGG_PHASE_INPUT);
        ck_assert_int_eq(secagg_client_send(clients[i], &msg, &len),
            SECAGG_OK);
        ck_assert_uint_eq(msg[2], ABORT_CLIENT);
        gone[i] = true;
    }
    if (len > 0)
        TWICE(secagg_server_recv(server, i, msg, len));
}

static bool lost(uint32_t i)
{
    return secagg_client_phase(clients[i]) == SECAGG_PHASE_FAILED;
}

/* Entries [from, to) of both segments. */
static void give(uint32_t i, uint64_t segment, uint64_t from, uint64_t to)
{
    uint64_t whole[LENGTH];
    float reals[LENGTH];

    for (uint64_t e = from; e < to; e++) {
        whole[e - from] = entry(i, e);
        reals[e - from] = (float)e / LENGTH;
    }
    if (segment == 0)
        TWICE(secagg_client_input_u64(clients[i], 0, from, whole,
            (size_t)(to - from)));
    else
        TWICE_OR_LOST(clients[i], secagg_client_input_f32(clients[i], 1,
            from, reals, (size_t)(to - from)));
}

/* Give a block of the full vector. The lane of the weight is the first, which
 * is block 0; each segment has a lane of two blocks. */
static void give_block(uint32_t i, uint64_t block)
{
    if (block > 0)
        give(i, (block - 1) / 2, (block - 1) % 2 * 512,
            block % 2 == 1 ? 512 : LENGTH);
}

/* Five blocks in all. */
static void speak_input(uint32_t i)
{
    for (uint64_t block = 0; block < 5 && !lost(i); block++) {
        if (block > 0 && now->saves)
            continue; /* see speak_saved() */
        if (block == 0 && now->chunk > 0)
            TWICE(secagg_client_set_part_size(clients[i], now->chunk));
        if (block == 0)
            TWICE(secagg_client_weight(clients[i], 10 + i));
        give_block(i, block);
        if (now->chunk > 0 && !lost(i))
            speak(i);
    }
    if (now->chunk == 0 || lost(i))
        speak(i);
}

/* A client that is resumed after every part, and gives it once more. */
static void speak_saved(uint32_t i)
{
    const uint8_t *msg;
    size_t len;

    for (uint64_t block = 1; block < 5 && !lost(i); block++) {
        resume(i);
        TWICE(secagg_client_weight(clients[i], 10 + i));
        for (uint64_t b = block - 1; b <= block && !lost(i); b++) {
            give_block(i, b);
            if (b == block && !lost(i))
                speak(i);
            else if (!lost(i))
                TWICE_OR_LOST(clients[i], secagg_client_send(clients[i],
                    &msg, &len));
        }
    }
    if (lost(i))
        speak(i);
}

static void collect(void)
{
    const secagg_phase phase = secagg_server_phase(server);

    for (uint32_t i = 0; i < now->clients; i++) {
        if (lost(i))
            continue;
        if (now->saves)
            resume(i);
        if (phase != SECAGG_PHASE_INPUT) {
            speak(i);
            continue;
        }
        speak_input(i);
        if (now->saves && !lost(i))
            speak_saved(i);
    }
    TWICE(secagg_server_advance(server));
}

static void deliver(void)
{
    for (uint32_t i = 0; i < now->clients; i++) {
        const uint8_t *msg;
        size_t len;
        TWICE(secagg_server_send(server, i, &msg, &len));
        if (len > 0)
            TWICE(secagg_client_recv(clients[i], msg, len));
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
    TWICE(secagg_server_masks(server, bytes, size));
    TWICE(secagg_masks_decode(&masks, bytes, size));
    secagg_masks_free(masks);
    free(bytes);
    TWICE(secagg_server_sum_u64(server, 0, 0, sum, LENGTH));
    TWICE(secagg_server_mean_f64(server, 1, 0, mean, LENGTH));
    for (uint32_t i = 0; i < now->clients; i++) {
        ck_assert_int_eq(secagg_server_includes(server, i), !lost(i));
        for (uint64_t e = 0; e < LENGTH && !lost(i); e++)
            sum[e] -= entry(i, e);
        weights += lost(i) ? 0 : 10 + i;
    }
    ck_assert_uint_eq(secagg_server_weight(server), weights);
    for (uint64_t e = 0; e < LENGTH; e++) {
        const double want = (double)e / LENGTH;
        ck_assert_uint_eq(sum[e] % (1 << BITS), 0);
        ck_assert(mean[e] - want < 0.01 && want - mean[e] < 0.01);
    }
}

/* A session in which number `when` fails; whether it came so far. */
static bool play(uint64_t when)
{
    seen = 0;
    due = when;
    make();
    while (secagg_server_phase(server) < SECAGG_PHASE_DONE) {
        collect();
        if (secagg_server_phase(server) < SECAGG_PHASE_DONE)
            deliver();
    }
    check_sum();
    for (uint32_t i = 0; i < now->clients; i++)
        secagg_client_free(clients[i]);
    secagg_server_free(server);
    ck_assert_uint_eq(live, 0);
    return seen > when;
}

/* Each `stride`-th one of all, in each form. */
static void fail_each(int what, uint64_t stride)
{
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        uint64_t when = f % stride;
        kind = what;
        now = &forms[f];
        (void)play(UINT64_MAX); /* OpenSSL has fetched what it keeps */
        while (play(when))
            when += stride;
        ck_assert_uint_gt(when, now->clients);
        if (getenv("SECAGG_FIGURES") != NULL)
            fprintf(stderr, "%s: %d fails at %llu\n", now->name, what,
                (unsigned long long)seen);
    }
}

static uint64_t stride_of(uint64_t usual)
{
    if (getenv("SECAGG_LONG") != NULL)
        return 1;
    return getenv("SECAGG_SMALL") != NULL ? 8 * usual : usual;
}

START_TEST(any_allocation_may_fail)
{
    fail_each(LIBRARY, stride_of(3));
}
END_TEST

START_TEST(any_allocation_of_openssl_may_fail)
{
    fail_each(OPENSSL, stride_of(101));
}
END_TEST

START_TEST(any_draw_may_fail)
{
    fail_each(RANDOM, 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { any_allocation_may_fail,
        any_allocation_of_openssl_may_fail, any_draw_may_fail };

    return CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free) != 1
        || sodium_init() < 0 || RUN(tests);
}
