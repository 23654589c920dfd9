/* SPDX-License-Identifier: Apache-2.0 */
/* host_state: a value of errno and a queue of OpenSSL errors that belong to the
 * host, and a check that a call of the library left both as they were. A build
 * with libsodium alone has no such queue. */
#ifndef HOST_STATE_H
#define HOST_STATE_H

#include <check.h>
#include <errno.h>
#if FIRST_SUITE == 1
#include <openssl/err.h>
#endif

#define HOST_ERRNO 4711

/* Set errno and queue `count` errors. */
static inline void host_state_set(int count)
{
#if FIRST_SUITE == 1
    ERR_clear_error();
    for (int i = 1; i <= count; i++)
        ERR_raise(ERR_LIB_USER, i);
#else
    (void)count;
#endif
    errno = HOST_ERRNO;
}

static inline void host_state_check(int count, const char *call)
{
    ck_assert_msg(errno == HOST_ERRNO, "%s: errno is %d", call, errno);
#if FIRST_SUITE == 1
    for (int i = 1; i <= count; i++) {
        const unsigned long error = ERR_get_error();
        ck_assert_msg(ERR_GET_LIB(error) == ERR_LIB_USER
                && ERR_GET_REASON(error) == i, "%s: error %d is %lx", call, i,
            error);
    }
    ck_assert_msg(ERR_peek_error() == 0, "%s: queues error %lx", call,
        ERR_peek_error());
#else
    (void)count;
#endif
}

#endif
