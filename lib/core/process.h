/* SPDX-License-Identifier: Apache-2.0 */
/* process: which process this is. A child of fork() is another one. */
#ifndef SA_PROCESS_H
#define SA_PROCESS_H

#include <stdint.h>

/* Returns the number of this process. */
int64_t sa_process_id(void);

#endif
