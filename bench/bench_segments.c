/* SPDX-License-Identifier: Apache-2.0 */
/* bench_segments: one session of 640,000 reals and 50 clients, whose vector is
 * one segment, 10,000 or 40,000. Each client supplies one piece for each
 * segment, and the means are read segment by segment. Ratios: to the session of
 * one segment in the same round. */
#include "bench.h"

#include <secagg.h>
#include <sodium.h>

#define CLIENTS 50
#define ENTRIES 640000
#define KINDS 3
#define MAX_RUNS 50
#define NOW bench_now(CLOCK_PROCESS_CPUTIME_ID)

/* CPU seconds of all clients and the server together. */
typedef struct times {
    double session, input, read; /* input and reading are part of the session */
} times;

typedef struct session {
    size_t count; /* of segments */
    secagg_segment *segments;
    secagg_params params;
    secagg_server *server;
    secagg_client *clients[CLIENTS];
    float *values;
    times spent;
} session;

static void done(secagg_err err)
{
    bench_must(err == SECAGG_OK, "session");
}

static void set_params(session *s)
{
    s->segments = bench_alloc(s->count * sizeof *s->segments);
    for (size_t i = 0; i < s->count; i++)
        s->segments[i] = (secagg_segment){ .length = ENTRIES / s->count,
            .kind = SECAGG_REAL, .value_bits = 16, .clip = 1 };
    s->params = (secagg_params)SECAGG_PARAMS_INIT;
    s->params.clients = CLIENTS;
    s->params.corrupt = CLIENTS / 3;
    s->params.threshold = (CLIENTS + s->params.corrupt) / 2 + 1;
    s->params.segments = s->segments;
    s->params.segment_count = s->count;
}

static void start(session *s)
{
    uint8_t seed[SECAGG_SEED_BYTES] = { 1 };

    done(secagg_server_new_seeded(&s->server, &s->params, seed));
    for (uint32_t i = 0; i < CLIENTS; i++) {
        seed[1] = (uint8_t)i;
        done(secagg_client_new_seeded(&s->clients[i], &s->params, i, NULL,
            seed));
    }
}

static void input(session *s, uint32_t i)
{
    const size_t length = ENTRIES / s->count;
    const double from = NOW;

    for (size_t k = 0; k < s->count; k++)
        done(secagg_client_input_f32(s->clients[i], k, 0,
            s->values + k * length, length));
    s->spent.input += NOW - from;
}

/* One message up and one down for each client. */
static void phase(session *s)
{
    const uint8_t *msg;
    size_t len;

    for (uint32_t i = 0; i < CLIENTS; i++) {
        if (secagg_server_phase(s->server) == SECAGG_PHASE_INPUT)
            input(s, i);
        done(secagg_client_send(s->clients[i], &msg, &len));
        done(secagg_server_recv(s->server, i, msg, len));
    }
    done(secagg_server_advance(s->server));
    for (uint32_t i = 0; i < CLIENTS; i++) {
        done(secagg_server_send(s->server, i, &msg, &len));
        if (len > 0)
            done(secagg_client_recv(s->clients[i], msg, len));
    }
}

static void read_means(session *s, float *out)
{
    const size_t length = ENTRIES / s->count;
    const double from = NOW;

    for (size_t k = 0; k < s->count; k++)
        done(secagg_server_mean_f32(s->server, k, 0, out + k * length,
            length));
    s->spent.read += NOW - from;
}

static times run(size_t count, float *values, float *out)
{
    session s = { .count = count, .values = values };
    double from;

    set_params(&s);
    from = NOW;
    start(&s);
    while (secagg_server_phase(s.server) < SECAGG_PHASE_DONE)
        phase(&s);
    read_means(&s, out);
    for (uint32_t i = 0; i < CLIENTS; i++)
        secagg_client_free(s.clients[i]);
    secagg_server_free(s.server);
    s.spent.session = NOW - from;
    free(s.segments);
    return s.spent;
}

static void line(size_t count, const char *what, const double *seconds,
    const double *others, size_t runs)
{
    double values[MAX_RUNS], ratios[MAX_RUNS];
    char name[64];
    const bench_row row = { name, "ms", "one segment", BENCH_TIME, 1, { 0 },
        { 0 } };

    snprintf(name, sizeof name, "segments/%zu %s", count, what);
    for (size_t i = 0; i < runs; i++) {
        values[i] = 1e3 * seconds[i];
        ratios[i] = seconds[i] / others[i];
    }
    bench_print(&row, values, ratios, runs);
}

int main(int argc, char **argv)
{
    static const size_t counts[KINDS] = { 1, 10000, 40000 };
    static double whole[KINDS][MAX_RUNS], given[KINDS][MAX_RUNS],
        reading[KINDS][MAX_RUNS];
    const size_t asked = (bench_runs() + 4) / 5;
    const size_t runs = asked < MAX_RUNS ? asked : MAX_RUNS;
    float *values = bench_alloc(ENTRIES * sizeof *values);
    float *out = bench_alloc(ENTRIES * sizeof *out);

    (void)argc;
    if (!bench_wanted("segments/", argv + 1))
        return 0;
    bench_must(sodium_init() >= 0, "libsodium");
    for (size_t e = 0; e < ENTRIES; e++)
        values[e] = (float)(e % 1000) * 1e-3F;
    for (size_t i = 0; i < runs; i++)
        for (size_t k = 0; k < KINDS; k++) {
            const times t = run(counts[k], values, out);
            whole[k][i] = t.session;
            given[k][i] = t.input;
            reading[k][i] = t.read;
        }
    for (size_t k = 0; k < KINDS; k++) {
        line(counts[k], "session", whole[k], whole[0], runs);
        line(counts[k], "input", given[k], given[0], runs);
        line(counts[k], "means", reading[k], reading[0], runs);
    }
    free(values);
    free(out);
    return 0;
}
