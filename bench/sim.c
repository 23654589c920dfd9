/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"
#include "sim.h"

#include <sodium.h>

#include "crypto/shamir.h"
#include "crypto/share_seal.h"
#include "vector/planar.h"

#define NOW bench_now(CLOCK_PROCESS_CPUTIME_ID)

bool sim_drops(const sim_kind *kind, uint32_t client)
{
    const uint64_t each = kind->percent;
    return client > 0 && client * each / 100 != (client - 1) * each / 100;
}

size_t sim_planes(const sim_kind *kind)
{
    uint64_t top = ((uint64_t)1 << kind->value_bits) - 2;
    uint32_t bits = 0;

    for (top *= kind->clients; top > 0; top >>= 1)
        bits++;
    return secagg_planar_size((size_t)kind->length, bits);
}

/* ---- server and clients ------------------------------------------------- */

static void seed_of(uint8_t seed[32], uint32_t client)
{
    memset(seed, 1, 32);
    memcpy(seed, &client, sizeof client);
}

static secagg_client *make_client(const sim *s, uint32_t i)
{
    secagg_policy policy = SECAGG_POLICY_INIT;
    secagg_client *client;
    uint8_t seed[32];

    policy.min_ring = 1;
    policy.min_survivors = 2;
    policy.min_corrupt = SECAGG_NOBODY_CORRUPT;
    policy.any_digest = 1;
    seed_of(seed, i);
    bench_must(secagg_client_new_seeded(&client, &s->params, i, &policy, seed)
        == SECAGG_OK, "client");
    return client;
}

/* A verifier whose host has a table of keys. */
static secagg_err in_table(void *user, uint32_t index,
    const uint8_t *public_key, const uint8_t *credential, size_t len)
{
    const sim *s = user;

    (void)credential;
    (void)len;
    return memcmp(s->keys[index], public_key, SECAGG_PUBLIC_BYTES) == 0
        ? SECAGG_OK : SECAGG_ERR_AUTH;
}

/* Not measured, because a host does this once for many sessions. */
static void exchange_identities(sim *s)
{
    uint8_t seed[32], secret_key[64];

    s->keys = calloc(s->kind->clients, sizeof *s->keys);
    bench_must(s->keys != NULL, "memory");
    bench_must(secagg_server_trust_with(s->server, in_table, s) == SECAGG_OK,
        "trust");
    for (uint32_t i = 0; i < s->kind->clients; i++) {
        seed_of(seed, i);
        crypto_sign_seed_keypair(s->keys[i], secret_key, seed);
        bench_must(secagg_client_identify(s->clients[i], secret_key)
            == SECAGG_OK, "identify");
        bench_must(secagg_client_trust_with(s->clients[i], in_table, s)
            == SECAGG_OK, "trust");
    }
}

static void set_params(sim *s)
{
    const sim_kind *kind = s->kind;
    const uint32_t holders = kind->neighbours > 0 ? kind->neighbours + 1
                                                  : kind->clients;

    s->segment = (secagg_segment){ .length = kind->length,
        .kind = SECAGG_REAL, .value_bits = kind->value_bits, .clip = 1 };
    s->params = (secagg_params)SECAGG_PARAMS_INIT;
    s->params.mode = kind->active ? SECAGG_ACTIVE : SECAGG_SEMI_HONEST;
    s->params.clients = kind->clients;
    s->params.neighbours = kind->neighbours;
    s->params.threshold = kind->threshold;
    s->params.corrupt = 2 * kind->threshold - holders - 1;
    s->params.min_survivors = kind->clients / 2;
    s->params.segments = &s->segment;
    s->params.segment_count = 1;
}

static void *alloc_zeroed(size_t count, size_t size)
{
    void *buffer = calloc(count, size);
    bench_must(buffer != NULL, "calloc");
    return buffer;
}

sim *sim_new(const sim_kind *kind, sim_transcript *transcript)
{
    sim *s = alloc_zeroed(1, sizeof *s);
    uint8_t seed[32];
    char why[160];

    s->kind = kind;
    s->transcript = transcript;
    set_params(s);
    if (secagg_params_check(&s->params, why, sizeof why) != SECAGG_OK)
        bench_must(false, why);
    s->clients = alloc_zeroed(kind->clients, sizeof *s->clients);
    s->seconds = alloc_zeroed(kind->clients, sizeof *s->seconds);
    s->up = alloc_zeroed(kind->clients, sizeof *s->up);
    s->down = alloc_zeroed(kind->clients, sizeof *s->down);
    s->values = alloc_zeroed((size_t)kind->length, sizeof *s->values);
    s->planes = alloc_zeroed(sim_planes(kind), 1);
    for (size_t i = 0; i < kind->length; i++)
        s->values[i] = (float)(i % 1000) * 1e-3F;
    /* Seeded, because in one ring of a thousand half the peers of a client drop
     * out. */
    seed_of(seed, kind->clients);
    bench_must(secagg_server_new_seeded(&s->server, &s->params, seed)
            == SECAGG_OK, "server");
    for (uint32_t i = 0; i < kind->clients; i++) {
        const double start = NOW;
        s->clients[i] = make_client(s, i);
        s->seconds[i] += NOW - start;
    }
    if (kind->active)
        exchange_identities(s);
    return s;
}

void sim_free(sim *s)
{
    for (uint32_t i = 0; i < s->kind->clients; i++)
        secagg_client_free(s->clients[i]);
    secagg_server_free(s->server);
    free(s->clients);
    free(s->keys);
    free(s->seconds);
    free(s->up);
    free(s->down);
    free(s->values);
    free(s->planes);
    free(s);
}

void sim_transcript_free(sim_transcript *transcript)
{
    for (size_t i = 0; i < transcript->count; i++)
        free(transcript->msg[i]);
}

/* ---- costs of the parts ------------------------------------------------- */

double sim_x25519(void)
{
    static const uint8_t scalar[32] = { 9, 8, 7 }, point[32] = { 9 };
    const double start = NOW;
    uint8_t out[32];

    for (int i = 0; i < 40; i++)
        bench_must(crypto_scalarmult(out, scalar, point) == 0, "X25519");
    return (NOW - start) / 40;
}

static double split_cost(uint32_t n, uint32_t t)
{
    static uint8_t shares[32 * 4096];
    static const uint8_t secret[32] = { 1 }, seed[32] = { 2 };
    const double start = NOW;

    for (int i = 0; i < 4; i++)
        bench_must(secagg_shamir_split(shares, n, t, secret, seed)
            == SECAGG_OK, "split");
    return (NOW - start) / 4;
}

static double join_cost(uint32_t count)
{
    static uint8_t shares[32 * 4096], out[32];
    static uint32_t ranks[4096];
    const double start = NOW;

    for (uint32_t i = 0; i < count; i++)
        ranks[i] = i;
    for (int i = 0; i < 4; i++)
        bench_must(secagg_shamir_join(out, ranks, shares, count)
            == SECAGG_OK, "join");
    return (NOW - start) / 4;
}

static double open_cost(void)
{
    static const uint8_t secret[32] = { 1 }, key[32] = { 2 };
    const sa_share_id id = { key, 1, SA_KIND_SELF, 2, 3 };
    uint8_t sealed[SA_SEALED_SHARE_BYTES], out[32];
    double start;

    bench_must(sa_share_seal(sealed, key, &id, secret) == SECAGG_OK, "seal");
    start = NOW;
    for (int i = 0; i < 100; i++)
        bench_must(sa_share_open(out, key, &id, sealed) == SECAGG_OK, "open");
    return (NOW - start) / 100;
}

/* Masks of `count` seeds, applied to the vector. */
static double masks_cost(const sim *s, size_t count)
{
    const size_t length = (size_t)s->kind->length;
    const uint32_t bits = (uint32_t)(sim_planes(s->kind) / (length / 8));
    secagg_masks *m;
    uint8_t seed[32] = { 0 };
    double start, seconds;

    bench_must(secagg_masks_new(&m, SECAGG_SUITE_AES) == SECAGG_OK, "masks");
    for (size_t i = 0; i < count; i++) {
        memcpy(seed, &i, sizeof i);
        bench_must(secagg_masks_add(m, seed, 1) == SECAGG_OK, "seed");
    }
    start = NOW;
    bench_must(secagg_masks_apply(m, bits, 0, s->planes, length)
        == SECAGG_OK, "apply");
    seconds = NOW - start;
    secagg_masks_free(m);
    return seconds;
}

/* Encode the values to integers and pack them into planes. */
static double input_cost(const sim *s)
{
    static const uint8_t seed[32] = { 3 };
    const size_t length = (size_t)s->kind->length;
    const uint32_t bits = (uint32_t)(sim_planes(s->kind) / (length / 8));
    uint64_t *entries = alloc_zeroed(length, sizeof *entries);
    double start, seconds;

    memset(entries, 1, length * sizeof *entries);
    start = NOW;
    bench_must(secagg_fixed_encode_f32(entries, s->values, length,
        &s->segment, SECAGG_SUITE_AES, bits, seed, NULL) == SECAGG_OK,
        "encode");
    bench_must(secagg_planar_pack_u64(s->planes, entries, length, bits)
        == SECAGG_OK, "pack");
    seconds = NOW - start;
    free(entries);
    return seconds;
}

/* Unpack planes to sums and decode them. A sum of masks alone would be outside
 * its range. */
static double output_cost(const sim *s)
{
    const size_t length = (size_t)s->kind->length;
    const uint32_t bits = (uint32_t)(sim_planes(s->kind) / (length / 8));
    uint64_t *entries = alloc_zeroed(length, sizeof *entries);
    double *out = alloc_zeroed(length, sizeof *out), start, seconds;

    memset(entries, 1, length * sizeof *entries);
    memset(out, 1, length * sizeof *out);
    memset(s->planes, 0, sim_planes(s->kind));
    start = NOW;
    bench_must(secagg_planar_unpack_u64(entries, s->planes, length, bits)
        == SECAGG_OK, "unpack");
    bench_must(secagg_fixed_decode_f64(out, entries, length, &s->segment,
        s->kind->clients) == SECAGG_OK, "decode");
    seconds = NOW - start;
    free(entries);
    free(out);
    return seconds;
}

/* Two key pairs; for each neighbour two key agreements, two shares sealed and
 * two opened; two secrets split; the input; and all masks, because clients
 * drop out after SHARES, so that all neighbours are in U2. */
double sim_client_parts(sim *s)
{
    const uint32_t k = s->kind->neighbours;

    return (2 + 2 * k) * sim_x25519()
        + 2 * split_cost(k + 1, s->kind->threshold) + 4 * k * open_cost()
        + input_cost(s) + masks_cost(s, k + 1);
}

/* d of n clients drop out. The server computes their pair masks with surviving
 * neighbours, one key agreement each, and the self masks of the survivors. For
 * each client it opens the shares of a secret, joins them and tests them
 * against a polynomial (PROTOCOL.md 4.6). measure_addition() has measured the
 * sum of n - d vectors. */
static double server_parts(const sim *s)
{
    const uint32_t n = s->kind->clients, k = s->kind->neighbours;
    const uint32_t d = n * s->kind->percent / 100;
    const uint32_t live = k - k * s->kind->percent / 100;

    return d * live * sim_x25519() + n * join_cost(live)
        + n * split_cost(k + 1, live - s->kind->threshold + 1)
        + (double)n * live * open_cost() + masks_cost(s, n - d + d * live)
        + output_cost(s);
}

/* ---- running ------------------------------------------------------------ */

static bool has_dropped_out(const sim *s, uint32_t i)
{
    return secagg_server_phase(s->server) >= SECAGG_PHASE_INPUT
        && sim_drops(s->kind, i);
}

static void pass_input(sim *s, uint32_t i)
{
    const double start = NOW;

    bench_must(secagg_client_input_f32(s->clients[i], 0, 0, s->values,
        (size_t)s->kind->length) == SECAGG_OK, "input");
    s->seconds[i] += NOW - start;
}

/* Measure the addition of a message's vector alone. */
static void measure_addition(sim *s, const uint8_t *msg, size_t len)
{
    const size_t planes = sim_planes(s->kind);
    const size_t length = (size_t)s->kind->length;
    const double start = NOW;

    bench_must(secagg_planar_add(s->planes, msg + len - planes, length,
        (uint32_t)(planes / (length / 8))) == SECAGG_OK, "add");
    s->parts += NOW - start;
}

static const uint8_t state_key[32] = { 4 };

/* Save a client. The caller frees the state. */
static uint8_t *save(sim *s, uint32_t i, size_t *len)
{
    uint8_t *state;

    *len = secagg_client_save_size(s->clients[i]);
    state = alloc_zeroed(*len, 1);
    bench_must(secagg_client_save(s->clients[i], state, *len, state_key)
        == SECAGG_OK, "save");
    return state;
}

/* Save and resume a client, which frees its input: the inputs of all clients
 * of a large session may not fit into memory. */
static void drop_input(sim *s, uint32_t i)
{
    size_t len;
    uint8_t *state = save(s, i, &len);

    secagg_client_free(s->clients[i]);
    bench_must(secagg_client_resume(&s->clients[i], state, len, state_key, 0,
        NULL, i) == SECAGG_OK, "resume");
    free(state);
}

/* Build and return a client's message, and measure that. A client that was
 * resumed is saved first, which is not measured. */
static void client_send(sim *s, uint32_t i, const uint8_t **msg, size_t *len)
{
    const double start = NOW;
    secagg_err err = secagg_client_send(s->clients[i], msg, len);
    size_t size;

    s->seconds[i] += NOW - start;
    if (err == SECAGG_ERR_STATE) {
        free(save(s, i, &size));
        err = secagg_client_send(s->clients[i], msg, len);
    }
    bench_must(err == SECAGG_OK, "client sends");
}

static void client_to_server(sim *s, uint32_t i)
{
    const bool is_input = secagg_server_phase(s->server) == SECAGG_PHASE_INPUT;
    const uint8_t *msg;
    size_t len;
    double start;

    if (is_input)
        pass_input(s, i);
    client_send(s, i, &msg, &len);
    s->up[i] += len;
    start = NOW;
    bench_must(secagg_server_recv(s->server, i, msg, len) == SECAGG_OK,
        "server receives");
    s->server_seconds += NOW - start;
    if (is_input && s->transcript != NULL) {
        measure_addition(s, msg, len);
        drop_input(s, i);
    }
}

static void record(sim_transcript *transcript, const uint8_t *msg, size_t len)
{
    uint8_t *copy = malloc(len);

    bench_must(copy != NULL, "malloc");
    memcpy(copy, msg, len);
    transcript->msg[transcript->count] = copy;
    transcript->len[transcript->count++] = len;
}

static void server_to_client(sim *s, uint32_t i)
{
    const uint8_t *msg;
    size_t len;
    double start = NOW;

    bench_must(secagg_server_send(s->server, i, &msg, &len) == SECAGG_OK,
        "server sends");
    s->server_seconds += NOW - start;
    if (len == 0)
        return;
    s->down[i] += len;
    if (i == 0 && s->transcript != NULL)
        record(s->transcript, msg, len);
    start = NOW;
    bench_must(secagg_client_recv(s->clients[i], msg, len) == SECAGG_OK,
        "client receives");
    s->seconds[i] += NOW - start;
}

static void phase(sim *s)
{
    double start;

    for (uint32_t i = 0; i < s->kind->clients; i++)
        if (!has_dropped_out(s, i))
            client_to_server(s, i);
    start = NOW;
    if (secagg_server_advance(s->server) != SECAGG_OK) {
        char why[512];
        (void)secagg_server_error(s->server, why, sizeof why);
        bench_must(false, why);
    }
    s->server_seconds += NOW - start;
    for (uint32_t i = 0; i < s->kind->clients; i++)
        if (!has_dropped_out(s, i))
            server_to_client(s, i);
}

void sim_run(sim *s)
{
    const size_t length = (size_t)s->kind->length;
    float *mean = alloc_zeroed(length, sizeof *mean);
    double start;

    while (secagg_server_phase(s->server) < SECAGG_PHASE_DONE)
        phase(s);
    if (s->transcript != NULL)
        s->parts += server_parts(s) / 2;
    start = NOW;
    bench_must(secagg_server_mean_f32(s->server, 0, 0, mean, length)
        == SECAGG_OK, "mean");
    s->server_seconds += NOW - start;
    if (s->transcript != NULL)
        s->parts += server_parts(s) / 2;
    bench_must(mean[0] > -0.01F && mean[0] < 0.01F && mean[999] > 0.98F,
        "the mean");
    free(mean);
}

double sim_replay(sim *s)
{
    const double start = NOW;
    secagg_client *client = make_client(s, 0);
    const uint8_t *msg;
    size_t len, received = 0;

    bench_must(secagg_client_input_f32(client, 0, 0, s->values,
        (size_t)s->kind->length) == SECAGG_OK, "input");
    while (secagg_client_phase(client) < SECAGG_PHASE_DONE) {
        bench_must(secagg_client_send(client, &msg, &len) == SECAGG_OK,
            "client sends");
        if (len == 0)
            bench_must(received < s->transcript->count
                && secagg_client_recv(client, s->transcript->msg[received],
                    s->transcript->len[received]) == SECAGG_OK,
                "client receives");
        received += len == 0;
    }
    secagg_client_free(client);
    return NOW - start;
}
