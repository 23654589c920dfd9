/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/small_points.h"

#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "crypto/horner.h"

/* Limbs as in horner_lanes.h. */
#define LIMB 43
#define LOW (((uint64_t)1 << LIMB) - 1)

/* The functions of a backend. */
typedef struct backend {
    sa_horner *steps;
    sa_horner_sums *sums;
} backend;

static const backend *best(void)
{
    static const backend backends[] = {
        [SA_CPU_BASE] = { sa_horner_portable, sa_horner_sums_portable },
        [SA_CPU_NEON] = { sa_horner_portable, sa_horner_sums_portable },
        [SA_CPU_AVX2] = { sa_horner_avx2, sa_horner_sums_avx2 },
        [SA_CPU_AVX512] = { sa_horner_avx512, sa_horner_sums_avx512 },
    };
    return &backends[sa_cpu_best()];
}

static const uint64_t zero_limbs[6];

static void to_limbs43(uint64_t out[6], const sa_sc *a)
{
    const uint64_t *v = a->v;

    out[0] = v[0] & LOW;
    out[1] = (v[0] >> 43 | v[1] << 21) & LOW;
    out[2] = (v[1] >> 22 | v[2] << 42) & LOW;
    out[3] = (v[2] >> 1) & LOW;
    out[4] = (v[2] >> 44 | v[3] << 20) & LOW;
    out[5] = v[3] >> 23;
}

/* Propagate carries, convert to words, reduce. Limbs must be below 2^57. */
static void from_limbs43(sa_sc *r, uint64_t y[6])
{
    sa_sc_sum sum = { { 0 } };

    for (int i = 0; i < 5; i++) {
        y[i + 1] += y[i] >> LIMB;
        y[i] &= LOW;
    }
    sum.v[0] = y[0] | y[1] << 43;
    sum.v[1] = y[1] >> 21 | y[2] << 22;
    sum.v[2] = y[2] >> 42 | y[3] << 1 | y[4] << 44;
    sum.v[3] = y[4] >> 20 | y[5] << 23;
    sum.v[4] = y[5] >> 41;
    sa_sc_sum_get(r, &sum);
    sa_wipe(&sum, sizeof sum);
}

/* Convert the first `count` lanes, or all if count is larger. */
static void from_lanes(sa_sc *out, uint64_t y[6][SA_LANES], size_t count)
{
    uint64_t limbs[6];

    for (size_t l = 0; l < SA_LANES && l < count; l++) {
        for (int k = 0; k < 6; k++)
            limbs[k] = y[k][l];
        from_limbs43(&out[l], limbs);
    }
    sa_wipe(limbs, sizeof limbs);
}

/* y = the values of a polynomial at x = first, first + 1, ..., one for each
 * lane. `limbs` holds its coefficients, the highest first. */
static void eval_lanes(uint64_t y[6][SA_LANES], uint32_t first,
    const uint64_t *limbs, size_t terms)
{
    uint64_t x[SA_LANES];

    for (int l = 0; l < SA_LANES; l++) {
        x[l] = (uint64_t)first + (uint64_t)l;
        for (int i = 0; i < 6; i++)
            y[i][l] = limbs[i];
    }
    best()->steps(y, x, 0, limbs + 6, 6, terms - 1);
}

secagg_err sa_sc_eval(sa_sc *out, size_t count, uint32_t first,
    const sa_sc *coefs, size_t terms)
{
    uint64_t y[6][SA_LANES], *limbs = sa_alloc(terms, 6 * sizeof *limbs);

    if (limbs == NULL)
        return SECAGG_ERR_MEMORY;
    for (size_t j = 0; j < terms; j++)
        to_limbs43(limbs + 6 * j, &coefs[terms - 1 - j]);
    for (size_t i = 0; i < count; i += SA_LANES) {
        eval_lanes(y, first + (uint32_t)i, limbs, terms);
        from_lanes(out + i, y, count - i);
    }
    sa_wipe(y, sizeof y);
    sa_free(limbs);
    return SECAGG_OK;
}

/* The distances of up to eight points to all gaps, gap by gap. */
static void load_distances(uint64_t *x, const uint32_t *points, size_t count,
    const uint32_t *gaps, size_t gap_count)
{
    for (size_t j = 0; j < gap_count; j++)
        for (size_t l = 0; l < SA_LANES && l < count; l++)
            x[SA_LANES * j + l] = points[l] < gaps[j] ? gaps[j] - points[l]
                                                      : points[l] - gaps[j];
}

secagg_err sa_sc_distances(sa_sc *out, const sa_sc *scale,
    const uint32_t *points, size_t count, const uint32_t *gaps,
    size_t gap_count)
{
    uint64_t y[6][SA_LANES], start[6];
    uint64_t *x = sa_alloc(gap_count, SA_LANES * sizeof *x);

    if (x == NULL)
        return SECAGG_ERR_MEMORY;
    to_limbs43(start, scale);
    for (size_t i = 0; i < count; i += SA_LANES) {
        for (size_t l = 0; l < SA_LANES; l++)
            for (int k = 0; k < 6; k++)
                y[k][l] = start[k];
        load_distances(x, points + i, count - i, gaps, gap_count);
        best()->steps(y, x, SA_LANES, zero_limbs, 0, gap_count);
        from_lanes(out + i, y, count - i);
    }
    sa_free(x);
    return SECAGG_OK;
}

/* ---- sums of powers ----------------------------------------------------- */

/* Terms for which the sums of all points are computed before those of the next
 * ones, so that they stay in the L1 cache. */
#define TILE 48

/* Eight points, and their values times the powers of the points so far. */
typedef struct group {
    uint64_t y[6][SA_LANES], x[SA_LANES];
} group;

/* Unused lanes keep the value zero. */
static void load_groups(group *groups, const uint32_t *points,
    const sa_sc *values, size_t count)
{
    uint64_t a[6] = { 0 };

    for (size_t i = 0; i < count; i++) {
        group *g = &groups[i / SA_LANES];
        to_limbs43(a, &values[i]);
        g->x[i % SA_LANES] = points[i];
        for (int k = 0; k < 6; k++)
            g->y[k][i % SA_LANES] = a[k];
    }
    sa_wipe(a, sizeof a);
}

static void add_lanes(sa_sc *out, uint64_t sums[6][SA_LANES])
{
    uint64_t limbs[6] = { 0 };

    for (int k = 0; k < 6; k++)
        for (int l = 0; l < SA_LANES; l++)
            limbs[k] += sums[k][l];
    from_limbs43(out, limbs);
    sa_wipe(limbs, sizeof limbs);
}

secagg_err sa_sc_power_sums(sa_sc *out, size_t terms, const uint32_t *points,
    const sa_sc *values, size_t count)
{
    const size_t group_count = (count + SA_LANES - 1) / SA_LANES;
    group *groups = sa_alloc(group_count, sizeof *groups);
    uint64_t(*sums)[6][SA_LANES] = sa_alloc(TILE, sizeof *sums);
    const bool ready = groups != NULL && sums != NULL;

    if (ready)
        load_groups(groups, points, values, count);
    for (size_t j = 0; j < terms && ready; j += TILE) {
        const size_t n = terms - j < TILE ? terms - j : TILE;
        memset(sums, 0, TILE * sizeof *sums);
        for (size_t i = 0; i < group_count; i++)
            best()->sums(sums, groups[i].y, groups[i].x, n);
        for (size_t i = 0; i < n; i++)
            add_lanes(&out[j + i], sums[i]);
    }
    sa_free(groups);
    sa_free(sums);
    return ready ? SECAGG_OK : SECAGG_ERR_MEMORY;
}
