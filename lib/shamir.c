/* SPDX-License-Identifier: Apache-2.0 */
#include "shamir.h"

#include <secagg/params.h>
#include <string.h>

#include "bits.h"
#include "field.h"
#include "mem.h"
#include "prg.h"

/* ---- splitting ---------------------------------------------------------- */

/* Coefficients of x^1 ... x^(threshold - 1): each from 64 bytes of ChaCha20
 * under the seed, nonce zero (PROTOCOL.md 4.3). */
static secagg_err draw(sa_fe *coefs, size_t threshold,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    uint8_t key[SA_PRG_KEY_MAX] = { 0 }, wide[64];
    sa_prg *prg;
    secagg_err err;

    SA_TRY(sa_prg_new(&prg, SECAGG_SUITE_CHACHA));
    memcpy(key, seed, SECAGG_SEED_BYTES);
    err = sa_prg_key(prg, key);
    for (size_t i = 1; i < threshold && err == SECAGG_OK; i++) {
        err = sa_prg_read(prg, 64 * (i - 1), wide, sizeof wide);
        if (err == SECAGG_OK)
            sa_fe_reduce(&coefs[i], wide);
    }
    sa_prg_free(prg);
    sa_wipe(key, sizeof key);
    sa_wipe(wide, sizeof wide);
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
    if (err != SECAGG_OK)
        goto out;
    sa_fe_eval(values, count, 1, coefs, threshold);
    for (size_t i = 0; i < count; i++)
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

/* d = x_i times the product of (x_j - x_i) over all other holders. */
static void denominator(sa_fe *d, const uint32_t *holders, size_t count,
    size_t i)
{
    static const sa_fe zero;
    small_product p = { d, holders[i] + 1 };
    bool minus = false;

    sa_fe_set(d, 1);
    for (size_t j = 0; j < count; j++) {
        if (j == i)
            continue;
        minus ^= holders[j] < holders[i];
        times(&p, holders[j] > holders[i] ? holders[j] - holders[i]
                                          : holders[i] - holders[j]);
    }
    flush(&p);
    if (minus)
        sa_fe_sub(d, &zero, d);
}

/* lambda_i = X / d_i with X the product of all x: one inversion for all
 * (Montgomery 1987, section 10.3.1). prefix has room for count elements. */
static void solve(sa_lagrange *g, const uint32_t *holders, sa_fe *prefix)
{
    sa_fe all, run;
    small_product p = { &all, 1 };

    sa_fe_set(&all, 1);
    sa_fe_set(&run, 1);
    for (size_t i = 0; i < g->count; i++) {
        times(&p, holders[i] + 1);
        denominator(&g->coefs[i], holders, g->count, i);
        prefix[i] = run; /* product of the denominators before */
        sa_fe_mul(&run, &run, &g->coefs[i]);
    }
    flush(&p);
    sa_fe_invert(&run, &run);
    sa_fe_mul(&run, &run, &all);
    for (size_t i = g->count; i-- > 0;) {
        const sa_fe d = g->coefs[i];
        sa_fe_mul(&g->coefs[i], &run, &prefix[i]);
        sa_fe_mul(&run, &run, &d);
    }
}

secagg_err sa_lagrange_new(sa_lagrange **lagrange, const uint32_t *holders,
    size_t count)
{
    sa_lagrange *g;
    sa_fe *prefix;

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
    solve(g, holders, prefix);
    sa_free(prefix, count * sizeof *prefix);
    *lagrange = g;
    return SECAGG_OK;
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
    sa_fe sum = { { 0 } }, part;
    secagg_err err = SECAGG_OK;

    for (size_t i = 0; i < lagrange->count && err == SECAGG_OK; i++) {
        err = weigh(lagrange, &part, shares, i);
        sa_fe_add(&sum, &sum, &part);
    }
    if (err == SECAGG_OK)
        sa_fe_encode(secret, &sum);
    sa_wipe(&sum, sizeof sum);
    sa_wipe(&part, sizeof part);
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
