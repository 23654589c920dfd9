/* SPDX-License-Identifier: Apache-2.0 */
/* bench_input: a client's input of each type, with a stride and in pieces, in
 * CPU time without the creation of the client; the means of a server in pieces;
 * and an input in parts of one block. The reference is one contiguous piece of
 * floats, or of 64-bit integers, in one segment; or one range of means. */
#include "bench.h"

#include <secagg.h>

#include "vector/values.h"

#define COUNT 640000
#define PIECE 64 /* entries */
#define PIECES (COUNT / PIECE)
#define PART_SEGMENTS 8000
#define CLIENTS 3
#define STRIDE 3 /* values from one to the next */

/* One way to supply COUNT entries. */
typedef struct way {
    const char *name;
    uint32_t type;
    size_t segments, pieces; /* pieces of all segments together */
    size_t stride;           /* in values */
    bool in_parts;
} way;

typedef struct source {
    const way *way;
    void *values; /* STRIDE * COUNT of them */
    secagg_segment segments[PIECES];
    secagg_params params;
    secagg_server *server; /* after a session, for means */
    float *out;
} source;

static void done(secagg_err err)
{
    bench_must(err == SECAGG_OK, "call");
}

/* Floats of [-1, 1) as values of a type: of 16 bits, those of subnormal and
 * normal numbers alike; integers of 7 bits. */
static void fill(source *s)
{
    const size_t size = sa_type_of(s->way->type)->size;
    uint8_t *at = s->values = bench_alloc(STRIDE * COUNT * size);

    for (size_t i = 0; i < STRIDE * COUNT; i++, at += size) {
        const float f = (float)((double)(i * 2654435761 % 4294967296)
            * 0x1p-31 - 1);
        const double d = (double)f;
        const uint64_t integer = i * 2654435761 % 4294967296 >> 25;
        const uint16_t half = (uint16_t)(i * 40503 % 0x3c00);
        switch (s->way->type) {
        case SECAGG_F16: memcpy(at, &half, sizeof half); break;
        case SECAGG_BF16: memcpy(at, &half, sizeof half); break;
        case SECAGG_F32: memcpy(at, &f, sizeof f); break;
        case SECAGG_F64: memcpy(at, &d, sizeof d); break;
        default: memcpy(at, &integer, size); /* the lowest bytes */
        }
    }
}

static void describe(source *s)
{
    const bool real = !sa_type_of(s->way->type)->integer;

    for (size_t i = 0; i < s->way->segments; i++) {
        s->segments[i] = (secagg_segment){ .kind = SECAGG_SIGNED,
            .length = COUNT / s->way->segments, .value_bits = 8 };
        if (real) {
            s->segments[i].kind = SECAGG_REAL;
            s->segments[i].value_bits = 16;
            s->segments[i].clip = 1;
        }
    }
    s->params = (secagg_params)SECAGG_PARAMS_INIT;
    s->params.clients = CLIENTS;
    s->params.corrupt = 1;
    s->params.threshold = 3;
    s->params.segments = s->segments;
    s->params.segment_count = s->way->segments;
}

static source *new_source(const way *w)
{
    source *s = bench_alloc(sizeof *s);

    memset(s, 0, sizeof *s);
    s->way = w;
    fill(s);
    describe(s);
    return s;
}

static void free_source(source *s)
{
    secagg_server_free(s->server);
    free(s->values);
    free(s->out);
    free(s);
}

/* Supply the entries [from, to), which are of one segment. */
static void supply(const source *s, secagg_client *client, size_t from,
    size_t to)
{
    const size_t length = COUNT / s->way->segments;
    const size_t size = sa_type_of(s->way->type)->size;
    const size_t step = size * s->way->stride;

    done(secagg_client_input_strided(client, from / length, from % length,
        (const uint8_t *)s->values + step * from, s->way->type, to - from,
        (ptrdiff_t)step));
}

/* Send an input in parts of one block. The host supplies the pieces of a part
 * and sends it. */
static void send_parts(const source *s, secagg_client *client)
{
    const size_t length = COUNT / s->way->segments;
    const uint8_t *msg;
    size_t len, to;

    for (size_t block = 0; block < COUNT; block += 512) {
        const size_t end = block + 512 < COUNT ? block + 512 : COUNT;
        for (size_t at = block; at < end; at = to) {
            to = (at / length + 1) * length;
            to = to < end ? to : end;
            supply(s, client, at, to);
        }
        done(secagg_client_send(client, &msg, &len));
    }
}

static void exchange(secagg_server *server, secagg_client **clients)
{
    const uint8_t *msg;
    size_t len;

    for (uint32_t i = 0; i < CLIENTS; i++) {
        done(secagg_client_send(clients[i], &msg, &len));
        done(secagg_server_recv(server, i, msg, len));
    }
    done(secagg_server_advance(server));
    for (uint32_t i = 0; i < CLIENTS; i++) {
        done(secagg_server_send(server, i, &msg, &len));
        if (len > 0)
            done(secagg_client_recv(clients[i], msg, len));
    }
}

/* ---- timed operations --------------------------------------------------- */

static double input(void *arg)
{
    const source *s = arg;
    const size_t piece = COUNT / s->way->pieces;
    secagg_client *client;
    double from, seconds;

    done(secagg_client_new(&client, &s->params, 0, NULL));
    from = bench_now(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t at = 0; at < COUNT; at += piece)
        supply(s, client, at, at + piece);
    seconds = bench_now(CLOCK_PROCESS_CPUTIME_ID) - from;
    secagg_client_free(client);
    return seconds;
}

static double parts(void *arg)
{
    const source *s = arg;
    secagg_client *clients[CLIENTS];
    secagg_server *server;
    double from, seconds;

    done(secagg_server_new(&server, &s->params));
    for (uint32_t i = 0; i < CLIENTS; i++)
        done(secagg_client_new(&clients[i], &s->params, i, NULL));
    done(secagg_client_set_part_size(clients[0], 512));
    exchange(server, clients);
    exchange(server, clients);
    from = bench_now(CLOCK_PROCESS_CPUTIME_ID);
    send_parts(s, clients[0]);
    seconds = bench_now(CLOCK_PROCESS_CPUTIME_ID) - from;
    for (uint32_t i = 0; i < CLIENTS; i++)
        secagg_client_free(clients[i]);
    secagg_server_free(server);
    return seconds;
}

static void run_session(source *s)
{
    secagg_client *clients[CLIENTS];

    done(secagg_server_new(&s->server, &s->params));
    for (uint32_t i = 0; i < CLIENTS; i++) {
        done(secagg_client_new(&clients[i], &s->params, i, NULL));
        for (size_t at = 0; at < COUNT; at += COUNT / s->way->segments)
            supply(s, clients[i], at, at + COUNT / s->way->segments);
    }
    while (secagg_server_phase(s->server) < SECAGG_PHASE_DONE)
        exchange(s->server, clients);
    for (uint32_t i = 0; i < CLIENTS; i++)
        secagg_client_free(clients[i]);
    s->out = bench_alloc(COUNT * sizeof *s->out);
}

static void read_means(void *arg)
{
    const source *s = arg;
    const size_t piece = COUNT / s->way->pieces;
    const size_t length = COUNT / s->way->segments;

    for (size_t at = 0; at < COUNT; at += piece)
        done(secagg_server_mean_f32(s->server, at / length, at % length,
            s->out + at, piece));
}

/* ---- rows --------------------------------------------------------------- */

static void row(const char *kind, const way *w, const way *reference,
    bench_side timed, char **names)
{
    char name[64];
    bench_row r = { name, "ns", reference->name, BENCH_TIME, 1e9, timed,
        timed };

    snprintf(name, sizeof name, "%s/%s", kind, w->name);
    if (!bench_wanted(name, names))
        return;
    r.one.arg = new_source(w);
    r.other.arg = new_source(reference);
    if (timed.call == read_means) {
        run_session(r.one.arg);
        run_session(r.other.arg);
    }
    bench_run(&r, names);
    free_source(r.one.arg);
    free_source(r.other.arg);
}

int main(int argc, char **argv)
{
    static const way reals[] = { { "f32", SECAGG_F32, 1, 1, 1, false },
        { "f64", SECAGG_F64, 1, 1, 1, false },
        { "f16", SECAGG_F16, 1, 1, 1, false },
        { "bf16", SECAGG_BF16, 1, 1, 1, false },
        { "f32 strided", SECAGG_F32, 1, 1, STRIDE, false },
        { "f16 strided", SECAGG_F16, 1, 1, STRIDE, false },
        { "10000 pieces", SECAGG_F32, 1, PIECES, 1, false },
        { "10000 segments", SECAGG_F32, PIECES, PIECES, 1, false } };
    static const way integers[] = { { "u64", SECAGG_U64, 1, 1, 1, false },
        { "i64", SECAGG_I64, 1, 1, 1, false },
        { "i8", SECAGG_I8, 1, 1, 1, false },
        { "u8", SECAGG_U8, 1, 1, 1, false },
        { "i32", SECAGG_I32, 1, 1, 1, false },
        { "u32", SECAGG_U32, 1, 1, 1, false },
        { "i64 10000 pieces", SECAGG_I64, 1, PIECES, 1, false } };
    static const way one = { "one segment", SECAGG_F32, 1, 1, 1, true };
    static const way many = { "8000 segments", SECAGG_F32, PART_SEGMENTS, 1, 1,
        true };
    const bench_side supplying = { .amount = COUNT, .timed = input };
    const bench_side reading = { .amount = COUNT, .call = read_means };
    const bench_side sending = { .amount = COUNT, .timed = parts };

    (void)argc;
    for (size_t i = 1; i < sizeof reals / sizeof *reals; i++)
        row("input", &reals[i], &reals[0], supplying, argv + 1);
    for (size_t i = 1; i < sizeof integers / sizeof *integers; i++)
        row("input", &integers[i], &integers[0], supplying, argv + 1);
    row("means", &reals[6], &reals[0], reading, argv + 1);
    row("means", &reals[7], &reals[0], reading, argv + 1);
    row("parts", &many, &one, sending, argv + 1);
    return 0;
}
