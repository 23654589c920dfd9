/* SPDX-License-Identifier: Apache-2.0 */
#include "hospitals_data.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 1024

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

static bool parse_patient(patient *p, const char *line)
{
    char *end;
    for (int i = 0; i < FEATURES; i++) {
        p->features[i] = strtof(line, &end);
        if (end == line || *end != ',' || !isfinite(p->features[i]))
            return false;
        line = end + 1;
    }
    long label = strtol(line, &end, 10);
    if (end == line || end[strspn(end, "\r\n")] != '\0')
        return false;
    p->malignant = label == 0;
    return label == 0 || label == 1;
}

/* The first line says how many patients and columns there are. */
static bool parse_head(dataset *data, const char *line)
{
    char *end;
    unsigned long count = strtoul(line, &end, 10);
    if (*end != ',' || strtoul(end + 1, &end, 10) != FEATURES)
        return false;
    if (count < 2 * MAX_CLIENTS || count > 100000)
        return false;
    data->patients = calloc(count, sizeof(patient));
    data->count = count;
    return data->patients != NULL;
}

static bool parse_file(dataset *data, FILE *file, const char *path)
{
    char line[LINE_BYTES];
    if (fgets(line, sizeof line, file) == NULL || !parse_head(data, line)) {
        fprintf(stderr, "hospitals: %s: line 1 should say \"patients,%d,...\""
                        "\n", path, FEATURES);
        return false;
    }
    for (size_t i = 0; i < data->count; i++) {
        if (fgets(line, sizeof line, file) == NULL
            || !parse_patient(&data->patients[i], line)) {
            fprintf(stderr, "hospitals: %s: line %zu should have %d numbers "
                            "and a label, 0 or 1\n", path, i + 2, FEATURES);
            return false;
        }
    }
    return true;
}

static void swap_patients(patient *a, patient *b)
{
    patient t = *a;
    *a = *b;
    *b = t;
}

static void shuffle(dataset *data, uint64_t seed)
{
    dice d = dice_new(seed, 1, 0);
    for (size_t i = data->count; i > 1; i--)
        swap_patients(&data->patients[i - 1],
            &data->patients[dice_below(&d, (uint32_t)i)]);
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

/* Give each hospital its own mix of cases, as far as there are any left:
 * hospitals are not alike, and that is why they want to learn together. */
static void deal(dataset *data, uint32_t hospitals, uint64_t seed)
{
    static const uint32_t malignant_percent[3] = { 15, 37, 60 };
    dice d = dice_new(seed, 2, 0);
    size_hospitals(data, hospitals);
    for (uint32_t i = 0; i < hospitals; i++) {
        for (size_t p = data->first[i]; p < data->first[i + 1]; p++) {
            bool wish = dice_below(&d, 100) < malignant_percent[i % 3];
            size_t q = p;
            while (q < data->training && data->patients[q].malignant != wish)
                q++;
            if (q < data->training)
                swap_patients(&data->patients[p], &data->patients[q]);
        }
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

bool data_read(dataset *data, const char *path, uint32_t hospitals,
    uint64_t seed)
{
    memset(data, 0, sizeof *data);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "hospitals: %s: %s; --data FILE names another\n",
            path, strerror(errno));
        return false;
    }
    bool good = parse_file(data, file, path);
    fclose(file);
    if (!good)
        return false;
    data->training = data->count - data->count / 5;
    shuffle(data, seed);
    standardise(data);
    deal(data, hospitals, seed);
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
