/* SPDX-License-Identifier: Apache-2.0 */
/* roster: the public keys of a session, and their digest H_ros (PROTOCOL.md
 * 3.7): a Merkle tree of RFC 6962, section 2.1, over all invited clients. */
#ifndef SA_ROSTER_H
#define SA_ROSTER_H

#include <secagg/base.h>

/* What one client advertised: be32 index || enc point || mask point, then in
 * active mode its signature of them. */
#define SA_ENTRY_BYTES 68
#define SA_SIGNATURE_BYTES 64

typedef struct sa_roster {
    uint32_t n;             /* invited */
    uint32_t present;       /* members of U1 */
    uint8_t *map;           /* U1 */
    uint8_t (*enc)[32];     /* by index; zero where absent */
    uint8_t (*mask)[32];
    uint8_t (*signature)[SA_SIGNATURE_BYTES]; /* NULL: not signed */
    uint32_t *table; /* of the points, by hash; NULL: not indexed */
    uint32_t slots;  /* of it, a power of two, at most half of them taken */
    uint8_t key[SECAGG_DIGEST_BYTES]; /* of the hash */
} sa_roster;

SECAGG_MUST_CHECK secagg_err sa_roster_init(sa_roster *roster, uint32_t n,
    bool is_signed);
void sa_roster_free(sa_roster *roster);

/* Index the points of a roster that is still empty, so that _holds takes the
 * same time whatever is in it. Points come from clients that may be hostile:
 * the hash has a key, from a secret seed. */
SECAGG_MUST_CHECK secagg_err sa_roster_index(sa_roster *roster,
    const uint8_t seed[SECAGG_SEED_BYTES]);

/* Add a client that is not in it yet; signature is not read where the roster
 * is not signed. */
void sa_roster_add(sa_roster *roster, uint32_t index, const uint8_t enc[32],
    const uint8_t mask[32], const uint8_t *signature);

/* Whether a point is one of those in an indexed roster, as enc or as mask. */
bool sa_roster_holds(const sa_roster *roster, const uint8_t point[32]);

/* Whether all 2 |U1| points are distinct; n log n. */
SECAGG_MUST_CHECK secagg_err sa_roster_distinct(const sa_roster *roster,
    bool *distinct);

/* The Merkle root, and H_ros from it. */
SECAGG_MUST_CHECK secagg_err sa_roster_root(const sa_roster *roster,
    uint8_t root[SECAGG_DIGEST_BYTES]);
SECAGG_MUST_CHECK secagg_err sa_roster_digest(
    uint8_t digest[SECAGG_DIGEST_BYTES], const uint8_t context[32],
    const uint8_t graph_seed[32], uint32_t present, const uint8_t root[32]);

#endif
