/* SPDX-License-Identifier: Apache-2.0 */
#include "devices_data.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "example_dice.h"

#define LINE_BYTES 512

static bool parse_customer(customer *c, const char *line)
{
    char *end;
    for (int i = 0; i < MEASURES; i++) {
        c->measures[i] = strtof(line, &end);
        if (end == line || *end != ',' || !isfinite(c->measures[i]))
            return false;
        line = end + 1;
    }
    long label = strtol(line, &end, 10);
    if (end == line || end[strspn(end, "\r\n")] != '\0')
        return false;
    c->churns = label == 1;
    return label == 0 || label == 1;
}

/* The first line says how many customers and measures there are. */
static bool parse_head(dataset *data, const char *line)
{
    char *end;
    unsigned long count = strtoul(line, &end, 10);
    if (*end != ',' || strtoul(end + 1, &end, 10) != MEASURES)
        return false;
    if (count < MIN_PHONES || count > MAX_PHONES)
        return false;
    data->customers = calloc(count, sizeof(customer));
    data->count = (uint32_t)count;
    return data->customers != NULL;
}

static bool parse_file(dataset *data, FILE *file, const char *path)
{
    char line[LINE_BYTES];
    if (fgets(line, sizeof line, file) == NULL || !parse_head(data, line)) {
        fprintf(stderr, "devices: %s: line 1 should say \"customers,%d,...\", "
                        "%d to %d customers\n", path, MEASURES, MIN_PHONES,
            MAX_PHONES);
        return false;
    }
    for (uint32_t i = 0; i < data->count; i++) {
        if (fgets(line, sizeof line, file) == NULL
            || !parse_customer(&data->customers[i], line)) {
            fprintf(stderr, "devices: %s: line %u should have %d numbers and "
                            "a label, 0 or 1\n", path, i + 2, MEASURES);
            return false;
        }
    }
    return true;
}

/* A fifth of them, at random. */
static bool set_tests_aside(dataset *data, uint64_t seed)
{
    dice d = dice_new(seed, 1, 0);
    uint32_t *order = calloc(data->count, sizeof *order);
    if (order == NULL) {
        fprintf(stderr, "devices: no memory\n");
        return false;
    }
    dice_pick(&d, order, data->count / 5, data->count);
    for (uint32_t i = 0; i < data->count / 5; i++)
        data->customers[order[i]].tests = true;
    free(order);
    return true;
}

/* Mean 0 and deviation 1 in each column, of those that train. Here the two are
 * taken as known to all; phones can find them by a secure sum of their own. */
static void standardise(dataset *data)
{
    for (int f = 0; f < MEASURES; f++) {
        double sum = 0, squares = 0, count = 0;
        for (uint32_t i = 0; i < data->count; i++) {
            double value = (double)data->customers[i].measures[f];
            if (data->customers[i].tests)
                continue;
            sum += value;
            squares += value * value;
            count++;
        }
        double mean = sum / count;
        double variance = squares / count - mean * mean;
        double deviation = variance > 0 ? sqrt(variance) : 1;
        for (uint32_t i = 0; i < data->count; i++) {
            float *m = &data->customers[i].measures[f];
            double value = ((double)*m - mean) / deviation;
            *m = (float)fmax(-MEASURE_MOST, fmin(MEASURE_MOST, value));
        }
    }
}

bool data_read(dataset *data, const char *path, uint64_t seed)
{
    memset(data, 0, sizeof *data);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "devices: %s: %s; --data FILE names another\n", path,
            strerror(errno));
        return false;
    }
    bool good = parse_file(data, file, path);
    fclose(file);
    if (!good || !set_tests_aside(data, seed))
        return false;
    standardise(data);
    return true;
}

void data_free(dataset *data)
{
    free(data->customers);
    data->customers = NULL;
}
