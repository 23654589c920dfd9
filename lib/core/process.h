/* SPDX-License-Identifier: Apache-2.0 */
/* process: which process this is. A child of fork() is another one, and has the
 * secrets of each handle too (PROTOCOL.md 14.6).
 *
 * getpid() is a system call of about a tenth of a microsecond, which only calls
 * that make messages pay. It works after every kind of fork, in static
 * programs, after dlclose() and without threads. clone() does not run handlers
 * of pthread_atfork(), which outlive dlclose() in some C libraries. Memory that
 * forks wipe (MADV_WIPEONFORK) exists on Linux only. */
#ifndef SA_PROCESS_H
#define SA_PROCESS_H

#include <stdint.h>

/* Returns the number of this process. */
int64_t sa_process_id(void);

#endif
