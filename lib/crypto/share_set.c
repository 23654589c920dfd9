/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/share_set.h"

#include <string.h>

#include "core/mem.h"

secagg_err sa_share_set_init(sa_share_set *set, uint32_t capacity,
    uint32_t threshold, const uint8_t *seed)
{
    *set = (sa_share_set){ .capacity = capacity, .threshold = threshold,
        .seed = seed };
    set->ranks = sa_alloc(capacity, sizeof *set->ranks);
    set->cached_ranks = sa_alloc(capacity, sizeof *set->cached_ranks);
    set->shares = sa_alloc(capacity, SECAGG_SHARE_BYTES);
    set->weighted = sa_alloc(capacity, sizeof *set->weighted);
    return set->ranks != NULL && set->cached_ranks != NULL
            && set->shares != NULL && set->weighted != NULL
        ? SECAGG_OK : SECAGG_ERR_MEMORY;
}

void sa_share_set_free(sa_share_set *set)
{
    sa_free(set->ranks);
    sa_free(set->cached_ranks);
    sa_free(set->shares);
    sa_free(set->weighted);
    sa_lagrange_free(set->lagrange);
    for (uint32_t i = 0; i < SA_DUAL_WORDS; i++)
        sa_free(set->dual_words[i].values);
}

void sa_share_set_add(sa_share_set *set, uint32_t rank, const uint8_t *share)
{
    set->ranks[set->count] = rank;
    memcpy(set->shares + (size_t)set->count * SECAGG_SHARE_BYTES, share,
        SECAGG_SHARE_BYTES);
    set->count++;
}

/* Compute the Lagrange coefficients of the ranks, unless the dealer before had
 * the same holders. */
static secagg_err load_lagrange(sa_share_set *set)
{
    const size_t bytes = set->count * sizeof *set->ranks;

    if (set->lagrange != NULL && set->count == set->cached_count
        && sa_ct_equal(set->ranks, set->cached_ranks, bytes))
        return SECAGG_OK;
    sa_lagrange_free(set->lagrange);
    set->lagrange = NULL;
    SA_TRY(sa_lagrange_new(&set->lagrange, set->ranks, set->count));
    memcpy(set->cached_ranks, set->ranks, bytes);
    set->cached_count = set->count;
    return SECAGG_OK;
}

/* Returns the cached dual word for this number of shares, or else the one that
 * was drawn first, to be drawn anew. */
static sa_dual_word *find_dual_word(sa_share_set *set)
{
    for (uint32_t i = 0; i < SA_DUAL_WORDS; i++)
        if (set->dual_words[i].count == set->count)
            return &set->dual_words[i];
    return &set->dual_words[set->drawn++ % SA_DUAL_WORDS];
}

/* Draw a dual word for this number of shares, unless it is cached: the values
 * of x g(x) at all x-coordinates, for a random g of degree below count -
 * threshold. */
static secagg_err load_dual_word(sa_share_set *set, const sa_dual_word **word)
{
    static const uint8_t zero[SECAGG_SECRET_BYTES];
    const uint32_t terms = set->count - set->threshold + 1;
    sa_dual_word *d = find_dual_word(set);

    *word = d;
    if (d->count == set->count)
        return SECAGG_OK;
    d->count = 0;
    if (d->values == NULL)
        d->values = sa_alloc(set->capacity, SECAGG_SHARE_BYTES);
    if (d->values == NULL)
        return SECAGG_ERR_MEMORY;
    SA_TRY(secagg_shamir_split(d->values, set->capacity, terms, zero,
        set->seed));
    d->count = set->count;
    return SECAGG_OK;
}

/* If the shares are on one polynomial f of degree below the threshold, then
 * f(x) x g(x) has a degree below count, so that interpolation of its values
 * gives its value at zero, which is zero (Cascudo and David 2017, section
 * 2.1). */
secagg_err sa_share_set_join(sa_share_set *set,
    uint8_t secret[SECAGG_SECRET_BYTES], bool *consistent)
{
    const sa_dual_word *d;
    sa_sc sum = { { 0 } }, zero = { { 0 } }, test = { { 0 } }, value;

    SA_TRY(load_dual_word(set, &d));
    SA_TRY(load_lagrange(set));
    SA_TRY(sa_lagrange_weigh(set->lagrange, set->weighted, set->shares));
    for (uint32_t i = 0; i < set->count; i++) {
        (void)sa_sc_decode(&value,
            d->values + (size_t)set->ranks[i] * SECAGG_SHARE_BYTES);
        sa_sc_add(&sum, &sum, &set->weighted[i]);
        sa_sc_mul(&value, &value, &set->weighted[i]);
        sa_sc_add(&test, &test, &value);
    }
    sa_sc_encode(secret, &sum);
    *consistent = sa_sc_equal(&test, &zero);
    sa_wipe(&sum, sizeof sum);
    sa_wipe(&value, sizeof value);
    return SECAGG_OK;
}
