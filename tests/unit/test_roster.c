/* SPDX-License-Identifier: Apache-2.0 */
/* roster: the Merkle root and H_ros compared with a second implementation on
 * libsodium's SHA-256, which builds the tree level by level from the leaves
 * (the library splits recursively); and the test for distinct points. */
#include <sodium.h>

#include "session/roster.h"
#include "support/main.h"
#include "support/util.h"

/* ---- a second implementation of the root -------------------------------- */

/* A roster of n clients, each of them present with probability odds / 8. */
static void random_roster(sa_roster *roster, uint32_t n, uint64_t odds,
    uint64_t seed)
{
    uint8_t enc[32], mask[32];

    ck_assert_int_eq(sa_roster_init(roster, n, false), SECAGG_OK);
    ck_assert_int_eq(sa_roster_index(roster, (const uint8_t[32]){ 7 }),
        SECAGG_OK);
    for (uint32_t i = 0; i < n; i++) {
        prng_bytes(&seed, enc, sizeof enc);
        prng_bytes(&seed, mask, sizeof mask);
        if (prng_next(&seed) % 8 < odds)
            sa_roster_add(roster, i, enc, mask, NULL);
    }
}

/* SHA-256(00 || be32 i || enc || mask); an absent client has no keys. */
static void naive_leaf(uint8_t out[32], const sa_roster *roster, uint32_t i)
{
    crypto_hash_sha256_state state;
    const uint8_t head[5] = { 0, (uint8_t)(i >> 24), (uint8_t)(i >> 16 & 255),
        (uint8_t)(i >> 8 & 255), (uint8_t)(i & 255) };

    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, head, sizeof head);
    if (roster->map[i / 8] >> i % 8 & 1) {
        crypto_hash_sha256_update(&state, roster->enc[i], 32);
        crypto_hash_sha256_update(&state, roster->mask[i], 32);
    }
    crypto_hash_sha256_final(&state, out);
}

/* The tree of RFC 6962, 2.1, built level by level: two neighbours are hashed to
 * a node, and an odd last node moves up unchanged. */
static void naive_root(uint8_t out[32], const sa_roster *roster)
{
    uint8_t (*level)[32] = malloc(roster->n * sizeof *level);
    uint32_t count = roster->n;

    ck_assert_ptr_nonnull(level);
    for (uint32_t i = 0; i < count; i++)
        naive_leaf(level[i], roster, i);
    while (count > 1) {
        for (uint32_t i = 0; i < count / 2; i++) {
            uint8_t node[65] = { 1 };
            memcpy(node + 1, level[2 * i], 32);
            memcpy(node + 33, level[2 * i + 1], 32);
            crypto_hash_sha256(level[i], node, sizeof node);
        }
        if (count % 2 == 1)
            memcpy(level[count / 2], level[count - 1], 32);
        count = count / 2 + count % 2;
    }
    memcpy(out, level[0], 32);
    free(level);
}

static void check_root(uint32_t n, uint64_t odds)
{
    uint8_t root[32], want[32];
    sa_roster roster;

    random_roster(&roster, n, odds, n * 8 + odds);
    naive_root(want, &roster);
    ck_assert_int_eq(sa_roster_root(&roster, root), SECAGG_OK);
    ck_assert_mem_eq(root, want, 32);
    sa_roster_free(&roster);
}

/* ---- the root ----------------------------------------------------------- */

START_TEST(the_root_agrees_with_a_tree_built_from_below)
{
    for (uint32_t n = 1; n <= 40; n++)
        for (uint64_t odds = 0; odds <= 8; odds++)
            check_root(n, odds);
    check_root(127, 5);
    check_root(128, 5);
    check_root(129, 5);
    check_root(1000, 6);
}
END_TEST

START_TEST(the_root_of_one_absent_client_is_its_leaf)
{
    static const uint8_t leaf[5];
    uint8_t root[32], want[32];
    sa_roster roster;

    crypto_hash_sha256(want, leaf, sizeof leaf);
    ck_assert_int_eq(sa_roster_init(&roster, 1, false), SECAGG_OK);
    ck_assert_int_eq(sa_roster_root(&roster, root), SECAGG_OK);
    ck_assert_mem_eq(root, want, 32);
    sa_roster_free(&roster);
}
END_TEST

START_TEST(every_key_changes_the_root)
{
    uint8_t root[32], other[32];
    sa_roster roster;

    random_roster(&roster, 13, 8, 1);
    ck_assert_int_eq(sa_roster_root(&roster, root), SECAGG_OK);
    for (uint32_t i = 0; i < roster.n; i++)
        for (uint32_t at = 0; at < 64; at++) {
            uint8_t *byte = at < 32 ? &roster.enc[i][at]
                                    : &roster.mask[i][at - 32];
            *byte ^= 0x10;
            ck_assert_int_eq(sa_roster_root(&roster, other), SECAGG_OK);
            ck_assert_mem_ne(root, other, 32);
            *byte ^= 0x10;
        }
    sa_roster_free(&roster);
}
END_TEST

/* A client with keys of zeros differs from an absent client, and the root
 * depends on which clients are absent and on the size of the cohort. */
START_TEST(absent_clients_and_the_cohort_size_change_the_root)
{
    static const uint8_t zero[32];
    uint8_t roots[8][32];
    sa_roster roster;

    for (uint32_t index = 0; index < 4; index++) {
        random_roster(&roster, 9, 0, 0);
        if (index > 0)
            sa_roster_add(&roster, index, zero, zero, NULL);
        ck_assert_int_eq(sa_roster_root(&roster, roots[index]), SECAGG_OK);
        sa_roster_free(&roster);
    }
    for (uint32_t more = 0; more < 4; more++) {
        random_roster(&roster, 10 + more, 0, 0);
        ck_assert_int_eq(sa_roster_root(&roster, roots[4 + more]), SECAGG_OK);
        sa_roster_free(&roster);
    }
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < i; j++)
            ck_assert_mem_ne(roots[i], roots[j], 32);
}
END_TEST

START_TEST(the_order_of_arrival_does_not_change_the_root)
{
    uint8_t keys[24][32], forth[32], back[32];
    uint64_t state = 3;
    sa_roster roster;

    prng_bytes(&state, keys, sizeof keys);
    for (int down = 0; down < 2; down++) {
        ck_assert_int_eq(sa_roster_init(&roster, 12, false), SECAGG_OK);
        for (uint32_t k = 0; k < 12; k++) {
            const uint32_t i = down ? 11 - k : k;
            sa_roster_add(&roster, i, keys[2 * i], keys[2 * i + 1], NULL);
        }
        ck_assert_uint_eq(roster.present, 12);
        ck_assert_int_eq(sa_roster_root(&roster, down ? back : forth),
            SECAGG_OK);
        sa_roster_free(&roster);
    }
    ck_assert_mem_eq(forth, back, 32);
}
END_TEST

/* H("LSA1 roster"; H_ctx || graph seed || be32 |U1| || root). */
START_TEST(the_roster_hash_agrees_with_the_specification)
{
    static const uint8_t label[12] = "LSA1 roster";
    uint8_t text[12 + 32 + 32 + 4 + 32], want[32], digest[32];
    uint64_t state = 4;

    prng_bytes(&state, text, sizeof text);
    memcpy(text, label, sizeof label); /* with its zero byte */
    memcpy(text + 76, (const uint8_t[]){ 0x00, 0x0a, 0x0b, 0x0c }, 4);
    crypto_hash_sha256(want, text, sizeof text);
    ck_assert_int_eq(sa_roster_digest(digest, text + 12, text + 44, 0x0a0b0c,
        text + 80), SECAGG_OK);
    ck_assert_mem_eq(digest, want, 32);
    ck_assert_int_eq(sa_roster_digest(digest, text + 12, text + 44, 0x0a0b0d,
        text + 80), SECAGG_OK);
    ck_assert_mem_ne(digest, want, 32);
}
END_TEST

/* ---- distinct points ---------------------------------------------------- */

static bool distinct(const sa_roster *roster)
{
    bool answer;

    ck_assert_int_eq(sa_roster_distinct(roster, &answer), SECAGG_OK);
    return answer;
}

START_TEST(random_points_are_distinct)
{
    sa_roster roster;

    for (uint32_t n = 1; n <= 40; n++) {
        random_roster(&roster, n, n % 9, n);
        ck_assert(distinct(&roster));
        sa_roster_free(&roster);
    }
}
END_TEST

/* Copy point a to place b, for every pair of places of seven clients. */
START_TEST(every_repeated_point_is_found)
{
    for (uint32_t a = 0; a < 14; a++)
        for (uint32_t b = 0; b < a; b++) {
            sa_roster roster;
            uint8_t *from, *to;
            random_roster(&roster, 7, 8, 5);
            from = a % 2 ? roster.enc[a / 2] : roster.mask[a / 2];
            to = b % 2 ? roster.enc[b / 2] : roster.mask[b / 2];
            memcpy(to, from, 32);
            ck_assert(!distinct(&roster));
            to[31] ^= 1;
            ck_assert(distinct(&roster));
            to[31] ^= 1;
            to[0] ^= 1;
            ck_assert(distinct(&roster));
            sa_roster_free(&roster);
        }
}
END_TEST

/* The zeros in the places of absent clients do not count as points. */
START_TEST(absent_clients_have_no_points)
{
    static const uint8_t zero[32];
    sa_roster roster;

    random_roster(&roster, 20, 4, 6);
    ck_assert_uint_lt(roster.present, 19);
    ck_assert_uint_gt(roster.present, 1);
    ck_assert(distinct(&roster));
    ck_assert(!sa_roster_holds(&roster, roster.n, zero));
    sa_roster_free(&roster);
}
END_TEST

START_TEST(holds_finds_exactly_the_points_of_the_roster)
{
    uint8_t point[32];
    sa_roster roster;

    random_roster(&roster, 20, 4, 7);
    for (uint32_t i = 0; i < roster.n; i++) {
        if (!(roster.map[i / 8] >> i % 8 & 1))
            continue;
        ck_assert(sa_roster_holds(&roster, roster.n, roster.enc[i]));
        ck_assert(sa_roster_holds(&roster, roster.n, roster.mask[i]));
        for (int at = 0; at < 32; at++) {
            memcpy(point, roster.enc[i], 32);
            point[at] ^= 0x80;
            ck_assert(!sa_roster_holds(&roster, roster.n, point));
        }
    }
    sa_roster_free(&roster);
}
END_TEST

/* A roster full of points that differ in few bytes (random ones do not), with
 * several keys of the index. */
START_TEST(similar_points_are_distinguished)
{
    enum { CLIENTS = 3000 };
    uint8_t point[2][32] = { { 0 }, { 0 } }, seed[32] = { 0 };

    for (seed[31] = 0; seed[31] < 4; seed[31]++) {
        sa_roster roster;
        ck_assert_int_eq(sa_roster_init(&roster, CLIENTS, false), SECAGG_OK);
        ck_assert_int_eq(sa_roster_index(&roster, seed), SECAGG_OK);
        for (uint32_t i = 0; i < CLIENTS; i++) {
            memcpy(point[0], &(uint32_t){ 2 * i }, 4);
            memcpy(point[1], &(uint32_t){ 2 * i + 1 }, 4);
            ck_assert(!sa_roster_holds(&roster, roster.n, point[0]));
            ck_assert(!sa_roster_holds(&roster, roster.n, point[1]));
            sa_roster_add(&roster, i, point[0], point[1], NULL);
        }
        for (uint32_t i = 0; i < 4 * CLIENTS; i++) {
            memcpy(point[0], &i, 4);
            ck_assert_int_eq(sa_roster_holds(&roster, roster.n, point[0]),
                i < 2 * CLIENTS);
        }
        sa_roster_free(&roster);
    }
}
END_TEST

/* The points of client i; `version` counts how often it had others. */
static void points_of(uint32_t i, uint32_t version, uint8_t point[2][32])
{
    memset(point, 0, 64);
    for (uint32_t k = 0; k < 2; k++)
        memcpy(point[k], &(uint32_t){ 1000 * version + 2 * i + k }, 4);
}

/* Every client has the points of its version, if it is present. */
static void check_points(const sa_roster *roster, const uint32_t *version,
    const bool *present)
{
    uint8_t point[2][32];

    for (uint32_t i = 0; i < roster->n; i++) {
        points_of(i, version[i], point);
        for (int k = 0; k < 2; k++) {
            ck_assert_int_eq(sa_roster_holds(roster, roster->n, point[k]),
                present[i]);
            ck_assert(!sa_roster_holds(roster, i, point[k]));
            if (present[i])
                ck_assert(sa_roster_holds(roster, (i + 1) % roster->n,
                    point[k]));
        }
        points_of(i, version[i] + 1, point);
        ck_assert(!sa_roster_holds(roster, roster->n, point[0]));
    }
}

/* Clients come, go and replace their points, in a small table, so that many
 * searches pass over each other. */
START_TEST(removed_points_are_gone_and_all_others_are_found)
{
    enum { CLIENTS = 12, STEPS = 3000 };
    uint32_t version[CLIENTS] = { 0 }, count = 0;
    bool present[CLIENTS] = { false };
    uint8_t point[2][32], seed[32] = { 5 };
    uint64_t state = 11;
    sa_roster roster;

    ck_assert_int_eq(sa_roster_init(&roster, CLIENTS, false), SECAGG_OK);
    ck_assert_int_eq(sa_roster_index(&roster, seed), SECAGG_OK);
    for (int step = 0; step < STEPS; step++) {
        const uint32_t i = (uint32_t)(prng_next(&state) % CLIENTS);
        if (present[i]) {
            sa_roster_remove(&roster, i);
            version[i]++;
            count--;
        }
        present[i] = !present[i] || prng_next(&state) % 2 == 0;
        if (present[i]) {
            points_of(i, version[i], point);
            sa_roster_add(&roster, i, point[0], point[1], NULL);
            count++;
        }
        check_points(&roster, version, present);
        ck_assert_uint_eq(roster.present, count);
    }
    sa_roster_free(&roster);
}
END_TEST

START_TEST(an_empty_roster_is_freed_twice)
{
    sa_roster roster;

    ck_assert_int_eq(sa_roster_init(&roster, 5, false), SECAGG_OK);
    ck_assert(distinct(&roster));
    sa_roster_free(&roster);
    ck_assert_ptr_null(roster.map);
    sa_roster_free(&roster);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { the_root_agrees_with_a_tree_built_from_below,
        the_root_of_one_absent_client_is_its_leaf, every_key_changes_the_root,
        absent_clients_and_the_cohort_size_change_the_root,
        the_order_of_arrival_does_not_change_the_root,
        the_roster_hash_agrees_with_the_specification,
        random_points_are_distinct, every_repeated_point_is_found,
        absent_clients_have_no_points,
        holds_finds_exactly_the_points_of_the_roster,
        similar_points_are_distinguished,
        removed_points_are_gone_and_all_others_are_found,
        an_empty_roster_is_freed_twice };
    return sodium_init() < 0 || RUN(tests);
}
