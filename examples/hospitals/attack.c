/* SPDX-License-Identifier: Apache-2.0 */
/* Part 1: a curious server attacks a plain update, and a masked one.
 *
 * For one patient x and a first layer s = W x + b, the gradient of the loss is
 * d x^T by W, and d by b. A server that sees both divides: x = dW / db, in any
 * row. */
#include "hospitals/demo.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The planes of an INPUT message are behind the header, the digest of the set
 * of clients and an empty list (vectors/PROTOCOL.md 8.6). */
#define PLANES_AT (48 + 32 + 4)

/* Noise of 4,097 entries correlates with any update by about 1 / 64. */
#define MAX_CORRELATION 0.1

/* ---- the attack ---------------------------------------------------------- */

/* Recover the standardised features of the patient. The row with the largest
 * slope has suffered least from rounding. */
static void recover(double features[FEATURES], const double update[WEIGHTS])
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

static void decode_segment(double *out, const uint64_t *entries,
    const secagg_segment *segment)
{
    double steps = ldexp(1, (int)segment->value_bits) - 2;
    for (size_t i = 0; i < segment->length; i++)
        out[i] = (double)entries[i] / steps * 2 * segment->clip
            - segment->clip;
}

/* Read an INPUT message of weight 1 as if nothing masked it. All tensors have
 * entries of the same bits: they are one lane, end to end, and the last one of
 * the message, because the weight has fewer bits (vectors/PROTOCOL.md 6.1). */
static bool decode(double update[WEIGHTS], const frame *input,
    const secagg_params *params)
{
    uint64_t *entries = calloc(WEIGHTS, sizeof *entries), place = 0;
    uint32_t bits = 0;
    bool good = entries != NULL && input != NULL
        && secagg_params_place(params, 0, &bits, &place) == SECAGG_OK;
    size_t size = good ? secagg_planar_size(WEIGHTS, bits) : 0;
    good = good && input->len >= PLANES_AT && input->len - PLANES_AT >= size
        && secagg_planar_unpack_u64(entries, input->bytes + input->len - size,
               WEIGHTS, bits) == SECAGG_OK;
    for (size_t i = 0; good && i < params->segment_count; i++) {
        good = secagg_params_place(params, i, &bits, &place) == SECAGG_OK
            && place + params->segments[i].length <= WEIGHTS;
        if (good)
            decode_segment(update + place, entries + place,
                &params->segments[i]);
    }
    free(entries);
    return good;
}

static double correlation(const double *a, const double *b, size_t count)
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

/* ---- the comparison ------------------------------------------------------ */

static void print_recovered(const dataset *data, const double *plain,
    const double *masked)
{
    static const size_t rows[] = { 0, 1, 2, 3, 20, 23 };
    size_t count = sizeof rows / sizeof *rows;
    const float *patient = dataset_row(data, data->first[0]);
    printf("\n   %-18s %12s  %18s  %18s\n", "", "the patient",
        "from plain update", "through libsecagg");
    for (size_t i = 0; i < count; i++) {
        size_t f = rows[i];
        double mean = data->mean[f], scale = data->deviation[f];
        printf("   %-18s %12.3f  %18.3f  %18.3f\n", feature_names[f],
            mean + scale * (double)patient[f], mean + scale * plain[f],
            mean + scale * masked[f]);
    }
    printf("   ... and %zu more\n", FEATURES - count);
}

/* Attack both updates. Returns false if the masked update reveals more than
 * noise does. */
static bool compare_attacks(const federation *f, const double plain[WEIGHTS],
    const double masked[WEIGHTS])
{
    double truth[FEATURES], from_plain[FEATURES], from_masked[FEATURES];
    for (size_t k = 0; k < FEATURES; k++)
        truth[k] = (double)dataset_row(&f->data, f->data.first[0])[k];
    recover(from_plain, plain);
    recover(from_masked, masked);
    print_recovered(&f->data, from_plain, from_masked);
    double whole = correlation(plain, masked, WEIGHTS);
    printf("\n   correlation with the   %4d features  %+18.3f  %+18.3f\n",
        FEATURES, correlation(truth, from_plain, FEATURES),
        correlation(truth, from_masked, FEATURES));
    printf("   with the update's      %4d entries   %+18.3f  %+18.3f\n",
        WEIGHTS, correlation(plain, plain, WEIGHTS), whole);
    printf("   (noise alone gives 0 with a deviation of %.2f and of %.3f)\n",
        1 / sqrt(FEATURES), 1 / sqrt(WEIGHTS));
    if (!(fabs(whole) < MAX_CORRELATION))
        printf("   FAILED: the masked update reveals the plain one\n");
    return fabs(whole) < MAX_CORRELATION;
}

static bool attack(const federation *f, const frame *input)
{
    float update[WEIGHTS];
    double plain[WEIGHTS], masked[WEIGHTS] = { 0 };
    (void)federation_update(update, f, 0, ONE_PATIENT_ROUND, f->secure);
    for (size_t k = 0; k < WEIGHTS; k++)
        plain[k] = (double)update[k];
    if (!decode(masked, input, &f->params)) {
        printf("   FAILED: the INPUT message could not be read\n");
        return false;
    }
    return compare_attacks(f, plain, masked);
}

/* The curious server keeps the INPUT message of hospital 0. */
static void keep_input(void *user, const session *s, uint32_t from,
    const frame *message, secagg_err err)
{
    frame **kept = user;
    if (err || from != 0 || s->phase != SECAGG_PHASE_INPUT || *kept != NULL)
        return;
    *kept = frame_new(FRAME_MESSAGE, message->len);
    if (*kept != NULL)
        memcpy((*kept)->bytes, message->bytes, message->len);
}

bool show_attack(federation *f)
{
    frame *input = NULL;
    session s = federation_session(f, ONE_PATIENT_ROUND);
    s.observer.user = &input;
    s.observer.received = keep_input;
    printf("1. The attack\n\n"
           "   Hospital 0 trains one step on one new patient. From the plain "
           "update, a\n   curious server recovers the patient's record by a "
           "division. From the message\n   of libsecagg, the same attack "
           "recovers noise.\n");
    secagg_err err = session_run(&s);
    if (err)
        print_failed_session(err, &s, "hospital");
    bool good = !err && attack(f, input);
    session_close(&s);
    frame_free(input);
    return good;
}
