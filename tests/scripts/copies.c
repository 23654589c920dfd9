/* SPDX-License-Identifier: Apache-2.0 */
/* copies: several copies of the library in one process. Each argument is a
 * shared library that is loaded for itself; compiled with WITH_OWN, the program
 * is linked with a copy, too. Each copy runs a session alone, and then each
 * pair of copies runs one in which the server is of the first, and the clients
 * of both. */
#include <dlfcn.h>
#include <math.h>
#include <secagg.h>
#include <stdio.h>
#include <stdlib.h>

#define CLIENTS 3
#define LENGTH 100
#define COPIES 8

/* The functions of one copy. */
#define FUNCTIONS(X)                                                          \
    X(available) X(params_init) X(params_new_session) X(server_new)           \
    X(server_free) X(server_recv) X(server_send) X(server_advance)            \
    X(server_phase)                                                           \
    X(server_mean_f64) X(client_new) X(client_free) X(client_input_f64)       \
    X(client_send) X(client_recv) X(wipe)

typedef struct copy {
#define X(name) __typeof__(secagg_##name) *name;
    FUNCTIONS(X)
#undef X
} copy;

static void check(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "copies: %s\n", what);
    exit(1);
}

/* POSIX lets an object pointer of dlsym() be stored as a function's. */
static copy load(const char *file)
{
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    copy c;

    check(library != NULL, "a copy cannot be loaded");
#define X(name)                                                               \
    *(void **)&c.name = dlsym(library, "secagg_" #name);                      \
    check(c.name != NULL, "a copy has no secagg_" #name);
    FUNCTIONS(X)
#undef X
    return c;
}

#ifdef WITH_OWN
static copy own(void)
{
    copy c;

#define X(name) c.name = secagg_##name;
    FUNCTIONS(X)
#undef X
    return c;
}
#endif

static secagg_err up(const copy *s, secagg_server *server, const copy *c,
    secagg_client *client, uint32_t i)
{
    const uint8_t *msg;
    size_t len;
    secagg_err err;

    while ((err = c->client_send(client, &msg, &len)) == SECAGG_OK && len > 0)
        if ((err = s->server_recv(server, i, msg, len)) != SECAGG_OK)
            return err;
    return err;
}

static secagg_err down(const copy *s, secagg_server *server, const copy *c,
    secagg_client *client, uint32_t i)
{
    const uint8_t *msg;
    size_t len;
    secagg_err err = s->server_send(server, i, &msg, &len);

    return err == SECAGG_OK && len > 0 ? c->client_recv(client, msg, len)
                                       : err;
}

/* The last client is of the copy `other`. */
static void session(const copy *s, const copy *other)
{
    const copy *of[CLIENTS] = { s, s, other };
    secagg_segment segment = { .length = LENGTH, .kind = SECAGG_REAL,
        .value_bits = 16, .clip = 1.0 };
    secagg_params params;
    secagg_server *server;
    secagg_client *client[CLIENTS];
    double values[LENGTH], mean[LENGTH];

    s->params_init(&params);
    if (s->available(SECAGG_SUITE_AES, NULL, 0) != SECAGG_OK)
        params.suite = SECAGG_SUITE_CHACHA;
    params.clients = CLIENTS;
    params.corrupt = 1;
    params.threshold = CLIENTS;
    params.segments = &segment;
    params.segment_count = 1;
    check(s->params_new_session(&params) == SECAGG_OK, "no session");
    check(s->server_new(&server, &params) == SECAGG_OK, "no server");
    for (uint32_t i = 0; i < CLIENTS; i++) {
        for (size_t e = 0; e < LENGTH; e++)
            values[e] = 0.25 * (i + 1.0);
        check(of[i]->client_new(&client[i], &params, i, NULL) == SECAGG_OK
            && of[i]->client_input_f64(client[i], 0, 0, values, LENGTH)
                == SECAGG_OK, "no client");
    }
    while (s->server_phase(server) < SECAGG_PHASE_DONE) {
        for (uint32_t i = 0; i < CLIENTS; i++)
            check(up(s, server, of[i], client[i], i) == SECAGG_OK, "up");
        check(s->server_advance(server) == SECAGG_OK, "a phase fails");
        for (uint32_t i = 0; i < CLIENTS; i++)
            check(down(s, server, of[i], client[i], i) == SECAGG_OK, "down");
    }
    check(s->server_mean_f64(server, 0, 0, mean, LENGTH) == SECAGG_OK,
        "no mean");
    for (size_t e = 0; e < LENGTH; e++)
        check(fabs(mean[e] - 0.5) < 1e-4, "the mean is wrong");
    for (uint32_t i = 0; i < CLIENTS; i++)
        of[i]->client_free(client[i]);
    s->server_free(server);
}

int main(int argc, char **argv)
{
    copy copies[COPIES];
    int count = 0;

#ifdef WITH_OWN
    copies[count++] = own();
#endif
    for (int i = 1; i < argc && count < COPIES; i++)
        copies[count++] = load(argv[i]);
    for (int i = 0; i < count; i++)
        for (int k = 0; k < count; k++) {
            check(i == k || copies[i].wipe != copies[k].wipe,
                "two copies are one");
            session(&copies[i], &copies[k]);
        }
    printf("%d copies\n", count);
    return 0;
}
