/* SPDX-License-Identifier: Apache-2.0 */
/* The saved state of a server, changed by the tape and sealed again with the
 * right key (PROTOCOL.md 11.5). A server is resumed from it or not. One that is
 * has the state that it came from, byte for byte, and goes on with the session
 * of the clients, however it ends. */
#include <stdlib.h>
#include <string.h>

#include "crypto/state_seal.h"
#include "fuzz/fuzz.h"
#include "support/party.h"

#define SEGMENT_VALUES 4096

static const uint8_t key[SECAGG_SEED_BYTES] = { 0x92 };

typedef struct context {
    fuzz_session p;
    uint32_t n;
    uint64_t given[FUZZ_MAX_CLIENTS]; /* blocks of its input */
} context;

/* ---- the session -------------------------------------------------------- */

/* The next message of client i; the server may reject it, once its state was
 * changed. */
static void send_one(context *s, uint32_t i)
{
    size_t len;
    uint8_t *msg = fuzz_client_send(&s->p, s->p.r.clients[i], i, &s->given[i],
        &len);

    if (msg != NULL)
        (void)!secagg_server_recv(s->p.r.server, i, msg, len);
    free(msg);
}

static void deliver_all(context *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const uint8_t *msg;
        size_t len;
        CHECK(secagg_server_send(s->p.r.server, i, &msg, &len) == SECAGG_OK);
        if (len > 0)
            (void)!secagg_client_recv(s->p.r.clients[i], msg, len);
    }
}

static void end_phase(context *s)
{
    const secagg_err err = secagg_server_advance(s->p.r.server);

    CHECK(err == SECAGG_OK || err == SECAGG_ERR_THRESHOLD
        || err == SECAGG_ERR_CHEAT || err == SECAGG_ERR_STATE);
}

/* Let some clients answer, or end the phase. */
static void go_on(context *s)
{
    const uint8_t what = tape_byte(&s->p.tape);

    for (uint32_t i = 0; i < s->n; i++)
        if (!(what >> i % 7 & 1))
            send_one(s, i);
    if (what & 0x80) {
        end_phase(s);
        deliver_all(s);
    }
}

/* ---- the state ---------------------------------------------------------- */

/* Save the server as generation 1; the caller frees the bytes. */
static uint8_t *save(secagg_server *server, size_t *len)
{
    uint8_t *sealed;

    *len = secagg_server_save_size(server);
    sealed = malloc(*len);
    CHECK(sealed != NULL);
    CHECK(secagg_server_save(server, sealed, *len, key) == SECAGG_OK);
    return sealed;
}

static uint8_t *open_state(const uint8_t *sealed, size_t len,
    sa_state_head *head)
{
    const sa_state_wanted any = { 0, -1, NULL };
    uint8_t *state = malloc(len);

    CHECK(state != NULL);
    CHECK(sa_state_read_head(head, sealed, len, &any) == SECAGG_OK);
    CHECK(sa_state_open(state, head, sealed, len, key) == SECAGG_OK);
    return state;
}

/* The server of a changed state, or NULL. It is the one of that state only:
 * saved again, it gives the same bytes. */
static secagg_server *resume(const sa_state_head *head, const uint8_t *state,
    size_t len)
{
    uint8_t *sealed = malloc(len + SA_STATE_SEAL_EXTRA), *again, *opened;
    secagg_server *server = NULL;
    sa_state_head new_head;
    secagg_err err;
    size_t size;

    CHECK(sealed != NULL);
    CHECK(sa_state_seal(sealed, head, state, len, key) == SECAGG_OK);
    err = secagg_server_resume(&server, sealed, len + SA_STATE_SEAL_EXTRA, key,
        0, NULL);
    CHECK(err == SECAGG_OK || err == SECAGG_ERR_MESSAGE);
    CHECK((err == SECAGG_OK) == (server != NULL));
    free(sealed);
    if (server == NULL)
        return NULL;
    again = save(server, &size);
    opened = open_state(again, size, &new_head);
    CHECK(size == len + SA_STATE_SEAL_EXTRA);
    CHECK(new_head.generation == head->generation + 1);
    CHECK(memcmp(opened, state, len) == 0);
    free(again);
    free(opened);
    return server;
}

/* Put the server of a changed state in the place of the server. */
static void change_state(context *s)
{
    size_t len, changed_len;
    uint8_t *sealed = save(s->p.r.server, &len), *state, *changed;
    secagg_server *server;
    sa_state_head head;

    state = open_state(sealed, len, &head);
    changed = fuzz_mutate(&s->p.tape, state, len - SA_STATE_SEAL_EXTRA, state,
        len - SA_STATE_SEAL_EXTRA, &changed_len);
    server = resume(&head, changed, changed_len);
    if (server == NULL)
        server = resume(&head, state, len - SA_STATE_SEAL_EXTRA);
    CHECK(server != NULL);
    secagg_server_free(s->p.r.server);
    s->p.r.server = server;
    free(sealed);
    free(state);
    free(changed);
}

/* ---- the end ------------------------------------------------------------ */

/* Whatever the host may ask. */
static void ask_all(context *s)
{
    static uint64_t sum[SEGMENT_VALUES];
    const secagg_server *server = s->p.r.server;
    const secagg_params *params = secagg_server_params(server);
    uint8_t owing[FUZZ_MAX_CLIENTS];
    char why[512];
    uint32_t a, b;
    secagg_phase phase;
    secagg_err err;

    (void)secagg_server_error(server, why, sizeof why);
    CHECK(secagg_server_owing(server, owing, sizeof owing) == SECAGG_OK);
    for (uint32_t i = 0; i < params->clients; i++)
        (void)!secagg_server_lost(server, i, &phase, &err);
    for (size_t k = 0; secagg_server_blamed(server, k, &a, &err) == SECAGG_OK;
         k++)
        CHECK(a < params->clients);
    for (size_t k = 0; secagg_server_disputed(server, k, &a, &b) == SECAGG_OK;
         k++)
        CHECK(a < params->clients && b < params->clients);
    for (size_t k = 0; k < params->segment_count; k++)
        if (params->segments[k].length <= SEGMENT_VALUES)
            (void)!secagg_server_sum_u64(server, k, 0, sum,
                (size_t)params->segments[k].length);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    context *s = calloc(1, sizeof *s);
    uint8_t steps;

    CHECK(s != NULL);
    fuzz_init(&s->p, input, len);
    s->n = s->p.r.params.clients;
    steps = tape_byte(&s->p.tape) % 24;
    for (uint8_t k = 0; k < steps; k++)
        go_on(s);
    change_state(s);
    deliver_all(s);
    ask_all(s);
    while (secagg_server_phase(s->p.r.server) < SECAGG_PHASE_DONE) {
        size_t size;
        for (uint64_t part = 0; part < s->p.r.blocks; part++)
            for (uint32_t i = 0; i < s->n; i++)
                send_one(s, i);
        end_phase(s);
        free(save(s->p.r.server, &size));
        deliver_all(s);
        ask_all(s);
    }
    fuzz_free(&s->p);
    free(s);
    return 0;
}
