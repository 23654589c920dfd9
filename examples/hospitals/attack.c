/* SPDX-License-Identifier: Apache-2.0 */
#include "hospitals/attack.h"

#include <math.h>
#include <stdlib.h>

#define PLANES_AT (48 + 32 + 4)

/* The row with the largest slope has lost least to rounding. */
void attack_recover(double features[FEATURES], const double update[WEIGHTS])
{
    const double *bias = update + tensor_sizes[0];
    size_t best = 0;
    for (size_t j = 1; j < tensor_sizes[1]; j++)
        if (fabs(bias[j]) > fabs(bias[best]))
            best = j;
    for (size_t f = 0; f < FEATURES; f++)
        features[f] = update[best * FEATURES + f]
            / (bias[best] != 0 ? bias[best] : 1);
}

static bool decode_segment(double *out, const uint8_t *planes,
    const secagg_segment *segment, uint64_t patients)
{
    size_t count = (size_t)segment->length;
    double steps = ldexp(1, (int)segment->value_bits) - 1;
    uint64_t *entries = calloc(count, sizeof *entries);
    if (entries == NULL)
        return false;
    bool good = secagg_planar_unpack_u64(entries, planes, count,
                    segment->bits) == SECAGG_OK;
    for (size_t i = 0; good && i < count; i++)
        out[i] = (double)entries[i] / (double)patients / steps * 2
                * segment->clip
            - segment->clip;
    free(entries);
    return good;
}

/* Writing parameters fills in the least modulus of each segment. */
static secagg_params *resolved(const secagg_params *params)
{
    size_t len = secagg_params_encoded_size(params);
    uint8_t *bytes = malloc(len);
    secagg_params *own = NULL;
    if (bytes == NULL || secagg_params_encode(params, bytes, len) != SECAGG_OK
        || secagg_params_decode(&own, bytes, len) != SECAGG_OK)
        own = NULL;
    free(bytes);
    return own;
}

bool attack_decode(double update[WEIGHTS], const uint8_t *msg, size_t len,
    const secagg_params *params, uint64_t patients)
{
    secagg_params *own = resolved(params);
    size_t at = PLANES_AT;
    bool good = own != NULL && msg != NULL;
    for (size_t i = 0; good && i < own->segment_count; i++) {
        const secagg_segment *s = &own->segments[i];
        size_t size = secagg_planar_size((size_t)s->length, s->bits);
        good = len >= at && len - at >= size
            && decode_segment(update, msg + at, s, patients);
        update += s->length;
        at += size;
    }
    secagg_params_free(own);
    return good;
}

double correlation(const double *a, const double *b, size_t count)
{
    double mean_a = 0, mean_b = 0, ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < count; i++) {
        mean_a += a[i] / (double)count;
        mean_b += b[i] / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        double da = a[i] - mean_a, db = b[i] - mean_b;
        ab += da * db;
        aa += da * da;
        bb += db * db;
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}
