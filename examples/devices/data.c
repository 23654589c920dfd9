/* SPDX-License-Identifier: Apache-2.0 */
#include "devices/data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/dice.h"
#include "common/table.h"

static bool read_customers(dataset *data, const char *path)
{
    table t = { .program = "devices", .path = path, .rows = "customers",
        .columns = MEASURES, .least = MIN_PHONES, .most = MAX_PHONES };
    if (!table_read(&t))
        return false;
    data->customers = calloc(t.count, sizeof *data->customers);
    if (data->customers == NULL)
        fprintf(stderr, "devices: no memory\n");
    else
        data->count = (uint32_t)t.count;
    for (uint32_t i = 0; i < data->count; i++) {
        customer *c = &data->customers[i];
        memcpy(c->measures, t.values + i * MEASURES, sizeof c->measures);
        c->churns = t.labels[i];
    }
    table_free(&t);
    return data->customers != NULL;
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
    if (!read_customers(data, path) || !set_tests_aside(data, seed))
        return false;
    standardise(data);
    return true;
}

void data_free(dataset *data)
{
    free(data->customers);
    data->customers = NULL;
}
