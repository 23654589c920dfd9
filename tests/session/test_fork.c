/* SPDX-License-Identifier: Apache-2.0 */
/* A handle in a process that was forked from the one that made it makes no
 * message (PROTOCOL.md 14.6), in any phase, while the first process goes on. A
 * client that is resumed in the new process is one of its own. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/main.h"
#include "support/party.h"
#include "support/session_driver.h"

#define CLIENTS 5

extern char **environ;

static const uint8_t save_key[SECAGG_SEED_BYTES] = { 3, 1, 4 };

static secagg_params params_of(int mode)
{
    return params_of_mode(mode, CLIENTS, 4, 1);
}

/* Run f in a forked process; it returns whether all was as expected. */
static void in_child(bool (*f)(driver *r), driver *r)
{
    int status;
    const pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(f(r) ? 0 : 1);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}

static bool client_is_refused(secagg_client *c)
{
    static const uint8_t none;
    const uint8_t *msg = &none;
    size_t len = 7;
    static uint8_t state[65536];

    for (int i = 0; i < 2; i++)
        if (secagg_client_send(c, &msg, &len) != SECAGG_ERR_STATE
            || msg != &none || len != 7)
            return false;
    return secagg_client_save_size(c) <= sizeof state
        && secagg_client_save(c, state, secagg_client_save_size(c), save_key)
            == SECAGG_ERR_STATE
        && secagg_client_send(c, &msg, &len) == SECAGG_ERR_STATE;
}

static bool all_are_refused(driver *r)
{
    const secagg_phase phase = secagg_server_phase(r->server);
    const uint8_t *msg;
    size_t len;

    for (uint32_t i = 0; i < CLIENTS; i++)
        if (!client_is_refused(r->clients[i])
            || secagg_server_send(r->server, i, &msg, &len)
                != SECAGG_ERR_STATE)
            return false;
    return secagg_server_advance(r->server) == SECAGG_ERR_STATE
        && secagg_server_phase(r->server) == phase;
}

static bool all_are_refused_in_a_grandchild(driver *r)
{
    int status;
    const pid_t child = fork();

    if (child == 0)
        _exit(all_are_refused(r) ? 0 : 1);
    return child > 0 && waitpid(child, &status, 0) == child
        && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Fork before each call on a client: created, message sent and received. */
static void on_event(driver *r, uint32_t i, driver_event now, uint64_t part)
{
    (void)now;
    (void)part;
    if (i == 1)
        in_child(all_are_refused, r);
}

static void run(int mode, uint64_t part_size)
{
    const secagg_params p = params_of(mode);
    driver r;

    driver_init(&r, &p, 1);
    r.part_size = part_size;
    r.on_event = on_event;
    while (secagg_server_phase(r.server) < SECAGG_PHASE_DONE) {
        OK(driver_collect(&r));
        if (secagg_server_phase(r.server) == SECAGG_PHASE_DONE)
            break;
        in_child(all_are_refused, &r);
        in_child(all_are_refused_in_a_grandchild, &r);
        driver_deliver(&r);
    }
    driver_check_sum(&r);
    driver_free(&r);
}

START_TEST(a_forked_process_makes_no_message_and_its_parent_goes_on)
{
    run(SECAGG_SEMI_HONEST, 0);
    run(SECAGG_SEMI_HONEST, 1024);
    run(SECAGG_ACTIVE, 0);
}
END_TEST

/* ---- what a forked process may do --------------------------------------- */

static bool reads_the_sum(driver *r)
{
    uint64_t sum[PARTY_LENGTH];

    return secagg_server_sum_u64(r->server, 0, 0, sum, PARTY_LENGTH)
        == SECAGG_OK;
}

START_TEST(a_forked_process_reads_the_sum)
{
    const secagg_params p = params_of(SECAGG_SEMI_HONEST);
    driver r;

    driver_init(&r, &p, 2);
    OK(driver_run(&r));
    in_child(reads_the_sum, &r);
    driver_check_sum(&r);
    driver_free(&r);
}
END_TEST

static uint8_t saved[65536];
static size_t saved_len;

static bool resumed_client_goes_on(driver *r)
{
    secagg_client *c;
    const uint8_t *msg;
    size_t len;

    if (secagg_client_resume(&c, saved, saved_len, save_key,
            secagg_client_generation(r->clients[2]), &r->params, 2)
            != SECAGG_OK
        || secagg_client_send(c, &msg, &len) != SECAGG_ERR_STATE) /* 11.3 */
        return false;
    saved_len = secagg_client_save_size(c);
    return saved_len <= sizeof saved
        && secagg_client_save(c, saved, saved_len, save_key) == SECAGG_OK
        && secagg_client_send(c, &msg, &len) == SECAGG_OK && len > 0
        && !client_is_refused(c);
}

START_TEST(a_client_that_is_resumed_in_a_forked_process_goes_on)
{
    const secagg_params p = params_of(SECAGG_SEMI_HONEST);
    driver r;

    driver_init(&r, &p, 3);
    driver_run_to(&r, SECAGG_PHASE_SHARES);
    saved_len = secagg_client_save_size(r.clients[2]);
    ck_assert_uint_le(saved_len, sizeof saved);
    OK(secagg_client_save(r.clients[2], saved, saved_len, save_key));
    in_child(resumed_client_goes_on, &r);
    driver_free(&r);
}
END_TEST

/* posix_spawn() starts another program by vfork() or clone(). */
START_TEST(starting_another_program_changes_nothing)
{
    char name[] = "true", *const argv[] = { name, NULL };
    const secagg_params p = params_of(SECAGG_SEMI_HONEST);
    driver r;

    driver_init(&r, &p, 4);
    while (secagg_server_phase(r.server) < SECAGG_PHASE_DONE) {
        int status;
        pid_t child;
        OK(driver_collect(&r));
        ck_assert_int_eq(posix_spawnp(&child, "true", NULL, NULL, argv,
            environ), 0);
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        if (secagg_server_phase(r.server) < SECAGG_PHASE_DONE)
            driver_deliver(&r);
    }
    driver_check_sum(&r);
    driver_free(&r);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_forked_process_makes_no_message_and_its_parent_goes_on,
        a_forked_process_reads_the_sum,
        a_client_that_is_resumed_in_a_forked_process_goes_on,
        starting_another_program_changes_nothing };
    return RUN(tests);
}
