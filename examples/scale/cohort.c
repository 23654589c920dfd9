/* SPDX-License-Identifier: Apache-2.0 */
#include "scale/cohort.h"

#include <math.h>
#include <stdio.h>

#define CLIP 1.0
/* The largest code, of CLIP (PROTOCOL.md 7.1). */
#define MAX_STEP ((1u << COHORT_VALUE_BITS) - 2)
#define PIECE 65536 /* entries of one call of secagg_client_input_f32() */

/* ---- values -------------------------------------------------------------- */

/* An entry of a client, as the integer that is summed. */
static uint32_t step_of(uint32_t client, uint64_t entry)
{
    uint64_t mixed = (entry + 1) * 0x9e3779b97f4a7c15u
        ^ (client + 1) * 0xd1b54a32d192ed03u;
    return (uint32_t)(mixed * 0xff51afd7ed558ccdu >> 40) % (MAX_STEP + 1);
}

/* The value that is encoded as a step; a float is precise enough for that. */
static float value_of(uint32_t step)
{
    return (float)(2 * CLIP / MAX_STEP * step - CLIP);
}

static uint64_t sum_of(const cohort *c, uint64_t entry)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i + 1 < c->params.clients; i++)
        sum += step_of(i, entry);
    return sum;
}

uint64_t cohort_wrong_sum(const cohort *c, uint64_t offset,
    const uint64_t *sum, size_t count)
{
    uint64_t wrong = 0;
    for (size_t e = 0; e < count; e++)
        wrong += sum[e] != sum_of(c, offset + e);
    return wrong;
}

uint64_t cohort_wrong_mean(const cohort *c, uint64_t offset,
    const float *mean, size_t count)
{
    double survivors = c->params.clients - 1;
    uint64_t wrong = 0;
    for (size_t e = 0; e < count; e++) {
        double exact = 2 * CLIP / MAX_STEP * (double)sum_of(c, offset + e)
            / survivors - CLIP;
        wrong += !(fabs((double)mean[e] - exact) <= 1e-6); /* counts a NaN */
    }
    return wrong;
}

/* ---- the session --------------------------------------------------------- */

static secagg_err set_up(cohort *c, uint32_t clients, uint64_t length)
{
    secagg_params *params = &c->params;
    c->segment = (secagg_segment){ .length = length, .kind = SECAGG_REAL,
        .bits = COHORT_BITS, .value_bits = COHORT_VALUE_BITS,
        .rounding = SECAGG_NEAREST, .clip = CLIP };
    params->clients = clients;
    params->corrupt = clients / 3;
    params->threshold = (clients + clients / 3) / 2 + 1;
    params->segments = &c->segment;
    params->segment_count = 1;
    secagg_err err = secagg_params_new_session(params);
    if (!err)
        err = secagg_server_new(&c->server, params);
    for (uint32_t i = 0; !err && i < clients; i++)
        err = secagg_client_new(&c->clients[i], params, i, NULL);
    return err;
}

/* In pieces, so that no vector of floats is ever complete. */
static secagg_err set_input(const cohort *c, uint32_t index)
{
    static float values[PIECE];
    uint64_t length = c->segment.length;
    secagg_err err = SECAGG_OK;
    for (uint64_t at = 0; !err && at < length; at += PIECE) {
        uint64_t left = length - at;
        size_t count = left < PIECE ? (size_t)left : PIECE;
        for (size_t e = 0; e < count; e++)
            values[e] = value_of(step_of(index, at + e));
        err = secagg_client_input_f32(c->clients[index], 0, at, values, count);
    }
    return err;
}

/* Pass one client's message to the server. */
static secagg_err send_to_server(cohort *c, uint32_t index)
{
    bool input = secagg_server_phase(c->server) == SECAGG_PHASE_INPUT;
    size_t planes = secagg_planar_size((size_t)c->segment.length, COHORT_BITS);
    const uint8_t *msg;
    size_t len;
    secagg_err err = input ? set_input(c, index) : SECAGG_OK;
    if (!err)
        err = secagg_client_send(c->clients[index], &msg, &len);
    if (!err)
        err = secagg_server_recv(c->server, index, msg, len);
    if (!err && input && c->accepted != NULL)
        err = c->accepted(c->user, msg + len - planes);
    return err;
}

static secagg_err send_to_client(cohort *c, uint32_t index)
{
    const uint8_t *msg;
    size_t len;
    secagg_err err = secagg_server_send(c->server, index, &msg, &len);
    if (!err && len > 0)
        err = secagg_client_recv(c->clients[index], msg, len);
    return err;
}

static secagg_err run_phase(cohort *c)
{
    uint32_t last = c->params.clients - 1;
    secagg_err err = SECAGG_OK;
    if (secagg_server_phase(c->server) >= SECAGG_PHASE_INPUT) {
        secagg_client_free(c->clients[last]);
        c->clients[last] = NULL;
    }
    for (uint32_t i = 0; !err && i <= last; i++)
        if (c->clients[i] != NULL)
            err = send_to_server(c, i);
    if (!err)
        err = secagg_server_advance(c->server);
    for (uint32_t i = 0; !err && i <= last; i++)
        if (c->clients[i] != NULL)
            err = send_to_client(c, i);
    return err;
}

bool cohort_run(cohort *c, uint32_t clients, uint64_t length,
    cohort_accepted *accepted, void *user)
{
    char reason[160] = "";
    *c = (cohort){ .params = SECAGG_PARAMS_INIT, .accepted = accepted,
        .user = user };
    secagg_err err = set_up(c, clients, length);
    if (err == SECAGG_ERR_ARG)
        err = secagg_params_check(&c->params, reason, sizeof reason);
    while (!err && secagg_server_phase(c->server) < SECAGG_PHASE_DONE)
        err = run_phase(c);
    if (err)
        fprintf(stderr, "no sum: %s %s\n", secagg_strerror(err), reason);
    return !err;
}

void cohort_free(cohort *c)
{
    for (uint32_t i = 0; i < COHORT_MAX; i++)
        secagg_client_free(c->clients[i]);
    secagg_server_free(c->server);
}
