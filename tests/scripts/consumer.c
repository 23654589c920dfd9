/* SPDX-License-Identifier: Apache-2.0 */
/* consumer: a program outside the source tree that uses the installed library.
 * It runs a session of three clients. Compiles as C99 and C++98. */
#include <math.h>
#include <secagg.h>
#include <stdio.h>
#include <string.h>

#define CLIENTS 3
#define LENGTH 1000

static secagg_client *clients[CLIENTS];
static secagg_server *server;

static int fail(const char *function, secagg_err err)
{
    fprintf(stderr, "%s: %s\n", function, secagg_strerror(err));
    return 1;
}

static float value(uint32_t client, size_t i)
{
    return (float)(((double)i - 500.0) / 600.0 * (client + 1.0) / CLIENTS);
}

static int start(const secagg_params *params)
{
    float values[LENGTH];
    secagg_err err = secagg_server_new(&server, params);
    uint32_t i;
    size_t e;

    if (err != SECAGG_OK)
        return fail("secagg_server_new", err);
    for (i = 0; i < CLIENTS; i++) {
        err = secagg_client_new(&clients[i], params, i, NULL);
        if (err != SECAGG_OK)
            return fail("secagg_client_new", err);
        for (e = 0; e < LENGTH; e++)
            values[e] = value(i, e);
        err = secagg_client_input_f32(clients[i], 0, 0, values, LENGTH);
        if (err != SECAGG_OK)
            return fail("secagg_client_input_f32", err);
    }
    return 0;
}

/* Pass all messages of a client to the server. */
static secagg_err client_to_server(uint32_t i)
{
    const uint8_t *msg;
    size_t len;
    secagg_err err;

    while ((err = secagg_client_send(clients[i], &msg, &len)) == SECAGG_OK
        && len > 0) {
        err = secagg_server_recv(server, i, msg, len);
        if (err != SECAGG_OK)
            break;
    }
    return err;
}

/* Pass the server's message to a client. */
static secagg_err server_to_client(uint32_t i)
{
    const uint8_t *msg;
    size_t len;
    secagg_err err = secagg_server_send(server, i, &msg, &len);

    if (err == SECAGG_OK && len > 0)
        err = secagg_client_recv(clients[i], msg, len);
    return err;
}

static int run(void)
{
    secagg_err err = SECAGG_OK;
    uint32_t i;

    while (secagg_server_phase(server) < SECAGG_PHASE_DONE) {
        for (i = 0; i < CLIENTS && err == SECAGG_OK; i++)
            err = client_to_server(i);
        if (err == SECAGG_OK)
            err = secagg_server_advance(server);
        if (secagg_server_phase(server) < SECAGG_PHASE_DONE)
            for (i = 0; i < CLIENTS && err == SECAGG_OK; i++)
                err = server_to_client(i);
        if (err != SECAGG_OK)
            return fail("session", err);
    }
    return 0;
}

/* Each of the three values is rounded by at most one step, 2 / (2^16 - 1). */
static int check(void)
{
    float mean[LENGTH];
    secagg_err err = secagg_server_mean_f32(server, 0, 0, mean, LENGTH);
    size_t e;
    uint32_t i;

    if (err != SECAGG_OK)
        return fail("secagg_server_mean_f32", err);
    for (e = 0; e < LENGTH; e++) {
        double want = 0;
        for (i = 0; i < CLIENTS; i++)
            want += value(i, e);
        if (fabs(mean[e] - want / CLIENTS) > 2.0 / 65535 + 1e-6) {
            fprintf(stderr, "entry %lu is %g, not %g\n", (unsigned long)e,
                (double)mean[e], want / CLIENTS);
            return 1;
        }
    }
    return 0;
}

int main(void)
{
    secagg_segment segment;
    secagg_params params = SECAGG_PARAMS_INIT;
    secagg_err err;
    int failed;
    uint32_t i;

    memset(&segment, 0, sizeof segment);
    segment.length = LENGTH;
    segment.kind = SECAGG_REAL;
    segment.value_bits = 16;
    segment.clip = 1.0;
    if (secagg_available(SECAGG_SUITE_AES, NULL, 0) != SECAGG_OK)
        params.suite = SECAGG_SUITE_CHACHA;
    params.clients = CLIENTS;
    params.corrupt = 1;
    params.threshold = 3;
    params.segments = &segment;
    params.segment_count = 1;
    err = secagg_params_new_session(&params);
    if (err != SECAGG_OK)
        return fail("secagg_params_new_session", err);
    failed = start(&params) || run() || check();
    for (i = 0; i < CLIENTS; i++)
        secagg_client_free(clients[i]);
    secagg_server_free(server);
    if (!failed)
        printf("libsecagg %s: the mean of %d\n", secagg_version(), CLIENTS);
    return failed;
}
