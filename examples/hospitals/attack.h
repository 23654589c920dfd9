/* SPDX-License-Identifier: Apache-2.0 */
/* hospitals_attack: what a curious server makes of an update.
 *
 * For one patient x and a first layer s = W x + b, the slope of the loss by W
 * is d x^T where that by b is d. Whoever sees both divides: x = dW / db, in
 * any row. */
#ifndef HOSPITALS_ATTACK_H
#define HOSPITALS_ATTACK_H

#include <secagg.h>

#include "hospitals/net.h"

/* The features, standardised, from an update after a one-patient step. */
void attack_recover(double features[FEATURES], const double update[WEIGHTS]);

/* An INPUT message read as if nothing masked it: as the weighted integers of
 * a hospital with so many patients. The planes of the segments stand behind
 * the header, the digest of the set of clients and an empty list
 * (vectors/PROTOCOL.md, 8.6). */
bool attack_decode(double update[WEIGHTS], const uint8_t *msg, size_t len,
    const secagg_params *params, uint64_t patients);

double correlation(const double *a, const double *b, size_t count);

#endif
