/* SPDX-License-Identifier: Apache-2.0 */
#include "hospitals/data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/deck.h"
#include "common/table.h"

#define MOST_PATIENTS 100000 /* in a file */

const char *const feature_names[FEATURES] = { "mean radius", "mean texture",
    "mean perimeter", "mean area", "mean smoothness", "mean compactness",
    "mean concavity", "mean concave points", "mean symmetry",
    "mean fractal dimension", "error of radius", "error of texture",
    "error of perimeter", "error of area", "error of smoothness",
    "error of compactness", "error of concavity", "error of concave points",
    "error of symmetry", "error of fractal dimension", "worst radius",
    "worst texture", "worst perimeter", "worst area", "worst smoothness",
    "worst compactness", "worst concavity", "worst concave points",
    "worst symmetry", "worst fractal dimension" };

static bool read_patients(dataset *data, const char *path)
{
    table t = { .program = "hospitals", .path = path, .rows = "patients",
        .columns = FEATURES, .least = 2 * MAX_CLIENTS,
        .most = MOST_PATIENTS };
    if (!table_read(&t))
        return false;
    data->patients = calloc(t.count, sizeof *data->patients);
    if (data->patients == NULL)
        fprintf(stderr, "hospitals: no memory\n");
    else
        data->count = t.count;
    for (size_t i = 0; i < data->count; i++) {
        patient *p = &data->patients[i];
        memcpy(p->features, t.values + i * FEATURES, sizeof p->features);
        p->malignant = !t.labels[i];
    }
    table_free(&t);
    return data->patients != NULL;
}

/* Hospital i gets a share that grows with i: the largest has some five times
 * the patients of the smallest. */
static void size_hospitals(dataset *data, uint32_t hospitals)
{
    size_t parts = 0, dealt = 0;
    size_t size[MAX_CLIENTS];
    for (uint32_t i = 0; i < hospitals; i++)
        parts += i + 3;
    for (uint32_t i = 0; i < hospitals; i++) {
        size[i] = data->training * (i + 3) / parts;
        dealt += size[i];
    }
    for (uint32_t i = 0; i < hospitals; i++) {
        if (dealt < data->training) {
            size[i]++;
            dealt++;
        }
        data->first[i + 1] = data->first[i] + size[i];
    }
}

/* Mean 0 and deviation 1 in each column. Here the two are taken as known to
 * all; hospitals can find them by a secure sum of their own. */
static void standardise(dataset *data)
{
    for (int f = 0; f < FEATURES; f++) {
        double sum = 0, squares = 0, count = (double)data->training;
        for (size_t i = 0; i < data->training; i++)
            sum += (double)data->patients[i].features[f];
        double mean = sum / count;
        for (size_t i = 0; i < data->training; i++) {
            double off = (double)data->patients[i].features[f] - mean;
            squares += off * off;
        }
        double deviation = squares > 0 ? sqrt(squares / count) : 1;
        for (size_t i = 0; i < data->count; i++) {
            double value = (double)data->patients[i].features[f];
            data->patients[i].features[f] =
                (float)((value - mean) / deviation);
        }
        data->mean[f] = mean;
        data->deviation[f] = deviation;
    }
}

/* Hospitals have cases of their own mix, each third of them another: that is
 * why they want to learn together. */
static const uint32_t malignant_percent[3] = { 15, 37, 60 };

bool data_read(dataset *data, const char *path, uint32_t hospitals,
    uint64_t seed)
{
    memset(data, 0, sizeof *data);
    if (!read_patients(data, path))
        return false;
    deck all = { data->patients, sizeof(patient),
        offsetof(patient, malignant) };
    data->training = data->count - data->count / 5;
    deck_shuffle(&all, data->count, dice_new(seed, 1, 0));
    standardise(data);
    size_hospitals(data, hospitals);
    deck_deal(&all, data->first, hospitals, malignant_percent,
        dice_new(seed, 2, 0));
    for (uint32_t i = 0; i < hospitals; i++) {
        if (data->first[i + 1] - data->first[i] > MAX_PATIENTS) {
            fprintf(stderr, "hospitals: %s: a hospital would have more than "
                            "%d patients\n", path, MAX_PATIENTS);
            return false;
        }
    }
    return true;
}

void data_free(dataset *data)
{
    free(data->patients);
    data->patients = NULL;
}
