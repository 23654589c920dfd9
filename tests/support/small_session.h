/* SPDX-License-Identifier: Apache-2.0 */
/* small_session: a session of three clients whose handles have seeds, for tests
 * in which the libraries below fail; and child processes to break them in. */
#ifndef SMALL_SESSION_H
#define SMALL_SESSION_H

#include <check.h>
#include <secagg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/laxest_policy.h"

#define SMALL_CLIENTS 3
#define SMALL_LENGTH 5000 /* takes rounding words twice */

typedef struct small_session {
    secagg_params params;
    secagg_segment segment;
    secagg_server *server;
    secagg_client *clients[SMALL_CLIENTS];
} small_session;

/* In a child: leave with the line as the status unless the condition holds. */
#define EXPECT(condition)                                                     \
    do {                                                                      \
        if (!(condition))                                                     \
            _exit(__LINE__ % 254 + 1);                                        \
    } while (0)

/* Run `child` in a child process; returns its status as of waitpid(). */
static inline int status_of(void (*child)(void))
{
    const pid_t pid = fork();
    int status = -1;

    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        child();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

#define CHILD_PASSES(child)                                                   \
    do {                                                                      \
        const int status = status_of(child);                                  \
        ck_assert_msg(!WIFSIGNALED(status), "%s: signal %d", #child,          \
            WTERMSIG(status));                                                \
        ck_assert_msg(WEXITSTATUS(status) == 0, "%s: line %d modulo 254",     \
            #child, WEXITSTATUS(status) - 1);                                 \
    } while (0)

static inline void small_params(small_session *s, uint32_t suite)
{
    const secagg_params init = SECAGG_PARAMS_INIT;

    s->segment = (secagg_segment){ .length = SMALL_LENGTH, .kind = SECAGG_REAL,
        .value_bits = 16, .clip = 1.0 };
    s->params = init;
    s->params.suite = suite;
    s->params.clients = SMALL_CLIENTS;
    s->params.threshold = 2;
    s->params.session[0] = 1;
    s->params.segments = &s->segment;
    s->params.segment_count = 1;
}

static inline void small_free(small_session *s)
{
    for (int i = 0; i < SMALL_CLIENTS; i++)
        secagg_client_free(s->clients[i]);
    secagg_server_free(s->server);
}

#define SMALL_TRY(call)                                                       \
    do {                                                                      \
        const secagg_err small_err = (call);                                  \
        if (small_err != SECAGG_OK)                                           \
            return small_err;                                                 \
    } while (0)

/* Create all handles. */
static inline secagg_err small_start(small_session *s, uint32_t suite)
{
    const secagg_policy policy = laxest_policy();
    uint8_t seed[SECAGG_SEED_BYTES] = { 1 };

    *s = (small_session){ .server = NULL };
    small_params(s, suite);
    SMALL_TRY(secagg_server_new_seeded(&s->server, &s->params, seed));
    for (uint8_t i = 0; i < SMALL_CLIENTS; i++) {
        seed[1] = i;
        SMALL_TRY(secagg_client_new_seeded(&s->clients[i], &s->params, i,
            &policy, seed));
    }
    return SECAGG_OK;
}

/* Client i supplies i / 4 in every entry. */
static inline secagg_err small_input(small_session *s, uint32_t i)
{
    float values[SMALL_LENGTH];

    for (int e = 0; e < SMALL_LENGTH; e++)
        values[e] = (float)i / 4;
    return secagg_client_input_f32(s->clients[i], 0, 0, values, SMALL_LENGTH);
}

/* Run the session to its end. */
static inline secagg_err small_run(small_session *s)
{
    const uint8_t *msg;
    size_t len;

    while (secagg_server_phase(s->server) < SECAGG_PHASE_DONE) {
        for (uint32_t i = 0; i < SMALL_CLIENTS; i++) {
            SMALL_TRY(secagg_server_send(s->server, i, &msg, &len));
            if (msg != NULL)
                SMALL_TRY(secagg_client_recv(s->clients[i], msg, len));
            if (secagg_server_phase(s->server) == SECAGG_PHASE_INPUT)
                SMALL_TRY(small_input(s, i));
            SMALL_TRY(secagg_client_send(s->clients[i], &msg, &len));
            SMALL_TRY(secagg_server_recv(s->server, i, msg, len));
        }
        SMALL_TRY(secagg_server_advance(s->server));
    }
    return SECAGG_OK;
}

/* Returns whether the mean is 1/4, up to a step. */
static inline bool small_sum_is_right(const small_session *s)
{
    float mean[SMALL_LENGTH];
    bool right = secagg_server_mean_f32(s->server, 0, 0, mean, SMALL_LENGTH)
        == SECAGG_OK;

    for (int e = 0; e < SMALL_LENGTH && right; e++)
        right = mean[e] > 0.2499f && mean[e] < 0.2501f;
    return right;
}

#endif
