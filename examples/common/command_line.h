/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of an example: a table of options, from which --help is
 * printed, too. */
#ifndef EXAMPLE_COMMAND_LINE_H
#define EXAMPLE_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One of the pointers is set. Their targets hold the defaults. */
typedef struct option {
    const char *name, *help;
    uint64_t min, max;  /* of a number */
    uint64_t *number;   /* --name N or --name=N */
    uint32_t *count;    /* the same, for numbers of 32 bits */
    const char **text;  /* --name TEXT or --name=TEXT */
    bool *flag;         /* --name */
} option;

typedef struct command {
    const char *name;
    const char *purpose; /* the first paragraph of --help */
    const option *options;
    size_t option_count;
} command;

/* Read the arguments into the targets of the table. Returns -1 if the program
 * may run, or its exit status: 0 after --help, 2 after an error, which is
 * printed to stderr. */
int command_line_read(const command *c, int argc, char **argv);

/* Returns the exit status at the end: 0 if all is well and the output was
 * written, else 1. */
int command_status(const command *c, bool good);

#endif
