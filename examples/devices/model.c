/* SPDX-License-Identifier: Apache-2.0 */
#include "devices/model.h"

#include <math.h>
#include <string.h>

#define BIN_WIDTH (16.0 / BINS)

/* Compute all products. */
static void expand(double terms[TERMS], const float *measures)
{
    double *to = terms;
    for (int i = 0; i < MEASURES; i++)
        *to++ = (double)measures[i];
    for (int i = 0; i < MEASURES; i++)
        for (int j = 0; j <= i; j++)
            *to++ = terms[i] * terms[j];
    for (int i = 0; i < MEASURES; i++)
        for (int j = 0; j <= i; j++)
            for (int k = 0; k <= j; k++)
                *to++ = terms[i] * terms[j] * terms[k];
}

void scaling_find(scaling *s, const dataset *data)
{
    double terms[TERMS], count = 0;
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < data->training; i++) {
        expand(terms, dataset_row(data, i));
        count++;
        for (int t = 0; t < TERMS; t++) {
            s->mean[t] += terms[t];
            s->deviation[t] += terms[t] * terms[t];
        }
    }
    for (int t = 0; t < TERMS; t++) {
        s->mean[t] /= count;
        double variance = s->deviation[t] / count - s->mean[t] * s->mean[t];
        s->deviation[t] = variance > 0 ? sqrt(variance) : 1;
    }
}

/* Standardise all products, and cut them. */
static void scale(double terms[TERMS], const scaling *s,
    const float *measures)
{
    expand(terms, measures);
    for (int t = 0; t < TERMS; t++) {
        double value = (terms[t] - s->mean[t]) / s->deviation[t];
        terms[t] = fmax(-(double)MAX_MEASURE, fmin((double)MAX_MEASURE, value));
    }
}

static double weighted_sum(const model *m, const double terms[TERMS])
{
    double sum = (double)m->weights[TERMS];
    for (int t = 0; t < TERMS; t++)
        sum += (double)m->weights[t] * terms[t];
    return sum;
}

double model_logit(const model *m, const scaling *s, const float *measures)
{
    double terms[TERMS];
    scale(terms, s, measures);
    return weighted_sum(m, terms);
}

void model_gradient(float gradient[WEIGHTS], const model *m,
    const scaling *s, const float *measures, bool churns)
{
    double terms[TERMS];
    scale(terms, s, measures);
    double slope = 1 / (1 + exp(-weighted_sum(m, terms))) - (churns ? 1 : 0);
    for (int t = 0; t < TERMS; t++)
        gradient[t] = (float)(slope * terms[t]);
    gradient[TERMS] = (float)slope;
}

void model_step(model *m, double step[WEIGHTS],
    const double mean_gradient[WEIGHTS])
{
    for (int t = 0; t < WEIGHTS; t++) {
        step[t] = MOMENTUM * step[t] - LEARNING_RATE * mean_gradient[t];
        m->weights[t] = (float)((double)m->weights[t] + step[t]);
    }
}

/* ---- the quality of a model ---------------------------------------------- */

void score_add(score *s, double logit, bool churns)
{
    double at = ceil(logit / BIN_WIDTH) + BINS / 2 - 1;
    size_t bin = (size_t)fmax(0, fmin(BINS - 1, at));
    (churns ? s->churns : s->stays)[bin]++;
}

double score_accuracy(const score *s)
{
    uint64_t right = 0, count = 0;
    for (int b = 0; b < BINS; b++) {
        right += b < BINS / 2 ? s->stays[b] : s->churns[b];
        count += s->stays[b] + s->churns[b];
    }
    return count > 0 ? 100 * (double)right / (double)count : -1;
}

double score_auc(const score *s)
{
    double below = 0, wins = 0, churns = 0;
    for (int b = 0; b < BINS; b++) {
        double stays = (double)s->stays[b];
        wins += (double)s->churns[b] * (below + stays / 2);
        below += stays;
        churns += (double)s->churns[b];
    }
    return below * churns > 0 ? wins / (below * churns) : 0.5;
}
