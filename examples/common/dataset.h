/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of numbers with a label, divided into training and test and among the
 * parties of an example. Nothing here knows of secure aggregation. */
#ifndef EXAMPLE_DATASET_H
#define EXAMPLE_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/limits.h"

#define MAX_COLUMNS 30

typedef struct dataset {
    size_t columns, count;
    float *features; /* row after row */
    bool *labels;    /* one per row */
    size_t training; /* rows that train; the rows behind them test */
    size_t first[MAX_PARTIES + 1]; /* party i: rows first[i] to first[i+1] */
    double mean[MAX_COLUMNS], deviation[MAX_COLUMNS]; /* before scaling */
} dataset;

/* Return a row, and the number of rows of a party. */
float *dataset_row(const dataset *d, size_t row);
size_t dataset_party_rows(const dataset *d, uint32_t party);

/* Returns how many rows of a party have the label true. */
size_t dataset_party_positives(const dataset *d, uint32_t party);

/* Open a file, or allocate zeroed rows. Errors are printed to stderr. */
FILE *dataset_open_file(const char *path);
bool dataset_allocate(dataset *d, size_t columns, size_t count);
void dataset_free(dataset *d);

/* Read a file whose first line begins with the numbers of rows and columns,
 * and each of whose other lines has a number per column, then a label, 0 or 1,
 * separated by commas. False: the error is printed to stderr. */
bool dataset_read(dataset *d, const char *path, size_t columns,
    size_t min_rows, size_t max_rows);

/* Shuffle all rows; the last fifth tests. */
void dataset_split(dataset *d, uint64_t seed);

/* Scale the first `columns` columns to mean 0 and deviation 1 over the rows
 * that train; a missing value, NAN, becomes the mean. The example takes mean
 * and deviation as known to all; real parties can find them by a secure sum. */
void dataset_standardise(dataset *d, size_t columns);

/* Deal the training rows to parties of unequal size: the last has several
 * times the rows of the first. Of the rows of party i, percent[i % 3] percent
 * have the label true, as far as the supply lasts. False: the largest party
 * would have more than max_rows, as stderr tells. */
bool dataset_deal(dataset *d, uint32_t parties, const uint32_t percent[3],
    size_t max_rows, uint64_t seed);

#endif
