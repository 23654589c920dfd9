/* SPDX-License-Identifier: Apache-2.0 */
/* hospitals_options: the command line. */
#ifndef HOSPITALS_OPTIONS_H
#define HOSPITALS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define MIN_RING 6 /* hospitals on a ring */

typedef struct options {
    uint32_t hospitals, rounds;
    uint32_t drop; /* hospitals lost in each round */
    uint64_t seed;
    bool active, sparse; /* signed; on a ring */
    bool processes, help;
    const char *data;
} options;

/* Neighbours of each hospital: 0 for all, else the most that a ring has. */
uint32_t options_neighbours(const options *own);

/* Shares that open a secret, where floor(n / 3) may collude: the least t with
 * 2 t > n + c, or on a ring > k + 1 + c. */
uint32_t options_threshold(const options *own);

/* Hospitals that a session can lose: holders of a secret over the threshold. */
uint32_t options_spare(const options *own);

/* False: said on stderr why. */
bool options_read(options *own, int argc, char **argv);
void options_help(void);

#endif
