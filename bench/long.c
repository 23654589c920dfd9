/* SPDX-License-Identifier: Apache-2.0 */
/* long: a session over a vector that no client holds. Each client is a process
 * of its own, makes its values a part at a time and sends them as INPUT_PARTs
 * (PROTOCOL.md 8.7); the server is the real one, in this process, and every
 * entry of its sum is held against what it must be. One client is lost when
 * half of its parts are out. What is shown is the largest client process, and
 * what an entry costs it in time of its own. */
#include "bench.h"

#include <secagg.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLIENTS 4
#define LOST 3
#define THRESHOLD 3
#define BITS 20
#define VALUE_BITS 18
#define CLIP 1.0
#define STEPS ((1u << VALUE_BITS) - 1)
#define READ 1048576 /* entries of the sum that are read at a time */

typedef struct options {
    uint64_t entries, part;
} options;

/* What a client process says of itself at the end. */
typedef struct figures {
    double values, giving, masking; /* seconds of processor */
    uint64_t start, peak;           /* bytes of memory that were resident */
    uint64_t parts, sent;           /* bytes */
} figures;

typedef struct hall {
    secagg_segment segment;
    secagg_params params;
    uint64_t part;
    pid_t pids[CLIENTS];
    int lines[CLIENTS]; /* a socket to each client */
    secagg_server *server;
    uint8_t *message;
    size_t room;
    double receiving; /* seconds of processor */
} hall;

static void must(secagg_err err, const char *what)
{
    if (err == SECAGG_OK)
        return;
    fprintf(stderr, "long: %s: %s\n", what, secagg_strerror(err));
    exit(1);
}

static double processor(void)
{
    return bench_now(CLOCK_PROCESS_CPUTIME_ID);
}

/* ---- lines -------------------------------------------------------------- */

static bool put(int line, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;

    while (len > 0) {
        const ssize_t n = write(line, from, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        from += n;
        len -= (size_t)n;
    }
    return true;
}

static bool get(int line, void *bytes, size_t len)
{
    uint8_t *to = bytes;

    while (len > 0) {
        const ssize_t n = read(line, to, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        to += n;
        len -= (size_t)n;
    }
    return true;
}

/* A length before each message; a message of no bytes ends a turn. */
static bool put_message(int line, const uint8_t *msg, size_t len)
{
    return put(line, &len, sizeof len) && put(line, msg, len);
}

/* Into a buffer that grows, but is never as large as an input. */
static bool get_message(int line, uint8_t **msg, size_t *room, size_t *len)
{
    if (!get(line, len, sizeof *len))
        return false;
    if (*len > *room) {
        free(*msg);
        *msg = malloc(*len);
        bench_must(*msg != NULL, "malloc");
        *room = *len;
    }
    return get(line, *msg, *len);
}

/* ---- values ------------------------------------------------------------- */

static uint32_t step_of(uint32_t client, uint64_t entry)
{
    const uint64_t mixed = (entry + 1) * 0x9e3779b97f4a7c15u
        ^ (client + 1) * 0xd1b54a32d192ed03u;

    return (uint32_t)(mixed * 0xff51afd7ed558ccdu >> 40) & STEPS;
}

/* A float is fine enough to be rounded back to its step. */
static void make_values(float *values, uint32_t client, uint64_t at,
    size_t count)
{
    for (size_t e = 0; e < count; e++)
        values[e] = (float)(2 * CLIP / STEPS * step_of(client, at + e)
            - CLIP);
}

/* ---- a client's process ------------------------------------------------- */

typedef struct guest {
    const hall *h;
    uint32_t index;
    int line;
    secagg_client *client;
    float *values;
    uint64_t given;
    figures own;
} guest;

/* The entries of the part that is due. */
static void give_part(guest *g)
{
    const uint64_t left = g->h->segment.length - g->given;
    const size_t count = (size_t)(left < g->h->part ? left : g->h->part);
    const double start = processor();
    double made;

    make_values(g->values, g->index, g->given, count);
    made = processor();
    must(secagg_client_input_f32(g->client, 0, g->given, g->values, count),
        "secagg_client_input_f32");
    g->own.values += made - start;
    g->own.giving += processor() - made;
    g->given += count;
}

/* All messages of this phase. The lost client leaves in the middle of its
 * input. */
static void take_turn(guest *g)
{
    const bool input = secagg_client_phase(g->client) == SECAGG_PHASE_INPUT;
    size_t len;

    do {
        const uint8_t *msg;
        if (input && g->index == LOST
            && g->given >= g->h->segment.length / 2)
            exit(0);
        if (input && g->given < g->h->segment.length)
            give_part(g);
        const double start = processor();
        must(secagg_client_send(g->client, &msg, &len), "secagg_client_send");
        g->own.masking += input ? processor() - start : 0;
        g->own.parts += input && len > 0;
        g->own.sent += len;
        bench_must(put_message(g->line, msg, len), "a client's line");
    } while (len > 0);
}

static void run_session(guest *g)
{
    uint8_t *msg = NULL;
    size_t room = 0, len;

    while (take_turn(g),
        secagg_client_phase(g->client) < SECAGG_PHASE_DONE) {
        bench_must(get_message(g->line, &msg, &room, &len), "a client's line");
        must(secagg_client_recv(g->client, msg, len), "secagg_client_recv");
    }
    free(msg);
}

static void be_client(const hall *h, uint32_t index, int line)
{
    guest g = { .h = h, .index = index, .line = line };

    g.own.start = bench_peak();
    g.values = malloc((size_t)h->part * sizeof *g.values);
    bench_must(g.values != NULL, "malloc");
    must(secagg_client_new(&g.client, &h->params, index, NULL),
        "secagg_client_new");
    must(secagg_client_set_part_size(g.client, h->part),
        "secagg_client_set_part_size");
    run_session(&g);
    g.own.peak = bench_peak();
    bench_must(put(line, &g.own, sizeof g.own), "a client's line");
    secagg_client_free(g.client);
    free(g.values);
}

/* Before there is a server, whose memory would be the clients' as well. */
static void start_clients(hall *h)
{
    fflush(stdout);
    for (uint32_t i = 0; i < CLIENTS; i++) {
        int pair[2];
        bench_must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0,
            "socketpair");
        h->pids[i] = fork();
        bench_must(h->pids[i] >= 0, "fork");
        if (h->pids[i] == 0) {
            for (uint32_t k = 0; k < i; k++)
                close(h->lines[k]);
            close(pair[0]);
            be_client(h, i, pair[1]);
            exit(0);
        }
        close(pair[1]);
        h->lines[i] = pair[0];
    }
}

/* ---- the server --------------------------------------------------------- */

/* What one client says in this phase, all of it before the next one's: so that
 * the parts of one alone are kept aside. */
static void hear(hall *h, uint32_t i)
{
    size_t len;

    for (;;) {
        if (!get_message(h->lines[i], &h->message, &h->room, &len)) {
            bench_must(i == LOST, "a client's process");
            return;
        }
        if (len == 0)
            return;
        const double start = processor();
        must(secagg_server_recv(h->server, i, h->message, len),
            "secagg_server_recv");
        h->receiving += processor() - start;
    }
}

static void answer(hall *h, uint32_t i)
{
    const uint8_t *msg;
    size_t len;

    must(secagg_server_send(h->server, i, &msg, &len), "secagg_server_send");
    if (len > 0)
        bench_must(put_message(h->lines[i], msg, len), "a client's line");
}

static void serve(hall *h)
{
    must(secagg_server_new(&h->server, &h->params), "secagg_server_new");
    while (secagg_server_phase(h->server) < SECAGG_PHASE_DONE) {
        for (uint32_t i = 0; i < CLIENTS; i++)
            if (secagg_server_includes(h->server, i))
                hear(h, i);
        must(secagg_server_advance(h->server), "secagg_server_advance");
        for (uint32_t i = 0; i < CLIENTS; i++)
            answer(h, i);
    }
}

/* Entries of the sum that are not what they must be. */
static uint64_t check(const hall *h, double *reading)
{
    uint64_t *sum = malloc(READ * sizeof *sum), wrong = 0;

    bench_must(sum != NULL, "malloc");
    for (uint64_t at = 0; at < h->segment.length; at += READ) {
        const uint64_t left = h->segment.length - at;
        const size_t count = left < READ ? (size_t)left : READ;
        const double start = processor();
        must(secagg_server_sum_u64(h->server, 0, at, sum, count),
            "secagg_server_sum_u64");
        *reading += processor() - start;
        for (size_t e = 0; e < count; e++) {
            uint64_t want = 0;
            for (uint32_t i = 0; i < CLIENTS; i++)
                want += i == LOST ? 0 : step_of(i, at + e);
            wrong += sum[e] != want;
        }
    }
    free(sum);
    return wrong;
}

/* ---- figures ------------------------------------------------------------ */

/* Of the clients that stayed, the dearest in each. */
static figures collect(hall *h)
{
    figures most = { 0 };

    for (uint32_t i = 0; i < CLIENTS; i++) {
        figures f = { 0 };
        if (i != LOST)
            bench_must(get(h->lines[i], &f, sizeof f), "a client's line");
        most = f.peak > most.peak ? f : most;
        close(h->lines[i]);
        waitpid(h->pids[i], NULL, 0);
    }
    return most;
}

static void show(const hall *h, const figures *f, uint64_t wrong,
    double reading)
{
    const double entries = (double)h->segment.length;

    printf("client: %.1f MB at its peak, %.1f MB before it began; %llu parts "
           "of %llu entries,\n    %.1f MB sent\n", (double)f->peak / 1e6,
        (double)f->start / 1e6, (unsigned long long)f->parts,
        (unsigned long long)h->part, (double)f->sent / 1e6);
    printf("client: ns an entry: %.2f rounding and planes, %.2f masks (%d of "
           "them); besides,\n    %.2f to make the value\n",
        1e9 * f->giving / entries, 1e9 * f->masking / entries, CLIENTS,
        1e9 * f->values / entries);
    printf("server: ns an entry: %.2f to take the parts of one client, %.2f "
           "to read the sum;\n    %.1f MB at its peak\n",
        1e9 * h->receiving / entries / (CLIENTS - 0.5),
        1e9 * reading / entries, (double)bench_peak() / 1e6);
    printf("%llu of %llu entries are wrong\n", (unsigned long long)wrong,
        (unsigned long long)h->segment.length);
}

/* ---- options ------------------------------------------------------------ */

static bool read_options(options *own, int argc, char **argv)
{
    bool good = true;

    for (int i = 1; i < argc && good; i += 2) {
        const char *text = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--entries") == 0) {
            good = bench_number("long", &own->entries, argv[i], text, 1,
                10000000000);
        } else if (strcmp(argv[i], "--part") == 0) {
            good = bench_number("long", &own->part, argv[i], text, 512,
                1073741824) && own->part % 512 == 0;
        } else {
            good = false;
        }
    }
    if (!good)
        fprintf(stderr, "usage: long [--entries N] [--part N: a multiple of "
                        "512]\n");
    return good;
}

/* The sum, and the parts of one client. Where the system says what is free, it
 * is better to hear it now. */
static bool enough_memory(const hall *h)
{
    const double need = 2.0 * BITS / 8 * (double)h->segment.length + 5e7;
    const uint64_t have = bench_counted("/proc/meminfo", "MemAvailable:");

    printf("%d clients, one lost half-way; %llu entries of %d bits; the "
           "server takes %.1f GB\n", CLIENTS,
        (unsigned long long)h->segment.length, BITS, need / 1e9);
    if (have == 0 || need < (double)have)
        return true;
    fprintf(stderr, "long: %.1f GB are free: take fewer --entries\n",
        (double)have / 1e9);
    return false;
}

static void set_params(hall *h, const options *own)
{
    h->part = own->part;
    h->segment.length = own->entries;
    h->segment.kind = SECAGG_REAL;
    h->segment.bits = BITS;
    h->segment.value_bits = VALUE_BITS;
    h->segment.rounding = SECAGG_NEAREST;
    h->segment.clip = CLIP;
    h->params.clients = CLIENTS;
    h->params.threshold = THRESHOLD;
    h->params.corrupt = 1;
    h->params.segments = &h->segment;
    h->params.segment_count = 1;
    must(secagg_params_new_session(&h->params), "secagg_params_new_session");
}

int main(int argc, char **argv)
{
    options own = { 50000000, 1048576 };
    hall h = { .params = SECAGG_PARAMS_INIT };
    double reading = 0;
    uint64_t wrong;
    figures most;

    if (!read_options(&own, argc, argv))
        return 2;
    set_params(&h, &own);
    if (!enough_memory(&h))
        return 1;
    signal(SIGPIPE, SIG_IGN);
    start_clients(&h);
    serve(&h);
    most = collect(&h);
    wrong = check(&h, &reading);
    show(&h, &most, wrong, reading);
    secagg_server_free(h.server);
    free(h.message);
    return wrong == 0 ? 0 : 1;
}
