/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/shamir.h"

#include <secagg/params.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/keystream.h"
#include "crypto/scalar.h"

/* ---- splitting ---------------------------------------------------------- */

#define WIDE 64 /* bytes of the stream that make one coefficient */

/* Coefficients of x^1 ... x^(threshold - 1): each from 64 bytes of ChaCha20
 * under the seed, nonce zero (PROTOCOL.md 4.3). */
static secagg_err draw(sa_sc *coefs, size_t threshold,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    const size_t len = WIDE * (threshold - 1);
    uint8_t key[SA_KEYSTREAM_KEY_MAX] = { 0 },
            *stream = sa_alloc(threshold, WIDE);
    sa_keystream *prg = NULL;
    secagg_err err = SECAGG_ERR_MEMORY;

    memcpy(key, seed, SECAGG_SEED_BYTES);
    if (stream != NULL)
        err = sa_keystream_new(&prg, SA_CHACHA20);
    if (err == SECAGG_OK)
        err = sa_keystream_rekey(prg, key);
    if (err == SECAGG_OK)
        err = sa_keystream_read(prg, 0, stream, len);
    for (size_t i = 1; i < threshold && err == SECAGG_OK; i++)
        sa_sc_reduce(&coefs[i], stream + WIDE * (i - 1));
    sa_keystream_free(prg);
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
    err = draw(coefs, threshold, seed);
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
    sa_sc *coefs; /* what each holder's share counts at zero */
};

/* Product of small factors that fits a word, before it goes into an
 * element. */
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

/* times a factor below 2^13 */
static void times(small_product *p, uint32_t factor)
{
    if (p->word >> 51 != 0)
        flush(p);
    p->word *= factor;
}

/* Where the points of the holders lie in 1, ..., M. */
typedef struct row {
    uint32_t most; /* M, the greatest of them */
    uint8_t here[SECAGG_SHARES_MAX / 8]; /* by rank */
    bool odd[SECAGG_SHARES_MAX + 1]; /* an odd number of them is below x */
    uint32_t *points, *gaps; /* in the order of the holders; ascending */
    size_t gap_count;
    sa_sc *inverse; /* 1 / x!, from 0 to M */
} row;

/* false: a holder twice, or none that there can be. */
static bool place(row *r, const uint32_t *holders, size_t count)
{
    if (count == 0 || count > SECAGG_SHARES_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        const uint32_t rank = holders[i];
        if (rank >= SECAGG_SHARES_MAX || sa_bitmap_has(r->here, rank))
            return false;
        sa_bitmap_add(r->here, rank);
        if (r->most < rank + 1)
            r->most = rank + 1;
    }
    return true;
}

static void find_gaps(row *r)
{
    bool odd = false;

    for (uint32_t x = 1; x <= r->most; x++) {
        r->odd[x] = odd;
        if (sa_bitmap_has(r->here, x - 1))
            odd = !odd;
        else
            r->gaps[r->gap_count++] = x;
    }
}

static secagg_err row_init(row *r, const uint32_t *holders, size_t count)
{
    r->points = sa_alloc(count, sizeof *r->points);
    r->gaps = sa_alloc(r->most, sizeof *r->gaps);
    r->inverse = sa_alloc(r->most + 1, sizeof *r->inverse);
    if (r->points == NULL || r->gaps == NULL || r->inverse == NULL)
        return SECAGG_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        r->points[i] = holders[i] + 1;
    find_gaps(r);
    return SECAGG_OK;
}

static void row_free(row *r)
{
    sa_free(r->points);
    sa_free(r->gaps);
    sa_free(r->inverse);
}

/* 1 / x! of all x, and M! over the product of the gaps, of one inversion. */
static void invert_factorials(row *r, sa_sc *scale)
{
    sa_sc all, gaps, run, x;
    small_product p = { &all, 1 }, q = { &gaps, 1 };

    sa_sc_set(&all, 1);
    sa_sc_set(&gaps, 1);
    for (uint32_t i = 1; i <= r->most; i++)
        times(&p, i);
    for (size_t i = 0; i < r->gap_count; i++)
        times(&q, r->gaps[i]);
    flush(&p);
    flush(&q);
    sa_sc_mul(&run, &all, &gaps);
    sa_sc_invert_vartime(&run, &run); /* points are public */
    sa_sc_mul(&r->inverse[r->most], &run, &gaps);
    sa_sc_mul(scale, &run, &all);
    sa_sc_mul(scale, scale, &all);
    for (uint32_t i = r->most; i > 0; i--) {
        sa_sc_set(&x, i);
        sa_sc_mul(&r->inverse[i - 1], &r->inverse[i], &x);
    }
}

/* lambda_x, the product of y / (y - x) over all other points y (PROTOCOL.md
 * 4.5), is that over all others of 1, ..., M, over g / (g - x) for the gaps g:
 * but for its sign C(M, x), which is M! / (x! (M - x)!), times |g - x| / g of
 * all gaps; below zero where the points below x are an odd number. */
static secagg_err solve(sa_lagrange *g, row *r)
{
    sa_sc scale, zero = { { 0 } };

    invert_factorials(r, &scale);
    SA_TRY(sa_sc_distances(g->coefs, &scale, r->points, g->count, r->gaps,
        r->gap_count));
    for (size_t i = 0; i < g->count; i++) {
        const uint32_t x = r->points[i];
        sa_sc *c = &g->coefs[i];
        sa_sc_mul(c, c, &r->inverse[x]);
        sa_sc_mul(c, c, &r->inverse[r->most - x]);
        if (r->odd[x])
            sa_sc_sub(c, &zero, c);
    }
    return SECAGG_OK;
}

secagg_err sa_lagrange_new(sa_lagrange **lagrange, const uint32_t *holders,
    size_t count)
{
    sa_lagrange *g;
    row r = { .most = 0 };
    secagg_err err;

    if (!place(&r, holders, count))
        return SECAGG_ERR_ARG;
    g = sa_alloc(1, sizeof *g);
    if (g == NULL)
        return SECAGG_ERR_MEMORY;
    g->count = count;
    g->coefs = sa_alloc(count, sizeof *g->coefs);
    err = g->coefs != NULL ? row_init(&r, holders, count)
                           : SECAGG_ERR_MEMORY;
    if (err == SECAGG_OK)
        err = solve(g, &r);
    if (err == SECAGG_OK)
        *lagrange = g;
    else
        sa_lagrange_free(g);
    row_free(&r);
    return err;
}

void sa_lagrange_free(sa_lagrange *lagrange)
{
    if (lagrange == NULL)
        return;
    sa_free(lagrange->coefs);
    sa_free(lagrange);
}

static secagg_err weigh(const sa_lagrange *lagrange, sa_sc *out,
    const uint8_t *shares, size_t i)
{
    if (!sa_sc_decode(out, shares + i * SECAGG_SHARE_BYTES))
        return SECAGG_ERR_MESSAGE;
    sa_sc_mul(out, out, &lagrange->coefs[i]);
    return SECAGG_OK;
}

secagg_err sa_lagrange_weigh(const sa_lagrange *lagrange, sa_sc *out,
    const uint8_t *shares)
{
    for (size_t i = 0; i < lagrange->count; i++)
        SA_TRY(weigh(lagrange, &out[i], shares, i));
    return SECAGG_OK;
}

/* f(0) = sum of lambda_i f(x_i) (PROTOCOL.md 4.5). */
secagg_err sa_lagrange_join(const sa_lagrange *lagrange,
    uint8_t secret[SECAGG_SECRET_BYTES], const uint8_t *shares)
{
    sa_sc_sum sum = { { 0 } };
    sa_sc share, whole;
    secagg_err err = SECAGG_OK;

    for (size_t i = 0; i < lagrange->count && err == SECAGG_OK; i++) {
        if (sa_sc_decode(&share, shares + i * SECAGG_SHARE_BYTES))
            sa_sc_sum_add(&sum, &share, &lagrange->coefs[i]);
        else
            err = SECAGG_ERR_MESSAGE;
    }
    if (err == SECAGG_OK) {
        sa_sc_sum_get(&whole, &sum);
        sa_sc_encode(secret, &whole);
        sa_wipe(&whole, sizeof whole);
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
