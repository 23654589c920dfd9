/* SPDX-License-Identifier: Apache-2.0 */
/* banks_data: the loans, and which bank gave which. Nothing here knows of
 * secure aggregation. */
#ifndef BANKS_DATA_H
#define BANKS_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dice.h"
#include "common/limits.h"

#define FEATURES 26

/* No bank has more loans: the bound of a weight in a sum. */
#define MAX_LOANS 1024
#define MIN_BANKS 10

typedef struct loan {
    float features[FEATURES]; /* numbers standardised, words as 0 and 1 */
    bool defaulted;
} loan;

typedef struct dataset {
    loan *loans; /* training first, bank after bank; then test */
    size_t count, training;
    size_t first[MAX_CLIENTS + 1]; /* bank i: first[i] to first[i + 1] */
} dataset;

extern const char *const feature_names[FEATURES];

/* Read the file, keep a fifth for the test and deal the rest to banks of
 * unequal size and luck. False: said on stderr why. */
bool data_read(dataset *data, const char *path, uint32_t banks,
    uint64_t seed);
void data_free(dataset *data);

#endif
