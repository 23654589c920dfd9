/* SPDX-License-Identifier: Apache-2.0 */
/* long: a session whose vectors do not fit in the memory of a client. Each
 * client is a process that computes its values one part at a time and sends
 * them as INPUT_PART (PROTOCOL.md 8.7). The server runs in this process, which
 * checks every entry of the sum. One client drops out after half of its parts.
 * The report has the largest client process and its processor time for an
 * entry. */
#include "bench.h"

#include <secagg.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLIENTS 4
#define DROPOUT 3
#define THRESHOLD 3
#define BITS 20
#define VALUE_BITS 18
#define CLIP 1.0
#define MAX_CODE ((1u << VALUE_BITS) - 2) /* the code of CLIP */
#define READ_ENTRIES 1048576 /* entries of the sum that are read at once */

typedef struct options {
    uint64_t entries, part;
} options;

/* The figures that a client process sends at its end. */
typedef struct figures {
    double values, encoding, masking; /* seconds of processor */
    uint64_t start, peak;             /* bytes of resident memory */
    uint64_t parts, sent;             /* number of parts; bytes */
} figures;

typedef struct cohort {
    secagg_segment segment;
    secagg_params params;
    uint64_t part;
    pid_t pids[CLIENTS];
    int sockets[CLIENTS]; /* a socket to each client */
    secagg_server *server;
    uint8_t *message;
    size_t capacity;
    double receiving; /* seconds of processor */
} cohort;

static void must(secagg_err err, const char *call)
{
    if (err == SECAGG_OK)
        return;
    fprintf(stderr, "long: %s: %s\n", call, secagg_strerror(err));
    exit(1);
}

static double processor(void)
{
    return bench_now(CLOCK_PROCESS_CPUTIME_ID);
}

/* ---- sockets ------------------------------------------------------------ */

static bool write_all(int fd, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;

    while (len > 0) {
        const ssize_t n = write(fd, from, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        from += n;
        len -= (size_t)n;
    }
    return true;
}

static bool read_all(int fd, void *bytes, size_t len)
{
    uint8_t *to = bytes;

    while (len > 0) {
        const ssize_t n = read(fd, to, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        to += n;
        len -= (size_t)n;
    }
    return true;
}

/* The length precedes each message. A message of no bytes is the last of its
 * phase. */
static bool write_message(int fd, const uint8_t *msg, size_t len)
{
    return write_all(fd, &len, sizeof len) && write_all(fd, msg, len);
}

/* Read a message into a buffer that grows as needed. */
static bool read_message(int fd, uint8_t **msg, size_t *capacity, size_t *len)
{
    if (!read_all(fd, len, sizeof *len))
        return false;
    if (*len > *capacity) {
        free(*msg);
        *msg = malloc(*len);
        bench_must(*msg != NULL, "malloc");
        *capacity = *len;
    }
    return read_all(fd, *msg, *len);
}

/* ---- values ------------------------------------------------------------- */

static uint32_t step_of(uint32_t client, uint64_t entry)
{
    const uint64_t mixed = (entry + 1) * 0x9e3779b97f4a7c15u
        ^ (client + 1) * 0xd1b54a32d192ed03u;

    return (uint32_t)(mixed * 0xff51afd7ed558ccdu >> 40) % (MAX_CODE + 1);
}

/* The precision of float is high enough to round each value to its step. */
static void make_values(float *values, uint32_t client, uint64_t at,
    size_t count)
{
    for (size_t e = 0; e < count; e++)
        values[e] = (float)(2 * CLIP / MAX_CODE * step_of(client, at + e)
            - CLIP);
}

/* ---- a client process --------------------------------------------------- */

typedef struct client_process {
    const cohort *h;
    uint32_t index;
    int fd;
    secagg_client *client;
    float *values;
    uint64_t passed;
    figures own;
} client_process;

/* Compute the values of the next part and pass them to the client. */
static void pass_part(client_process *g)
{
    const uint64_t left = g->h->segment.length - g->passed;
    const size_t count = (size_t)(left < g->h->part ? left : g->h->part);
    const double start = processor();
    double made;

    make_values(g->values, g->index, g->passed, count);
    made = processor();
    must(secagg_client_input_f32(g->client, 0, g->passed, g->values, count),
        "secagg_client_input_f32");
    g->own.values += made - start;
    g->own.encoding += processor() - made;
    g->passed += count;
}

/* Send all messages of this phase. The dropout exits in the middle of its
 * input. */
static void send_messages(client_process *g)
{
    const bool input = secagg_client_phase(g->client) == SECAGG_PHASE_INPUT;
    size_t len;

    do {
        const uint8_t *msg;
        if (input && g->index == DROPOUT
            && g->passed >= g->h->segment.length / 2)
            exit(0);
        if (input && g->passed < g->h->segment.length)
            pass_part(g);
        const double start = processor();
        must(secagg_client_send(g->client, &msg, &len), "secagg_client_send");
        g->own.masking += input ? processor() - start : 0;
        g->own.parts += input && len > 0;
        g->own.sent += len;
        bench_must(write_message(g->fd, msg, len), "socket of a client");
    } while (len > 0);
}

static void run_session(client_process *g)
{
    uint8_t *msg = NULL;
    size_t capacity = 0, len;

    while (send_messages(g),
        secagg_client_phase(g->client) < SECAGG_PHASE_DONE) {
        bench_must(read_message(g->fd, &msg, &capacity, &len),
            "socket of a client");
        must(secagg_client_recv(g->client, msg, len), "secagg_client_recv");
    }
    free(msg);
}

static void run_client(const cohort *h, uint32_t index, int fd)
{
    client_process g = { .h = h, .index = index, .fd = fd };

    g.own.start = bench_peak();
    g.values = malloc((size_t)h->part * sizeof *g.values);
    bench_must(g.values != NULL, "malloc");
    must(secagg_client_new(&g.client, &h->params, index, NULL),
        "secagg_client_new");
    must(secagg_client_set_part_size(g.client, h->part),
        "secagg_client_set_part_size");
    run_session(&g);
    g.own.peak = bench_peak();
    bench_must(write_all(fd, &g.own, sizeof g.own), "socket of a client");
    secagg_client_free(g.client);
    free(g.values);
}

/* Must be called before there is a server: fork() would copy its memory. */
static void start_clients(cohort *h)
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
                close(h->sockets[k]);
            close(pair[0]);
            run_client(h, i, pair[1]);
            exit(0);
        }
        close(pair[1]);
        h->sockets[i] = pair[0];
    }
}

/* ---- the server --------------------------------------------------------- */

/* Receive all messages of a client in this phase. The server stores the parts
 * of an incomplete input, so it is passed one client's after the other. */
static void receive_messages(cohort *h, uint32_t i)
{
    size_t len;

    for (;;) {
        if (!read_message(h->sockets[i], &h->message, &h->capacity, &len)) {
            bench_must(i == DROPOUT, "client process");
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

static void send_message(cohort *h, uint32_t i)
{
    const uint8_t *msg;
    size_t len;

    must(secagg_server_send(h->server, i, &msg, &len), "secagg_server_send");
    if (len > 0)
        bench_must(write_message(h->sockets[i], msg, len),
            "socket of a client");
}

static void serve(cohort *h)
{
    must(secagg_server_new(&h->server, &h->params), "secagg_server_new");
    while (secagg_server_phase(h->server) < SECAGG_PHASE_DONE) {
        for (uint32_t i = 0; i < CLIENTS; i++)
            if (secagg_server_includes(h->server, i))
                receive_messages(h, i);
        must(secagg_server_advance(h->server), "secagg_server_advance");
        for (uint32_t i = 0; i < CLIENTS; i++)
            if (secagg_server_includes(h->server, i))
                send_message(h, i); /* the dropout has exited */
    }
}

/* Returns the number of wrong entries. */
static uint64_t check(const cohort *h, double *reading)
{
    uint64_t *sum = malloc(READ_ENTRIES * sizeof *sum), wrong = 0;

    bench_must(sum != NULL, "malloc");
    for (uint64_t at = 0; at < h->segment.length; at += READ_ENTRIES) {
        const uint64_t left = h->segment.length - at;
        const size_t count = left < READ_ENTRIES ? (size_t)left : READ_ENTRIES;
        const double start = processor();
        must(secagg_server_sum_u64(h->server, 0, at, sum, count),
            "secagg_server_sum_u64");
        *reading += processor() - start;
        for (size_t e = 0; e < count; e++) {
            uint64_t want = 0;
            for (uint32_t i = 0; i < CLIENTS; i++)
                want += i == DROPOUT ? 0 : step_of(i, at + e);
            wrong += sum[e] != want;
        }
    }
    free(sum);
    return wrong;
}

/* ---- report ------------------------------------------------------------- */

/* Returns the figures of the surviving client with the highest peak. */
static figures collect(cohort *h)
{
    figures maximum = { 0 };

    for (uint32_t i = 0; i < CLIENTS; i++) {
        figures f = { 0 };
        if (i != DROPOUT)
            bench_must(read_all(h->sockets[i], &f, sizeof f),
                "socket of a client");
        maximum = f.peak > maximum.peak ? f : maximum;
        close(h->sockets[i]);
        waitpid(h->pids[i], NULL, 0);
    }
    return maximum;
}

static void show(const cohort *h, const figures *f, uint64_t wrong,
    double reading)
{
    const double entries = (double)h->segment.length;

    printf("client: %.1f MB at its peak, %.1f MB before it began; %llu parts "
           "of %llu entries,\n    %.1f MB sent\n", (double)f->peak / 1e6,
        (double)f->start / 1e6, (unsigned long long)f->parts,
        (unsigned long long)h->part, (double)f->sent / 1e6);
    printf("client: ns an entry: %.2f rounding and planes, %.2f masks (%d of "
           "them); besides,\n    %.2f to make the value\n",
        1e9 * f->encoding / entries, 1e9 * f->masking / entries, CLIENTS,
        1e9 * f->values / entries);
    printf("server: ns an entry: %.2f to receive one client's parts, %.2f "
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

/* The server needs memory for the sum and for the parts of one client. Returns
 * false if the system reports less. */
static bool enough_memory(const cohort *h)
{
    const double need = 2.0 * BITS / 8 * (double)h->segment.length + 5e7;
    const uint64_t have = bench_proc_bytes("/proc/meminfo", "MemAvailable:");

    printf("%d clients, one drops out; %llu entries of %d bits; the server "
           "needs %.1f GB\n", CLIENTS,
        (unsigned long long)h->segment.length, BITS, need / 1e9);
    if (have == 0 || need < (double)have)
        return true;
    fprintf(stderr, "long: only %.1f GB are free; use fewer --entries\n",
        (double)have / 1e9);
    return false;
}

static void set_params(cohort *h, const options *own)
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
    cohort h = { .params = SECAGG_PARAMS_INIT };
    double reading = 0;
    uint64_t wrong;
    figures maximum;

    if (!read_options(&own, argc, argv))
        return 2;
    set_params(&h, &own);
    if (!enough_memory(&h))
        return 1;
    signal(SIGPIPE, SIG_IGN);
    start_clients(&h);
    serve(&h);
    maximum = collect(&h);
    wrong = check(&h, &reading);
    show(&h, &maximum, wrong, reading);
    secagg_server_free(h.server);
    free(h.message);
    return wrong == 0 ? 0 : 1;
}
