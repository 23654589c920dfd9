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
    if (is_signed)
        roster->signature = sa_alloc(n, sizeof *roster->signature);
    if (roster->map != NULL && roster->enc != NULL && roster->mask != NULL
        && (!is_signed || roster->signature != NULL))
        return SECAGG_OK;
    sa_roster_free(roster);
    return SECAGG_ERR_MEMORY;
}

void sa_roster_free(sa_roster *roster)
{
    sa_free(roster->map);
    sa_free(roster->enc);
    sa_free(roster->mask);
    sa_free(roster->signature);
    sa_free(roster->table);
    sa_wipe(roster->key, sizeof roster->key);
    *roster = (sa_roster){ 0 };
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

static int compare_points(const void *a, const void *b)
{
    return memcmp(a, b, SA_POINT_BYTES); /* public */
}

/* A slot is 0 if it is empty, 1 + 2 i for the enc point of client i, and
 * 2 + 2 i for its mask point. */
static const uint8_t *point_at(const sa_roster *roster, uint32_t slot)
{
    const uint32_t number = roster->table[slot] - 1;

    return number % 2 == 0 ? roster->enc[number / 2]
                           : roster->mask[number / 2];
}

/* Returns the slot of a point, or the empty slot at which it may be inserted
 * (linear probing). SipHash-2-4 (Aumasson and Bernstein 2012) is designed for
 * tables whose entries an attacker chooses. */
static uint32_t slot_of(const sa_roster *roster,
    const uint8_t point[SA_POINT_BYTES])
{
    uint8_t hash[crypto_shorthash_siphash24_BYTES];
    uint32_t slot;

    (void)crypto_shorthash_siphash24(hash, point, SA_POINT_BYTES,
        roster->key);
    slot = sa_get_le32(hash) & (roster->slots - 1);
    while (roster->table[slot] != 0
        && compare_points(point_at(roster, slot), point) != 0)
        slot = (slot + 1) & (roster->slots - 1);
    return slot;
}

void sa_roster_add(sa_roster *roster, uint32_t index,
    const uint8_t enc[SA_POINT_BYTES], const uint8_t mask[SA_POINT_BYTES],
    const uint8_t *signature)
{
    sa_bitmap_add(roster->map, index);
    memcpy(roster->enc[index], enc, SA_POINT_BYTES);
    memcpy(roster->mask[index], mask, SA_POINT_BYTES);
    if (roster->signature != NULL)
        memcpy(roster->signature[index], signature, SECAGG_SIGNATURE_BYTES);
    if (roster->table != NULL) {
        roster->table[slot_of(roster, enc)] = 1 + 2 * index;
        roster->table[slot_of(roster, mask)] = 2 + 2 * index;
    }
    roster->present++;
}

bool sa_roster_holds(const sa_roster *roster,
    const uint8_t point[SA_POINT_BYTES])
{
    return roster->table[slot_of(roster, point)] != 0;
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
    qsort(points, count, sizeof *points, compare_points);
    *distinct = true;
    for (size_t i = 1; i < count; i++)
        if (compare_points(points[i - 1], points[i]) == 0)
            *distinct = false;
    sa_free(points);
    return SECAGG_OK;
}

/* ---- the Merkle tree (PROTOCOL.md 3.7; RFC 6962, section 2.1) ----------- */

/* SHA-256(00 || be32 index), followed in U1 by the rest of the entry. */
static secagg_err leaf_hash(const sa_roster *roster, uint32_t index,
    uint8_t out[SECAGG_DIGEST_BYTES])
{
    uint8_t leaf[1 + SA_ENTRY_BYTES + SECAGG_SIGNATURE_BYTES] = { 0x00 };
    sa_bytes part = { leaf, 5 };

    sa_put_be32(leaf + 1, index);
    if (sa_bitmap_has(roster->map, index)) {
        memcpy(leaf + 5, roster->enc[index], SA_POINT_BYTES);
        memcpy(leaf + 5 + SA_POINT_BYTES, roster->mask[index],
            SA_POINT_BYTES);
        part.len = 1 + SA_ENTRY_BYTES;
        if (roster->signature != NULL) {
            memcpy(leaf + part.len, roster->signature[index],
                SECAGG_SIGNATURE_BYTES);
            part.len = sizeof leaf;
        }
    }
    return sa_sha256(out, &part, 1);
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
