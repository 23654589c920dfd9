/* SPDX-License-Identifier: Apache-2.0 */
#include "common/clear.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

clear_sum clear_new(double *of, size_t length, double clip)
{
    memset(of, 0, length * sizeof *of);
    return (clear_sum){ .of = of, .length = length, .clip = clip };
}

void clear_add(clear_sum *sum, const float *update, uint64_t weight)
{
    for (size_t k = 0; k < sum->length; k++) {
        double raw = (double)update[k];
        double value = fmax(-sum->clip, fmin(sum->clip, raw));
        sum->clipped += value < raw || value > raw;
        sum->of[k] += (double)weight * value;
    }
    sum->entries += sum->length;
    sum->weight += weight;
}

void clear_divide(clear_sum *sum)
{
    for (size_t k = 0; k < sum->length; k++)
        sum->of[k] /= (double)sum->weight;
}

void clear_apply(float *weights, const double *mean, size_t length)
{
    for (size_t k = 0; k < length; k++)
        weights[k] = (float)((double)weights[k] + mean[k]);
}

promise promise_new(double clip, int value_bits, double slack)
{
    double step = 2 * clip / (ldexp(1, value_bits) - 1);
    return (promise){ .bound = step + slack };
}

void promise_hold(promise *p, const double *secure, const clear_sum *plain,
    double parts)
{
    for (size_t k = 0; k < plain->length; k++) {
        double off = fabs(plain->of[k] - secure[k]) / parts;
        p->broken += !(off <= p->bound); /* a NaN, too */
        p->worst = fmax(p->worst, off);
    }
    p->entries += plain->entries;
    p->clipped += plain->clipped;
}

bool promise_report(const promise *p, uint32_t rounds, int entries)
{
    bool good = p->broken == 0;
    printf("\n   secure mean and plain mean of the same updates, %u rounds of "
           "%d entries:\n   differ by %.2e at the most; promised: %.2e   %s\n",
        rounds, entries, p->worst, p->bound, good ? "kept" : "BROKEN");
    printf("   %llu of %llu entries were clipped, the same way in both\n",
        (unsigned long long)p->clipped, (unsigned long long)p->entries);
    return good;
}
