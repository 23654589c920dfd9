/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief The sparse graph: whom a client shares masks and secrets with.
 *
 * The clients stand on a ring in an order drawn from the graph seed, and each
 * is a neighbour of the next neighbours / 2 on either side (PROTOCOL.md 5).
 * Clients and servers do this by themselves; the function stands here for
 * hosts that plan their routing and for auditors.
 */
#ifndef SECAGG_GRAPH_H
#define SECAGG_GRAPH_H

#include <secagg/base.h>

/** Most clients of a sparse graph. */
#define SECAGG_RING_MAX 1048576

#ifdef __cplusplus
extern "C" {
#endif

/**
 * List the neighbours of one client, in ascending order. The whole ring is
 * drawn for it: time and memory grow with the number of clients, some tens of
 * milliseconds and 8 MiB for 2^20.
 *
 * @param[out] out   room for so many indices as there are neighbours
 * @param clients    invited clients, 4 to #SECAGG_RING_MAX
 * @param neighbours of each client: even, 2 to clients - 2
 * @param[in] seed   the graph seed of the session
 * @param index      the client
 * @retval SECAGG_ERR_ARG    clients, neighbours or index is out of range
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_graph_neighbours(uint32_t *out,
    uint32_t clients, uint32_t neighbours,
    const uint8_t seed[SECAGG_SEED_BYTES], uint32_t index);

#ifdef __cplusplus
}
#endif

#endif
