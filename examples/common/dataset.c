/* SPDX-License-Identifier: Apache-2.0 */
#include "common/dataset.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/rng.h"

#define LINE_BYTES 1024

float *dataset_row(const dataset *d, size_t row)
{
    return d->features + row * d->columns;
}

size_t dataset_party_rows(const dataset *d, uint32_t party)
{
    return d->first[party + 1] - d->first[party];
}

size_t dataset_party_positives(const dataset *d, uint32_t party)
{
    size_t positives = 0;
    for (size_t i = d->first[party]; i < d->first[party + 1]; i++)
        positives += d->labels[i];
    return positives;
}

/* ---- reading ------------------------------------------------------------- */

FILE *dataset_open_file(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fprintf(stderr, "%s: %s; --data FILE names another file\n", path,
            strerror(errno));
    return file;
}

bool dataset_allocate(dataset *d, size_t columns, size_t count)
{
    memset(d, 0, sizeof *d);
    d->columns = columns;
    d->count = count;
    d->features = calloc(count * columns, sizeof *d->features);
    d->labels = calloc(count, sizeof *d->labels);
    if (d->features == NULL || d->labels == NULL) {
        fprintf(stderr, "no memory for the data\n");
        dataset_free(d);
        return false;
    }
    return true;
}

void dataset_free(dataset *d)
{
    free(d->features);
    free(d->labels);
    memset(d, 0, sizeof *d);
}

static bool parse_row(dataset *d, size_t row, const char *line)
{
    char *end;
    float *features = dataset_row(d, row);
    for (size_t i = 0; i < d->columns; i++) {
        features[i] = strtof(line, &end);
        if (end == line || *end != ',' || !isfinite(features[i]))
            return false;
        line = end + 1;
    }
    long label = strtol(line, &end, 10);
    if (end == line || end[strspn(end, "\r\n")] != '\0')
        return false;
    d->labels[row] = label == 1;
    return label == 0 || label == 1;
}

static bool parse_file(dataset *d, FILE *file, const char *path,
    size_t columns, size_t min_rows, size_t max_rows)
{
    char line[LINE_BYTES], *end = line;
    size_t count = 0;
    if (fgets(line, sizeof line, file) != NULL)
        count = strtoul(line, &end, 10);
    if (count < min_rows || count > max_rows || *end != ','
        || strtoul(end + 1, NULL, 10) != columns) {
        fprintf(stderr, "%s: line 1 must begin with the number of rows, %zu "
                        "to %zu, and of columns, %zu\n",
            path, min_rows, max_rows, columns);
        return false;
    }
    if (!dataset_allocate(d, columns, count))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (fgets(line, sizeof line, file) == NULL || !parse_row(d, i, line)) {
            fprintf(stderr, "%s: line %zu must have %zu numbers and a label, "
                            "0 or 1\n", path, i + 2, columns);
            dataset_free(d);
            return false;
        }
    }
    return true;
}

bool dataset_read(dataset *d, const char *path, size_t columns,
    size_t min_rows, size_t max_rows)
{
    FILE *file = dataset_open_file(path);
    if (file == NULL)
        return false;
    bool good = parse_file(d, file, path, columns, min_rows, max_rows);
    fclose(file);
    return good;
}

/* ---- dividing ------------------------------------------------------------ */

static void swap_rows(dataset *d, size_t i, size_t j)
{
    float *a = dataset_row(d, i), *b = dataset_row(d, j);
    bool label = d->labels[i];
    d->labels[i] = d->labels[j];
    d->labels[j] = label;
    for (size_t k = 0; k < d->columns; k++) {
        float t = a[k];
        a[k] = b[k];
        b[k] = t;
    }
}

void dataset_split(dataset *d, uint64_t seed)
{
    rng r = rng_new(seed, 1, 0);
    d->training = d->count - d->count / 5;
    for (size_t i = d->count; i > 1; i--)
        swap_rows(d, i - 1, rng_below(&r, (uint32_t)i));
}

/* Find mean and deviation of the values of a column that are not missing. */
static void measure(dataset *d, size_t column)
{
    double sum = 0, squares = 0, count = 0;
    for (size_t i = 0; i < d->training; i++) {
        double value = (double)dataset_row(d, i)[column];
        if (isnan(value))
            continue;
        sum += value;
        squares += value * value;
        count++;
    }
    double mean = count > 0 ? sum / count : 0;
    double variance = count > 0 ? squares / count - mean * mean : 0;
    d->mean[column] = mean;
    d->deviation[column] = variance > 1e-12 ? sqrt(variance) : 1;
}

void dataset_standardise(dataset *d, size_t columns)
{
    for (size_t f = 0; f < columns; f++) {
        measure(d, f);
        for (size_t i = 0; i < d->count; i++) {
            float *value = &dataset_row(d, i)[f];
            *value = isnan(*value) ? 0
                : (float)(((double)*value - d->mean[f]) / d->deviation[f]);
        }
    }
}

/* Party i gets i + 3 parts of the rows. */
static void choose_sizes(dataset *d, uint32_t parties)
{
    size_t parts = parties * (parties + 5ull) / 2, given = 0;
    for (uint32_t i = 0; i < parties; i++) {
        given += i + 3;
        d->first[i + 1] = d->training * given / parts;
    }
}

/* Search the rows that are not dealt yet for one with the label. */
static void deal_row(dataset *d, size_t row, size_t end, bool label)
{
    for (size_t i = row; i < end; i++) {
        if (d->labels[i] == label) {
            swap_rows(d, row, i);
            return;
        }
    }
}

bool dataset_deal(dataset *d, uint32_t parties, const uint32_t percent[3],
    size_t max_rows, uint64_t seed)
{
    rng r = rng_new(seed, 2, 0);
    choose_sizes(d, parties);
    for (uint32_t i = 0; i < parties; i++)
        for (size_t row = d->first[i]; row < d->first[i + 1]; row++)
            deal_row(d, row, d->first[parties],
                rng_below(&r, 100) < percent[i % 3]);
    if (dataset_party_rows(d, parties - 1) > max_rows) {
        fprintf(stderr, "%zu rows for %u parties: the largest would have more "
                        "than %zu\n", d->training, parties, max_rows);
        return false;
    }
    return true;
}
