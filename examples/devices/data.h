/* SPDX-License-Identifier: Apache-2.0 */
/* devices_data: the customers, one record each, and the random numbers of the
 * demo. Nothing here knows of secure aggregation. */
#ifndef DEVICES_DATA_H
#define DEVICES_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEASURES 13
#define MIN_PHONES 100
#define MAX_PHONES 5000

/* Standardised measures stay in [-MEASURE_MOST, MEASURE_MOST]. */
#define MEASURE_MOST 3.0

typedef struct customer {
    float measures[MEASURES]; /* standardised */
    bool churns;
    bool tests; /* its record trains nothing: it shows what was learnt */
} customer;

typedef struct dataset {
    customer *customers;
    uint32_t count;
} dataset;

/* Read the file and set a fifth of the customers aside for tests. False: said
 * on stderr why. */
bool data_read(dataset *data, const char *path, uint64_t seed);
void data_free(dataset *data);

#endif
