/* SPDX-License-Identifier: Apache-2.0 */
/* example_options: a command line as a table of what may stand in it. */
#ifndef EXAMPLE_OPTIONS_H
#define EXAMPLE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One of number, text and flag is given: "--name N", "--name WORDS" (both
 * with "=", too) or "--name". */
typedef struct option {
    const char *name;
    uint64_t *number, least, most;
    const char **text;
    bool *flag;
} option;

/* False: said on stderr why, in the name of the program. */
bool options_parse(const char *program, const option *all, size_t count,
    int argc, char **argv);

#endif
