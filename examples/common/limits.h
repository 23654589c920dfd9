/* SPDX-License-Identifier: Apache-2.0 */
/* example_limits: what the examples' arrays have room for. */
#ifndef EXAMPLE_LIMITS_H
#define EXAMPLE_LIMITS_H

/* Most clients of an example. */
#define MAX_CLIENTS 40

#endif
