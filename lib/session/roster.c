/* SPDX-License-Identifier: Apache-2.0 */
#include "session/roster.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/hash.h"

secagg_err sa_roster_init(sa_roster *roster, uint32_t n, bool is_signed)
{
    *roster = (sa_roster){ .n = n };
    roster->map = sa_alloc(sa_bitmap_bytes(n), 1);
    roster->enc = sa_alloc(n, sizeof *roster->enc);
    roster->mask = sa_alloc(n, sizeof *roster->mask);
    if (is_signed) {
        roster->id = sa_alloc(n, sizeof *roster->id);
        roster->signature = sa_alloc(n, sizeof *roster->signature);
        roster->credential = sa_alloc(n, sizeof *roster->credential);
    }
    if (roster->map != NULL && roster->enc != NULL && roster->mask != NULL
        && (!is_signed || (roster->id != NULL && roster->signature != NULL
            && roster->credential != NULL)))
        return SECAGG_OK;
    sa_roster_free(roster);
    return SECAGG_ERR_MEMORY;
}

void sa_roster_free(sa_roster *roster)
{
    sa_free(roster->map);
    sa_free(roster->enc);
    sa_free(roster->mask);
    sa_free(roster->id);
    sa_roster_drop_signatures(roster);
    sa_free(roster->table);
    sa_wipe(roster->key, sizeof roster->key);
    *roster = (sa_roster){ 0 };
}

void sa_roster_drop_signatures(sa_roster *roster)
{
    sa_free(roster->signature);
    sa_free(roster->credential);
    roster->signature = NULL;
    roster->credential = NULL;
}

/* ---- the hash table of points ------------------------------------------- */

secagg_err sa_roster_index(sa_roster *roster,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    const sa_bytes part = { seed, SECAGG_SEED_BYTES };
    uint32_t slots = 4;

    SA_TRY(sa_hash(roster->key, "LSA1 index", &part, 1));
    while (slots < 4 * (uint64_t)roster->n)
        slots *= 2;
    roster->table = sa_alloc(slots, sizeof *roster->table);
    roster->slots = slots;
    return roster->table != NULL ? SECAGG_OK : SECAGG_ERR_MEMORY;
}

static int compare_strings(const void *a, const void *b)
{
    return memcmp(a, b, 32); /* public */
}

/* A slot is 0 if it is empty, 1 + 2 i for the enc point of client i, and
 * 2 + 2 i for its mask point. */
static const uint8_t *point_at(const sa_roster *roster, uint32_t slot)
{
    const uint32_t number = roster->table[slot] - 1;

    return number % 2 == 0 ? roster->enc[number / 2]
                           : roster->mask[number / 2];
}

/* Returns the slot at which the search for a point begins. SipHash-2-4
 * (Aumasson and Bernstein 2012) is designed for tables whose entries an
 * attacker chooses. */
static uint32_t first_slot(const sa_roster *roster,
    const uint8_t point[SA_POINT_BYTES])
{
    uint8_t hash[crypto_shorthash_siphash24_BYTES];

    (void)crypto_shorthash_siphash24(hash, point, SA_POINT_BYTES,
        roster->key);
    return sa_get_le32(hash) & (roster->slots - 1);
}

/* Returns the slot of a point, or the empty slot at which it may be inserted
 * (linear probing). */
static uint32_t slot_of(const sa_roster *roster,
    const uint8_t point[SA_POINT_BYTES])
{
    uint32_t slot = first_slot(roster, point);

    while (roster->table[slot] != 0
        && compare_strings(point_at(roster, slot), point) != 0)
        slot = (slot + 1) & (roster->slots - 1);
    return slot;
}

/* Add the points of a client to the table. */
static void insert_points(sa_roster *roster, uint32_t index)
{
    if (roster->table == NULL)
        return;
    roster->table[slot_of(roster, roster->enc[index])] = 1 + 2 * index;
    roster->table[slot_of(roster, roster->mask[index])] = 2 + 2 * index;
}

void sa_roster_restore(sa_roster *roster)
{
    roster->present = sa_bitmap_count(roster->map, roster->n);
    for (uint32_t i = 0; i < roster->n; i++)
        if (sa_bitmap_has(roster->map, i))
            insert_points(roster, i);
}

void sa_roster_add(sa_roster *roster, uint32_t index,
    const uint8_t enc[SA_POINT_BYTES], const uint8_t mask[SA_POINT_BYTES],
    const sa_identity *identity)
{
    sa_bitmap_add(roster->map, index);
    memcpy(roster->enc[index], enc, SA_POINT_BYTES);
    memcpy(roster->mask[index], mask, SA_POINT_BYTES);
    if (roster->id != NULL) {
        memcpy(roster->id[index], identity->id, SECAGG_PUBLIC_BYTES);
        memcpy(roster->signature[index], identity->signature,
            SECAGG_SIGNATURE_BYTES);
        roster->credential[index] = identity->credential;
    }
    insert_points(roster, index);
    roster->present++;
}

/* Empty the slot of a point (Knuth, The Art of Computer Programming 3, section
 * 6.4, algorithm R): a later point moves to the empty slot unless its search
 * begins behind that slot. */
static void remove_point(sa_roster *roster, const uint8_t point[SA_POINT_BYTES])
{
    const uint32_t wrap = roster->slots - 1;
    uint32_t empty = slot_of(roster, point);

    for (uint32_t at = (empty + 1) & wrap; roster->table[at] != 0;
         at = (at + 1) & wrap) {
        const uint32_t first = first_slot(roster, point_at(roster, at));
        if (((at - first) & wrap) < ((at - empty) & wrap))
            continue;
        roster->table[empty] = roster->table[at];
        empty = at;
    }
    roster->table[empty] = 0;
}

void sa_roster_remove(sa_roster *roster, uint32_t index)
{
    sa_bitmap_remove(roster->map, index);
    if (roster->table != NULL) {
        remove_point(roster, roster->enc[index]);
        remove_point(roster, roster->mask[index]);
    }
    roster->present--;
}

bool sa_roster_holds(const sa_roster *roster, uint32_t index,
    const uint8_t point[SA_POINT_BYTES])
{
    const uint32_t number = roster->table[slot_of(roster, point)];

    return number != 0 && (number - 1) / 2 != index;
}

/* Sort strings of 32 bytes and return whether all are distinct. */
static bool sort_distinct(uint8_t (*strings)[32], size_t count)
{
    qsort(strings, count, sizeof *strings, compare_strings);
    for (size_t i = 1; i < count; i++)
        if (compare_strings(strings[i - 1], strings[i]) == 0)
            return false;
    return true;
}

secagg_err sa_roster_distinct(const sa_roster *roster, bool *distinct)
{
    const size_t count = 2 * (size_t)roster->present;
    uint8_t (*points)[SA_POINT_BYTES] = sa_alloc(count, sizeof *points);
    size_t copied = 0;

    if (points == NULL)
        return SECAGG_ERR_MEMORY;
    for (uint32_t i = 0; i < roster->n; i++) {
        if (!sa_bitmap_has(roster->map, i))
            continue;
        memcpy(points[copied++], roster->enc[i], SA_POINT_BYTES);
        memcpy(points[copied++], roster->mask[i], SA_POINT_BYTES);
    }
    *distinct = sort_distinct(points, count);
    sa_free(points);
    return SECAGG_OK;
}

/* ---- identities --------------------------------------------------------- */

sa_identity sa_roster_identity(const sa_roster *roster, uint32_t index)
{
    if (roster->id == NULL)
        return (sa_identity){ 0 };
    return (sa_identity){ roster->id[index], roster->signature[index],
        roster->credential[index] };
}

size_t sa_roster_credential_bytes(const sa_roster *roster)
{
    size_t bytes = 0;

    for (uint32_t i = 0; roster->credential != NULL && i < roster->n; i++)
        bytes += roster->credential[i].len;
    return bytes;
}

bool sa_roster_has_id(const sa_roster *roster, uint32_t index,
    const uint8_t id[SECAGG_PUBLIC_BYTES])
{
    for (uint32_t i = 0; i < roster->n; i++)
        if (i != index && sa_bitmap_has(roster->map, i)
            && compare_strings(roster->id[i], id) == 0)
            return true;
    return false;
}

secagg_err sa_roster_ids_distinct(const sa_roster *roster, bool *distinct)
{
    uint8_t (*ids)[SECAGG_PUBLIC_BYTES] = sa_alloc(roster->present,
        sizeof *ids);
    size_t copied = 0;

    if (ids == NULL)
        return SECAGG_ERR_MEMORY;
    for (uint32_t i = 0; i < roster->n; i++)
        if (sa_bitmap_has(roster->map, i))
            memcpy(ids[copied++], roster->id[i], SECAGG_PUBLIC_BYTES);
    *distinct = sort_distinct(ids, roster->present);
    sa_free(ids);
    return SECAGG_OK;
}

/* ---- the Merkle tree (PROTOCOL.md 3.7; RFC 6962, section 2.1) ----------- */

/* SHA-256(00 || be32 index), followed in U1 by the rest of the entry, which in
 * active mode has id || signature || be16 credential length || credential. */
static secagg_err leaf_hash(const sa_roster *roster, uint32_t index,
    uint8_t out[SECAGG_DIGEST_BYTES])
{
    const sa_identity identity = sa_roster_identity(roster, index);
    uint8_t head[5] = { 0x00 }, len[2];
    const sa_bytes parts[] = { { head, sizeof head },
        { roster->enc[index], SA_POINT_BYTES },
        { roster->mask[index], SA_POINT_BYTES },
        { identity.id, SECAGG_PUBLIC_BYTES },
        { identity.signature, SECAGG_SIGNATURE_BYTES }, { len, sizeof len },
        identity.credential };
    enum { ABSENT = 1, SEMI_HONEST = 3, ACTIVE = 7 }; /* parts */
    size_t count = ABSENT;

    sa_put_be32(head + 1, index);
    sa_put_be16(len, (uint16_t)identity.credential.len);
    if (sa_bitmap_has(roster->map, index))
        count = roster->id != NULL ? ACTIVE : SEMI_HONEST;
    return sa_sha256(out, parts, count);
}

/* Compute the root of the subtree over leaves [first, first + count). An inner
 * node is SHA-256(01 || left || right), and its left subtree has the largest
 * power of two below count. The depth of the recursion is at most the bit
 * length of count. */
static secagg_err subtree_root(const sa_roster *roster, uint32_t first,
    uint32_t count, uint8_t out[SECAGG_DIGEST_BYTES])
{
    uint8_t node[1 + 2 * SECAGG_DIGEST_BYTES] = { 0x01 };
    const sa_bytes part = { node, sizeof node };
    uint32_t left = 1;

    if (count == 1)
        return leaf_hash(roster, first, out);
    while (2 * left < count)
        left *= 2;
    SA_TRY(subtree_root(roster, first, left, node + 1));
    SA_TRY(subtree_root(roster, first + left, count - left,
        node + 1 + SECAGG_DIGEST_BYTES));
    return sa_sha256(out, &part, 1);
}

secagg_err sa_roster_root(const sa_roster *roster,
    uint8_t root[SECAGG_DIGEST_BYTES])
{
    return subtree_root(roster, 0, roster->n, root);
}

secagg_err sa_roster_digest(uint8_t digest[SECAGG_DIGEST_BYTES],
    const uint8_t context[32], const uint8_t graph_seed[32], uint32_t present,
    const uint8_t root[32])
{
    uint8_t count[4];
    const sa_bytes parts[] = { { context, 32 }, { graph_seed, 32 },
        { count, sizeof count }, { root, 32 } };

    sa_put_be32(count, present);
    return sa_hash(digest, "LSA1 roster", parts, 4);
}
