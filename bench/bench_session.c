/* SPDX-License-Identifier: Apache-2.0 */
/* bench_session: whole sessions in memory. Times and bytes of a client and of
 * the server for several numbers of clients and dropouts in both modes; and a
 * large session compared with the sum of its parts, each measured alone.
 * Clients drop out after SHARES. */
#include "bench.h"

#include <secagg.h>
#include <sodium.h>

#include "crypto/shamir.h"
#include "sim.h"

/* ---- sessions of several sizes ------------------------------------------ */

#define LENGTH 100000
#define MAX_RUNS 50

/* Results of all runs of one kind of session. */
typedef struct figures {
    double client[MAX_RUNS], server[MAX_RUNS], up[MAX_RUNS], down[MAX_RUNS];
} figures;

static void measure(figures *f, size_t run, const sim_kind *kind)
{
    sim *s = sim_new(kind, NULL);
    uint32_t survivors = 0;

    sim_run(s);
    for (uint32_t i = 0; i < kind->clients; i++) {
        if (sim_drops(kind, i))
            continue;
        survivors++;
        f->client[run] += s->seconds[i];
        f->up[run] += (double)s->up[i];
        f->down[run] += (double)s->down[i];
    }
    f->client[run] /= survivors;
    f->up[run] /= survivors;
    f->down[run] /= survivors;
    f->server[run] = s->server_seconds;
    sim_free(s);
}

static void print_row(const char *name, const char *quantity, const char *unit,
    const char *to, double scale, const double *values, const double *others,
    size_t runs)
{
    static double sorted[MAX_RUNS], ratios[MAX_RUNS];
    char all[64];
    const bench_row row = { all, unit, to, BENCH_TIME, 1, { 0 }, { 0 } };

    snprintf(all, sizeof all, "%s %s", name, quantity);
    for (size_t i = 0; i < runs; i++) {
        sorted[i] = scale * values[i];
        ratios[i] = values[i] / others[i];
    }
    bench_print(&row, sorted, ratios, runs);
}

/* A fifth of the usual number of runs, because each is long. References: the
 * X25519s of its 2 (n - 1) key agreements for a client's time, a client's time
 * for the server's, and the bytes of the planes for the traffic. */
static void session(const sim_kind *kind, char **names)
{
    const size_t asked = (bench_runs() + 4) / 5;
    const size_t runs = asked < MAX_RUNS ? asked : MAX_RUNS;
    static figures f;
    static double agreements[MAX_RUNS], planes[MAX_RUNS];
    char name[48];

    snprintf(name, sizeof name, "%s/n=%u/out=%u%%",
        kind->active ? "active" : "semi", kind->clients, kind->percent);
    if (!bench_wanted(name, names))
        return;
    memset(&f, 0, sizeof f);
    for (size_t i = 0; i < runs; i++) {
        measure(&f, i, kind);
        agreements[i] = 2 * (kind->clients - 1) * sim_x25519();
        planes[i] = (double)sim_planes(kind);
    }
    print_row(name, "client", "ms", "2(n-1) x25519", 1e3, f.client, agreements,
        runs);
    print_row(name, "server", "ms", "a client", 1e3, f.server, f.client, runs);
    print_row(name, "up", "kB", "planes", 1e-3, f.up, planes, runs);
    print_row(name, "down", "kB", "planes", 1e-3, f.down, planes, runs);
}

/* ---- a large session and its parts -------------------------------------- */

/* 1,000 clients on a ring of 100, a million entries of 20 bits. */
static const sim_kind large_5 = { 1000, 100, 67, 5, 1000000, 10, false };
static const sim_kind large_30 = { 1000, 100, 51, 30, 1000000, 10, false };

/* Run a client again from its seed and the server's messages to it. */
static double replay_client(void *arg)
{
    sim *s = arg;
    return sim_replay(s);
}

static double client_parts(void *arg)
{
    sim *s = arg;
    return sim_client_parts(s);
}

static void large(const sim_kind *kind, char **names)
{
    char name[64];
    sim_transcript transcript = { 0 };
    sim *s;

    snprintf(name, sizeof name, "large/out=%u%%", kind->percent);
    if (!bench_wanted(name, names))
        return;
    s = sim_new(kind, &transcript);
    sim_run(s);
    {
        char client[80], server[80], up[80];
        double whole = s->server_seconds, ratio, bytes = (double)s->up[0];
        const bench_row one = { client, "ms", "its parts", BENCH_TIME, 1e3,
            { NULL, s, 1, replay_client }, { NULL, s, 1, client_parts } };
        const bench_row all = { server, "ms", "its parts", BENCH_TIME, 1,
            { 0 }, { 0 } };
        const bench_row sent = { up, "kB", "planes", BENCH_TIME, 1, { 0 },
            { 0 } };
        snprintf(client, sizeof client, "%s client", name);
        snprintf(server, sizeof server, "%s server", name);
        snprintf(up, sizeof up, "%s up", name);
        bench_run(&one, (char *[]){ NULL });
        ratio = whole / s->parts;
        whole *= 1e3;
        bench_print(&all, &whole, &ratio, 1);
        ratio = bytes / (double)sim_planes(kind);
        bytes *= 1e-3;
        bench_print(&sent, &bytes, &ratio, 1);
    }
    sim_free(s);
    sim_transcript_free(&transcript);
}

int main(int argc, char **argv)
{
    static const uint32_t clients[] = { 20, 50, 100 }, out[] = { 0, 10, 30 };

    (void)argc;
    bench_must(sodium_init() >= 0, "libsodium");
    for (int active = 0; active < 2; active++)
        for (size_t n = 0; n < 3; n++)
            for (size_t d = 0; d < 3; d++) {
                const sim_kind kind = { clients[n], 0, clients[n] * 2 / 3,
                    out[d], LENGTH, 16, active == 1 };
                session(&kind, argv + 1);
            }
    large(&large_5, argv + 1);
    large(&large_30, argv + 1);
    return 0;
}
