/* SPDX-License-Identifier: Apache-2.0 */
/* example_clock: the two clocks of the examples, in seconds. */
#ifndef EXAMPLE_CLOCK_H
#define EXAMPLE_CLOCK_H

/* On the wall, from some point on: how long to wait. */
double seconds_now(void);

/* That this thread has computed: where many share the cores. */
double seconds_spent(void);

#endif
