/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/reed_solomon.h"

#include <string.h>

#include "core/mem.h"

/*
 * Let y_i be the shares, x_i their points, lambda_i the coefficients that join
 * all N of them, t the threshold, and
 *
 *     S_j = sum of lambda_i y_i x_i^j,    0 <= j <= N - t.
 *
 * Where every share is right, S_0 is the secret and the others are zero: f(x)
 * x^j still has degree below N, so that it joins to its value at zero. (And
 * only then: MacWilliams and Sloane 1977, chapter 10, section 8.)
 * Where share i is off by e_i for i in E, S_j for j >= 1 is
 *
 *     E_j = sum of A_i x_i^j over E,    A_i = lambda_i e_i,
 *
 * a sequence whose shortest linear recurrence has the connection polynomial
 * C(z) = product of (1 - x_i z) over E. From 2 |E| terms Massey's algorithm
 * (1969) finds it, and N - t are at hand. Conversely, if C is of
 * degree L <= (N - t) / 2 and has L roots among the 1/x_i, there are A_i that
 * give these S_j, hence wrong shares that explain them; none of the A_i is
 * zero, or a shorter recurrence would do. The recurrence run one step backward
 * gives E_0, and S_0 - E_0 is the secret.
 */
typedef struct decoder {
    size_t most;    /* floor((N - t) / 2): wrong shares that can be told */
    size_t sums;    /* N - t + 1 */
    size_t length;  /* L, of c */
    sa_sc *weighed; /* lambda_i y_i */
    sa_sc *s;       /* S_j */
    sa_sc *c;       /* C so far: most + 1 coefficients */
    sa_sc *before;  /* C as it was before L grew last */
    sa_sc *spare;
    sa_sc *values;  /* of the locator, at 1 ... SA_SC_POINTS */
    uint32_t *points;
} decoder;

static void decoder_free(decoder *d)
{
    sa_free(d->weighed);
    sa_free(d->s);
    sa_free(d->c);
    sa_free(d->before);
    sa_free(d->spare);
    sa_free(d->values);
    sa_free(d->points);
}

static secagg_err decoder_init(decoder *d, size_t count, size_t threshold)
{
    *d = (decoder){ .most = (count - threshold) / 2,
        .sums = count - threshold + 1 };
    d->weighed = sa_alloc(count, sizeof *d->weighed);
    d->s = sa_alloc(d->sums, sizeof *d->s);
    d->c = sa_alloc(d->most + 1, sizeof *d->c);
    d->before = sa_alloc(d->most + 1, sizeof *d->before);
    d->spare = sa_alloc(d->most + 1, sizeof *d->spare);
    d->values = sa_alloc(SA_SC_POINTS, sizeof *d->values);
    d->points = sa_alloc(count, sizeof *d->points);
    if (d->weighed == NULL || d->s == NULL || d->c == NULL
        || d->before == NULL || d->spare == NULL || d->values == NULL
        || d->points == NULL) {
        decoder_free(d);
        return SECAGG_ERR_MEMORY;
    }
    return SECAGG_OK;
}

/* ---- which shares are wrong --------------------------------------------- */

static bool is_zero(const sa_sc *a)
{
    static const sa_sc zero;

    return sa_sc_equal(a, &zero);
}

/* r = sum of c_i S_(j-i) for 0 <= i < terms. */
static void convolve(sa_sc *r, const decoder *d, size_t j, size_t terms)
{
    sa_sc product;

    sa_sc_set(r, 0);
    for (size_t i = 0; i < terms; i++) {
        sa_sc_mul(&product, &d->c[i], &d->s[j - i]);
        sa_sc_add(r, r, &product);
    }
}

/* C -= factor z^shift B, B = before. */
static void correct(decoder *d, const sa_sc *factor, size_t shift)
{
    sa_sc product;

    for (size_t i = 0; i + shift <= d->most; i++) {
        sa_sc_mul(&product, factor, &d->before[i]);
        sa_sc_sub(&d->c[i + shift], &d->c[i + shift], &product);
    }
}

static void swap(sa_sc **a, sa_sc **b)
{
    sa_sc *const kept = *a;

    *a = *b;
    *b = kept;
}

/* The shortest recurrence of S_1 ... S_(N-t); false where it is longer than
 * the wrong shares that can be told. */
static bool massey_vartime(decoder *d)
{
    sa_sc off, factor, inverse; /* of the discrepancy when L grew last */
    size_t shift = 0;

    sa_sc_set(&d->c[0], 1);
    sa_sc_set(&d->before[0], 1);
    sa_sc_set(&inverse, 1);
    for (size_t j = 1; j < d->sums; j++) {
        const bool grows = 2 * d->length < j;
        shift++;
        convolve(&off, d, j, d->length + 1);
        if (is_zero(&off))
            continue;
        if (grows && j - d->length > d->most)
            return false;
        memcpy(d->spare, d->c, (d->most + 1) * sizeof *d->c);
        sa_sc_mul(&factor, &off, &inverse);
        correct(d, &factor, shift);
        if (grows) {
            swap(&d->before, &d->spare);
            sa_sc_invert(&inverse, &off);
            d->length = j - d->length;
            shift = 0;
        }
    }
    return true;
}

/* Mark the points at which z^L C(1/z) is zero: there are L, or it is CHEAT. */
static secagg_err locate_vartime(decoder *d, uint8_t *wrong, size_t count)
{
    size_t found = 0;
    uint32_t last = 0;

    for (size_t i = 0; i <= d->length; i++)
        d->spare[i] = d->c[d->length - i];
    for (size_t i = 0; i < count; i++)
        last = d->points[i] > last ? d->points[i] : last;
    SA_TRY(sa_sc_eval(d->values, last, 1, d->spare, d->length + 1));
    for (size_t i = 0; i < count; i++) {
        wrong[i] = is_zero(&d->values[d->points[i] - 1]);
        found += wrong[i];
    }
    return found == d->length ? SECAGG_OK : SECAGG_ERR_CHEAT;
}

/* ---- the secret --------------------------------------------------------- */

/* S_0 - E_0, where c_L E_0 + c_(L-1) S_1 + ... + c_0 S_L = 0. */
static void secret_of(uint8_t secret[SECAGG_SECRET_BYTES], const decoder *d)
{
    sa_sc sum, inverse;

    convolve(&sum, d, d->length, d->length);
    sa_sc_invert(&inverse, &d->c[d->length]);
    sa_sc_mul(&sum, &sum, &inverse);
    sa_sc_add(&sum, &sum, &d->s[0]);
    sa_sc_encode(secret, &sum);
    sa_wipe(&sum, sizeof sum);
}

static secagg_err solve(decoder *d, const sa_lagrange *lagrange,
    uint8_t *wrong, const uint8_t *shares, size_t count)
{
    SA_TRY(sa_lagrange_weigh(lagrange, d->weighed, shares));
    SA_TRY(sa_sc_power_sums(d->s, d->sums, d->points, d->weighed, count));
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
    SA_TRY(decoder_init(&d, count, threshold));
    for (size_t i = 0; i < count; i++)
        d.points[i] = ranks[i] + 1;
    err = solve(&d, lagrange, marks, shares, count);
    if (err == SECAGG_OK) {
        secret_of(secret, &d);
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
