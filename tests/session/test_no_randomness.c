/* SPDX-License-Identifier: Apache-2.0 */
/* A machine without randomness: a filter of system calls forbids getrandom()
 * and opens no file, so no device either. Calls that draw randomness return an
 * error and change nothing; sessions whose handles have seeds need none. Each
 * test runs in a child, because a filter stays. */
#define _GNU_SOURCE /* syscall numbers */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>

#include "support/main.h"
#include "support/small_session.h"

/* Let each of the system calls fail with `error`. */
static void forbid(int error)
{
    static const long calls[] = { SYS_getrandom, SYS_openat,
#ifdef SYS_open
        SYS_open,
#endif
    };
    struct sock_filter code[2 * sizeof calls / sizeof *calls + 2];
    unsigned short n = 0;

    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
        offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
            (uint32_t)calls[i], 0, 1);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
            SECCOMP_RET_ERRNO | (uint32_t)error);
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
        SECCOMP_RET_ALLOW);
    EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    EXPECT(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
        &(struct sock_fprog){ n, code }) == 0);
    EXPECT(getrandom(&n, 1, 0) < 0 && open("/dev/urandom", O_RDONLY) < 0);
}

static void draw_nothing(void)
{
    const secagg_policy policy = laxest_policy();
    uint8_t public_key[SECAGG_PUBLIC_BYTES] = { 7 };
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES] = { 7 };
    uint8_t before[SECAGG_SESSION_BYTES];
    secagg_client *client = NULL;
    secagg_server *server = NULL;
    small_session s;

    small_params(&s, SECAGG_SUITE_CHACHA);
    memcpy(before, s.params.session, sizeof before);
    errno = 4711;
    EXPECT(secagg_params_new_session(&s.params) == SECAGG_ERR_RANDOM);
    EXPECT(memcmp(before, s.params.session, sizeof before) == 0);
    EXPECT(secagg_client_new(&client, &s.params, 0, &policy)
        == SECAGG_ERR_RANDOM);
    EXPECT(client == NULL);
    EXPECT(secagg_server_new(&server, &s.params) == SECAGG_ERR_RANDOM);
    EXPECT(server == NULL);
    EXPECT(secagg_keypair(public_key, secret_key) == SECAGG_ERR_RANDOM);
    EXPECT(public_key[0] == 7 && secret_key[0] == 7);
    EXPECT(errno == 4711);
}

static void run_seeded(void)
{
    small_session s;

    EXPECT(secagg_available(SECAGG_SUITE_CHACHA, NULL, 0) == SECAGG_OK);
    EXPECT(small_start(&s, SECAGG_SUITE_CHACHA) == SECAGG_OK);
    EXPECT(small_run(&s) == SECAGG_OK);
    EXPECT(small_sum_is_right(&s));
    small_free(&s);
}

static void first_use_is_a_draw(void)
{
    forbid(EPERM);
    draw_nothing();
    run_seeded();
}

static void first_use_is_a_session(void)
{
    forbid(ENOSYS);
    run_seeded();
    draw_nothing();
}

/* The filter comes after libsodium and OpenSSL have initialised themselves. */
static void no_randomness_any_more(void)
{
    run_seeded();
    forbid(EPERM);
    draw_nothing();
    run_seeded();
}

/* A process without descriptors has getrandom() alone. */
static void no_device(void)
{
    small_session s;

    while (open("/dev/null", O_RDONLY) >= 0)
        ;
    small_params(&s, SECAGG_SUITE_CHACHA);
    EXPECT(secagg_params_new_session(&s.params) == SECAGG_OK);
    run_seeded();
}

START_TEST(a_draw_without_randomness_is_an_error)
{
    CHILD_PASSES(first_use_is_a_draw);
}
END_TEST

START_TEST(a_seeded_session_needs_no_randomness)
{
    CHILD_PASSES(first_use_is_a_session);
}
END_TEST

START_TEST(randomness_may_end_during_a_process)
{
    CHILD_PASSES(no_randomness_any_more);
}
END_TEST

START_TEST(randomness_needs_no_descriptor)
{
    CHILD_PASSES(no_device);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_draw_without_randomness_is_an_error,
        a_seeded_session_needs_no_randomness,
        randomness_may_end_during_a_process, randomness_needs_no_descriptor };

    return RUN(tests);
}
