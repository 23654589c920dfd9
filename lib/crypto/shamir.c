/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/shamir.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/invert.h"
#include "crypto/keystream.h"
#include "crypto/small_points.h"

/* ---- splitting ---------------------------------------------------------- */

#define WIDE 64 /* bytes of keystream for one coefficient */

/* Derive the coefficients of x^1 ... x^(threshold - 1), each from 64 bytes of
 * ChaCha20 with the seed as key and nonce zero (PROTOCOL.md 4.3). */
static secagg_err derive_coefs(sa_sc *coefs, size_t threshold,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    const size_t len = WIDE * (threshold - 1);
    uint8_t key[SA_KEYSTREAM_KEY_MAX] = { 0 },
            *stream = sa_alloc(threshold, WIDE);
    sa_keystream *ks = NULL;
    secagg_err err = SECAGG_ERR_MEMORY;

    memcpy(key, seed, SECAGG_SEED_BYTES);
    if (stream != NULL)
        err = sa_keystream_new(&ks, SA_CHACHA20);
    if (err == SECAGG_OK) {
        sa_keystream_rekey(ks, key);
        err = sa_keystream_read(ks, 0, stream, len);
    }
    for (size_t i = 1; i < threshold && err == SECAGG_OK; i++)
        sa_sc_reduce(&coefs[i], stream + WIDE * (i - 1));
    sa_keystream_free(ks);
    sa_free(stream);
    sa_wipe(key, sizeof key);
    return err;
}

secagg_err secagg_shamir_split(uint8_t *shares, size_t count, size_t threshold,
    const uint8_t secret[SECAGG_SECRET_BYTES],
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    sa_sc *coefs = NULL, *values = NULL;
    secagg_err err = SECAGG_ERR_MEMORY;

    if (count == 0 || count > SECAGG_SHARES_MAX || threshold == 0
        || threshold > count)
        return SECAGG_ERR_ARG;
    coefs = sa_alloc(threshold, sizeof *coefs);
    values = sa_alloc(count, sizeof *values);
    if (coefs == NULL || values == NULL)
        goto out;
    err = SECAGG_ERR_VALUE;
    if (!sa_sc_decode(&coefs[0], secret))
        goto out;
    err = derive_coefs(coefs, threshold, seed);
    if (err == SECAGG_OK)
        err = sa_sc_eval(values, count, 1, coefs, threshold);
    for (size_t i = 0; i < count && err == SECAGG_OK; i++)
        sa_sc_encode(shares + i * SECAGG_SHARE_BYTES, &values[i]);
out:
    sa_free(coefs);
    sa_free(values);
    return err;
}

/* ---- joining ------------------------------------------------------------ */

struct sa_lagrange {
    size_t count;
    sa_sc *coefs; /* lambda of each holder, in their order */
};

/* *into times a product of small factors. Factors gather in one word before the
 * scalar multiplication. */
typedef struct small_product {
    sa_sc *into;
    uint64_t word;
} small_product;

static void flush(small_product *p)
{
    sa_sc factor;

    sa_sc_set(&factor, p->word);
    sa_sc_mul(p->into, p->into, &factor);
    p->word = 1;
}

/* Multiply by a factor below 2^13. */
static void multiply(small_product *p, uint32_t factor)
{
    if (p->word >> 51 != 0)
        flush(p);
    p->word *= factor;
}

/* The points of the holders, as a subset of 1, ..., M. Gaps are the other
 * members of 1, ..., M. */
typedef struct point_set {
    uint32_t max;                           /* M, the greatest point */
    uint8_t present[SECAGG_SHARES_MAX / 8]; /* bitmap of the ranks */
    bool odd_below[SECAGG_SHARES_MAX + 1];  /* [x]: an odd number of points is
                                               below x */
    uint32_t *points;                       /* in the order of the holders */
    uint32_t *gaps;                         /* ascending */
    size_t gap_count;
    sa_sc *inverse;                         /* [x]: 1 / x!, from 0 to M */
} point_set;

/* Returns false if there are no holders, or if a rank occurs twice or is out of
 * range. */
static bool mark_points(point_set *set, const uint32_t *holders, size_t count)
{
    if (count == 0 || count > SECAGG_SHARES_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        const uint32_t rank = holders[i];
        if (rank >= SECAGG_SHARES_MAX || sa_bitmap_has(set->present, rank))
            return false;
        sa_bitmap_add(set->present, rank);
        if (set->max < rank + 1)
            set->max = rank + 1;
    }
    return true;
}

static void find_gaps(point_set *set)
{
    bool odd = false;

    for (uint32_t x = 1; x <= set->max; x++) {
        set->odd_below[x] = odd;
        if (sa_bitmap_has(set->present, x - 1))
            odd = !odd;
        else
            set->gaps[set->gap_count++] = x;
    }
}

/* Allocate the arrays and fill in points and gaps. */
static secagg_err point_set_init(point_set *set, const uint32_t *holders,
    size_t count)
{
    set->points = sa_alloc(count, sizeof *set->points);
    set->gaps = sa_alloc(set->max, sizeof *set->gaps);
    set->inverse = sa_alloc(set->max + 1, sizeof *set->inverse);
    if (set->points == NULL || set->gaps == NULL || set->inverse == NULL)
        return SECAGG_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        set->points[i] = holders[i] + 1;
    find_gaps(set);
    return SECAGG_OK;
}

static void point_set_free(point_set *set)
{
    sa_free(set->points);
    sa_free(set->gaps);
    sa_free(set->inverse);
}

/* Compute 1 / x! for all x, and scale = M! over the product of the gaps, with
 * one inversion. */
static void invert_factorials(point_set *set, sa_sc *scale)
{
    sa_sc factorial, gap_product, inverse, x;
    small_product p = { &factorial, 1 }, q = { &gap_product, 1 };

    sa_sc_set(&factorial, 1);
    sa_sc_set(&gap_product, 1);
    for (uint32_t i = 1; i <= set->max; i++)
        multiply(&p, i);
    for (size_t i = 0; i < set->gap_count; i++)
        multiply(&q, set->gaps[i]);
    flush(&p);
    flush(&q);
    sa_sc_mul(&inverse, &factorial, &gap_product);
    sa_sc_invert_vartime(&inverse, &inverse); /* points are public */
    sa_sc_mul(&set->inverse[set->max], &inverse, &gap_product);
    sa_sc_mul(scale, &inverse, &factorial);
    sa_sc_mul(scale, scale, &factorial);
    for (uint32_t i = set->max; i > 0; i--) {
        sa_sc_set(&x, i);
        sa_sc_mul(&set->inverse[i - 1], &set->inverse[i], &x);
    }
}

/* lambda_x is the product of y / (y - x) over all other points y (PROTOCOL.md
 * 4.5). It equals the same product over all other members y of 1, ..., M,
 * divided by the product of g / (g - x) over the gaps g. Up to its sign, the
 * former is the binomial C(M, x) = M! / (x! (M - x)!), and dividing by the
 * latter multiplies by |g - x| / g for each gap. lambda_x is negative if the
 * number of points below x is odd. */
static secagg_err compute_coefs(sa_lagrange *g, point_set *set)
{
    sa_sc scale, zero = { { 0 } };

    invert_factorials(set, &scale);
    SA_TRY(sa_sc_distances(g->coefs, &scale, set->points, g->count, set->gaps,
        set->gap_count));
    for (size_t i = 0; i < g->count; i++) {
        const uint32_t x = set->points[i];
        sa_sc *c = &g->coefs[i];
        sa_sc_mul(c, c, &set->inverse[x]);
        sa_sc_mul(c, c, &set->inverse[set->max - x]);
        if (set->odd_below[x])
            sa_sc_sub(c, &zero, c);
    }
    return SECAGG_OK;
}

secagg_err sa_lagrange_new(sa_lagrange **lagrange, const uint32_t *holders,
    size_t count)
{
    sa_lagrange *g;
    point_set set = { .max = 0 };
    secagg_err err;

    if (!mark_points(&set, holders, count))
        return SECAGG_ERR_ARG;
    g = sa_alloc(1, sizeof *g);
    if (g == NULL)
        return SECAGG_ERR_MEMORY;
    g->count = count;
    g->coefs = sa_alloc(count, sizeof *g->coefs);
    err = g->coefs != NULL ? point_set_init(&set, holders, count)
                           : SECAGG_ERR_MEMORY;
    if (err == SECAGG_OK)
        err = compute_coefs(g, &set);
    if (err == SECAGG_OK)
        *lagrange = g;
    else
        sa_lagrange_free(g);
    point_set_free(&set);
    return err;
}

void sa_lagrange_free(sa_lagrange *lagrange)
{
    if (lagrange == NULL)
        return;
    sa_free(lagrange->coefs);
    sa_free(lagrange);
}

secagg_err sa_lagrange_weigh(const sa_lagrange *lagrange, sa_sc *out,
    const uint8_t *shares)
{
    for (size_t i = 0; i < lagrange->count; i++) {
        if (!sa_sc_decode(&out[i], shares + i * SECAGG_SHARE_BYTES))
            return SECAGG_ERR_MESSAGE;
        sa_sc_mul(&out[i], &out[i], &lagrange->coefs[i]);
    }
    return SECAGG_OK;
}

/* f(0) = sum of lambda_i f(x_i) (PROTOCOL.md 4.5). */
secagg_err sa_lagrange_join(const sa_lagrange *lagrange,
    uint8_t secret[SECAGG_SECRET_BYTES], const uint8_t *shares)
{
    sa_sc_sum sum = { { 0 } };
    sa_sc share, joined;
    secagg_err err = SECAGG_OK;

    for (size_t i = 0; i < lagrange->count && err == SECAGG_OK; i++) {
        if (sa_sc_decode(&share, shares + i * SECAGG_SHARE_BYTES))
            sa_sc_sum_add(&sum, &share, &lagrange->coefs[i]);
        else
            err = SECAGG_ERR_MESSAGE;
    }
    if (err == SECAGG_OK) {
        sa_sc_sum_get(&joined, &sum);
        sa_sc_encode(secret, &joined);
        sa_wipe(&joined, sizeof joined);
    }
    sa_wipe(&sum, sizeof sum);
    sa_wipe(&share, sizeof share);
    return err;
}

secagg_err secagg_shamir_join(uint8_t secret[SECAGG_SECRET_BYTES],
    const uint32_t *holders, const uint8_t *shares, size_t count)
{
    sa_lagrange *lagrange;
    secagg_err err;

    SA_TRY(sa_lagrange_new(&lagrange, holders, count));
    err = sa_lagrange_join(lagrange, secret, shares);
    sa_lagrange_free(lagrange);
    return err;
}
