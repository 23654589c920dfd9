/* SPDX-License-Identifier: Apache-2.0 */
/* graph: which clients are neighbours (PROTOCOL.md 5): all pairs on the
 * complete graph; on the sparse graph, the ring of Harary (1962) under a
 * random permutation, as Bell et al. (2020, figure 1) use it. Seed, positions
 * and sets are public here, so the code may branch on them. */
#ifndef SA_GRAPH_H
#define SA_GRAPH_H

#include <secagg/graph.h>

typedef struct sa_graph {
    uint32_t n;         /* clients */
    uint32_t k;         /* degree of the ring; 0: the complete graph */
    uint32_t *at;       /* ring: client at each position */
    uint32_t *position; /* ring: position of each client */
} sa_graph;

/* k = 0 makes the complete graph, for which `seed` is not read. Returns
 * SECAGG_ERR_ARG if k is odd or not from 2 to n - 2, or n is not from 4 to
 * SECAGG_RING_MAX; SECAGG_ERR_MEMORY; SECAGG_ERR_CRYPTO. sa_graph_free() must
 * follow an error, too. A graph of zero bytes may be freed. */
SECAGG_MUST_CHECK secagg_err sa_graph_init(sa_graph *g, uint32_t n, uint32_t k,
    const uint8_t seed[SECAGG_SEED_BYTES]);
void sa_graph_free(sa_graph *g);

/* Returns the number of neighbours that each client has. */
uint32_t sa_graph_degree(const sa_graph *g);

/* Returns whether u and v are neighbours. No client is its own neighbour. */
bool sa_graph_adjacent(const sa_graph *g, uint32_t u, uint32_t v);

/* Write the neighbours of u, ascending; `out` must have capacity for
 * sa_graph_degree(). */
void sa_graph_list(const sa_graph *g, uint32_t *out, uint32_t u);

/* Returns how many neighbours of u are in a bitmap over n. */
uint32_t sa_graph_count(const sa_graph *g, const uint8_t *map, uint32_t u);

/* Returns the rank of a holder among the holders of a dealer's shares, which
 * are the dealer and its neighbours: how many of them have a lower index. Its
 * share is the polynomial at x = rank + 1 (PROTOCOL.md 4.4). */
uint32_t sa_graph_rank(const sa_graph *g, uint32_t dealer, uint32_t holder);

/* Returns whether the members of a bitmap over n are connected by edges among
 * themselves (PROTOCOL.md 5.5). */
bool sa_graph_connected(const sa_graph *g, const uint8_t *map);

#endif
