/* SPDX-License-Identifier: Apache-2.0 */
#include "devices/model.h"

#include <math.h>
#include <string.h>

#define BIN_WIDTH (16.0 / BINS)

static void expand(double terms[TERMS], const customer *c)
{
    double *to = terms;
    for (int i = 0; i < MEASURES; i++)
        *to++ = (double)c->measures[i];
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
    for (uint32_t i = 0; i < data->count; i++) {
        if (data->customers[i].tests)
            continue;
        expand(terms, &data->customers[i]);
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

/* The terms on one scale, and none so far out that it rules alone. */
static void scale(double terms[TERMS], const scaling *s, const customer *c)
{
    expand(terms, c);
    for (int t = 0; t < TERMS; t++) {
        double value = (terms[t] - s->mean[t]) / s->deviation[t];
        terms[t] = fmax(-MEASURE_MOST, fmin(MEASURE_MOST, value));
    }
}

static double weigh(const model *m, const double terms[TERMS])
{
    double sum = (double)m->weights[TERMS];
    for (int t = 0; t < TERMS; t++)
        sum += (double)m->weights[t] * terms[t];
    return sum;
}

double model_logit(const model *m, const scaling *s, const customer *c)
{
    double terms[TERMS];
    scale(terms, s, c);
    return weigh(m, terms);
}

void model_gradient(float gradient[WEIGHTS], const model *m,
    const scaling *s, const customer *c)
{
    double terms[TERMS];
    scale(terms, s, c);
    double slope = 1 / (1 + exp(-weigh(m, terms))) - (c->churns ? 1 : 0);
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

/* ---- how good a model is ------------------------------------------------- */

void score_add(score *counts, double logit, bool churns)
{
    double at = ceil(logit / BIN_WIDTH) + BINS / 2 - 1;
    size_t bin = (size_t)fmax(0, fmin(BINS - 1, at));
    (churns ? counts->churns : counts->stays)[bin]++;
}

uint64_t score_count(const score *counts)
{
    uint64_t count = 0;
    for (int b = 0; b < BINS; b++)
        count += counts->stays[b] + counts->churns[b];
    return count;
}

double score_accuracy(const score *counts)
{
    uint64_t right = 0, count = score_count(counts);
    for (int b = 0; b < BINS; b++)
        right += b < BINS / 2 ? counts->stays[b] : counts->churns[b];
    return count > 0 ? 100 * (double)right / (double)count : -1;
}

double score_auc(const score *counts)
{
    double below = 0, wins = 0, stays = 0, churns = 0;
    for (int b = 0; b < BINS; b++) {
        double here = (double)counts->stays[b];
        wins += (double)counts->churns[b] * (below + here / 2);
        below += here;
        stays += here;
        churns += (double)counts->churns[b];
    }
    return stays * churns > 0 ? wins / (stays * churns) : 0.5;
}
