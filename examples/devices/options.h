/* SPDX-License-Identifier: Apache-2.0 */
/* devices_options: the command line. */
#ifndef DEVICES_OPTIONS_H
#define DEVICES_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct options {
    uint32_t phones, rounds;
    uint32_t drop; /* percent of the phones that are lost in each round */
    uint32_t threads;
    uint64_t seed;
    bool help;
    const char *data;
} options;

/* False: said on stderr why. */
bool options_read(options *own, int argc, char **argv);
void options_help(void);

#endif
