/* SPDX-License-Identifier: Apache-2.0 */
/* bench_threads: two threads on the halves of a vector, compared with one
 * thread on all of it. The time is the processor time of the slower thread, so
 * that other work on the machine does not count: the time includes contention
 * for caches and memory, but no waiting for a processor. */
#include "bench.h"

#include <pthread.h>
#include <secagg.h>

#define COUNT 999424 /* both halves consist of whole blocks */
#define SEEDS 100
#define BITS 20
#define CLIENTS 3

typedef struct work {
    const secagg_masks *masks;
    const secagg_server *server;
    uint8_t *planes;
    double *sums;
} work;

/* Process entries [offset, offset + count) in one thread. */
typedef struct half {
    const work *w;
    size_t offset, count;
    double seconds;
    void (*call)(const work *w, size_t offset, size_t count);
} half;

static void mask(const work *w, size_t offset, size_t count)
{
    bench_must(secagg_masks_apply(w->masks, BITS, offset,
        w->planes + offset / 8 * BITS, count) == SECAGG_OK, "masks");
}

static void sum(const work *w, size_t offset, size_t count)
{
    bench_must(secagg_server_sum_f64(w->server, 0, offset, w->sums + offset,
        count) == SECAGG_OK, "sum");
}

static void *thread(void *arg)
{
    half *h = arg;
    const double from = bench_now(CLOCK_THREAD_CPUTIME_ID);

    h->call(h->w, h->offset, h->count);
    h->seconds = bench_now(CLOCK_THREAD_CPUTIME_ID) - from;
    return NULL;
}

static double on_threads(const work *w, size_t threads,
    void (*call)(const work *, size_t, size_t))
{
    const size_t each = COUNT / threads;
    half halves[2] = { { w, 0, each, 0, call }, { w, each, each, 0, call } };
    pthread_t ids[2];

    for (size_t i = 0; i < threads; i++)
        bench_must(pthread_create(&ids[i], NULL, thread, &halves[i]) == 0,
            "thread");
    for (size_t i = 0; i < threads; i++)
        bench_must(pthread_join(ids[i], NULL) == 0, "thread");
    return halves[0].seconds > halves[1].seconds ? halves[0].seconds
                                                 : halves[1].seconds;
}

static double masks_2(void *arg) { return on_threads(arg, 2, mask); }
static double masks_1(void *arg) { return on_threads(arg, 1, mask); }
static double sum_2(void *arg) { return on_threads(arg, 2, sum); }
static double sum_1(void *arg) { return on_threads(arg, 1, sum); }

/* Run a session of reals as far as the sum. */
static secagg_server *run_session(const secagg_params *params,
    const float *values)
{
    secagg_client *clients[CLIENTS];
    secagg_server *server;
    const uint8_t *msg;
    size_t len;

    bench_must(secagg_server_new(&server, params) == SECAGG_OK, "server");
    for (uint32_t i = 0; i < CLIENTS; i++)
        bench_must(secagg_client_new(&clients[i], params, i, NULL)
            == SECAGG_OK && secagg_client_input_f32(clients[i], 0, 0, values,
            COUNT) == SECAGG_OK, "client");
    while (secagg_server_phase(server) < SECAGG_PHASE_DONE) {
        for (uint32_t i = 0; i < CLIENTS; i++)
            bench_must(secagg_client_send(clients[i], &msg, &len)
                == SECAGG_OK && secagg_server_recv(server, i, msg, len)
                == SECAGG_OK, "message up");
        bench_must(secagg_server_advance(server) == SECAGG_OK, "advance");
        for (uint32_t i = 0; i < CLIENTS; i++)
            bench_must(secagg_server_send(server, i, &msg, &len) == SECAGG_OK
                && (len == 0 || secagg_client_recv(clients[i], msg, len)
                == SECAGG_OK), "message down");
    }
    for (uint32_t i = 0; i < CLIENTS; i++)
        secagg_client_free(clients[i]);
    return server;
}

int main(int argc, char **argv)
{
    const secagg_segment segment = { .length = COUNT, .kind = SECAGG_REAL,
        .value_bits = 18, .clip = 1 };
    secagg_params params = SECAGG_PARAMS_INIT;
    float *values = bench_alloc(COUNT * sizeof *values);
    secagg_masks *masks;
    secagg_server *server;
    work w = { NULL, NULL, bench_alloc(COUNT / 8 * BITS),
        bench_alloc(COUNT * sizeof(double)) };
    const bench_row rows[] = {
        { "masks_apply, 2 threads", "Ge/s", "1 thread", BENCH_RATE, 1e-9,
            { NULL, &w, (double)COUNT * SEEDS, masks_2 },
            { NULL, &w, (double)COUNT * SEEDS, masks_1 } },
        { "server_sum_f64, 2 threads", "Ge/s", "1 thread", BENCH_RATE, 1e-9,
            { NULL, &w, COUNT, sum_2 }, { NULL, &w, COUNT, sum_1 } } };
    uint8_t seed[SECAGG_SEED_BYTES] = { 0 };

    (void)argc;
    params.clients = CLIENTS;
    params.corrupt = 1;
    params.threshold = 3;
    params.segments = &segment;
    params.segment_count = 1;
    bench_must(secagg_masks_new(&masks, SECAGG_SUITE_AES) == SECAGG_OK,
        "masks");
    for (; seed[0] < SEEDS; seed[0]++)
        bench_must(secagg_masks_add(masks, seed, 1) == SECAGG_OK, "seed");
    memset(values, 0, COUNT * sizeof *values);
    server = run_session(&params, values);
    w.masks = masks;
    w.server = server;
    bench_run(&rows[0], argv + 1);
    bench_run(&rows[1], argv + 1);
    secagg_masks_free(masks);
    secagg_server_free(server);
    free(values);
    free(w.planes);
    free(w.sums);
    return 0;
}
