/* SPDX-License-Identifier: Apache-2.0 */
/* graph: the permutation compared with a second implementation on libsodium's
 * ChaCha20, neighbours with the definition, and connectivity with a search on
 * every set of survivors. */
#include <sodium.h>

#include "core/bits.h"
#include "session/graph.h"
#include "support/main.h"
#include "support/util.h"

/* ---- a second implementation of the permutation ------------------------- */

/* Sets perm to the client at each position; returns how many random words were
 * rejected (PROTOCOL.md 5.3). */
static uint32_t naive_permutation(uint32_t *perm, uint32_t n,
    const uint8_t seed[32])
{
    static const uint8_t nonce[crypto_stream_chacha20_ietf_NONCEBYTES];
    const size_t len = 8 * (size_t)n + 64;
    uint8_t *stream = malloc(len), *p = stream;
    uint32_t rejected = 0;

    ck_assert_ptr_nonnull(stream);
    crypto_stream_chacha20_ietf(stream, len, nonce, seed);
    for (uint32_t i = 0; i < n; i++)
        perm[i] = i;
    for (uint32_t i = n - 1; i >= 1; i--) {
        const uint64_t m = (uint64_t)i + 1;
        for (;;) {
            const uint64_t w = p[0] + 256ULL * p[1] + 65536ULL * p[2]
                + 16777216ULL * p[3];
            p += 4;
            ck_assert(p <= stream + len);
            /* accept w if it is below the greatest multiple of m */
            if ((w / m + 1) * m <= 4294967296ULL) {
                const uint32_t j = (uint32_t)(w % m), kept = perm[i];
                perm[i] = perm[j];
                perm[j] = kept;
                break;
            }
            rejected++;
        }
    }
    free(stream);
    return rejected;
}

static void random_seed(uint8_t seed[32], uint64_t state)
{
    prng_bytes(&state, seed, 32);
}

START_TEST(the_permutation_agrees_with_a_second_implementation)
{
    static const uint32_t sizes[] = { 4, 5, 7, 16, 100, 1023, 1025, 2049,
        5000, 65536 };
    uint8_t seed[32];
    uint32_t perm[65536];
    sa_graph g;

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const uint32_t n = sizes[s];
        random_seed(seed, s);
        naive_permutation(perm, n, seed);
        ck_assert_int_eq(sa_graph_init(&g, n, 2, seed), SECAGG_OK);
        ck_assert_mem_eq(g.at, perm, n * sizeof *perm);
        for (uint32_t i = 0; i < n; i++)
            ck_assert_uint_eq(g.position[perm[i]], i);
        sa_graph_free(&g);
    }
}
END_TEST

/* So many random words are drawn that some are rejected. */
START_TEST(a_permutation_of_a_million_clients_agrees)
{
    const uint32_t n = 1048576;
    uint32_t *perm = malloc(n * sizeof *perm);
    uint8_t seed[32];
    sa_graph g;

    ck_assert_ptr_nonnull(perm);
    random_seed(seed, 20);
    ck_assert_uint_gt(naive_permutation(perm, n, seed), 0);
    ck_assert_int_eq(sa_graph_init(&g, n, 40, seed), SECAGG_OK);
    ck_assert_mem_eq(g.at, perm, n * sizeof *perm);
    sa_graph_free(&g);
    free(perm);
}
END_TEST

START_TEST(every_byte_of_the_seed_changes_the_permutation)
{
    uint8_t seed[32];
    sa_graph a, b;

    random_seed(seed, 1);
    ck_assert_int_eq(sa_graph_init(&a, 1000, 4, seed), SECAGG_OK);
    for (size_t i = 0; i < 32; i++) {
        seed[i] ^= 1;
        ck_assert_int_eq(sa_graph_init(&b, 1000, 4, seed), SECAGG_OK);
        ck_assert_mem_ne(a.at, b.at, 1000 * sizeof *a.at);
        sa_graph_free(&b);
        seed[i] ^= 1;
    }
    sa_graph_free(&a);
}
END_TEST

/* ---- neighbours --------------------------------------------------------- */

static const struct { uint32_t n, k; } rings[] = { { 4, 2 }, { 5, 2 },
    { 6, 2 }, { 6, 4 }, { 7, 4 }, { 8, 6 }, { 9, 6 }, { 20, 2 }, { 33, 10 },
    { 64, 62 }, { 65, 62 }, { 100, 98 }, { 301, 60 } };

#define RINGS (sizeof rings / sizeof *rings)

/* Whether u and v are 1 to k/2 positions apart, in either direction. */
static bool naive_adjacent(const uint32_t *perm, uint32_t n, uint32_t k,
    uint32_t u, uint32_t v)
{
    for (uint32_t p = 0; p < n; p++)
        for (uint32_t d = 1; d <= k / 2; d++)
            if (perm[p] == u && (perm[(p + d) % n] == v
                    || perm[(p + n - d) % n] == v))
                return true;
    return false;
}

/* Check the neighbours, the degree and all ranks of one client. */
static void check_client(const sa_graph *g, const uint32_t *perm,
    const uint8_t seed[32], uint32_t u)
{
    uint32_t out[512], want[512], listed[512], degree = 0, rank = 0;

    for (uint32_t v = 0; v < g->n; v++) {
        const bool adjacent = naive_adjacent(perm, g->n, g->k, u, v);
        ck_assert_int_eq(sa_graph_adjacent(g, u, v), adjacent);
        ck_assert_int_eq(sa_graph_adjacent(g, v, u), adjacent);
        if (adjacent || u == v)
            ck_assert_uint_eq(sa_graph_rank(g, u, v), rank++);
        if (adjacent)
            want[degree++] = v;
    }
    ck_assert_uint_eq(degree, g->k);
    ck_assert_uint_eq(rank, g->k + 1);
    ck_assert_uint_eq(sa_graph_degree(g), degree);
    sa_graph_list(g, out, u);
    ck_assert_mem_eq(out, want, degree * sizeof *want);
    ck_assert_int_eq(secagg_graph_neighbours(listed, g->n, g->k, seed, u),
        SECAGG_OK);
    ck_assert_mem_eq(listed, want, degree * sizeof *want);
}

START_TEST(neighbours_and_ranks_on_the_ring_follow_the_definition)
{
    uint32_t perm[512];
    uint8_t seed[32];
    sa_graph g;

    for (size_t r = 0; r < RINGS; r++) {
        random_seed(seed, 100 + r);
        naive_permutation(perm, rings[r].n, seed);
        ck_assert_int_eq(sa_graph_init(&g, rings[r].n, rings[r].k, seed),
            SECAGG_OK);
        for (uint32_t u = 0; u < g.n; u += 1 + g.n / 40)
            check_client(&g, perm, seed, u);
        sa_graph_free(&g);
    }
}
END_TEST

/* On the complete graph the rank of a client is its index. */
START_TEST(all_clients_are_neighbours_on_the_complete_graph)
{
    const uint8_t nobody[2] = { 0 };
    uint32_t out[8];
    sa_graph g;

    ck_assert_int_eq(sa_graph_init(&g, 9, 0, NULL), SECAGG_OK);
    ck_assert_uint_eq(sa_graph_degree(&g), 8);
    for (uint32_t u = 0; u < 9; u++) {
        sa_graph_list(&g, out, u);
        for (uint32_t v = 0, i = 0; v < 9; v++) {
            ck_assert_int_eq(sa_graph_adjacent(&g, u, v), u != v);
            ck_assert_uint_eq(sa_graph_rank(&g, u, v), v);
            if (v != u)
                ck_assert_uint_eq(out[i++], v);
        }
    }
    ck_assert(sa_graph_connected(&g, nobody));
    sa_graph_free(&g);
}
END_TEST

/* ---- connectivity ------------------------------------------------------- */

/* Whether a search from the first member of a set reaches all of it. */
static bool reaches_all(const uint32_t *perm, uint32_t n, uint32_t k,
    uint32_t set)
{
    uint32_t reached = set & (0 - set), before = 0;

    while (reached != before) {
        before = reached;
        for (uint32_t u = 0; u < n; u++)
            for (uint32_t v = 0; v < n; v++)
                if (reached >> u & 1 && set >> v & 1
                    && naive_adjacent(perm, n, k, u, v))
                    reached |= (uint32_t)1 << v;
    }
    return reached == set;
}

START_TEST(connected_agrees_with_a_search_for_every_set_of_survivors)
{
    static const struct { uint32_t n, k; } small[] = { { 6, 2 }, { 8, 4 },
        { 9, 4 }, { 10, 6 }, { 10, 8 }, { 11, 6 }, { 12, 4 },
        { 13, 4 }, { 14, 4 }, { 14, 6 } };
    uint32_t perm[16];
    uint8_t seed[32], map[2];
    sa_graph g;

    for (size_t s = 0; s < sizeof small / sizeof *small; s++) {
        const uint32_t n = small[s].n, k = small[s].k;
        uint32_t disconnected = 0;
        random_seed(seed, 200 + s);
        naive_permutation(perm, n, seed);
        ck_assert_int_eq(sa_graph_init(&g, n, k, seed), SECAGG_OK);
        for (uint32_t set = 0; set < (uint32_t)1 << n; set++) {
            const bool connected = reaches_all(perm, n, k, set);
            map[0] = (uint8_t)(set & 255);
            map[1] = (uint8_t)(set >> 8);
            ck_assert_int_eq(sa_graph_connected(&g, map), connected);
            disconnected += !connected;
        }
        ck_assert_uint_gt(disconnected, 0);
        sa_graph_free(&g);
    }
}
END_TEST

/* Two runs of two dropouts leave two arcs of three survivors. All secrets could
 * be recovered, and the server would learn the sum of each arc. */
START_TEST(two_arcs_of_a_ring_are_not_connected)
{
    uint8_t seed[32], map[2] = { 0 };
    sa_graph g;

    random_seed(seed, 3);
    ck_assert_int_eq(sa_graph_init(&g, 10, 4, seed), SECAGG_OK);
    for (uint32_t p = 0; p < 10; p++)
        if (p % 5 >= 2)
            sa_bitmap_add(map, g.at[p]);
    ck_assert(!sa_graph_connected(&g, map));
    sa_bitmap_add(map, g.at[5]);
    ck_assert(sa_graph_connected(&g, map));
    sa_graph_free(&g);
}
END_TEST

/* ---- rejected arguments ------------------------------------------------- */

START_TEST(neighbours_rejects_invalid_graphs)
{
    static const struct { uint32_t n, k, index; } bad[] = { { 0, 0, 0 },
        { 1, 2, 0 }, { 2, 2, 0 }, { 3, 2, 0 }, { 4, 4, 0 }, { 10, 0, 0 },
        { 10, 1, 0 }, { 10, 3, 0 }, { 10, 7, 0 }, { 10, 9, 0 },
        { 10, 10, 0 }, { 11, 10, 0 }, { 10, UINT32_MAX - 1, 0 },
        { 10, 4, 10 }, { 10, 4, UINT32_MAX }, { 1048577, 4, 0 },
        { UINT32_MAX, 4, 0 } };
    const uint8_t seed[32] = { 0 };
    uint32_t out[16];

    memset(out, 0xa5, sizeof out);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_int_eq(secagg_graph_neighbours(out, bad[i].n, bad[i].k,
            seed, bad[i].index), SECAGG_ERR_ARG);
    for (size_t i = 0; i < 16; i++)
        ck_assert_uint_eq(out[i], 0xa5a5a5a5);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_permutation_agrees_with_a_second_implementation,
        a_permutation_of_a_million_clients_agrees,
        every_byte_of_the_seed_changes_the_permutation,
        neighbours_and_ranks_on_the_ring_follow_the_definition,
        all_clients_are_neighbours_on_the_complete_graph,
        connected_agrees_with_a_search_for_every_set_of_survivors,
        two_arcs_of_a_ring_are_not_connected,
        neighbours_rejects_invalid_graphs };
    return sodium_init() < 0 || RUN(tests);
}
