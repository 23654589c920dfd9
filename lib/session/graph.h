/* SPDX-License-Identifier: Apache-2.0 */
/* graph: who is whose neighbour (PROTOCOL.md 5.2 to 5.5): all of all, or the
 * ring of Harary (1962) under a permutation drawn from a seed, as Bell et al.
 * (2020, figure 1) use it. Seed, positions and sets are public once drawn. */
#ifndef SA_GRAPH_H
#define SA_GRAPH_H

#include <secagg/graph.h>

typedef struct sa_graph {
    uint32_t n;         /* clients */
    uint32_t k;         /* degree of the ring; 0: the complete graph */
    uint32_t *at;       /* ring: the client at each position */
    uint32_t *position; /* ring: of each client */
} sa_graph;

/* k = 0 needs no seed. SECAGG_ERR_ARG for a k that is odd or not from 2 to
 * n - 2, or too many clients; MEMORY, CRYPTO. A graph that failed, or that is
 * all zero, may be freed. */
SECAGG_MUST_CHECK secagg_err sa_graph_init(sa_graph *g, uint32_t n, uint32_t k,
    const uint8_t seed[SECAGG_SEED_BYTES]);
void sa_graph_free(sa_graph *g);

/* Neighbours of each client. */
uint32_t sa_graph_degree(const sa_graph *g);

/* Nobody is its own neighbour. */
bool sa_graph_adjacent(const sa_graph *g, uint32_t u, uint32_t v);

/* The neighbours of u, ascending; out has room for sa_graph_degree. */
void sa_graph_list(const sa_graph *g, uint32_t *out, uint32_t u);

/* Which share of the dealer's is the holder's: how many of N(dealer) and the
 * dealer itself have a lower index than the holder. It is read at x = rank + 1
 * (4.4). */
uint32_t sa_graph_rank(const sa_graph *g, uint32_t dealer, uint32_t holder);

/* Whether the clients of a bitmap over n are connected among themselves: on
 * the ring, the positions of the others have at most one maximal circular run
 * of k/2 and more (5.5). */
bool sa_graph_connected(const sa_graph *g, const uint8_t *map);

#endif
