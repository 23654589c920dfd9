/* SPDX-License-Identifier: Apache-2.0 */
/* The three parts of the story. Each prints its findings and returns false if
 * something was not as it must be. */
#ifndef HOSPITALS_DEMO_H
#define HOSPITALS_DEMO_H

#include "common/federation.h"
#include "hospitals/net.h"

#define MAX_PATIENTS 128 /* of a hospital */

/* Before the first round: hospital 0 has one new patient only. */
#define ONE_PATIENT_ROUND 0

bool show_attack(federation *f);
bool show_training(federation *f);
bool show_result(const federation *f);

/* In percent, of the patients that test. */
double demo_accuracy(const federation *f, const float *model);

extern const char *const feature_names[FEATURES];

#endif
