/* SPDX-License-Identifier: Apache-2.0 */
/* Two clocks, in seconds. */
#ifndef EXAMPLE_CLOCK_H
#define EXAMPLE_CLOCK_H

/* Returns the time since some fixed moment, for deadlines. */
double seconds_now(void);

/* Returns the CPU time of the calling thread. */
double cpu_seconds(void);

#endif
