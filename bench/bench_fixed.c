/* SPDX-License-Identifier: Apache-2.0 */
/* bench_fixed: encoding of reals to integers and back, by every backend; and
 * the whole way from a client's floats to planes, and from a server's sum to
 * means. The reference is copying the same number of floats. */
#include "bench.h"

#include <secagg.h>

#include "core/cpu.h"
#include "vector/fixed.h"
#include "vector/planar.h"
#include "vector/rounding.h"

#define COUNT 1000000
#define VALUE_BITS 18
#define CLIENTS 3
#define BITS 20 /* of the sum of CLIENTS values */

static const uint8_t seed[SECAGG_SEED_BYTES] = { 7 };

typedef struct buffers {
    const sa_fixed_backend *backend;
    secagg_segment segment;
    float *floats, *copy;
    double *doubles;
    uint32_t *narrow;
    uint64_t *wide;
    secagg_params params;
    secagg_client *client;
    secagg_server *server;
} buffers;

static void run_copy(void *arg)
{
    buffers *r = arg;
    memcpy(r->copy, r->floats, COUNT * sizeof *r->floats);
}

/* ---- whole calls -------------------------------------------------------- */

static void encode_f32(void *arg)
{
    buffers *r = arg;
    bench_must(secagg_fixed_encode_f32(r->wide, r->floats, COUNT, &r->segment,
        SECAGG_SUITE_AES, 18, seed, NULL) == SECAGG_OK, "encode");
}

static void encode_f64(void *arg)
{
    buffers *r = arg;
    bench_must(secagg_fixed_encode_f64(r->wide, r->doubles, COUNT,
        &r->segment, SECAGG_SUITE_AES, 18, seed, NULL) == SECAGG_OK, "encode");
}

static void decode_f64(void *arg)
{
    buffers *r = arg;
    bench_must(secagg_fixed_decode_f64(r->doubles, r->wide, COUNT,
        &r->segment, CLIENTS) == SECAGG_OK, "decode");
}

static void input_f32(void *arg)
{
    buffers *r = arg;

    secagg_client_free(r->client);
    r->client = NULL;
    bench_must(secagg_client_new(&r->client, &r->params, 0, NULL)
        == SECAGG_OK, "client");
    bench_must(secagg_client_input_f32(r->client, 0, 0, r->floats, COUNT)
        == SECAGG_OK, "input");
}

static void mean_f32(void *arg)
{
    buffers *r = arg;
    bench_must(secagg_server_mean_f32(r->server, 0, 0, r->copy, COUNT)
        == SECAGG_OK, "mean");
}

/* ---- backends, as sessions use them: a chunk in the L1 cache ------------ */

static void draw_random_words(void *arg)
{
    const uint8_t *word;
    sa_rounding *words;

    (void)arg;
    bench_must(sa_rounding_new(&words, SA_AES_128_CTR, 18, seed) == SECAGG_OK,
        "words");
    for (size_t i = 0; i < COUNT; i += SA_ROUNDING_CHUNK)
        bench_must(sa_rounding_draw(words, i, &word) == SECAGG_OK, "words");
    sa_rounding_free(words);
}

/* With stochastic rounding, which draws random words, or to nearest. */
static void encode(buffers *r, bool stochastic)
{
    const sa_fixed_scale s = sa_fixed_scale_of(&r->segment, 1);
    const uint8_t *word = NULL;
    sa_rounding *words;
    uint64_t clipped = 0;

    bench_must(sa_rounding_new(&words, SA_AES_128_CTR, 18, seed) == SECAGG_OK,
        "words");
    for (size_t i = 0; i < COUNT; i += SA_BLOCK) {
        if (stochastic)
            bench_must(sa_rounding_draw(words, i, &word) == SECAGG_OK, "words");
        clipped += r->backend->f32_to_u32(r->narrow, r->floats + i,
            COUNT - i < SA_BLOCK ? COUNT - i : SA_BLOCK, &s, word);
    }
    bench_must(clipped < COUNT, "encode");
    sa_rounding_free(words);
}

static void encode_stochastic(void *arg)
{
    encode(arg, true);
}

static void encode_nearest(void *arg)
{
    encode(arg, false);
}

static void decode(buffers *r, bool mean)
{
    secagg_segment s = r->segment;
    sa_fixed_unit u;

    s.bits = BITS;
    u = sa_fixed_unit_of(&s, CLIENTS, mean);
    for (size_t i = 0; i < COUNT; i += SA_BLOCK)
        r->backend->u32_to_f32(r->copy + i, r->narrow,
            COUNT - i < SA_BLOCK ? COUNT - i : SA_BLOCK, &u);
}

static void decode_sum(void *arg)
{
    decode(arg, false);
}

static void decode_mean(void *arg)
{
    decode(arg, true);
}

/* ---- rows --------------------------------------------------------------- */

static void against_copy(const char *name, void (*call)(void *), buffers *r,
    char **names)
{
    const bench_row row = { name, "ns", "memcpy float32", BENCH_TIME, 1e9,
        { call, r, COUNT, NULL }, { run_copy, r, COUNT, NULL } };

    bench_run(&row, names);
}

static void all_backends(buffers *r, char **names)
{
    static const struct {
        const char *name;
        const sa_fixed_backend *backend;
        sa_cpu_vectors minimum;
    } all[] = { { "avx512", &sa_fixed_avx512, SA_CPU_AVX512 },
        { "avx2", &sa_fixed_avx2, SA_CPU_AVX2 },
        { "portable", &sa_fixed_portable, SA_CPU_BASE } };
    char name[64];

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].backend->f32_to_u32 == NULL
            || sa_cpu_best() < all[i].minimum)
            continue;
        r->backend = all[i].backend;
        snprintf(name, sizeof name, "encode/%s", all[i].name);
        against_copy(name, encode_stochastic, r, names);
        snprintf(name, sizeof name, "encode nearest/%s", all[i].name);
        against_copy(name, encode_nearest, r, names);
        snprintf(name, sizeof name, "decode sum/%s", all[i].name);
        against_copy(name, decode_sum, r, names);
        snprintf(name, sizeof name, "decode mean/%s", all[i].name);
        against_copy(name, decode_mean, r, names);
    }
}

/* Run one phase of a session of three clients. */
static void run_phase(buffers *r, secagg_client **clients)
{
    const uint8_t *msg;
    size_t len;

    for (uint32_t i = 0; i < CLIENTS; i++) {
        bench_must(secagg_client_send(clients[i], &msg, &len) == SECAGG_OK,
            "send");
        bench_must(secagg_server_recv(r->server, i, msg, len) == SECAGG_OK,
            "recv");
    }
    bench_must(secagg_server_advance(r->server) == SECAGG_OK, "advance");
    for (uint32_t i = 0; i < CLIENTS; i++) {
        bench_must(secagg_server_send(r->server, i, &msg, &len) == SECAGG_OK,
            "send");
        if (len > 0)
            bench_must(secagg_client_recv(clients[i], msg, len) == SECAGG_OK,
                "recv");
    }
}

static void run_session(buffers *r)
{
    secagg_client *clients[CLIENTS];

    bench_must(secagg_server_new(&r->server, &r->params) == SECAGG_OK,
        "server");
    for (uint32_t i = 0; i < CLIENTS; i++) {
        bench_must(secagg_client_new(&clients[i], &r->params, i, NULL)
            == SECAGG_OK, "client");
        bench_must(secagg_client_input_f32(clients[i], 0, 0, r->floats, COUNT)
            == SECAGG_OK, "input");
    }
    while (secagg_server_phase(r->server) < SECAGG_PHASE_DONE)
        run_phase(r, clients);
    for (uint32_t i = 0; i < CLIENTS; i++)
        secagg_client_free(clients[i]);
}

int main(int argc, char **argv)
{
    buffers r = { sa_fixed_best(), { .length = COUNT, .kind = SECAGG_REAL,
        .value_bits = VALUE_BITS, .clip = 1 }, bench_alloc(4 * COUNT),
        bench_alloc(4 * COUNT), bench_alloc(8 * COUNT), bench_alloc(4 * COUNT),
        bench_alloc(8 * COUNT), SECAGG_PARAMS_INIT, NULL, NULL };

    (void)argc;
    r.params.clients = CLIENTS;
    r.params.corrupt = 1;
    r.params.threshold = 3;
    r.params.segments = &r.segment;
    r.params.segment_count = 1;
    for (size_t i = 0; i < COUNT; i++) {
        r.floats[i] = (float)((double)(i * 2654435761 % 4294967296)
            * 0x1.1p-31 - 1.06);
        r.doubles[i] = (double)r.floats[i];
    }
    encode_f32(&r); /* what is decoded */
    against_copy("words", draw_random_words, &r, argv + 1);
    all_backends(&r, argv + 1);
    against_copy("fixed_encode_f32", encode_f32, &r, argv + 1);
    against_copy("fixed_encode_f64", encode_f64, &r, argv + 1);
    against_copy("fixed_decode_f64", decode_f64, &r, argv + 1);
    against_copy("client_input_f32", input_f32, &r, argv + 1);
    run_session(&r);
    against_copy("server_mean_f32", mean_f32, &r, argv + 1);
    secagg_client_free(r.client);
    secagg_server_free(r.server);
    free(r.floats);
    free(r.copy);
    free(r.doubles);
    free(r.narrow);
    free(r.wide);
    return 0;
}
