/* SPDX-License-Identifier: Apache-2.0 */
/* The loans. The label of a row is true if the loan defaulted. */
#ifndef BANKS_LOANS_H
#define BANKS_LOANS_H

#include "common/dataset.h"

#define FEATURES 26

extern const char *const feature_names[FEATURES];

/* Read the file, keep a fifth for tests and deal the rest to banks of unequal
 * size and unequal share of defaults. False: the error is printed to stderr. */
bool loans_read(dataset *d, const char *path, uint32_t banks,
    size_t max_loans, uint64_t seed);

#endif
