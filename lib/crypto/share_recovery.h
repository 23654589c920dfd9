/* SPDX-License-Identifier: Apache-2.0 */
/* share_recovery: recover the secrets of many dealers, some of which dealt
 * wrong shares (PROTOCOL.md 4.6), in little time for each.
 *
 * Let N be the shares of a dealer and t the threshold. Leave out any floor((N -
 * t) / 2) of them. If the other shares are on one polynomial of degree below t,
 * this polynomial misses at most as many shares as were left out, so it is the
 * one that 4.6 asks for, because at most one is that close. To test this takes
 * time O(N). Left out are the shares at the points where shares were found
 * wrong last: dealers that deal wrong shares to the same holders need one
 * Reed-Solomon decoding between them. The wrong shares of a dealer that are at
 * other points are located by decoding, in time that grows with their
 * number. */
#ifndef SA_SHARE_RECOVERY_H
#define SA_SHARE_RECOVERY_H

#include "crypto/share_set.h"

typedef struct sa_share_recovery {
    sa_share_set all;    /* the shares of this dealer */
    sa_share_set rest;   /* without as many suspects as may be wrong */
    sa_share_set most;   /* without a few that decoding found wrong */
    uint32_t *suspects;  /* all ranks; those found wrong last come first */
    uint32_t *order;     /* the next order of suspects */
    uint8_t *marks;      /* by rank */
    uint8_t *wrong;      /* 1 for each wrong share, in the order of `all` */
    bool found;          /* wrong shares, more than a few of one dealer */
    uint64_t sums;       /* computed by decoding, of all dealers so far */
} sa_share_recovery;

/* Allocate the state for dealers that have at most `capacity` holders. `seed`
 * is that of sa_share_set_init(). Returns SECAGG_ERR_MEMORY;
 * sa_share_recovery_free() must follow an error, too. */
SECAGG_MUST_CHECK secagg_err sa_share_recovery_init(sa_share_recovery *r,
    uint32_t capacity, uint32_t threshold, const uint8_t *seed);

/* Wipe and free. */
void sa_share_recovery_free(sa_share_recovery *r);

/* Forget the shares of a dealer. The next one's are then added to r->all. */
void sa_share_recovery_next(sa_share_recovery *r);

/* Recover the secret from the shares of r->all, which sa_share_set_join() found
 * not to be consistent. The result is that of sa_rs_decode(). Returns
 * SECAGG_ERR_CHEAT if there is no polynomial close enough, MESSAGE, MEMORY or
 * CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_share_recovery_correct(sa_share_recovery *r,
    uint8_t secret[SECAGG_SECRET_BYTES]);

#endif
