/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/reed_solomon.h"

#include <string.h>

#include "core/mem.h"
#include "crypto/invert.h"
#include "crypto/small_points.h"

/*
 * Let y_i be the N shares, x_i their points, t the threshold, lambda_i the
 * Lagrange coefficients of all N points, and
 *
 *     S_j = sum of lambda_i y_i x_i^j,    0 <= j <= N - t.
 *
 * If every share is right, S_0 is the secret and all other S_j are zero, since
 * f(x) x^j still has degree below N, and S_j is its value at zero. (The
 * converse holds too: MacWilliams and Sloane 1977, chapter 10, section 8.)
 *
 * If share i is off by e_i for the indices i in a set E, then S_j for j >= 1 is
 *
 *     E_j = sum of A_i x_i^j over E,    A_i = lambda_i e_i.
 *
 * The shortest linear recurrence of this sequence has the connection polynomial
 * C(z) = product of (1 - x_i z) over E. Massey's algorithm (1969) finds it from
 * 2 |E| terms; N - t terms are known. Conversely, if C has degree
 * l <= (N - t) / 2 and l roots among the 1 / x_i, then some A_i produce these
 * S_j, so that wrong shares explain them. None of these A_i is zero: otherwise
 * there would be a shorter recurrence. Extending the recurrence one step
 * backward yields E_0, and S_0 - E_0 is the secret.
 */
typedef struct decoder {
    size_t max_errors; /* floor((N - t) / 2), the most that can be located */
    size_t sum_count;  /* N - t + 1 */
    size_t length;     /* l, the degree of the recurrence C so far */
    size_t previous_length; /* and before it last grew */
    sa_sc *weighted;   /* lambda_i y_i */
    sa_sc *sums;       /* S_j */
    sa_sc *c;          /* C so far: max_errors + 1 coefficients */
    sa_sc *previous;   /* C before its length last grew */
    sa_sc *spare;
    sa_sc *values;     /* of the locator polynomial at 1 ... max_point */
    uint32_t *points;  /* x_i */
    uint32_t max_point;
} decoder;

static void decoder_free(decoder *d)
{
    sa_free(d->weighted);
    sa_free(d->sums);
    sa_free(d->c);
    sa_free(d->previous);
    sa_free(d->spare);
    sa_free(d->values);
    sa_free(d->points);
}

static secagg_err decoder_init(decoder *d, const uint32_t *ranks,
    size_t count, size_t threshold)
{
    *d = (decoder){ .max_errors = (count - threshold) / 2,
        .sum_count = count - threshold + 1 };
    for (size_t i = 0; i < count; i++)
        if (d->max_point < ranks[i] + 1)
            d->max_point = ranks[i] + 1;
    d->weighted = sa_alloc(count, sizeof *d->weighted);
    d->sums = sa_alloc(d->sum_count, sizeof *d->sums);
    d->c = sa_alloc(d->max_errors + 1, sizeof *d->c);
    d->previous = sa_alloc(d->max_errors + 1, sizeof *d->previous);
    d->spare = sa_alloc(d->max_errors + 1, sizeof *d->spare);
    d->values = sa_alloc(d->max_point, sizeof *d->values);
    d->points = sa_alloc(count, sizeof *d->points);
    if (d->weighted == NULL || d->sums == NULL || d->c == NULL
        || d->previous == NULL || d->spare == NULL || d->values == NULL
        || d->points == NULL) {
        decoder_free(d);
        return SECAGG_ERR_MEMORY;
    }
    for (size_t i = 0; i < count; i++)
        d->points[i] = ranks[i] + 1;
    return SECAGG_OK;
}

/* ---- locating wrong shares ---------------------------------------------- */

static bool is_zero(const sa_sc *a)
{
    static const sa_sc zero;

    return sa_sc_equal(a, &zero);
}

/* r = the sum of c_i S_(j-i) for 0 <= i < terms. The terms j >= 1 depend on the
 * errors only, and not on the secret, so nothing is wiped. */
static void convolve(sa_sc *r, const decoder *d, size_t j, size_t terms)
{
    sa_sc_sum sum = { { 0 } };

    for (size_t i = 0; i < terms; i++)
        sa_sc_sum_add(&sum, &d->c[i], &d->sums[j - i]);
    sa_sc_sum_get(r, &sum);
}

/* C -= factor z^shift P, where P is the previous C. */
static void subtract_shifted(decoder *d, const sa_sc *factor, size_t shift)
{
    sa_sc product;

    for (size_t i = 0; i <= d->previous_length && i + shift <= d->max_errors;
         i++) {
        sa_sc_mul(&product, factor, &d->previous[i]);
        sa_sc_sub(&d->c[i + shift], &d->c[i + shift], &product);
    }
}

static void swap(sa_sc **a, sa_sc **b)
{
    sa_sc *const old = *a;

    *a = *b;
    *b = old;
}

/* Find the shortest recurrence of S_1 ... S_(N-t). Returns false if it is
 * longer than max_errors. */
static bool massey_vartime(decoder *d)
{
    sa_sc discrepancy, factor;
    sa_sc inverse; /* 1 / the discrepancy when the length last grew */
    size_t shift = 0; /* steps since then */

    sa_sc_set(&d->c[0], 1);
    sa_sc_set(&d->previous[0], 1);
    sa_sc_set(&inverse, 1);
    for (size_t j = 1; j < d->sum_count; j++) {
        const bool grows = 2 * d->length < j;
        shift++;
        convolve(&discrepancy, d, j, d->length + 1);
        if (is_zero(&discrepancy))
            continue;
        if (grows && j - d->length > d->max_errors)
            return false;
        if (grows)
            memcpy(d->spare, d->c, (d->max_errors + 1) * sizeof *d->c);
        sa_sc_mul(&factor, &discrepancy, &inverse);
        subtract_shifted(d, &factor, shift);
        if (grows) {
            swap(&d->previous, &d->spare);
            sa_sc_invert_vartime(&inverse, &discrepancy);
            d->previous_length = d->length;
            d->length = j - d->length;
            shift = 0;
        }
    }
    return true;
}

/* Mark the shares at whose points the locator polynomial z^l C(1/z) is zero.
 * Returns SECAGG_ERR_CHEAT unless there are l of them. */
static secagg_err locate_vartime(decoder *d, uint8_t *wrong, size_t count)
{
    size_t found = 0;

    for (size_t i = 0; i <= d->length; i++)
        d->spare[i] = d->c[d->length - i];
    SA_TRY(sa_sc_eval(d->values, d->max_point, 1, d->spare, d->length + 1));
    for (size_t i = 0; i < count; i++) {
        wrong[i] = is_zero(&d->values[d->points[i] - 1]);
        found += wrong[i];
    }
    return found == d->length ? SECAGG_OK : SECAGG_ERR_CHEAT;
}

/* ---- the secret --------------------------------------------------------- */

/* The secret is S_0 - E_0, where c_l E_0 + c_(l-1) S_1 + ... + c_0 S_l = 0. */
static void compute_secret(uint8_t secret[SECAGG_SECRET_BYTES],
    const decoder *d)
{
    sa_sc sum, inverse;

    convolve(&sum, d, d->length, d->length);
    sa_sc_invert_vartime(&inverse, &d->c[d->length]);
    sa_sc_mul(&sum, &sum, &inverse);
    sa_sc_add(&sum, &sum, &d->sums[0]);
    sa_sc_encode(secret, &sum);
    sa_wipe(&sum, sizeof sum);
}

static secagg_err locate(decoder *d, const sa_lagrange *lagrange,
    uint8_t *wrong, const uint8_t *shares, size_t count)
{
    SA_TRY(sa_lagrange_weigh(lagrange, d->weighted, shares));
    SA_TRY(sa_sc_power_sums(d->sums, d->sum_count, d->points, d->weighted,
        count));
    return massey_vartime(d) ? locate_vartime(d, wrong, count)
                             : SECAGG_ERR_CHEAT;
}

secagg_err sa_rs_decode_with(const sa_lagrange *lagrange,
    uint8_t secret[SECAGG_SECRET_BYTES], uint8_t *wrong,
    const uint32_t *ranks, const uint8_t *shares, size_t count,
    size_t threshold)
{
    uint8_t marks[SA_SC_POINTS];
    secagg_err err;
    decoder d;

    if (threshold < 1 || threshold > count || count > SA_SC_POINTS)
        return SECAGG_ERR_ARG;
    SA_TRY(decoder_init(&d, ranks, count, threshold));
    err = locate(&d, lagrange, marks, shares, count);
    if (err == SECAGG_OK) {
        compute_secret(secret, &d);
        memcpy(wrong, marks, count);
    }
    decoder_free(&d);
    return err;
}

secagg_err sa_rs_decode(uint8_t secret[SECAGG_SECRET_BYTES], uint8_t *wrong,
    const uint32_t *ranks, const uint8_t *shares, size_t count,
    size_t threshold)
{
    sa_lagrange *lagrange;
    secagg_err err;

    SA_TRY(sa_lagrange_new(&lagrange, ranks, count));
    err = sa_rs_decode_with(lagrange, secret, wrong, ranks, shares, count,
        threshold);
    sa_lagrange_free(lagrange);
    return err;
}
