/* SPDX-License-Identifier: Apache-2.0 */
/* scale: one session of many thousand clients on one machine, with a sparse
 * graph and dropouts in every phase. It checks the sum and reports times and
 * the server's memory, which should be proportional to n k + m. */
#include "bench.h"

#include <malloc.h>
#include <pthread.h>
#include <secagg.h>

#define BITS 32
#define STAYS SECAGG_PHASE_DONE

/* A simulated session. Each thread runs a part of the clients; the lock
 * protects the server. */
typedef struct scale {
    uint32_t clients, length, drop, corrupt; /* drop, corrupt: in percent */
    uint32_t neighbours; /* 0: chosen by secagg_params_choose() */
    uint32_t suite, threads;
    uint64_t seed;
    secagg_params params;
    secagg_policy policy;
    secagg_segment segment;
    secagg_client **handles;
    uint8_t *drops; /* the phase in which a client drops out, or STAYS */
    pthread_mutex_t lock;
    secagg_server *server;
    double by_phase[STAYS + 1]; /* seconds of the server */
} scale;

typedef struct worker {
    scale *s;
    uint32_t first;    /* it runs first, first + threads, ... */
    secagg_phase phase;
    uint64_t *buffer;  /* an input */
    uint8_t *message;  /* copy of a message of the server */
    size_t len;
    double seconds;    /* of its clients */
    pthread_t thread;
} worker;

/* ---- memory and time ---------------------------------------------------- */

/* Bytes that the server has allocated now, and at most. The linker replaces
 * malloc, calloc and free by these functions in all that is linked statically,
 * but not in shared libraries. */
static size_t live, peak;
static _Thread_local bool serving;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *ptr);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *ptr);

static void *count(void *ptr)
{
    if (serving)
        live += malloc_usable_size(ptr);
    if (serving && live > peak)
        peak = live;
    return ptr;
}

void *__wrap_malloc(size_t size)
{
    return count(__real_malloc(size));
}

void *__wrap_calloc(size_t number, size_t size)
{
    return count(__real_calloc(number, size));
}

void __wrap_free(void *ptr)
{
    if (serving)
        live -= malloc_usable_size(ptr);
    __real_free(ptr);
}

/* Processor time of this thread. */
static double seconds_now(void)
{
    return bench_now(CLOCK_THREAD_CPUTIME_ID);
}

static double enter_server(scale *s)
{
    pthread_mutex_lock(&s->lock);
    serving = true;
    return seconds_now();
}

static void leave_server(scale *s, secagg_phase phase, double start)
{
    s->by_phase[phase] += seconds_now() - start;
    serving = false;
    pthread_mutex_unlock(&s->lock);
}

/* ---- a session ---------------------------------------------------------- */

static void must(secagg_err err, const char *call, const scale *s)
{
    char why[512] = "";

    if (err == SECAGG_OK)
        return;
    if (s->server != NULL)
        (void)secagg_server_error(s->server, why, sizeof why);
    fprintf(stderr, "scale: %s: %s. %s\n", call, secagg_strerror(err), why);
    exit(1);
}

static void *must_alloc(size_t number, size_t size, const scale *s)
{
    void *buffer = calloc(number, size);
    must(buffer != NULL ? SECAGG_OK : SECAGG_ERR_MEMORY, "calloc", s);
    return buffer;
}

/* Entry j of client i: any 32-bit number. */
static uint64_t entry(const scale *s, uint32_t i, uint32_t j)
{
    uint64_t x = s->seed + ((uint64_t)i << 32 | j) * 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
    return x >> (64 - BITS);
}

/* Choose the dropouts, a quarter of them in each phase. */
static void plan_dropouts(scale *s)
{
    static const secagg_phase phases[] = { SECAGG_PHASE_KEYS,
        SECAGG_PHASE_SHARES, SECAGG_PHASE_INPUT, SECAGG_PHASE_UNMASK };
    const uint32_t n = s->clients;
    const uint32_t dropouts = (uint32_t)((uint64_t)n * s->drop / 100);

    memset(s->drops, STAYS, n);
    for (uint32_t k = 0; k < dropouts; k++) {
        uint32_t i = (uint32_t)(entry(s, n, k) % n);
        while (s->drops[i] != STAYS)
            i = (i + 1) % n;
        s->drops[i] = (uint8_t)phases[k % 4];
    }
}

static void pass_input(worker *w, uint32_t i)
{
    const scale *s = w->s;

    for (uint32_t j = 0; j < s->length; j++)
        w->buffer[j] = entry(s, i, j);
    must(secagg_client_input_u64(s->handles[i], 0, 0, w->buffer, s->length),
        "input", s);
}

/* Copy the server's message to a client. The copy is needed because another
 * thread may call the server, which invalidates the message. */
static void fetch(worker *w, secagg_phase phase, uint32_t i)
{
    scale *s = w->s;
    const uint8_t *msg;
    double start;

    free(w->message);
    start = enter_server(s);
    must(secagg_server_send(s->server, i, &msg, &w->len), "send", s);
    serving = false;
    w->message = must_alloc(w->len + 1, 1, s);
    if (w->len > 0)
        memcpy(w->message, msg, w->len);
    leave_server(s, phase, start);
}

/* Run one phase of a client, unless it has dropped out: it receives a
 * message and sends one. A client is created in KEYS and freed after its
 * last message. */
static void serve(worker *w, secagg_phase phase, uint32_t i)
{
    scale *s = w->s;
    const uint8_t *msg;
    size_t len = 0;
    double start = seconds_now();

    if (phase == SECAGG_PHASE_KEYS)
        must(secagg_client_new(&s->handles[i], &s->params, i, &s->policy),
            "client", s);
    if (w->len > 0)
        must(secagg_client_recv(s->handles[i], w->message, w->len), "recv", s);
    w->seconds += seconds_now() - start;
    if (s->drops[i] > phase) {
        if (phase == SECAGG_PHASE_INPUT)
            pass_input(w, i);
        start = seconds_now();
        must(secagg_client_send(s->handles[i], &msg, &len), "client send", s);
        w->seconds += seconds_now() - start;
        start = enter_server(s);
        must(secagg_server_recv(s->server, i, msg, len), "recv", s);
        leave_server(s, phase, start);
    }
    if (s->drops[i] <= phase || phase == SECAGG_PHASE_UNMASK) {
        secagg_client_free(s->handles[i]);
        s->handles[i] = NULL;
    }
}

static void *work(void *arg)
{
    worker *w = arg;
    const scale *s = w->s;
    const secagg_phase phase = w->phase;

    for (uint32_t i = w->first; i < s->clients; i += s->threads) {
        if (phase > SECAGG_PHASE_KEYS && s->handles[i] == NULL)
            continue;
        fetch(w, phase, i);
        serve(w, phase, i);
    }
    return NULL;
}

static void run_phase(scale *s, worker *workers)
{
    const secagg_phase phase = secagg_server_phase(s->server);
    double start;

    for (uint32_t t = 0; t < s->threads; t++) {
        workers[t].phase = phase;
        must(pthread_create(&workers[t].thread, NULL, work, &workers[t]) == 0
                ? SECAGG_OK : SECAGG_ERR_MEMORY, "thread", s);
    }
    for (uint32_t t = 0; t < s->threads; t++)
        (void)pthread_join(workers[t].thread, NULL);
    start = enter_server(s);
    must(secagg_server_advance(s->server), "advance", s);
    leave_server(s, phase, start);
}

/* Returns the seconds of all clients. */
static double run(scale *s)
{
    worker *workers = must_alloc(s->threads, sizeof *workers, s);
    double seconds = 0, start = enter_server(s);

    must(secagg_server_new(&s->server, &s->params), "server", s);
    leave_server(s, SECAGG_PHASE_KEYS, start);
    for (uint32_t t = 0; t < s->threads; t++)
        workers[t] = (worker){ .s = s, .first = t,
            .buffer = must_alloc(s->length, sizeof(uint64_t), s) };
    while (secagg_server_phase(s->server) < SECAGG_PHASE_DONE)
        run_phase(s, workers);
    for (uint32_t t = 0; t < s->threads; t++) {
        seconds += workers[t].seconds;
        free(workers[t].buffer);
        free(workers[t].message);
    }
    free(workers);
    return seconds;
}

/* Returns the number of entries that differ from the sum of the inputs. */
static uint32_t wrong_entries(scale *s)
{
    uint64_t *sum = must_alloc(s->length, sizeof *sum, s);
    uint32_t wrong = 0;
    double start = enter_server(s);

    must(secagg_server_sum_u64(s->server, 0, 0, sum, s->length), "sum", s);
    leave_server(s, STAYS, start);
    for (uint32_t j = 0; j < s->length; j++) {
        uint64_t plain = 0;
        for (uint32_t i = 0; i < s->clients; i++)
            if (s->drops[i] > SECAGG_PHASE_INPUT)
                plain += entry(s, i, j);
        wrong += (plain & (((uint64_t)1 << BITS) - 1)) != sum[j];
    }
    free(sum);
    return wrong;
}

/* ---- report ------------------------------------------------------------- */

static void report(const scale *s, double client_seconds, uint32_t wrong)
{
    static const char *const names[] = { "KEYS", "SHARES", "INPUT", "CONFIRM",
        "UNMASK", "sum" };
    const double n = s->clients, k = s->params.neighbours;
    double seconds = 0;

    for (int p = 0; p <= STAYS; p++)
        seconds += s->by_phase[p];
    printf("sum of %u inputs, %u entries         %s\n",
        secagg_server_survivors(s->server), s->length,
        wrong == 0 ? "exact" : "WRONG");
    printf("server, CPU seconds                  %14.3f\n", seconds);
    for (int p = 0; p <= STAYS; p++)
        if (p != SECAGG_PHASE_CONFIRM)
            printf("    %-8s                         %14.3f\n", names[p],
                s->by_phase[p]);
    printf("    microseconds a client            %14.3f\n",
        1e6 * seconds / n);
    printf("a client, CPU milliseconds           %14.3f\n",
        1e3 * client_seconds / n);
    printf("server, peak bytes                   %14.0f\n", (double)peak);
    if (k > 0)
        printf("    divided by n k                   %14.3f\n",
            (double)peak / (n * k));
    printf("server and clients, peak bytes       %14.0f\n",
        (double)bench_peak());
}

/* ---- the command line --------------------------------------------------- */

static bool read_number(uint32_t *value, const char *name, const char *text,
    uint32_t min, uint32_t max)
{
    uint64_t number = *value;
    const bool good = bench_number("scale", &number, name, text, min, max);

    *value = (uint32_t)number;
    return good;
}

static bool set(scale *s, const char *name, const char *text)
{
    if (strcmp(name, "--clients") == 0)
        return read_number(&s->clients, name, text, 100, 1000000);
    if (strcmp(name, "--length") == 0)
        return read_number(&s->length, name, text, 1, 100000000);
    if (strcmp(name, "--drop") == 0)
        return read_number(&s->drop, name, text, 0, 50);
    if (strcmp(name, "--corrupt") == 0)
        return read_number(&s->corrupt, name, text, 0, 50);
    if (strcmp(name, "--neighbours") == 0)
        return read_number(&s->neighbours, name, text, 4, 4094);
    if (strcmp(name, "--threads") == 0)
        return read_number(&s->threads, name, text, 1, 64);
    if (strcmp(name, "--seed") == 0)
        return bench_number("scale", &s->seed, name, text, 0,
            UINT32_MAX);
    s->suite = strcmp(text, "chacha") == 0 ? SECAGG_SUITE_CHACHA
                                           : SECAGG_SUITE_AES;
    if (strcmp(name, "--suite") == 0
        && (strcmp(text, "aes") == 0 || s->suite == SECAGG_SUITE_CHACHA))
        return true;
    fprintf(stderr, "scale: unknown option: %s %s; see --help\n", name,
        text);
    return false;
}

static void help(void)
{
    printf("usage: scale [options]\n\n"
           "One session of many clients in one process, dropouts in every "
           "phase.\n\n"
           "  --clients N      number of clients (default 10000)\n"
           "  --length M       entries of an input (default 1000)\n"
           "  --drop PERCENT   clients that drop out (default 5)\n"
           "  --corrupt PERCENT  clients that may collude (default 5)\n"
           "  --neighbours K   of each client, even (default: chosen)\n"
           "  --suite NAME     aes or chacha (default aes)\n"
           "  --threads N      threads that run the clients (default 2)\n"
           "  --seed N         of inputs and dropouts (default 1)\n"
           "  --help           this text\n\n"
           "Exits with 0 if the sum is exact, with 1 if it is not or "
           "something fails,\nand with 2 for a bad option.\n");
}

static bool read_options(scale *s, int argc, char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc) {
            fprintf(stderr, "scale: %s is unknown or needs a value; see "
                            "--help\n", argv[i]);
            return false;
        }
        if (!set(s, argv[i], argv[i + 1]))
            return false;
    }
    return true;
}

/* Replace the chosen degree by that of the command line, and scale the
 * threshold: two sizes with the same degree can be compared. */
static void set_neighbours(scale *s)
{
    const uint32_t chosen = s->params.neighbours + 1;

    if (s->neighbours == 0)
        return;
    s->policy.min_corrupt = SECAGG_NOBODY_CORRUPT; /* no bound holds now */
    s->params.neighbours = s->neighbours;
    s->params.threshold = (s->params.threshold * (s->neighbours + 1)
        + chosen - 1) / chosen;
    s->params.corrupt = 2 * s->params.threshold - s->neighbours - 2;
}

/* Choose parameters for 40 bits of security and failure in 2^-20 of rounds. */
static void choose_params(scale *s)
{
    char why[200];

    s->params = (secagg_params)SECAGG_PARAMS_INIT;
    s->policy = (secagg_policy)SECAGG_POLICY_INIT;
    s->segment.length = s->length;
    s->segment.kind = SECAGG_INTEGER;
    s->segment.bits = BITS;
    s->params.clients = s->clients;
    s->params.suite = s->suite;
    s->params.segments = &s->segment;
    s->params.segment_count = 1;
    must(secagg_params_choose(&s->params, s->corrupt / 100.0,
        s->drop / 100.0, 40, 20, &s->policy, why, sizeof why), why, s);
    set_neighbours(s);
    must(secagg_params_new_session(&s->params), "session id", s);
    must(secagg_params_check(&s->params, why, sizeof why), "parameters", s);
    printf("%u clients, %u %% drop out: %u neighbours, threshold %u\n",
        s->clients, s->drop, s->params.neighbours, s->params.threshold);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static scale s = { .clients = 10000, .length = 1000, .drop = 5,
        .corrupt = 5, .suite = SECAGG_SUITE_AES, .threads = 2, .seed = 1,
        .lock = PTHREAD_MUTEX_INITIALIZER };
    double client_seconds;
    uint32_t wrong;

    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        help();
        return 0;
    }
    if (!read_options(&s, argc, argv))
        return 2;
    choose_params(&s);
    s.handles = must_alloc(s.clients, sizeof *s.handles, &s);
    s.drops = must_alloc(s.clients, 1, &s);
    plan_dropouts(&s);
    client_seconds = run(&s);
    wrong = wrong_entries(&s);
    report(&s, client_seconds, wrong);
    secagg_server_free(s.server);
    free(s.handles);
    free(s.drops);
    return wrong == 0 ? 0 : 1;
}
