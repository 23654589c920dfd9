/* SPDX-License-Identifier: Apache-2.0 */
#include "common/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/output.h"

plain_sum plain_sum_new(double *sum, size_t length, double clip)
{
    memset(sum, 0, length * sizeof *sum);
    return (plain_sum){ .sum = sum, .length = length, .clip = clip };
}

void plain_sum_add(plain_sum *p, const float *update, uint64_t weight)
{
    for (size_t k = 0; k < p->length; k++) {
        double raw = (double)update[k];
        double value = fmax(-p->clip, fmin(p->clip, raw));
        p->clipped += value < raw || value > raw;
        p->sum[k] += (double)weight * value;
    }
    p->entries += p->length;
    p->weight += weight;
}

void plain_sum_divide(plain_sum *p)
{
    for (size_t k = 0; k < p->length; k++)
        p->sum[k] /= (double)p->weight;
}

comparison comparison_new(double clip, uint32_t value_bits, double slack)
{
    double step = 2 * clip / (ldexp(1, (int)value_bits) - 2);
    return (comparison){ .bound = step + slack };
}

void comparison_add(comparison *c, const double *secure,
    const plain_sum *plain, double parts)
{
    for (size_t k = 0; k < plain->length; k++) {
        double difference = fabs(plain->sum[k] - secure[k]) / parts;
        c->failures += !(difference <= c->bound); /* counts a NaN, too */
        c->max_difference = fmax(c->max_difference, difference);
    }
    c->entries += plain->entries;
    c->clipped += plain->clipped;
    c->rounds++;
}

bool comparison_report(const comparison *c, size_t length)
{
    printf("\n   secure mean and plain mean of the same updates, %llu rounds "
           "of %zu entries:\n   the largest difference is %.2e, the bound "
           "%.2e   %s\n",
        (unsigned long long)c->rounds, length, c->max_difference, c->bound,
        verdict(c->failures == 0));
    printf("   %llu of %llu entries were clipped, in both means alike\n",
        (unsigned long long)c->clipped, (unsigned long long)c->entries);
    return c->failures == 0;
}
