/* SPDX-License-Identifier: Apache-2.0 */
/* example_table: a file of numbers. Its first line says how many rows and
 * columns there are; each row is so many numbers and a label, 0 or 1, with
 * commas between them. */
#ifndef EXAMPLE_TABLE_H
#define EXAMPLE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct table {
    const char *program, *path, *rows; /* who reads what, of whom */
    size_t columns, least, most;       /* most, least: rows */
    size_t count;                      /* rows; from here on: found */
    float *values;                     /* row after row */
    bool *labels;
} table;

/* False: said on stderr why; there is nothing to free. */
bool table_read(table *t);
void table_free(table *t);

/* Of any file. NULL: said on stderr why. */
FILE *table_open(const char *program, const char *path);

#endif
