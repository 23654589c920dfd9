/* SPDX-License-Identifier: Apache-2.0 */
/* leaks_party: a client or a server whose memory leaks.c searches. It reads the
 * secrets that a host has from a pipe, passes them to the library and wipes
 * them, so that what is found later was left by the library. It stops itself
 * wherever it is to be searched, after it has written the moment. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "leaks.h"
#include "support/laxest_policy.h"

#define HEADER 48 /* bytes of a header; RELAY and SURVIVORS go on with a set */

static start given;
static uint8_t left[SECAGG_SEED_BYTES]; /* the control */
static uint8_t message[MESSAGE_MAX];
static message_head head;

static bool fill(void *out, size_t len)
{
    uint8_t *at = out;

    while (len > 0) {
        const ssize_t have = read(STDIN_FILENO, at, len);
        if (have <= 0)
            return false;
        at += have;
        len -= (size_t)have;
    }
    return true;
}

static bool next_message(void)
{
    return fill(&head, sizeof head) && head.len <= sizeof message
        && fill(message, head.len);
}

static void stop(moment now)
{
    const char byte = (char)now;

    MUST(write(STDOUT_FILENO, &byte, 1) == 1);
    MUST(raise(SIGSTOP) == 0);
}

/* ---- a client ----------------------------------------------------------- */

static secagg_client *new_client(const secagg_params *p, bool keep)
{
    const secagg_policy policy = laxest_policy();
    secagg_client *c;

    MUST(secagg_client_new_seeded(&c, p, 0, &policy, given.seed)
        == SECAGG_OK);
    if (given.mode == SECAGG_ACTIVE)
        MUST(secagg_client_identify(c, given.secret_key) == SECAGG_OK);
    for (uint32_t i = 0; i < CLIENTS && given.mode == SECAGG_ACTIVE; i++)
        MUST(secagg_client_trust(c, i, given.public_keys[i]) == SECAGG_OK);
    MUST(leaks_give(c, &given.input) == SECAGG_OK);
    secagg_wipe(&given.input, sizeof given.input);
    if (keep)
        memcpy(left, given.seed, sizeof left);
    secagg_wipe(given.seed, sizeof given.seed);
    secagg_wipe(given.secret_key, sizeof given.secret_key);
    return c;
}

/* A saved state is sealed, and its key is no secret here. */
static void save_and_resume(secagg_client *c, const secagg_params *p)
{
    static const uint8_t key[SECAGG_SEED_BYTES] = { 1, 2, 3 };
    const size_t len = secagg_client_save_size(c);
    uint8_t *state = malloc(len);
    secagg_client *copy;

    MUST(state != NULL);
    MUST(secagg_client_save(c, state, len, key) == SECAGG_OK);
    MUST(secagg_client_resume(&copy, state, len, key,
        secagg_client_generation(c), p, 0) == SECAGG_OK);
    secagg_client_free(copy);
    free(state);
}

static void send_message(secagg_client *c, const secagg_params *p,
    scenario what)
{
    const uint8_t *msg;
    size_t len;
    secagg_err err;

    if (what == SAVED)
        save_and_resume(c, p);
    err = secagg_client_send(c, &msg, &len);
    if (what == SAVED && err == SECAGG_ERR_STATE) {
        save_and_resume(c, p);
        err = secagg_client_send(c, &msg, &len);
    }
    MUST(err == SECAGG_OK && len > 0);
}

static moment after_send(const secagg_client *c)
{
    switch (secagg_client_phase(c)) {
    case SECAGG_PHASE_SHARES: return SHARES_SENT;
    case SECAGG_PHASE_INPUT: return INPUT_SENT;
    case SECAGG_PHASE_DONE: return UNMASK_SENT;
    case SECAGG_PHASE_KEYS:
    case SECAGG_PHASE_CONFIRM:
    case SECAGG_PHASE_UNMASK:
    case SECAGG_PHASE_FAILED: break;
    }
    return RUNNING;
}

static bool ends_after(scenario what, moment now)
{
    return now == UNMASK_SENT || (what == FREED_SHARES && now == SHARES_SENT)
        || (what == FREED_INPUT && now == INPUT_SENT);
}

static bool fails_after(scenario what, moment now)
{
    return (what == BAD_RELAY && now == SHARES_SENT)
        || (what == BAD_SURVIVORS && now == INPUT_SENT);
}

static void run_client(scenario what, const secagg_params *p)
{
    secagg_client *c = new_client(p, what == LEFT);
    moment now;

    for (;;) {
        send_message(c, p, what);
        now = after_send(c);
        if (now != RUNNING && what == WHOLE)
            stop(now);
        if (ends_after(what, now))
            break;
        MUST(next_message());
        if (fails_after(what, now)) {
            message[HEADER] = 0; /* a set without clients 0 to 7 */
            MUST(secagg_client_recv(c, message, head.len) != SECAGG_OK);
            MUST(secagg_client_phase(c) == SECAGG_PHASE_FAILED);
            stop(OVER);
            break;
        }
        MUST(secagg_client_recv(c, message, head.len) == SECAGG_OK);
        if (now == INPUT_SENT && what == WHOLE)
            stop(SURVIVORS_RECEIVED);
    }
    secagg_client_free(c);
    stop(OVER);
}

/* ---- a server ----------------------------------------------------------- */

static void run_server(const secagg_params *p)
{
    static uint64_t sum[LENGTH];
    secagg_server *s;

    MUST(secagg_server_new_seeded(&s, p, given.seed) == SECAGG_OK);
    secagg_wipe(&given.seed, sizeof given.seed);
    for (uint32_t i = 0; i < CLIENTS && given.mode == SECAGG_ACTIVE; i++)
        MUST(secagg_server_trust(s, i, given.public_keys[i]) == SECAGG_OK);
    while (secagg_server_phase(s) < SECAGG_PHASE_DONE) {
        MUST(next_message());
        if (head.len > 0)
            MUST(secagg_server_recv(s, head.from, message, head.len)
                == SECAGG_OK);
        else
            MUST(secagg_server_advance(s) == SECAGG_OK);
    }
    secagg_wipe(message, sizeof message); /* it has shares of UNMASK */
    MUST(secagg_server_phase(s) == SECAGG_PHASE_DONE);
    stop(UNMASK_SENT);
    MUST(secagg_server_sum_u64(s, 0, 0, sum, LENGTH) == SECAGG_OK);
    stop(UNMASK_SENT);
    secagg_server_free(s);
    stop(OVER);
}

int main(int argc, char **argv)
{
    const scenario what = argc > 1 ? (scenario)atoi(argv[1]) : SCENARIOS;
    secagg_params p;

    MUST(what < SCENARIOS && fill(&given, sizeof given));
    p = leaks_params(given.mode, given.suite);
    if (what == SERVER)
        run_server(&p);
    else
        run_client(what, &p);
    return left[0] == 0 ? 0 : 3;
}
