/* SPDX-License-Identifier: Apache-2.0 */
/* system_random: random bytes of the operating system, for callers that need
 * an error, and not the end of the process, where there are none. */
#ifndef SA_SYSTEM_RANDOM_H
#define SA_SYSTEM_RANDOM_H

#include <secagg/base.h>

/* Fill `out` with `len` random bytes, at most 256. Returns false if the system
 * has none: then the contents of `out` are undefined. Waits, early after the
 * start of a machine, until the system's generator is seeded. */
bool sa_system_random(uint8_t *out, size_t len);

#endif
