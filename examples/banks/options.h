/* SPDX-License-Identifier: Apache-2.0 */
/* banks_options: the command line. */
#ifndef BANKS_OPTIONS_H
#define BANKS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct options {
    uint32_t banks, rounds;
    uint32_t drop; /* banks lost in each round */
    uint64_t seed;
    bool processes, help;
    const char *data;
} options;

/* Banks that a session with so many can lose: those over a threshold of
 * floor((n + c) / 2) + 1, where c = floor(n / 3) may collude. */
uint32_t options_spare(uint32_t banks);

/* False: said on stderr why. */
bool options_read(options *own, int argc, char **argv);
void options_help(void);

#endif
