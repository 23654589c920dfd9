/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/share_recovery.h"

#include <string.h>

#include "core/mem.h"
#include "crypto/reed_solomon.h"

/* Decoding begins with this many of the N - t power sums, and continues with
 * GROWTH times as many if they locate too few wrong shares. */
#define FIRST_SUMS 32
#define GROWTH 8

secagg_err sa_share_recovery_init(sa_share_recovery *r, uint32_t capacity,
    uint32_t threshold, const uint8_t *seed)
{
    *r = (sa_share_recovery){ 0 };
    SA_TRY(sa_share_set_init(&r->all, capacity, threshold, seed));
    SA_TRY(sa_share_set_init(&r->rest, capacity, threshold, seed));
    SA_TRY(sa_share_set_init(&r->most, capacity, threshold, seed));
    r->suspects = sa_alloc(capacity, sizeof *r->suspects);
    r->order = sa_alloc(capacity, sizeof *r->order);
    r->marks = sa_alloc(capacity, 1);
    r->wrong = sa_alloc(capacity, 1);
    if (r->suspects == NULL || r->order == NULL || r->marks == NULL
        || r->wrong == NULL)
        return SECAGG_ERR_MEMORY;
    for (uint32_t i = 0; i < capacity; i++)
        r->suspects[i] = i;
    return SECAGG_OK;
}

void sa_share_recovery_free(sa_share_recovery *r)
{
    sa_share_set_free(&r->all);
    sa_share_set_free(&r->rest);
    sa_share_set_free(&r->most);
    sa_free(r->suspects);
    sa_free(r->order);
    sa_free(r->marks);
    sa_free(r->wrong);
}

void sa_share_recovery_next(sa_share_recovery *r)
{
    r->all.count = 0;
}

/* ---- leaving out shares ------------------------------------------------- */

/* Mark the ranks of the shares that `wrong` has; NULL: of all shares. */
static void mark(sa_share_recovery *r, const uint8_t *wrong)
{
    memset(r->marks, 0, r->all.capacity);
    for (uint32_t i = 0; i < r->all.count; i++)
        r->marks[r->all.ranks[i]] = wrong == NULL || wrong[i];
}

/* r->order = the ranks of r->wrong first, then the suspects in their order. */
static void put_wrong_first(sa_share_recovery *r)
{
    uint32_t count = 0;

    mark(r, r->wrong);
    for (int marked = 1; marked >= 0; marked--)
        for (uint32_t i = 0; i < r->all.capacity; i++)
            if (r->marks[r->suspects[i]] == marked)
                r->order[count++] = r->suspects[i];
}

/* Make r->order the order of suspects. */
static void suspect(sa_share_recovery *r)
{
    uint32_t *const old = r->suspects;

    r->suspects = r->order;
    r->order = old;
    r->found = true;
}

/* Copy the shares to `set`, but for `left` of them: those whose ranks come
 * first in `order`. */
static void leave_out(sa_share_recovery *r, sa_share_set *set,
    const uint32_t *order, uint32_t left)
{
    const sa_share_set *all = &r->all;

    mark(r, NULL);
    for (uint32_t i = 0; i < all->capacity && left > 0; i++) {
        left -= r->marks[order[i]];
        r->marks[order[i]] = 0;
    }
    set->count = 0;
    for (uint32_t i = 0; i < all->count; i++)
        if (r->marks[all->ranks[i]])
            sa_share_set_add(set, all->ranks[i],
                all->shares + (size_t)i * SECAGG_SHARE_BYTES);
}

/* Leave out as many suspects as shares may be wrong. */
static secagg_err try_without_suspects(sa_share_recovery *r,
    uint8_t secret[SECAGG_SECRET_BYTES], bool *consistent)
{
    leave_out(r, &r->rest, r->suspects,
        (r->all.count - r->all.threshold) / 2);
    return sa_share_set_join(&r->rest, secret, consistent);
}

/* ---- decoding ----------------------------------------------------------- */

/* Decode with so many power sums. Fewer than N - t locate at most half as many
 * wrong shares: they show whether the shares are close to a polynomial of a
 * higher degree, so that the caller must test the result. */
static secagg_err decode(sa_share_recovery *r, uint32_t sums,
    uint8_t secret[SECAGG_SECRET_BYTES])
{
    const sa_share_set *all = &r->all;

    r->sums += sums;
    SA_TRY(sa_rs_decode_with(all->lagrange, secret, r->wrong, all->ranks,
        all->shares, all->count, all->count - sums));
    put_wrong_first(r);
    return SECAGG_OK;
}

/* Decode with few power sums, and test the result. A few wrong shares are
 * cheaper to locate again than to suspect, since new suspects need new Lagrange
 * coefficients for the rest. */
static secagg_err try_few(sa_share_recovery *r, uint32_t sums,
    uint8_t secret[SECAGG_SECRET_BYTES], bool *consistent)
{
    const secagg_err err = decode(r, sums, secret);

    if (err != SECAGG_OK)
        return err == SECAGG_ERR_CHEAT ? SECAGG_OK : err;
    if (sums == FIRST_SUMS) {
        leave_out(r, &r->most, r->order, sums / 2);
        return sa_share_set_join(&r->most, secret, consistent);
    }
    suspect(r);
    return try_without_suspects(r, secret, consistent);
}

secagg_err sa_share_recovery_correct(sa_share_recovery *r,
    uint8_t secret[SECAGG_SECRET_BYTES])
{
    const uint32_t sums = r->all.count - r->all.threshold;
    bool consistent = false;

    if (r->found)
        SA_TRY(try_without_suspects(r, secret, &consistent));
    for (uint32_t few = FIRST_SUMS; few < sums && !consistent; few *= GROWTH)
        SA_TRY(try_few(r, few, secret, &consistent));
    if (consistent)
        return SECAGG_OK;
    SA_TRY(decode(r, sums, secret));
    suspect(r);
    return SECAGG_OK;
}
