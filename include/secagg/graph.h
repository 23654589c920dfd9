/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Neighbours on the sparse graph.
 *
 * The sparse graph arranges the clients on a ring, in an order that the graph
 * seed determines. Each client is a neighbour of the next neighbours / 2
 * clients on either side (PROTOCOL.md 5; Bell et al. 2020, section 3). Clients
 * and servers compute this themselves. The function is public for hosts that
 * plan their routing and for auditors.
 */
#ifndef SECAGG_GRAPH_H
#define SECAGG_GRAPH_H

#include <secagg/base.h>

/**
 * @addtogroup graph
 * @{
 */

enum {
    SECAGG_RING_MAX = 1048576 /**< maximum number of clients on a sparse
                                   graph */
};

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/**
 * List the neighbours of one client in ascending order (PROTOCOL.md 5.4).
 * The function computes the whole ring, so its time and memory grow with the
 * number of clients: tens of milliseconds and 8 MiB for 2^20 clients.
 *
 * @param[out] out   a buffer for `neighbours` indices
 * @param clients    the number of invited clients, 4 to #SECAGG_RING_MAX
 * @param neighbours the number of neighbours of each client: even, from 2 to
 *                   clients - 2
 * @param[in] seed   the graph seed of the session
 * @param index      the client, below `clients`
 * @retval SECAGG_ERR_ARG    `clients`, `neighbours` or `index` is out of range
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_graph_neighbours(uint32_t *out,
    uint32_t clients, uint32_t neighbours,
    const uint8_t seed[SECAGG_SEED_BYTES], uint32_t index);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/** @} */

#endif
