/* SPDX-License-Identifier: Apache-2.0 */
/* share_set: the shares of one dealer at a time. Interpolates them at zero and
 * tests whether they are on one polynomial of degree below the threshold, both
 * in time O(count). Values that depend on the holders only are kept, because
 * many dealers have the same holders. Shares and secrets are handled in
 * constant time. */
#ifndef SA_SHARE_SET_H
#define SA_SHARE_SET_H

#include "crypto/shamir.h"

/* A random word of the dual code for one number of shares. */
typedef struct sa_dual_word {
    uint32_t count;  /* 0: not drawn yet */
    uint8_t *values; /* one scalar a rank */
} sa_dual_word;

/* Dual words in the cache: on a ring the dealers have nearly the same number of
 * shares. */
#define SA_DUAL_WORDS 8

typedef struct sa_share_set {
    uint32_t capacity;    /* shares, at most; all ranks are below it */
    uint32_t threshold;
    const uint8_t *seed;  /* of the dual words; the owner's */
    uint32_t count;       /* shares of this dealer */
    uint32_t *ranks;
    uint8_t *shares;
    sa_sc *weighted;      /* shares times their Lagrange coefficients */

    sa_lagrange *lagrange; /* coefficients of these ranks: */
    uint32_t *cached_ranks, cached_count;
    sa_dual_word dual_words[SA_DUAL_WORDS];
    uint32_t drawn; /* how many dual words */
} sa_share_set;

/* Allocate an empty set. `seed` is a secret of the server, so that neither a
 * dealer nor a holder can know the dual words; it must stay valid. Returns
 * SECAGG_ERR_MEMORY; sa_share_set_free() must follow an error, too. */
SECAGG_MUST_CHECK secagg_err sa_share_set_init(sa_share_set *set,
    uint32_t capacity, uint32_t threshold, const uint8_t *seed);

/* Wipe and free; a set of zeros may be freed. */
void sa_share_set_free(sa_share_set *set);

/* Add the share of a holder. Ranks are distinct and below the capacity. */
void sa_share_set_add(sa_share_set *set, uint32_t rank, const uint8_t *share);

/* Interpolate all shares at zero, and set *consistent to whether they are on
 * one polynomial of degree below the threshold. Shares that are not pass the
 * test with probability 1 / ell. Requires at least `threshold` shares. Returns
 * SECAGG_ERR_MESSAGE if a share is not a canonical scalar, MEMORY or CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_share_set_join(sa_share_set *set,
    uint8_t secret[SECAGG_SECRET_BYTES], bool *consistent);

#endif
