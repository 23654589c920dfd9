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
    r->suspects = sa_alloc(capacity, sizeof *r->suspects);
    r->spare = sa_alloc(capacity, sizeof *r->spare);
    r->marks = sa_alloc(capacity, 1);
    r->wrong = sa_alloc(capacity, 1);
    if (r->suspects == NULL || r->spare == NULL || r->marks == NULL
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
    sa_free(r->suspects);
    sa_free(r->spare);
    sa_free(r->marks);
    sa_free(r->wrong);
}

void sa_share_recovery_next(sa_share_recovery *r)
{
    r->all.count = 0;
}

/* ---- leaving out suspects ----------------------------------------------- */

/* Mark the ranks of the shares that `wrong` has; NULL: of all shares. */
static void mark(sa_share_recovery *r, const uint8_t *wrong)
{
    memset(r->marks, 0, r->all.capacity);
    for (uint32_t i = 0; i < r->all.count; i++)
        r->marks[r->all.ranks[i]] = wrong == NULL || wrong[i];
}

/* Put the ranks of r->wrong first, and keep the order of the others. */
static void suspect(sa_share_recovery *r)
{
    uint32_t *const old = r->suspects;
    uint32_t count = 0;

    mark(r, r->wrong);
    for (int marked = 1; marked >= 0; marked--)
        for (uint32_t i = 0; i < r->all.capacity; i++)
            if (r->marks[old[i]] == marked)
                r->spare[count++] = old[i];
    r->suspects = r->spare;
    r->spare = old;
    r->found = true;
}

/* Copy the shares to r->rest, without as many as may be wrong. */
static void leave_out(sa_share_recovery *r)
{
    const sa_share_set *all = &r->all;
    uint32_t left = (all->count - all->threshold) / 2;

    mark(r, NULL);
    for (uint32_t i = 0; i < all->capacity && left > 0; i++) {
        left -= r->marks[r->suspects[i]];
        r->marks[r->suspects[i]] = 0;
    }
    r->rest.count = 0;
    for (uint32_t i = 0; i < all->count; i++)
        if (r->marks[all->ranks[i]])
            sa_share_set_add(&r->rest, all->ranks[i],
                all->shares + (size_t)i * SECAGG_SHARE_BYTES);
}

static secagg_err try_rest(sa_share_recovery *r,
    uint8_t secret[SECAGG_SECRET_BYTES], bool *consistent)
{
    leave_out(r);
    return sa_share_set_join(&r->rest, secret, consistent);
}

/* ---- decoding ----------------------------------------------------------- */

/* Decode with so many power sums. Fewer than N - t locate at most half as many
 * wrong shares: they say whether the shares are close to a polynomial of a
 * higher degree, so that the caller must test the result. */
static secagg_err decode(sa_share_recovery *r, uint32_t sums,
    uint8_t secret[SECAGG_SECRET_BYTES])
{
    const sa_share_set *all = &r->all;

    r->decodings++;
    SA_TRY(sa_rs_decode_with(all->lagrange, secret, r->wrong, all->ranks,
        all->shares, all->count, all->count - sums));
    suspect(r);
    return SECAGG_OK;
}

secagg_err sa_share_recovery_correct(sa_share_recovery *r,
    uint8_t secret[SECAGG_SECRET_BYTES])
{
    const uint32_t sums = r->all.count - r->all.threshold;
    bool consistent = false;

    if (r->found)
        SA_TRY(try_rest(r, secret, &consistent));
    for (uint32_t few = FIRST_SUMS; few < sums && !consistent; few *= GROWTH) {
        const secagg_err err = decode(r, few, secret);
        if (err == SECAGG_OK)
            SA_TRY(try_rest(r, secret, &consistent));
        else if (err != SECAGG_ERR_CHEAT)
            return err;
    }
    return consistent ? SECAGG_OK : decode(r, sums, secret);
}
