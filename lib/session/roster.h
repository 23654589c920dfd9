/* SPDX-License-Identifier: Apache-2.0 */
/* roster: the public keys of the clients in U1, the Merkle tree over them (RFC
 * 6962, section 2.1), and the digest H_ros (PROTOCOL.md 3.7). Public keys are
 * not secret, so the code may branch on them. A point is a public key. */
#ifndef SA_ROSTER_H
#define SA_ROSTER_H

#include <secagg/keys.h>

#include "crypto/identity.h"
#include "crypto/x25519.h"

typedef struct sa_roster {
    uint32_t n;       /* invited clients */
    uint32_t present; /* |U1| */
    uint8_t *map;     /* bitmap of U1 */
    /* By client; zero bytes for one that is absent. */
    uint8_t (*enc)[SA_POINT_BYTES];
    uint8_t (*mask)[SA_POINT_BYTES];
    /* NULL in semi-honest mode; the last two also after they were dropped. The
     * bytes of credentials belong to the caller. */
    uint8_t (*id)[SECAGG_PUBLIC_BYTES];
    uint8_t (*signature)[SECAGG_SIGNATURE_BYTES];
    sa_bytes *credential;
    /* Hash table of all points; NULL: none was made. */
    uint32_t *table;
    uint32_t slots; /* of the table: a power of two, at most half are in use */
    uint8_t key[SECAGG_DIGEST_BYTES]; /* of the hash function */
} sa_roster;

/* Make an empty roster of n invited clients, with identities if `is_signed`.
 * Returns SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_roster_init(sa_roster *roster, uint32_t n,
    bool is_signed);
void sa_roster_free(sa_roster *roster);

/* Add the hash table to an empty roster. Points come from clients that may be
 * malicious: the hash function has a key, derived from a secret seed, so that
 * no client can choose points that collide. Returns SECAGG_ERR_MEMORY or
 * SECAGG_ERR_CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_roster_index(sa_roster *roster,
    const uint8_t seed[SECAGG_SEED_BYTES]);

/* Make `present` and the hash table, if there is one, agree with the bitmap and
 * the points: they were stored without sa_roster_add(). */
void sa_roster_restore(sa_roster *roster);

/* Remove a client, which must be present, in expected constant time. Its
 * identity stays in the memory of the caller. */
void sa_roster_remove(sa_roster *roster, uint32_t index);

/* Add a client, which must be absent. `identity` is not read unless the roster
 * is signed. Its credential is not copied. */
void sa_roster_add(sa_roster *roster, uint32_t index,
    const uint8_t enc[SA_POINT_BYTES], const uint8_t mask[SA_POINT_BYTES],
    const sa_identity *identity);

/* Returns the identity of a client that is present; its views are NULL if the
 * roster is not signed. */
sa_identity sa_roster_identity(const sa_roster *roster, uint32_t index);

/* Returns the bytes of all credentials; 0 if the roster is not signed. */
size_t sa_roster_credential_bytes(const sa_roster *roster);

/* Free the signatures and the views of the credentials, which only the entries
 * need. */
void sa_roster_drop_signatures(sa_roster *roster);

/* Returns whether a client other than `index` has a point, as enc or as mask.
 * There must be a hash table; the expected time does not depend on the number
 * of clients. */
bool sa_roster_holds(const sa_roster *roster, uint32_t index,
    const uint8_t point[SA_POINT_BYTES]);

/* Returns whether a client other than `index` has this identity. */
bool sa_roster_has_id(const sa_roster *roster, uint32_t index,
    const uint8_t id[SECAGG_PUBLIC_BYTES]);

/* Set *distinct to whether all 2 |U1| points are distinct. Sorts them, without
 * a hash table. Returns SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_roster_distinct(const sa_roster *roster,
    bool *distinct);

/* The same for the identities of a signed roster. */
SECAGG_MUST_CHECK secagg_err sa_roster_ids_distinct(const sa_roster *roster,
    bool *distinct);

/* Compute the roster root: the root of the Merkle tree over all n clients. */
SECAGG_MUST_CHECK secagg_err sa_roster_root(const sa_roster *roster,
    uint8_t root[SECAGG_DIGEST_BYTES]);

/* Compute H_ros from H_ctx, graph seed, |U1| and roster root. */
SECAGG_MUST_CHECK secagg_err sa_roster_digest(
    uint8_t digest[SECAGG_DIGEST_BYTES], const uint8_t context[32],
    const uint8_t graph_seed[32], uint32_t present, const uint8_t root[32]);

#endif
