/* SPDX-License-Identifier: Apache-2.0 */
/* hospitals_data: the patients, and who of them is where. Nothing here knows
 * of secure aggregation. */
#ifndef HOSPITALS_DATA_H
#define HOSPITALS_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dice.h"
#include "common/limits.h"

#define FEATURES 30

/* No hospital has more patients: the bound of a weight in a sum. */
#define MAX_PATIENTS 128
#define MIN_HOSPITALS 5

typedef struct patient {
    float features[FEATURES]; /* standardised */
    bool malignant;
} patient;

typedef struct dataset {
    patient *patients; /* training first, hospital after hospital; then test */
    size_t count, training;
    size_t first[MAX_CLIENTS + 1]; /* hospital i: first[i] to first[i+1] */
    double mean[FEATURES], deviation[FEATURES]; /* of the training data */
} dataset;

/* Names of the columns, in words. */
extern const char *const feature_names[FEATURES];

/* Read the file, keep a fifth for the test and deal the rest to hospitals of
 * unequal size and case mix. False: said on stderr why. */
bool data_read(dataset *data, const char *path, uint32_t hospitals,
    uint64_t seed);
void data_free(dataset *data);

#endif
