/* SPDX-License-Identifier: Apache-2.0 */
/* example_round: what is printed of a round of example_server's. */
#ifndef EXAMPLE_ROUND_H
#define EXAMPLE_ROUND_H

#include "common/server.h"

/* What the dearest client took, in each by itself. */
typedef struct round_most {
    uint64_t up, down; /* bytes */
    double seconds;    /* in the library */
} round_most;

round_most round_dearest(const session_result *result, uint32_t clients);

/* Who was lost, in so many columns from column `at` on; what is longer gets a
 * line of its own. */
void round_losses(const session_result *result, uint32_t clients, int at,
    int width);

/* Say why a session failed, and which clients left for what. */
void round_failed(secagg_err err, const session_result *result,
    const char *client);

#endif
