/* SPDX-License-Identifier: Apache-2.0 */
/* process: in which process a handle was made. After a fork both processes have
 * the secrets of the handle, and two messages made from the same secrets reveal
 * inputs (PROTOCOL.md 14.6).
 *
 * getpid() is a system call of about a tenth of a microsecond, which only calls
 * that make messages pay. It works after every kind of fork, in static
 * programs, after dlclose() and without threads. clone() does not run handlers
 * of pthread_atfork(), which outlive dlclose() in some C libraries. Memory that
 * forks wipe (MADV_WIPEONFORK) exists on Linux only. */
#ifndef SA_PROCESS_H
#define SA_PROCESS_H

#include <secagg/base.h>

typedef struct sa_process {
    long id;
} sa_process;

/* Returns the process that calls. */
sa_process sa_process_now(void);

/* Returns SECAGG_ERR_STATE unless the process that calls is `owner`. */
SECAGG_MUST_CHECK secagg_err sa_process_check(const sa_process *owner);

#endif
