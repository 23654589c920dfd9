/* SPDX-License-Identifier: Apache-2.0 */
#include "shamir.h"

#include <secagg/params.h>
#include <string.h>

#include "bits.h"
#include "field.h"
#include "mem.h"
#include "prg.h"

/* ---- splitting ---------------------------------------------------------- */

#define WIDE 64 /* bytes of the stream that make one coefficient */

/* Coefficients of x^1 ... x^(threshold - 1): each from 64 bytes of ChaCha20
 * under the seed, nonce zero (PROTOCOL.md 4.3). */
static secagg_err draw(sa_fe *coefs, size_t threshold,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    const size_t len = WIDE * (threshold - 1);
    uint8_t key[SA_PRG_KEY_MAX] = { 0 }, *stream = sa_alloc(threshold, WIDE);
    sa_prg *prg = NULL;
    secagg_err err = SECAGG_ERR_MEMORY;

    memcpy(key, seed, SECAGG_SEED_BYTES);
    if (stream != NULL)
        err = sa_prg_new(&prg, SECAGG_SUITE_CHACHA);
    if (err == SECAGG_OK)
        err = sa_prg_key(prg, key);
    if (err == SECAGG_OK)
        err = sa_prg_read(prg, 0, stream, len);
    for (size_t i = 1; i < threshold && err == SECAGG_OK; i++)
        sa_fe_reduce(&coefs[i], stream + WIDE * (i - 1));
    sa_prg_free(prg);
    sa_free(stream, threshold * WIDE);
    sa_wipe(key, sizeof key);
    return err;
}

secagg_err secagg_shamir_split(uint8_t *shares, size_t count, size_t threshold,
    const uint8_t secret[SECAGG_SECRET_BYTES],
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    sa_fe *coefs = NULL, *values = NULL;
    secagg_err err = SECAGG_ERR_MEMORY;

    if (count == 0 || count > SECAGG_SHARES_MAX || threshold == 0
        || threshold > count)
        return SECAGG_ERR_ARG;
    coefs = sa_alloc(threshold, sizeof *coefs);
    values = sa_alloc(count, sizeof *values);
    if (coefs == NULL || values == NULL)
        goto out;
    err = SECAGG_ERR_VALUE;
    if (!sa_fe_decode(&coefs[0], secret))
        goto out;
    err = draw(coefs, threshold, seed);
    if (err == SECAGG_OK)
        err = sa_fe_eval(values, count, 1, coefs, threshold);
    for (size_t i = 0; i < count && err == SECAGG_OK; i++)
        sa_fe_encode(shares + i * SECAGG_SHARE_BYTES, &values[i]);
out:
    sa_free(coefs, threshold * sizeof *coefs);
    sa_free(values, count * sizeof *values);
    return err;
}

/* ---- joining ------------------------------------------------------------ */

struct sa_lagrange {
    size_t count;
    sa_fe *coefs; /* what each holder's share counts at zero */
};

/* Product of small factors that fits a word, before it goes into an
 * element. */
typedef struct small_product {
    sa_fe *into;
    uint64_t word;
} small_product;

static void flush(small_product *p)
{
    sa_fe factor;

    sa_fe_set(&factor, p->word);
    sa_fe_mul(p->into, p->into, &factor);
    p->word = 1;
}

/* times a factor below 2^13 */
static void times(small_product *p, uint32_t factor)
{
    if (p->word >> 51 != 0)
        flush(p);
    p->word *= factor;
}

static bool repeats(const uint32_t *holders, size_t count)
{
    uint8_t seen[SECAGG_SHARES_MAX / 8] = { 0 };

    for (size_t i = 0; i < count; i++) {
        if (holders[i] >= SECAGG_SHARES_MAX || sa_map_has(seen, holders[i]))
            return true;
        sa_map_add(seen, holders[i]);
    }
    return false;
}

/* lambda_i = X / d_i with X the product of all x, and d_i, in coefs so far, x_i
 * times the product of the other x_j - x_i: one inversion for all (Montgomery
 * 1987, section 10.3.1). prefix has room for count elements. */
static void solve(sa_lagrange *g, const uint32_t *holders, sa_fe *prefix)
{
    sa_fe all, run;
    small_product p = { &all, 1 };

    sa_fe_set(&all, 1);
    sa_fe_set(&run, 1);
    for (size_t i = 0; i < g->count; i++) {
        times(&p, holders[i] + 1);
        prefix[i] = run; /* product of the denominators before */
        sa_fe_mul(&run, &run, &g->coefs[i]);
    }
    flush(&p);
    sa_fe_invert_vartime(&run, &run); /* points are public */
    sa_fe_mul(&run, &run, &all);
    for (size_t i = g->count; i-- > 0;) {
        const sa_fe d = g->coefs[i];
        sa_fe_mul(&g->coefs[i], &run, &prefix[i]);
        sa_fe_mul(&run, &run, &d);
    }
}

static secagg_err denominators(sa_lagrange *g, const uint32_t *holders)
{
    uint32_t *points = sa_alloc(g->count, sizeof *points);
    secagg_err err;

    if (points == NULL)
        return SECAGG_ERR_MEMORY;
    for (size_t i = 0; i < g->count; i++)
        points[i] = holders[i] + 1;
    err = sa_fe_denominators(g->coefs, points, g->count);
    sa_free(points, g->count * sizeof *points);
    return err;
}

secagg_err sa_lagrange_new(sa_lagrange **lagrange, const uint32_t *holders,
    size_t count)
{
    sa_lagrange *g;
    sa_fe *prefix;
    secagg_err err;

    if (count == 0 || count > SECAGG_SHARES_MAX || repeats(holders, count))
        return SECAGG_ERR_ARG;
    g = sa_alloc(1, sizeof *g);
    prefix = sa_alloc(count, sizeof *prefix);
    if (g != NULL)
        g->coefs = sa_alloc(count, sizeof *g->coefs);
    if (g == NULL || prefix == NULL || g->coefs == NULL) {
        sa_free(prefix, count * sizeof *prefix);
        sa_lagrange_free(g);
        return SECAGG_ERR_MEMORY;
    }
    g->count = count;
    err = denominators(g, holders);
    if (err == SECAGG_OK) {
        solve(g, holders, prefix);
        *lagrange = g;
    } else {
        sa_lagrange_free(g);
    }
    sa_free(prefix, count * sizeof *prefix);
    return err;
}

void sa_lagrange_free(sa_lagrange *lagrange)
{
    if (lagrange == NULL)
        return;
    sa_free(lagrange->coefs, lagrange->count * sizeof *lagrange->coefs);
    sa_free(lagrange, sizeof *lagrange);
}

static secagg_err weigh(const sa_lagrange *lagrange, sa_fe *out,
    const uint8_t *shares, size_t i)
{
    if (!sa_fe_decode(out, shares + i * SECAGG_SHARE_BYTES))
        return SECAGG_ERR_MESSAGE;
    sa_fe_mul(out, out, &lagrange->coefs[i]);
    return SECAGG_OK;
}

secagg_err sa_lagrange_weigh(const sa_lagrange *lagrange, sa_fe *out,
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
    sa_fe_sum sum = { { 0 } };
    sa_fe share, whole;
    secagg_err err = SECAGG_OK;

    for (size_t i = 0; i < lagrange->count && err == SECAGG_OK; i++) {
        if (sa_fe_decode(&share, shares + i * SECAGG_SHARE_BYTES))
            sa_fe_sum_add(&sum, &share, &lagrange->coefs[i]);
        else
            err = SECAGG_ERR_MESSAGE;
    }
    if (err == SECAGG_OK) {
        sa_fe_sum_get(&whole, &sum);
        sa_fe_encode(secret, &whole);
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
